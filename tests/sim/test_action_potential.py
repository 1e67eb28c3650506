"""The action potential: the published cell, and the duration that was asked for."""

import numpy as np
import pytest

from cardiotwin.sim.action_potential import (
    CELL_SAMPLE_MS,
    CELL_STEP_MS,
    EPICARDIAL,
    UPSTROKE_MS,
    action_potentials,
    apd90_ms,
    single_cell,
)
from cardiotwin.sim.kernels.cells import bueno_orovio

DURATIONS_MS = np.array([180.0, 230, 280, 330, 400])


def on_rest(v_mv):
    """With two samples of rest before the upstroke, as a recording has."""
    return np.concatenate([[0.0, 0.0], v_mv])


def test_cell_is_that_of_the_paper():
    v_mv = single_cell()
    assert abs(v_mv[0] + 84) < 0.2  # rest (Bueno-Orovio 2008, section 2)
    assert 35 < v_mv.max() < 50
    assert abs(apd90_ms(v_mv, CELL_SAMPLE_MS) - 269) < 2  # table 3: 269 ms, epicardium


def test_cell_has_settled_after_five_beats():
    few, many = single_cell(beats=5), single_cell(beats=20)
    assert abs(apd90_ms(few, CELL_SAMPLE_MS) - apd90_ms(many, CELL_SAMPLE_MS)) < 0.5


def test_shorter_cycle_shortens_the_action_potential():
    durations = [apd90_ms(single_cell(cycle_ms=c), CELL_SAMPLE_MS) for c in (400.0, 600.0, 1000.0)]
    assert (np.diff(durations) > 0).all()


def test_cell_converges_with_its_time_step():
    def duration_ms(step_ms):
        u, state = np.empty(1600), np.array([0.0, 1.0, 1.0, 0.0])
        per_sample, stimulus_steps = round(CELL_SAMPLE_MS / step_ms), round(1 / step_ms)
        bueno_orovio(EPICARDIAL, step_ms, per_sample, stimulus_steps, 0.6, state, u)
        return apd90_ms(u, CELL_SAMPLE_MS)

    exact_ms = duration_ms(CELL_STEP_MS / 16)
    assert abs(duration_ms(CELL_STEP_MS) - exact_ms) < 0.5
    assert abs(duration_ms(CELL_STEP_MS / 4) - exact_ms) < abs(duration_ms(CELL_STEP_MS) - exact_ms)


def test_cached_cell_cannot_be_spoilt():
    with pytest.raises(ValueError, match="read-only"):
        single_cell()[0] = 0.0


def test_duration_of_a_triangle_is_known():
    # Up in one sample at 10 ms, then down by 1 mV a ms: 90 % of 100 mV is lost after 90 ms.
    v_mv = np.concatenate([np.zeros(11), np.linspace(100, 0, 101), np.zeros(50)])
    np.testing.assert_allclose(apd90_ms(v_mv, 1.0), 91)  # one sample of rise


@pytest.mark.parametrize("step_ms", [0.5, 1.0, 2.0])
def test_duration_got_is_the_duration_asked(step_ms):
    shapes = action_potentials(DURATIONS_MS, 700.0, step_ms)
    got = [apd90_ms(on_rest(v), step_ms) for v in shapes]
    np.testing.assert_allclose(got, DURATIONS_MS, atol=step_ms)


def test_upstroke_does_not_stretch():
    shapes = action_potentials(DURATIONS_MS, 700.0, 0.5)
    early = shapes[:, : round(UPSTROKE_MS / 0.5)]
    np.testing.assert_array_equal(early, np.tile(early[0], (len(DURATIONS_MS), 1)))


def test_action_potential_ends_at_rest():
    shapes = action_potentials(DURATIONS_MS, 1200.0, 1.0)
    assert shapes.shape == (5, 1200)
    np.testing.assert_allclose(shapes[:, -1], 0, atol=0.5)  # mV: 0.4 % of its height
    assert (shapes[:, 0] > 0).all()


def test_longer_action_potentials_stay_up_longer():
    shapes = action_potentials(DURATIONS_MS, 700.0, 1.0)
    assert (np.diff(shapes[:, 100:], axis=0) > -0.5).all()


def test_kernel_runs_without_numba():
    fast, plain = np.empty(8), np.empty(8)
    states = np.array([[0.0, 1.0, 1.0, 0.0]] * 2)
    bueno_orovio(EPICARDIAL, 0.02, 25, 50, 0.6, states[0], fast)
    getattr(bueno_orovio, "py_func", bueno_orovio)(EPICARDIAL, 0.02, 25, 50, 0.6, states[1], plain)
    np.testing.assert_allclose(plain, fast, rtol=1e-10, atol=1e-14)
    np.testing.assert_allclose(states[1], states[0], rtol=1e-10)
