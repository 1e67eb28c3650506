"""Inner loop of `sim.reaction_eikonal`; the caller has checked every shape."""

import math

import numba as nb


@nb.njit(cache=True, nogil=True)
def foot(activation, nodes, charge, axes, begin, end, out):
    """Mean current over a time step of what neighbours give a cell as a wave arrives.

    activation (n,) ms, nodes (k,), charge (c,) mV given up to every time of the wave, axes (first
    of these times after activation, time between them, time step) ms, begin and end of the step
    ms, out (n,) in mV/ms, written at `nodes` only.
    """
    last = charge.shape[0] - 1
    for i in nodes:
        given = 0.0
        if math.isfinite(activation[i]):
            for time, sign in ((end, 1.0), (begin, -1.0)):
                x = min((time - activation[i] - axes[0]) / axes[1], last)
                if x > 0:
                    m = min(int(x), last - 1)
                    given += sign * (charge[m] + (x - m) * (charge[m + 1] - charge[m]))
        out[i] = given / axes[2]
