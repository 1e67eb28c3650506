"""Open surfaces: their openings as loops of nodes, caps over them, winding."""

import numpy as np
from numpy.typing import NDArray

from .heart import place_of
from .topology import components, edge_counts, half_edges, shared_nodes, windings


def boundary_loops(triangles: NDArray[np.int32]) -> list[NDArray[np.int32]]:
    """Openings of a surface, the one with most nodes first: nodes in order, each once.

    No node may belong to two openings; see `crossed_nodes`.

    Examples
    --------
    >>> boundary_loops(np.array([[0, 1, 2], [0, 2, 3]], np.int32))
    [array([0, 1, 2, 3], dtype=int32)]
    """
    nodes, ends = _rims(triangles)
    both = np.concatenate([ends, ends[:, ::-1]])
    neighbours = both[np.argsort(both[:, 0], kind="stable"), 1].reshape(-1, 2)
    piece = components(ends[:, 0], ends[:, 1], len(nodes))
    starts = [int(np.argmax(piece == p)) for p in range(piece.max(initial=-1) + 1)]
    loops = sorted((_walk(neighbours, start) for start in starts), key=len, reverse=True)
    return [nodes[loop].astype(np.int32) for loop in loops]


def crossed_nodes(triangles: NDArray[np.int32]) -> NDArray[np.int32]:
    """(b,) Nodes in which two openings touch, or one touches itself."""
    nodes, ends = _rims(triangles)
    return nodes[np.bincount(ends.ravel(), minlength=len(nodes)) != 2]


def _rims(triangles: NDArray[np.int32]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """(b,) Nodes on edges of one triangle only, and (c, 2) those edges, as places among them."""
    edges, counts = edge_counts(triangles)
    nodes, ends = np.unique(edges[counts == 1], return_inverse=True)
    return nodes, ends.reshape(-1, 2)


def _walk(neighbours: NDArray[np.int64], start: int) -> list[int]:
    """Nodes of one loop from its lowest, towards that one's lower neighbour."""
    loop, here = [start], int(neighbours[start].min())
    while here != start:
        one, other = (int(x) for x in neighbours[here])
        came_from = loop[-1]
        loop.append(here)
        here = other if one == came_from else one
    return loop


def cap(
    nodes_mm: NDArray[np.float64], triangles: NDArray[np.int32], loops: list[NDArray[np.int32]]
) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """The surface closed by a fan of triangles about the middle of every opening.

    The fans run against the triangles they close, where those agree with each other.
    """
    directed = half_edges(triangles)
    on_rim = np.isin(directed, np.concatenate([*loops, np.empty(0, np.int32)])).all(axis=1)
    known = set(map(tuple, directed[on_rim].tolist()))
    fans, middles = [triangles], [nodes_mm]
    for k, loop in enumerate(loops):
        after = np.roll(loop, -1)
        with_the_loop = (int(loop[0]), int(after[0])) in known
        first, second = (after, loop) if with_the_loop else (loop, after)
        middle = np.full(len(loop), len(nodes_mm) + k, np.int32)
        fans.append(np.stack([first, second, middle], axis=1))
        middles.append(nodes_mm[loop].mean(axis=0, keepdims=True))
    return np.concatenate(middles), np.concatenate(fans)


def repair_winding(
    nodes_mm: NDArray[np.float64], triangles: NDArray[np.int32], name: str
) -> NDArray[np.int32]:
    """(k, 3) Triangles of one open sheet, wound outward from what its caps enclose.

    Raises
    ------
    ValueError
        When it is not one two-sided sheet: more than two triangles at an edge, two sheets that
        touch in a node, several pieces, or a one-sided band; the message gives the first place.
    """
    _check_sheet(nodes_mm, triangles, name)
    crossed = crossed_nodes(triangles)
    if len(crossed):
        msg = f"{name}: two openings touch at {place_of(nodes_mm[crossed[0]])}; close one of them"
        raise ValueError(msg)
    closed_mm, closed = cap(nodes_mm, triangles, boundary_loops(triangles))
    touching = shared_nodes(closed)
    if len(touching):
        place = place_of(closed_mm[touching[0]])
        msg = f"{name}: two sheets touch in a node at {place}; give each sheet its own node"
        raise ValueError(msg)
    flip, _ = windings(closed)
    if flip is None:
        msg = f"{name}: is one-sided, like a Moebius strip; remesh it"
        raise ValueError(msg)
    flip = flip[: len(triangles)]
    wound = np.where(flip[:, None], triangles[:, ::-1], triangles)
    inside_out = capped_volume_mm3(nodes_mm, wound) < 0
    return wound[:, ::-1].copy() if inside_out else wound


def capped_volume_mm3(nodes_mm: NDArray[np.float64], triangles: NDArray[np.int32]) -> float:
    """Volume within an open surface and its caps; negative when it is wound inward.

    Examples
    --------
    >>> corners_mm = np.array([[0.0, 0, 0], [6, 0, 0], [0, 6, 0], [0, 0, 6]])
    >>> capped_volume_mm3(corners_mm, np.array([[0, 2, 1], [0, 1, 3], [0, 3, 2]]))
    36.0
    """
    closed_mm, closed = cap(nodes_mm - nodes_mm.mean(axis=0), triangles, boundary_loops(triangles))
    a, b, c = closed_mm[closed].transpose(1, 0, 2)
    return float(np.einsum("ij,ij->", a, np.cross(b, c)) / 6)


def _check_sheet(nodes_mm: NDArray[np.float64], triangles: NDArray[np.int32], name: str) -> None:
    edges, counts = edge_counts(triangles)
    if (counts > 2).any():
        place = place_of(nodes_mm[edges[counts > 2][0]].mean(axis=0))
        msg = (
            f"{name}: {(counts > 2).sum()} edges have more than two triangles, the first at "
            f"{place}; remove the extra sheets"
        )
        raise ValueError(msg)
    one, other = edges.T.astype(np.int64)
    piece = components(one, other, len(nodes_mm))[triangles[:, 0]]
    sizes = np.bincount(piece)
    if (sizes > 0).sum() > 1:
        lesser = np.flatnonzero(piece != sizes.argmax())[0]
        place = place_of(nodes_mm[triangles[lesser]].mean(axis=0))
        msg = f"{name}: is in {(sizes > 0).sum()} pieces, one of them at {place}; keep the largest"
        raise ValueError(msg)
