"""What only the node numbers of triangles and tets say: edges, pieces, boundary, winding."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from .kernels.topology import gather_tets, match_faces


def euler_number(triangles: NDArray[np.int32]) -> int:
    """Nodes less edges plus triangles: 2 for a sphere, 0 for a torus, -2 for two ventricles.

    Examples
    --------
    >>> euler_number(boundary_triangles(np.array([[0, 1, 2, 3]], np.int32)))
    2
    """
    return len(np.unique(triangles)) - len(edge_counts(triangles)[0]) + len(triangles)


def shared_edges(triangles: NDArray[np.int32]) -> NDArray[np.int32]:
    """(k, 2) Edges that do not belong to exactly two triangles."""
    edges, counts = edge_counts(triangles)
    return edges[counts != 2]


def shared_nodes(triangles: NDArray[np.int32]) -> NDArray[np.int32]:
    """(k,) Nodes whose triangles form more than one fan, on a surface without shared edges."""
    k = len(triangles)
    pairs = [(0, 1), (1, 2), (2, 0)]
    corner = np.concatenate(
        [[np.arange(k) * 3 + i, np.arange(k) * 3 + j] for i, j in pairs], axis=1
    )
    node = triangles.ravel()[corner]
    corner = np.take_along_axis(corner, np.argsort(node, axis=0), axis=0)
    corner = corner[:, np.lexsort(np.sort(node, axis=0))]
    one, other = corner[:, 0::2], corner[:, 1::2]
    fan = components(one.ravel(), other.ravel(), 3 * k)
    _, first = np.unique(fan, return_index=True)
    nodes, fans = np.unique(triangles.ravel()[first], return_counts=True)
    return nodes[fans > 1]


def edge_counts(triangles: NDArray[np.int32]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """(k, 2) Distinct edges, and how many triangles have each."""
    n = int(triangles.max(initial=-1)) + 1
    edges = np.sort(half_edges(triangles), axis=1).astype(np.int64)
    keys, counts = np.unique(edges[:, 0] * n + edges[:, 1], return_counts=True)
    return np.stack([keys // max(n, 1), keys % max(n, 1)], axis=1).astype(np.int32), counts


def half_edges(triangles: NDArray[np.int32]) -> NDArray[np.int32]:
    """(3 k, 2) The edges of each triangle, as it is wound; edge e belongs to triangle e % k."""
    return np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])


def rim_loops(triangles: NDArray[np.int32]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """(k, 2) Edges of one triangle only, wound as that is, and (k,) which loop each belongs to.

    Examples
    --------
    >>> rims, loop = rim_loops(np.array([[0, 1, 2], [0, 2, 3]], np.int32))
    >>> sorted(rims.tolist()), loop.tolist()
    ([[0, 1], [1, 2], [2, 3], [3, 0]], [0, 0, 0, 0])
    """
    edges = half_edges(triangles)
    low, high = np.sort(edges, axis=1).astype(np.int64).T
    keys = low * (int(high.max(initial=0)) + 1) + high
    _, which, times = np.unique(keys, return_inverse=True, return_counts=True)
    rims = edges[times[which] == 1]
    nodes, ends = np.unique(rims, return_inverse=True)
    start, end = ends.reshape(-1, 2).T
    return rims, components(start, end, len(nodes))[start].astype(np.int64)


def triangle_keys(triangles: NDArray[np.int32], n: int) -> NDArray[np.int64]:
    """(k,) One number for each triangle of n nodes, whatever the order of its nodes.

    Examples
    --------
    >>> triangle_keys(np.array([[0, 1, 2], [2, 0, 1], [0, 1, 3]], np.int32), 4).tolist()
    [6, 6, 7]
    """
    a, b, c = np.sort(triangles, axis=1).astype(np.int64).T
    return (a * n + b) * n + c


def crease_edges(triangles: NDArray[np.int32], is_marked: NDArray[np.bool_]) -> NDArray[np.int32]:
    """(k, 2) Edges of a closed surface between a marked triangle and another."""
    edges = np.sort(half_edges(triangles), axis=1)
    order = np.lexsort(edges.T)
    mark = np.tile(is_marked, 3)[order]
    return edges[order[0::2][mark[0::2] != mark[1::2]]]


def manifold_part(tets: NDArray[np.int32]) -> NDArray[np.int32]:
    """Largest piece, less the tets through which it touches itself in an edge or a node."""
    while len(tets):
        piece = face_pieces(tets)
        tets = tets[piece == np.bincount(piece).argmax()]
        drop = _pinching_tets(tets)
        if not len(drop):
            break
        tets = np.delete(tets, drop, axis=0)
    return tets


def _pinching_tets(tets: NDArray[np.int32]) -> NDArray[np.int64]:
    """Tets to drop where two sheets of the boundary share an edge, or else a node."""
    triangles = boundary_triangles(tets)
    pinches = shared_edges(triangles)
    if not len(pinches):
        pinches = shared_nodes(triangles)[:, None]
    near = np.flatnonzero(np.isin(tets, pinches).any(axis=1))
    drop = [near[_smaller_sides(tets[near], pinch)] for pinch in pinches]
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


def components(a: NDArray[np.integer], b: NDArray[np.integer], size: int) -> NDArray[np.int32]:
    """(size,) Number of the connected piece of each of `size` things joined by pairs a, b."""
    graph = coo_matrix((np.ones(len(a), np.int8), (a, b)), (size, size))
    return connected_components(graph, directed=False)[1]


def tet_faces(tets: NDArray[np.int32]) -> NDArray[np.int32]:
    """(4 m, 3) Faces of positive tets, outward; face k belongs to tet k // 4."""
    return tets[:, [0, 2, 1, 0, 1, 3, 0, 3, 2, 1, 2, 3]].reshape(-1, 3)


