"""Restitution curves of single cells."""

import math

import numpy as np
import pytest

from cardiotwin.sim.bueno_orovio import BUENO_OROVIO_EPI
from cardiotwin.sim.fenton_karma import FENTON_KARMA_BR, FENTON_KARMA_MLR
from cardiotwin.sim.mitchell_schaeffer import VENTRICULAR, asymptotic_apd_ms
from cardiotwin.sim.restitution import Restitution, dynamic_restitution, s1s2_restitution
from cardiotwin.sim.ten_tusscher import TEN_TUSSCHER_EPI

INTERVALS_MS = np.arange(330.0, 1000.0, 60.0)


def test_curve_follows_the_closed_form_of_mitchell_and_schaeffer():
    # The formula is the leading order in tau_in / tau_out = 0.05. It ends the action potential at
    # the end of the plateau; the fall after it is the same for every beat, so differences count.
    curve = s1s2_restitution(VENTRICULAR, INTERVALS_MS, beats=3, dt_ms=0.02)
    found = curve.apd_ms - curve.apd_ms[-1]
    formula = asymptotic_apd_ms(VENTRICULAR.parameters, curve.interval_ms)
    np.testing.assert_allclose(found, formula - formula[-1], rtol=0.06, atol=0.1)


def test_interval_and_duration_add_up_to_the_cycle():
    curve = dynamic_restitution(FENTON_KARMA_MLR, [600.0, 450.0], beats=5, dt_ms=0.05)
    # At a steady rate the beat after the interval is as long as the one before.
    np.testing.assert_allclose(curve.interval_ms + curve.apd_ms, curve.cycle_ms, atol=0.5)


def test_a_stimulus_too_early_does_not_count():
    curve = s1s2_restitution(BUENO_OROVIO_EPI, [150.0, 250.0, 400.0], beats=2, dt_ms=0.02)
    np.testing.assert_array_equal(curve.cycle_ms, [400.0])


def test_fast_pacing_of_a_steep_cell_alternates_and_then_fails():
    curve = dynamic_restitution(FENTON_KARMA_BR, [400.0, 320.0, 150.0, 100.0], dt_ms=0.02)
    two = curve.apd_ms[curve.cycle_ms == 320.0]
    assert abs(two[0] - two[1]) > 50
    assert 100.0 not in curve.cycle_ms
    assert curve.steepest > 1


@pytest.mark.slow
def test_ten_tusscher_has_its_published_slope():
    # Default parameters are those of slope 1.1 (ten Tusscher and Panfilov 2006, table 2),
    # measured with the same protocol at whole numbers of 10 ms.
    cycles_ms = np.r_[1000.0, 500.0, 400.0, 340.0, np.arange(300.0, 215.0, -10.0)]
    curve = dynamic_restitution(TEN_TUSSCHER_EPI, cycles_ms, beats=50, dt_ms=0.02)
    assert curve.steepest == pytest.approx(1.1, abs=0.15)


def test_slopes_are_those_of_a_line_and_blind_to_points_on_one_place():
    interval_ms = np.array([200.0, 50.0, 100.0, 100.2])
    curve = Restitution(
        cycle_ms=np.zeros(4), interval_ms=interval_ms, apd_ms=100 + 0.5 * interval_ms
    )
    np.testing.assert_allclose(curve.slopes(), 0.5)
    assert curve.steepest == pytest.approx(0.5)


def test_a_single_point_has_no_slope():
    point = Restitution(cycle_ms=np.ones(1), interval_ms=np.ones(1), apd_ms=np.ones(1))
    assert math.isnan(point.steepest)


def test_progress_tells_every_point():
    told = []
    s1s2_restitution(
        FENTON_KARMA_MLR,
        [400.0, 500.0],
        beats=2,
        dt_ms=0.1,
        progress=lambda done, total: told.append((done, total)),
    )
    assert told == [(1, 2), (2, 2)]


def test_too_few_beats_are_refused():
    with pytest.raises(ValueError, match="beats must be at least 2"):
        s1s2_restitution(FENTON_KARMA_MLR, [400.0], beats=1)
    with pytest.raises(ValueError, match="beats must be at least 3"):
        dynamic_restitution(FENTON_KARMA_MLR, [400.0], beats=2)
