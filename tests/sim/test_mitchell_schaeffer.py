"""Mitchell and Schaeffer's membrane against its asymptotic formulas and its plain twin."""

import numpy as np
import pytest

from cardiotwin.sim.kernels.mitchell_schaeffer import mitchell_schaeffer
from cardiotwin.sim.mitchell_schaeffer import (
    ATRIAL,
    VENTRICULAR,
    MitchellSchaeffer,
    asymptotic_apd_ms,
    front_velocity_mm_per_ms,
    mitchell_schaeffer_cell,
)


def run(cell, duration_ms, dt_ms, pulses_ms):
    """(times, samples) of u in one cell with pulses of 1 ms that bring it to u = 0.5 or more."""
    p = cell.parameters
    v, state = cell.at_rest(1)
    table, current = cell.table(p, dt_ms), np.zeros(1)
    u = np.empty(round(duration_ms / dt_ms))
    for k in range(len(u)):
        on = any(start <= (k + 0.5) * dt_ms < start + 1 for start in pulses_ms)
        current[0] = 0.5 * p.range_mv if on else 0
        cell.advance(p, table, dt_ms, current, v, state, 0, 1)
        u[k] = (v[0] - p.rest_mv) / p.range_mv
    return (1 + np.arange(len(u))) * dt_ms, u


def above_gate(cell, duration_ms, dt_ms, pulses_ms):
    """Start and length of each stay above the gate voltage, in ms."""
    times_ms, u = run(cell, duration_ms, dt_ms, pulses_ms)
    high = np.concatenate([[False], u > cell.parameters.gate, [False]])
    edges = times_ms[np.flatnonzero(np.diff(high.astype(int)))[: 2 * len(pulses_ms)] - 1]
    return edges[::2], edges[1::2] - edges[::2]


def scaled(factor):
    """The paper's set with both fast time constants shortened: nearer to the asymptotic limit."""
    tau_in_ms, tau_out_ms = 0.3 * factor, 6.0 * factor
    return mitchell_schaeffer_cell("fast", MitchellSchaeffer(tau_in_ms, tau_out_ms))


def test_the_action_potential_tends_to_the_asymptotic_formula():
    # The formula ends the plateau where it becomes unstable. The voltage leaves such a fold late,
    # by a time that goes with the fast time constant to the power 2/3, and with nothing else.
    late_ms = []
    for factor in (0.5, 0.25, 0.125):
        cell = scaled(factor)
        apd_ms = above_gate(cell, 350, 0.02 * factor, [1.0])[1][0]
        late_ms.append((apd_ms - asymptotic_apd_ms(cell.parameters, np.inf)) / factor ** (2 / 3))
    assert late_ms == pytest.approx([late_ms[0]] * 3, rel=0.01)


@pytest.mark.parametrize("interval_ms", [80.0, 150.0, 300.0])
def test_restitution_follows_the_papers_curve(interval_ms):
    cell = scaled(0.25)
    start_ms, length_ms = above_gate(cell, 300, 0.005, [1.0])
    pulse_ms = start_ms[0] + length_ms[0] + interval_ms
    long_ms, short_ms = above_gate(cell, pulse_ms + 270, 0.005, [1.0, pulse_ms])[1]
    formula_ms = asymptotic_apd_ms(cell.parameters, [np.inf, interval_ms])
    # Both end late alike; the rest of the error goes with tau_in over tau_open, 0.075 / 120, and
    # the upstroke's 4 ms.
    assert long_ms - short_ms == pytest.approx(formula_ms[0] - formula_ms[1], rel=0.04)


def test_the_atrial_action_potential_is_short():
    p = ATRIAL.parameters
    assert asymptotic_apd_ms(p, np.inf) == pytest.approx(60 * np.log(5))


def test_the_error_falls_with_the_square_of_the_time_step():
    # Where the gate only closes there is no jump in the equations, and the order can be measured.
    smooth = mitchell_schaeffer_cell("no jump", MitchellSchaeffer(gate=-1.0))
    ends = [run(smooth, 20, dt_ms, [0.0])[1][-1] for dt_ms in (0.1, 0.05, 0.025, 0.0125)]
    steps = np.abs(np.diff(ends))
    assert np.log2(steps[:-1] / steps[1:]) == pytest.approx(2, abs=0.25)


def test_a_cell_at_rest_stays_there():
    v, state = VENTRICULAR.at_rest(3)
    p = VENTRICULAR.parameters
    for _ in range(100):
        VENTRICULAR.advance(p, VENTRICULAR.table(p, 0.1), 0.1, np.zeros(3), v, state, 0, 3)
    assert (v == p.rest_mv).all()
    assert (state == 1).all()


def test_a_stronger_inward_current_makes_a_faster_front():
    slow, fast = MitchellSchaeffer(), MitchellSchaeffer(tau_in_ms=0.2)
    assert front_velocity_mm_per_ms(fast, 0.1) > front_velocity_mm_per_ms(slow, 0.1)
    ratio = front_velocity_mm_per_ms(slow, 0.4) / front_velocity_mm_per_ms(slow, 0.1)
    assert ratio == pytest.approx(2)


def plain(p, dt_ms, current, v, h):
    """One step of one cell in the words of the paper."""

    def gate(u, h):
        if u < p.gate:
            return 1 - (1 - h) * np.exp(-dt_ms / 2 / p.tau_open_ms)
        return h * np.exp(-dt_ms / 2 / p.tau_close_ms)

    def slope(u, h):
        return h * u**2 * (1 - u) / p.tau_in_ms - u / p.tau_out_ms + current / p.range_mv

    u = (v - p.rest_mv) / p.range_mv
    h = gate(u, h)
    first = slope(u, h)
    u += dt_ms / 2 * (first + slope(u + dt_ms * first, h))
    return p.rest_mv + p.range_mv * u, gate(u, h)


@pytest.mark.parametrize("kernel", [mitchell_schaeffer, mitchell_schaeffer.py_func])
def test_the_kernel_is_its_plain_twin_and_leaves_other_cells_alone(kernel, rng):
    p, dt_ms = VENTRICULAR.parameters, 0.07
    v, state = rng.uniform(-85, 20, 6), rng.uniform(0, 1, (1, 6))
    current = rng.uniform(0, 30, 6)
    before_v, before_h = v.copy(), state[0].copy()
    kernel(p, VENTRICULAR.table(p, dt_ms), dt_ms, current, v, state, 1, 5)
    for i in range(6):
        expected = (before_v[i], before_h[i])
        if 1 <= i < 5:
            expected = plain(p, dt_ms, current[i], *expected)
        assert (v[i], state[0, i]) == pytest.approx(expected, rel=1e-12)
