"""Pacing of one cell, and the figures of its action potential."""

import math

import numpy as np
import pytest

from cardiotwin.sim.bueno_orovio import BUENO_OROVIO_EPI
from cardiotwin.sim.cell_model import CellModel
from cardiotwin.sim.fenton_karma import FENTON_KARMA_BR
from cardiotwin.sim.single_cell import Pulse, apd_ms, measure, pace, pace_until_steady


def test_durations_of_a_trapezium_are_exact():
    # Up at 10 ms, flat until 110 ms, then 1 mV/ms down to rest.
    v_mv = np.interp(np.arange(0.0, 400.0, 0.5), [9.5, 10.0, 110.0, 210.0], [-80, 20, 20, -80])
    for level in (30, 50, 90):
        assert apd_ms(v_mv, 0.5, level) == pytest.approx(110.0 + level - 9.75, abs=1e-9)


def test_duration_is_nan_where_the_membrane_does_not_come_back():
    v_mv = np.interp(np.arange(300.0), [9.0, 10.0, 299.0], [-80.0, 20.0, -60.0])
    assert math.isnan(apd_ms(v_mv, 1.0, 90))
    assert apd_ms(v_mv, 1.0, 50) > 100


def test_duration_does_not_depend_on_the_sampling():
    fine = pace(BUENO_OROVIO_EPI, beats=2, dt_ms=0.01, sample_ms=0.01)
    coarse = pace(BUENO_OROVIO_EPI, beats=2, dt_ms=0.01, sample_ms=0.5)
    apart = measure(fine).apd90_ms - measure(coarse).apd90_ms
    assert abs(apart) < 0.5  # the rise is placed within a sample
    assert measure(fine).steepest_mv_per_ms == measure(coarse).steepest_mv_per_ms


def test_pacing_goes_on_where_a_beat_ended():
    whole = pace(BUENO_OROVIO_EPI, beats=4, cycle_ms=400.0)
    first = pace(BUENO_OROVIO_EPI, beats=2, cycle_ms=400.0)
    rest = pace(BUENO_OROVIO_EPI, beats=2, cycle_ms=400.0, start=first)
    np.testing.assert_array_equal(rest.v_mv, whole.v_mv)
    np.testing.assert_array_equal(rest.end_state, whole.end_state)
    assert rest.beats == whole.beats == 4


def test_states_of_a_trace_are_those_that_the_steps_went_through():
    trace = pace(BUENO_OROVIO_EPI, beats=1, cycle_ms=20.0, dt_ms=0.1)
    model, (v, state) = BUENO_OROVIO_EPI, BUENO_OROVIO_EPI.at_rest(1)
    for i in range(200):
        assert (trace.v_mv[i], *trace.state[:, i]) == (v[0], *state[:, 0])
        given = np.array([50.0 if i < 10 else 0.0])
        model.advance(model.parameters, np.empty((0, 0)), 0.1, given, v, state, 0, 1)
    assert trace.end_mv == v[0]


def test_steady_pacing_repeats_itself():
    steady = pace_until_steady(BUENO_OROVIO_EPI, cycle_ms=500.0, tolerance=1e-6)
    again = pace(BUENO_OROVIO_EPI, beats=1, cycle_ms=500.0, start=steady)
    assert steady.converged
    assert steady.beats < 100
    assert np.abs(again.v_mv - steady.v_mv).max() < 0.01  # mV


def test_alternans_never_count_as_steady():
    # The Beeler-Reuter fit alternates between two durations when paced so fast.
    trace = pace_until_steady(FENTON_KARMA_BR, cycle_ms=300.0, most_beats=40, dt_ms=0.02)
    assert trace.converged is False
    assert trace.beats == 40
    other = pace(FENTON_KARMA_BR, cycle_ms=300.0, beats=1, dt_ms=0.02, start=trace)
    assert abs(apd_ms(other.v_mv, 0.1, 50) - apd_ms(trace.v_mv, 0.1, 50)) > 50


def test_progress_tells_every_beat():
    told = []
    pace(
        BUENO_OROVIO_EPI,
        beats=3,
        cycle_ms=10.0,
        progress=lambda done, total: told.append((done, total)),
    )
    assert told == [(1, 3), (2, 3), (3, 3)]


def leak(parameters, table, dt_ms, current, v, state, first, last):
    """A membrane from outside: no gates, back to rest with a time constant of 10 ms."""
    v[first:last] += dt_ms * (current[first:last] - (v[first:last] + 80.0) / 10.0)


def test_a_model_from_outside_is_paced_as_well(monkeypatch):
    from cardiotwin.sim.kernels import pacing

    monkeypatch.setattr("cardiotwin.sim.paced_cell.pace_beat", pacing.pace_beat.py_func)
    model = CellModel(
        name="leak", parameters=(), states=(), rest_mv=-80.0, rest=np.empty(0), advance=leak
    )
    trace = pace(model, beats=1, cycle_ms=50.0, dt_ms=0.1)
    falling = trace.times_ms > 2
    at_1_ms = trace.v_mv[10] + 80.0
    expected = -80.0 + at_1_ms * 0.99 ** (np.round(trace.times_ms[falling] * 10) - 10)
    np.testing.assert_allclose(trace.v_mv[falling], expected, rtol=1e-9)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"beats": 0}, "beats must be at least 1, got 0"),
        ({"cycle_ms": 0.5}, "longer than the stimulus of 1.0 ms, got 0.5"),
        ({"cycle_ms": 500.03}, "whole number of samples of 0.1 ms"),
        ({"cycle_ms": math.nan}, "cycle_ms must be a whole number of samples"),
        ({"cycle_ms": 5.0, "sample_ms": 5.0}, "two at least"),
        ({"pulse": Pulse(duration_ms=0.001)}, "a stimulus of 0.001 ms is lost between steps"),
        ({"dt_ms": 0.0}, "dt_ms must be above 0, got 0.0"),
        ({"dt_ms": math.nan}, "dt_ms must be above 0, got nan"),
        ({"sample_ms": -1.0}, "sample_ms must be above 0, got -1.0"),
    ],
)
def test_impossible_pacing_is_refused_in_one_line(change, words):
    with pytest.raises(ValueError, match=words) as caught:
        pace(BUENO_OROVIO_EPI, **change)
    assert "\n" not in str(caught.value)


def test_a_step_too_long_for_the_cell_says_when_and_what_would_do():
    # Forward Euler of the upstroke of the M cell, tau_fi 0.078 ms, is unstable at 1 ms.
    fast = BUENO_OROVIO_EPI.with_parameters(tau_fi=0.01)
    with pytest.raises(ValueError, match=r"ran away: .* mV .* ms into beat 1 .*shorter dt_ms"):
        pace(fast, beats=1, dt_ms=1.0, sample_ms=1.0)


def test_a_beat_of_another_model_is_no_start():
    with pytest.raises(ValueError, match="has 2 states, but the beat to start from has 3"):
        pace(FENTON_KARMA_BR, start=pace(BUENO_OROVIO_EPI, beats=1, cycle_ms=20.0))


def test_a_pulse_has_a_length():
    with pytest.raises(ValueError, match="duration above 0 ms"):
        Pulse(duration_ms=0.0)


def test_steadiness_needs_a_tolerance():
    with pytest.raises(ValueError, match="tolerance must be above 0"):
        pace_until_steady(BUENO_OROVIO_EPI, tolerance=0.0)
