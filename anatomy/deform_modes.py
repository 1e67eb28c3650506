"""Ways in which a heart can be reshaped: displacements of every node, found once a heart."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import diags_array

from .coordinates import WallFields, wall_fields
from .frame import HeartAxes, heart_axes
from .heart import Heart
from .laplace import Laplacian, conjugate_gradients
from .nearest import Tree
from .relax import Relaxation
from .surface import areas_mm2
from .topology import boundary_triangles

#: AHA segments that each coronary artery feeds (Cerqueira 2002).
TERRITORIES: Mapping[str, tuple[int, ...]] = {
    "LAD": (1, 2, 7, 8, 13, 14, 17),
    "RCA": (3, 4, 9, 10, 15),
    "LCx": (5, 6, 11, 12, 16),
}
#: How far the border of a thinned territory is spread.
BORDER_MM = 8.0
#: Transventricular coordinate up to which an outer surface belongs to the left ventricle for
#: sure. Between it and the right ventricle's, displacements are left to smoothness.
LEFT_SIDE, RIGHT_SIDE = 0.3, 0.7
#: See `_extend`; some edges of a mesh fit for the eikonal solver.
SOFTNESS_MM = 3.0
#: Share of the way from base to apex over which movements along the long axis come in.
ROOT = 0.2


@dataclass(frozen=True, eq=False, kw_only=True)
class DeformableHeart:
    """A heart with the displacements that reshape it; `deform` adds them up.

    A displacement times c makes its wall or its cavity's width about 1 + c times what it was.

    Attributes
    ----------
    heart : Heart
    axes : HeartAxes
    walls : WallFields
        For fibres: they move with the nodes.
    left_wall : (n, 3) float64
        Moves the outer side of the left wall away from the endocardium, which stays.
    right_size : (n, 3) float64
        Moves the right free wall away from the left ventricle, which stays.
    right_wall : (n, 3) float64
        Moves the epicardium of the right free wall; both cavities stay.
    territories : mapping of str to (n,) float64
        1 within the bed of an artery, 0 far from it.
    relaxation : Relaxation
        Mends the tets that a displacement spoils in clefts and at rims.
    """

    heart: Heart
    axes: HeartAxes
    walls: WallFields
    left_wall: NDArray[np.float64]
    right_size: NDArray[np.float64]
    right_wall: NDArray[np.float64]
    territories: Mapping[str, NDArray[np.float64]]
    relaxation: Relaxation


def deformable(heart: Heart) -> DeformableHeart:
    """Find the displacements that reshape a heart.

    On the surfaces they run from the nearest point of the other side, so that a wall keeps its
    thick and thin places; within the wall, and on surfaces a displacement leaves free, they are
    harmonic. None of them moves the base along the long axis: a flat valve plane stays flat.

    Raises
    ------
    ValueError
        When the heart has no septum or its left ventricle does not reach the base.
    """
    nodes_mm, surfaces = heart.nodes_mm, heart.surfaces
    laplacian = Laplacian(nodes_mm, heart.tets)
    axes = heart_axes(nodes_mm, surfaces)
    walls = wall_fields(laplacian, surfaces, axes)
    side = heart.coordinates.transventricular
    lv, rv, epi = (np.unique(surfaces[s]) for s in ("lv_endo", "rv_endo", "epi"))
    epi = np.setdiff1d(epi, np.union1d(lv, rv))
    left_epi, right_epi = epi[side[epi] < LEFT_SIDE], epi[side[epi] > RIGHT_SIDE]
    septal, free = rv[side[rv] < LEFT_SIDE], rv[side[rv] > RIGHT_SIDE]
    outer = np.setdiff1d(np.union1d(left_epi, septal), lv)
    outside = np.unique(np.concatenate([s.ravel() for s in surfaces.values()]))
    skin = np.concatenate([surfaces["epi"], surfaces["rv_endo"]])
    left_skin = skin[(side[skin] < (LEFT_SIDE + RIGHT_SIDE) / 2).all(axis=1)]

    def carry(
        still: NDArray[np.integer], moved: NDArray[np.integer], to: str
    ) -> NDArray[np.float64]:
        triangles = left_skin if to == "left" else surfaces[to]
        away_mm = nodes_mm[moved] - Tree(nodes_mm, triangles).closest_points_mm(nodes_mm[moved])
        along_mm = np.outer(away_mm @ axes.long_axis, axes.long_axis)
        held = 1 - smooth_step((1 - heart.coordinates.apicobasal[moved]) / ROOT)
        away_mm = away_mm - held[:, None] * along_mm
        return _extend(laplacian, surfaces["base"], axes, (still, moved, away_mm))

    return DeformableHeart(
        heart=heart,
        axes=axes,
        walls=walls,
        left_wall=carry(lv, outer, "lv_endo"),
        right_size=carry(np.union1d(lv, outer), free, "left"),
        right_wall=carry(np.unique(np.concatenate([lv, rv, outer])), right_epi, "rv_endo"),
        territories={name: _bed(heart, laplacian, s) for name, s in TERRITORIES.items()},
        relaxation=Relaxation(heart.tets, outside.astype(np.int64)),
    )


def smooth_step(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """0 up to 0, 1 from 1 on, level at both ends."""
    x = np.clip(x, 0.0, 1.0)
    return x**2 * (3 - 2 * x)


def _extend(
    laplacian: Laplacian,
    base: NDArray[np.int32],
    axes: HeartAxes,
    given: tuple[NDArray[np.integer], NDArray[np.integer], NDArray[np.float64]],
) -> NDArray[np.float64]:
    """(n, 3) Smooth displacement, 0 at the first nodes and near to (k, 3) at the second.

    It minimises the integral of its squared gradient and, over the second nodes, of its squared
    distance from what is given, over `SOFTNESS_MM`: unevenness finer than that is not followed.
    As it lags behind what is given, it is scaled to follow it on average.
    """
    still, moved, away_mm = given
    pull = np.zeros(len(laplacian.nodes_mm))
    pull[moved] = _node_areas_mm2(laplacian)[moved] / SOFTNESS_MM
    matrix = (laplacian.stiffness + diags_array(pull)).tocsr()
    local_mm = np.zeros_like(laplacian.nodes_mm)
    local_mm[moved] = away_mm @ axes.matrix.T
    found = np.zeros_like(local_mm)
    for axis in range(3):
        held = np.union1d(still, base) if axis == 0 else still  # the long axis comes first
        free = np.ones(len(pull), bool)
        free[held] = False
        load = (pull * local_mm[:, axis])[free]
        found[free, axis] = conjugate_gradients(matrix[free][:, free], load, local_mm[free, axis])
    followed = np.einsum("ij,ij->i", found[moved], local_mm[moved])
    asked = np.einsum("ij,ij->i", local_mm[moved], local_mm[moved])
    return found @ axes.matrix * (asked.sum() / followed.sum())


def _node_areas_mm2(laplacian: Laplacian) -> NDArray[np.float64]:
    """(n,) A third of every boundary triangle around each node."""
    triangles = boundary_triangles(laplacian.tets)
    share = np.repeat(areas_mm2(laplacian.nodes_mm, triangles) / 3, 3)
    areas = np.bincount(triangles.ravel(), share, minlength=len(laplacian.nodes_mm))
    return areas.astype(np.float64, copy=False)


def _bed(heart: Heart, laplacian: Laplacian, segments: tuple[int, ...]) -> NDArray[np.float64]:
    """(n,) Nodes of some segments as ones, with a border of `BORDER_MM` (screened diffusion)."""
    inside = np.isin(heart.segments, segments).astype(float)
    mass = heart.node_volumes_mm3
    matrix = (diags_array(mass) + BORDER_MM**2 * laplacian.stiffness).tocsr()
    return np.clip(conjugate_gradients(matrix, mass * inside, inside), 0.0, 1.0)
