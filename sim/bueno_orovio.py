"""The minimal human ventricular cell: three currents, three gates, fitted to tissue."""

from typing import NamedTuple

import numpy as np

from .cell_model import CellModel
from .kernels.bueno_orovio import advance


class BuenoOrovio(NamedTuple):
    """Epicardial parameters (Bueno-Orovio, Cherry and Fenton 2008, table 1); times in ms."""

    #: Membrane potential V = range u + rest (Bueno-Orovio 2008, section 2), mV.
    rest_mv: float = -84.0
    range_mv: float = 85.7
    u_o: float = 0.0
    u_u: float = 1.55
    theta_v: float = 0.3
    theta_w: float = 0.13
    theta_v_minus: float = 0.006
    theta_o: float = 0.006
    tau_v1_minus: float = 60.0
    tau_v2_minus: float = 1150.0
    tau_v_plus: float = 1.4506
    tau_w1_minus: float = 60.0
    tau_w2_minus: float = 15.0
    k_w_minus: float = 65.0
    u_w_minus: float = 0.03
    tau_w_plus: float = 200.0
    tau_fi: float = 0.11
    tau_o1: float = 400.0
    tau_o2: float = 6.0
    tau_so1: float = 30.0181
    tau_so2: float = 0.9957
    k_so: float = 2.0458
    u_so: float = 0.65
    tau_s1: float = 2.7342
    tau_s2: float = 16.0
    k_s: float = 2.0994
    u_s: float = 0.9087
    tau_si: float = 1.8875
    tau_w_inf: float = 0.07
    w_inf_star: float = 0.94


#: Endocardium and mid-myocardium (table 1), where they differ from the epicardium.
ENDO = BuenoOrovio(
    u_u=1.56,
    theta_v_minus=0.2,
    tau_v1_minus=75.0,
    tau_v2_minus=10.0,
    tau_w1_minus=6.0,
    tau_w2_minus=140.0,
    k_w_minus=200.0,
    u_w_minus=0.016,
    tau_w_plus=280.0,
    tau_fi=0.1,
    tau_o1=470.0,
    tau_so1=40.0,
    tau_so2=1.2,
    k_so=2.0,
    tau_s2=2.0,
    tau_si=2.9013,
    tau_w_inf=0.0273,
    w_inf_star=0.78,
)
MID = BuenoOrovio(
    u_u=1.61,
    theta_v_minus=0.1,
    theta_o=0.005,
    tau_v1_minus=80.0,
    tau_v2_minus=1.4506,
    tau_w1_minus=70.0,
    tau_w2_minus=8.0,
    k_w_minus=200.0,
    u_w_minus=0.016,
    tau_w_plus=280.0,
    tau_fi=0.078,
    tau_o1=410.0,
    tau_o2=7.0,
    tau_so1=91.0,
    tau_so2=0.8,
    k_so=2.1,
    u_so=0.6,
    tau_s2=4.0,
    tau_si=3.3849,
    tau_w_inf=0.01,
    w_inf_star=0.5,
)


def bueno_orovio(wall: str, parameters: BuenoOrovio) -> CellModel:
    """The minimal model of one layer of the wall, such as "epi"."""
    return CellModel(
        name=f"bueno-orovio-{wall}",
        parameters=parameters,
        states=("v", "w", "s"),
        rest_mv=parameters.rest_mv + parameters.range_mv * parameters.u_o,
        rest=np.array([1.0, 1.0, 0.0]),
        advance=advance,
    )


BUENO_OROVIO_EPI = bueno_orovio("epi", BuenoOrovio())
BUENO_OROVIO_M = bueno_orovio("m", MID)
BUENO_OROVIO_ENDO = bueno_orovio("endo", ENDO)
