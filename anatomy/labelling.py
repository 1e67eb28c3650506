"""Names for the parts of an unlabelled wall, from its shape alone; refused where it is not sure.

What sees little of the sky outside is a cavity: on six hearts the endocardium sees 0 to 0.7 of its
hemisphere, the epicardium 0.9 to 1. The two largest such regions are the ventricles. The left one
is rounder and has the thicker wall. The base is what borders on the mouths and faces the same way.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from .cavities import EPI, LV, RV, measure_cavity, mouths
from .frame import unit
from .kernels.sky import open_sky
from .surface import BASE, areas_mm2, label_boundary, normals_mm2
from .topology import boundary_triangles, components, half_edges

#: Edge of the voxels that stop a line of sight; and how far from the surface it starts, in edges.
VOXEL_MM, LIFT = 1.5, 2.0
#: Directions over the whole sphere; half of them see the sky of one triangle.
DIRECTIONS = 200
#: Less sky than this makes a cavity.
SKY = 0.7
#: Tried in turn until the cavities come apart.
CORES = (0.7, 0.6, 0.5, 0.4, 0.3)
#: A second ventricle has at least this share of the area of the first.
SECOND = 0.2
#: Cosine to the direction of the mouth of what is base; of its bevel, within `BEVEL_MM` of the rim.
FLAT, BEVEL, BEVEL_MM = 0.9, 0.6, 4.0
#: Farthest that the base reaches from a mouth: the septum is 6 to 15 mm thick.
BASE_MM = 25.0
REMEDY = "label its triangles lv_endo, rv_endo, epi and base"


def label_tet_boundary(
    nodes_mm: NDArray[np.float64], tets: NDArray[np.int32], *, name: str = "mesh"
) -> dict[str, NDArray[np.int32]]:
    """Boundary of the tetrahedra of two ventricles under the names of `SURFACES`, by its shape.

    Parameters
    ----------
    nodes_mm
        (n, 3) nodes.
    tets
        (m, 4) positive tetrahedra.
    name
        Used in messages.

    Returns
    -------
    surfaces : dict of str to (k, 3) int32
        Outward triangles.

    Raises
    ------
    ValueError
        When it is not sure which part is which; see `label_wall`.
    """
    labels = label_wall(nodes_mm, boundary_triangles(tets), name=name)
    return label_boundary(nodes_mm, tets, lambda _: labels)


def label_wall(
    nodes_mm: NDArray[np.float64], triangles: NDArray[np.int32], *, name: str = "surface"
) -> NDArray[np.int8]:
    """Label of each triangle of the closed wall of two ventricles, by its shape.

    Parameters
    ----------
    nodes_mm
        (n, 3) nodes.
    triangles
        (k, 3) outward triangles.
    name
        Used in messages.

    Returns
    -------
    labels : (k,) int8
        Index into `SURFACES`.

    Raises
    ------
    ValueError
        When there are not two open cavities, or when their roundness and their walls disagree on
        which is the left one.
    """
    pairs = _neighbours(triangles)
    sky = sky_share(nodes_mm, triangles)
    cavity = _two_cavities(nodes_mm, triangles, sky, pairs, name)
    labels = np.where(cavity < 0, EPI, cavity)
    add_base(labels, nodes_mm, triangles)
    first, second = (measure_cavity(nodes_mm, triangles, labels, c, name) for c in (LV, RV))
    rounder = first.convexity > second.convexity
    if rounder != (first.wall_mm > second.wall_mm):
        msg = (
            f"{name}: cannot tell left from right: one cavity is rounder "
            f"({first.convexity:.2f} against {second.convexity:.2f}), but its wall is not thicker "
            f"({first.wall_mm:.1f} against {second.wall_mm:.1f} mm); {REMEDY}"
        )
        raise ValueError(msg)
    if not rounder:
        labels = np.array([RV, LV, EPI, BASE])[labels]
    return labels.astype(np.int8)


def sky_share(nodes_mm: NDArray[np.float64], triangles: NDArray[np.int32]) -> NDArray[np.float64]:
    """(k,) Share of the outer hemisphere, by cosine, that each triangle sees free."""
    full, corner_mm = _shell(nodes_mm, triangles)
    normals = unit(normals_mm2(nodes_mm, triangles))
    starts = (nodes_mm[triangles].mean(axis=1) - corner_mm) / VOXEL_MM + LIFT * normals
    turn = np.arange(DIRECTIONS) + 0.5  # a Fibonacci sphere
    z, angle = 1 - 2 * turn / DIRECTIONS, np.pi * (1 + np.sqrt(5)) * turn
    across = np.sqrt(1 - z**2)
    directions = np.stack([across * np.cos(angle), across * np.sin(angle), z], axis=1)
    share = np.empty(len(triangles))
    open_sky(starts, normals, directions, full, share)
    return share


def _shell(
    nodes_mm: NDArray[np.float64], triangles: NDArray[np.int32]
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Voxels that the triangles pass through, and the corner of the first one."""
    corner_mm = nodes_mm.min(axis=0) - 2 * VOXEL_MM
    shape = np.ceil(np.ptp(nodes_mm, axis=0) / VOXEL_MM + 5).astype(int)
    full = np.zeros(shape, np.bool_)
    corners = nodes_mm[triangles]
    longest = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2).max(axis=1)
    cuts = np.maximum(np.ceil(longest / (0.7 * VOXEL_MM)), 1).astype(int)
    for cut in np.unique(cuts):
        i, j = (g.ravel() / cut for g in np.mgrid[: cut + 1, : cut + 1])
        inside = i + j <= 1 + 1e-9
        weights = np.stack([1 - i - j, i, j], axis=1)[inside]
        points_mm = np.einsum("pc,kcx->kpx", weights, corners[cuts == cut]).reshape(-1, 3)
        full[tuple(((points_mm - corner_mm) / VOXEL_MM).astype(int).T)] = True
    return full, corner_mm


