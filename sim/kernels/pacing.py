"""One paced beat of cells of any model, sampled.

numba cannot keep on disk what takes another kernel as an argument. So each model has its own
`pace_beat` around the one loop, which is compiled once and for all; `pace_beat` itself serves
models from outside, at the price of compiling in every process.
"""

import numba as nb

from . import bueno_orovio, courtemanche, fenton_karma, mitchell_schaeffer, ten_tusscher


@nb.njit(cache=True, nogil=True, error_model="numpy")
def pace_beat(advance, p, table, schedule, current, v, state, v_out, state_out):
    """Advance cells through one beat that begins with a stimulus; returns the steepest rise.

    advance, p, table: of a `CellModel`; schedule: a `paced_cell.Schedule`. current (n,) is
    scratch; v (n,) and state (s, n) move on in place; v_out (t, n) and state_out (t, s, n)
    receive what was there before each sample's steps. The steepest rise, in mV/ms, is that of
    the first cell over one step.
    """
    n = v.shape[0]
    steepest = 0.0
    step = 0
    for i in range(v_out.shape[0]):
        v_out[i] = v
        state_out[i] = state
        for _ in range(schedule.steps_a_sample):
            current[:] = schedule.stimulus_mv_per_ms if step < schedule.stimulus_steps else 0.0
            before = v[0]
            advance(p, table, schedule.dt_ms, current, v, state, 0, n)
            steepest = max(steepest, (v[0] - before) / schedule.dt_ms)
            step += 1
    return steepest


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _bueno_orovio(p, table, schedule, current, v, state, v_out, state_out):
    return pace_beat(bueno_orovio.advance, p, table, schedule, current, v, state, v_out, state_out)


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _courtemanche(p, table, schedule, current, v, state, v_out, state_out):
    return pace_beat(courtemanche.advance, p, table, schedule, current, v, state, v_out, state_out)


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _fenton_karma(p, table, schedule, current, v, state, v_out, state_out):
    return pace_beat(fenton_karma.advance, p, table, schedule, current, v, state, v_out, state_out)


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _mitchell_schaeffer(p, table, schedule, current, v, state, v_out, state_out):
    return pace_beat(
        mitchell_schaeffer.mitchell_schaeffer,
        p, table, schedule, current, v, state, v_out, state_out,
    )  # fmt: skip


@nb.njit(cache=True, nogil=True, error_model="numpy")
def _ten_tusscher(p, table, schedule, current, v, state, v_out, state_out):
    return pace_beat(ten_tusscher.advance, p, table, schedule, current, v, state, v_out, state_out)


#: A model's `advance` and its own `pace_beat`.
OWN = {
    bueno_orovio.advance: _bueno_orovio,
    courtemanche.advance: _courtemanche,
    fenton_karma.advance: _fenton_karma,
    mitchell_schaeffer.mitchell_schaeffer: _mitchell_schaeffer,
    ten_tusscher.advance: _ten_tusscher,
}
