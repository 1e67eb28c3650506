"""The ordered solver with curved fronts: second order where the arrival time is smooth.

Linear elements take the front between the nodes of a face to be flat; that is what makes them
late around a point source. Here every node keeps the slope p = grad T with which the wave came.
Between nodes of a face, weights l, both ends' slopes give the time

    T(y) = sum_k l_k (T_k + p_k . (y - x_k) / 2),

which is exact for quadratic T. The ray that reaches x leaves the face where its slope in the face
is that of the weighted p_k: three rounds from the foot of the flat front find it. The slope at x
is that of the ray, w / |w| in the metric, for a ray is straight within an element. (Potter and
Cameron 2021 march slopes in a like way, on grids.) Nodes without a slope (nan) count as flat.
"""

import math

import numba as nb
import numpy as np

from .eikonal import PARTS, TRIANGLE_PARTS
from .eikonal_queue import SETTLED, TIME, pop, push
from .eikonal_update import FLAT, through_edge, through_face

#: An arrival counts as earlier when it is so by more than this (relative): curved fronts do not
#: fall monotonically, as flat ones do, and small circles must end.
EARLIER = 1e-9
#: Most that the curvature of a front may change a time, over the way from the face.
MOST = 0.25
ROUNDS = 3


@nb.njit(cache=True, nogil=True, error_model="numpy")
def dot(a, b):
    """Inner product of two vectors of three."""
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


@nb.njit(cache=True, nogil=True, error_model="numpy")
def cross(a, b, out):
    """Vector product of two vectors of three."""
    out[0] = a[1] * b[2] - a[2] * b[1]
    out[1] = a[2] * b[0] - a[0] * b[2]
    out[2] = a[0] * b[1] - a[1] * b[0]


@nb.njit(cache=True, nogil=True, error_model="numpy")
def foot(q, g1, g2, g12, b1, b2, s1, s2, uses):
    """Weights of nodes 1 and 2 where a front with slopes s along their edges meets the ray."""
    if uses == 0:
        return 0.0, 0.0
    if uses != 3:
        g, b, s = (g1, b1, s1) if uses == 1 else (g2, b2, s2)
        way = math.sqrt(max(q * g - b * b, 0.0) / max(g - s * s, FLAT * g))
        share = min(max((b - way * s) / g, 0.0), 1.0)
        return (share, 0.0) if uses == 1 else (0.0, share)
    det2 = g1 * g2 - g12 * g12
    a1, a2 = g2 * b1 - g12 * b2, g1 * b2 - g12 * b1
    u1, u2 = g2 * s1 - g12 * s2, g1 * s2 - g12 * s1
    det3 = max(q * det2 - b1 * a1 - b2 * a2, 0.0)
    way = math.sqrt(det3 / max(det2 - u1 * s1 - u2 * s2, FLAT * det2))
    l1, l2 = max((a1 - way * u1) / det2, 0.0), max((a2 - way * u2) / det2, 0.0)
    whole = max(l1 + l2, 1.0)
    return l1 / whole, l2 / whole


@nb.njit(cache=True, nogil=True, error_model="numpy")
def curved(q, g1, g2, g12, b1, b2, t1, t2, p0, p1, p2, e1, e2, uses):
    """Least time after the origin through a curved front: time, weights of nodes 1 and 2."""
    l1, l2 = foot(q, g1, g2, g12, b1, b2, t1, t2, uses)
    bend = 0.0
    if uses and not math.isnan(p0[0] + (p1[0] if uses & 1 else 0.0) + (p2[0] if uses & 2 else 0.0)):
        # Slopes along the two edges at each node; a node without a share has no say.
        s01, s02 = dot(p0, e1), dot(p0, e2)
        s11, s12 = (dot(p1, e1), dot(p1, e2)) if uses & 1 else (0.0, 0.0)
        s21, s22 = (dot(p2, e1), dot(p2, e2)) if uses & 2 else (0.0, 0.0)
        for _ in range(ROUNDS):
            l0 = 1.0 - l1 - l2
            s1, s2 = l0 * s01 + l1 * s11 + l2 * s21, l0 * s02 + l1 * s12 + l2 * s22
            l1, l2 = foot(q, g1, g2, g12, b1, b2, s1, s2, uses)
        l0 = 1.0 - l1 - l2
        bend = 0.5 * (
            l0 * (l1 * s01 + l2 * s02)
            + l1 * ((l1 - 1.0) * s11 + l2 * s12)
            + l2 * (l1 * s21 + (l2 - 1.0) * s22)
        )
    way = math.sqrt(q - 2 * (l1 * b1 + l2 * b2) + l1 * l1 * g1 + l2 * l2 * g2 + 2 * l1 * l2 * g12)
    bend = min(max(bend, -MOST * way), MOST * way)
    flat = (l1 * t1 if uses & 1 else 0.0) + (l2 * t2 if uses & 2 else 0.0)
    return flat + bend + way, way, l1, l2


