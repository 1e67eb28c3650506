"""The blood in the ventricles as closed surfaces, for a body of several conductivities."""

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .heart import Heart
from .measures import loop_middles_mm, mouth_rims
from .torso import Shell


def blood_cavities(heart: Heart) -> tuple[Shell, Shell]:
    """Left and right cavity: the endocardium with a lid over each of its mouths, wound outward.

    Parameters
    ----------
    heart
        Whose endocardia end at the base.

    Returns
    -------
    left, right : Shell
        As fine as the heart's own mesh; for `Torso.cavities`.

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
    nodes_mm = np.concatenate([heart.nodes_mm, middles_mm])
    n = len(heart.nodes_mm)
    lids = [_lid(nodes_mm, rims[loop == k], n + k) for k in range(len(middles_mm))]
    triangles = np.concatenate([endocardium[:, ::-1], *lids])
    used, renumbered = np.unique(triangles, return_inverse=True)
    return Shell(nodes_mm[used], renumbered.reshape(-1, 3).astype(np.int32))


def _lid(
    nodes_mm: NDArray[np.float64], rim: NDArray[np.int32], middle: int
) -> NDArray[np.integer[Any]]:
    """Triangles over a mouth: a fan, or where that would fold over itself, without the middle.

    A fold is two sheets in one place: boundary elements on it are next to singular.
    """
    fan = np.column_stack([rim, np.full(len(rim), middle)])
    start, end = (nodes_mm[rim] - nodes_mm[middle]).transpose(1, 0, 2)
    areas = np.cross(start, end)
    following = dict(rim.tolist())
    if (areas @ areas.sum(axis=0) >= 0).all() or len(following) < len(rim):
        return fan
    import pyvista as pv

    way = [int(rim[0, 0])]
    while following[way[-1]] != way[0]:
        way.append(following[way[-1]])
    normal = areas.sum(axis=0) / np.linalg.norm(areas.sum(axis=0))
    flat_mm = nodes_mm[way] - np.outer(nodes_mm[way] @ normal, normal)
    polygon = pv.PolyData(flat_mm, [len(way), *range(len(way))])
    ears = np.asarray(polygon.triangulate().regular_faces)
    if len(ears) == len(rim) - 2:
        return np.array(way)[ears]
    at_mm = ", ".join(f"{x:.0f}" for x in nodes_mm[middle])
    msg = f"the mouth about {at_mm} mm has no lid without folds; potentials near it may be wrong"
    warnings.warn(msg, UserWarning, stacklevel=4)
    return fan
