"""Inner loops of `sim.eikonal`: lengths in the metric of the wave, and the ordered solver.

The wave reaches node 4 through a face with nodes 1, 2, 3 at the least of

    sum_k l_k T_k + |x4 - sum_k l_k x_k|,    l_k >= 0,  sum_k l_k = 1,

with lengths in the metric of D^-1 [ms]. Put the origin at x3, T3; write G for the inner products
of x1 and x2, b for those with x4, q = |x4|^2 and t = (T1, T2). The function is convex; where its
gradient is zero, l = G^-1 (b - L t) with L = sqrt((q - b'G^-1 b) / (1 - t'G^-1 t)) and its value is

    b'G^-1 t + sqrt((q - b'G^-1 b) (1 - t'G^-1 t)).

Below, G^-1 = adj(G) / det(G) and q - b'G^-1 b = det3 / det(G), with det3 the determinant of the
inner products of x1, x2 and x4; so one root and one division serve an update. The origin is always
the node that was just taken from the queue: what does not pass through it has been tried before.
"""

import math

import numba as nb
import numpy as np

#: Edges of a tetrahedron are kept in the order 01 02 03 12 13 23. Row p: the edges that join
#: node p to the others a, b, c (in rising order), then ab, ac, bc.
TET_EDGES = np.array(
    [[0, 1, 2, 3, 4, 5], [0, 3, 4, 1, 2, 5], [1, 3, 5, 0, 2, 4], [2, 4, 5, 0, 1, 3]]
)
#: Edges of a triangle are kept in the order 01 02 12. Row p: pa, pb, ab.
TRIANGLE_EDGES = np.array([[0, 1, 2], [0, 2, 1], [1, 2, 0]])
#: A time counts as earlier when it is so by more than rounding (relative).
ROUNDING = 1e-13
#: det3 over the product of the three squared lengths, below which a tetrahedron is flat and
#: det3 is rounding: then only its edges carry the wave.
FLAT = 1e-14


@nb.njit(cache=True, error_model="numpy")
def tet_metric(nodes_mm, tets, fibres, sheets, slowness, scale, out):
    """Squared edge lengths |e|^2 in D^-1 [ms^2]; slowness (3,) ms/mm, scale (m,) or (1,)."""
    for e in range(tets.shape[0]):
        f0, f1, f2 = fibres[e, 0], fibres[e, 1], fibres[e, 2]
        norm = 1.0 / math.sqrt(f0 * f0 + f1 * f1 + f2 * f2)
        f0, f1, f2 = f0 * norm, f1 * norm, f2 * norm
        s0, s1, s2 = sheets[e, 0], sheets[e, 1], sheets[e, 2]
        along = f0 * s0 + f1 * s1 + f2 * s2
        s0, s1, s2 = s0 - along * f0, s1 - along * f1, s2 - along * f2
        norm = 1.0 / math.sqrt(s0 * s0 + s1 * s1 + s2 * s2)
        s0, s1, s2 = s0 * norm, s1 * norm, s2 * norm
        n0, n1, n2 = f1 * s2 - f2 * s1, f2 * s0 - f0 * s2, f0 * s1 - f1 * s0
        speed = scale[e % scale.shape[0]]
        k = 0
        for a in range(3):
            for b in range(a + 1, 4):
                i, j = tets[e, a], tets[e, b]
                x = nodes_mm[j, 0] - nodes_mm[i, 0]
                y = nodes_mm[j, 1] - nodes_mm[i, 1]
                z = nodes_mm[j, 2] - nodes_mm[i, 2]
                u = (f0 * x + f1 * y + f2 * z) * slowness[0]
                v = (s0 * x + s1 * y + s2 * z) * slowness[1]
                w = (n0 * x + n1 * y + n2 * z) * slowness[2]
                out[e, k] = (u * u + v * v + w * w) / (speed * speed)
                k += 1


