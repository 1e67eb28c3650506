"""Where a lead tells nothing: gaps, flat lines, clipped peaks; and how to bridge a gap."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from .ecg import ECG
from .stretches import runs

#: What the baseline beside a gap is the median of.
_BANK_MS = 1000.0
#: So many beats that end at one height are no chance.
_OFTEN = 5


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
    return {ecg.leads[row]: runs(missing[row]) * np.float64(1000.0 / ecg.fs_hz) for row in holed}


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
    samples_mv = ecg.samples_mv.copy()
    reach = max(1, round(_BANK_MS * ecg.fs_hz / 1000))
    for row in np.flatnonzero(missing.any(axis=1)):
        if missing[row].all():
            samples_mv[row] = 0.0
        elif by == "line":
            here, there = np.flatnonzero(~missing[row]), np.flatnonzero(missing[row])
            samples_mv[row, there] = np.interp(there, here, samples_mv[row, here])
        else:
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
    same = ecg.samples_mv[:, 1:] == ecg.samples_mv[:, :-1]
    held = _long_runs(same, max(1, round(shortest_ms * ecg.fs_hz / 1000) - 1))
    out = np.zeros(ecg.samples_mv.shape, dtype=bool)
    out[:, :-1] = held
    out[:, 1:] |= held
    return out


def saturated(ecg: ECG, *, shortest_ms: float = 8.0) -> NDArray[np.bool_]:
    """(leads, samples) Where a lead is cut off at the end of its range.

    There it holds its largest or its smallest value for n samples, at least three, and has fallen
    off more steeply n - 1 samples farther on both sides than a rounded peak, digitised, can: a
    parabola that stays within one digital step for n samples is down by 9 steps there, and one
    more by rounding. Where it holds that value for two samples in beat after beat, while what
    is beside them differs by as many steps, every sample of that value is cut off: peaks of
    beats that differ do not end at one height. What a filter has gone over is not recognised.

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
    low, high = (end.reduce(x, axis=1)[:, None] for end in (np.fmin, np.fmax))
    shortest = max(3, round(shortest_ms * ecg.fs_hz / 1000))
    out = np.zeros(x.shape, dtype=bool)
    for end in (high, low):
        at_end = (x == end) & (low < high)
        out |= _steep(x, _long_runs(at_end, shortest)) | _again_and_again(x, at_end)
    return out


def _again_and_again(x: NDArray[np.float64], at_end: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(leads, samples) The whole of `at_end` in leads that return there from different heights."""
    out = np.zeros_like(at_end)
    for row in np.flatnonzero(at_end.sum(axis=1) >= 2 * _OFTEN):
        visits = runs(at_end[row])
        inside = (visits[:, 0] > 0) & (visits[:, 1] < x.shape[1])
        visits = visits[inside & (visits[:, 1] - visits[:, 0] >= 2)]
        banks = x[row, np.stack([visits[:, 0] - 1, visits[:, 1]], axis=1)]
        banks = banks[np.isfinite(banks).all(axis=1)]
        if len(banks) >= _OFTEN:
            falls = np.abs(banks - x[row, visits[0, 0]])
            steep = min(np.median(falls, axis=0).min(), falls.std(axis=0).min())
            out[row] = at_end[row] & (steep > _near(x[row]))
    return out


def _near(lead: NDArray[np.float64]) -> float:
    """How far a rounded peak, digitised, may fall beside its top."""
    step = np.abs(np.diff(lead))
    return 10.01 * float(step[step > 0].min(initial=np.inf))


def _steep(x: NDArray[np.float64], flat_top: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(leads, samples) Those runs of `flat_top` that a lead leaves as no rounded peak does."""
    out = np.zeros_like(flat_top)
    for row in np.flatnonzero(flat_top.any(axis=1)):
        # What lies beyond the end of the record, or in a gap, speaks neither for nor against.
        near, last = _near(x[row]), x.shape[1] - 1
        for start, stop in runs(flat_top[row]):
            reach = stop - start - 1
            banks = x[row, max(0, start - reach)], x[row, min(last, stop - 1 + reach)]
            inside = start >= reach, stop - 1 + reach <= last
            falls = [abs(bank - x[row, start]) <= near for bank in banks]
            out[row, start:stop] = not any(
                f and here for f, here in zip(falls, inside, strict=True)
            )
    return out


def _long_runs(mask: NDArray[np.bool_], shortest: int) -> NDArray[np.bool_]:
    """(leads, samples) What lies in a run of True of at least so many samples: an opening.

    Erosion and dilation by windows that double: a few passes however long the run.
    """
    if mask.shape[1] < shortest or not mask.any():
        return np.zeros_like(mask)
    whole, size = mask, 1
    while size < shortest and whole.any():
        step = min(size, shortest - size)
        whole, size = whole[:, step:] & whole[:, :-step], size + step
    if not whole.any():
        return np.zeros_like(mask)
    size = 1
    while size < shortest:
        step = min(size, shortest - size)
        whole = np.pad(whole, ((0, 0), (0, step))) | np.pad(whole, ((0, 0), (step, 0)))
        size += step
    return whole


def _bridge(lead_mv: NDArray[np.float64], start: int, stop: int, reach: int) -> NDArray[np.float64]:
    """(stop - start,) From the level of one bank to the other's; level where there is but one."""
    banks = lead_mv[max(0, start - reach) : start], lead_mv[stop : stop + reach]
    level = [float(np.nanmedian(bank)) for bank in banks if len(bank)]
    return np.linspace(level[0], level[-1], stop - start + 2)[1:-1]
