"""Ten Tusscher-Panfilov 2006: the kernel against its equations in double precision."""

import os
import subprocess
import sys

import numpy as np
import pytest

from cardiotwin.sim.ten_tusscher import (
    STATES,
    TEN_TUSSCHER_ENDO,
    TEN_TUSSCHER_EPI,
    TEN_TUSSCHER_M,
)

LAYERS = pytest.mark.parametrize(
    "cells", [TEN_TUSSCHER_EPI, TEN_TUSSCHER_M, TEN_TUSSCHER_ENDO], ids=lambda cells: cells.name
)


def advance(cells, dt, current, v, state, first=0, last=None):
    p = cells.parameters
    last = v.size if last is None else last
    cells.advance(p, cells.table(p, dt), dt, current, v, state, first, last)


def action_potential(cells, dt, duration_ms, step=advance):
    """(t,) Potential of one cell after 52 mV/ms for 1 ms, as the authors stimulate."""
    v, state = cells.at_rest(1)
    trace = np.empty(round(duration_ms / dt))
    for k in range(trace.size):
        step(cells, dt, np.array([52.0 if k * dt < 1 else 0.0]), v, state)
        trace[k] = v[0]
    return trace


def exact_step(p, dt, current, v, state):
    """One step of (n,) cells in double precision, with the equations as the papers print them."""
    (m, h, j, xr1, xr2, xs, r, s, d, f, f2, fcass, rp, ca, sr, ss, na, k) = state
    exp, log, rtf = np.exp, np.log, p.gas * p.temperature / p.faraday
    low = v < -40
    with np.errstate(over="ignore"):
        a_h = np.where(low, 0.057 * exp(-(v + 80) / 6.8), 0)
        b_h = np.where(
            low,
            2.7 * exp(0.079 * v) + 3.1e5 * exp(0.3485 * v),
            0.77 / (0.13 * (1 + exp(-(v + 10.66) / 11.1))),
        )
        a_j = np.where(
            low,
            (-2.5428e4 * exp(0.2444 * v) - 6.948e-6 * exp(-0.04391 * v))
            * (v + 37.78)
            / (1 + exp(0.311 * (v + 79.23))),
            0,
        )
        b_j = np.where(
            low,
            0.02424 * exp(-0.01052 * v) / (1 + exp(-0.1378 * (v + 40.14))),
            0.6 * exp(0.057 * v) / (1 + exp(-0.1 * (v + 32))),
        )
    h_inf = 1 / (1 + exp((v + 71.55) / 7.43)) ** 2
    a_m = 1 / (1 + exp((-60 - v) / 5))
    b_m = 0.1 / (1 + exp((v + 35) / 5)) + 0.1 / (1 + exp((v - 50) / 200))
    a_d = 1.4 / (1 + exp((-35 - v) / 13)) + 0.25
    tau_d = a_d * 1.4 / (1 + exp((v + 5) / 5)) + 1 / (1 + exp((50 - v) / 20))
    tau_f = 1102.5 * exp(-((v + 27) ** 2) / 225) + 200 / (1 + exp((13 - v) / 10))
    tau_f += 180 / (1 + exp((v + 30) / 10)) + 20
    tau_f2 = 562 * exp(-((v + 27) ** 2) / 240) + 31 / (1 + exp((25 - v) / 10))
    tau_f2 += 80 / (1 + exp((v + 30) / 10))
    tau_xr1 = 450 / (1 + exp((-45 - v) / 10)) * 6 / (1 + exp((v + 30) / 11.5))
    tau_xr2 = 3 / (1 + exp((-60 - v) / 20)) * 1.12 / (1 + exp((v - 60) / 20))
    tau_xs = 1400 / np.sqrt(1 + exp((5 - v) / 6)) / (1 + exp((v - 35) / 15)) + 80
    if p.s_half_mv == -20:
        s_inf = 1 / (1 + exp((v + 20) / 5))
        tau_s = 85 * exp(-((v + 45) ** 2) / 320) + 5 / (1 + exp((v - 20) / 5)) + 3
    else:
        s_inf = 1 / (1 + exp((v + 28) / 5))
        tau_s = 1000 * exp(-((v + 67) ** 2) / 1000) + 8
    gates = (
        (m, 1 / (1 + exp((-56.86 - v) / 9.03)) ** 2, a_m * b_m),
        (h, h_inf, 1 / (a_h + b_h)),
        (j, h_inf, 1 / (a_j + b_j)),
        (xr1, 1 / (1 + exp((-26 - v) / 7)), tau_xr1),
        (xr2, 1 / (1 + exp((v + 88) / 24)), tau_xr2),
        (xs, 1 / (1 + exp((-5 - v) / 14)), tau_xs),
        (r, 1 / (1 + exp((20 - v) / 6)), 9.5 * exp(-((v + 40) ** 2) / 1800) + 0.8),
        (s, s_inf, tau_s),
        (d, 1 / (1 + exp((-8 - v) / 7.5)), tau_d),
        (f, 1 / (1 + exp((v + 20) / 7)), tau_f),
        (f2, 0.67 / (1 + exp((v + 35) / 7)) + 0.33, tau_f2),
        (fcass, 0.6 / (1 + (ss / 0.05) ** 2) + 0.4, 80 / (1 + (ss / 0.05) ** 2) + 2),
    )
    e_na, e_k, e_ca = rtf * log(p.na_o / na), rtf * log(p.k_o / k), rtf / 2 * log(p.ca_o / ca)
    e_ks = rtf * log((p.k_o + p.p_kna * p.na_o) / (k + p.p_kna * na))
    i_na = p.g_na * m**3 * h * j * (v - e_na)
    a_k1 = 0.1 / (1 + exp(0.06 * (v - e_k - 200)))
    b_k1 = 3 * exp(0.0002 * (v - e_k + 100)) + exp(0.1 * (v - e_k - 10))
    b_k1 /= 1 + exp(-0.5 * (v - e_k))
    i_k1 = p.g_k1 * a_k1 / (a_k1 + b_k1) * (v - e_k)
    i_to = p.g_to * r * s * (v - e_k)
    i_kr = p.g_kr * xr1 * xr2 * (v - e_k)
    i_ks = p.g_ks * xs**2 * (v - e_ks)
    e = exp(2 * (v - 15) / rtf)
    i_cal = p.g_cal * d * f * f2 * fcass * 4 * (v - 15) * p.faraday / rtf
    i_cal *= (0.25 * ss * e - p.ca_o) / (e - 1)
    i_naca = exp(p.gamma * v / rtf) * na**3 * p.ca_o
    i_naca -= exp((p.gamma - 1) * v / rtf) * p.na_o**3 * ca * p.alpha
    i_naca *= p.k_naca / (p.km_nai**3 + p.na_o**3) / (p.km_ca + p.ca_o)
    i_naca /= 1 + p.k_sat * exp((p.gamma - 1) * v / rtf)
    i_nak = p.p_nak * p.k_o / (p.k_o + p.k_mk) * na / (na + p.k_mna)
    i_nak /= 1 + 0.1245 * exp(-0.1 * v / rtf) + 0.0353 * exp(-v / rtf)
    i_pca = p.g_pca * ca / (ca + p.k_pca)
    i_pk = p.g_pk * (v - e_k) / (1 + exp((25 - v) / 5.98))
    i_bna, i_bca = p.g_bna * (v - e_na), p.g_bca * (v - e_ca)
    kcasr = p.max_sr - (p.max_sr - p.min_sr) / (1 + (p.ec / sr) ** 2)
    k1, k2 = p.k1_prime / kcasr, p.k2_prime * kcasr
    i_rel = p.v_rel * k1 * ss**2 * rp / (p.k3 + k1 * ss**2) * (sr - ss)
    i_up, i_leak = p.vmax_up / (1 + (p.k_up / ca) ** 2), p.v_leak * (sr - ca)
    i_xfer = p.v_xfer * (ss - ca)
    volume = p.v_c * p.faraday / p.capacitance
    d_ca = (i_leak - i_up) * p.v_sr / p.v_c + i_xfer
    d_ca -= (i_bca + i_pca - 2 * i_naca) / (2 * volume)
    d_ss = -i_cal * p.capacitance / (2 * p.v_ss * p.faraday)
    d_ss += i_rel * p.v_sr / p.v_ss - i_xfer * p.v_c / p.v_ss
    potassium = i_k1 + i_to + i_kr + i_ks + i_pk - 2 * i_nak - current
    changes = (
        p.k4 * (1 - rp) - k2 * ss * rp,
        d_ca / (1 + p.buf_c * p.k_buf_c / (ca + p.k_buf_c) ** 2),
        (i_up - i_rel - i_leak) / (1 + p.buf_sr * p.k_buf_sr / (sr + p.k_buf_sr) ** 2),
        d_ss / (1 + p.buf_ss * p.k_buf_ss / (ss + p.k_buf_ss) ** 2),
        -(i_na + i_bna + 3 * i_nak + 3 * i_naca) / volume,
        -potassium / volume,
    )
    total = i_k1 + i_to + i_kr + i_ks + i_cal + i_nak + i_na + i_bna + i_naca + i_bca + i_pk
    new = [inf + (x - inf) * exp(-dt / tau) for x, inf, tau in gates]
    new += [x + dt * change for x, change in zip(state[12:], changes, strict=True)]
    return v + dt * (current - total - i_pca), np.array(new)


