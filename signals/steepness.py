"""How much each moment of an ECG looks like a QRS: steepness, on a local scale, over leads."""

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d
from scipy.signal import butter, sosfiltfilt

from .stretches import runs

#: Pass band in Hz: much of a QRS, little of P, T, moving electrodes and muscle (Pan and Tompkins
#: 1985 take 5 to 15, Elgendi 2013 finds 8 to 20).
_BAND_HZ = (6.0, 20.0)
#: The squared slope is averaged over the width of a QRS: two boxes of half of it, a triangle.
_QRS_S = 0.10
#: Levels are taken in windows that hold a beat at 30 a minute and more, over half a minute.
_WINDOW_S = 2.0
_WINDOWS = 15
#: Across a gap up to this long a QRS is still seen; a longer one hides what is as near to it.
_BRIDGED_S = 0.05
#: Silence: a wave of 5 uV, the step of a 12-bit recorder, has no steeper slope in the band.
_SILENCE_MV_PER_S = 0.4
#: What noise reaches over its median: a lead of noise has next to no weight beside clear ones.
_NOISE, _UNCLEAR = 2.0, 0.05
#: What beats reach over their median; so no noise, however loud, is taken for a lead's beats.
_BEATS = 4.0
#: A lead's level never falls below this share of what it has with beats, or else an asystole
#: longer than the windows would make beats of P waves or of noise.
_LEAST_SHARE = 0.2
#: Steepness is so smooth that its quantiles need no more than one sample in 20 ms.
_SPARSE_S = 0.02


class Steepness(NamedTuple):
    """Of all leads together; about 1 in a usual QRS."""

    height: NDArray[np.float64]  #: (t,) 0 in gaps
    level: NDArray[np.float64]  #: (t,) usual height of a QRS about there
    floor: NDArray[np.float64]  #: (t,) lower quartile of the height about there
    weights: NDArray[np.float64]  #: (leads, t) of each lead in height, s/mV; 0 in gaps


def steepness(x_mv: NDArray[np.float64], fs_hz: float) -> Steepness:
    """Root mean square slope of leads (leads, t), nan in gaps, in the band of the QRS.

    Each lead is divided by its own level about there, and counts by the square of how far its
    QRS stand out from its median. The floor is the lower quartile, which lies between the beats
    even where broad ones follow each other at 220 a minute.
    """
    hidden = np.stack([_hidden(lead, fs_hz) for lead in x_mv])
    slope = np.gradient(zero_phase(x_mv, _BAND_HZ, fs_hz), 1 / fs_hz, axis=1)
    half = max(1, round(_QRS_S * fs_hz / 2))
    energy = uniform_filter1d(uniform_filter1d(slope**2, half, axis=1), half, axis=1)
    steep = np.where(hidden, np.nan, np.sqrt(np.maximum(energy, 0.0)))
    weights = _weights(*_scale(steep, 0.5, fs_hz), hidden)
    height = (weights * np.where(hidden, 0.0, steep)).sum(axis=0)
    level, floor = _scale(np.where(hidden.all(axis=0), np.nan, height)[None], 0.25, fs_hz)
    return Steepness(height, np.maximum(level[0], 0.5), np.maximum(floor[0], 0.1), weights)


def _weights(
    level: NDArray[np.float64], middle: NDArray[np.float64], hidden: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """(leads, t) Share of each lead over its level, which remembers the lead's largest beats."""
    over = level / np.maximum(middle, _SILENCE_MV_PER_S / 10)
    beats = np.where(over > _BEATS, level, 0.0).max(axis=1, keepdims=True)
    level = np.maximum(level, _LEAST_SHARE * beats)
    clear = np.maximum(over - _NOISE, _UNCLEAR)
    share = np.where(hidden, 0.0, clear**2)
    total = share.sum(axis=0)
    return share / (np.where(total > 0, total, 1.0) * np.maximum(level, _SILENCE_MV_PER_S))


def zero_phase(
    x_mv: NDArray[np.float64], band_hz: tuple[float, float], fs_hz: float
) -> NDArray[np.float64]:
    """(leads, t) Both ways through a band pass, with straight lines across the gaps."""
    whole = np.stack([_across_gaps(lead) for lead in x_mv])
    pad = min(x_mv.shape[1] - 1, round(fs_hz))
    return sosfiltfilt(_sections(*band_hz, fs_hz), whole, axis=1, padlen=pad)


@cache
def _sections(low_hz: float, high_hz: float, fs_hz: float) -> NDArray[np.float64]:
    """Butterworth of second order, cut to what the rate allows."""
    edges = [low_hz, min(high_hz, 0.45 * fs_hz)]
    return butter(2, edges, "bandpass", fs=fs_hz, output="sos")


def _across_gaps(lead: NDArray[np.float64]) -> NDArray[np.float64]:
    known = np.flatnonzero(~np.isnan(lead))
    if len(known) == len(lead):
        return lead
    if not len(known):
        return np.zeros_like(lead)
    return np.interp(np.arange(len(lead)), known, lead[known])


def _hidden(lead: NDArray[np.float64], fs_hz: float) -> NDArray[np.bool_]:
    """(t,) Where a gap leaves nothing to be seen."""
    reach = max(1, round(_BRIDGED_S * fs_hz))
    mask = np.zeros(len(lead), np.bool_)
    for start, stop in runs(np.isnan(lead)):
        if stop - start > reach or start == 0 or stop == len(lead):
            mask[max(0, start - reach) : stop + reach] = True
    return mask


def _scale(
    steep: NDArray[np.float64], share: float, fs_hz: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(leads, t) twice: of the windows near by, the median highest value, and median quantile."""
    leads, samples = steep.shape
    size = max(1, round(_WINDOW_S * fs_hz))
    count = -(-samples // size)
    padded = np.full((leads, count * size), np.nan)
    padded[:, :samples] = steep
    windows = padded.reshape(leads, count, size)
    highest = np.fmax.reduce(windows, axis=2)
    usual = _quantile(windows[:, :, :: max(1, round(_SPARSE_S * fs_hz))], share)
    centres = (np.arange(count) + 0.5) * size
    at = np.arange(samples)
    level, quantile = (
        np.stack([np.interp(at, centres, row) for row in _around(values)])
        for values in (highest, usual)
    )
    return level, quantile


def _around(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """(leads, w) Median of the windows about each, of those that are not all gap; 0 if none."""
    half = _WINDOWS // 2
    padded = np.pad(values, ((0, 0), (half, half)), constant_values=np.nan)
    return np.nan_to_num(_quantile(sliding_window_view(padded, _WINDOWS, axis=-1), 0.5))


def _quantile(rows: NDArray[np.float64], share: float) -> NDArray[np.float64]:
    """Of the last axis, without nan; nan where there is nothing else. Sorting puts nan last."""
    ordered = np.sort(rows, axis=-1)
    last = np.maximum((~np.isnan(ordered)).sum(axis=-1, keepdims=True) - 1, 0)
    low, high = (
        np.take_along_axis(ordered, np.floor(at).astype(np.intp), axis=-1)[..., 0]
        for at in (share * last, np.ceil(share * last))
    )
    return (low + high) / 2
