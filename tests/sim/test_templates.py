"""Families of action potentials: what varies, what must not, and what a passing wave looks like."""

import numpy as np
import pytest

from cardiotwin.sim.action_potential import action_potentials
from cardiotwin.sim.cells import cell_model
from cardiotwin.sim.mitchell_schaeffer import VENTRICULAR
from cardiotwin.sim.single_cell import apd_ms, measure, pace
from cardiotwin.sim.templates import (
    FOOT_MS,
    MITCHELL_SCHAEFFER,
    TEMPLATES,
    action_potential_family,
    simulated_family,
)
from cardiotwin.sim.travelling import SAMPLE_MS, travelling_action_potential


def trace(rise_mv):
    """With rest before the foot, as a recording has."""
    return np.concatenate([[0.0], rise_mv])


def test_family_spans_every_duration_of_a_ventricle():
    family = action_potential_family("bueno-orovio")
    assert family.apds_ms[0] < 150  # rapid pacing
    assert family.apds_ms[-1] > 1.3 * 370  # the longest of a healthy heart, in a border zone
    assert (np.diff(family.apds_ms) > 0).all()


def test_member_has_the_duration_it_is_filed_under():
    family = action_potential_family("bueno-orovio")
    own = [apd_ms(trace(rise), SAMPLE_MS) for rise in family.rise_mv]
    np.testing.assert_allclose(own, family.apds_ms, atol=SAMPLE_MS)


def test_unchanged_member_lasts_as_long_as_the_paced_cell():
    template = TEMPLATES["bueno-orovio"]
    family = simulated_family(template)
    alone = measure(pace(cell_model(template.cell))).apd90_ms
    # 1 ms: a stimulus of 1 ms and a passing wave charge the membrane differently.
    assert np.abs(family.apds_ms - alone).min() < 1.0


def test_upstroke_is_centred():
    for rise in action_potential_family("bueno-orovio").rise_mv:
        steepest = (np.argmax(np.diff(rise)) + 0.5) * SAMPLE_MS
        assert abs(steepest - FOOT_MS) <= SAMPLE_MS
        assert abs(rise[0]) < 0.01  # mV: 2 ms before, the wave is 1.5 mm away


def test_foot_grows_exponentially_as_ahead_of_a_travelling_wave():
    for rise in action_potential_family("bueno-orovio").rise_mv:
        foot = rise[: round(FOOT_MS / SAMPLE_MS)]
        foot = foot[(foot > 0.05) & (foot < 9)]  # mV: above, sodium channels open
        rates = np.diff(np.log(foot))
        assert len(rates) >= 3
        np.testing.assert_allclose(rates, rates.mean(), rtol=0.05)  # the leak steps at 0.5 mV


def test_family_is_the_same_every_time():
    first = action_potential_family("bueno-orovio")
    simulated_family.cache_clear()
    again = action_potential_family("bueno-orovio")
    np.testing.assert_array_equal(again.rise_mv, first.rise_mv)


def test_cached_family_cannot_be_spoilt():
    with pytest.raises(ValueError, match="read-only"):
        action_potential_family("bueno-orovio").rise_mv[0, 0] = 1.0


def test_unknown_template_is_named_with_those_there_are():
    with pytest.raises(ValueError, match=r"no template 'purkinje'; there are .*bueno-orovio"):
        action_potential_family("purkinje")


@pytest.mark.parametrize(
    "name",
    [
        "courtemanche",
        *(pytest.param(f"ten-tusscher-{w}", marks=pytest.mark.slow) for w in ("epi", "m", "endo")),
    ],
)
def test_detailed_cells_have_families_around_their_own_duration(name):
    family, template = action_potential_family(name), TEMPLATES[name]
    assert (np.diff(family.apds_ms) > 0).all()
    own = measure(pace(cell_model(template.cell), beats=3)).apd90_ms
    assert np.abs(family.apds_ms - own).min() < 0.05 * own  # excited by neighbours, not a pulse
    assert family.apds_ms[0] < 0.75 * own
    assert family.apds_ms[-1] > 1.1 * own


def test_closed_form_has_the_durations_it_promises():
    family = action_potential_family(MITCHELL_SCHAEFFER)
    own = [apd_ms(trace(rise), SAMPLE_MS) for rise in family.rise_mv]
    # 1 ms: the top of the upstroke lies a little below the root that the formula takes for it.
    np.testing.assert_allclose(own, family.apds_ms, atol=1.0)


def test_closed_form_is_the_upstroke_and_plateau_of_the_travelling_cell():
    """To leading order in tau_in / tau_close = 0.002, away from the end of the plateau."""
    cell = VENTRICULAR.with_parameters(tau_close_ms=170.0)
    v_mv = travelling_action_potential(cell)
    start = np.argmax(np.diff(v_mv)) + 0.5
    family, p = action_potential_family(MITCHELL_SCHAEFFER), cell.parameters
    tail_ms = p.tau_out_ms * np.log(5 / 0.947)  # from u = 1/2 to a tenth of the peak
    apd = p.tau_close_ms * np.log(1 / p.lowest_h) + tail_ms
    closed = action_potentials(np.array([apd]), 400.0, SAMPLE_MS, MITCHELL_SCHAEFFER)[0]
    t = np.arange(len(closed)) * SAMPLE_MS
    cell_mv = np.interp(start + t / SAMPLE_MS, np.arange(len(v_mv)), v_mv) - family.rest_mv
    upstroke, plateau = t < 2, (t > 10) & (t < 0.8 * apd)
    np.testing.assert_allclose(closed[upstroke], cell_mv[upstroke], atol=4)  # of 95 mV
    np.testing.assert_allclose(closed[plateau], cell_mv[plateau], atol=2)