def exact_advance(cells, dt, current, v, state):
    v[:], state[:] = exact_step(cells.parameters, dt, current, v, state)


def scattered(cells, rng, n=777):
    """Cells at potentials that no cell leaves, with states around those at rest."""
    v, state = cells.at_rest(n)
    v[:] = np.linspace(-120, 80, n)
    state *= rng.uniform(0.7, 1.0, state.shape)
    state[:12] += rng.uniform(0, 0.3, (12, n)) * (1 - state[:12])
    return v, state, rng.uniform(0, 40, n)


@LAYERS
def test_one_step_is_that_of_the_equations(cells, rng):
    # Rates are known to single precision, 6e-8; a handful of operations apart, and where two
    # terms cancel, a little more. The state itself is double.
    v, state, current = scattered(cells, rng)
    v_exact, exact = exact_step(cells.parameters, 0.02, current, v, state)
    v_new, new = v.copy(), state.copy()
    advance(cells, 0.02, current, v_new, new)
    assert np.abs(v_new - v_exact).max() < 2e-6 * np.abs(v_exact - v).max()
    largest = np.abs(exact - state).max(axis=1)
    error = np.abs(new - exact).max(axis=1) / largest
    assert dict(zip(STATES, error, strict=True)) == pytest.approx(
        dict.fromkeys(STATES, 0), abs=1e-5
    )


