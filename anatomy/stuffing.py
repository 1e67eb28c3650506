"""Tetrahedra from a signed distance: isosurface stuffing on a body-centred cubic lattice.

Labelle and Shewchuk, "Isosurface stuffing", ACM Trans. Graph. 26 (2007) 57; the uniform mesh.
"""

import warnings
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from .distance import surface_distance, thicken
from .stencils import Lattice, fill_stencils, lattice_tets
from .surface import LabelledSurface, check_surface, label_boundary
from .topology import (
    boundary_triangles,
    components,
    euler_number,
    face_pieces,
    shared_edges,
    shared_nodes,
)

#: Signed distance in mm of points (k, 3) in mm: negative inside.
Distance = Callable[[NDArray[np.float64]], NDArray[np.float64]]

#: Edge of the lattice cube; see `tetrahedralise` for what it does to thin walls.
LATTICE_MM = 1.8
#: Thinnest wall in lattice edges, tried in turn until the mesh has the topology of the surface.
MIN_WALL_LATTICES = (1.35, 1.55)
#: A node this near a cut, as a fraction of the edge, moves onto it (Labelle 2007, "safe" pair).
ALPHA_LONG, ALPHA_SHORT = 0.24999, 0.41189


def stuff(
    distance: Distance, bounds_mm: NDArray[np.float64], *, lattice_mm: float
) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Tetrahedra that fill the inside of a surface given by its signed distance.

    The boundary nodes lie on the zero set; edges and corners sharper than the lattice are
    bevelled. Only the largest piece is kept. Where the result would touch itself in one edge or
    one node, the tets of the smaller side are taken away, or all of them where a node has a single
    side that the boundary meets twice; so the boundary is always a manifold.

    Parameters
    ----------
    distance
        Signed distance of points (k, 3), negative inside. Only its sign and its zeros count;
        the nearer it is to a true distance, the fewer lattice nodes see the wrong cut.
    bounds_mm
        (2, 3) lowest and highest corner of a box that holds the surface.
    lattice_mm
        Edge of the lattice cube; a mesh has about two nodes for every cube of that size.

    Returns
    -------
    nodes_mm : (n, 3) float64
    tets : (m, 4) int32
        Positively oriented, conforming, one piece.

    Raises
    ------
    ValueError
        When the lattice is not a positive length, or too coarse for anything to fit inside.

    Examples
    --------
    >>> def ball(points_mm):
    ...     return np.linalg.norm(points_mm, axis=1) - 30.0
    >>> nodes_mm, tets = stuff(ball, np.array([[-30.0] * 3, [30.0] * 3]), lattice_mm=6.0)
    >>> round(float(np.linalg.norm(nodes_mm, axis=1).max()), 1)
    30.0
    """
    lattice = _lattice_over(np.asarray(bounds_mm, np.float64), lattice_mm)
    values = distance(lattice.points_mm(np.arange(lattice.size)))
    side = np.sign(values).astype(np.int8)
    tets = lattice_tets(lattice, side)
    edges = _cut_edges(tets, side)
    cuts_mm, fractions = _cut_points(distance, lattice, edges, values)
    moved_mm = _warp(lattice, edges, cuts_mm, fractions, side)
    kept = (side[edges[:, 0]] < 0) & (side[edges[:, 1]] > 0)
    tets = tets[(side[tets] < 0).any(axis=1)]
    filled = fill_stencils(lattice, tets, side, edges[kept])
    nodes_mm, part = _manifold_part(*_compact(lattice, moved_mm, cuts_mm[kept], filled))
    if not len(part):
        msg = f"no tetrahedron fits inside the surface; make lattice_mm smaller than {lattice_mm:g}"
        raise ValueError(msg)
    return nodes_mm, part


def tetrahedralise(
    surface: LabelledSurface, *, lattice_mm: float = LATTICE_MM, min_wall_mm: float | None = None
) -> tuple[NDArray[np.float64], NDArray[np.int32], dict[str, NDArray[np.int32]]]:
    """Tetrahedra of the wall enclosed by a labelled surface, and the boundary by name.

    A wall thinner than the lattice would come out with holes. So where the wall is thinner than
    `min_wall_mm`, both of its sides first move apart to that thickness, by `distance.thicken`.

    Parameters
    ----------
    surface
        A closed surface; see `check_surface`.
    lattice_mm
        Edge of the lattice cube.
    min_wall_mm
        Thinnest wall to keep, 0 to leave the wall as it is; by default the least of
        `MIN_WALL_LATTICES` times the lattice that keeps the Euler number of the surface.

    Returns
    -------
    nodes_mm : (n, 3) float64
    tets : (m, 4) int32
        Positively oriented.
    surfaces : dict of str to (k, 3) int32
        Boundary triangles, outward, under the names of `SURFACES`.

    Raises
    ------
    ValueError
        When the surface is not one that encloses a wall, or the lattice is not positive.

    Warns
    -----
    UserWarning
        When the mesh has another Euler number than the surface: a hole, or a cleft that closed.
    """
    surface = check_surface(surface)
    walls_mm = [f * lattice_mm for f in MIN_WALL_LATTICES] if min_wall_mm is None else [min_wall_mm]
    expected = euler_number(surface.triangles)
    for wall_mm in walls_mm:
        thick = thicken(surface, wall_mm)
        bounds_mm = np.stack([thick.nodes_mm.min(axis=0), thick.nodes_mm.max(axis=0)])
        distance = surface_distance(thick, cell_mm=2 * lattice_mm)
        nodes_mm, tets = stuff(distance, bounds_mm, lattice_mm=lattice_mm)
        found = euler_number(boundary_triangles(tets))
        if found == expected:
            break
    else:
        msg = (
            f"{surface.name}: the mesh has Euler number {found}, the surface {expected}: a thin "
            f"wall has a hole or a cleft closed; make lattice_mm smaller than {lattice_mm:g}"
        )
        warnings.warn(msg, stacklevel=2)
    return nodes_mm, tets, label_boundary(nodes_mm, tets, thick)


def _lattice_over(bounds_mm: NDArray[np.float64], lattice_mm: float) -> Lattice:
    """Lattice with a spare cube on every side; its planes are whole multiples of the edge."""
    if not lattice_mm > 0:
        msg = f"lattice_mm must be positive, got {lattice_mm}"
        raise ValueError(msg)
    first = np.floor(bounds_mm[0] / lattice_mm).astype(int) - 1
    last = np.ceil(bounds_mm[1] / lattice_mm).astype(int) + 1
    i, j, k = (int(x) for x in last - first)
    return Lattice(first * lattice_mm, lattice_mm, (i, j, k))


def _cut_edges(tets: NDArray[np.int64], side: NDArray[np.int8]) -> NDArray[np.int64]:
    """(k, 2) Edges from a node inside to a node outside, sorted."""
    n = len(side)
    keys = []
    for i in range(4):
        for j in range(4):
            cut = (side[tets[:, i]] < 0) & (side[tets[:, j]] > 0)
            keys.append(np.unique(tets[cut, i] * n + tets[cut, j]))
    return np.stack(np.divmod(np.unique(np.concatenate(keys)), n), axis=1)


def _cut_points(
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


def _warp(
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


def _compact(
    lattice: Lattice,
    moved: tuple[NDArray[np.int64], NDArray[np.float64]],
    cuts_mm: NDArray[np.float64],
    tets: NDArray[np.int64],
) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Nodes that some tet uses, at their final place, and the tets renumbered."""
    used, renumbered = np.unique(tets, return_inverse=True)
    is_cut = used >= lattice.size
    nodes_mm = lattice.points_mm(np.where(is_cut, 0, used))
    nodes_mm[is_cut] = cuts_mm[used[is_cut] - lattice.size]
    at = np.minimum(np.searchsorted(moved[0], used), len(moved[0]) - 1)
    is_moved = moved[0][at] == used
    nodes_mm[is_moved] = moved[1][at[is_moved]]
    return nodes_mm, renumbered.reshape(tets.shape).astype(np.int32)