@nb.njit(cache=True, nogil=True, error_model="numpy")
def spread_tets(start, star, metric, curves, clock, queue, size, i):
    """As `eikonal.spread_tets`; also keeps the slopes in tissue and along surfaces."""
    nodes_mm, slope, surface_slope, given = curves
    time_ms = clock[i, TIME]
    e1, e2, ex, normal = np.empty(3), np.empty(3), np.empty(3), np.empty(3)
    for k in range(start[i], start[i + np.uint32(1)]):
        if math.isnan(clock[star[k, 0], TIME] + clock[star[k, 1], TIME] + clock[star[k, 2], TIME]):
            continue
        e, p = star[k, 3] >> np.uint32(2), star[k, 3] & np.uint32(3)
        for j in range(np.uint32(3) * p, np.uint32(3) * p + np.uint32(3)):
            x, y, z = star[k, PARTS[j, 0]], star[k, PARTS[j, 1]], star[k, PARTS[j, 2]]
            limit = clock[x, TIME] - time_ms
            t1, t2 = clock[y, SETTLED] - time_ms, clock[z, SETTLED] - time_ms
            if limit <= min(0.0, t1, t2):
                continue
            q, g1, g2 = metric[e, PARTS[j, 3]], metric[e, PARTS[j, 4]], metric[e, PARTS[j, 5]]
            b1 = 0.5 * (q + g1 - metric[e, PARTS[j, 6]])
            b2 = 0.5 * (q + g2 - metric[e, PARTS[j, 7]])
            if limit <= 0.0 and b1 <= q and b2 <= q:
                continue
            g12 = 0.5 * (g1 + g2 - metric[e, PARTS[j, 8]])
            t, uses = through_face(q, g1, g2, g12, b1, b2, t1, t2, math.inf)
            if t == math.inf or (given[x] and t >= limit):
                continue
            for c in range(3):
                e1[c] = nodes_mm[y, c] - nodes_mm[i, c]
                e2[c] = nodes_mm[z, c] - nodes_mm[i, c]
                ex[c] = nodes_mm[x, c] - nodes_mm[i, c]
            t, way, l1, l2 = curved(
                q, g1, g2, g12, b1, b2, t1, t2, slope[i], slope[y], slope[z], e1, e2, uses
            )
            time = time_ms + t
            if not time + EARLIER * abs(time) < clock[x, TIME]:
                continue
            clock[x, TIME] = time
            # The slope has the inner products r with the three edges.
            r1 = (b1 - l1 * g1 - l2 * g12) / way
            r2 = (b2 - l1 * g12 - l2 * g2) / way
            rx = (q - l1 * b1 - l2 * b2) / way
            slope[x] = 0.0
            for r, a, b in ((r1, e2, ex), (r2, ex, e1), (rx, e1, e2)):
                cross(a, b, normal)
                for c in range(3):
                    slope[x, c] += r * normal[c]
            volume = dot(ex, normal)
            if volume * volume > FLAT * dot(e1, e1) * dot(e2, e2) * dot(ex, ex):
                slope[x] /= volume
            else:
                slope[x] = math.nan
            surface_slope[x] = slope[x]
            size = push(clock, queue, size, x)
    return size


@nb.njit(cache=True, nogil=True, error_model="numpy")
def spread_triangles(start, star, metric, curves, clock, queue, size, i):
    """As `eikonal.spread_triangles`; what comes along a surface has no slope into the tissue."""
    nodes_mm, slope, surface_slope, given = curves
    time_ms = clock[i, TIME]
    e1, ex = np.empty(3), np.empty(3)
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
            t, uses = through_edge(q, g1, b1, t1, math.inf)
            if t == math.inf or (given[x] and t >= limit):
                continue
            for c in range(3):
                e1[c] = nodes_mm[y, c] - nodes_mm[i, c]
                ex[c] = nodes_mm[x, c] - nodes_mm[i, c]
            p0, p1 = surface_slope[i], surface_slope[y]
            t, way, l1, _ = curved(q, g1, g1, 0.0, b1, 0.0, t1, math.inf, p0, p1, p1, e1, e1, uses)
            time = time_ms + t
            if not time + EARLIER * abs(time) < clock[x, TIME]:
                continue
            clock[x, TIME] = time
            r1, rx = (b1 - l1 * g1) / way, (q - l1 * b1) / way
            c11, c1x, cxx = dot(e1, e1), dot(e1, ex), dot(ex, ex)
            det = c11 * cxx - c1x * c1x
            flat = det <= FLAT * c11 * cxx
            for c in range(3):
                along = (cxx * r1 - c1x * rx) * e1[c] + (c11 * rx - c1x * r1) * ex[c]
                surface_slope[x, c] = math.nan if flat else along / det
                slope[x, c] = math.nan
            size = push(clock, queue, size, x)
    return size


@nb.njit(cache=True, nogil=True)
def march(stars, tet_metric, triangle_metric, first, until_ms, front, curves):
    """As `eikonal.march`, to second order; slopes are nan where the front counts as flat."""
    clock, queue = front.clock, front.queue
    tet_start, tet_star = stars.tet_start, stars.tet_star
    triangle_start, triangle_star = stars.triangle_start, stars.triangle_star
    size = 0
    for k in range(first.shape[0]):
        curves.given[first[k]] = True
        size = push(clock, queue, size, first[k])
    left = 0
    while size > 0:
        i = np.uint32(pop(clock, queue, size))
        size -= 1
        if clock[i, TIME] > until_ms:
            break
        left += 1
        clock[i, SETTLED] = clock[i, TIME]
        size = spread_tets(tet_start, tet_star, tet_metric, curves, clock, queue, size, i)
        size = spread_triangles(
            triangle_start, triangle_star, triangle_metric, curves, clock, queue, size, i
        )
    return left