@LAYERS
def test_an_action_potential_is_that_of_the_equations(cells):
    ours = action_potential(cells, 0.05, 200)
    exact = action_potential(cells, 0.05, 200, exact_advance)
    assert np.abs(ours - exact).max() < 1e-3  # mV; single precision rates leave 6e-5


@LAYERS
def test_a_cell_left_alone_stays_at_rest(cells):
    # The start is the end of diastole at 1 Hz, so gates and calcium still drift a little.
    v, state = cells.at_rest(1)
    for _ in range(20_000):
        advance(cells, 0.05, np.zeros(1), v, state)
        assert abs(v[0] - cells.rest_mv) < 1
    assert (state > 0).all()


def test_action_potentials_last_longest_in_the_mid_wall():
    # ten Tusscher 2006, figure 2: epicardium and endocardium alike, mid-wall 60 to 100 ms longer.
    dt = 0.05
    lasts = []
    for cells in (TEN_TUSSCHER_EPI, TEN_TUSSCHER_M, TEN_TUSSCHER_ENDO):
        trace = action_potential(cells, dt, 500)
        assert 30 < trace.max() < 45
        lasts.append(dt * np.flatnonzero(trace > 0.1 * trace.max() + 0.9 * cells.rest_mv)[-1])
    epi, mid, endo = lasts
    assert abs(epi - endo) < 15
    assert 50 < mid - epi < 110


def test_halving_the_step_halves_the_error():
    dts = 0.02, 0.01, 0.005
    ends = [action_potential(TEN_TUSSCHER_EPI, dt, 20)[-1] for dt in dts]
    order = np.log2((ends[0] - ends[1]) / (ends[1] - ends[2]))
    assert order == pytest.approx(1, abs=0.2)  # forward Euler; the next term is still seen


def test_the_stimulus_brings_potassium_into_the_cell():
    # ten Tusscher 2006: the stimulus belongs to the potassium balance, C / (volume F) mM per pA/pF.
    p = TEN_TUSSCHER_EPI.parameters
    v, state = TEN_TUSSCHER_EPI.at_rest(2)
    advance(TEN_TUSSCHER_EPI, 0.01, np.array([0.0, 50.0]), v, state)
    inside = state[STATES.index("k_i")]
    assert inside[1] - inside[0] == pytest.approx(
        0.01 * 50 * p.capacitance / (p.v_c * p.faraday), rel=1e-4
    )
    assert v[1] - v[0] == pytest.approx(0.5, rel=1e-12)


