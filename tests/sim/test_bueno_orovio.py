"""The minimal model: the kernel against its equations, and what they are known for."""

import math

import numpy as np
import pytest

from cardiotwin.sim.bueno_orovio import BUENO_OROVIO_ENDO, BUENO_OROVIO_EPI, BUENO_OROVIO_M
from cardiotwin.sim.single_cell import measure, pace

LAYERS = [BUENO_OROVIO_EPI, BUENO_OROVIO_M, BUENO_OROVIO_ENDO]


def paper(u, v, w, s, p):
    """Sum of the currents; target and time constant of each gate: equations 1 to 7, in words."""
    tau_so = p.tau_so1 + (p.tau_so2 - p.tau_so1) * (1 + math.tanh(p.k_so * (u - p.u_so))) / 2
    if u < p.theta_w:
        fast_in = slow_in = 0.0
        slow_out = (u - p.u_o) / (p.tau_o1 if u < p.theta_o else p.tau_o2)
        w_inf = 1 - u / p.tau_w_inf if u < p.theta_o else p.w_inf_star
        steep = math.tanh(p.k_w_minus * (u - p.u_w_minus))
        tau_w = p.tau_w1_minus + (p.tau_w2_minus - p.tau_w1_minus) * (1 + steep) / 2
        tau_s = p.tau_s1
    else:
        fast_in = -v * (u - p.theta_v) * (p.u_u - u) / p.tau_fi if u >= p.theta_v else 0.0
        slow_in, slow_out = -w * s / p.tau_si, 1 / tau_so
        w_inf, tau_w, tau_s = 0.0, p.tau_w_plus, p.tau_s2
    v_inf = 1.0 if u < p.theta_v_minus else 0.0
    tau_v = p.tau_v1_minus if u < p.theta_v_minus else p.tau_v2_minus
    if u >= p.theta_v:
        v_inf, tau_v = 0.0, p.tau_v_plus
    s_inf = (1 + math.tanh(p.k_s * (u - p.u_s))) / 2
    return fast_in + slow_in + slow_out, ((v_inf, tau_v), (w_inf, tau_w), (s_inf, tau_s))


def plain_step(model, dt, current, v_mv, gates):
    """One cell, one step."""
    p = model.parameters
    u = (v_mv - p.rest_mv) / p.range_mv
    _, targets = paper(u, *gates, p)
    gates = [
        target + (gate - target) * math.exp(-dt / tau)
        for gate, (target, tau) in zip(gates, targets, strict=True)
    ]
    currents, _ = paper(u, *gates, p)
    return v_mv + dt * (current - p.range_mv * currents), gates


@pytest.mark.parametrize("model", LAYERS, ids=lambda model: model.name)
def test_kernel_does_what_the_equations_say(model, rng):
    n, dt = 150, 0.05
    v = rng.uniform(-90.0, 55.0, n)
    state = rng.uniform(0.0, 1.0, (3, n))
    current = rng.uniform(0.0, 30.0, n)
    cells = [(v[i], list(state[:, i])) for i in range(n)]
    for _ in range(20):
        model.advance(model.parameters, np.empty((0, 0)), dt, current, v, state, 0, n)
        cells = [plain_step(model, dt, current[i], *cell) for i, cell in enumerate(cells)]
    # Rounding alone: potentials in mV, over 20 steps.
    np.testing.assert_allclose(v, [cell[0] for cell in cells], atol=1e-9)
    np.testing.assert_allclose(state.T, [cell[1] for cell in cells], atol=1e-11)


def test_only_the_cells_asked_for_move():
    model = BUENO_OROVIO_EPI
    v, state = model.at_rest(8)
    v += 40.0
    model.advance(model.parameters, np.empty((0, 0)), 0.02, np.zeros(8), v, state, 3, 5)
    np.testing.assert_array_equal(np.flatnonzero(v != -44.0), [3, 4])
    np.testing.assert_array_equal(np.flatnonzero(state[0] != 1.0), [3, 4])


def test_action_potentials_converge_at_first_order_in_the_step():
    def plateau_mv(dt):
        return pace(BUENO_OROVIO_EPI, beats=1, dt_ms=dt).v_mv[1500]  # 150 ms after the stimulus

    off = [abs(plateau_mv(dt) - plateau_mv(0.0005)) for dt in (0.05, 0.025, 0.0125)]
    orders = np.log2(np.array(off[:-1]) / off[1:])
    assert orders.min() > 0.9, orders
    assert off[-1] < 0.02  # mV


def test_the_middle_of_the_wall_beats_longest():
    long = [measure(pace(model)).apd90_ms for model in LAYERS]
    assert long[1] > 1.4 * max(long[0], long[2])


def test_epicardium_alone_has_a_notch():
    depth = {}
    for model in LAYERS:
        v = pace(model).v_mv
        early = v[:400]  # 40 ms
        depth[model.name] = v[400:1500].max() - early[np.argmax(early) :].min()
    assert depth["bueno-orovio-epi"] > 10.0
    assert depth["bueno-orovio-m"] < 1.0
    assert depth["bueno-orovio-endo"] < 1.0
