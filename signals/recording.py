"""Several signals of one patient on one clock: the ECG, other traces such as a PPG, and marks."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from .ecg import ECG


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
        When the shape or the rate is unfit.

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
        if self.samples.ndim != 1:
            msg = f"samples of {self.name} must have shape (t,), got {self.samples.shape}"
            raise ValueError(msg)
        if not 0 < self.fs_hz < np.inf:
            msg = f"fs_hz of {self.name} must be positive, got {self.fs_hz}"
            raise ValueError(msg)

    @property
    def times_ms(self) -> NDArray[np.float64]:
        """(t,) Time of each sample on the clock of the recording."""
        steps = np.arange(len(self.samples), dtype=np.float64)
        return self.start_ms + steps * (1000.0 / self.fs_hz)

    @property
    def duration_ms(self) -> float:
        """Length of the trace."""
        return len(self.samples) * 1000.0 / self.fs_hz


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
        When the lengths do not fit each other, or the times are not in order.
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
        if not (np.diff(self.times_ms) >= 0).all():
            msg = "times_ms of marks must be in order"
            raise ValueError(msg)


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
