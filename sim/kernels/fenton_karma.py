"""The three-current model of Fenton and Karma (1998)."""

import math

import numba as nb

from .double import step


@nb.njit(cache=True, nogil=True, error_model="numpy")
def advance(p, table, dt, current, v, state, first, last):
    """Cells first to last - 1, one step; p: `FentonKarma`; rows of state: v, w."""
    some = slice(first, last)
    advance_rows(p, dt, current[some], v[some], state[0, some], state[1, some])


@nb.njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})
def advance_rows(p, dt, current, v_mv, gate_v, gate_w):
    """Gates by Rush-Larsen, then u by forward Euler from the new gates.

    Gates that move first count as gates half a step later, which takes most of the error out.
    Every branch is a choice between two numbers, so that the loop fills vector registers.
    """
    per_mv = 1.0 / p.range_mv
    per_d, per_si = 1.0 / p.tau_d, 1.0 / p.tau_si
    per_0, per_r = 1.0 / p.tau_0, 1.0 / p.tau_r
    keep_v_high = math.exp(-dt / p.tau_v_plus)
    keep_v_mid, keep_v_low = math.exp(-dt / p.tau_v1_minus), math.exp(-dt / p.tau_v2_minus)
    keep_w_high, keep_w_low = math.exp(-dt / p.tau_w_plus), math.exp(-dt / p.tau_w_minus)
    for i in range(v_mv.shape[0]):
        u = (v_mv[i] - p.rest_mv) * per_mv
        v, w = gate_v[i], gate_w[i]
        over_c = u >= p.u_c

        # Equations 3, 4 and 8: gates.
        v_inf = 0.0 if over_c else 1.0
        keep_v = keep_v_high if over_c else (keep_v_mid if u >= p.u_v else keep_v_low)
        v = v_inf + (v - v_inf) * keep_v
        w = v_inf + (w - v_inf) * (keep_w_high if over_c else keep_w_low)
        gate_v[i], gate_w[i] = v, w

        # Equations 5 to 7: fast inward, slow outward and slow inward currents.
        fast_in = -v * (1.0 - u) * (u - p.u_c) * per_d if over_c else 0.0
        slow_out = per_r if over_c else u * per_0
        slow_in = -w * per_si * step(p.k * (u - p.u_c_si))
        v_mv[i] += dt * (current[i] - p.range_mv * (fast_in + slow_out + slow_in))
