"""The hum of the mains: whether it is there, and an ECG without it."""

import numpy as np
from scipy.signal import iirnotch, periodogram

from .ecg import ECG
from .filters import Filter

#: Of the grids of the world.
MAINS_HZ = (50.0, 60.0)
#: Hum counts as such when its line stands so far above its surroundings (10 dB) ...
_STANDS_OUT = 10.0
#: ... which lie so far from it, on either side, in Hz.
_NEAR_HZ, _FAR_HZ = 1.0, 6.0


def mains_hz(ecg: ECG) -> float | None:
    """50 or 60, whichever frequency hums; None when neither does.

    The power within half a hertz of the line over the median power around it, summed over leads:
    the higher of the two counts when it is over ten times its surroundings. Records of under two
    seconds, and sampling rates that do not reach, cannot tell.

    Examples
    --------
    >>> import numpy as np
    >>> t = np.arange(5000) / 500
    >>> hum = np.random.default_rng(0).normal(size=5000) + np.sin(2 * np.pi * 50 * t)
    >>> mains_hz(ECG(samples_mv=hum[None], fs_hz=500.0, leads=("I",)))
    50.0
    """
    if ecg.duration_ms < 2000:
        return None
    samples = np.nan_to_num(ecg.samples_mv)
    f_hz, power = periodogram(samples, ecg.fs_hz, window="hann", axis=1)
    total = power.sum(axis=0)
    ratios = {}
    for line in MAINS_HZ:
        away = np.abs(f_hz - line)
        around = total[(away >= _NEAR_HZ) & (away <= _FAR_HZ)]
        if line + _NEAR_HZ < ecg.fs_hz / 2 and around.size and np.median(around) > 0:
            ratios[line] = total[away <= _NEAR_HZ / 2].max() / np.median(around)
    if not ratios:
        return None
    best = max(ratios, key=lambda line: ratios[line])
    return best if ratios[best] > _STANDS_OUT else None


def notch_filter(
    fs_hz: float,
    line_hz: float,
    *,
    width_hz: float = 2.0,
    harmonics: int = 1,
    causal: bool = False,
) -> Filter:
    """Notch at a line and its harmonics; see `notch`."""
    if not 0 < width_hz < line_hz < fs_hz / 2:
        msg = (
            f"a notch needs 0 < width_hz < line_hz < {fs_hz / 2}, half of fs_hz; "
            f"got {width_hz} and {line_hz}"
        )
        raise ValueError(msg)
    lines = [k * line_hz for k in range(1, harmonics + 1) if k * line_hz < fs_hz / 2]
    once_hz = width_hz * (1.0 if causal else np.sqrt(np.sqrt(2) - 1))
    sections = [np.concatenate(iirnotch(line, line / once_hz, fs=fs_hz)) for line in lines]
    return Filter(sections=np.array(sections), fs_hz=fs_hz, causal=causal, lines_hz=tuple(lines))


def notch(
    ecg: ECG, line_hz: float | None = None, *, width_hz: float = 2.0, harmonics: int = 1
) -> ECG:
    """The ECG without the hum of the mains, and without delay.

    Gain 0 at the line; 3 dB are lost half of `width_hz` to either side of it. It rings for about
    1 / (pi width_hz) seconds around sharp waves: the narrower, the longer and the fainter.

    Parameters
    ----------
    ecg
        Any number of leads; nan in gaps, which stay.
    line_hz
        50 or 60; None looks for it, and gives the ECG back as it is when there is no hum.
    width_hz
        Between the two frequencies that lose 3 dB.
    harmonics
        How many multiples to take out, the line itself included; those beyond half of the
        sampling rate do not exist.

    Raises
    ------
    ValueError
        When line and width do not fit the sampling rate.
    """
    line_hz = mains_hz(ecg) if line_hz is None else line_hz
    if line_hz is None:
        return ecg
    return notch_filter(ecg.fs_hz, line_hz, width_hz=width_hz, harmonics=harmonics).apply(ecg)
