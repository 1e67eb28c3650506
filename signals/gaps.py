"""Where a lead tells nothing: gaps, flat lines, clipped peaks; and how to bridge a gap."""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .ecg import ECG
from .stretches import runs

#: What the baseline beside a gap is the median of.
_BANK_MS = 1000.0


def gaps_ms(ecg: ECG) -> dict[str, NDArray[np.float64]]:
    """(g, 2) First missing sample and first one behind it, per gap, for every lead with gaps.

    Examples
    --------
    >>> ecg = ECG(samples_mv=np.array([[0, np.nan, np.nan, 1]]), fs_hz=500.0, leads=("II",))
    >>> gaps_ms(ecg)["II"].tolist()
    [[2.0, 6.0]]
    """
    missing = np.isnan(ecg.samples_mv)
    holed = [row for row in range(len(missing)) if missing[row].any()]
    return {ecg.leads[row]: runs(missing[row]) * (1000.0 / ecg.fs_hz) for row in holed}


def filled(ecg: ECG, *, by: Literal["line", "baseline"] = "line") -> ECG:
    """The ECG with every gap bridged, for an operation that takes no nan; see `emptied`.

    Parameters
    ----------
    ecg
        nan in gaps.
    by
        "line": straight from the last sample before a gap to the first behind it, without a
        jump. "baseline": between the medians of the second on either side, so that a gap that
        begins on an R peak is not bridged at its height. At the begin and the end of a record
        the one bank there is holds on; a lead without any sample becomes 0.

    Raises
    ------
    ValueError
        When `by` is neither.
    """
    if by not in ("line", "baseline"):
        msg = f"gaps are filled by 'line' or 'baseline', got {by!r}"
        raise ValueError(msg)
    missing = np.isnan(ecg.samples_mv)
    if not missing.any():
        return ecg
    reach = max(1, round(_BANK_MS * ecg.fs_hz / 1000)) if by == "baseline" else 1
    samples_mv = ecg.samples_mv.copy()
    for row in np.flatnonzero(missing.any(axis=1)):
        for start, stop in runs(missing[row]):
            samples_mv[row, start:stop] = _bridge(ecg.samples_mv[row], start, stop, reach)
    return ecg.with_samples(samples_mv)


def emptied(ecg: ECG, like: ECG) -> ECG:
    """The ECG with nan wherever `like`, of the same leads and rate, has a gap.

    Raises
    ------
    ValueError
        When the two are not of one shape.
    """
    if ecg.samples_mv.shape != like.samples_mv.shape or ecg.leads != like.leads:
        shapes = f"{ecg.samples_mv.shape} and {like.samples_mv.shape}"
        msg = f"gaps are put back into an ECG of the same leads and length, got {shapes}"
        raise ValueError(msg)
    return ecg.with_samples(np.where(np.isnan(like.samples_mv), np.nan, ecg.samples_mv))


def flat(ecg: ECG, *, shortest_ms: float = 1000.0) -> NDArray[np.bool_]:
    """(leads, samples) Where a lead holds exactly one value for so long: an electrode is off.

    Examples
    --------
    >>> ecg = ECG(samples_mv=np.zeros((1, 600)), fs_hz=500.0, leads=("II",))
    >>> bool(flat(ecg).all())
    True
    """
    levels = _levels(ecg.samples_mv)
    return levels.mask(levels.length >= max(2.0, shortest_ms * ecg.fs_hz / 1000))


def saturated(ecg: ECG, *, shortest_ms: float = 8.0) -> NDArray[np.bool_]:
    """(leads, samples) Where a lead is cut off at the end of its range.

    There it holds its largest or its smallest value for n samples, at least three, and has fallen
    off more steeply n - 1 samples farther on both sides than a rounded peak, digitised, can: a
    parabola that stays within one digital step for n samples is down by 9 steps there, and one
    more by rounding. What a filter has gone over is not recognised.

    Parameters
    ----------
    ecg
        As it was digitised; the ends of its range are those of each lead.
    shortest_ms
        What is shorter is no clipped peak.
    """
    x = ecg.samples_mv
    if x.shape[1] < 3:
        return np.zeros(x.shape, dtype=bool)
    ends = np.stack([np.fmin.reduce(x, axis=1), np.fmax.reduce(x, axis=1)])
    levels = _levels(x)
    value = x[levels.row, levels.start]
    at_end = (value == ends[:, levels.row]).any(axis=0) & (ends[0] < ends[1])[levels.row]
    at_end &= levels.length >= max(3.0, shortest_ms * ecg.fs_hz / 1000)
    chosen = np.flatnonzero(at_end)
    row, start, stop = (part[chosen] for part in levels[1:])
    step = np.abs(np.diff(x, axis=1))
    digit = np.where(step > 0, step, np.inf).min(axis=1, initial=np.inf)[row]
    steep = np.ones(len(chosen), dtype=bool)
    for bank in (start - (stop - start - 1), stop - 1 + (stop - start - 1)):
        there = x[row, np.clip(bank, 0, x.shape[1] - 1)]
        near = np.abs(there - value[chosen]) <= 10.01 * digit
        # A bank beyond the end of the record, or in a gap, speaks neither for nor against.
        steep &= ~near | (bank < 0) | (bank >= x.shape[1])
    return levels.mask(chosen[steep])


class _Levels(NamedTuple):
    """Runs of equal samples."""

    shape: tuple[int, ...]
    row: NDArray[np.int64]  #: (r,) lead of each run
    start: NDArray[np.int64]
    stop: NDArray[np.int64]

    @property
    def length(self) -> NDArray[np.int64]:
        return self.stop - self.start

    def mask(self, which: NDArray[np.int64] | NDArray[np.bool_]) -> NDArray[np.bool_]:
        """(leads, samples) Whether a sample lies in one of the runs that `which` selects."""
        edges = np.zeros((self.shape[0], self.shape[1] + 1), dtype=np.int8)
        edges[self.row[which], self.start[which]] = 1
        edges[self.row[which], self.stop[which]] -= 1
        return np.cumsum(edges[:, :-1], axis=1, dtype=np.int8) > 0


def _levels(samples_mv: NDArray[np.float64]) -> _Levels:
    leads, t = samples_mv.shape
    change = np.ones((leads, t + 1), dtype=bool)
    change[:, 1:-1] = samples_mv[:, 1:] != samples_mv[:, :-1]
    row, at = np.nonzero(change)
    inside = at[:-1] < t
    return _Levels((leads, t), row[:-1][inside], at[:-1][inside], at[1:][inside])


def _bridge(lead_mv: NDArray[np.float64], start: int, stop: int, reach: int) -> NDArray[np.float64]:
    """(stop - start,) From one bank to the other; a bank without samples is like the other."""
    banks = lead_mv[max(0, start - reach) : start], lead_mv[stop : stop + reach]
    level = [float(np.nanmedian(bank)) if len(bank) else np.nan for bank in banks]
    if np.isnan(level).any():
        level = [float(np.nansum(level))] * 2
    return np.linspace(level[0], level[1], stop - start + 2)[1:-1]
