"""The twelve leads: their names, their order, and how they follow from the electrodes."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

#: Standard order of the twelve leads.
LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")


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
