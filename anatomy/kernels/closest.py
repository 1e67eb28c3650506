"""Inner loops of `anatomy.distance.Tree`: boxes about triangles, and the nearest point on them."""

import numba as nb
import numpy as np

#: Triangles in a box that is not divided further.
LEAF = 4


@nb.njit(cache=True)
def build_tree(corners_mm, order, boxes_mm, spans):
    """Boxes that halve at the median along their longest side; returns how many there are.

    (k, 3, 3); and in place: (k,) int64, 0..k-1 at first, then the triangles in the order of the
    leaves; (2 k, 2, 3); (2 k, 3) int64: first and last member, and the second half of a box,
    of which the first half is the next box, or 0 for a leaf.
    """
    middles = np.empty((corners_mm.shape[0], 3))
    for t in range(corners_mm.shape[0]):
        for d in range(3):
            middles[t, d] = corners_mm[t, 0, d] + corners_mm[t, 1, d] + corners_mm[t, 2, d]
    parents = np.empty(64, np.int64)
    depth, size = 0, 1
    spans[0] = 0, corners_mm.shape[0], 0
    box = 0
    while True:
        first, last = spans[box, 0], spans[box, 1]
        _fit_box(corners_mm, order[first:last], boxes_mm[box])
        if last - first > LEAF:
            extent = boxes_mm[box, 1] - boxes_mm[box, 0]
            axis = np.argmax(extent)
            members = order[first:last].copy()
            order[first:last] = members[np.argsort(middles[members, axis])]
            spans[size, 0], spans[size, 1] = first, (first + last) // 2
            parents[depth] = box
            depth += 1
            box = size
            size += 1
            continue
        spans[box, 2] = 0
        if depth == 0:
            return size
        depth -= 1
        parent = parents[depth]
        spans[parent, 2] = size
        spans[size, 0], spans[size, 1] = (
            (spans[parent, 0] + spans[parent, 1]) // 2,
            spans[parent, 1],
        )
        box = size
        size += 1


@nb.njit(cache=True)
def _fit_box(corners_mm, members, box_mm):
    """Lowest and highest coordinates of some triangles."""
    box_mm[0] = np.inf
    box_mm[1] = -np.inf
    for t in members:
        for c in range(3):
            for d in range(3):
                box_mm[0, d] = min(box_mm[0, d], corners_mm[t, c, d])
                box_mm[1, d] = max(box_mm[1, d], corners_mm[t, c, d])


@nb.njit(cache=True)
def _box_gap2(box_mm, point):
    """Square of the distance from a point to a box."""
    total = 0.0
    for d in range(3):
        gap = max(box_mm[0, d] - point[d], 0.0, point[d] - box_mm[1, d])
        total += gap * gap
    return total


@nb.njit(cache=True)
def _weights(corners, p):
    """Weights of the second and third corner at the nearest point of a triangle.

    By the region of the plane in which the point lies (Ericson, Real-Time Collision Detection,
    2005, section 5.1.5).
    """
    d1 = d2 = d3 = d4 = d5 = d6 = 0.0
    for d in range(3):
        ab, ac = corners[1, d] - corners[0, d], corners[2, d] - corners[0, d]
        d1 += ab * (p[d] - corners[0, d])
        d2 += ac * (p[d] - corners[0, d])
        d3 += ab * (p[d] - corners[1, d])
        d4 += ac * (p[d] - corners[1, d])
        d5 += ab * (p[d] - corners[2, d])
        d6 += ac * (p[d] - corners[2, d])
    if d1 <= 0 and d2 <= 0:
        return 0.0, 0.0
    if d3 >= 0 and d4 <= d3:
        return 1.0, 0.0
    if d6 >= 0 and d5 <= d6:
        return 0.0, 1.0
    vc = d1 * d4 - d3 * d2
    if vc <= 0 and d1 >= 0 and d3 <= 0:
        return d1 / (d1 - d3), 0.0
    vb = d5 * d2 - d1 * d6
    if vb <= 0 and d2 >= 0 and d6 <= 0:
        return 0.0, d2 / (d2 - d6)
    va = d3 * d6 - d5 * d4
    if va <= 0 and d4 - d3 >= 0 and d5 - d6 >= 0:
        w = (d4 - d3) / ((d4 - d3) + (d5 - d6))
        return 1.0 - w, w
    total = va + vb + vc
    return (vb / total, vc / total) if total > 0 else (0.0, 0.0)


@nb.njit(cache=True)
def _gap2(corners, p):
    """Square of the distance from a point to a triangle."""
    v, w = _weights(corners, p)
    total = 0.0
    for d in range(3):
        on = corners[0, d] + v * (corners[1, d] - corners[0, d])
        on += w * (corners[2, d] - corners[0, d])
        total += (p[d] - on) ** 2
    return total


@nb.njit(cache=True)
def find_closest(points_mm, corners_mm, order, boxes_mm, spans, limit_mm, nearest, gaps_mm):
    """Nearest triangle of each point and the distance, -1 and the limit where none is nearer.

    (p, 3), (k, 3, 3), the three arrays of `build_tree`, the limit, (p,) int64, (p,) float64.
    The triangle of one point is the first guess for the next.
    """
    stack = np.empty(64, np.int64)
    last = 0
    for i in range(points_mm.shape[0]):
        p = points_mm[i]
        best2, best = limit_mm * limit_mm, -1
        guess2 = _gap2(corners_mm[last], p)
        if guess2 < best2:
            best2, best = guess2, last
        stack[0] = 0
        depth = 1
        while depth:
            depth -= 1
            box = stack[depth]
            if _box_gap2(boxes_mm[box], p) >= best2:
                continue
            if spans[box, 2] == 0:
                for t in order[spans[box, 0] : spans[box, 1]]:
                    gap2 = _gap2(corners_mm[t], p)
                    if gap2 < best2:
                        best2, best = gap2, t
                continue
            near, far = box + 1, spans[box, 2]
            if _box_gap2(boxes_mm[near], p) > _box_gap2(boxes_mm[far], p):
                near, far = far, near
            stack[depth], stack[depth + 1] = far, near
            depth += 2
        nearest[i], gaps_mm[i] = best, np.sqrt(best2)
        if best >= 0:
            last = best


@nb.njit(cache=True)
def closest_weights(points_mm, corners_mm, nearest, weights):
    """Weights (p, 3) of the corners at the nearest point of the triangle given for each point."""
    for i in range(points_mm.shape[0]):
        v, w = _weights(corners_mm[nearest[i]], points_mm[i])
        weights[i] = 1.0 - v - w, v, w