@nb.njit(cache=True, error_model="numpy")
def _edge(q, g, b, t):
    """Least time after the origin, through the edge from the origin to a node with (g, b, t).

    inf when the way leads through the other end alone, for that does not concern the origin.
    """
    s = g - t * t  # -inf when the other end has not been reached
    if s > 0.0:
        d = max(q * g - b * b, 0.0)
        r = math.sqrt(d * s)
        share = r * b - d * t  # of the other end, times g r
        if share > 0.0:
            return (b * t + r) / g if share < g * r else math.inf
    elif t < 0.0:
        return math.inf
    return math.sqrt(q)


@nb.njit(cache=True, error_model="numpy")
def _face(q, g1, g2, g12, b1, b2, t1, t2, det3, limit):
    """Least time after the origin, through a face of the origin and two nodes; inf if >= limit."""
    if t1 == math.inf or t2 == math.inf or det3 == 0.0:
        return min(_edge(q, g1, b1, t1), _edge(q, g2, b2, t2))
    det2 = g1 * g2 - g12 * g12
    u1 = g2 * t1 - g12 * t2
    u2 = g1 * t2 - g12 * t1
    s = det2 - u1 * t1 - u2 * t2
    if s <= 0.0:
        return min(_edge(q, g1, b1, t1), _edge(q, g2, b2, t2))
    a1 = g2 * b1 - g12 * b2
    a2 = g1 * b2 - g12 * b1
    r = math.sqrt(det3 * s)
    best = (a1 * t1 + a2 * t2 + r) / det2
    if best >= limit:  # the least over the whole plane, so the edges are no better
        return math.inf
    share1 = r * a1 - det3 * u1  # of each node, times det2 r
    share2 = r * a2 - det3 * u2
    if share1 >= 0.0 and share2 >= 0.0:
        return best if share1 + share2 <= det2 * r else math.inf
    # The least over a convex set lies on a side that the free minimum is beyond.
    best = math.inf
    if share2 < 0.0:
        best = _edge(q, g1, b1, t1)
    if share1 < 0.0:
        best = min(best, _edge(q, g2, b2, t2))
    return best


@nb.njit(cache=True)
def _rise(heap, place, times_ms, k, node):
    """Put `node` into position k of the queue or nearer to its front."""
    while k > 0:
        parent = (k - 1) >> 2
        other = heap[parent]
        if times_ms[other] <= times_ms[node]:
            break
        heap[k] = other
        place[other] = k
        k = parent
    heap[k] = node
    place[node] = k


@nb.njit(cache=True)
def _sink(heap, place, times_ms, size, node):
    """Put `node` at the front of the queue or further back, where it belongs."""
    k = 0
    while 4 * k + 1 < size:
        child = 4 * k + 1
        for c in range(child + 1, min(child + 4, size)):
            if times_ms[heap[c]] < times_ms[heap[child]]:
                child = c
        other = heap[child]
        if times_ms[node] <= times_ms[other]:
            break
        heap[k] = other
        place[other] = k
        k = child
    heap[k] = node
    place[node] = k


@nb.njit(cache=True)
def _lower(heap, place, times_ms, size, node, time_ms):
    """Give `node` a time if it is earlier than the one it has, and queue it; new queue size."""
    if not time_ms + ROUNDING * abs(time_ms) < times_ms[node]:
        return size
    times_ms[node] = time_ms
    k = place[node]
    if k < 0:
        k = size
        size += 1
    _rise(heap, place, times_ms, k, node)
    return size


