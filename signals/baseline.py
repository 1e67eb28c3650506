"""An ECG whose baseline stays where it is: breathing and drifting electrodes taken off."""

from .ecg import ECG
from .filters import highpass

#: Highest cut-off without phase distortion that AHA/ACC/HRS 2007 allow (Kligfield 2007).
ZERO_PHASE_HZ = 0.67


def remove_baseline(ecg: ECG, cutoff_hz: float = ZERO_PHASE_HZ) -> ECG:
    """The ECG without baseline wander, its ST segments undistorted.

    A zero-phase high-pass at 0.67 Hz (40 cycles a minute), the highest cut-off that the AHA, ACC
    and HRS recommend without phase distortion (Kligfield, Circulation 2007, 115:1306). With a
    heart rate below 40 a minute the ECG itself reaches below it: choose 0.5 Hz or less.

    Raises
    ------
    ValueError
        When the cut-off is not between 0 and half of the sampling rate.

    Examples
    --------
    >>> import numpy as np
    >>> t = np.arange(5000) / 500
    >>> breath = ECG(samples_mv=np.sin(2 * np.pi * 0.1 * t)[None], fs_hz=500.0, leads=("I",))
    >>> bool(np.abs(remove_baseline(breath).samples_mv[0, 1000:4000]).max() < 2e-3)
    True
    """
    return highpass(ecg, cutoff_hz)
