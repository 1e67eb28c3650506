"""Tetrahedra from a signed distance: isosurface stuffing on a body-centred cubic lattice.

Labelle and Shewchuk, "Isosurface stuffing", ACM Trans. Graph. 26 (2007) 57; the uniform mesh.
"""

import warnings

import numpy as np
from numpy.typing import NDArray

from .cuts import Distance, cut_edges, cut_points, warp
from .distance import Walls, surface_distance, thicken, wall_gaps
from .guides import DistanceGuide, SurfaceGuide
from .heart import place_of
from .nearest import Tree
from .settle import carry, settle
from .stencils import Lattice, fill_stencils, lattice_tets
from .surface import (
    BASE,
    LabelledSurface,
    areas_mm2,
    check_surface,
    enclosed_volume_mm3,
    label_boundary,
)
from .topology import boundary_triangles, euler_number, manifold_part

#: Edge of the lattice cube; see `tetrahedralise` for what it does to thin walls.
LATTICE_MM = 1.8
#: Thinnest wall in lattice edges, tried in turn until the mesh has the topology of the surface.
MIN_WALL_LATTICES = (1.35, 1.55)
#: Nodes of a mesh: so many a cube of the lattice and so many a square of its faces on the boundary;
#: fitted to four hearts at lattices of 1.6 to 4 mm, which it meets within 3 %.
NODES_PER_CUBE, NODES_PER_FACE = 2.0, 1.36
#: A mesh of fewer nodes has no wall to speak of.
LEAST_NODES = 100
#: A rim node farther from the edge of the base than this share of the lattice gives up on it.
MISSED = 0.05
#: A node is off the surface beyond this share of the lattice, which is worth a warning when this
#: share of the boundary nodes is.
OFF, MANY = 0.1, 0.02


def stuff(
    distance: Distance, bounds_mm: NDArray[np.float64], *, lattice_mm: float
) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Tetrahedra that fill the inside of a surface given by its signed distance.

    The boundary nodes lie on the zero set, but for a few where that would spoil a tet; edges and
    corners sharper than the lattice are bevelled. Only the largest piece is kept. Where the result
    would touch itself in one edge or one node, the tets of the smaller side are taken away, or all
    of them where a node has a single side that the boundary meets twice; so the boundary is always
    a manifold.

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
    nodes_mm, tets = _stuff(distance, np.asarray(bounds_mm, np.float64), lattice_mm)
    return settle(nodes_mm, tets, DistanceGuide(distance, lattice_mm)), tets


def tetrahedralise(
    surface: LabelledSurface,
    *,
    lattice_mm: float | None = None,
    nodes: int | None = None,
    min_wall_mm: float | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.int32], dict[str, NDArray[np.int32]]]:
    """Tetrahedra of the wall enclosed by a labelled surface, and the boundary by name.

    A wall thinner than the lattice would come out with holes. So where the wall is thinner than
    `min_wall_mm`, both of its sides first move apart to that thickness, by `distance.thicken`;
    once it is meshed, they move back as far as the shape of the tets allows. The edges between the
    base and the walls are met by edges of tets where that is possible.

    Parameters
    ----------
    surface
        A closed surface; see `check_surface`.
    lattice_mm
        Edge of the lattice cube, `LATTICE_MM` unless a number of nodes is given.
    nodes
        Choose the lattice that gives about this many nodes, within a tenth.
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
        When the surface is not one that encloses a wall, the lattice is not positive, or both a
        lattice and a number of nodes are given.

    Warns
    -----
    UserWarning
        When the mesh has another Euler number than the surface: a hole, or a cleft that closed.
        When a wall stays thicker than it is, for want of room for tets.
    """
    surface = check_surface(surface)
    walls = wall_gaps(surface)
    lattice_mm = _chosen_lattice_mm(surface, walls, lattice_mm, nodes)
    walls_mm = [f * lattice_mm for f in MIN_WALL_LATTICES] if min_wall_mm is None else [min_wall_mm]
    expected = euler_number(surface.triangles)
    for wall_mm in walls_mm:
        thick = thicken(surface, wall_mm, walls)
        distance = surface_distance(thick, cell_mm=lattice_mm)
        nodes_mm, tets = _stuff(distance, _bounds_mm(thick), lattice_mm)
        triangles = boundary_triangles(tets)
        found = euler_number(triangles)
        if found == expected:
            break
    nodes_mm = _settle_on(surface, thick, nodes_mm, tets, lattice_mm)
    tree = Tree(surface.nodes_mm, surface.triangles)
    if found != expected:
        warnings.warn(_euler_message(surface, nodes_mm, triangles, lattice_mm), stacklevel=2)
    if message := _thin_message(surface, tree, nodes_mm[np.unique(triangles)], lattice_mm):
        warnings.warn(message, stacklevel=2)
    return nodes_mm, tets, label_boundary(nodes_mm, tets, surface)


def _chosen_lattice_mm(
    surface: LabelledSurface, walls: Walls, lattice_mm: float | None, nodes: int | None
) -> float:
    """The lattice asked for, or else the one for a number of nodes."""
    if nodes is None:
        return LATTICE_MM if lattice_mm is None else lattice_mm
    if lattice_mm is not None or nodes < LEAST_NODES:
        msg = (
            f"give either lattice_mm or a number of nodes from {LEAST_NODES}, "
            f"got lattice_mm={lattice_mm} and nodes={nodes}"
        )
        raise ValueError(msg)
    thick, found_mm = surface, 0.0
    for _ in range(4):
        volume_mm3 = enclosed_volume_mm3(thick.nodes_mm, thick.triangles)
        area_mm2 = areas_mm2(thick.nodes_mm, thick.triangles).sum()
        cubic = [nodes, 0.0, -NODES_PER_FACE * area_mm2, -NODES_PER_CUBE * volume_mm3]
        found_mm = float(np.roots(cubic).real.max())
        thick = thicken(surface, MIN_WALL_LATTICES[0] * found_mm, walls)
    return found_mm


