"""Whether the electrodes of the two arms were exchanged, and the ECG as it would be otherwise."""

import numpy as np
from numpy.typing import NDArray

from .ecg import ECG
from .filters import highpass
from .leads import derive_leads

#: Below this correlation of I and V6 the arms are taken for exchanged. Of 2,492 records of PTB-XL
#: 0.3 % lie below it as they are, 90 % with the arms exchanged (benchmarks/signals_quality.py).
_OPPOSED = -0.6
#: The baseline would tell of the electrodes, not of the heart.
_BASELINE_HZ = 1.0
#: Where each limb lead comes from when the arms change places, and its sign.
_ARMS = {
    "I": ("I", -1.0),
    "II": ("III", 1.0),
    "III": ("II", 1.0),
    "aVR": ("aVL", 1.0),
    "-aVR": ("aVL", -1.0),
    "aVL": ("aVR", 1.0),
}


def arm_agreement(ecg: ECG) -> float:
    """Correlation of leads I and V6, -1 to 1; nan where the two have no sample in common.

    Both look at the heart from the left, so that P, QRS and T point the same way in them, unless
    the electrodes of the arms were exchanged, which turns I over and leaves V6 as it is. (Kors and
    van Herpen, Am J Cardiol 88:396, 2001, tell exchanged electrodes by how a lead correlates with
    what the others say of it.) In dextrocardia the two disagree as well.

    Raises
    ------
    ValueError
        When V6 is missing, or I is and does not follow from other limb leads; at 2 Hz or less.

    Examples
    --------
    >>> from cardiotwin.signals.synth import synthetic_ecg
    >>> arm_agreement(synthetic_ecg().ecg) > 0.8
    True
    """
    pair = derive_leads(ecg).select(("I", "V6"))
    if pair.samples_mv.shape[1] == 0:
        return float("nan")
    return _correlation(highpass(pair, _BASELINE_HZ).samples_mv)


def arms_swapped(ecg: ECG) -> bool:
    """Whether the electrodes of the arms seem exchanged: I and V6 are opposed.

    Raises
    ------
    ValueError
        When V6 is missing, or I is and does not follow from other limb leads.
    """
    return arm_agreement(ecg) < _OPPOSED


def with_arms_swapped(ecg: ECG) -> ECG:
    """The ECG as it would be with the electrodes of the arms in each other's place.

    I turns over, II and III change places, and so do aVR and aVL; aVF and the chest leads, whose
    terminal is the mean of the three limbs, stay. Twice gives back the ECG.

    Raises
    ------
    ValueError
        When a limb lead that is needed is missing and does not follow from two others.
    """
    whole = derive_leads(ecg)
    rows = [sign * whole.lead(name) for name, sign in (_ARMS.get(k, (k, 1.0)) for k in ecg.leads)]
    return ecg.with_samples(np.stack(rows)) if rows else ecg


def _correlation(both: NDArray[np.float64]) -> float:
    """Of two rows about 0, where both have samples; nan when one of them is silent."""
    here = ~np.isnan(both).any(axis=0)
    one, two = both[:, here]
    size = np.sqrt((one @ one) * (two @ two))
    return float(one @ two / size) if size > 0 else float("nan")
