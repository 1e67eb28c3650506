"""Inner loops of `sim.torso`; the caller has checked every shape and cleared `out`."""

import math

import numba as nb


@nb.njit(cache=True)
def solid_angles(corners, points, out):
    """Solid angle of each triangle (q, 3, 3) seen from each point (p, 3); out (p, q).

    Positive when the triangle's normal points away (van Oosterom and Strackee 1983).
    """
    for i in range(points.shape[0]):
        for j in range(corners.shape[0]):
            ax = corners[j, 0, 0] - points[i, 0]
            ay = corners[j, 0, 1] - points[i, 1]
            az = corners[j, 0, 2] - points[i, 2]
            bx = corners[j, 1, 0] - points[i, 0]
            by = corners[j, 1, 1] - points[i, 1]
            bz = corners[j, 1, 2] - points[i, 2]
            cx = corners[j, 2, 0] - points[i, 0]
            cy = corners[j, 2, 1] - points[i, 1]
            cz = corners[j, 2, 2] - points[i, 2]
            a = math.sqrt(ax * ax + ay * ay + az * az)
            b = math.sqrt(bx * bx + by * by + bz * bz)
            c = math.sqrt(cx * cx + cy * cy + cz * cz)
            volume = ax * (by * cz - bz * cy) + ay * (bz * cx - bx * cz) + az * (bx * cy - by * cx)
            below = (
                a * b * c
                + (ax * bx + ay * by + az * bz) * c
                + (ax * cx + ay * cy + az * cz) * b
                + (bx * cx + by * cy + bz * cz) * a
            )
            out[i, j] = 2.0 * math.atan2(volume, below)


@nb.njit(cache=True)
def sum_of_fields(points, centres, weights, out):
    """Add the gradient of sum_s weights[e, s] / |x - s| at each point; out (p, e, 3)."""
    for i in range(points.shape[0]):
        for s in range(centres.shape[0]):
            dx = centres[s, 0] - points[i, 0]
            dy = centres[s, 1] - points[i, 1]
            dz = centres[s, 2] - points[i, 2]
            square = dx * dx + dy * dy + dz * dz
            cube = 1.0 / (square * math.sqrt(square))
            for e in range(weights.shape[0]):
                w = weights[e, s] * cube
                out[i, e, 0] += w * dx
                out[i, e, 1] += w * dy
                out[i, e, 2] += w * dz


@nb.njit(cache=True)
def interpolate(points, origin, step, values, out):
    """Trilinear interpolation of values (x, y, z, e, 3) on a grid at points (p, 3); out (p, e, 3).

    Every point lies inside the grid.
    """
    for i in range(points.shape[0]):
        x = (points[i, 0] - origin[0]) / step
        y = (points[i, 1] - origin[1]) / step
        z = (points[i, 2] - origin[2]) / step
        a, b, c = int(x), int(y), int(z)
        for corner in range(8):
            p, q, r = corner & 1, (corner >> 1) & 1, corner >> 2
            w = (x - a) if p else (1 - x + a)
            w *= (y - b) if q else (1 - y + b)
            w *= (z - c) if r else (1 - z + c)
            for e in range(out.shape[1]):
                for k in range(3):
                    out[i, e, k] += w * values[a + p, b + q, c + r, e, k]
