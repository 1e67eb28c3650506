"""Small repairs of a surface: equal points merged, small holes filled, crossings found."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from .surface import LabelledSurface
from .topology import components, edge_counts, half_edges, shared_edges

#: Most grid cells to visit for each edge of a surface; a triangle much larger than others has many.
CELLS = 40


def merge_points(surface: LabelledSurface, *, within_mm: float = 0.0) -> LabelledSurface:
    """The surface with points that coincide made one, and triangles that thus vanish taken out.

    Parameters
    ----------
    surface
        Its parts may each have their own copy of the points on their common rim.
    within_mm
        Distance up to which points count as one; chains of such points become one, too.
    """
    nodes_mm = surface.nodes_mm
    if within_mm > 0:
        a, b = cKDTree(nodes_mm).query_pairs(within_mm, output_type="ndarray").T
        owner = components(a, b, len(nodes_mm)).astype(np.int64)
    else:
        owner = np.unique(nodes_mm, axis=0, return_inverse=True)[1].ravel()
    first = np.unique(owner, return_index=True)[1]
    triangles = owner[surface.triangles].astype(np.int32)
    whole = (triangles != np.roll(triangles, 1, axis=1)).all(axis=1)
    if not whole.any():
        return surface
    return replace(
        surface,
        nodes_mm=nodes_mm[first],
        triangles=triangles[whole],
        labels=surface.labels[whole],
    )


def fill_holes(surface: LabelledSurface, *, up_to_mm: float) -> LabelledSurface:
    """The surface with each small hole closed by a fan about the middle of its rim.

    Parameters
    ----------
    surface
        Its triangles about a hole must agree in their winding.
    up_to_mm
        Greatest distance between two points of a rim; wider holes stay open. A valve is 20 to
        40 mm across: do not fill it.

    Returns
    -------
    surface : LabelledSurface
        New triangles take the label that most triangles at the rim have.
    """
    triangles = surface.triangles
    directed = half_edges(triangles)
    ordered = np.sort(directed, axis=1)
    inverse, counts = np.unique(ordered, axis=0, return_inverse=True, return_counts=True)[1:]
    single = counts[inverse.ravel()] == 1
    rim, labels = directed[single], np.tile(surface.labels, 3)[single]
    nodes, numbered = np.unique(rim, return_inverse=True)
    a, b = numbered.reshape(-1, 2).T
    loop = components(a, b, len(nodes))[a]
    for i in range(loop.max(initial=-1) + 1):
        mine = rim[loop == i]
        rim_mm = surface.nodes_mm[mine[:, 0]]
        simple = len(np.unique(mine[:, 0])) == len(mine) == len(np.unique(mine[:, 1]))
        middle_mm = rim_mm.mean(axis=0)
        if not simple or 2 * np.linalg.norm(rim_mm - middle_mm, axis=1).max() > up_to_mm:
            continue
        n = len(surface.nodes_mm)
        fan = np.column_stack([mine[:, ::-1], np.full(len(mine), n)]).astype(np.int32)
        label = np.full(len(fan), np.bincount(labels[loop == i]).argmax(), np.int8)
        surface = replace(
            surface,
            nodes_mm=np.vstack([surface.nodes_mm, middle_mm]),
            triangles=np.vstack([surface.triangles, fan]),
            labels=np.concatenate([surface.labels, label]),
        )
    return surface


def is_open(surface: LabelledSurface) -> bool:
    """Whether some edge does not have exactly two triangles."""
    return len(shared_edges(surface.triangles)) > 0


def crossings(surface: LabelledSurface) -> NDArray[np.float64]:
    """(c, 3) Points in mm where an edge of the surface pierces a triangle it does not touch.

    A closed surface crosses itself only where some edge pierces some triangle (Moeller and
    Trumbore 1997 for the test). Touching without piercing does not count.
    """
    nodes_mm, triangles = surface.nodes_mm, surface.triangles
    edges = edge_counts(triangles)[0]
    edge, triangle = _near(nodes_mm, edges, triangles)
    apart = (edges[edge][:, :, None] != triangles[triangle][:, None, :]).all(axis=(1, 2))
    edge, triangle = edge[apart], triangle[apart]
    start_mm, end_mm = nodes_mm[edges[edge]].transpose(1, 0, 2)
    a, b, c = nodes_mm[triangles[triangle]].transpose(1, 0, 2)
    along = end_mm - start_mm
    across = np.cross(along, c - a)
    slope = np.einsum("ij,ij->i", b - a, across)
    flat = np.abs(slope) < 1e-12
    scale = 1 / np.where(flat, 1, slope)
    offset = start_mm - a
    u = scale * np.einsum("ij,ij->i", offset, across)
    turned = np.cross(offset, b - a)
    v = scale * np.einsum("ij,ij->i", along, turned)
    t = scale * np.einsum("ij,ij->i", c - a, turned)
    hit = ~flat & (u >= 0) & (v >= 0) & (u + v <= 1) & (t > 0) & (t < 1)
    return start_mm[hit] + t[hit, None] * along[hit]


def _near(
    nodes_mm: NDArray[np.float64], edges: NDArray[np.int32], triangles: NDArray[np.int32]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Edges and triangles whose boxes overlap, found by the cells of a grid that both lie in."""
    cell_mm = 1.5 * float(np.quantile(np.ptp(nodes_mm[edges], axis=1).max(axis=1), 0.95)) + 1e-9
    boxes = [
        np.stack([f(nodes_mm[parts], axis=1) for f in (np.min, np.max)]) - nodes_mm.min(axis=0)
        for parts in (edges, triangles)
    ]
    while sum(_spans(box, cell_mm).prod(axis=1).sum() for box in boxes) > CELLS * len(edges):
        cell_mm *= 2
    keys = [_cells(box, cell_mm) for box in boxes]
    (edge_cell, edge), (cell, triangle) = keys
    order = np.argsort(cell, kind="stable")
    start, stop = (np.searchsorted(cell[order], edge_cell, side) for side in ("left", "right"))
    count = stop - start
    rank = np.arange(count.sum()) - np.repeat(count.cumsum() - count, count)
    pairs = np.stack([np.repeat(edge, count), triangle[order[np.repeat(start, count) + rank]]])
    (edge_low, edge_high), (low, high) = boxes
    overlap = np.ones(pairs.shape[1], bool)
    for axis in range(3):
        overlap &= edge_low[pairs[0], axis] <= high[pairs[1], axis]
        overlap &= low[pairs[1], axis] <= edge_high[pairs[0], axis]
    pairs = pairs[:, overlap]
    once = np.unique(pairs[0] * len(triangles) + pairs[1])
    return once // len(triangles), once % len(triangles)


def _spans(boxes_mm: NDArray[np.float64], cell_mm: float) -> NDArray[np.int64]:
    """(k, 3) How many grid cells each box (2, k, 3) covers along each axis."""
    low, high = np.floor(boxes_mm / cell_mm).astype(np.int64)
    return high - low + 1


def _cells(
    boxes_mm: NDArray[np.float64], cell_mm: float
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Number of every grid cell that each box covers, and the box."""
    span = _spans(boxes_mm, cell_mm)
    total = span.prod(axis=1)
    box = np.repeat(np.arange(len(span)), total)
    rank = np.arange(total.sum()) - np.repeat(total.cumsum() - total, total)
    i, rest = np.divmod(rank, span[box, 1] * span[box, 2])
    j, k = np.divmod(rest, span[box, 2])
    at = np.floor(boxes_mm[0] / cell_mm).astype(np.int64)[box] + np.stack([i, j, k], axis=1)
    return (at[:, 0] * 2**20 + at[:, 1]) * 2**20 + at[:, 2], box
