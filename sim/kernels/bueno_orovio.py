"""The minimal model of human ventricular cells (Bueno-Orovio, Cherry and Fenton 2008)."""

import math

import numba as nb


@nb.njit(cache=True, nogil=True, error_model="numpy")
def advance(p, table, dt, current, v, state, first, last):
    """Cells first to last - 1, one step; p: `BuenoOrovio`; rows of state: v, w, s.

    Gates by Rush-Larsen, u by forward Euler; all from the values before the step.
    """
    gate_v, gate_w, gate_s = state[0], state[1], state[2]
    keep_v_high = math.exp(-dt / p.tau_v_plus)
    keep_v_mid = math.exp(-dt / p.tau_v2_minus)
    keep_v_low = math.exp(-dt / p.tau_v1_minus)
    keep_w_high = math.exp(-dt / p.tau_w_plus)
    keep_s_high = math.exp(-dt / p.tau_s2)
    keep_s_low = math.exp(-dt / p.tau_s1)
    for i in range(first, last):
        u = (v[i] - p.rest_mv) / p.range_mv
        h, w, s = gate_v[i], gate_w[i], gate_s[i]
        over_v, over_w, over_o = u >= p.theta_v, u >= p.theta_w, u >= p.theta_o
        tau_so = p.tau_so1 + (p.tau_so2 - p.tau_so1) * step(p.k_so * (u - p.u_so))
        fast_in = -h * (u - p.theta_v) * (p.u_u - u) / p.tau_fi if over_v else 0.0
        slow_out = 1.0 / tau_so if over_w else (u - p.u_o) / (p.tau_o2 if over_o else p.tau_o1)
        slow_in = -w * s / p.tau_si if over_w else 0.0
        v[i] += dt * (current[i] - p.range_mv * (fast_in + slow_out + slow_in))

        over_v_minus = u >= p.theta_v_minus
        h_inf = 0.0 if over_v_minus else 1.0
        keep = keep_v_high if over_v else (keep_v_mid if over_v_minus else keep_v_low)
        gate_v[i] = h_inf + (h - h_inf) * keep
        w_inf = 0.0 if over_w else (p.w_inf_star if over_o else 1.0 - u / p.tau_w_inf)
        tau_w = p.tau_w1_minus + (p.tau_w2_minus - p.tau_w1_minus) * step(
            p.k_w_minus * (u - p.u_w_minus)
        )
        keep = keep_w_high if over_w else math.exp(-dt / tau_w)
        gate_w[i] = w_inf + (w - w_inf) * keep
        s_inf = step(p.k_s * (u - p.u_s))
        gate_s[i] = s_inf + (s - s_inf) * (keep_s_high if over_w else keep_s_low)


@nb.njit(cache=True, error_model="numpy")
def step(x):
    """(1 + tanh(x)) / 2: from 0 to 1 around 0."""
    return 1.0 / (1.0 + math.exp(-2.0 * x))
