"""An ECG at another sampling rate: no aliases, no shift in time, gaps where they were."""

from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from math import ceil

import numpy as np
from numpy.typing import NDArray
from scipy.signal import firwin, kaiserord, upfirdn

from .ecg import ECG
from .stretches import bridged, extended, runs

#: Passed unchanged, as a share of the lower of the two Nyquist frequencies.
PASS_SHARE = 0.9
#: Attenuation from that Nyquist frequency on; the pass band is flat to 0.001 dB for the same reason
#: (a window's ripple is as large in the pass band as in the stop band).
STOP_DB = 80.0
#: Largest numerator and denominator of the ratio of two rates. Whole rates up to it are exact; of
#: others the nearest such fraction is off by 1e-5 at worst, where the ratio is nearly 1.
_FINEST = 50_000
#: A gap no longer than this is bridged while its surroundings are worked out.
_BRIDGE_MS = 20.0


def resample(ecg: ECG, fs_hz: float) -> ECG:
    """The same voltages at `fs_hz` samples a second.

    One pass of a linear-phase polyphase filter (a sinc under a Kaiser window) at the ratio of the
    two rates. Below 0.9 of the lower Nyquist frequency it is flat to 0.001 dB, from that Nyquist
    frequency on it attenuates by 80 dB. Its delay is taken off: the first sample stays at 0 ms,
    and a constant stays what it is to rounding. At the ends and at gaps the signal is continued
    by its reflection through the last sample. The ratio is the nearest fraction with terms of at
    most 50,000: exact for whole rates; 359.999 Hz counts as 360.

    Parameters
    ----------
    ecg
        Any number of leads; nan in gaps.
    fs_hz
        Samples a second wanted.

    Returns
    -------
    ECG
        As many samples as start within the record. A sample is missing when it falls within a
        gap; a gap that lies between two samples takes the one before it.

    Raises
    ------
    ValueError
        When `fs_hz` is not positive, or over 50,000 times higher or lower.

    Examples
    --------
    >>> import numpy as np
    >>> ecg = ECG(samples_mv=np.ones((2, 3600)), fs_hz=360.0, leads=("MLII", "V1"))
    >>> resample(ecg, 500.0).samples_mv.shape
    (2, 5000)
    """
    if not 0 < fs_hz < np.inf:
        msg = f"fs_hz must be positive, got {fs_hz}"
        raise ValueError(msg)
    ratio = _ratio(ecg.fs_hz, fs_hz)
    if ratio == 1 or not ecg.samples_mv.size:
        return replace(ecg, fs_hz=fs_hz)
    samples = ecg.samples_mv
    if not np.isnan(samples).any():
        return replace(ecg, samples_mv=_polyphase(samples, ratio, 0), fs_hz=fs_hz)
    bridge = round(_BRIDGE_MS * ecg.fs_hz / 1000)
    rows = [_with_gaps(lead, ratio, bridge) for lead in samples]
    return replace(ecg, samples_mv=np.array(rows), fs_hz=fs_hz)


def _ratio(old_hz: float, new_hz: float) -> Fraction:
    """New rate over old one; neither side of the fraction is larger than `_FINEST`."""
    low, high = sorted((old_hz, new_hz))
    ratio = Fraction(low / high).limit_denominator(_FINEST)
    if not ratio:
        msg = f"cannot resample from {old_hz} to {new_hz} Hz: the rates are too far apart"
        raise ValueError(msg)
    return 1 / ratio if new_hz > old_hz else ratio


def _with_gaps(lead: NDArray[np.float64], ratio: Fraction, bridge: int) -> NDArray[np.float64]:
    """One lead, each piece between gaps on its own."""
    out = np.full(ceil(len(lead) * ratio), np.nan)
    whole = bridged(lead, bridge)
    for start, stop in runs(~np.isnan(whole)):
        first = ceil(start * ratio)
        piece = _polyphase(whole[None, start:stop], ratio, int(start))[0]
        out[first : first + len(piece)] = piece
    for start, stop in runs(np.isnan(lead)):
        first, last = ceil(start * ratio), ceil(stop * ratio)
        out[min(first, last - 1) if last > first else max(first - 1, 0) : last] = np.nan
    return out


def _polyphase(x: NDArray[np.float64], ratio: Fraction, start: int) -> NDArray[np.float64]:
    """(leads, samples) At the new rate, from the first new sample at or after old sample `start`.

    `x` begins at that old sample; time 0 is that of the whole record.
    """
    up, down = ratio.numerator, ratio.denominator
    taps = _taps(up, down)
    half, first = len(taps) // 2, ceil(start * ratio)
    count = ceil((start + x.shape[1]) * ratio) - first
    pad = half // up + 1
    middle = pad * up + half + first * down - start * up  # of the first sample wanted, oversampled
    lead_in = -middle % down  # zeros that bring it to a multiple of `down`
    taps = np.concatenate([np.zeros(lead_in), taps])
    skip = (middle + lead_in) // down
    return upfirdn(taps, extended(x, pad), up, down, axis=1)[:, skip : skip + count]


@lru_cache(maxsize=8)
def _taps(up: int, down: int) -> NDArray[np.float64]:
    """Odd number of taps at `up` times the old rate; those that meet the same samples sum to 1."""
    wide = max(up, down)
    count, beta = kaiserord(STOP_DB, (1 - PASS_SHARE) / wide)
    taps = firwin(count // 2 * 2 + 1, (1 + PASS_SHARE) / 2 / wide, window=("kaiser", beta))
    for phase in range(up):
        taps[phase::up] /= taps[phase::up].sum()
    taps.flags.writeable = False
    return taps
