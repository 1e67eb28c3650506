"""One explicit step of diffusion on the nodes of a box, a row of nodes at a time."""

import numba as nb
import numpy as np


@nb.njit(cache=True, nogil=True, error_model="numpy")
def diffuse_box(v, shape, weights, dt, out, first, last):
    """Nodes first to last - 1 of a box in C order; the walls are mirrors.

    `weights` (3, reach), 1/ms: what the neighbours 1, 2, ... steps off along x, y, z weigh. Two
    opposite neighbours are added before anything else, so that a mirrored v gives a mirrored
    result to the last bit. Each pass over a row has few arrays, or the compiler would give up
    proving them apart and leave the loop scalar.
    """
    nx, ny, nz = shape
    change = np.empty(nz)
    for row in range(first // nz, (last + nz - 1) // nz):
        low, high = max(first - row * nz, 0), min(last - row * nz, nz)
        x, y = row // ny, row % ny
        change[:] = 0.0
        here = v[row * nz : (row + 1) * nz]
        for k in range(weights.shape[1]):
            left, right = mirror(x - k - 1, nx) * ny + y, mirror(x + k + 1, nx) * ny + y
            add_rows(here, v, left * nz, right * nz, weights[0, k], change)
            left, right = x * ny + mirror(y - k - 1, ny), x * ny + mirror(y + k + 1, ny)
            add_rows(here, v, left * nz, right * nz, weights[1, k], change)
            add_along(here, k + 1, weights[2, k], change)
        for z in range(low, high):
            out[row * nz + z] = here[z] + dt * change[z]


@nb.njit(cache=True, nogil=True, error_model="numpy")
def mirror(i, n):
    """Node 0 to n - 1 that stands at i when both walls are mirrors."""
    period = max(2 * (n - 1), 1)
    i = i % period
    return i if i < n else period - i


@nb.njit(cache=True, nogil=True, error_model="numpy")
def add_rows(here, v, left, right, weight, change):
    """Adds what flows in from the two rows of v that start at `left` and `right`."""
    for z in range(here.size):
        change[z] += weight * ((v[left + z] - here[z]) + (v[right + z] - here[z]))


@nb.njit(cache=True, nogil=True, error_model="numpy")
def add_along(here, reach, weight, change):
    """Adds what flows in from nodes `reach` before and after in the same row."""
    n = here.size
    for z in range(reach, n - reach):
        change[z] += weight * ((here[z - reach] - here[z]) + (here[z + reach] - here[z]))
    for z in range(min(reach, n)):
        add_mirrored(here, z, reach, weight, change)
    for z in range(max(n - reach, reach), n):
        add_mirrored(here, z, reach, weight, change)


@nb.njit(cache=True, nogil=True, error_model="numpy")
def add_mirrored(here, z, reach, weight, change):
    """The same for a node near an end."""
    n = here.size
    before, after = here[mirror(z - reach, n)], here[mirror(z + reach, n)]
    change[z] += weight * ((before - here[z]) + (after - here[z]))
