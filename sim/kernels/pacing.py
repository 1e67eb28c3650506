"""One paced beat of cells of any model, sampled."""

import numba as nb


@nb.njit(cache=True, nogil=True, error_model="numpy")
def pace_beat(
    advance, p, table, dt, per_sample, stimulus, stimulus_steps, current, v, state, v_out, out
):
    """Advance cells through one beat that begins with a stimulus; returns the steepest rise.

    advance, p, table: of a `CellModel`; dt ms; stimulus mV/ms for the first stimulus_steps.
    current (n,) is scratch; v (n,) and state (s, n) move on in place; v_out (t, n) and
    out (t, s, n) receive the samples before each per_sample steps, out (0, s, n) none.
    The steepest rise, in mV/ms, is that of the first cell over one step.
    """
    n = v.shape[0]
    steepest = 0.0
    for i in range(v_out.shape[0]):
        for k in range(n):
            v_out[i, k] = v[k]
        if i < out.shape[0]:
            for j in range(state.shape[0]):
                for k in range(n):
                    out[i, j, k] = state[j, k]
        for j in range(per_sample):
            given = stimulus if i * per_sample + j < stimulus_steps else 0.0
            for k in range(n):
                current[k] = given
            before = v[0]
            advance(p, table, dt, current, v, state, 0, n)
            steepest = max(steepest, (v[0] - before) / dt)
    return steepest
