"""The blood in the ventricles as closed surfaces, for a body of several conductivities."""

import numpy as np

from .heart import Heart
from .measures import loop_middles_mm, mouth_rims
from .torso import Shell


def blood_cavities(heart: Heart) -> tuple[Shell, Shell]:
    """Left and right cavity: the endocardium with a fan over each of its mouths, wound outward.

    Parameters
    ----------
    heart
        Whose endocardia end at the base.

    Returns
    -------
    left, right : Shell
        As fine as the heart's own mesh; for `Torso.cavities`. The lid of a mouth that is a
        crescent may graze the muscle beside it.

    Raises
    ------
    ValueError
        When an endocardium has no mouth.

    Examples
    --------
    >>> from cardiotwin import load_heart
    >>> left, right = blood_cavities(load_heart("builtin"))
    """
    return _closed(heart, "lv_endo"), _closed(heart, "rv_endo")


def _closed(heart: Heart, name: str) -> Shell:
    """One endocardium, turned to face outward, and its lids."""
    endocardium = heart.surfaces[name]
    rims, loop = mouth_rims(endocardium)
    middles_mm = loop_middles_mm(heart.nodes_mm, rims, loop)
    lids = np.column_stack([rims, len(heart.nodes_mm) + loop])
    triangles = np.concatenate([endocardium[:, ::-1], lids])
    used, renumbered = np.unique(triangles, return_inverse=True)
    nodes_mm = np.concatenate([heart.nodes_mm, middles_mm])[used]
    return Shell(nodes_mm, renumbered.reshape(-1, 3).astype(np.int32))
