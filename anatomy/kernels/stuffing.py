"""Inner loop of `anatomy.distance.surface_distance`: which points a closed surface encloses."""

import numba as nb
import numpy as np


@nb.njit(cache=True)
def _left_of(nodes_mm, i, j, x, y):
    """Whether (x, y) lies left of the edge i -> j: opposite answers for i -> j and j -> i."""
    u, v = min(i, j), max(i, j)
    across = (nodes_mm[v, 0] - nodes_mm[u, 0]) * (y - nodes_mm[u, 1])
    along = (nodes_mm[v, 1] - nodes_mm[u, 1]) * (x - nodes_mm[u, 0])
    return (across > along) == (i < j)


@nb.njit(cache=True)
def _side(a, b, c, point):
    """Positive where the point lies on the side that the normal of triangle a, b, c points to."""
    ux, uy, uz = b[0] - a[0], b[1] - a[1], b[2] - a[2]
    vx, vy, vz = c[0] - a[0], c[1] - a[1], c[2] - a[2]
    return (
        (uy * vz - uz * vy) * (point[0] - a[0])
        + (uz * vx - ux * vz) * (point[1] - a[1])
        + (ux * vy - uy * vx) * (point[2] - a[2])
    )


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
            left = _left_of(nodes_mm, a, b, x, y)
            if left != _left_of(nodes_mm, b, c, x, y) or left != _left_of(nodes_mm, c, a, x, y):
                continue
            side = _side(nodes_mm[a], nodes_mm[b], nodes_mm[c], points_mm[p])
            if left and side < 0:
                out[p] += 1
            elif not left and side > 0:
                out[p] -= 1
