"""The human atrial cell: the kernel against the paper's equations, health and fibrillation."""

from math import exp, expm1, log, sqrt

import numpy as np
import pytest

from cardiotwin.sim.courtemanche import COURTEMANCHE, COURTEMANCHE_AF, gate_kinetics, ratio, table
from cardiotwin.sim.single_cell import measure, pace

VARIANTS = pytest.mark.parametrize(
    "model", [COURTEMANCHE, COURTEMANCHE_AF], ids=lambda model: model.name
)


def alphas_and_betas(v):
    """m, h, j: equations 30 to 34."""
    low = v < -40
    return {
        "m": (0.32 * (v + 47.13) / -expm1(-0.1 * (v + 47.13)), 0.08 * exp(-v / 11)),
        "h": (
            0.135 * exp((80 + v) / -6.8) if low else 0.0,
            3.56 * exp(0.079 * v) + 3.1e5 * exp(0.35 * v)
            if low
            else 1 / (0.13 * (1 + exp((v + 10.66) / -11.1))),
        ),
        "j": (
            (-127140 * exp(0.2444 * v) - 3.474e-5 * exp(-0.04391 * v))
            * (v + 37.78)
            / (1 + exp(0.311 * (v + 79.23)))
            if low
            else 0.0,
            0.1212 * exp(-0.01052 * v) / (1 + exp(-0.1378 * (v + 40.14)))
            if low
            else 0.3 * exp(-2.535e-7 * v) / (1 + exp(-0.1 * (v + 32))),
        ),
    }


