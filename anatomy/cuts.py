"""Where the edges of a lattice cross a surface, and which lattice nodes move onto it."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from .stencils import Lattice

#: Signed distance in mm of points (k, 3) in mm: negative inside.
Distance = Callable[[NDArray[np.float64]], NDArray[np.float64]]

#: A node this near a cut, as a fraction of the edge, moves onto it (Labelle 2007, "safe" pair).
ALPHA_LONG, ALPHA_SHORT = 0.24999, 0.41189


def cut_edges(tets: NDArray[np.int64], side: NDArray[np.int8]) -> NDArray[np.int64]:
    """(k, 2) Edges from a node inside to a node outside, sorted."""
    n = len(side)
    keys = []
    for i in range(4):
        for j in range(4):
            cut = (side[tets[:, i]] < 0) & (side[tets[:, j]] > 0)
            keys.append(np.unique(tets[cut, i] * n + tets[cut, j]))
    return np.stack(np.divmod(np.unique(np.concatenate(keys)), n), axis=1)


def cut_points(
    distance: Distance,
    lattice: Lattice,
    edges: NDArray[np.int64],
    values: NDArray[np.float64],
    rounds: int = 3,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(k, 3) Zero of the distance on each cut edge and (k,) its fraction, by the Illinois rule."""
    start_mm, end_mm = lattice.points_mm(edges[:, 0]), lattice.points_mm(edges[:, 1])
    low, high = np.zeros(len(edges)), np.ones(len(edges))
    value_low, value_high = values[edges[:, 0]].copy(), values[edges[:, 1]].copy()
    t = low
    for step in range(rounds + 1):
        t = low - value_low * (high - low) / (value_high - value_low)
        if step == rounds:
            break
        value = distance(start_mm + t[:, None] * (end_mm - start_mm))
        inside = value < 0
        low, high = np.where(inside, t, low), np.where(inside, high, t)
        value_low = np.where(inside, value, value_low / 2)
        value_high = np.where(inside, value_high / 2, np.maximum(value, 1e-300))
    return start_mm + t[:, None] * (end_mm - start_mm), t


def warp(
    lattice: Lattice,
    edges: NDArray[np.int64],
    cuts_mm: NDArray[np.float64],
    fractions: NDArray[np.float64],
    side: NDArray[np.int8],
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Nodes too near a cut and the cut they move to; sets their `side` to 0 in place."""
    is_long = (edges[:, 0] < lattice.corners) == (edges[:, 1] < lattice.corners)
    limit = np.where(is_long, ALPHA_LONG, ALPHA_SHORT)
    length = np.where(is_long, 1.0, np.sqrt(0.75))
    near_start, near_end = fractions < limit, 1 - fractions < limit
    nodes = np.concatenate([edges[near_start, 0], edges[near_end, 1]])
    cut = np.concatenate([np.flatnonzero(near_start), np.flatnonzero(near_end)])
    gap = np.concatenate([(fractions * length)[near_start], ((1 - fractions) * length)[near_end]])
    order = np.lexsort([gap, nodes])
    moved, first = np.unique(nodes[order], return_index=True)
    side[moved] = 0
    return moved, cuts_mm[cut[order][first]]