def test_cells_may_be_shared_out_in_any_ranges(rng):
    v, state, current = scattered(TEN_TUSSCHER_EPI, rng)
    whole, parts = (v.copy(), state.copy()), (v.copy(), state.copy())
    advance(TEN_TUSSCHER_EPI, 0.02, current, *whole)
    for first, last in ((0, 1), (1, 130), (130, 131), (131, 600), (600, 777)):
        advance(TEN_TUSSCHER_EPI, 0.02, current, *parts, first, last)
    assert (whole[0] == parts[0]).all()
    assert (whole[1] == parts[1]).all()


def test_only_the_cells_asked_for_change(rng):
    v, state, current = scattered(TEN_TUSSCHER_EPI, rng)
    new, new_state = v.copy(), state.copy()
    advance(TEN_TUSSCHER_EPI, 0.02, current, new, new_state, 200, 300)
    outside = np.r_[0:200, 300:777]
    assert (new[outside] == v[outside]).all()
    assert (new_state[:, outside] == state[:, outside]).all()


@pytest.mark.parametrize("v_mv", [-300.0, -150.0, 15.0, 150.0, 300.0])
def test_any_potential_gives_finite_rates(v_mv):
    # 15 mV is where the calcium current's formula is 0/0; the others no cell ever sees.
    v, state = TEN_TUSSCHER_EPI.at_rest(3)
    v[1] = v_mv
    advance(TEN_TUSSCHER_EPI, 0.001, np.zeros(3), v, state)
    gates = state[:13]
    # A gate that reaches its target within the step does so to single precision.
    assert gates.min() > -1e-7
    assert gates.max() < 1 + 1e-7
    assert np.isfinite(state).all()
    assert v[0] == v[2]


def test_the_calcium_current_is_smooth_where_its_formula_is_not():
    v, state = TEN_TUSSCHER_EPI.at_rest(401)
    v[:] = start = np.linspace(14.9, 15.1, 401)
    advance(TEN_TUSSCHER_EPI, 1.0, np.zeros(401), v, state)
    bends = np.diff(v - start, 2)
    assert np.abs(bends).max() < 1e-4  # mV; single precision of a current of 20 pA/pF


def test_a_nan_stays_where_it_is_and_stays_seen():
    v, state = TEN_TUSSCHER_EPI.at_rest(300)
    v[7], state[STATES.index("ca_i"), 200], state[0, 250] = np.nan, np.nan, np.nan
    for _ in range(2):
        advance(TEN_TUSSCHER_EPI, 0.01, np.zeros(300), v, state)
    assert np.flatnonzero(np.isnan(v)).tolist() == [7, 200, 250]


@pytest.mark.slow
def test_single_precision_rates_leave_activation_times_as_they_are():
    # A sheet of the N-version benchmark at 0.2 mm, crossed along and across the fibres.
    from cardiotwin.sim.kernels.grid import diffuse_box

    shape, dt = (31, 21, 1), 0.01
    weights = np.array([[0.0953], [0.01258], [0.0]]) / 0.2**2
    times = []
    for step in (advance, exact_advance):
        v, state = TEN_TUSSCHER_EPI.at_rest(31 * 21)
        out, crossed = v.copy(), np.full(v.size, np.inf)
        current = np.zeros(shape)
        current[:8, :8] = 35.714
        for k in range(2500):
            diffuse_box(v, shape, weights, dt, out, 0, v.size)
            step(TEN_TUSSCHER_EPI, dt, current.ravel() * (k * dt < 2), out, state)
            crosses = (v <= 0) & (out > 0)
            crossed[crosses] = dt * (k - v[crosses] / (out[crosses] - v[crosses]))
            v, out = out, v
        times.append(crossed)
    assert np.isfinite(times[1]).all()
    assert np.abs(times[0] - times[1]).max() < 1e-3  # ms


def test_the_kernel_runs_as_plain_python():
    code = (
        "import numpy as np\n"
        "from cardiotwin.sim.ten_tusscher import TEN_TUSSCHER_EPI as cells\n"
        "v, state = cells.at_rest(2)\n"
        "current, table = np.array([0, 30.]), np.empty((0, 0))\n"
        "cells.advance(cells.parameters, table, 0.01, current, v, state, 0, 2)\n"
        "print(*v)"
    )
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env=os.environ | {"NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    v, state = TEN_TUSSCHER_EPI.at_rest(2)
    advance(TEN_TUSSCHER_EPI, 0.01, np.array([0, 30.0]), v, state)
    assert [float(x) for x in run.stdout.split()] == pytest.approx(v, abs=1e-7)
