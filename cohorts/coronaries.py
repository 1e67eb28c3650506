"""The coronary arteries, laid out in ventricular coordinates, and the beds they feed."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from ..anatomy import Heart, VentricularCoordinates

#: Radius of the left ventricle and the length of a wall from apex to base, to weigh turns
#: against heights when looking for the nearest node; ratios matter, not the values.
_RADIUS_MM, _HEIGHT_MM, _WALL_MM = 30.0, 80.0, 10.0
#: Depths in the wall at which a branch's curtain is sampled.
_DEPTHS = np.linspace(0.05, 0.95, 5)
_SAMPLES = 40


class Branch(NamedTuple):
    """A vessel on the left ventricle.

    `path` runs from proximal to distal through (apicobasal, rotational in radians); rotational
    may pass pi, it is taken round. `leaves_at` is the site on the parent artery, 0 proximal to
    1 distal, where the branch begins; the main stem has None and its sites run along itself.
    """

    path: tuple[tuple[float, float], ...]
    leaves_at: float | None = None


#: Right-dominant layout, the one in 85 of 100 people. The grooves lie over the insertions of
#: the right ventricle, 60 degrees either side of mid-septum; the circumflex and right arteries
#: run in the ring at the base (Dodge 1992, figure 1; territories after Cerqueira 2002).
ARTERIES: dict[str, tuple[Branch, ...]] = {
    "LAD": (
        Branch(((1.00, 1.25), (0.80, 1.15), (0.50, 1.05), (0.20, 0.95), (0.00, 0.60))),
        Branch(((0.90, 1.10), (0.82, 0.50), (0.72, 0.00)), leaves_at=0.10),
        Branch(((0.60, 1.05), (0.52, 0.45), (0.46, -0.10)), leaves_at=0.40),
        Branch(((0.35, 1.00), (0.28, 0.40), (0.22, -0.20)), leaves_at=0.65),
        Branch(((0.85, 1.25), (0.70, 1.70), (0.40, 2.10)), leaves_at=0.20),
        Branch(((0.55, 1.10), (0.35, 1.70), (0.12, 2.20)), leaves_at=0.45),
        Branch(((0.10, 0.90), (0.06, -0.50), (0.20, -1.20)), leaves_at=0.90),
    ),
    "LCx": (
        Branch(((0.97, 1.80), (0.96, 2.30), (0.95, 2.90), (0.95, 3.60))),
        Branch(((0.95, 2.30), (0.70, 2.55), (0.40, 2.70)), leaves_at=0.25),
        Branch(((0.95, 2.80), (0.65, 3.00), (0.25, 3.10)), leaves_at=0.55),
        Branch(((0.95, 3.30), (0.70, 3.45), (0.40, 3.50)), leaves_at=0.85),
    ),
    "RCA": (
        Branch(((0.97, -1.00), (0.75, -1.10), (0.50, -1.15), (0.22, -1.20))),
        Branch(((0.90, -1.05), (0.85, -0.65), (0.80, -0.45)), leaves_at=0.10),
        Branch(((0.60, -1.10), (0.55, -0.75), (0.52, -0.50)), leaves_at=0.45),
        Branch(((0.95, -1.20), (0.92, -1.80), (0.75, -2.10), (0.45, -2.20)), leaves_at=0.05),
        Branch(((0.80, -1.10), (0.60, -1.55), (0.40, -1.65)), leaves_at=0.20),
    ),
}


class Curtain(NamedTuple):
    """Nodes of the whole wall under a branch, and the site of the artery that feeds each."""

    nodes: NDArray[np.int64]
    sites: NDArray[np.float64]


def artery_curtains(heart: Heart) -> dict[str, Curtain]:
    """For each artery, the nodes of the left ventricle's wall beneath it.

    A bed is bounded sideways, not in depth, so distances to an artery are taken from the whole
    wall beneath it.
    """
    lv = np.flatnonzero(heart.is_lv)
    tree = cKDTree(_place(heart.coordinates, lv))
    return {name: _curtain(branches, tree, lv) for name, branches in ARTERIES.items()}


def _curtain(branches: tuple[Branch, ...], tree: cKDTree, lv: NDArray[np.int64]) -> Curtain:
    nodes, sites = [], []
    for branch in branches:
        path = np.array(branch.path)
        length = np.hypot(np.diff(path[:, 0]) * _HEIGHT_MM, np.diff(path[:, 1]) * _RADIUS_MM)
        along = np.concatenate([[0.0], np.cumsum(length)])
        at = np.linspace(0, along[-1], _SAMPLES)
        height, turn = (np.interp(at, along, column) for column in path.T)
        for depth in _DEPTHS:
            nodes.append(lv[tree.query(_embed(height, turn, np.full(_SAMPLES, depth)))[1]])
            own = at / along[-1]
            sites.append(own if branch.leaves_at is None else np.full(_SAMPLES, branch.leaves_at))
    return _furthest(np.concatenate(nodes), np.concatenate(sites))


def _furthest(nodes: NDArray[np.int64], sites: NDArray[np.float64]) -> Curtain:
    """Keep each node once, with the most distal site that feeds it."""
    order = np.lexsort((-sites, nodes))
    first = np.unique(nodes[order], return_index=True)[1]
    return Curtain(nodes[order][first], sites[order][first])


def _place(coordinates: VentricularCoordinates, nodes: NDArray[np.int64]) -> NDArray[np.float64]:
    return _embed(
        coordinates.apicobasal[nodes],
        coordinates.rotational[nodes],
        coordinates.transmural[nodes],
    )


def _embed(
    height: NDArray[np.float64], turn: NDArray[np.float64], depth: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(k, 3) A schematic ventricle in millimetres, round at the apex."""
    radius = (_RADIUS_MM + _WALL_MM * depth) * np.sqrt(np.clip(height, 0.0, 1.0))
    return np.stack(
        [radius * np.cos(turn), radius * np.sin(turn), (height - depth * 0.1) * _HEIGHT_MM], axis=1
    )