def slopes(v, s, p, stimulus):
    """Rates of potential and states of one cell, as the appendix prints them."""
    rtf = p.r * p.t / p.f
    e_k, e_na = rtf * log(p.k_o / s["k_i"]), rtf * log(p.na_o / s["na_i"])
    e_ca = rtf / 2 * log(p.ca_o / s["ca_i"])
    i_na = p.g_na * s["m"] ** 3 * s["h"] * s["j"] * (v - e_na)
    i_k1 = p.g_k1 * (v - e_k) / (1 + exp(0.07 * (v + 80)))
    i_to = p.g_to * s["oa"] ** 3 * s["oi"] * (v - e_k)
    g_kur = p.g_kur * (0.005 + 0.05 / (1 + exp((v - 15) / -13)))
    i_kur = g_kur * s["ua"] ** 3 * s["ui"] * (v - e_k)
    i_kr = p.g_kr * s["xr"] * (v - e_k) / (1 + exp((v + 15) / 22.4))
    i_ks = p.g_ks * s["xs"] ** 2 * (v - e_k)
    i_cal = p.g_cal * s["d"] * s["f"] * s["f_ca"] * (v - 65)
    sigma = (exp(p.na_o / 67.3) - 1) / 7
    f_nak = 1 / (1 + 0.1245 * exp(-0.1 * v / rtf) + 0.0365 * sigma * exp(-v / rtf))
    i_nak = p.i_nak_max * f_nak / (1 + (p.k_m_na_i / s["na_i"]) ** 1.5) * p.k_o / (p.k_o + 1.5)
    x = v / rtf
    moved = exp(0.35 * x) * s["na_i"] ** 3 * p.ca_o - exp(-0.65 * x) * p.na_o**3 * s["ca_i"]
    held = (87.5**3 + p.na_o**3) * (1.38 + p.ca_o) * (1 + 0.1 * exp(-0.65 * x))
    i_naca = p.i_naca_max * moved / held
    i_pca = p.i_pca_max * s["ca_i"] / (0.0005 + s["ca_i"])
    i_bna, i_bca = p.g_bna * (v - e_na), p.g_bca * (v - e_ca)
    i_k = i_k1 + i_to + i_kur + i_kr + i_ks
    total = i_na + i_k + i_cal + i_nak + i_naca + i_pca + i_bna + i_bca
    v_i, v_up, v_rel = 13668.0, 1109.52, 96.48  # um3, table 1
    i_rel = p.k_rel * s["u"] ** 2 * s["v"] * s["w"] * (s["ca_rel"] - s["ca_i"])
    i_tr, i_up = (s["ca_up"] - s["ca_rel"]) / 180, p.i_up_max / (1 + p.k_up / s["ca_i"])
    i_leak = p.i_up_max * s["ca_up"] / 15
    fvi = p.f * v_i / p.c_m
    bound = 0.07 * 0.0005 / (s["ca_i"] + 0.0005) ** 2 + 0.05 * 0.00238 / (s["ca_i"] + 0.00238) ** 2
    sarcolemma = (2 * i_naca - i_pca - i_cal - i_bca) / (2 * fvi)
    rates = {
        "na_i": (-3 * i_nak - 3 * i_naca - i_bna - i_na) / fvi,
        "k_i": (2 * i_nak - i_k + stimulus) / fvi,
        "ca_i": (sarcolemma + (v_up * (i_leak - i_up) + i_rel * v_rel) / v_i) / (1 + bound),
        "ca_up": i_up - i_leak - i_tr * v_rel / v_up,
        "ca_rel": (i_tr - i_rel) / (1 + 10 * 0.8 / (s["ca_rel"] + 0.8) ** 2),
    }
    for gate, (alpha, beta) in alphas_and_betas(v).items():
        rates[gate] = alpha * (1 - s[gate]) - beta * s[gate]
    fast = 0.65 / (exp((v + 10) / -8.5) + exp((v - 30) / -59)) + 0.65 / (2.5 + exp((v + 82) / 17))
    oi = 1 / (18.53 + exp((v + 113.7) / 10.95)) + 1 / (35.56 + exp((v + 1.26) / -7.44))
    ui = 1 / (21 + exp((v - 185) / -28)) + 1 / exp((v - 158) / -16)
    xr = 0.0003 * (v + 14.1) / -expm1((v + 14.1) / -5)
    xr += 7.3898e-5 * (v - 3.3328) / expm1((v - 3.3328) / 5.1237)
    xs = 4e-5 * (v - 19.9) / -expm1((v - 19.9) / -17) + 3.5e-5 * (v - 19.9) / expm1((v - 19.9) / 9)
    falling = exp((v + 10) / -6.24)
    flux = 1e-12 * v_rel * i_rel - 5e-13 / p.f * (0.5 * i_cal - 0.2 * i_naca) * p.c_m
    open_u = 1 / (1 + exp(-(flux - 3.4175e-13) / 13.67e-16))
    open_w = exp(-(v - 7.9) / 5)
    for gate, target, tau in (
        ("oa", 1 / (1 + exp((v + 20.47) / -17.54)), 1 / (3 * fast)),
        ("oi", 1 / (1 + exp((v + 43.1) / 5.3)), 1 / (3 * oi)),
        ("ua", 1 / (1 + exp((v + 30.3) / -9.6)), 1 / (3 * fast)),
        ("ui", 1 / (1 + exp((v - 99.45) / 27.48)), 1 / (3 * ui)),
        ("xr", 1 / (1 + exp((v + 14.1) / -6.5)), 1 / xr),
        ("xs", 1 / sqrt(1 + exp((v - 19.9) / -12.7)), 0.5 / xs),
        ("d", 1 / (1 + exp((v + 10) / -8)), (1 - falling) / (0.035 * (v + 10) * (1 + falling))),
        (
            "f",
            exp(-(v + 28) / 6.9) / (1 + exp(-(v + 28) / 6.9)),
            9 / (0.0197 * exp(-(0.0337**2) * (v + 10) ** 2) + 0.02),
        ),
        ("f_ca", 1 / (1 + s["ca_i"] / 0.00035), 2.0),
        ("u", open_u, 8.0),
        ("v", 1 - 1 / (1 + exp(-(flux - 6.835e-14) / 13.67e-16)), 1.91 + 2.09 * open_u),
        (
            "w",
            1 - 1 / (1 + exp(-(v - 40) / 17)),
            6 * (1 - open_w) / ((1 + 0.3 * open_w) * (v - 7.9)),
        ),
    ):
        rates[gate] = (target - s[gate]) / tau
    return stimulus - total, rates


