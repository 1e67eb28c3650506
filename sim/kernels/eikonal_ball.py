"""Times around a source by the closed form of uniform tissue: sqrt(e' M e) for the way e.

M = D^-1 is the mean of that of the elements around the source and of those around the node that
is reached, so that fibres may turn on the way.
"""

import math

import numba as nb
import numpy as np

from .eikonal import PARTS, TRIANGLE_PARTS
from .eikonal_queue import TIME
from .eikonal_second import cross, dot
from .eikonal_update import FLAT

#: Elements whose speeds (geometric mean) differ by more than this factor from those around the
#: source are left to the march, for another tissue begins there.
ALIKE = 1.05


@nb.njit(cache=True, nogil=True, error_model="numpy")
def frame(nodes_mm, row, metric, i, edges_mm, gram):
    """Three edges (3, 3) of an element from node i, and their inner products (3, 3) in M.

    A triangle, with one edge less, gets its unit normal, as slow as the mean of its edges.
    """
    corners = row.shape[0]
    e, p = row[corners - 1] >> np.uint32(2), row[corners - 1] & np.uint32(3)
    for j in range(corners - 1):
        for c in range(3):
            edges_mm[j, c] = nodes_mm[row[j], c] - nodes_mm[i, c]
    if corners == 4:
        k = np.uint32(3) * p  # the row of PARTS with the others in their own order
        for j in range(3):
            gram[j, j] = metric[e, PARTS[k, 3 + j]]
        gram[0, 1] = 0.5 * (gram[0, 0] + gram[1, 1] - metric[e, PARTS[k, 6]])
        gram[0, 2] = 0.5 * (gram[0, 0] + gram[2, 2] - metric[e, PARTS[k, 7]])
        gram[1, 2] = 0.5 * (gram[1, 1] + gram[2, 2] - metric[e, PARTS[k, 8]])
    else:
        k = np.uint32(2) * p
        for j in range(2):
            gram[j, j] = metric[e, TRIANGLE_PARTS[k, 2 + j]]
        gram[0, 1] = 0.5 * (gram[0, 0] + gram[1, 1] - metric[e, TRIANGLE_PARTS[k, 4]])
        gram[0, 2] = gram[1, 2] = 0.0
        lengths = dot(edges_mm[0], edges_mm[0]) + dot(edges_mm[1], edges_mm[1])
        gram[2, 2] = (gram[0, 0] + gram[1, 1]) / lengths
        cross(edges_mm[0], edges_mm[1], edges_mm[2])
        edges_mm[2] /= math.sqrt(dot(edges_mm[2], edges_mm[2]))
    gram[1, 0], gram[2, 0], gram[2, 1] = gram[0, 1], gram[0, 2], gram[1, 2]


@nb.njit(cache=True, nogil=True, error_model="numpy")
def add_tensor(edges_mm, gram, dual, out):
    """Add M = sum gram_jk r_j r_k' (dual basis r) to `out` (3, 3); det M, nan if flat."""
    size = 1.0
    for j in range(3):
        cross(edges_mm[(j + 1) % 3], edges_mm[(j + 2) % 3], dual[j])
        size *= dot(edges_mm[j], edges_mm[j])
    volume = dot(edges_mm[0], dual[0])
    if not volume * volume > FLAT * size:
        return math.nan
    dual /= volume
    for j in range(3):
        for k in range(3):
            for c in range(3):
                for d in range(3):
                    out[c, d] += gram[j, k] * dual[j, c] * dual[k, d]
    cross(gram[1], gram[2], dual[0])
    return dot(gram[0], dual[0]) / (volume * volume)


@nb.njit(cache=True, nogil=True, error_model="numpy")
def alike(det, other):
    """Whether two tissues are as fast: det M has the speeds to the power of -6."""
    return 1.0 / ALIKE**6 < det / other < ALIKE**6


@nb.njit(cache=True, nogil=True, error_model="numpy")
def node_tensor(nodes_mm, start, star, metric, i, like, work, out):
    """Mean M (3, 3) of the elements of node i, and mean det M; nan when it has none.

    Only of elements with a det M like `like`, unless that is nan. work (3, 3, 3) is for work.
    """
    edges_mm, gram, dual = work
    out[:] = 0.0
    part = np.empty((3, 3))
    total, count = 0.0, 0
    for k in range(start[i], start[i + np.uint32(1)]):
        frame(nodes_mm, star[k], metric, i, edges_mm, gram)
        part[:] = 0.0
        det = add_tensor(edges_mm, gram, dual, part)
        if alike(det, det if math.isnan(like) else like):  # not so if it is nan
            out += part
            total += det
            count += 1
    out /= count
    return total / count


@nb.njit(cache=True, nogil=True, error_model="numpy")
def touched(nodes_mm, start, star, metric, clock, source, like, radius_mm, seen, found):
    """Nodes of all elements within `radius_mm`, by ways through tissue like that at the source.

    An element counts when one of its nodes lies within. found (n,) is filled; how many.
    """
    edges_mm, gram, dual, tensor = np.empty((4, 3, 3))
    found[0] = source
    seen[source] = source
    count, head = 1, 0
    while head < count:
        i = np.uint32(found[head])
        head += 1
        x, y, z = nodes_mm[i] - nodes_mm[source]
        if x * x + y * y + z * z > radius_mm * radius_mm:
            continue
        for k in range(start[i], start[i + np.uint32(1)]):
            frame(nodes_mm, star[k], metric, i, edges_mm, gram)
            det = add_tensor(edges_mm, gram, dual, tensor)
            total_ms = 0.0
            for j in star[k, :-1]:
                total_ms += clock[j, TIME]
            if math.isnan(total_ms) or not alike(det, like):
                continue
            for j in star[k, :-1]:
                if seen[j] != source:
                    seen[j] = source
                    found[count] = j
                    count += 1
    return count


@nb.njit(cache=True, nogil=True, error_model="numpy")
def ball(nodes_mm, start, star, metric, sources, source_times_ms, radius_mm, clock, slope):
    """Lower the times around each source, and set the slopes (n, 3) with which they were reached.

    Nodes that nothing lowers keep what they have.
    """
    n = clock.shape[0]
    seen, found = np.full(n, -1, np.int32), np.empty(n, np.int32)
    work, here, there = np.empty((3, 3, 3)), np.empty((3, 3)), np.empty((3, 3))
    for s in range(sources.shape[0]):
        source = np.uint32(sources[s])
        like = node_tensor(nodes_mm, start, star, metric, source, math.nan, work, here)
        if not like > 0.0:
            continue
        count = touched(nodes_mm, start, star, metric, clock, source, like, radius_mm, seen, found)
        for j in found[1:count]:
            node_tensor(nodes_mm, start, star, metric, np.uint32(j), like, work, there)
            e = nodes_mm[j] - nodes_mm[source]
            covector = np.zeros(3)
            for c in range(3):
                for d in range(3):
                    covector[c] += 0.5 * (here[c, d] + there[c, d]) * e[d]
            time_ms = math.sqrt(dot(covector, e))
            if source_times_ms[s] + time_ms < clock[j, TIME]:
                clock[j, TIME] = source_times_ms[s] + time_ms
                slope[j] = covector / time_ms
