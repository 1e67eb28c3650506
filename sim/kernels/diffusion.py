"""Inner loops of `sim.diffusion` and `sim.implicit`; threads share the nodes.

Each node has an even number of couplings, the last one to itself at rate 0 if need be: two sums
then run side by side. Indices are unsigned: numba then spends no time on negative ones.
"""

import math

import numba as nb

ONE, TWO = nb.uint64(1), nb.uint64(2)


@nb.njit(inline="always")  # a call would take three times as long as the sum
def slope(start, neighbour, rate, v, i):
    """How fast v rises at node i, in units of v per ms."""
    a, b, here = 0.0, 0.0, v[i]
    for k in range(nb.uint64(start[i]), nb.uint64(start[i + ONE]), TWO):
        a += rate[k] * (v[neighbour[k]] - here)
        b += rate[k + ONE] * (v[neighbour[k + ONE]] - here)
    return a + b


@nb.njit(cache=True, nogil=True, error_model="numpy")
def spread(start, neighbour, rate, v, dt_ms, out, first, last):
    """One explicit step: out = v + dt_ms * slope, for nodes `first` to `last` - 1.

    start (n + 1,), neighbour (q,) and rate (q,) in 1/ms; v and out (n,) are not the same.
    """
    for i in range(nb.uint64(first), nb.uint64(last)):
        out[i] = v[i] + dt_ms * slope(start, neighbour, rate, v, i)


@nb.njit(cache=True, nogil=True, error_model="numpy")
def solve_implicit(start, neighbour, rate, mass, v, dt_ms, share, tolerance, limit, work, out):
    """One implicit step by conjugate gradients; returns their number, `limit` when too few.

    Solves mass (x - share dt slope(x)) = mass dt slope(v) for the increment x, preconditioned by
    the diagonal (Hestenes and Stiefel 1952), until its error is about `tolerance` times the
    largest slope dt; out = v + x. share is 1/2 for Crank and Nicolson, 1 for backward Euler;
    work (5, n) is scratch. Nodes without mass keep their value.
    """
    x, r, z, p, diagonal = work[0], work[1], work[2], work[3], work[4]
    n = nb.uint64(v.size)
    rz = 0.0
    for i in range(nb.uint64(0), n):
        total = 0.0
        for k in range(nb.uint64(start[i]), nb.uint64(start[i + ONE])):
            total += rate[k]
        diagonal[i] = mass[i] * (1 + share * dt_ms * total) if mass[i] > 0 else 1.0
        x[i] = 0.0
        r[i] = mass[i] * dt_ms * slope(start, neighbour, rate, v, i)
        p[i] = r[i] / diagonal[i]
        rz += r[i] * p[i]
    done = 0
    target = rz * tolerance**2
    while rz > target and done < limit:
        pz = 0.0
        for i in range(nb.uint64(0), n):
            z[i] = mass[i] * (p[i] - share * dt_ms * slope(start, neighbour, rate, p, i))
            pz += p[i] * z[i]
        step = rz / pz
        new = 0.0
        for i in range(nb.uint64(0), n):
            x[i] += step * p[i]
            r[i] -= step * z[i]
            new += r[i] * r[i] / diagonal[i]
        for i in range(nb.uint64(0), n):
            p[i] = r[i] / diagonal[i] + new / rz * p[i]
        rz = new
        done += 1
    for i in range(nb.uint64(0), n):
        out[i] = v[i] + x[i]
    return done if math.isfinite(rz) else limit
