"""The two cavities of a labelled wall: their mouths, and what tells the left from the right."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import ConvexHull, QhullError

from .heart import SURFACES, place_of
from .surface import LabelledSurface, enclosed_volume_mm3, gaps_to_triangles_mm
from .topology import rim_loops

#: A smaller share of its hull makes no cavity; a right ventricle fills 0.6 to 0.8.
LEAST_CONVEXITY = 0.2
LV, RV, EPI = (SURFACES.index(s) for s in ("lv_endo", "rv_endo", "epi"))


@dataclass(frozen=True, kw_only=True)
class Cavity:
    """What tells the left cavity from the right.

    Attributes
    ----------
    convexity : float
        Volume over that of the convex hull; about 0.95 on the left, 0.7 on the right.
    wall_mm : float
        Median distance to the epicardium; about 7 mm on the left, 3 mm on the right.
    """

    convexity: float
    wall_mm: float


def check_cavities(surface: LabelledSurface) -> LabelledSurface:
    """The same surface, unless its labels are swapped.

    Raises
    ------
    ValueError
        When the epicardium lies within an endocardium, or when the right cavity is both rounder
        and thicker walled than the left one.
    """
    reach = [
        np.ptp(surface.nodes_mm[surface.triangles[surface.labels == s]].reshape(-1, 3), axis=0)
        for s in (LV, RV, EPI)
    ]
    for s in (LV, RV):
        if (reach[s] > reach[EPI]).all():
            msg = (
                f"{surface.name}: {SURFACES[s]} reaches farther than epi on all sides; "
                f"are {SURFACES[s]} and epi swapped? correct the labels"
            )
            raise ValueError(msg)
    left, right = (
        measure_cavity(surface.nodes_mm, surface.triangles, surface.labels, c, surface.name)
        for c in (LV, RV)
    )
    if right.convexity > left.convexity and right.wall_mm > left.wall_mm:
        msg = (
            f"{surface.name}: the cavity of rv_endo is rounder than that of lv_endo and its wall "
            f"is thicker ({right.wall_mm:.1f} against {left.wall_mm:.1f} mm); "
            "are lv_endo and rv_endo swapped? correct the labels"
        )
        raise ValueError(msg)
    return surface


def mouths(
    nodes_mm: NDArray[np.float64], triangles: NDArray[np.int32]
) -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.float64]]:
    """Open rims of a patch: (r, 2) edges as wound, (r,) loop of each, (loops, 3) areas in mm2.

    Each loop's area points out of the patch: half the sum of the cross products of its edges.
    """
    rim, loop = rim_loops(triangles)
    cross = np.cross(nodes_mm[rim[:, 0]], nodes_mm[rim[:, 1]]) / 2
    areas = np.zeros((loop.max(initial=-1) + 1, 3))
    np.add.at(areas, loop, cross)
    return rim, loop, areas


def measure_cavity(
    nodes_mm: NDArray[np.float64],
    triangles: NDArray[np.int32],
    labels: NDArray[np.integer],
    cavity: int,
    name: str,
) -> Cavity:
    """Roundness and wall of the cavity with one label.

    Raises
    ------
    ValueError
        When it has no mouth or no volume.
    """
    mine = triangles[labels == cavity]
    rim, loop, areas = mouths(nodes_mm, mine)
    if not len(areas):
        msg = f"{name}: {SURFACES[cavity]} has no mouth; take away the valve caps or label the base"
        raise ValueError(msg)
    middles_mm = np.stack([nodes_mm[rim[loop == i]].mean(axis=(0, 1)) for i in range(len(areas))])
    caps = np.column_stack([rim[:, ::-1], len(nodes_mm) + loop])
    volume = -enclosed_volume_mm3(np.vstack([nodes_mm, middles_mm]), np.vstack([mine, caps]))
    inner = np.unique(mine)
    try:
        hull = ConvexHull(nodes_mm[inner]).volume
    except (QhullError, ValueError):
        hull = 0.0
    if not LEAST_CONVEXITY * hull < volume <= 1.01 * hull:
        msg = (
            f"{name}: {SURFACES[cavity]} encloses {volume / 1000:.3g} of the {hull / 1000:.3g} ml "
            f"of its hull, at {place_of(middles_mm[0])}; that is no cavity, check the labels"
        )
        raise ValueError(msg)
    gaps_mm = gaps_to_triangles_mm(nodes_mm[inner], nodes_mm, triangles[labels == EPI])
    return Cavity(convexity=volume / hull, wall_mm=float(np.median(gaps_mm)))
