"""Which nodes share an element: worked out once a heart for any number of waves on it."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .eikonal_checks import Floats, element_array, node_array
from .kernels import eikonal_mesh as kernel


class Stars(NamedTuple):
    """The elements of every node, in the solver's own order; unsigned: no index counts back."""

    tet_start: NDArray[np.uint32]  # (n + 1,) u4: rows of tet_star that belong to a node
    tet_star: NDArray[np.uint32]  # (4 m, 4) u4: the other nodes, then 4 x tetrahedron + own corner
    triangle_start: NDArray[np.uint32]  # (n + 1,) u4
    triangle_star: NDArray[
        np.uint32
    ]  # (3 k, 3) u4: the other nodes, then 4 x triangle + own corner


class EikonalMesh(NamedTuple):
    """A mesh for the eikonal solver; made by `eikonal_mesh`.

    The solver numbers nodes and elements in its own order, in which a wave finds neighbours
    near each other in memory. Whatever a caller gives or gets is in the caller's order.

    Attributes
    ----------
    nodes_mm : (n, 3) float64
    tets : (m, 4) int32
    triangles : (k, 3) int32
    order : (n,) int32
        Node at each place of the solver's order.
    place : (n,) int32
        Place of each node in the solver's order.
    tet_order : (m,) int32
        Tetrahedron at each place of the solver's order.
    triangle_order : (k,) int32
        Triangle at each place of the solver's order.
    stars : Stars
        The elements of every node, in the solver's order.
    """

    nodes_mm: Floats
    tets: NDArray[np.int32]
    triangles: NDArray[np.int32]
    order: NDArray[np.int32]
    place: NDArray[np.int32]
    tet_order: NDArray[np.int32]
    triangle_order: NDArray[np.int32]
    stars: Stars

    @property
    def n(self) -> int:
        """Number of nodes."""
        return len(self.order)


def eikonal_mesh(
    nodes_mm: ArrayLike, tets: ArrayLike, triangles: ArrayLike | None = None
) -> EikonalMesh:
    """Neighbourhoods of every node, for any number of `solve_eikonal` on the same mesh.

    Parameters
    ----------
    nodes_mm
        (n, 3)
    tets
        (m, 4) node indices; may be empty, for a wave on a surface.
    triangles
        (k, 3) node indices of a surface that conducts by itself, such as the fast endocardium.

    Returns
    -------
    EikonalMesh

    Raises
    ------
    ValueError
        When an array has the wrong shape or an index names no node.
    """
    nodes_mm = node_array(nodes_mm)
    n = len(nodes_mm)
    tets = element_array(tets, 4, n, "tets")
    triangles = element_array(
        np.empty((0, 3)) if triangles is None else triangles, 3, n, "triangles"
    )
    order = np.empty(n, np.int32)
    if n:
        axis = np.ptp(nodes_mm, axis=0).argmax()
        kernel.breadth_first(_stars(tets, triangles, n), nodes_mm[:, axis].argmin(), order)
    place = np.empty(n, np.int32)
    place[order] = np.arange(n, dtype=np.int32)
    tet_order, triangle_order = _by_first_node(place[tets]), _by_first_node(place[triangles])
    stars = _stars(place[tets[tet_order]], place[triangles[triangle_order]], n)
    return EikonalMesh(nodes_mm, tets, triangles, order, place, tet_order, triangle_order, stars)


def _by_first_node(elements: NDArray[np.int32]) -> NDArray[np.int32]:
    return elements.min(axis=1).argsort(kind="stable").astype(np.int32)


def _stars(tets: NDArray[np.int32], triangles: NDArray[np.int32], n: int) -> Stars:
    return Stars(*_star(tets, n), *_star(triangles, n))


def _star(elements: NDArray[np.int32], n: int) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """CSR from each node to (other nodes of the element, 4 x element + own corner)."""
    start = np.zeros(n + 1, np.uint32)
    rows = np.empty((elements.size, elements.shape[1]), np.uint32)
    kernel.star(elements, start, rows)
    return start, rows
