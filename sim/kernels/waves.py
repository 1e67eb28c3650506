"""What passes each node while a wave runs; threads share the nodes."""

import numba as nb
import numpy as np

BLOCK = nb.uint64(128)
#: Shorter than any cycle of fibrillation. Where a pulse ends, its nodes may fall back to their
#: neighbours and rise again with them some ms later: that is one beat.
EARLIEST_MS = 40.0


@nb.njit(cache=True, nogil=True, error_model="numpy")
def watch(v, w, dt_ms, time_ms, threshold_mv, rest_mv, past, beats, first, last):
    """Note activations and repolarisations between the step before and `time_ms`.

    The voltage now is the mean of v and w (n,): half the coupling before, half behind. `past`
    (2, n) holds the voltage one step ago and the peak of a running action potential, -inf
    without one. An activation crosses `threshold_mv` upwards after the last action potential is
    over, or `EARLIEST_MS` after the last activation; a repolarisation comes when nine tenths of
    the way from the peak to rest_mv (n,) are done. `beats` (n, 2, b) takes their times,
    inf where none was yet; when its row is full, further beats are lost.
    """
    before, peak = past[0], past[1]
    end = nb.uint64(last)
    for block in range(nb.uint64(first), end, BLOCK):
        stop = min(block + BLOCK, end)
        events = 0
        for i in range(block, stop):  # no branch: the compiler makes it eight nodes at a time
            now = 0.5 * (v[i] + w[i])
            runs = peak[i] > -np.inf
            peak[i] = max(peak[i], now) if runs else -np.inf
            back = now <= rest_mv[i] + 0.1 * (peak[i] - rest_mv[i])
            events += (runs & back) | ((before[i] < threshold_mv) & (now >= threshold_mv))
        if events:
            for i in range(block, stop):
                now = 0.5 * (v[i] + w[i])
                _note(i, now, dt_ms, time_ms, threshold_mv, rest_mv[i], before, peak, beats[i])
        for i in range(block, stop):
            before[i] = 0.5 * (v[i] + w[i])


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _note(i, now, dt_ms, time_ms, threshold_mv, rest_mv, before, peak, beats):
    """Write down the activation or repolarisation of node i, if it has one now."""
    was, level = before[i], rest_mv + 0.1 * (peak[i] - rest_mv)
    beat = 0
    while beat < beats.shape[1] and beats[0, beat] < np.inf:
        beat += 1
    if was < threshold_mv <= now:
        up_ms = time_ms - dt_ms * (now - threshold_mv) / (now - was)
        if peak[i] == -np.inf or up_ms - beats[0, beat - 1] >= EARLIEST_MS:
            peak[i] = now
            if beat < beats.shape[1]:
                beats[0, beat] = up_ms
    elif peak[i] > -np.inf and now <= level:
        peak[i] = -np.inf
        beats[1, beat - 1] = time_ms - dt_ms * (level - now) / (was - now)


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
