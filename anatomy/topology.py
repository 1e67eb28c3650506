"""What only the node numbers of triangles and tets say: edges, pieces, boundary, winding."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components


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
    edges = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    return np.unique(np.sort(edges, axis=1), axis=0, return_counts=True)


def components(a: NDArray[np.int64], b: NDArray[np.int64], size: int) -> NDArray[np.int32]:
    """(size,) Number of the connected piece of each of `size` things joined by pairs a, b."""
    graph = coo_matrix((np.ones(len(a), np.int8), (a, b)), (size, size))
    return connected_components(graph, directed=False)[1]


def tet_faces(tets: NDArray[np.int32]) -> NDArray[np.int32]:
    """(4 m, 3) Faces of positive tets, outward; face k belongs to tet k // 4."""
    return tets[:, [0, 2, 1, 0, 1, 3, 0, 3, 2, 1, 2, 3]].reshape(-1, 3)


def face_pieces(tets: NDArray[np.int32]) -> NDArray[np.int32]:
    """(m,) Number of the piece of each tet; a piece hangs together through faces."""
    faces = np.sort(tet_faces(tets), axis=1)
    order = np.lexsort(faces.T)
    faces, owner = faces[order], order // 4
    same = np.flatnonzero((faces[1:] == faces[:-1]).all(axis=1))
    return components(owner[same], owner[same + 1], len(tets))


def boundary_triangles(tets: NDArray[np.int32]) -> NDArray[np.int32]:
    """(k, 3) Faces that only one tet has, outward when the tets are positive.

    Examples
    --------
    >>> len(boundary_triangles(np.array([[0, 1, 2, 3], [1, 2, 3, 4]], np.int32)))
    6
    """
    faces = tet_faces(tets)
    ordered = np.sort(faces, axis=1)
    order = np.lexsort(ordered.T)
    same = (ordered[order[1:]] == ordered[order[:-1]]).all(axis=1)
    twin = np.append(same, False) | np.insert(same, 0, False)
    return faces[np.sort(order[~twin])]


def windings(
    triangles: NDArray[np.int32],
) -> tuple[NDArray[np.bool_] | None, NDArray[np.int32]]:
    """(k,) Whether to flip each triangle so that neighbours agree, and its connected piece.

    Every triangle stands twice in a graph, as it is and flipped. Neighbours that agree are joined
    like with like, others crosswise. A two-sided piece then falls into two halves.
    """
    k = len(triangles)
    half_edges = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    order = np.lexsort(np.sort(half_edges, axis=1).T)
    first, second = order[0::2], order[1::2]
    clash = (half_edges[first] == half_edges[second]).all(axis=1)
    a, b = first % k, second % k
    pieces = components(a, b, k)
    halves = components(
        np.concatenate([a, a + k]),
        np.concatenate([np.where(clash, b + k, b), np.where(clash, b, b + k)]),
        2 * k,
    )
    flip = halves[:k] > halves[k:]
    return (None if (halves[:k] == halves[k:]).any() else flip), pieces
