"""The ordered eikonal solver: the wave leaves one node after another, earliest first.

A node that the wave has left is settled. From it, every other node of each of its elements is
updated through the face of this node and those of the others that are settled: each face is so
tried when the last of its nodes is settled, and only then. On skewed or anisotropic elements the
wave may reach a node through one that has a later time; then it leaves that node once more
(Bornemann and Rasch 2006). A settled node that waits to be left again counts with its new time:
nodes that depend on each other so agree in half as many rounds.
"""

import math

import numba as nb
import numpy as np

from .eikonal_queue import SETTLED, TIME, pop, push
from .eikonal_update import through_edge, through_face

#: Edges of a tetrahedron are kept in the order 01 02 03 12 13 23. Row 3 p + j, for the wave that
#: leaves corner p towards x, the j-th of the other corners, and the rest y < z: their places
#: among the others, then the edges px py pz xy xz yz.
PARTS = np.array(
    [
        [0, 1, 2, 0, 1, 2, 3, 4, 5],
        [1, 0, 2, 1, 0, 2, 3, 5, 4],
        [2, 0, 1, 2, 0, 1, 4, 5, 3],
        [0, 1, 2, 0, 3, 4, 1, 2, 5],
        [1, 0, 2, 3, 0, 4, 1, 5, 2],
        [2, 0, 1, 4, 0, 3, 2, 5, 1],
        [0, 1, 2, 1, 3, 5, 0, 2, 4],
        [1, 0, 2, 3, 1, 5, 0, 4, 2],
        [2, 0, 1, 5, 1, 3, 2, 4, 0],
        [0, 1, 2, 2, 4, 5, 0, 1, 3],
        [1, 0, 2, 4, 2, 5, 0, 3, 1],
        [2, 0, 1, 5, 2, 4, 1, 3, 0],
    ],
    np.uint8,
)
#: Edges of a triangle are kept in the order 01 02 12. Row 2 p + j: the places of x and y among
#: the others, then the edges px py xy.
TRIANGLE_PARTS = np.array(
    [
        [0, 1, 0, 1, 2],
        [1, 0, 1, 0, 2],
        [0, 1, 0, 2, 1],
        [1, 0, 2, 0, 1],
        [0, 1, 1, 2, 0],
        [1, 0, 2, 1, 0],
    ],
    np.uint8,
)
#: A time counts as earlier when it is so by more than rounding (relative).
ROUNDING = 1e-13


@nb.njit(cache=True, nogil=True, error_model="numpy")
def spread_tets(start, star, metric, clock, queue, via, size, i):
    """Update the neighbours of node i through the tetrahedra that they share; new queue size."""
    time_ms = clock[i, TIME]
    for k in range(start[i], start[i + np.uint32(1)]):
        if math.isnan(clock[star[k, 0], TIME] + clock[star[k, 1], TIME] + clock[star[k, 2], TIME]):
            continue  # a node that does not conduct
        e, p = star[k, 3] >> np.uint32(2), star[k, 3] & np.uint32(3)
        for j in range(np.uint32(3) * p, np.uint32(3) * p + np.uint32(3)):
            x, y, z = star[k, PARTS[j, 0]], star[k, PARTS[j, 1]], star[k, PARTS[j, 2]]
            limit = clock[x, TIME] - time_ms
            t1 = clock[y, TIME] - time_ms if clock[y, SETTLED] < math.inf else math.inf
            t2 = clock[z, TIME] - time_ms if clock[z, SETTLED] < math.inf else math.inf
            if limit <= min(0.0, t1, t2):
                continue  # the wave passes x before all of the others
            q = metric[e, PARTS[j, 3]]
            if t1 == math.inf and t2 == math.inf:
                if q >= limit * limit:
                    continue
                t, uses = math.sqrt(q), 0
            else:
                g1, g2 = metric[e, PARTS[j, 4]], metric[e, PARTS[j, 5]]
                b1 = 0.5 * (q + g1 - metric[e, PARTS[j, 6]])
                b2 = 0.5 * (q + g2 - metric[e, PARTS[j, 7]])
                if limit <= 0.0 and b1 <= q and b2 <= q:
                    continue  # no obtuse angle at x: nothing comes back to x from the origin
                g12 = 0.5 * (g1 + g2 - metric[e, PARTS[j, 8]])
                t, uses = through_face(q, g1, g2, g12, b1, b2, t1, t2, limit)
            if t < limit and time_ms + t + ROUNDING * abs(time_ms + t) < clock[x, TIME]:
                clock[x, TIME] = time_ms + t
                via[x, 0], via[x, 1] = 2 * e, i
                via[x, 2] = y if uses & 1 else -1
                via[x, 3] = z if uses & 2 else -1
                size = push(clock, queue, size, x)
    return size


@nb.njit(cache=True, nogil=True, error_model="numpy")
def spread_triangles(start, star, metric, clock, queue, via, size, i):
    """Update the neighbours of node i through the triangles that they share; new queue size."""
    time_ms = clock[i, TIME]
    for k in range(start[i], start[i + np.uint32(1)]):
        if math.isnan(clock[star[k, 0], TIME] + clock[star[k, 1], TIME]):
            continue
        e, p = star[k, 2] >> np.uint32(2), star[k, 2] & np.uint32(3)
        for j in range(np.uint32(2) * p, np.uint32(2) * p + np.uint32(2)):
            x, y = star[k, TRIANGLE_PARTS[j, 0]], star[k, TRIANGLE_PARTS[j, 1]]
            limit, t1 = clock[x, TIME] - time_ms, clock[y, SETTLED] - time_ms
            if limit <= min(0.0, t1):
                continue
            q, g1 = metric[e, TRIANGLE_PARTS[j, 2]], metric[e, TRIANGLE_PARTS[j, 3]]
            b1 = 0.5 * (q + g1 - metric[e, TRIANGLE_PARTS[j, 4]])
            t, uses = through_edge(q, g1, b1, t1, limit)
            if t < limit and time_ms + t + ROUNDING * abs(time_ms + t) < clock[x, TIME]:
                clock[x, TIME] = time_ms + t
                via[x, 0], via[x, 1] = 2 * e + np.uint32(1), i
                via[x, 2] = y if uses else -1
                via[x, 3] = -1
                size = push(clock, queue, size, x)
    return size


@nb.njit(cache=True, nogil=True)
def march(stars, tet_metric, triangle_metric, first, until_ms, front):
    """Let the wave go on from the nodes `first` (s,), which have times, until nothing is earlier.

    Nodes that it reaches after `until_ms` are not left.

    Returns how many times it left a node.
    """
    clock, queue, via = front.clock, front.queue, front.via
    tet_start, tet_star = stars.tet_start, stars.tet_star
    triangle_start, triangle_star = stars.triangle_start, stars.triangle_star
    size = 0
    for k in range(first.shape[0]):
        size = push(clock, queue, size, first[k])
    left = 0
    while size > 0:
        i = np.uint32(pop(clock, queue, size))
        size -= 1
        if clock[i, TIME] > until_ms:
            break
        left += 1
        clock[i, SETTLED] = clock[i, TIME]
        size = spread_tets(tet_start, tet_star, tet_metric, clock, queue, via, size, i)
        if triangle_start[i + np.uint32(1)] > triangle_start[i]:
            size = spread_triangles(
                triangle_start, triangle_star, triangle_metric, clock, queue, via, size, i
            )
    return left
