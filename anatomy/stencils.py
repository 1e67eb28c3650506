"""Tets of a body-centred cubic lattice, and the part of each that lies inside a surface.

The stencils of Labelle and Shewchuk, "Isosurface stuffing", ACM Trans. Graph. 26 (2007) 57.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

#: A corner of a stencil: node i of a lattice tet is (i, i), the cut from i towards j is (i, j).
Point = tuple[int, int]
Stencil = list[tuple[Point, ...]]


class Lattice(NamedTuple):
    """Nodes of a body-centred cubic lattice: cube corners first, cube centres after."""

    origin_mm: NDArray[np.float64]
    spacing_mm: float
    cubes: tuple[int, int, int]

    @property
    def corners(self) -> int:
        """Number of cube corners, which is also the index of the first cube centre."""
        i, j, k = self.cubes
        return (i + 1) * (j + 1) * (k + 1)

    @property
    def size(self) -> int:
        """Number of nodes."""
        return self.corners + int(np.prod(self.cubes))

    def halves(self, nodes: NDArray[np.int64]) -> NDArray[np.int64]:
        """(k, 3) Place of nodes in half lattice edges: even at corners, odd at centres."""
        is_centre = nodes >= self.corners
        shape = np.asarray(self.cubes)
        corner = np.stack(np.unravel_index(np.where(is_centre, 0, nodes), shape + 1), axis=1)
        centre = np.stack(
            np.unravel_index(np.where(is_centre, nodes - self.corners, 0), shape), axis=1
        )
        return np.where(is_centre[:, None], 2 * centre + 1, 2 * corner)

    def points_mm(self, nodes: NDArray[np.int64]) -> NDArray[np.float64]:
        """(k, 3) Coordinates of nodes."""
        return self.origin_mm + self.halves(nodes) * (self.spacing_mm / 2)


def lattice_tets(lattice: Lattice, side: NDArray[np.int8]) -> NDArray[np.int64]:
    """(m, 4) Lattice tets with a node inside. Nodes 0-1 and 2-3 are the long edges."""
    corner = np.arange(lattice.corners).reshape(np.asarray(lattice.cubes) + 1)
    centre = np.arange(lattice.corners, lattice.size).reshape(lattice.cubes)
    inside = side < 0
    parts = []
    for turn in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
        middle, layer = centre.transpose(turn), corner.transpose(turn)[1:-1]
        ring = (layer[:, :-1, :-1], layer[:, 1:, :-1], layer[:, 1:, 1:], layer[:, :-1, 1:])
        for e in range(4):
            tet = (middle[:-1], middle[1:], ring[e], ring[(e + 1) % 4])
            keep = inside[tet[0]] | inside[tet[1]] | inside[tet[2]] | inside[tet[3]]
            parts.append(np.stack([part[keep] for part in tet], axis=1))
    return np.concatenate(parts)


def fill_stencils(
    lattice: Lattice, tets: NDArray[np.int64], side: NDArray[np.int8], edges: NDArray[np.int64]
) -> NDArray[np.int64]:
    """(m, 4) The part of each lattice tet that lies inside; cut k is node `lattice.size + k`."""
    inside = side[tets] < 0
    code = inside @ np.array([1, 2, 4, 8])
    parts = [tets[code == 15]]
    for group in range(1, 15):
        some = tets[code == group]
        if not len(some):
            continue
        points = _points(lattice, some, side, edges)
        for chosen, stencil in _stencil_choices(lattice, some, group):
            for tet in stencil:
                parts.append(np.stack([points[v][chosen] for v in _right_handed(tet)], axis=1))
    filled = np.concatenate(parts)
    ordered = np.sort(filled, axis=1)
    return filled[(ordered[:, 1:] > ordered[:, :-1]).all(axis=1)]


def _points(
    lattice: Lattice, tets: NDArray[np.int64], side: NDArray[np.int8], edges: NDArray[np.int64]
) -> dict[Point, NDArray[np.int64]]:
    """Node of each stencil corner; a cut towards a node on the surface is that node."""
    keys = edges @ np.array([lattice.size, 1])
    points = {}
    for i in range(4):
        for j in range(4):
            key = tets[:, i] * lattice.size + tets[:, j]
            cut = lattice.size + np.searchsorted(keys, key)
            points[i, j] = np.where(side[tets[:, j]] > 0, cut, tets[:, j])
    return points


def _stencil_choices(
    lattice: Lattice, tets: NDArray[np.int64], group: int
) -> list[tuple[NDArray[np.bool_], Stencil]]:
    """Stencils for tets whose inside nodes are the bits of `group`, and who takes which.

    The diagonal of a quad on a face with one long cut edge meets the node at its end; on a face
    with two short cut edges, the parity rule decides (Labelle 2007, figure 3 and section 3).
    """
    within = [i for i in range(4) if group >> i & 1]
    without = [i for i in range(4) if not group >> i & 1]
    everyone = np.ones(len(tets), bool)
    if len(within) == 1:
        (a,) = within
        return [(everyone, [((a, a), *((a, x) for x in without))])]
    if len(within) == 3:
        (x,) = without
        a, (b, c) = x ^ 1, [i for i in within if i != x ^ 1]
        even = _is_even(lattice, tets, b, x)
        top, bottom = [(a, a), (b, b), (c, c)], [(a, x), (b, x), (c, x)]
        return [(even, _prism(top, bottom, (0, 1, 2))), (~even, _prism(top, bottom, (0, 2, 1)))]
    a, b = within
    x, y = without if b == a ^ 1 else (a ^ 1, b ^ 1)
    top, bottom = [(a, a), (a, x), (a, y)], [(b, b), (b, x), (b, y)]
    even = _is_even(lattice, tets, a, x) if b == a ^ 1 else everyone
    return [(even, _prism(top, bottom, (2, 0, 1))), (~even, _prism(top, bottom, (1, 0, 2)))]


def _is_even(lattice: Lattice, tets: NDArray[np.int64], i: int, j: int) -> NDArray[np.bool_]:
    """Whether node i of a tet exceeds node j in an even number of coordinates."""
    larger = lattice.halves(tets[:, i]) > lattice.halves(tets[:, j])
    return larger.sum(axis=1) % 2 == 0


def _prism(top: list[Point], bottom: list[Point], order: tuple[int, int, int]) -> Stencil:
    """Three tets of a prism; the diagonal of each side leaves the top edge that comes first."""
    a, b, c = order
    return [
        (top[a], top[b], top[c], bottom[c]),
        (top[a], top[b], bottom[b], bottom[c]),
        (top[a], bottom[a], bottom[b], bottom[c]),
    ]


def _right_handed(tet: tuple[Point, ...]) -> tuple[Point, ...]:
    """Corners in the order that gives a positive volume."""
    node = np.array([[-1.0, 0, 0], [1, 0, 0], [0, -1, -1], [0, 1, -1]])
    a, b, c, d = (node[i] + node[j] for i, j in tet)
    return tet if np.cross(b - a, c - a) @ (d - a) > 0 else (tet[1], tet[0], *tet[2:])