def _two_cavities(
    nodes_mm: NDArray[np.float64],
    triangles: NDArray[np.int32],
    sky: NDArray[np.float64],
    pairs: NDArray[np.int64],
    name: str,
) -> NDArray[np.int64]:
    """(k,) 0 and 1 in the two cavities, -1 outside; islands within a cavity belong to it."""
    areas = areas_mm2(nodes_mm, triangles)
    for core in CORES:
        piece = _pieces(sky < core, pairs)
        size = np.bincount(piece, np.where(sky < core, areas, 0))
        largest = np.argsort(size)[::-1]
        if len(size) > 1 and size[largest[1]] > SECOND * size[largest[0]]:
            break
    else:
        what = "has no two cavities by its shape: a ventricle is absent or has no mouth"
        msg = f"{name}: {what}; {REMEDY}"
        raise ValueError(msg)
    middles_mm = nodes_mm[triangles].mean(axis=1)
    seeds = [np.flatnonzero((piece == p) & (sky < core)) for p in largest[:2]]
    far = _walk(middles_mm, pairs, sky < SKY, seeds)
    cavity = np.where(np.isfinite(far).any(axis=0), far.argmin(axis=0), -1)
    outside = _pieces(cavity < 0, pairs)
    shell = np.bincount(outside, np.where(cavity < 0, areas, 0)).argmax()
    island = (cavity < 0) & (outside != shell)
    near = _walk(
        middles_mm, pairs, (cavity >= 0) | island, [np.flatnonzero(cavity == c) for c in (0, 1)]
    )
    return np.where(island & np.isfinite(near).any(axis=0), near.argmin(axis=0), cavity)


def _walk(
    middles_mm: NDArray[np.float64],
    pairs: NDArray[np.int64],
    allowed: NDArray[np.bool_],
    seeds: list[NDArray[np.int64]],
) -> NDArray[np.float64]:
    """(seeds, k) Length of the way over allowed triangles from each set of seeds."""
    a, b = pairs[:, allowed[pairs].all(axis=0)]
    steps_mm = np.linalg.norm(middles_mm[a] - middles_mm[b], axis=1) + 1e-6
    graph = coo_array((steps_mm, (a, b)), shape=(len(allowed), len(allowed))).tocsr()
    return np.stack([dijkstra(graph, directed=False, indices=s, min_only=True) for s in seeds])


def add_base(
    labels: NDArray[np.signedinteger], nodes_mm: NDArray[np.float64], triangles: NDArray[np.int32]
) -> None:
    """Label in place, of what is epi, what borders on a mouth and faces the way it opens.

    Parameters
    ----------
    labels
        (k,) index into `SURFACES`; both endocardia are right; one without a mouth has no base.
    nodes_mm
        (n, 3) nodes.
    triangles
        (k, 3) outward triangles of the closed wall.
    """
    rims = [mouths(nodes_mm, triangles[labels == c]) for c in (LV, RV)]
    rim_mm = np.concatenate([nodes_mm[edges].mean(axis=1) for edges, _, _ in rims])
    if not len(rim_mm):
        return
    opening = np.concatenate([unit(areas)[loop] for _, loop, areas in rims])
    distance_mm, nearest = cKDTree(rim_mm).query(nodes_mm[triangles].mean(axis=1))
    normals = unit(normals_mm2(nodes_mm, triangles))
    facing = np.einsum("ij,ij->i", normals, opening[nearest])
    flat = (facing > FLAT) & (distance_mm < BASE_MM)
    touching = np.isin(triangles, triangles[labels < EPI]).any(axis=1)
    bevel = (facing > BEVEL) & (distance_mm < BEVEL_MM)
    base = (labels == EPI) & (flat | bevel | touching)
    piece = _pieces(base, _neighbours(triangles))
    labels[base & np.isin(piece, piece[base & touching])] = BASE


def _neighbours(triangles: NDArray[np.int32]) -> NDArray[np.int64]:
    """(2, e) Pairs of triangles that share an edge."""
    edges = np.sort(half_edges(triangles), axis=1)
    order = np.lexsort(edges.T)
    same = np.flatnonzero((edges[order[1:]] == edges[order[:-1]]).all(axis=1))
    return np.stack([order[same], order[same + 1]]) % len(triangles)


def _pieces(mask: NDArray[np.bool_], pairs: NDArray[np.int64]) -> NDArray[np.int32]:
    """(k,) Number of the connected piece of each masked triangle; each other has its own."""
    a, b = pairs[:, mask[pairs].all(axis=0)]
    return components(a, b, len(mask))
