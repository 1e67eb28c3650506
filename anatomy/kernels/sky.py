"""Kernel of the open sky: how much of the outside each place of a surface sees."""

import numba as nb


@nb.njit(cache=True)
def open_sky(starts, normals, directions, full, out):
    """out[i] = share of the hemisphere about normals[i], by cosine, that meets no full voxel.

    starts (k, 3) and directions (d, 3) are in voxels, full (x, y, z) bool, out (k,).
    """
    nx, ny, nz = full.shape
    for i in range(len(starts)):
        seen = 0.0
        total = 0.0
        for j in range(len(directions)):
            dx, dy, dz = directions[j, 0], directions[j, 1], directions[j, 2]
            weight = normals[i, 0] * dx + normals[i, 1] * dy + normals[i, 2] * dz
            if weight <= 0.0:
                continue
            total += weight
            x, y, z = starts[i, 0], starts[i, 1], starts[i, 2]
            free = True
            while 0.0 <= x < nx and 0.0 <= y < ny and 0.0 <= z < nz:
                if full[int(x), int(y), int(z)]:
                    free = False
                    break
                x += dx
                y += dy
                z += dz
            if free:
                seen += weight
        out[i] = seen / total if total > 0.0 else 0.0
