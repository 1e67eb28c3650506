"""Ionic models of single cells; each kernel advances one beat and writes the voltage."""

import math

import numba as nb


@nb.njit(cache=True)
def bueno_orovio(p, dt, steps_per_sample, stimulus_steps, stimulus, state, out):
    """One beat of the minimal human ventricular model (Bueno-Orovio, Cherry and Fenton 2008).

    p: `MinimalCell`; dt ms; state (u, v, w, s) is advanced in place; out (samples,) receives u.
    """
    u, v, w, s = state[0], state[1], state[2], state[3]
    for i in range(out.shape[0]):
        out[i] = u
        for j in range(steps_per_sample):
            tau_v_minus = p.tau_v2_minus if u >= p.theta_v_minus else p.tau_v1_minus
            tau_w_minus = (
                p.tau_w1_minus
                + (p.tau_w2_minus - p.tau_w1_minus)
                * (1 + math.tanh(p.k_w_minus * (u - p.u_w_minus)))
                / 2
            )
            tau_so = (
                p.tau_so1 + (p.tau_so2 - p.tau_so1) * (1 + math.tanh(p.k_so * (u - p.u_so))) / 2
            )
            tau_s = p.tau_s2 if u >= p.theta_w else p.tau_s1
            tau_o = p.tau_o2 if u >= p.theta_o else p.tau_o1
            v_inf = 0.0 if u >= p.theta_v_minus else 1.0
            w_inf = p.w_inf_star if u >= p.theta_o else 1.0 - u / p.tau_w_inf
            fast = -v * (u - p.theta_v) * (p.u_u - u) / p.tau_fi if u >= p.theta_v else 0.0
            slow_out = 1.0 / tau_so if u >= p.theta_w else (u - p.u_o) / tau_o
            slow_in = -w * s / p.tau_si if u >= p.theta_w else 0.0
            if u >= p.theta_v:
                v += dt * (-v / p.tau_v_plus)
            else:
                v += dt * (v_inf - v) / tau_v_minus
            if u >= p.theta_w:
                w += dt * (-w / p.tau_w_plus)
            else:
                w += dt * (w_inf - w) / tau_w_minus
            s += dt * ((1 + math.tanh(p.k_s * (u - p.u_s))) / 2 - s) / tau_s
            given = stimulus if i * steps_per_sample + j < stimulus_steps else 0.0
            u += dt * (given - fast - slow_out - slow_in)
    state[0], state[1], state[2], state[3] = u, v, w, s