def twin_faces(
    tets: NDArray[np.int32],
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """The (4 m, 3) `tet_faces`, and for each the face of another tet that it is, or -1."""
    faces = np.ascontiguousarray(tet_faces(tets), np.int32)
    twins = np.empty(len(faces), np.int64)
    match_faces(faces, np.zeros(faces.max() + 2, np.int64), twins)
    return faces, twins


def tets_at_nodes(tets: NDArray[np.int32], n: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(n + 1,) start and (4 m,) members: node i has the tets members[start[i] : start[i + 1]].

    Examples
    --------
    >>> start, members = tets_at_nodes(np.array([[0, 1, 2, 3], [1, 2, 3, 4]], np.int32), 5)
    >>> members[start[3] : start[4]].tolist()
    [0, 1]
    """
    start, members = np.empty(n + 1, np.int64), np.empty(tets.size, np.int64)
    gather_tets(tets, start, members)
    return start, members


def face_pieces(tets: NDArray[np.int32]) -> NDArray[np.int32]:
    """(m,) Number of the piece of each tet; a piece hangs together through faces."""
    _, twins = twin_faces(tets)
    shared = np.flatnonzero(twins >= 0)
    return components(shared // 4, twins[shared] // 4, len(tets))


def boundary_triangles(tets: NDArray[np.int32]) -> NDArray[np.int32]:
    """(k, 3) Faces that only one tet has, outward when the tets are positive.

    Examples
    --------
    >>> len(boundary_triangles(np.array([[0, 1, 2, 3], [1, 2, 3, 4]], np.int32)))
    6
    """
    faces, twins = twin_faces(tets)
    return faces[twins < 0]


def windings(
    triangles: NDArray[np.int32],
) -> tuple[NDArray[np.bool_] | None, NDArray[np.int32]]:
    """(k,) Whether to flip each triangle so that neighbours agree, and its connected piece.

    Every triangle stands twice in a graph, as it is and flipped. Neighbours that agree are joined
    like with like, others crosswise. A two-sided piece then falls into two halves.
    """
    k = len(triangles)
    directed = half_edges(triangles)
    order = np.lexsort(np.sort(directed, axis=1).T)
    first, second = order[0::2], order[1::2]
    clash = (directed[first] == directed[second]).all(axis=1)
    a, b = first % k, second % k
    pieces = components(a, b, k)
    halves = components(
        np.concatenate([a, a + k]),
        np.concatenate([np.where(clash, b + k, b), np.where(clash, b, b + k)]),
        2 * k,
    )
    flip = halves[:k] > halves[k:]
    return (None if (halves[:k] == halves[k:]).any() else flip), pieces
