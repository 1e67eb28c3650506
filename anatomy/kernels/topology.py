"""Inner loops of `anatomy.topology`: which faces of tets are the same, which tets a node has."""

import numba as nb
import numpy as np


@nb.njit(cache=True)
def match_faces(faces, start, twins):
    """A face with the same three nodes as each face, -1 where there is no other.

    (k, 3), (n + 1,) all 0, (k,). Faces are compared only with those of the same least node.
    """
    k = faces.shape[0]
    lows, keys = np.empty(k, np.int64), np.empty((k, 2), np.int64)
    for f in range(k):
        a, b, c = faces[f]
        lows[f] = min(a, b, c)
        start[lows[f] + 1] += 1
    for i in range(start.shape[0] - 1):
        start[i + 1] += start[i]
    filled = start[:-1].copy()
    for f in range(k):
        a, b, c = faces[f]
        high = max(a, b, c)
        keys[filled[lows[f]]] = (a + b + c - lows[f] - high) * start.shape[0] + high, f
        filled[lows[f]] += 1
    twins[:] = -1
    for i in range(start.shape[0] - 1):
        for p in range(start[i], start[i + 1]):
            for q in range(p + 1, start[i + 1]):
                if keys[p, 0] == keys[q, 0]:
                    twins[keys[p, 1]], twins[keys[q, 1]] = keys[q, 1], keys[p, 1]


@nb.njit(cache=True)
def gather_tets(tets, start, members):
    """Tets of each node: those of node i are members[start[i]:start[i + 1]]; (n + 1,), (4 m,)."""
    start[:] = 0
    for t in range(tets.shape[0]):
        for c in range(4):
            start[tets[t, c] + 1] += 1
    for i in range(start.shape[0] - 1):
        start[i + 1] += start[i]
    filled = start[:-1].copy()
    for t in range(tets.shape[0]):
        for c in range(4):
            members[filled[tets[t, c]]] = t
            filled[tets[t, c]] += 1
