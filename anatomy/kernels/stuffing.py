"""Inner loop of `anatomy.distance.surface_distance`: which points a closed surface encloses."""

import numba as nb
import numpy as np


@nb.njit(cache=True)
def _passes(nodes_mm, i, j, x, y):
    """1 where the edge i -> j passes on the far side in x of (x, y) to greater y, -1 back, else 0.

    Ties are broken as if the place lay the least bit further in x, and less than that in y. All
    triangles at a node or an edge then agree on which of them the line up from the place meets.
    """
    rises = nodes_mm[j, 1] > y
    if (nodes_mm[i, 1] > y) == rises:
        return 0
    low, high = (i, j) if rises else (j, i)
    x_low, y_low = nodes_mm[low, 0], nodes_mm[low, 1]
    if (nodes_mm[high, 1] - y_low) * (x - x_low) >= (y - y_low) * (nodes_mm[high, 0] - x_low):
        return 0
    return 1 if rises else -1


@nb.njit(cache=True)
def _is_above(a, b, c, point, turn):
    """Whether triangle a, b, c, wound `turn` times about the line up from the point, cuts it."""
    z = point[2]
    if z < min(a[2], b[2], c[2]):
        return True  # also of a vertical triangle, whose plane says nothing
    if z > max(a[2], b[2], c[2]):
        return False
    ux, uy, uz = b[0] - a[0], b[1] - a[1], b[2] - a[2]
    vx, vy, vz = c[0] - a[0], c[1] - a[1], c[2] - a[2]
    along_normal = (
        (uy * vz - uz * vy) * (point[0] - a[0])
        + (uz * vx - ux * vz) * (point[1] - a[1])
        + (ux * vy - uy * vx) * (z - a[2])
    )
    return turn * along_normal < 0


@nb.njit(cache=True)
def count_turns(points_mm, nodes_mm, triangles, columns, out):
    """Winding number of a closed surface about each point, from the triangles above it.

    (k, 3), (n, 3), (j, 3) int32, `anatomy.distance.Columns`, (k,) int64
    """
    for p in range(points_mm.shape[0]):
        x, y = points_mm[p, 0], points_mm[p, 1]
        out[p] = 0
        i = int(np.floor((x - columns.x_mm) / columns.edge_mm))
        j = int(np.floor((y - columns.y_mm) / columns.edge_mm))
        if i < 0 or j < 0 or i >= columns.counts[0] or j >= columns.counts[1]:
            continue
        column = i * columns.counts[1] + j
        for t in columns.members[columns.start[column] : columns.start[column + 1]]:
            a, b, c = triangles[t, 0], triangles[t, 1], triangles[t, 2]
            turn = (
                _passes(nodes_mm, a, b, x, y)
                + _passes(nodes_mm, b, c, x, y)
                + _passes(nodes_mm, c, a, x, y)
            )
            if turn != 0 and _is_above(nodes_mm[a], nodes_mm[b], nodes_mm[c], points_mm[p], turn):
                out[p] += turn
