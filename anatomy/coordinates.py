"""Ventricular coordinates from labelled surfaces, by Laplace solves (Bayer 2018, Schuler 2021)."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from .frame import HeartAxes
from .heart import VentricularCoordinates
from .laplace import Laplacian

#: Apicobasal borders between apex, apical, mid and basal rings (Schuler 2021, Cobiveco).
RING_BORDERS = (0.1, 0.4, 0.7)
#: Radius about the long axis within which the apical wall counts as the apex.
APEX_RADIUS_MM = 3.0


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

    Raises
    ------
    ValueError
        When no part of the right endocardium faces the left ventricle.
    """
    lv, rv, epi, base = (np.unique(surfaces[s]) for s in ("lv_endo", "rv_endo", "epi", "base"))
    epi = np.setdiff1d(epi, np.union1d(lv, rv))
    fixed = np.concatenate([lv, np.setdiff1d(rv, lv), epi])
    left = laplacian.solve(fixed, np.isin(fixed, lv).astype(float))
    right = laplacian.solve(fixed, np.isin(fixed, rv).astype(float))
    apex = apex_nodes(laplacian.nodes_mm, axes)
    apex = np.setdiff1d(apex, base)
    ends = np.concatenate([apex, base])
    apex_to_base = laplacian.solve(ends, np.isin(ends, base).astype(float))
    septal = septal_nodes(laplacian.tets, rv, left - (1.0 - left - right))
    if septal.size == 0:
        msg = "no part of rv_endo faces lv_endo: the septum is missing; check the surface labels"
        raise ValueError(msg)
    return WallFields(left=left, right=right, apex_to_base=apex_to_base, septal_right=septal)


def apex_nodes(nodes_mm: NDArray[np.float64], axes: HeartAxes) -> NDArray[np.int64]:
    """Nodes of the column of wall at the left ventricle's tip."""
    away = nodes_mm - axes.apex_mm
    along = away @ axes.long_axis
    aside = np.linalg.norm(away - along[:, None] * axes.long_axis, axis=1)
    near = np.linalg.norm(away, axis=1) < 5 * APEX_RADIUS_MM
    return np.flatnonzero((aside < APEX_RADIUS_MM) & near)


def septal_nodes(
    tets: NDArray[np.int32], rv_endo: NDArray[np.integer], facing: NDArray[np.float64]
) -> NDArray[np.integer]:
    """Nodes of the right endocardium behind which the wall leads to the left, not to the outside.

    `facing` is 1 on the left endocardium, 0 on the right and -1 on the epicardium: its mean
    over the tets that touch a node of the right endocardium has the sign of its slope there.
    """
    mean = facing[tets].mean(axis=1)
    total = np.zeros(len(facing))
    np.add.at(total, tets, mean[:, None])
    return rv_endo[total[rv_endo] > 0]


def ventricular_coordinates(
    laplacian: Laplacian,
    surfaces: Mapping[str, NDArray[np.int32]],
    axes: HeartAxes,
    walls: WallFields,
) -> VentricularCoordinates:
    """Apicobasal, transmural, rotational and transventricular coordinates of every node.

    The convention is that of `VentricularCoordinates`.
    """
    lv, rv, epi, base = (np.unique(surfaces[s]) for s in ("lv_endo", "rv_endo", "epi", "base"))
    free = np.setdiff1d(rv, walls.septal_right)
    outer = np.setdiff1d(np.union1d(epi, walls.septal_right), np.union1d(lv, free))
    fixed = np.concatenate([np.union1d(lv, free), outer])
    transmural = laplacian.solve(fixed, np.isin(fixed, outer).astype(float))
    left_side = np.setdiff1d(np.union1d(lv, walls.septal_right), free)
    fixed = np.concatenate([left_side, free])
    transventricular = laplacian.solve(fixed, np.isin(fixed, free).astype(float))
    nodes_mm = laplacian.nodes_mm
    apicobasal = equalise(walls.apex_to_base, laplacian, apex_nodes(nodes_mm, axes), base)
    return VentricularCoordinates(
        apicobasal=apicobasal,
        transmural=transmural,
        rotational=rotational(nodes_mm, axes, apicobasal, surfaces["lv_endo"], walls.septal_right),
        transventricular=transventricular,
    )


