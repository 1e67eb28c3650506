"""Inner loops of boundary elements; the caller has checked every shape and cleared `out`."""

import math

import numba as nb

#: A triangle is as good as three points, to 0.1 %, where the square of the distance is this many
#: times its area.
FAR = 9.0


@nb.njit(cache=True, nogil=True)
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


@nb.njit(cache=True, nogil=True)
def own_fields(points, centres, weights, out):
    """Add the gradient of weights[e] / |x - centre e| at each point; out (p, e, 3)."""
    for i in range(points.shape[0]):
        for e in range(centres.shape[0]):
            dx = centres[e, 0] - points[i, 0]
            dy = centres[e, 1] - points[i, 1]
            dz = centres[e, 2] - points[i, 2]
            square = dx * dx + dy * dy + dz * dz
            w = weights[e] / (square * math.sqrt(square))
            out[i, e, 0] += w * dx
            out[i, e, 1] += w * dy
            out[i, e, 2] += w * dz


@nb.njit(cache=True, nogil=True)
def field_of_triangle(point, corners, out):
    """Gradient at a point (3,) of the mean of 1/|x - s| over a triangle (3, 3); out (3,).

    A closed form (Wilton 1984): the solid angle along the normal, and for each edge the integral
    of 1/r along it, in the plane.
    """
    ax, ay, az = corners[0, 0] - point[0], corners[0, 1] - point[1], corners[0, 2] - point[2]
    bx, by, bz = corners[1, 0] - point[0], corners[1, 1] - point[1], corners[1, 2] - point[2]
    cx, cy, cz = corners[2, 0] - point[0], corners[2, 1] - point[1], corners[2, 2] - point[2]
    ux, uy, uz = bx - ax, by - ay, bz - az
    vx, vy, vz = cx - bx, cy - by, cz - bz
    wx, wy, wz = ax - cx, ay - cy, az - cz
    nx, ny, nz = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
    twice = math.sqrt(nx * nx + ny * ny + nz * nz)
    a = math.sqrt(ax * ax + ay * ay + az * az)
    b = math.sqrt(bx * bx + by * by + bz * bz)
    c = math.sqrt(cx * cx + cy * cy + cz * cz)
    u = math.sqrt(ux * ux + uy * uy + uz * uz)
    v = math.sqrt(vx * vx + vy * vy + vz * vz)
    w = math.sqrt(wx * wx + wy * wy + wz * wz)
    # On an edge itself the integral is infinite; it is cut off a millionth of the edge away.
    fu = math.log((a + b + u) / max(a + b - u, 1e-12 * u)) / u
    fv = math.log((b + c + v) / max(b + c - v, 1e-12 * v)) / v
    fw = math.log((c + a + w) / max(c + a - w, 1e-12 * w)) / w
    below = (
        a * b * c
        + (ax * bx + ay * by + az * bz) * c
        + (ax * cx + ay * cy + az * cz) * b
        + (bx * cx + by * cy + bz * cz) * a
    )
    volume = ax * (by * cz - bz * cy) + ay * (bz * cx - bx * cz) + az * (bx * cy - by * cx)
    angle = 2.0 * math.atan2(volume, below)
    sx = ux * fu + vx * fv + wx * fw
    sy = uy * fu + vy * fv + wy * fw
    sz = uz * fu + vz * fv + wz * fw
    scale = 2.0 / (twice * twice)  # one over the area, and over the length of the normal
    out[0] = scale * (nx * angle - (sy * nz - sz * ny))
    out[1] = scale * (ny * angle - (sz * nx - sx * nz))
    out[2] = scale * (nz * angle - (sx * ny - sy * nx))


@nb.njit(cache=True, nogil=True, error_model="numpy")
def sheet_fields(points, corners, centres, areas, out):
    """The gradient at each point of the mean of 1/|x - s| over each triangle; out (q, p, 3).

    Far away by the three points halfway from the centre to the corners, exact for polynomials of
    degree 2; in a loop of its own, without branches, for vectors.
    """
    for s in range(corners.shape[0]):
        far_fields(points, corners[s], centres[s], out[s])
        for i in range(points.shape[0]):
            dx, dy = centres[s, 0] - points[i, 0], centres[s, 1] - points[i, 1]
            dz = centres[s, 2] - points[i, 2]
            if dx * dx + dy * dy + dz * dz <= FAR * areas[s]:
                field_of_triangle(points[i], corners[s], out[s, i])


@nb.njit(cache=True, nogil=True, error_model="numpy")
def far_fields(points, corners, centre, out):
    """`sheet_fields` of one triangle (3, 3) by three points; out (p, 3)."""
    ax, ay, az = 0.5 * (centre + corners[0])
    bx, by, bz = 0.5 * (centre + corners[1])
    cx, cy, cz = 0.5 * (centre + corners[2])
    for i in range(points.shape[0]):
        px, py, pz = points[i, 0], points[i, 1], points[i, 2]
        a = (ax - px) ** 2 + (ay - py) ** 2 + (az - pz) ** 2
        b = (bx - px) ** 2 + (by - py) ** 2 + (bz - pz) ** 2
        c = (cx - px) ** 2 + (cy - py) ** 2 + (cz - pz) ** 2
        a, b, c = 1 / (a * math.sqrt(a)), 1 / (b * math.sqrt(b)), 1 / (c * math.sqrt(c))
        out[i, 0] = ((ax - px) * a + (bx - px) * b + (cx - px) * c) / 3
        out[i, 1] = ((ay - py) * a + (by - py) * b + (cy - py) * c) / 3
        out[i, 2] = ((az - pz) * a + (bz - pz) * b + (cz - pz) * c) / 3


@nb.njit(cache=True, nogil=True)
def interpolate(points, origin, step, values, out):
    """Trilinear interpolation of values (x, y, z, k) on a grid at points (p, 3); out (p, k).

    Every point lies inside the grid.
    """
    for i in range(points.shape[0]):
        x = (points[i, 0] - origin[0]) / step
        y = (points[i, 1] - origin[1]) / step
        z = (points[i, 2] - origin[2]) / step
        a, b, c = int(x), int(y), int(z)
        x -= a
        y -= b
        z -= c
        for corner in range(4):
            p, q = corner & 1, corner >> 1
            w = (x if p else 1 - x) * (y if q else 1 - y)
            low, high = values[a + p, b + q, c], values[a + p, b + q, c + 1]
            for k in range(out.shape[1]):
                out[i, k] += w * ((1 - z) * low[k] + z * high[k])
