"""Where the His-Purkinje system starts the wave, in coordinates that fit every heart."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..anatomy import Heart
from .params import RootSite

#: Apicobasal distance that weighs as much as one radian of rotation: half a wall's height
#: is about as long as one radian of a wall with 25 mm radius.
_HEIGHT_PER_RADIAN = 0.4


def root_nodes(heart: Heart, roots: Sequence[RootSite]) -> NDArray[np.int64]:
    """(r,) Node of the heart nearest to each root site, on the endocardium that it names.

    Raises
    ------
    ValueError
        When there is no root site.
    """
    if not roots:
        msg = "roots is empty: the wave has no place to start"
        raise ValueError(msg)
    c = heart.coordinates
    right = np.unique(heart.surfaces["rv_endo"])
    walls = {
        "lv_endo": np.unique(heart.surfaces["lv_endo"]),
        "rv_septum": right[c.transventricular[right] < 0.5],
        "rv_free": right[c.transventricular[right] >= 0.5],
    }
    nodes = []
    for root in roots:
        wall = walls[root.wall]
        turn = np.angle(np.exp(1j * (c.rotational[wall] - root.rotational)))
        height = (c.apicobasal[wall] - root.apicobasal) / _HEIGHT_PER_RADIAN
        nodes.append(wall[np.argmin(turn**2 + height**2)])
    return np.array(nodes)
