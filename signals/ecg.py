"""The one type for an ECG, simulated or recorded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False, kw_only=True)
class ECG:
    """Voltages of some leads against time.

    Attributes
    ----------
    samples_mv : (leads, samples) float64
        nan in a gap.
    fs_hz : float
        Samples a second.
    leads : tuple of str
        One name a row, such as `LEADS`.
    meta : mapping
        What else is known: patient, source, units it came in.

    Raises
    ------
    ValueError
        When the shape, the rate or the names do not fit each other.

    Examples
    --------
    >>> import numpy as np
    >>> ecg = ECG(samples_mv=np.zeros((2, 500)), fs_hz=500.0, leads=("I", "II"))
    >>> ecg.lead("II").shape, ecg.duration_ms
    ((500,), 1000.0)
    """

    samples_mv: NDArray[np.float64]
    fs_hz: float
    leads: tuple[str, ...]
    meta: Mapping[str, str | float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.samples_mv.ndim != 2 or len(self.samples_mv) != len(self.leads):
            wanted = f"({len(self.leads)} leads, samples)"
            msg = f"samples_mv must have shape {wanted}, got {self.samples_mv.shape}"
            raise ValueError(msg)
        if len(set(self.leads)) != len(self.leads):
            msg = f"leads must have different names, got {', '.join(self.leads)}"
            raise ValueError(msg)
        if not 0 < self.fs_hz < np.inf:
            msg = f"fs_hz must be positive, got {self.fs_hz}"
            raise ValueError(msg)

    def lead(self, name: str) -> NDArray[np.float64]:
        """(samples,) One lead, in mV."""
        if name not in self.leads:
            msg = f"no lead {name!r}; this ECG has {', '.join(self.leads)}"
            raise ValueError(msg)
        return self.samples_mv[self.leads.index(name)]

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

    @property
    def times_ms(self) -> NDArray[np.float64]:
        """(samples,) Time of each sample, the first at 0."""
        return np.arange(self.samples_mv.shape[1], dtype=np.float64) * (1000.0 / self.fs_hz)

    @property
    def duration_ms(self) -> float:
        """Length of the record."""
        return self.samples_mv.shape[1] * 1000.0 / self.fs_hz
