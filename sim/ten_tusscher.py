"""The ten Tusscher-Panfilov 2006 human ventricular cell: epicardium, mid-wall, endocardium."""

from typing import NamedTuple

import numpy as np

from .cell_model import CellModel
from .kernels.ten_tusscher import advance


class TenTusscher(NamedTuple):
    """Epicardial parameters (ten Tusscher and Panfilov 2006, table 1 and appendix)."""

    #: J/(kmol K), K, C/mol; the cell's capacitance in nF and its volumes in nL.
    gas: float = 8314.472
    temperature: float = 310.0
    faraday: float = 96485.3415
    capacitance: float = 0.185
    v_c: float = 0.016404
    v_sr: float = 0.001094
    v_ss: float = 0.00005468
    #: Outside concentrations, mM.
    k_o: float = 5.4
    na_o: float = 140.0
    ca_o: float = 2.0
    #: Conductances, nS/pF; that of the L-type calcium current, cm/(ms uF).
    g_na: float = 14.838
    g_k1: float = 5.405
    g_to: float = 0.294
    g_kr: float = 0.153
    g_ks: float = 0.392
    g_cal: float = 0.0000398
    g_bna: float = 0.00029
    g_bca: float = 0.000592
    g_pk: float = 0.0146
    #: Relative permeability of the slow delayed rectifier to sodium.
    p_kna: float = 0.03
    #: Sodium-potassium pump, pA/pF and mM.
    p_nak: float = 2.724
    k_mk: float = 1.0
    k_mna: float = 40.0
    #: Sodium-calcium exchanger, pA/pF, mM and shares.
    k_naca: float = 1000.0
    km_nai: float = 87.5
    km_ca: float = 1.38
    k_sat: float = 0.1
    alpha: float = 2.5
    gamma: float = 0.35
    #: Calcium pump of the membrane, pA/pF and mM.
    g_pca: float = 0.1238
    k_pca: float = 0.0005
    #: Release, uptake, leak and transfer of calcium: 1/ms, mM/ms, mM.
    v_rel: float = 0.102
    k1_prime: float = 0.15
    k2_prime: float = 0.045
    k3: float = 0.060
    k4: float = 0.005
    ec: float = 1.5
    max_sr: float = 2.5
    min_sr: float = 1.0
    vmax_up: float = 0.006375
    k_up: float = 0.00025
    v_leak: float = 0.00036
    v_xfer: float = 0.0038
    #: Buffers in cytoplasm, sarcoplasmic reticulum and subspace, mM.
    buf_c: float = 0.2
    k_buf_c: float = 0.001
    buf_sr: float = 10.0
    k_buf_sr: float = 0.3
    buf_ss: float = 0.4
    k_buf_ss: float = 0.00025
    #: Gate s: half inactivation; tau = bell * exp(-(V - centre)**2 / spread) + step + floor.
    s_half_mv: float = -20.0
    tau_s_bell_ms: float = 85.0
    tau_s_centre_mv: float = -45.0
    tau_s_spread_mv2: float = 320.0
    tau_s_step_ms: float = 5.0
    tau_s_floor_ms: float = 3.0


#: Where mid-wall and endocardium differ from the epicardium (2006, table 1; gate s: 2004).
MID = TenTusscher(g_ks=0.098)
ENDO = TenTusscher(
    g_to=0.073,
    s_half_mv=-28.0,
    tau_s_bell_ms=1000.0,
    tau_s_centre_mv=-67.0,
    tau_s_spread_mv2=1000.0,
    tau_s_step_ms=0.0,
    tau_s_floor_ms=8.0,
)

#: Gates, the ryanodine receptors' share that can open, concentrations in mM.
STATES = (
    *("m", "h", "j", "xr1", "xr2", "xs", "r", "s", "d", "f", "f2", "fcass", "r_prime"),
    *("ca_i", "ca_sr", "ca_ss", "na_i", "k_i"),
)


def ten_tusscher(
    layer: str, parameters: TenTusscher, rest_mv: float, rest: tuple[float, ...]
) -> CellModel:
    """Cells of one layer of the wall, such as "epi"."""
    return CellModel(
        name=f"ten-tusscher-{layer}",
        parameters=parameters,
        states=STATES,
        rest_mv=rest_mv,
        rest=np.array(rest),
        advance=advance,
    )


# Initial values of the authors' CellML files, near the end of diastole at 1 Hz; the epicardial
# ones are those of the N-version benchmark (Niederer 2011).
# fmt: off
TEN_TUSSCHER_EPI = ten_tusscher(
    "epi", TenTusscher(), -85.23,
    (0.00172, 0.7444, 0.7045, 0.00621, 0.4712, 0.0095, 2.42e-8, 0.999998, 3.373e-5, 0.7888,
     0.9755, 0.9953, 0.9073, 0.000126, 3.64, 0.00036, 8.604, 136.89),
)
TEN_TUSSCHER_M = ten_tusscher(
    "m", MID, -85.423,
    (0.00165, 0.749, 0.6788, 0.0165, 0.473, 0.0174, 2.347e-8, 0.999998, 3.288e-5, 0.7026,
     0.9526, 0.9942, 0.8978, 0.000153, 4.272, 0.00042, 10.132, 138.52),
)
TEN_TUSSCHER_ENDO = ten_tusscher(
    "endo", ENDO, -86.709,
    (0.00155, 0.7573, 0.7225, 0.00448, 0.476, 0.0087, 2.235e-8, 0.3212, 3.164e-5, 0.8009,
     0.9778, 0.9953, 0.9068, 0.00013, 3.715, 0.00036, 10.355, 138.4),
)