def equalise(
    harmonic: NDArray[np.float64],
    laplacian: Laplacian,
    start: NDArray[np.integer],
    end: NDArray[np.integer],
    bins: int = 100,
) -> NDArray[np.float64]:
    """Renumber the level sets of a harmonic field so that they are evenly spaced along the wall.

    Each level set gets the mean, over its nodes, of the share of the way from `start` to
    `end` that lies behind it. Ways run along mesh edges: too long by the same factor on both
    sides, which cancels in the share.
    """
    from_start = edge_distances(laplacian, start)
    from_end = edge_distances(laplacian, end)
    share = from_start / np.maximum(from_start + from_end, 1e-12)
    between = np.flatnonzero((harmonic > 0) & (harmonic < 1))
    order = between[np.argsort(harmonic[between])]
    groups = [g for g in np.array_split(order, bins) if g.size]
    levels = [harmonic[g].mean() for g in groups]
    means = np.maximum.accumulate([share[g].mean() for g in groups])
    return np.interp(harmonic, [0.0, *levels, 1.0], [0.0, *means, 1.0])


def edge_distances(laplacian: Laplacian, start: NDArray[np.integer]) -> NDArray[np.float64]:
    """(n,) Length of the shortest way along mesh edges from a set of nodes, in mm."""
    edges = laplacian.stiffness.tocoo()
    ends_mm = laplacian.nodes_mm[edges.row], laplacian.nodes_mm[edges.col]
    length = np.linalg.norm(ends_mm[0] - ends_mm[1], axis=1)
    graph = csr_array((length, (edges.row, edges.col)), shape=edges.shape)
    return dijkstra(graph, indices=start, min_only=True)


def rotational(
    nodes_mm: NDArray[np.float64],
    axes: HeartAxes,
    apicobasal: NDArray[np.float64],
    lv_endo: NDArray[np.int32],
    septal: NDArray[np.integer],
) -> NDArray[np.float64]:
    """(n,) Angle about the middle of the left cavity: 0 in mid-septum, positive to anterior.

    The cavity's middle line bends with the heart; it is the centre of the endocardium at each
    apicobasal level, so that sectors of one ring have like sizes.
    """
    away = nodes_mm - cavity_middle(nodes_mm, apicobasal, lv_endo)
    angle = np.arctan2(away @ axes.anterior, away @ axes.septal)
    level = septal[(apicobasal[septal] > RING_BORDERS[1]) & (apicobasal[septal] < RING_BORDERS[2])]
    septum = angle[level if level.size else septal]
    middle = np.arctan2(np.sin(septum).mean(), np.cos(septum).mean())
    return np.angle(np.exp(1j * (angle - middle)))


def cavity_middle(
    nodes_mm: NDArray[np.float64],
    apicobasal: NDArray[np.float64],
    lv_endo: NDArray[np.int32],
    levels: int = 12,
) -> NDArray[np.float64]:
    """(n, 3) Centre of the left endocardium at the apicobasal level of every node."""
    corners = nodes_mm[lv_endo]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    area = np.linalg.norm(normals, axis=1)
    level = apicobasal[lv_endo].mean(axis=1)
    centre = corners.mean(axis=1)
    groups = [g for g in np.array_split(np.argsort(level), levels) if g.size]
    at = [np.average(level[g], weights=area[g]) for g in groups]
    middle = np.array([np.average(centre[g], axis=0, weights=area[g]) for g in groups])
    return np.stack([np.interp(apicobasal, at, middle[:, k]) for k in range(3)], axis=1)
