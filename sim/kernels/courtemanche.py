"""The human atrial cell of Courtemanche, Ramirez and Nattel (1998)."""

import math

import numba as nb

#: Voltages that the table holds, in mV; beyond them its first or last row counts.
LOW_MV, HIGH_MV, PER_MV = -150.0, 100.0, 20.0

#: Rows of state.
NA_I, K_I, CA_I, CA_UP, CA_REL = range(5)
M, H, J, OA, OI, UA, UI, XR, XS, D, F, F_CA, REL_U, REL_V, REL_W = range(5, 20)

#: Columns of the table: target and share kept over a step of each gate that voltage rules,
#: in the order of the gates from M to F, then REL_W, then these factors of the currents.
GATES = (M, H, J, OA, OI, UA, UI, XR, XS, D, F, REL_W)
G_KUR, RECTIFIED_KR, RECTIFIED_K1, PUMP, EXCHANGE_OUT, EXCHANGE_IN = range(24, 30)
COLUMNS = 30


@nb.njit(cache=True, nogil=True, error_model="numpy")
def advance(p, table, dt, current, v, state, first, last):
    """Cells first to last - 1, one step; p: `Courtemanche`; table: of `courtemanche.table`.

    Gates by Rush-Larsen, then potential and concentrations by forward Euler from the new gates:
    gates that move first count as gates half a step later, which takes most of the error out of
    the upstroke. Equation numbers are those of the paper's appendix.
    """
    rt_f = p.r * p.t / p.f
    v_i, v_up, v_rel = 0.68 * p.v_cell, 0.0552 * p.v_cell, 0.0048 * p.v_cell
    flux = p.c_m / (v_i * p.f)  # pA/pF to mM/ms
    keep_f_ca, keep_u = math.exp(-dt / 2.0), math.exp(-dt / 8.0)
    at = table[0].copy()
    for i in range(first, last):
        x = (v[i] - LOW_MV) * PER_MV
        x = min(x, table.shape[0] - 1.001) if x > 0.0 else 0.0  # nan counts as the first row
        row = int(x)
        x -= row
        for k in range(COLUMNS):
            at[k] = table[row, k] + x * (table[row + 1, k] - table[row, k])
        na_i, k_i, ca_i = state[NA_I, i], state[K_I, i], state[CA_I, i]
        ca_up, ca_rel = state[CA_UP, i], state[CA_REL, i]

        for k in range(len(GATES)):
            gate = GATES[k]
            state[gate, i] = at[2 * k] + (state[gate, i] - at[2 * k]) * at[2 * k + 1]

        # Equation 28: equilibrium potentials.
        over_k = v[i] - rt_f * math.log(p.k_o / k_i)
        over_na = v[i] - rt_f * math.log(p.na_o / na_i)
        over_ca = v[i] - 0.5 * rt_f * math.log(p.ca_o / ca_i)

        # Equations 29, 35, 36, 41, 47, 50, 53, 57, 60 to 63: currents in pA/pF.
        m, oa, ua = state[M, i], state[OA, i], state[UA, i]
        i_na = p.g_na * m * m * m * state[H, i] * state[J, i] * over_na
        i_k1 = p.g_k1 * at[RECTIFIED_K1] * over_k
        i_to = p.g_to * oa * oa * oa * state[OI, i] * over_k
        i_kur = p.g_kur * at[G_KUR] * ua * ua * ua * state[UI, i] * over_k
        i_kr = p.g_kr * state[XR, i] * at[RECTIFIED_KR] * over_k
        i_ks = p.g_ks * state[XS, i] * state[XS, i] * over_k
        i_cal = p.g_cal * state[D, i] * state[F, i] * state[F_CA, i] * (v[i] - 65.0)
        half_na = p.k_m_na_i / na_i
        i_nak = p.i_nak_max * at[PUMP] / (1.0 + half_na * math.sqrt(half_na))
        i_naca = at[EXCHANGE_IN] * na_i * na_i * na_i - at[EXCHANGE_OUT] * ca_i
        i_pca = p.i_pca_max * ca_i / (0.0005 + ca_i)
        i_bna = p.g_bna * over_na
        i_bca = p.g_bca * over_ca
        i_k = i_k1 + i_to + i_kur + i_kr + i_ks
        total = i_na + i_k + i_cal + i_pca + i_nak + i_naca + i_bna + i_bca

        # Equations 64 and 69 to 72: calcium moving in and out of the reticulum, mM/ms.
        u = state[REL_U, i]
        release = p.k_rel * u * u * state[REL_V, i] * state[REL_W, i] * (ca_rel - ca_i)
        transfer = (ca_up - ca_rel) / 180.0
        uptake = p.i_up_max / (1.0 + p.k_up / ca_i)
        leak = p.i_up_max * ca_up / 15.0

        f_ca_inf = 1.0 / (1.0 + ca_i / 0.00035)  # equation 56
        state[F_CA, i] = f_ca_inf + (state[F_CA, i] - f_ca_inf) * keep_f_ca
        # Equations 65 to 68: the release gates follow the calcium flux.
        signal = 1e-12 * v_rel * release - 5e-13 / p.f * (0.5 * i_cal - 0.2 * i_naca) * p.c_m
        u_inf = 1.0 / (1.0 + math.exp(-(signal - 3.4175e-13) / 13.67e-16))
        v_inf = 1.0 - 1.0 / (1.0 + math.exp(-(signal - 6.835e-14) / 13.67e-16))
        keep_v = math.exp(-dt / (1.91 + 2.09 * u_inf))
        state[REL_U, i] = u_inf + (u - u_inf) * keep_u
        state[REL_V, i] = v_inf + (state[REL_V, i] - v_inf) * keep_v

        # Equations 18 and 21 to 27: potential and concentrations.
        v[i] += dt * (current[i] - total)
        state[NA_I, i] += dt * flux * (-3.0 * i_nak - 3.0 * i_naca - i_bna - i_na)
        state[K_I, i] += dt * flux * (2.0 * i_nak - i_k + current[i])
        buffers = (
            1.0 + 0.07 * 0.0005 / (ca_i + 0.0005) ** 2 + 0.05 * 0.00238 / (ca_i + 0.00238) ** 2
        )
        membrane = 0.5 * flux * (2.0 * i_naca - i_pca - i_cal - i_bca)
        reticulum = (v_up * (leak - uptake) + release * v_rel) / v_i
        state[CA_I, i] += dt * (membrane + reticulum) / buffers
        state[CA_UP, i] += dt * (uptake - leak - transfer * v_rel / v_up)
        state[CA_REL, i] += dt * (transfer - release) / (1.0 + 8.0 / (ca_rel + 0.8) ** 2)
