"""A cell that a wave passes: charged by its neighbours, and giving on what it got."""

import numpy as np
import pytest

from cardiotwin.sim.cells import cell_model
from cardiotwin.sim.conduction import cable_velocity_mm_per_ms
from cardiotwin.sim.single_cell import measure, pace
from cardiotwin.sim.travelling import (
    CABLE_DIFFUSIVITY_MM2_PER_MS,
    CABLE_SPACING_MM,
    CELL_STEP_MS,
    COUPLED_MS,
    RISEN_MV,
    SAMPLE_MS,
    travelling_action_potential,
    travelling_upstroke,
)

CELL = cell_model("bueno-orovio-epi")


@pytest.fixture(scope="module")
def upstroke():
    return travelling_upstroke(CELL, CELL.rest_mv, CELL.rest)


def test_activation_is_the_crossing_of_the_threshold(upstroke):
    times_ms = np.arange(len(upstroke.v_mv)) * CELL_STEP_MS
    at = np.interp(upstroke.activation_ms, times_ms, upstroke.v_mv)
    assert at == pytest.approx(RISEN_MV)
    assert upstroke.v_mv.max() > 20
    assert times_ms[-1] - upstroke.activation_ms > COUPLED_MS - SAMPLE_MS


def test_charge_comes_before_the_cell_is_excited_and_is_given_on_after(upstroke):
    times_ms = np.arange(len(upstroke.v_mv)) * CELL_STEP_MS - upstroke.activation_ms
    rate = upstroke.from_neighbours_mv_per_ms
    assert rate[(times_ms > -1) & (times_ms < 0)].min() > 0
    assert -0.2 < times_ms[np.argmax(rate)] < 0.2
    assert rate.min() < -0.2 * rate.max()
    # What comes goes: D / c^2 times the integral of v'' over a wave is 0, but for the notch.
    assert abs(rate.sum()) < 0.02 * np.abs(rate).sum()


def test_charge_is_that_of_a_steady_wave(upstroke):
    """D d2v/dx2 = (D / c^2) d2v/dt2 for a wave of speed c: what has come is (D / c^2) dv/dt."""
    speed = cable_velocity_mm_per_ms(
        CELL, CABLE_DIFFUSIVITY_MM2_PER_MS, spacing_mm=CABLE_SPACING_MM, dt_ms=CELL_STEP_MS
    )
    expected_mv = CABLE_DIFFUSIVITY_MM2_PER_MS / speed**2 * np.diff(upstroke.v_mv) / CELL_STEP_MS
    got_mv = np.cumsum(upstroke.from_neighbours_mv_per_ms)[:-1] * CELL_STEP_MS
    times_ms = np.arange(len(got_mv)) * CELL_STEP_MS - upstroke.activation_ms
    foot = (times_ms > -1.5) & (times_ms < -0.4)
    np.testing.assert_allclose(got_mv[foot], expected_mv[foot], rtol=0.1)
    # Points 0.1 mm apart see the jump of the sodium current, halfway up, a little later.
    whole = np.abs(times_ms) < 3
    np.testing.assert_allclose(got_mv[whole], expected_mv[whole], atol=0.1 * got_mv.max())


def test_travelling_wave_rises_more_slowly_than_a_stimulated_cell():
    travelling = np.diff(travelling_action_potential(CELL)).max() / SAMPLE_MS
    assert travelling < measure(pace(CELL, beats=2)).steepest_mv_per_ms


def test_cable_that_does_not_conduct_is_reported():
    dead = CELL.with_parameters(tau_fi=1.0)  # a ninth of its sodium current
    with pytest.raises(ValueError, match="bueno-orovio-epi cells does not conduct"):
        travelling_upstroke(dead, dead.rest_mv, dead.rest)
