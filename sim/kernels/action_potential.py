"""Inner loop of `sim.action_potential`; the caller has checked every shape."""

import math

import numba as nb


@nb.njit(cache=True, nogil=True)
def sample(activation, apd, times, shapes, axes, rest, out):
    """Membrane potential of every node at some times, from a table of action potentials.

    activation (n,) ms, apd (n,) ms, times (t,) ms, shapes (k, samples) mV over rest, axes (first
    duration, duration step, first time, time step) ms, rest mV, out (n, t). Linear between two
    durations and between two times of the table; at rest before it begins and after it ends.
    """
    last = shapes.shape[1] - 1
    for i in range(activation.shape[0]):
        if not math.isfinite(activation[i]):
            for j in range(times.shape[0]):
                out[i, j] = rest
            continue
        p = (apd[i] - axes[0]) / axes[1]
        k = min(max(int(p), 0), shapes.shape[0] - 2)
        q = p - k
        for j in range(times.shape[0]):
            x = (times[j] - activation[i] - axes[2]) / axes[3]
            if x < 0 or x >= last:
                out[i, j] = rest
                continue
            m = int(x)
            s = x - m
            short = shapes[k, m] + s * (shapes[k, m + 1] - shapes[k, m])
            long = shapes[k + 1, m] + s * (shapes[k + 1, m + 1] - shapes[k + 1, m])
            out[i, j] = rest + short + q * (long - short)
