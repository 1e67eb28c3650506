"""The action potential: the duration that was asked for, and the membrane potential it makes."""

import numpy as np
import pytest

from cardiotwin.sim.action_potential import (
    APD_STEP_MS,
    UPSTROKE_MS,
    action_potentials,
    membrane_potential,
)
from cardiotwin.sim.kernels.action_potential import sample
from cardiotwin.sim.single_cell import apd_ms
from cardiotwin.sim.templates import FOOT_MS, TEMPLATES, action_potential_family
from cardiotwin.sim.travelling import SAMPLE_MS

DURATIONS_MS = np.array([180.0, 230, 280, 330, 400])


def on_rest(rise_mv):
    """With a sample of rest before the foot, as a recording has."""
    return np.concatenate([[0.0], rise_mv])


@pytest.mark.parametrize("step_ms", [0.5, 1.0, 2.0])
def test_duration_got_is_the_duration_asked(step_ms):
    shapes = action_potentials(DURATIONS_MS, 700.0, step_ms, start_ms=-2 * step_ms)
    got = [apd_ms(on_rest(v), step_ms) for v in shapes]
    np.testing.assert_allclose(got, DURATIONS_MS, atol=step_ms)


def test_duration_beyond_the_family_is_still_the_duration_asked():
    longest = action_potential_family("bueno-orovio").apds_ms[-1]
    shapes = action_potentials(np.array([50.0, longest + 100]), 900.0, 0.5, start_ms=-1.0)
    got = [apd_ms(on_rest(v), 0.5) for v in shapes]
    np.testing.assert_allclose(got, [50.0, longest + 100], atol=0.5)


def test_member_of_the_family_is_given_back_unchanged():
    family = action_potential_family("bueno-orovio")
    shapes = action_potentials(family.apds_ms, 900.0, 0.2, start_ms=-FOOT_MS)
    np.testing.assert_allclose(shapes, family.rise_mv[:, : shapes.shape[1]], atol=1e-9)


def test_left_out_member_is_found_between_its_neighbours(monkeypatch):
    """With every other member left out, 2 mV; one shape stretched to all durations errs by 8."""
    own = action_potential_family("bueno-orovio")
    template = TEMPLATES["bueno-orovio"]
    thinned = template._replace(factors=template.factors[::2])
    monkeypatch.setitem(TEMPLATES, "thinned", thinned)
    monkeypatch.setitem(TEMPLATES, "one", template._replace(factors=(1.0, 1.001)))

    def largest_error_mv(name):
        shapes = action_potentials(own.apds_ms[[3, 5]], 600.0, SAMPLE_MS, name, start_ms=-FOOT_MS)
        late = slice(round((FOOT_MS + UPSTROKE_MS) / SAMPLE_MS), 3000)
        return np.abs(shapes - own.rise_mv[[3, 5], :3000])[:, late].max()

    assert largest_error_mv("thinned") < 2
    assert largest_error_mv("one") > 6


def test_upstroke_does_not_stretch():
    shapes = action_potentials(DURATIONS_MS, 10.0, 0.1, start_ms=-2.0)
    half = [np.interp(60.0, v[: np.argmax(v)], np.arange(np.argmax(v)) * 0.1) for v in shapes]
    assert np.ptp(half) < 0.05  # ms


def test_foot_lies_before_activation():
    shapes = action_potentials(DURATIONS_MS, 6.0, 0.1, start_ms=-3.0)
    assert (shapes[:, : round((3.0 - FOOT_MS) / 0.1)] == 0).all()
    assert (shapes[:, 30] > 20).all()
    np.testing.assert_allclose(action_potentials(DURATIONS_MS, 3.0, 0.1), shapes[:, 30:], atol=1e-9)


def test_action_potential_ends_at_rest():
    shapes = action_potentials(DURATIONS_MS, 1200.0, 1.0)
    assert shapes.shape == (5, 1200)
    np.testing.assert_allclose(shapes[:, -1], 0, atol=0.5)  # mV: 0.4 % of its height
    assert (shapes[:, 0] > 0).all()


def test_longer_action_potentials_stay_up_longer():
    shapes = action_potentials(DURATIONS_MS, 700.0, 1.0)
    assert (np.diff(shapes[:, 100:], axis=0) > -0.5).all()


