"""The elements of every node, a numbering that keeps neighbours together, metrics in its order."""

import numba as nb
import numpy as np


@nb.njit(cache=True)
def star(elements, start, out):
    """Rows of each node: the other nodes of an element, then 4 x the element + the own corner.

    start (n + 1,) zeros on entry, on exit the first row of each node; out (m corners, corners).
    """
    m, corners = elements.shape
    for e in range(m):
        for own in range(corners):
            start[elements[e, own]] += 1
    row = 0
    for i in range(start.shape[0]):
        count = start[i]
        start[i] = row
        row += count
    for e in range(m):
        for own in range(corners):
            i = elements[e, own]
            k = 0
            for c in range(corners):
                if c != own:
                    out[start[i], k] = elements[e, c]
                    k += 1
            out[start[i], k] = 4 * e + own
            start[i] += 1
    for i in range(start.shape[0] - 1, 0, -1):
        start[i] = start[i - 1]
    start[0] = 0


@nb.njit(cache=True)
def breadth_first(stars, seed, order):
    """Nodes (n,) in the order of their distance from node `seed` along edges, piece by piece."""
    n = order.shape[0]
    seen = np.zeros(n, np.bool_)
    filled, head, fresh = 0, 0, 0
    while filled < n:
        order[filled] = seed
        seen[seed] = True
        filled += 1
        while head < filled:
            i = order[head]
            head += 1
            for k in range(stars.tet_start[i], stars.tet_start[i + 1]):
                for j in stars.tet_star[k, :3]:
                    if not seen[j]:
                        seen[j] = True
                        order[filled] = j
                        filled += 1
            for k in range(stars.triangle_start[i], stars.triangle_start[i + 1]):
                for j in stars.triangle_star[k, :2]:
                    if not seen[j]:
                        seen[j] = True
                        order[filled] = j
                        filled += 1
        while fresh < n and seen[fresh]:
            fresh += 1
        seed = fresh


@nb.njit(cache=True, nogil=True, error_model="numpy")
def scaled(metric, order, scale, out):
    """Metric at speeds times `scale` (m,) or (1,), in the solver's order.

    Returns the row of `metric` that is not positive and finite, or -1.
    """
    bad = -1
    for e in range(out.shape[0]):
        row = order[e]
        factor = scale[row % scale.shape[0]]
        factor = 1.0 / (factor * factor)
        for c in range(out.shape[1]):
            out[e, c] = metric[row, c] * factor
            if not 0.0 < out[e, c] < np.inf:
                bad = row
    return bad
