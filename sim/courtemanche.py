"""The human atrial cell of Courtemanche: healthy, and remodelled by atrial fibrillation."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .cell_model import CellModel
from .kernels.courtemanche import (
    COLUMNS,
    EXCHANGE_IN,
    EXCHANGE_OUT,
    G_KUR,
    HIGH_MV,
    LOW_MV,
    PER_MV,
    PUMP,
    RECTIFIED_K1,
    RECTIFIED_KR,
    advance,
)

#: Concentrations in mM, then gates.
STATES = (
    *("na_i", "k_i", "ca_i", "ca_up", "ca_rel"),
    *("m", "h", "j", "oa", "oi", "ua", "ui", "xr", "xs", "d", "f", "f_ca", "u", "v", "w"),
)
#: Warmer than the recordings that the fast potassium gates were fitted to (table 1).
K_Q10 = 3.0


class Courtemanche(NamedTuple):
    """Right atrial cell at 37 C (Courtemanche, Ramirez and Nattel 1998, table 1).

    Digits beyond the paper's are those of the authors' code, by way of the CellML model.
    """

    c_m: float = 100.0  # pF
    v_cell: float = 20100.0  # um3
    k_o: float = 5.4  # mM
    na_o: float = 140.0  # mM
    ca_o: float = 1.8  # mM
    g_na: float = 7.8  # nS/pF, and so are all that begin with g
    g_k1: float = 0.09
    g_to: float = 0.1652
    g_kur: float = 1.0  # share of the conductance in equation 42
    g_kr: float = 0.029411765
    g_ks: float = 0.12941176
    g_cal: float = 0.12375
    g_bca: float = 0.001131
    g_bna: float = 0.0006744375
    i_nak_max: float = 0.59933874  # pA/pF
    i_naca_max: float = 1600.0  # pA/pF
    i_pca_max: float = 0.275  # pA/pF
    i_up_max: float = 0.005  # mM/ms
    k_rel: float = 30.0  # 1/ms
    k_up: float = 0.00092  # mM
    k_m_na_i: float = 10.0  # mM
    k_m_k_o: float = 1.5  # mM
    k_m_na: float = 87.5  # mM
    k_m_ca: float = 1.38  # mM
    r: float = 8.3143  # J/(mol K)
    t: float = 310.0  # K
    f: float = 96.4867  # C/mmol


#: Chronic fibrillation: transient outward and ultrarapid current halved, L-type calcium current
#: down by 70 % (Courtemanche, Ramirez and Nattel 1999, Cardiovasc Res 42:477), inward rectifier
#: doubled (Dobrev 2001, Circulation 104:2551).
REMODELLED = Courtemanche()._replace(
    g_to=0.5 * 0.1652, g_kur=0.5, g_cal=0.3 * 0.12375, g_k1=2.0 * 0.09
)


def gate_kinetics(
    v: NDArray[np.float64],
) -> tuple[tuple[NDArray[np.float64], NDArray[np.float64]], ...]:
    """Target and time constant in ms of the gates that the potential (n,) in mV rules.

    In the order m, h, j, oa, oi, ua, ui, xr, xs, d, f, w. The quotients with 0/0 at one
    potential are written with `ratio`, their limit there.
    """
    low = v < -40.0
    # Equations 30 to 34.
    m = 3.2 / ratio(-(v + 47.13) / 10.0), 0.08 * np.exp(-v / 11.0)
    h = (
        np.where(low, 0.135 * np.exp(-(v + 80.0) / 6.8), 0.0),
        np.where(
            low,
            3.56 * np.exp(0.079 * v) + 3.1e5 * np.exp(0.35 * v),
            1.0 / (0.13 * (1.0 + np.exp(-(v + 10.66) / 11.1))),
        ),
    )
    j_slope = -127140.0 * np.exp(0.2444 * v) - 3.474e-5 * np.exp(-0.04391 * v)
    j = (
        np.where(low, j_slope * (v + 37.78) / (1.0 + np.exp(0.311 * (v + 79.23))), 0.0),
        np.where(
            low,
            0.1212 * np.exp(-0.01052 * v) / (1.0 + np.exp(-0.1378 * (v + 40.14))),
            0.3 * np.exp(-2.535e-7 * v) / (1.0 + np.exp(-0.1 * (v + 32.0))),
        ),
    )
    # Equations 37 to 40 and 43 to 46; beta of ui with the sign that the paper's figure 3 shows.
    fast = 0.65 / (np.exp(-(v + 10.0) / 8.5) + np.exp(-(v - 30.0) / 59.0))
    fast = fast + 0.65 / (2.5 + np.exp((v + 82.0) / 17.0))
    oi = 1.0 / (18.53 + np.exp((v + 113.7) / 10.95)) + 1.0 / (35.56 + np.exp(-(v + 1.26) / 7.44))
    ui = 1.0 / (21.0 + np.exp(-(v - 185.0) / 28.0)) + np.exp((v - 158.0) / 16.0)
    # Equations 48, 49, 51 and 52.
    xr = 0.0003 * 5.0 / ratio(-(v + 14.1) / 5.0) + 7.3898e-5 * 5.1237 / ratio((v - 3.3328) / 5.1237)
    xs = 4e-5 * 17.0 / ratio(-(v - 19.9) / 17.0) + 3.5e-5 * 9.0 / ratio((v - 19.9) / 9.0)
    # Equations 54, 55 and 68.
    tau_d = ratio(-(v + 10.0) / 6.24) / (6.24 * 0.035 * (1.0 + np.exp(-(v + 10.0) / 6.24)))
    tau_w = 6.0 / 5.0 * ratio(-(v - 7.9) / 5.0) / (1.0 + 0.3 * np.exp(-(v - 7.9) / 5.0))
    return (
        *((alpha / (alpha + beta), 1.0 / (alpha + beta)) for alpha, beta in (m, h, j)),
        (rise(v, -20.47, 17.54), 1.0 / (fast * K_Q10)),
        (rise(v, -43.1, -5.3), 1.0 / (oi * K_Q10)),
        (rise(v, -30.3, 9.6), 1.0 / (fast * K_Q10)),
        (rise(v, 99.45, -27.48), 1.0 / (ui * K_Q10)),
        (rise(v, -14.1, 6.5), 1.0 / xr),
        (np.sqrt(rise(v, 19.9, 12.7)), 0.5 / xs),
        (rise(v, -10.0, 8.0), tau_d),
        (rise(v, -28.0, -6.9), 9.0 / (0.0197 * np.exp(-((0.0337 * (v + 10.0)) ** 2)) + 0.02)),
        (1.0 - rise(v, 40.0, 17.0), tau_w),
    )


def table(p: Courtemanche, dt_ms: float) -> NDArray[np.float64]:
    """(voltages, columns) What depends on the potential alone, every 0.05 mV."""
    v = LOW_MV + np.arange(round((HIGH_MV - LOW_MV) * PER_MV) + 1) / PER_MV
    out = np.empty((len(v), COLUMNS))
    for k, (target, tau_ms) in enumerate(gate_kinetics(v)):
        out[:, 2 * k] = target
        out[:, 2 * k + 1] = np.exp(-dt_ms / tau_ms)
    out[:, G_KUR] = 0.005 + 0.05 * rise(v, 15.0, 13.0)  # equation 42, nS/pF
    out[:, RECTIFIED_KR] = rise(v, -15.0, -22.4)
    out[:, RECTIFIED_K1] = 1.0 / (1.0 + np.exp(0.07 * (v + 80.0)))
    x = v * p.f / (p.r * p.t)
    sigma = (np.exp(p.na_o / 67.3) - 1.0) / 7.0  # equation 59
    share = 1.0 / (1.0 + 0.1245 * np.exp(-0.1 * x) + 0.0365 * sigma * np.exp(-x))
    out[:, PUMP] = share * p.k_o / (p.k_o + p.k_m_k_o)
    most = p.i_naca_max / ((p.k_m_na**3 + p.na_o**3) * (p.k_m_ca + p.ca_o))
    scale = most / (1.0 + 0.1 * np.exp(-0.65 * x))  # equation 60, k_sat 0.1 and gamma 0.35
    out[:, EXCHANGE_IN] = scale * np.exp(0.35 * x) * p.ca_o
    out[:, EXCHANGE_OUT] = scale * np.exp(-0.65 * x) * p.na_o**3
    return out


def rise(v: NDArray[np.float64], half: float, slope: float) -> NDArray[np.float64]:
    """1 / (1 + exp((half - v) / slope)): from 0 to 1 around `half`, falling where slope < 0."""
    return 1.0 / (1.0 + np.exp((half - v) / slope))


def ratio(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """(exp(x) - 1) / x, 1 at 0."""
    return np.divide(np.expm1(x), x, out=np.ones_like(x), where=np.abs(x) > 1e-9)


#: At rest as published (table 2 of the paper: "initial values").
COURTEMANCHE = CellModel(
    name="courtemanche",
    parameters=Courtemanche(),
    states=STATES,
    rest_mv=-81.18,
    rest=np.array(
        (
            *(11.17, 139.0, 1.013e-4, 1.488, 1.488),
            *(2.908e-3, 0.9649, 0.9775, 3.043e-2, 0.9992, 4.966e-3, 0.9986, 3.296e-5, 1.869e-2),
            *(1.367e-4, 0.9996, 0.7755, 0.0, 1.0, 0.9992),
        )
    ),
    advance=advance,
    table=table,
)
#: At rest for a minute with the conductances remodelled, from the healthy rest: gates and potential
#: have settled, while sodium and potassium drift on by 1 % in five minutes.
COURTEMANCHE_AF = CellModel(
    name="courtemanche-af",
    parameters=REMODELLED,
    states=STATES,
    rest_mv=-84.07,
    rest=np.array(
        (
            *(11.2904, 138.892, 9.69408e-5, 1.42934, 1.42927),
            *(1.80207e-3, 0.981463, 0.988398, 2.59229e-2, 0.999561),
            *(3.67797e-3, 0.998744, 2.1113e-5, 1.66774e-2, 9.51889e-5, 0.999705, 0.783102),
            *(0.0, 1.0, 0.999324),
        )
    ),
    advance=advance,
    table=table,
)
