"""The twelve leads: their order, and how they follow from each other."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from .ecg import ECG
from .lead_names import LEADS, canonical_lead, name_in_ecg

#: Order by direction in the frontal plane, from aVL at -30 degrees to III at 120 (Cabrera 1944).
CABRERA = ("aVL", "I", "-aVR", "II", "aVF", "III", "V1", "V2", "V3", "V4", "V5", "V6")
#: Each limb lead as a sum of I and II (Einthoven 1913, Goldberger 1942).
_LIMB = {
    "I": (1.0, 0.0),
    "II": (0.0, 1.0),
    "III": (-1.0, 1.0),
    "aVR": (-0.5, -0.5),
    "aVL": (1.0, -0.5),
    "aVF": (-0.5, 1.0),
    "-aVR": (0.5, 0.5),
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


def derive_leads(ecg: ECG, names: Sequence[str] = LEADS[:6]) -> ECG:
    """The same ECG with those limb leads added that it lacks and that follow from two it has.

    By Einthoven's and Goldberger's laws any two limb leads give all of them. Leads that are
    present stay as they are; a gap in either of the two leads used is a gap in the derived ones.
    With fewer than two limb leads nothing follows, and the ECG comes back as it is.

    Examples
    --------
    >>> import numpy as np
    >>> ecg = ECG(samples_mv=np.array([[1.0], [3.0]]), fs_hz=500.0, leads=("I", "II"))
    >>> derive_leads(ecg).lead("III").tolist()
    [2.0]
    """
    pair = _independent_pair(ecg.leads)
    wanted = map(canonical_lead, names)
    missing = tuple(name for name in wanted if name in _LIMB and name not in ecg.leads)
    if pair is None or not missing:
        return ecg
    samples_mv = np.vstack([ecg.samples_mv, *(_from_pair(ecg, pair, name) for name in missing)])
    return replace(ecg, samples_mv=samples_mv, leads=ecg.leads + missing)


def reorder(ecg: ECG, order: Sequence[str] = LEADS) -> ECG:
    """The same leads, those named in `order` first and in that order, the others behind them."""
    first = [name for name in map(name_in_ecg, order) if name in ecg.leads]
    return ecg.select([*first, *(name for name in ecg.leads if name not in first)])


def cabrera(ecg: ECG) -> ECG:
    """The leads in the order of Cabrera, with -aVR in the place of aVR.

    Limb leads that follow from others are derived, so that none of the six is missing.

    Raises
    ------
    ValueError
        When there are fewer than two limb leads.
    """
    if _independent_pair(ecg.leads) is None:
        msg = f"the order of Cabrera needs two limb leads; this ECG has {', '.join(ecg.leads)}"
        raise ValueError(msg)
    whole = derive_leads(ecg, CABRERA[:6])
    return reorder(whole.select([name for name in whole.leads if name != "aVR"]), CABRERA)


def einthoven_residual_mv(ecg: ECG) -> NDArray[np.float64]:
    """(samples,) How far the limb leads are from following from each other.

    The largest difference, over the limb leads, from what two of them say about the others by
    Einthoven's and Goldberger's laws: rounding in a sound record, more where leads are mixed up
    or were filtered one by one; nan in a gap.

    Raises
    ------
    ValueError
        When there are fewer than three limb leads.
    """
    pair = _independent_pair(ecg.leads)
    others = [name for name in _LIMB if name in ecg.leads and name not in (pair or ())]
    if pair is None or not others:
        msg = f"a residual needs three limb leads; this ECG has {', '.join(ecg.leads)}"
        raise ValueError(msg)
    apart = [np.abs(ecg.lead(name) - _from_pair(ecg, pair, name)) for name in others]
    return np.max(apart, axis=0)


def twelve_slots(
    ecg: ECG, *, mlii_as_ii: bool = False
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Any leads in the twelve slots of the standard order, and which slots are filled.

    Leads find their slot by name, never by position; those that are none of the twelve are left
    out, as is a second one of a name, such as "aVR (2)". Derive limb leads before (`derive_leads`)
    to fill more slots.

    Parameters
    ----------
    ecg
        Of any leads.
    mlii_as_ii
        Let MLII, which is close to II but was taken from the chest (Holter), stand for II where
        II itself is missing.

    Returns
    -------
    samples_mv
        (12, samples) 0 in empty slots; a gap stays nan.
    present
        (12,) bool, whether a lead fills the slot.

    Raises
    ------
    ValueError
        When none of the leads is one of the twelve.

    Examples
    --------
    >>> import numpy as np
    >>> ecg = ECG(samples_mv=np.ones((3, 5)), fs_hz=500.0, leads=("V2", "II", "I"))
    >>> samples_mv, present = twelve_slots(ecg)
    >>> [name for name, here in zip(LEADS, present) if here]
    ['I', 'II', 'V2']
    """
    names = list(ecg.leads)
    if mlii_as_ii and "II" not in names:
        names = ["II" if name == "MLII" else name for name in names]
    present = np.array([name in names for name in LEADS])
    if not present.any():
        have = ", ".join(ecg.leads) or "no lead"
        msg = f"slots need a lead that is one of the twelve; this ECG has {have}"
        raise ValueError(msg)
    samples_mv = np.zeros((len(LEADS), ecg.samples_mv.shape[1]))
    for name, lead_mv in zip(names, ecg.samples_mv, strict=True):
        if name in LEADS:
            samples_mv[LEADS.index(name)] = lead_mv
    return samples_mv, present


def _independent_pair(leads: Sequence[str]) -> tuple[str, str] | None:
    """The first two limb leads, in standard order, that are not the same up to their sign."""
    pairs = combinations((name for name in _LIMB if name in leads), 2)
    return next((pair for pair in pairs if set(pair) != {"aVR", "-aVR"}), None)


def _from_pair(ecg: ECG, pair: tuple[str, str], name: str) -> NDArray[np.float64]:
    """(samples,) A limb lead from two others, by Cramer's rule in the plane of I and II."""
    (a1, a2), (b1, b2), (c1, c2) = (_LIMB[lead] for lead in (*pair, name))
    area = a1 * b2 - a2 * b1
    first, second = (ecg.lead(lead) for lead in pair)
    return ((c1 * b2 - c2 * b1) * first + (a1 * c2 - a2 * c1) * second) / area
