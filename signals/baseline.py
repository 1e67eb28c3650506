"""An ECG whose baseline stays where it is: breathing and drifting electrodes taken off."""

from .ecg import ECG
from .filters import highpass

#: Below the 0.67 Hz that AHA/ACC/HRS 2007 allow without phase distortion, and steep: at heart
#: rates of 40 to 100 a minute ST moves by a quarter of what it does at 0.67 Hz with two poles.
CUTOFF_HZ, ORDER = 0.5, 4


def remove_baseline(ecg: ECG, cutoff_hz: float = CUTOFF_HZ) -> ECG:
    """The ECG without baseline wander, its ST segments undistorted.

    A zero-phase high-pass, 3 dB down at 0.5 Hz, four poles each way. The AHA, ACC and HRS allow
    up to 0.67 Hz without phase distortion (Kligfield, Circulation 2007, 115:1306); how steep the
    filter is matters as much, since an ECG has its lowest line at the heart rate. The gain is
    1 / (1 + 0.414 (0.5 Hz / f)^8): 0.998 at 60 beats a minute, 0.960 at 40, 0.0016 at 0.2 Hz.

    Parameters
    ----------
    ecg
        Any number of leads; nan in gaps, which stay.
    cutoff_hz
        Lower for heart rates below 40 a minute.

    Raises
    ------
    ValueError
        When the cut-off is not between 0 and half of the sampling rate.

    Examples
    --------
    >>> import numpy as np
    >>> t = np.arange(5000) / 500
    >>> breath = ECG(samples_mv=np.sin(2 * np.pi * 0.2 * t)[None], fs_hz=500.0, leads=("I",))
    >>> bool(np.abs(remove_baseline(breath).samples_mv[0, 1500:3500]).max() < 0.01)
    True
    """
    return highpass(ecg, cutoff_hz, order=ORDER)
