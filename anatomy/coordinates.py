"""Ventricular coordinates from labelled surfaces, by Laplace solves (Bayer 2018, Schuler 2021)."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .frame import HeartAxes
from .heart import VentricularCoordinates
from .laplace import Laplacian
from .rotation import rotational
from .trajectories import relative_position

#: Apicobasal borders between apex, apical, mid and basal rings (Schuler 2021, Cobiveco).
RING_BORDERS = (0.1, 0.4, 0.7)
#: Radius about the long axis within which the apical wall counts as the apex, and the least
#: number of nodes that do where a mesh is too coarse to have any so near.
APEX_RADIUS_MM = 3.0
APEX_NODES = 4


@dataclass(frozen=True, eq=False, kw_only=True)
class WallFields:
    """Harmonic fields that tell the walls apart; fibres are built from the same ones.

    Attributes
    ----------
    left, right : (n,) float64
        1 on the left (right) endocardium, 0 on the other and on the epicardium.
    apex_to_base : (n,) float64
        0 at the apex, 1 on the base; harmonic, so steep near the apex.
    septal_right : (b,) int
        Nodes of the right endocardium that lie on the septum.
    """

    left: NDArray[np.float64]
    right: NDArray[np.float64]
    apex_to_base: NDArray[np.float64]
    septal_right: NDArray[np.integer]

    @property
    def outer(self) -> NDArray[np.float64]:
        """(n,) 1 on the epicardium, 0 on both endocardia: the three fields add up to one."""
        return 1.0 - self.left - self.right


def wall_fields(
    laplacian: Laplacian, surfaces: Mapping[str, NDArray[np.int32]], axes: HeartAxes
) -> WallFields:
    """Solve for the harmonic fields between the surfaces of a heart.

    Parameters
    ----------
    laplacian
        Of the heart's mesh.
    surfaces
        Triangles named `lv_endo`, `rv_endo`, `epi`, `base`; and `rv_septum`, those of `rv_endo`
        that lie on the septum, where somebody has labelled them.
    axes
        Of the heart.

    Raises
    ------
    ValueError
        When no part of the right endocardium faces the left ventricle.
    """
    lv, rv, epi, base = (np.unique(surfaces[s]) for s in ("lv_endo", "rv_endo", "epi", "base"))
    epi = np.setdiff1d(epi, np.union1d(lv, rv))
    right_only = np.setdiff1d(rv, lv)
    left = between(laplacian, np.concatenate([right_only, epi]), lv)
    right = between(laplacian, np.concatenate([lv, epi]), right_only)
    apex = np.setdiff1d(apex_nodes(laplacian.nodes_mm, axes), base)
    apex_to_base = between(laplacian, apex, base)
    septal: NDArray[np.integer] = (
        np.unique(surfaces["rv_septum"])
        if "rv_septum" in surfaces
        else septal_nodes(laplacian, rv, left - (1.0 - left - right))
    )
    if septal.size == 0:
        msg = "no part of rv_endo faces lv_endo: the septum is missing; check the surface labels"
        raise ValueError(msg)
    return WallFields(left=left, right=right, apex_to_base=apex_to_base, septal_right=septal)


def apex_nodes(nodes_mm: NDArray[np.float64], axes: HeartAxes) -> NDArray[np.int64]:
    """Nodes of the column of wall at the left ventricle's tip."""
    away = nodes_mm - axes.apex_mm
    along = away @ axes.long_axis
    aside = np.linalg.norm(away - along[:, None] * axes.long_axis, axis=1)
    aside[np.linalg.norm(away, axis=1) > 5 * APEX_RADIUS_MM] = np.inf
    least = np.partition(aside, APEX_NODES - 1)[APEX_NODES - 1]
    return np.flatnonzero(aside < max(APEX_RADIUS_MM, 1.001 * least))


def septal_nodes(
    laplacian: Laplacian, rv_endo: NDArray[np.integer], facing: NDArray[np.float64]
) -> NDArray[np.integer]:
    """Nodes of the right endocardium behind which the wall leads to the left, not to the outside.

    `facing` is harmonic, 1 on the left endocardium, 0 on the right and -1 on the epicardium.
    The stiffness times it is its flux out of the wall at each node.
    """
    return rv_endo[(laplacian.stiffness @ facing)[rv_endo] < 0]


def ventricular_coordinates(
    laplacian: Laplacian,
    surfaces: Mapping[str, NDArray[np.int32]],
    axes: HeartAxes,
    walls: WallFields,
) -> VentricularCoordinates:
    """Apicobasal, transmural, rotational and transventricular coordinates of every node.

    The convention is that of `VentricularCoordinates`. The first two are shares of the length of
    the field lines of harmonic fields (Schuler 2021), so that equal
    steps of a coordinate are equal steps in the wall.
    """
    lv, rv, epi, base = (np.unique(surfaces[s]) for s in ("lv_endo", "rv_endo", "epi", "base"))
    free = np.setdiff1d(rv, walls.septal_right)
    inner = np.union1d(lv, free)
    outer = np.setdiff1d(np.union1d(epi, walls.septal_right), inner)
    left_side = np.setdiff1d(np.union1d(lv, walls.septal_right), free)
    transventricular = between(laplacian, left_side, free)
    apex = np.setdiff1d(apex_nodes(laplacian.nodes_mm, axes), base)
    apicobasal = relative_position(laplacian, walls.apex_to_base, apex, base)
    return VentricularCoordinates(
        apicobasal=apicobasal,
        transmural=relative_position(laplacian, between(laplacian, inner, outer), inner, outer),
        rotational=rotational(
            laplacian, surfaces, axes, apicobasal, transventricular < 0.5, walls.septal_right
        ),
        transventricular=transventricular,
    )


def between(
    laplacian: Laplacian, start: NDArray[np.integer], end: NDArray[np.integer]
) -> NDArray[np.float64]:
    """(n,) Harmonic field that is 0 at some nodes and 1 at others."""
    ends = np.concatenate([start, end])
    return laplacian.solve(ends, np.isin(ends, end).astype(float))
