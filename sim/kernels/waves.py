"""What passes each node while a wave runs; threads share the nodes."""

import numba as nb
import numpy as np


@nb.njit(cache=True, nogil=True, error_model="numpy")
def watch(v, w, dt_ms, time_ms, threshold_mv, rest_mv, past, beats, first, last):
    """Note activations and repolarisations between the step before and `time_ms`.

    The voltage now is the mean of v and w (n,): half the coupling before, half behind. `past`
    (2, n) holds the voltage one step ago and the peak of a running action potential, -inf
    without one. An activation crosses `threshold_mv` upwards; a repolarisation comes when nine
    tenths of the way from the peak to rest_mv (n,) are done. `beats` (n, 2, b) takes their times,
    inf where none was yet; when its row is full, further beats are lost.
    """
    before, peak = past[0], past[1]
    for i in range(nb.uint64(first), nb.uint64(last)):
        now = 0.5 * (v[i] + w[i])
        was = before[i]
        before[i] = now
        if was < threshold_mv <= now:
            peak[i] = now
            _note(beats[i, 0], time_ms - dt_ms * (now - threshold_mv) / (now - was))
        elif now > peak[i]:
            if peak[i] > -np.inf:
                peak[i] = now
        elif peak[i] > -np.inf:
            level = rest_mv[i] + 0.1 * (peak[i] - rest_mv[i])
            if now <= level:
                peak[i] = -np.inf
                time = time_ms - dt_ms * (level - now) / (was - now)
                row = beats[i, 0]
                last_beat = 0
                for k in range(row.size):
                    if row[k] < np.inf:
                        last_beat = k
                beats[i, 1, last_beat] = time


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _note(row, time_ms):
    """Write a time into the first free place of a row."""
    for k in range(row.size):
        if row[k] == np.inf:
            row[k] = time_ms
            return


@nb.njit(cache=True, nogil=True, error_model="numpy")
def gather(values, nodes, out, first, last):
    """Entries `first` to `last` - 1 of out: the values at the nodes."""
    for i in range(nb.uint64(first), nb.uint64(last)):
        out[i] = values[nodes[i]]


@nb.njit(cache=True, nogil=True, error_model="numpy")
def scatter(values, nodes, out, first, last):
    """The reverse of `gather`: out at the nodes becomes values `first` to `last` - 1."""
    for i in range(nb.uint64(first), nb.uint64(last)):
        out[nodes[i]] = values[i]