def _settle_on(
    surface: LabelledSurface,
    thick: LabelledSurface,
    nodes_mm: NDArray[np.float64],
    tets: NDArray[np.int32],
    lattice_mm: float,
) -> NDArray[np.float64]:
    """Nodes back from the thickened surface, those on the rim of the base to its edge.

    Where a rim node cannot reach the edge, the surface will do.
    """
    triangles = boundary_triangles(tets)
    outer = np.unique(triangles).astype(np.int64)
    is_rim = _is_rim(nodes_mm, triangles, thick)
    carried_mm = SurfaceGuide(thick, is_rim).carried_mm(outer, nodes_mm[outer], surface)
    nodes_mm = carry(nodes_mm, tets, outer, carried_mm)
    guide = SurfaceGuide(surface, is_rim)
    nodes_mm = settle(nodes_mm, tets, guide)
    missed_mm = np.linalg.norm(guide(outer, nodes_mm[outer]).places_mm - nodes_mm[outer], axis=1)
    is_rim[outer[missed_mm > MISSED * lattice_mm]] = False
    return settle(nodes_mm, tets, guide)


def _is_rim(
    nodes_mm: NDArray[np.float64], triangles: NDArray[np.int32], surface: LabelledSurface
) -> NDArray[np.bool_]:
    """(n,) Whether a node has boundary triangles both on the base and off it."""
    nearest, _ = Tree(surface.nodes_mm, surface.triangles).nearest(nodes_mm[triangles].mean(axis=1))
    is_base = surface.labels[nearest] == BASE
    on, off = np.zeros((2, len(nodes_mm)), bool)
    on[triangles[is_base]] = True
    off[triangles[~is_base]] = True
    return on & off


def _bounds_mm(surface: LabelledSurface) -> NDArray[np.float64]:
    """(2, 3) Lowest and highest corner of the box about a surface."""
    return np.stack([surface.nodes_mm.min(axis=0), surface.nodes_mm.max(axis=0)])


def _euler_message(
    surface: LabelledSurface,
    nodes_mm: NDArray[np.float64],
    triangles: NDArray[np.int32],
    lattice_mm: float,
) -> str:
    """What differs, and the place of the surface that is farthest from the mesh."""
    _, gaps_mm = Tree(nodes_mm, triangles).nearest(surface.nodes_mm)
    place = place_of(surface.nodes_mm[gaps_mm.argmax()])
    return (
        f"{surface.name}: the mesh has Euler number {euler_number(triangles)}, the surface "
        f"{euler_number(surface.triangles)}: a thin wall has a hole or a cleft closed, perhaps at "
        f"{place}, {gaps_mm.max():.1f} mm off; make lattice_mm smaller than {lattice_mm:g}"
    )


def _thin_message(
    surface: LabelledSurface, tree: Tree, outer_mm: NDArray[np.float64], lattice_mm: float
) -> str:
    """Where the wall stays too thick, if many boundary nodes did not get back to the surface."""
    _, off_mm = tree.nearest(outer_mm)
    share = (off_mm > OFF * lattice_mm).mean()
    if share < MANY:
        return ""
    place = place_of(outer_mm[off_mm.argmax()])
    return (
        f"{surface.name}: the wall is thinner than tets can be at {100 * share:.0f} % of the "
        f"boundary nodes, and stays up to {off_mm.max():.1f} mm too thick on one side, most at "
        f"{place}; make lattice_mm smaller than {lattice_mm:g}"
    )


def _stuff(
    distance: Distance, bounds_mm: NDArray[np.float64], lattice_mm: float
) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """`stuff` before it settles."""
    lattice = _lattice_over(bounds_mm, lattice_mm)
    values = distance(lattice.points_mm(np.arange(lattice.size)))
    side = np.sign(values).astype(np.int8)
    tets = lattice_tets(lattice, side)
    edges = cut_edges(tets, side)
    cuts_mm, fractions = cut_points(distance, lattice, edges, values)
    moved_mm = warp(lattice, edges, cuts_mm, fractions, side)
    kept = (side[edges[:, 0]] < 0) & (side[edges[:, 1]] > 0)
    tets = tets[(side[tets] < 0).any(axis=1)]
    filled = fill_stencils(lattice, tets, side, edges[kept])
    nodes_mm, part = _compact(lattice, moved_mm, cuts_mm[kept], filled)
    part = manifold_part(part)
    if not len(part):
        msg = f"no tetrahedron fits inside the surface; make lattice_mm smaller than {lattice_mm:g}"
        raise ValueError(msg)
    used, renumbered = np.unique(part, return_inverse=True)
    return nodes_mm[used], renumbered.reshape(part.shape).astype(np.int32)


def _lattice_over(bounds_mm: NDArray[np.float64], lattice_mm: float) -> Lattice:
    """Lattice with a spare cube on every side; its planes are whole multiples of the edge."""
    if not lattice_mm > 0:
        msg = f"lattice_mm must be positive, got {lattice_mm}"
        raise ValueError(msg)
    first = np.floor(bounds_mm[0] / lattice_mm).astype(int) - 1
    last = np.ceil(bounds_mm[1] / lattice_mm).astype(int) + 1
    i, j, k = (int(x) for x in last - first)
    return Lattice(first * lattice_mm, lattice_mm, (i, j, k))


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
