"""Gates of the ten Tusscher-Panfilov 2006 cell: each row of a block becomes its change over dt.

Equations and figures: ten Tusscher, Noble, Noble and Panfilov 2004, appendix; those of d, f, f2
and fCass: ten Tusscher and Panfilov 2006, appendix. Written in their order, tau in ms.
"""

import math

from .single import F, approach, bell, exp, fall, rise, vectorised
from .ten_tusscher_rows import BLOCK, F1, F2, XR1, XR2, XS, D, H, J, M, R, S, V


@vectorised
def sodium_gates(w, dt):
    """M, h and j of the fast sodium current."""
    for i in range(BLOCK):
        v = w[V + i]
        m_inf = rise(v, -56.86, 9.03)
        tau_m = rise(v, -60.0, 5.0) * F(0.1) * (fall(v, -35.0, 5.0) + fall(v, 50.0, 200.0))
        w[M + i] = approach(w[M + i], m_inf * m_inf, tau_m, dt)
    for i in range(BLOCK):
        v = w[V + i]
        low = v < F(-40)
        opening = F(0.057) * exp((v + F(80)) * F(-1 / 6.8))
        closing = F(2.7) * exp(F(0.079) * v) + F(310000) * exp(F(0.3485) * v)
        rate_h = opening + closing if low else F(0.77 / 0.13) * rise(v, -10.66, 11.1)
        h_inf = fall(v, -71.55, 7.43)
        w[H + i] = approach(w[H + i], h_inf * h_inf, F(1) / rate_h, dt)
    for i in range(BLOCK):
        v = w[V + i]
        low = v < F(-40)
        opening = F(-25428) * exp(F(0.2444) * v) - F(6.948e-6) * exp(F(-0.04391) * v)
        opening *= (v + F(37.78)) * fall(v, -79.23, 1 / 0.311)
        closing = F(0.02424) * exp(F(-0.01052) * v) * rise(v, -40.14, 1 / 0.1378)
        rate_j = opening + closing if low else F(0.6) * exp(F(0.057) * v) * rise(v, -32.0, 10.0)
        j_inf = fall(v, -71.55, 7.43)
        w[J + i] = approach(w[J + i], j_inf * j_inf, F(1) / rate_j, dt)


@vectorised
def potassium_gates(p, w, dt):
    """Xr1, xr2 (rapid), xs (slow delayed rectifier), r and s (transient outward)."""
    for i in range(BLOCK):
        v = w[V + i]
        tau_xr1 = F(2700) * rise(v, -45.0, 10.0) * fall(v, -30.0, 11.5)
        w[XR1 + i] = approach(w[XR1 + i], rise(v, -26.0, 7.0), tau_xr1, dt)
        tau_xr2 = F(3.36) * rise(v, -60.0, 20.0) * fall(v, 60.0, 20.0)
        w[XR2 + i] = approach(w[XR2 + i], fall(v, -88.0, 24.0), tau_xr2, dt)
    for i in range(BLOCK):
        v = w[V + i]
        tau_xs = F(1400) * math.sqrt(rise(v, 5.0, 6.0)) * fall(v, 35.0, 15.0) + F(80)
        w[XS + i] = approach(w[XS + i], rise(v, -5.0, 14.0), tau_xs, dt)
    for i in range(BLOCK):
        v = w[V + i]
        tau_r = F(9.5) * bell(v, -40.0, 1800.0) + F(0.8)
        w[R + i] = approach(w[R + i], rise(v, 20.0, 6.0), tau_r, dt)
        tau_s = F(p.tau_s_bell_ms) * bell(v, p.tau_s_centre_mv, p.tau_s_spread_mv2)
        tau_s += F(p.tau_s_step_ms) * rise(v, 20.0, -5.0) + F(p.tau_s_floor_ms)
        w[S + i] = approach(w[S + i], fall(v, p.s_half_mv, 5.0), tau_s, dt)


@vectorised
def calcium_gates(w, dt):
    """D, f and f2 of the L-type calcium current."""
    for i in range(BLOCK):
        v = w[V + i]
        alpha = F(1.4) * rise(v, -35.0, 13.0) + F(0.25)
        tau_d = alpha * F(1.4) * fall(v, -5.0, 5.0) + rise(v, 50.0, 20.0)
        w[D + i] = approach(w[D + i], rise(v, -8.0, 7.5), tau_d, dt)
    for i in range(BLOCK):
        v = w[V + i]
        up, down = rise(v, 13.0, 10.0), fall(v, -30.0, 10.0)
        tau_f = F(1102.5) * bell(v, -27.0, 225.0) + F(200) * up + F(180) * down + F(20)
        w[F1 + i] = approach(w[F1 + i], fall(v, -20.0, 7.0), tau_f, dt)
        up = rise(v, 25.0, 10.0)
        tau_f2 = F(562) * bell(v, -27.0, 240.0) + F(31) * up + F(80) * down
        f2_inf = F(0.67) * fall(v, -35.0, 7.0) + F(0.33)
        w[F2 + i] = approach(w[F2 + i], f2_inf, tau_f2, dt)
