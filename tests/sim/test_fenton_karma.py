"""The three-current model: the kernel against its equations, and what they are known for."""

import math

import numpy as np
import pytest

from cardiotwin.sim.fenton_karma import (
    FENTON_KARMA_BR,
    FENTON_KARMA_GP,
    FENTON_KARMA_MBR,
    FENTON_KARMA_MLR,
)
from cardiotwin.sim.restitution import s1s2_restitution

FITS = [FENTON_KARMA_BR, FENTON_KARMA_MBR, FENTON_KARMA_MLR, FENTON_KARMA_GP]


def plain_step(model, dt, current, v_mv, v, w):
    """One cell, one step: equations 3 to 8."""
    p = model.parameters
    u = (v_mv - p.rest_mv) / p.range_mv
    if u >= p.u_c:
        v, w = v * math.exp(-dt / p.tau_v_plus), w * math.exp(-dt / p.tau_w_plus)
        fast_in, slow_out = -v / p.tau_d * (1 - u) * (u - p.u_c), 1 / p.tau_r
    else:
        tau_v = p.tau_v1_minus if u >= p.u_v else p.tau_v2_minus
        v = 1 + (v - 1) * math.exp(-dt / tau_v)
        w = 1 + (w - 1) * math.exp(-dt / p.tau_w_minus)
        fast_in, slow_out = 0.0, u / p.tau_0
    slow_in = -w / (2 * p.tau_si) * (1 + math.tanh(p.k * (u - p.u_c_si)))
    return v_mv + dt * (current - p.range_mv * (fast_in + slow_out + slow_in)), v, w


@pytest.mark.parametrize("model", FITS, ids=lambda model: model.name)
def test_kernel_does_what_the_equations_say(model, rng):
    n, dt = 150, 0.05
    v = rng.uniform(-90.0, 40.0, n)
    state = rng.uniform(0.0, 1.0, (2, n))
    current = rng.uniform(0.0, 30.0, n)
    cells = [(v[i], *state[:, i]) for i in range(n)]
    for _ in range(20):
        model.advance(model.parameters, np.empty((0, 0)), dt, current, v, state, 0, n)
        cells = [plain_step(model, dt, current[i], *cell) for i, cell in enumerate(cells)]
    # Rounding alone: potentials in mV, over 20 steps.
    np.testing.assert_allclose(v, [cell[0] for cell in cells], atol=1e-9)
    np.testing.assert_allclose(state.T, [cell[1:] for cell in cells], atol=1e-11)


def test_rest_is_a_fixed_point_to_the_bit():
    for model in FITS:
        v, state = model.at_rest(3)
        for _ in range(100):
            model.advance(model.parameters, np.empty((0, 0)), 0.1, np.zeros(3), v, state, 0, 3)
        assert np.abs(v - model.rest_mv).max() < 1e-4  # the slow inward current is never quite 0
        assert (state == 1).all()


def test_modified_luo_rudy_shortens_gently_and_beeler_reuter_steeply():
    # The fits were made for this: slope above 1 breaks spiral waves up (Fenton and Karma 1998).
    intervals_ms = np.arange(300.0, 500.0, 20.0)
    gentle = s1s2_restitution(FENTON_KARMA_MLR, intervals_ms, beats=3, dt_ms=0.05)
    steep = s1s2_restitution(FENTON_KARMA_BR, intervals_ms, beats=3, dt_ms=0.05)
    assert gentle.steepest < 0.6
    assert steep.steepest > 1.5