def _manifold_part(
    nodes_mm: NDArray[np.float64], tets: NDArray[np.int32]
) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Largest piece, less the tets through which it touches itself in an edge or a node."""
    while len(tets):
        piece = face_pieces(tets)
        tets = tets[piece == np.bincount(piece).argmax()]
        drop = _pinching_tets(tets)
        if not len(drop):
            break
        tets = np.delete(tets, drop, axis=0)
    used, renumbered = np.unique(tets, return_inverse=True)
    return nodes_mm[used], renumbered.reshape(tets.shape).astype(np.int32)


def _pinching_tets(tets: NDArray[np.int32]) -> NDArray[np.int64]:
    """Tets to drop where two sheets of the boundary share an edge, or else a node."""
    triangles = boundary_triangles(tets)
    pinches = shared_edges(triangles)
    if not len(pinches):
        pinches = shared_nodes(triangles)[:, None]
    drop = [_smaller_sides(tets, pinch) for pinch in pinches]
    return np.unique(np.concatenate([np.empty(0, np.int64), *drop]))


def _smaller_sides(tets: NDArray[np.int32], pinch: NDArray[np.int32]) -> NDArray[np.int64]:
    """Tets at an edge or node, less the largest set that hangs together by faces through it."""
    around = np.flatnonzero(np.isin(tets, pinch).sum(axis=1) == len(pinch))
    common = (tets[around][:, None, :, None] == tets[around][None, :, None, :]).sum(axis=(2, 3))
    one, other = np.nonzero(common == 3)
    side = components(one, other, len(around))
    if side.max() == 0:
        return around
    return around[side != np.bincount(side).argmax()]
