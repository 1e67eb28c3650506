"""The one type for an ECG, simulated or recorded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .lead_names import name_in_ecg

#: Volts of other sizes in mV, by their unit in lower case; both signs for micro are in use.
_MV = {"mv": 1.0, "v": 1e3, "uv": 1e-3, "\u00b5v": 1e-3, "\u03bcv": 1e-3, "nv": 1e-6}


@dataclass(frozen=True, eq=False, kw_only=True)
class ECG:
    """Voltages of some leads against time.

    Nothing writes into an ECG: what changes the samples gives a new one (`with_samples`).

    Attributes
    ----------
    samples_mv : (leads, samples) float64
        nan in a gap.
    fs_hz : float
        Samples a second.
    leads : tuple of str
        One name a row, such as `LEADS`; "AVR", "avr" and "Lead aVR" become "aVR", and so do
        names that are asked for. Names that are not known stay.
    meta : mapping
        What else is known: patient, source, units it came in.

    Raises
    ------
    ValueError
        When the shape, the rate or the names do not fit each other, or a sample is infinite.

    Examples
    --------
    >>> import numpy as np
    >>> ecg = ECG(samples_mv=np.zeros((2, 500)), fs_hz=500.0, leads=("I", "II"))
    >>> ecg.lead("II").shape, ecg.duration_ms
    ((500,), 1000.0)
    >>> ecg.cut(200.0, 400.0).duration_ms
    200.0
    """

    samples_mv: NDArray[np.float64]
    fs_hz: float
    leads: tuple[str, ...]
    meta: Mapping[str, str | float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        # What readers and networks give (float32, lists of names) becomes what the type says.
        object.__setattr__(self, "samples_mv", np.asarray(self.samples_mv, dtype=np.float64))
        if isinstance(self.leads, str):
            msg = f"leads must be a tuple of names, got the text {self.leads!r}"
            raise ValueError(msg)
        given = tuple(self.leads)
        object.__setattr__(self, "leads", tuple(name_in_ecg(name) for name in given))
        if self.samples_mv.ndim != 2 or len(self.samples_mv) != len(self.leads):
            wanted = f"({len(self.leads)} leads, samples)"
            msg = f"samples_mv must have shape {wanted}, got {self.samples_mv.shape}"
            raise ValueError(msg)
        if len(set(self.leads)) != len(self.leads):
            msg = f"leads must have different names, {_clash(given, self.leads)}"
            raise ValueError(msg)
        if odd := [name for name in self.leads if not name.isprintable()]:
            msg = f"names of leads must be printable, got {odd[0]!r}"
            raise ValueError(msg)
        if not 0 < self.fs_hz < np.inf:
            msg = f"fs_hz must be positive, got {self.fs_hz}"
            raise ValueError(msg)
        infinite = np.isinf(self.samples_mv)
        if infinite.any():
            lead, sample = (int(k) for k in np.argwhere(infinite)[0])
            where = f"lead {self.leads[lead]} at {sample * 1000.0 / self.fs_hz:g} ms"
            msg = f"samples_mv is infinite in {where}; write nan where there is a gap"
            raise ValueError(msg)

    @classmethod
    def from_samples(
        cls,
        samples: ArrayLike,
        *,
        unit: str,
        fs_hz: float,
        leads: Sequence[str],
        meta: Mapping[str, str | float] | None = None,
    ) -> "ECG":
        """An ECG from samples in another unit of voltage.

        Parameters
        ----------
        samples
            (leads, samples) in `unit`.
        unit
            "V", "mV", "uV" (however the micro is written) or "nV", in any case.

        Raises
        ------
        ValueError
            When the unit is not one of voltage, or the rest does not fit.

        Examples
        --------
        >>> ECG.from_samples([[1500.0]], unit="uV", fs_hz=500.0, leads=("I",)).samples_mv
        array([[1.5]])
        """
        if unit.lower() not in _MV:
            msg = f"unknown unit of voltage {unit!r}; choose V, mV, uV or nV"
            raise ValueError(msg)
        samples_mv = np.asarray(samples, dtype=np.float64) * _MV[unit.lower()]
        return cls(samples_mv=samples_mv, fs_hz=fs_hz, leads=tuple(leads), meta=meta or {})

    def lead(self, name: str) -> NDArray[np.float64]:
        """(samples,) One lead, in mV, by any spelling of its name.

        Raises
        ------
        ValueError
            When there is none of that name.
        """
        own = name_in_ecg(name)
        if own not in self.leads:
            msg = f"no lead {name!r}; this ECG has {', '.join(self.leads)}"
            raise ValueError(msg)
        return self.samples_mv[self.leads.index(own)]

    def select(self, names: Sequence[str]) -> "ECG":
        """The leads of these names, in this order.

        Raises
        ------
        ValueError
            When a lead is missing or named twice.
        """
        rows = [self.lead(name) for name in names]
        samples_mv = np.stack(rows) if rows else self.samples_mv[:0]
        return replace(self, samples_mv=samples_mv, leads=tuple(names))

    def cut(self, start_ms: float, stop_ms: float) -> "ECG":
        """The samples at `start_ms` and later, before `stop_ms`; the first is at time 0 again.

        Times beyond the ends reach to the ends.

        Raises
        ------
        ValueError
            When the stop lies before the start.
        """
        part = samples_between(start_ms, stop_ms, self.fs_hz, self.samples_mv.shape[1])
        return replace(self, samples_mv=self.samples_mv[:, part])

    def then(self, other: "ECG") -> "ECG":
        """Both, the other behind this one, such as the next chunk of a long record.

        Raises
        ------
        ValueError
            When the leads or their order or the rate differ.
        """
        if (self.leads, self.fs_hz) != (other.leads, other.fs_hz):
            seen = [f"{', '.join(ecg.leads)} at {ecg.fs_hz:g} Hz" for ecg in (self, other)]
            msg = f"chunks must have the same leads and rate: {seen[0]}, then {seen[1]}"
            raise ValueError(msg)
        return self.with_samples(np.concatenate([self.samples_mv, other.samples_mv], axis=1))

    def with_samples(self, samples_mv: NDArray[np.float64], *, fs_hz: float | None = None) -> "ECG":
        """The same leads with other samples, at another rate if one is given."""
        return replace(self, samples_mv=samples_mv, fs_hz=self.fs_hz if fs_hz is None else fs_hz)

    @property
    def has_gaps(self) -> bool:
        """Whether any sample is missing."""
        return bool(np.isnan(self.samples_mv).any())

    @property
    def times_ms(self) -> NDArray[np.float64]:
        """(samples,) Time of each sample, the first at 0."""
        return np.arange(self.samples_mv.shape[1], dtype=np.float64) * (1000.0 / self.fs_hz)

    @property
    def duration_ms(self) -> float:
        """Length of the record."""
        return self.samples_mv.shape[1] * 1000.0 / self.fs_hz


def _clash(given: Sequence[str], leads: Sequence[str]) -> str:
    """Which of the names given are one lead."""
    twice = next(lead for lead in leads if leads.count(lead) > 1)
    same = [name for name, lead in zip(given, leads, strict=True) if lead == twice]
    if len(set(same)) == 1:
        return f"got {', '.join(given)}"
    return f"but {' and '.join(same[:2])} are both {twice}"


def samples_between(start_ms: float, stop_ms: float, fs_hz: float, count: int) -> slice:
    """Which of `count` samples, the first at 0, lie at `start_ms` or later, before `stop_ms`.

    A time within a thousandth of a sample of one counts as on it, so that rounding moves nothing;
    parts that touch neither share a sample nor lose one.

    Raises
    ------
    ValueError
        When the stop lies before the start, or either is nan.

    Examples
    --------
    >>> samples_between(100.0, 200.0, 360.0, 50)
    slice(36, 50, None)
    """
    if not start_ms <= stop_ms:
        msg = f"the stop must not lie before the start, got {start_ms} to {stop_ms} ms"
        raise ValueError(msg)
    places = np.clip(np.array([start_ms, stop_ms]) * (fs_hz / 1000.0) - 1e-3, 0, count)
    first, stop = np.ceil(places)
    return slice(int(first), int(stop))
