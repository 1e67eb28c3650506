"""One explicit step of diffusion on the nodes of a box with axes along the conductivities.

Each pass has few arrays, or the compiler would give up proving them apart and leave the loop
scalar; and it runs over many rows at once, since a row along z may be short. Opposite neighbours
are added before anything else: a mirrored v gives a mirrored result to the last bit.
"""

import numba as nb
import numpy as np

#: Nodes worked on together: few enough to stay in the first cache from pass to pass.
SEGMENT = 1024


@nb.njit(cache=True, nogil=True, error_model="numpy")
def diffuse_box(v, shape, weights, dt, out, first, last):
    """Nodes first to last - 1 of a box in C order, z fastest; the walls are mirrors.

    `weights` (3, reach), 1/ms: what the neighbours 1, 2, ... steps off along x, y, z weigh.
    """
    nx, ny, nz = shape
    flow = np.empty(max(SEGMENT, nz))
    row, end = first // nz, (last + nz - 1) // nz
    while row < end:
        x, y = row // ny, row % ny
        rows = min(max(SEGMENT // nz, 1), ny - y, end - row)
        start, size = row * nz, rows * nz
        set_along_z(v, start, size, nz, weights[2], flow)
        for k in range(1, weights.shape[1] + 1):
            before, after = mirror(x - k, nx) * ny + y, mirror(x + k, nx) * ny + y
            add(v, start, before * nz, after * nz, weights[0, k - 1], flow[:size])
            add_along_y(v, x * ny, y, rows, ny, nz, k, weights[1, k - 1], flow)
        low, high = max(first, start), min(last, start + size)
        here, there, change = v[low:high], out[low:high], flow[low - start :]
        for i in range(high - low):
            there[i] = here[i] + dt * change[i]
        row += rows


@nb.njit(cache=True, nogil=True, error_model="numpy")
def mirror(i, n):
    """Node 0 to n - 1 that stands at i when both walls are mirrors."""
    period = max(2 * (n - 1), 1)
    i = i % period
    return i if i < n else period - i


@nb.njit(cache=True, nogil=True, error_model="numpy")
def add(v, here, before, after, weight, flow):
    """Adds what flows into the nodes from `here` on, from those at `before` and `after` on."""
    # Slices begin at 0, so that no index can be negative: numba would test each for it.
    n = flow.size
    v_here, v_before, v_after = v[here : here + n], v[before : before + n], v[after : after + n]
    for i in range(n):
        flow[i] += weight * ((v_before[i] - v_here[i]) + (v_after[i] - v_here[i]))


@nb.njit(cache=True, nogil=True, error_model="numpy")
def add_along_y(v, plane, y, rows, ny, nz, k, weight, flow):
    """Adds what flows from rows k before and after; rows near a wall one by one, mirrored."""
    first = min(max(k - y, 0), rows)
    last = max(min(ny - k - y, rows), first)
    here = (plane + y + first) * nz
    add(v, here, here - k * nz, here + k * nz, weight, flow[first * nz : last * nz])
    for r in range(rows):
        if r < first or r >= last:
            before, after = mirror(y + r - k, ny), mirror(y + r + k, ny)
            here, part = (plane + y + r) * nz, flow[r * nz : (r + 1) * nz]
            add(v, here, (plane + before) * nz, (plane + after) * nz, weight, part)


@nb.njit(cache=True, nogil=True, error_model="numpy")
def set_along_z(v, start, size, nz, weights, flow):
    """Sets what flows along z into `size` nodes from `start` on, whole rows of nz."""
    flow[:size] = 0.0
    reach = weights.size
    for k in range(1, reach + 1):
        # As if there were no walls, as far as v goes; then the ends of each row anew.
        low, high = max(k - start, 0), max(min(v.size - k - start, size), k)
        here = start + low
        add(v, here, here - k, here + k, weights[k - 1], flow[low:high])
    for row in range(0, size, nz):
        line = v[start + row : start + row + nz]
        for end in range(min(2 * reach, nz)):
            z = end if end < reach else nz - 1 - (end - reach)
            total = 0.0
            for k in range(1, reach + 1):
                before, after = line[mirror(z - k, nz)], line[mirror(z + k, nz)]
                total += weights[k - 1] * ((before - line[z]) + (after - line[z]))
            flow[row + z] = total