@VARIANTS
def test_kernel_does_what_the_equations_say(model):
    # States along an action potential, and one tiny step from each.
    beat = pace(model, beats=2)
    picked = np.unique(np.geomspace(5, 9000, 60).astype(int))
    v, state = beat.v_mv[picked].copy(), np.ascontiguousarray(beat.state[:, picked])
    old_v, old = v.copy(), state.copy()
    dt, current = 1e-5, np.full(len(picked), 7.0)
    model.advance(model.parameters, table(model.parameters, dt), dt, current, v, state, 0, len(v))
    for i in range(len(picked)):
        cell = dict(zip(model.states, old[:, i], strict=True))
        rate, rates = slopes(old_v[i], cell, model.parameters, 7.0)
        # Straight lines over 0.05 mV put the gates' targets off by up to 0.05**2 / 8 times
        # their curvature, 1e-4 at worst; rounding of a state of 1 over the step is 1e-11 / ms.
        assert (v[i] - old_v[i]) / dt == pytest.approx(rate, rel=2e-3, abs=2e-3)
        for j, name in enumerate(model.states):
            moved = (state[j, i] - old[j, i]) / dt
            assert moved == pytest.approx(rates[name], rel=2e-3, abs=1e-4), name


def test_quotients_pass_through_their_gaps():
    np.testing.assert_allclose(ratio(np.array([-1e-7, 0.0, 1e-7])), 1.0, atol=1e-7)
    gaps = np.array([-47.13, -14.1, 3.3328, 19.9, -10.0, 7.9])
    for k, (at, beside) in enumerate(
        zip(gate_kinetics(gaps), gate_kinetics(gaps + 1e-6), strict=True)
    ):
        np.testing.assert_allclose(at, beside, rtol=1e-5, atol=1e-12, err_msg=str(k))


def test_published_rest_stays_at_rest():
    for model, drift_mv in ((COURTEMANCHE, 0.05), (COURTEMANCHE_AF, 0.05)):
        v, state = model.at_rest(1)
        dt, p = 0.05, model.parameters
        rows = table(p, dt)
        for _ in range(20_000):  # 1 s
            model.advance(p, rows, dt, np.zeros(1), v, state, 0, 1)
        assert v[0] == pytest.approx(model.rest_mv, abs=drift_mv)


def test_fibrillation_halves_the_action_potential_and_deepens_rest():
    # Courtemanche 1999: from about 300 ms to below half of it; doubled IK1 lowers rest.
    healthy, remodelled = measure(pace(COURTEMANCHE)), measure(pace(COURTEMANCHE_AF))
    assert 280 < healthy.apd90_ms < 310
    assert remodelled.apd90_ms < 0.5 * healthy.apd90_ms
    assert remodelled.rest_mv < healthy.rest_mv - 2


def test_nan_stays_where_it_is():
    v, state = COURTEMANCHE.at_rest(3)
    v[1] = np.nan
    p = COURTEMANCHE.parameters
    COURTEMANCHE.advance(p, table(p, 0.01), 0.01, np.zeros(3), v, state, 0, 3)
    np.testing.assert_array_equal(np.isnan(v), [False, True, False])


def test_potentials_beyond_the_table_stay_finite():
    v, state = COURTEMANCHE.at_rest(2)
    v[:] = -400.0, 400.0
    p = COURTEMANCHE.parameters
    COURTEMANCHE.advance(p, table(p, 0.01), 0.01, np.zeros(2), v, state, 0, 2)
    assert np.isfinite(v).all()
    assert np.isfinite(state).all()
