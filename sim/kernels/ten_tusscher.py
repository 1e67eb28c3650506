"""One step of ten Tusscher-Panfilov 2006 cells: rates in single precision, sums in double.

A change over one step is known to 1e-6 of itself in single precision, which leaves twice the
lanes to each register and exact exponentials for less than the cost of voltage tables. The
states keep double precision, or small changes over short steps would round away.
"""

import numba as nb
import numpy as np

from .single import F
from .ten_tusscher_currents import calcium, sodium_and_potassium
from .ten_tusscher_gates import calcium_gates, potassium_gates, sodium_gates
from .ten_tusscher_rows import BLOCK, ROWS, STATES, STIMULUS, TOTAL, V


@nb.njit(cache=True, nogil=True, error_model="numpy")
def advance(p, table, dt, current, v, state, first, last):
    """Cells first to last - 1, one step; p: `TenTusscher`; rows of state: `STATES`.

    Gates by Rush-Larsen, all else by forward Euler; everything from the values before the step.
    """
    w = np.ones(ROWS * BLOCK, np.float32)
    step = F(dt)
    for start in range(first, last, BLOCK):
        size = min(BLOCK, last - start)
        load(w, current, v, state, start, size)
        # Currents first: they read the gates as they were, which the passes after overwrite.
        calcium(p, w, step)
        sodium_and_potassium(p, w, step)
        sodium_gates(w, step)
        potassium_gates(p, w, step)
        calcium_gates(w, step)
        add(w, dt, current, v, state, start, size)


@nb.njit(cache=True, nogil=True, error_model="numpy")
def load(w, current, v, state, start, size):
    """Cells start to start + size - 1 into the block; what lies beyond `size` is never read."""
    for i in range(size):
        w[V + i] = v[start + i]
        w[STIMULUS + i] = current[start + i]
    for k in range(STATES):
        row = state[k, start : start + size]
        for i in range(size):
            w[k * BLOCK + i] = row[i]


@nb.njit(cache=True, nogil=True, error_model="numpy")
def add(w, dt, current, v, state, start, size):
    """Adds the changes of a block."""
    for i in range(size):
        v[start + i] += dt * (current[start + i] - w[TOTAL + i])
    for k in range(STATES):
        row = state[k, start : start + size]
        for i in range(size):
            row[i] += w[k * BLOCK + i]
