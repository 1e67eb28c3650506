"""The minimal model of human ventricular cells (Bueno-Orovio, Cherry and Fenton 2008)."""

import math

import numba as nb

from .double import exp, step


@nb.njit(cache=True, nogil=True, error_model="numpy")
def advance(p, table, dt, current, v, state, first, last):
    """Cells first to last - 1, one step; p: `BuenoOrovio`; rows of state: v, w, s."""
    some = slice(first, last)
    advance_rows(p, dt, current[some], v[some], state[0, some], state[1, some], state[2, some])


@nb.njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})
def advance_rows(p, dt, current, v_mv, gate_v, gate_w, gate_s):
    """Gates by Rush-Larsen, then u by forward Euler from the new gates.

    Gates that move first count as gates half a step later, which takes most of the error out.
    Every branch is a choice between two numbers, so that the loop fills vector registers.
    """
    per_mv = 1.0 / p.range_mv
    # Equation 7: what 1 / tau and exp(-dt / tau) come to where tau does not depend on u.
    per_fi, per_si = 1.0 / p.tau_fi, 1.0 / p.tau_si
    per_o1, per_o2, per_w_inf = 1.0 / p.tau_o1, 1.0 / p.tau_o2, 1.0 / p.tau_w_inf
    keep_v_high = math.exp(-dt / p.tau_v_plus)
    keep_v_mid, keep_v_low = math.exp(-dt / p.tau_v2_minus), math.exp(-dt / p.tau_v1_minus)
    keep_w_high = math.exp(-dt / p.tau_w_plus)
    keep_s_high, keep_s_low = math.exp(-dt / p.tau_s2), math.exp(-dt / p.tau_s1)
    for i in range(v_mv.shape[0]):
        u = (v_mv[i] - p.rest_mv) * per_mv
        v, w, s = gate_v[i], gate_w[i], gate_s[i]
        over_v, over_w = u >= p.theta_v, u >= p.theta_w
        over_o, over_v_minus = u >= p.theta_o, u >= p.theta_v_minus

        # Equations 1 to 3: gates.
        v_inf = 0.0 if over_v_minus else 1.0
        keep_v = keep_v_high if over_v else (keep_v_mid if over_v_minus else keep_v_low)
        v = v_inf + (v - v_inf) * keep_v
        w_inf = 0.0 if over_w else (p.w_inf_star if over_o else 1.0 - u * per_w_inf)
        rise_w = step(p.k_w_minus * (u - p.u_w_minus))
        keep_w_low = exp(-dt / (p.tau_w1_minus + (p.tau_w2_minus - p.tau_w1_minus) * rise_w))
        w = w_inf + (w - w_inf) * (keep_w_high if over_w else keep_w_low)
        s_inf = step(p.k_s * (u - p.u_s))
        s = s_inf + (s - s_inf) * (keep_s_high if over_w else keep_s_low)
        gate_v[i], gate_w[i], gate_s[i] = v, w, s

        # Equations 4 to 6: fast inward, slow outward and slow inward currents.
        tau_so = p.tau_so1 + (p.tau_so2 - p.tau_so1) * step(p.k_so * (u - p.u_so))
        fast_in = -v * (u - p.theta_v) * (p.u_u - u) * per_fi if over_v else 0.0
        slow_out = 1.0 / tau_so if over_w else (u - p.u_o) * (per_o2 if over_o else per_o1)
        slow_in = -w * s * per_si if over_w else 0.0
        v_mv[i] += dt * (current[i] - p.range_mv * (fast_in + slow_out + slow_in))
