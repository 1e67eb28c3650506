"""Currents and concentrations of the ten Tusscher-Panfilov 2006 cell, a block at a time.

Currents in pA/pF, outward positive; concentrations in mM, their rows become changes over dt.
Equations: ten Tusscher and Panfilov 2006, appendix; currents it does not name are those of
ten Tusscher, Noble, Noble and Panfilov 2004.
"""

import math

from .single import F, approach, exp, expm1, log, rise, vectorised
from .ten_tusscher_rows import (
    BLOCK,
    CA_I,
    CA_SR,
    CA_SS,
    EXCHANGER,
    F1,
    F2,
    FCASS,
    K_I,
    NA_I,
    R_PRIME,
    STIMULUS,
    TOTAL,
    XR1,
    XR2,
    XS,
    D,
    H,
    J,
    M,
    R,
    S,
    V,
)


@vectorised
def calcium(p, w, dt):
    """L-type, background, pump and exchanger currents; stores of calcium and their release."""
    per_mv = F(p.faraday / (p.gas * p.temperature))
    sodium_out = F(p.na_o**3)
    exchange = F(p.k_naca / ((p.km_nai**3 + p.na_o**3) * (p.km_ca + p.ca_o)))
    charge = F(p.capacitance / (2.0 * p.v_c * p.faraday))
    charge_ss = F(p.capacitance / (2.0 * p.v_ss * p.faraday))
    for i in range(BLOCK):
        v, ca, sr, ss, na = w[V + i], w[CA_I + i], w[CA_SR + i], w[CA_SS + i], w[NA_I + i]
        # y / (exp(y) - 1), which is 1 - y / 2 where y vanishes.
        y = F(2) * (v - F(15)) * per_mv
        ratio = y / expm1(y) if abs(y) > F(1e-3) else F(1) - F(0.5) * y
        open_l = w[D + i] * w[F1 + i] * w[F2 + i] * w[FCASS + i]
        drive = F(0.25) * ss * (ratio + y) - F(p.ca_o) * ratio
        i_cal = F(p.g_cal * 2.0 * p.faraday) * open_l * drive
        e_ca = F(0.5) / per_mv * log(F(p.ca_o) / ca)
        i_bca = F(p.g_bca) * (v - e_ca)
        i_pca = F(p.g_pca) * ca / (ca + F(p.k_pca))
        inward, outward = exp(F(p.gamma) * v * per_mv), exp(F(p.gamma - 1.0) * v * per_mv)
        i_naca = inward * (na * na * na) * F(p.ca_o) - outward * sodium_out * ca * F(p.alpha)
        i_naca *= exchange / (F(1) + F(p.k_sat) * outward)
        w[EXCHANGER + i] = i_naca
        w[TOTAL + i] = i_cal + i_bca + i_pca + i_naca

        kcasr = F(p.max_sr) - F(p.max_sr - p.min_sr) * sr * sr / (sr * sr + F(p.ec**2))
        k1, k2 = F(p.k1_prime) / kcasr, F(p.k2_prime) * kcasr
        bound = k1 * ss * ss
        i_rel = F(p.v_rel) * bound * w[R_PRIME + i] / (F(p.k3) + bound) * (sr - ss)
        i_up = F(p.vmax_up) * ca * ca / (ca * ca + F(p.k_up**2))
        i_leak = F(p.v_leak) * (sr - ca)
        i_xfer = F(p.v_xfer) * (ss - ca)
        w[R_PRIME + i] = dt * (F(p.k4) * (F(1) - w[R_PRIME + i]) - k2 * ss * w[R_PRIME + i])
        buffered = free(ca, F(p.buf_c), F(p.k_buf_c))
        crossing = (i_bca + i_pca - F(2) * i_naca) * charge
        w[CA_I + i] = dt * buffered * ((i_leak - i_up) * F(p.v_sr / p.v_c) + i_xfer - crossing)
        w[CA_SR + i] = dt * free(sr, F(p.buf_sr), F(p.k_buf_sr)) * (i_up - i_rel - i_leak)
        release = i_rel * F(p.v_sr / p.v_ss) - i_xfer * F(p.v_c / p.v_ss) - i_cal * charge_ss
        w[CA_SS + i] = dt * free(ss, F(p.buf_ss), F(p.k_buf_ss)) * release
        bound = F(1) / (F(1) + ss * ss * F(1 / 0.05**2))
        fcass_inf, tau = F(0.6) * bound + F(0.4), F(80) * bound + F(2)
        w[FCASS + i] = approach(w[FCASS + i], fcass_inf, tau, dt)


@vectorised
def free(concentration, buffer, k):
    """Share of a change of calcium that its buffer leaves free."""
    near = (concentration + k) * (concentration + k)
    return near / (near + buffer * k)


@vectorised
def sodium_and_potassium(p, w, dt):
    """Every other current, added to the total; the sodium and potassium inside."""
    mv = F(p.gas * p.temperature / p.faraday)
    per_mv = F(p.faraday / (p.gas * p.temperature))
    root_k = F(math.sqrt(p.k_o / 5.4))
    pump = F(p.p_nak * p.k_o / (p.k_o + p.k_mk))
    charge = F(p.capacitance / (p.v_c * p.faraday))
    for i in range(BLOCK):
        v, na, k = w[V + i], w[NA_I + i], w[K_I + i]
        over_na = v - mv * log(F(p.na_o) / na)
        over_k = v - mv * log(F(p.k_o) / k)
        over_ks = v - mv * log(F(p.k_o + p.p_kna * p.na_o) / (k + F(p.p_kna) * na))
        i_na = F(p.g_na) * w[M + i] * w[M + i] * w[M + i] * w[H + i] * w[J + i] * over_na
        i_bna = F(p.g_bna) * over_na
        alpha = F(0.1) / (F(1) + exp(F(0.06) * (over_k - F(200))))
        beta = F(3) * exp(F(0.0002) * (over_k + F(100))) + exp(F(0.1) * (over_k - F(10)))
        beta /= F(1) + exp(F(-0.5) * over_k)
        i_k1 = F(p.g_k1) * root_k * alpha / (alpha + beta) * over_k
        i_to = F(p.g_to) * w[R + i] * w[S + i] * over_k
        i_kr = F(p.g_kr) * root_k * w[XR1 + i] * w[XR2 + i] * over_k
        i_ks = F(p.g_ks) * w[XS + i] * w[XS + i] * over_ks
        i_pk = F(p.g_pk) * over_k * rise(v, 25.0, 5.98)
        rectified = F(1) + F(0.1245) * exp(F(-0.1) * v * per_mv) + F(0.0353) * exp(-v * per_mv)
        i_nak = pump * na / ((na + F(p.k_mna)) * rectified)
        out_k = i_k1 + i_to + i_kr + i_ks + i_pk
        w[TOTAL + i] += out_k + i_nak + i_na + i_bna
        in_na = i_na + i_bna + F(3) * (i_nak + w[EXCHANGER + i])
        w[NA_I + i] = -dt * charge * in_na
        w[K_I + i] = -dt * charge * (out_k - F(2) * i_nak - w[STIMULUS + i])
