"""The twelve leads: their names, their order, and how they follow from the electrodes."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from .ecg import ECG

#: Standard order of the twelve leads.
LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
#: Each limb lead as a sum of I and II (Einthoven 1913, Goldberger 1942).
_LIMB = {
    "I": (1.0, 0.0),
    "II": (0.0, 1.0),
    "III": (-1.0, 1.0),
    "aVR": (-0.5, -0.5),
    "aVL": (1.0, -0.5),
    "aVF": (-0.5, 1.0),
}


def twelve_leads(potentials_mv: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64]:
    """(12, samples) Leads in standard order from electrode potentials.

    Einthoven's limb leads, Goldberger's augmented leads, and chest leads against Wilson's
    central terminal (Malmivuo and Plonsey 1995, section 15).

    Parameters
    ----------
    potentials_mv
        (samples,) for each of LA, RA, LL, V1..V6.

    Raises
    ------
    ValueError
        When an electrode is missing.

    Examples
    --------
    >>> import numpy as np
    >>> v = {name: np.zeros(1) for name in ("RA", "LL", "V1", "V2", "V3", "V4", "V5", "V6")}
    >>> twelve_leads({**v, "LA": np.ones(1)})[:6, 0].tolist()
    [1.0, 0.0, -1.0, -0.5, 1.0, -0.5]
    """
    chest = LEADS[6:]
    missing = [e for e in ("LA", "RA", "LL", *chest) if e not in potentials_mv]
    if missing:
        msg = f"twelve leads need nine electrodes; {', '.join(missing)} missing"
        raise ValueError(msg)
    la, ra, ll = (potentials_mv[e] for e in ("LA", "RA", "LL"))
    limb = [la - ra, ll - ra, ll - la, ra - (la + ll) / 2, la - (ra + ll) / 2, ll - (la + ra) / 2]
    wilson = (la + ra + ll) / 3
    return np.stack(limb + [potentials_mv[e] - wilson for e in chest])


def derive_leads(ecg: ECG) -> ECG:
    """The same ECG with every limb lead that follows from those present put behind them.

    Two limb leads give all six, by Einthoven's and Goldberger's laws. Leads that are present
    stay as they are; a gap in either of the two leads used is a gap in those derived.

    Examples
    --------
    >>> import numpy as np
    >>> ecg = ECG(samples_mv=np.array([[1.0], [3.0]]), fs_hz=500.0, leads=("I", "II"))
    >>> derive_leads(ecg).lead("III").tolist()
    [2.0]
    """
    pair = _independent_pair(ecg.leads)
    missing = tuple(name for name in LEADS[:6] if name not in ecg.leads)
    if pair is None or not missing:
        return ecg
    weights = np.linalg.solve(_limb(pair).T, _limb(missing).T).T
    samples_mv = np.vstack([ecg.samples_mv, weights @ ecg.select(pair).samples_mv])
    return replace(ecg, samples_mv=samples_mv, leads=ecg.leads + missing)


def _limb(names: Sequence[str]) -> NDArray[np.float64]:
    """(names, 2) Weights of I and II."""
    return np.array([_LIMB[name] for name in names])


def _independent_pair(leads: Sequence[str]) -> tuple[str, str] | None:
    """Two limb leads, those that stand first in the standard order; any two are independent."""
    return next(combinations((name for name in _LIMB if name in leads), 2), None)
