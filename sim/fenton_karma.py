"""The cell of Fenton and Karma: three currents, two gates, restitution by choice."""

from typing import NamedTuple

import numpy as np

from .cell_model import CellModel
from .kernels.fenton_karma import advance


class FentonKarma(NamedTuple):
    """Fit to the Beeler-Reuter cell (Fenton and Karma 1998, table I); times in ms.

    u and its thresholds have no unit; `tau_d` is C_m / g_fi with C_m = 1 uF/cm2.
    """

    #: Membrane potential V = range u + rest (section II A), mV.
    rest_mv: float = -85.0
    range_mv: float = 100.0
    tau_d: float = 1 / 4
    tau_r: float = 33.33
    tau_si: float = 29.0
    tau_0: float = 12.5
    tau_v_plus: float = 3.33
    tau_v1_minus: float = 1250.0
    tau_v2_minus: float = 19.6
    tau_w_plus: float = 870.0
    tau_w_minus: float = 41.0
    u_c: float = 0.13
    u_v: float = 0.04
    u_c_si: float = 0.85
    #: Steepness of the slow inward current (section II A).
    k: float = 10.0


#: Fits to the other cells of table I: the modified Beeler-Reuter cell (speeded-up calcium),
#: the modified Luo-Rudy I cell, and optical recordings of guinea-pig ventricle.
MODIFIED_BEELER_REUTER = FentonKarma(
    tau_r=50.0,
    tau_si=45.0,
    tau_0=8.3,
    tau_v1_minus=1000.0,
    tau_v2_minus=19.2,
    tau_w_plus=667.0,
    tau_w_minus=11.0,
    u_v=0.055,
)
MODIFIED_LUO_RUDY = FentonKarma(
    tau_d=1 / 5.8,
    tau_r=130.0,
    tau_si=127.0,
    tau_v_plus=10.0,
    tau_v1_minus=18.2,
    tau_v2_minus=18.2,
    tau_w_plus=1020.0,
    tau_w_minus=80.0,
    u_v=0.0,
)
GUINEA_PIG = FentonKarma(
    tau_d=1 / 8.7,
    tau_r=25.0,
    tau_si=22.22,
    tau_v_plus=10.0,
    tau_v1_minus=333.0,
    tau_v2_minus=40.0,
    tau_w_plus=1000.0,
    tau_w_minus=65.0,
    u_v=0.025,
)


def fenton_karma(fit: str, parameters: FentonKarma) -> CellModel:
    """The model fitted to one cell, such as "br"."""
    return CellModel(
        name=f"fenton-karma-{fit}",
        parameters=parameters,
        states=("v", "w"),
        rest_mv=parameters.rest_mv,
        rest=np.array([1.0, 1.0]),
        advance=advance,
    )


FENTON_KARMA_BR = fenton_karma("br", FentonKarma())
FENTON_KARMA_MBR = fenton_karma("mbr", MODIFIED_BEELER_REUTER)
FENTON_KARMA_MLR = fenton_karma("mlr", MODIFIED_LUO_RUDY)
FENTON_KARMA_GP = fenton_karma("gp", GUINEA_PIG)