@nb.njit(cache=True, error_model="numpy")
def _spread_tets(mesh, metric, heap, place, times_ms, size, i):
    """Update every neighbour of node i through the tetrahedra that they share."""
    time_ms = times_ms[i]
    for k in range(mesh.tet_start[i], mesh.tet_start[i + 1]):
        a, b, c = mesh.tet_star[k, 0], mesh.tet_star[k, 1], mesh.tet_star[k, 2]
        ta, tb, tc = times_ms[a] - time_ms, times_ms[b] - time_ms, times_ms[c] - time_ms
        if math.isnan(ta + tb + tc):  # a node that does not conduct
            continue
        e = mesh.tet_star[k, 3] >> 2
        p = mesh.tet_star[k, 3] & 3
        aa = metric[e, TET_EDGES[p, 0]]
        bb = metric[e, TET_EDGES[p, 1]]
        cc = metric[e, TET_EDGES[p, 2]]
        ab = 0.5 * (aa + bb - metric[e, TET_EDGES[p, 3]])
        ac = 0.5 * (aa + cc - metric[e, TET_EDGES[p, 4]])
        bc = 0.5 * (bb + cc - metric[e, TET_EDGES[p, 5]])
        det3 = aa * (bb * cc - bc * bc) - ab * (ab * cc - bc * ac) + ac * (ab * bc - bb * ac)
        if det3 < FLAT * aa * bb * cc:
            det3 = 0.0
        if ta > min(0.0, tb, tc):  # else the wave passes a before all of the others
            t = _face(aa, bb, cc, bc, ab, ac, tb, tc, det3, ta)
            if t < ta:
                size = _lower(heap, place, times_ms, size, a, time_ms + t)
        if tb > min(0.0, ta, tc):
            t = _face(bb, aa, cc, ac, ab, bc, ta, tc, det3, tb)
            if t < tb:
                size = _lower(heap, place, times_ms, size, b, time_ms + t)
        if tc > min(0.0, ta, tb):
            t = _face(cc, aa, bb, ab, ac, bc, ta, tb, det3, tc)
            if t < tc:
                size = _lower(heap, place, times_ms, size, c, time_ms + t)
    return size


@nb.njit(cache=True, error_model="numpy")
def _spread_triangles(mesh, metric, heap, place, times_ms, size, i):
    """Update every neighbour of node i through the triangles that they share."""
    time_ms = times_ms[i]
    for k in range(mesh.triangle_start[i], mesh.triangle_start[i + 1]):
        a, b = mesh.triangle_star[k, 0], mesh.triangle_star[k, 1]
        ta, tb = times_ms[a] - time_ms, times_ms[b] - time_ms
        if math.isnan(ta + tb):
            continue
        e = mesh.triangle_star[k, 2] >> 2
        p = mesh.triangle_star[k, 2] & 3
        aa = metric[e, TRIANGLE_EDGES[p, 0]]
        bb = metric[e, TRIANGLE_EDGES[p, 1]]
        ab = 0.5 * (aa + bb - metric[e, TRIANGLE_EDGES[p, 2]])
        if ta > min(0.0, tb):
            t = _edge(aa, bb, ab, tb)
            if t < ta:
                size = _lower(heap, place, times_ms, size, a, time_ms + t)
        if tb > min(0.0, ta):
            t = _edge(bb, aa, ab, ta)
            if t < tb:
                size = _lower(heap, place, times_ms, size, b, time_ms + t)
    return size


@nb.njit(cache=True)
def march(mesh, tet_metric, triangle_metric, heap, place, times_ms):
    """Lower `times_ms` (finite at sources, nan where blocked) to the first arrival; pops.

    A node that was passed is queued again whenever a later neighbour makes it earlier: on skewed
    or anisotropic elements the wave may reach a node through one that has a later time.
    """
    size = 0
    for i in range(times_ms.shape[0]):
        place[i] = -1
        if times_ms[i] < math.inf:
            _rise(heap, place, times_ms, size, i)
            size += 1
    pops = 0
    while size > 0:
        i = heap[0]
        size -= 1
        pops += 1
        if size > 0:
            _sink(heap, place, times_ms, size, heap[size])
        place[i] = -1
        size = _spread_tets(mesh, tet_metric, heap, place, times_ms, size, i)
        size = _spread_triangles(mesh, triangle_metric, heap, place, times_ms, size, i)
    return pops
