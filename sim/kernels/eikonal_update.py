"""Fermat's principle in one element: the least time at a node, through a face or an edge.

The wave reaches x through a face with nodes 0, 1, 2 at the least of

    sum_k l_k T_k + |x - sum_k l_k x_k|,    l_k >= 0,  sum_k l_k = 1,

with lengths in the metric of D^-1 [ms]. Put the origin at x0, T0; write G for the inner products
of x1 and x2, b for those with x, q = |x|^2 and t = (T1, T2). The function is convex; where its
gradient is zero, l = G^-1 (b - L t) with L = sqrt((q - b'G^-1 b) / (1 - t'G^-1 t)) and its value is

    b'G^-1 t + sqrt((q - b'G^-1 b) (1 - t'G^-1 t)).

Below, G^-1 = adj(G) / det(G) and q - b'G^-1 b = det3 / det(G), with det3 the determinant of the
inner products of x1, x2 and x. What is no better than `limit` is told before any root or division.
The origin is always the node that the wave leaves just now: what does not pass through it has
been tried before. The second value returned tells which of the other nodes take part (bits 1, 2).
"""

import math

import numba as nb

#: det3 over the product of the three squared lengths, below which a tetrahedron is flat and
#: det3 is rounding: then only its edges carry the wave.
FLAT = 1e-14


@nb.njit(cache=True, nogil=True, error_model="numpy", inline="always")
def through_edge(q, g, b, t, limit):
    """Least time after the origin through its edge to a node with (g, b, t); inf if >= limit.

    inf also when the way leads through the other end alone, for that does not concern the origin.
    """
    s = g - t * t
    if s > 0.0:
        d = max(q * g - b * b, 0.0)
        w = limit * g - b * t
        if w <= 0.0 or d * s >= w * w:  # the least over the whole line
            return math.inf, 0
        r = math.sqrt(d * s)
        share = r * b - d * t  # of the other end, times g r
        if share > 0.0:
            return ((b * t + r) / g, 1) if share < g * r else (math.inf, 0)
    elif t < 0.0:
        return math.inf, 0
    return (math.sqrt(q), 0) if q < limit * limit else (math.inf, 0)


@nb.njit(cache=True, nogil=True, error_model="numpy", inline="always")
def through_face(q, g1, g2, g12, b1, b2, t1, t2, limit):
    """Least time after the origin through its face with two nodes; inf if >= limit.

    A node that the wave has not left yet has the time inf and takes no part.
    """
    side1, side2 = t1 < math.inf, t2 < math.inf
    if side1 and side2:
        det2 = g1 * g2 - g12 * g12
        a1 = g2 * b1 - g12 * b2
        a2 = g1 * b2 - g12 * b1
        u1 = g2 * t1 - g12 * t2
        u2 = g1 * t2 - g12 * t1
        det3 = q * det2 - b1 * a1 - b2 * a2
        s = det2 - u1 * t1 - u2 * t2
        if s > 0.0 and det3 > FLAT * q * g1 * g2:
            w = limit * det2 - a1 * t1 - a2 * t2
            if w <= 0.0 or det3 * s >= w * w:  # the least over the whole plane
                return math.inf, 0
            r = math.sqrt(det3 * s)
            share1 = r * a1 - det3 * u1  # of each node, times det2 r
            share2 = r * a2 - det3 * u2
            if share1 >= 0.0 and share2 >= 0.0:
                inside = share1 + share2 <= det2 * r
                return ((a1 * t1 + a2 * t2 + r) / det2, 3) if inside else (math.inf, 0)
            # The least over a convex set lies on a side that the free minimum is beyond.
            side1, side2 = share2 < 0.0, share1 < 0.0
    elif not (side1 or side2):
        return (math.sqrt(q), 0) if q < limit * limit else (math.inf, 0)
    best, uses = math.inf, 0
    if side1:
        best, uses = through_edge(q, g1, b1, t1, limit)
    if side2:
        other, bit = through_edge(q, g2, b2, t2, min(limit, best))
        if other < best:
            best, uses = other, 2 * bit
    return best, uses