def test_no_duration_gives_no_shape():
    assert action_potentials(np.empty(0), 600.0, 1.0).shape == (0, 600)


@pytest.mark.parametrize("apd", [2.0, -5.0, np.nan, np.inf])
def test_impossible_duration_is_refused(apd):
    with pytest.raises(ValueError, match="apd_ms must lie above the 3 ms of the upstroke, got"):
        action_potentials(np.array([280.0, apd]), 600.0, 1.0)
    with pytest.raises(ValueError, match="apd_ms must lie above"):
        membrane_potential([0.0], [apd], [1.0])


def test_membrane_potential_is_the_action_potential_after_activation(rng):
    """The naive twin: one node at a time, with its own shape."""
    activation_ms, apd = rng.uniform(0, 90, 20), rng.uniform(200, 350, 20)
    times_ms = np.arange(-5.0, 600.0, 7.3)
    rest_mv = action_potential_family("bueno-orovio").rest_mv
    v_mv = membrane_potential(activation_ms, apd, times_ms)
    for i in range(20):
        shape = action_potentials(apd[i : i + 1], 700.0, 0.2, start_ms=-FOOT_MS)[0]
        at = (times_ms - activation_ms[i] + FOOT_MS) / 0.2
        own = rest_mv + np.interp(at, np.arange(len(shape)), shape, left=0.0)
        # Linear between classes of duration: step^2 / 8 times the sharpest bend after the upstroke.
        bend = np.abs(np.diff(shape[100:], 2)).max() / 0.2**2
        np.testing.assert_allclose(v_mv[i], own, atol=APD_STEP_MS**2 / 8 * bend)


def test_later_activation_shifts_the_trace():
    times_ms = np.arange(0.0, 500.0, 1.0)
    early = membrane_potential([10.0], [280.0], times_ms)
    late = membrane_potential([52.0], [280.0], times_ms + 42.0)
    np.testing.assert_allclose(late, early, atol=1e-9)


def test_times_may_come_in_any_order_and_in_pieces(rng):
    activation_ms, apd = rng.uniform(0, 90, 30), rng.uniform(200, 350, 30)
    times_ms = np.linspace(0, 500, 50)
    whole = membrane_potential(activation_ms, apd, times_ms)
    order = rng.permutation(50)
    np.testing.assert_allclose(
        membrane_potential(activation_ms, apd, times_ms[order]), whole[:, order], atol=1e-9
    )
    pieces = [membrane_potential(activation_ms, apd, part) for part in np.split(times_ms, 5)]
    np.testing.assert_allclose(np.hstack(pieces), whole, atol=1e-9)


def test_single_precision_is_the_same_to_its_own_rounding(rng):
    activation_ms, apd = rng.uniform(0, 90, 30), rng.uniform(200, 350, 30)
    times_ms = np.linspace(0, 500, 50)
    double = membrane_potential(activation_ms, apd, times_ms)
    single = membrane_potential(activation_ms, apd, times_ms, dtype=np.float32)
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, double, atol=1e-5)


def test_node_never_activated_stays_at_rest():
    v_mv = membrane_potential([np.inf, np.inf], [np.nan, 280.0], [0.0, 100.0])
    assert v_mv.shape == (2, 2)
    assert (v_mv == action_potential_family("bueno-orovio").rest_mv).all()


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match=r"got \(2,\), \(1,\) and \(1,\)"):
        membrane_potential([0.0, 1.0], [280.0], [0.0])
    with pytest.raises(ValueError, match="times_ms must be finite, got nan"):
        membrane_potential([0.0], [280.0], [np.nan])


def test_kernel_runs_without_numba(rng):
    activation, apd = np.array([1.0, np.inf, 3.0]), np.array([200.0, 200.0, 205.0])
    shapes, axes = rng.uniform(0, 100, (3, 9)), np.array([200.0, 4.0, -2.0, 1.0])
    times = np.array([-3.0, 0.5, 4.0, 30.0])
    fast, plain = np.empty((2, 3, 4))
    sample(activation, apd, times, shapes, axes, -80.0, fast)
    getattr(sample, "py_func", sample)(activation, apd, times, shapes, axes, -80.0, plain)
    np.testing.assert_allclose(plain, fast, rtol=1e-12)
