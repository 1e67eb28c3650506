"""Several signals of one patient on one clock: the ECG, other traces such as a PPG, and marks."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from .ecg import ECG, samples_between


@dataclass(frozen=True, eq=False, kw_only=True)
class Trace:
    """One signal that is not an ECG, such as a PPG or respiration.

    Attributes
    ----------
    name : str
        As in the file, such as "PLETH" or "RESP".
    samples : (t,) float64
        In `unit`; nan in a gap.
    fs_hz : float
        Samples a second; each trace may have its own.
    unit : str
        Such as "mV", "NU" or "ohm".
    start_ms : float
        Time of the first sample on the clock of the recording.

    Raises
    ------
    ValueError
        When the shape, the rate or the start is unfit, or a sample is infinite.

    Examples
    --------
    >>> import numpy as np
    >>> ppg = Trace(name="PLETH", samples=np.zeros(250), fs_hz=125.0, unit="NU")
    >>> ppg.duration_ms
    2000.0
    """

    name: str
    samples: NDArray[np.float64]
    fs_hz: float
    unit: str
    start_ms: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "samples", np.asarray(self.samples, dtype=np.float64))
        if self.samples.ndim != 1:
            msg = f"samples of {self.name} must have shape (t,), got {self.samples.shape}"
            raise ValueError(msg)
        if not (self.name + self.unit).isprintable():
            msg = f"name and unit must be printable, got {self.name!r} in {self.unit!r}"
            raise ValueError(msg)
        if not 0 < self.fs_hz < np.inf:
            msg = f"fs_hz of {self.name} must be positive, got {self.fs_hz}"
            raise ValueError(msg)
        if not np.isfinite(self.start_ms):
            msg = f"start_ms of {self.name} must be finite, got {self.start_ms}"
            raise ValueError(msg)
        if np.isinf(self.samples).any():
            where = f"{self.times_ms[np.isinf(self.samples)][0]:g} ms"
            msg = f"{self.name} is infinite at {where}; write nan where there is a gap"
            raise ValueError(msg)

    def cut(self, start_ms: float, stop_ms: float) -> "Trace":
        """The samples at `start_ms` and later, before `stop_ms`; times stay as they are.

        Raises
        ------
        ValueError
            When the stop lies before the start.
        """
        span = start_ms - self.start_ms, stop_ms - self.start_ms
        part = samples_between(*span, self.fs_hz, len(self.samples))
        first_ms = self.start_ms + part.start * 1000.0 / self.fs_hz
        return replace(self, samples=self.samples[part], start_ms=first_ms)

    @property
    def times_ms(self) -> NDArray[np.float64]:
        """(t,) Time of each sample on the clock of the recording."""
        steps = np.arange(len(self.samples), dtype=np.float64)
        return self.start_ms + steps * (1000.0 / self.fs_hz)

    @property
    def duration_ms(self) -> float:
        """Length of the trace."""
        return len(self.samples) * 1000.0 / self.fs_hz

    @property
    def stop_ms(self) -> float:
        """Time at which the sample after the last would come."""
        return self.start_ms + self.duration_ms


@dataclass(frozen=True, eq=False, kw_only=True)
class Marks:
    """Places in time that somebody labelled, such as beats or the borders of waves.

    Attributes
    ----------
    times_ms : (k,) float64
        On the clock of the recording, in order.
    labels : tuple of str
        (k,) As in the file: "N", "V", "(", "p", ")" ...
    notes : tuple of str
        (k,) Free text beside each, such as the rhythm "(AFIB"; empty when there is none at all.
    lead : str
        The lead that they were seen in; "" when that is not said.

    Raises
    ------
    ValueError
        When the lengths do not fit each other, or the times are not finite and in order.
    """

    times_ms: NDArray[np.float64]
    labels: tuple[str, ...]
    notes: tuple[str, ...] = ()
    lead: str = ""

    def __post_init__(self) -> None:
        if self.times_ms.shape != (len(self.labels),):
            msg = f"{len(self.labels)} labels need as many times, got {self.times_ms.shape}"
            raise ValueError(msg)
        if self.notes and len(self.notes) != len(self.labels):
            msg = f"{len(self.labels)} labels need as many notes or none, got {len(self.notes)}"
            raise ValueError(msg)
        if not (np.isfinite(self.times_ms).all() and (np.diff(self.times_ms) >= 0).all()):
            msg = "times_ms of marks must be finite and in order"
            raise ValueError(msg)

    def cut(self, start_ms: float, stop_ms: float) -> "Marks":
        """The marks at `start_ms` and later, before `stop_ms`; times stay as they are."""
        # A mark on a sample stays with it, however its time was rounded.
        first, stop = np.searchsorted(self.times_ms, (start_ms - 1e-6, stop_ms - 1e-6))
        return self._part(slice(int(first), int(stop)))

    def only(self, labels: Collection[str]) -> "Marks":
        """The marks whose label is one of these.

        Examples
        --------
        >>> marks = Marks(times_ms=np.array([1.0, 2.0, 3.0]), labels=("N", "V", "N"))
        >>> marks.only(("V",)).times_ms
        array([2.])
        """
        return self._part([k for k, label in enumerate(self.labels) if label in labels])

    def shifted(self, by_ms: float) -> "Marks":
        """The same marks, later by so much."""
        return replace(self, times_ms=self.times_ms + by_ms)

    def _part(self, part: slice | list[int]) -> "Marks":
        kept = range(len(self.labels))[part] if isinstance(part, slice) else part
        return replace(
            self,
            times_ms=self.times_ms[part],
            labels=tuple(self.labels[k] for k in kept),
            notes=tuple(self.notes[k] for k in kept) if self.notes else (),
        )


@dataclass(frozen=True, eq=False, kw_only=True)
class Recording:
    """What one file or one visit holds; its clock starts with the first sample of the ECG.

    Attributes
    ----------
    ecg : ECG or None
    traces : mapping of str to Trace
        Signals that are not an ECG, by name.
    marks : mapping of str to Marks
        By what they are: the extension of a WFDB annotation ("atr"), or lead ("i", "avr").
    meta : mapping
        What is known of patient and visit: "patient" (a string that never changes between
        visits, for splits), "record", "age_years", "sex" ("female" or "male"), "source" ...

    Raises
    ------
    ValueError
        When there is neither an ECG nor a trace.
    """

    ecg: ECG | None = None
    traces: Mapping[str, Trace] = field(default_factory=dict)
    marks: Mapping[str, Marks] = field(default_factory=dict)
    meta: Mapping[str, str | float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.ecg is None and not self.traces:
            msg = "a recording needs an ECG or a trace"
            raise ValueError(msg)

    def trace(self, name: str) -> Trace:
        """One trace by its name.

        Raises
        ------
        ValueError
            When there is none of that name.
        """
        if name not in self.traces:
            have = ", ".join(self.traces) or "no trace but the ECG"
            msg = f"no trace {name!r}; this recording has {have}"
            raise ValueError(msg)
        return self.traces[name]

    @property
    def common_ms(self) -> tuple[float, float]:
        """From the last start to the first end of the ECG and all traces.

        The stop is the start when no time is common to all.
        """
        spans = [(trace.start_ms, trace.stop_ms) for trace in self.traces.values()]
        if self.ecg is not None:
            spans.append((0.0, self.ecg.duration_ms))
        start_ms = max(start for start, _ in spans)
        return start_ms, max(start_ms, min(stop for _, stop in spans))

    def cut(self, start_ms: float, stop_ms: float) -> "Recording":
        """Everything at `start_ms` and later, before `stop_ms`, on a clock of its own.

        The clock starts with the first sample of the ECG that is kept, or at `start_ms` where
        there is no ECG, so that what happened together stays together.

        Raises
        ------
        ValueError
            When the stop lies before the start.

        Examples
        --------
        >>> ecg = ECG(samples_mv=np.zeros((1, 1000)), fs_hz=500.0, leads=("II",))
        >>> ppg = Trace(name="PLETH", samples=np.zeros(250), fs_hz=125.0, unit="NU")
        >>> part = Recording(ecg=ecg, traces={"PLETH": ppg}).cut(501.0, 1500.0)
        >>> part.ecg.duration_ms, part.trace("PLETH").start_ms  # the first samples at 502, 504
        (998.0, 2.0)
        """
        zero_ms, ecg = start_ms, self.ecg
        if ecg is not None:
            count = ecg.samples_mv.shape[1]
            first = samples_between(start_ms, stop_ms, ecg.fs_hz, count).start
            zero_ms, ecg = first * 1000.0 / ecg.fs_hz, ecg.cut(start_ms, stop_ms)
        traces = {name: trace.cut(start_ms, stop_ms) for name, trace in self.traces.items()}
        return replace(
            self,
            ecg=ecg,
            traces={k: replace(t, start_ms=t.start_ms - zero_ms) for k, t in traces.items()},
            marks={k: m.cut(start_ms, stop_ms).shifted(-zero_ms) for k, m in self.marks.items()},
        )
