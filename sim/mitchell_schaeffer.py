"""The two-variable membrane of Mitchell and Schaeffer: ventricular and atrial."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .cell_model import CellModel
from .kernels.mitchell_schaeffer import mitchell_schaeffer


class MitchellSchaeffer(NamedTuple):
    """Mitchell and Schaeffer 2003, Bull. Math. Biol. 65, 767-793: du/dt and dh/dt of section 2.

    u rises by h u^2 (1 - u) / tau_in and falls by u / tau_out; the gate h opens with tau_open
    while u < gate and closes with tau_close above.
    """

    tau_in_ms: float = 0.3  #: Mitchell and Schaeffer 2003, table 1
    tau_out_ms: float = 6.0  #: same
    tau_open_ms: float = 120.0  #: same
    tau_close_ms: float = 150.0  #: same
    gate: float = 0.13  #: same, share of the range
    rest_mv: float = -80.0  #: u = 0; the paper has no unit: rest of a ventricular cell
    range_mv: float = 100.0  #: u = 1

    @property
    def lowest_h(self) -> float:
        """Gate at which the plateau ends, 4 tau_in / tau_out (section 3.1)."""
        return 4 * self.tau_in_ms / self.tau_out_ms


def mitchell_schaeffer_table(p: MitchellSchaeffer, dt_ms: float) -> NDArray[np.float64]:
    """(2,) What half a step leaves of 1 - h when the gate opens, and of h when it closes."""
    return np.exp([-dt_ms / 2 / p.tau_open_ms, -dt_ms / 2 / p.tau_close_ms])


def asymptotic_apd_ms(
    p: MitchellSchaeffer, diastolic_interval_ms: ArrayLike
) -> NDArray[np.float64]:
    """Action potential duration after a rest of some length, where tau_in is far the shortest.

    APD = tau_close ln((1 - (1 - h_min) exp(-DI / tau_open)) / h_min), h_min = 4 tau_in / tau_out
    (Mitchell and Schaeffer 2003, equation 6).

    Examples
    --------
    >>> print(f"{asymptotic_apd_ms(MitchellSchaeffer(), np.inf):.1f} ms")
    241.4 ms
    """
    rest_ms = np.asarray(diastolic_interval_ms, np.float64)
    h = 1 - (1 - p.lowest_h) * np.exp(-rest_ms / p.tau_open_ms)
    return p.tau_close_ms * np.log(h / p.lowest_h)


def front_velocity_mm_per_ms(p: MitchellSchaeffer, diffusivity_mm2_per_ms: float) -> float:
    """Speed of a plane front into tissue at rest, with the gate open throughout.

    Then u rises by k u (u - a) (b - u), k = 1 / tau_in, where a < b are the roots of
    u (1 - u) = tau_in / tau_out, and the front runs at sqrt(k D / 2) (b - 2 a) (Nagumo's
    equation; Murray 2002, Mathematical Biology I, section 13.5).

    Examples
    --------
    >>> print(f"{front_velocity_mm_per_ms(MitchellSchaeffer(), 0.1):.3f} mm/ms")
    0.344 mm/ms
    """
    root = math.sqrt(1 - 4 * p.tau_in_ms / p.tau_out_ms)
    low, high = (1 - root) / 2, (1 + root) / 2
    return math.sqrt(diffusivity_mm2_per_ms / (2 * p.tau_in_ms)) * (high - 2 * low)


def mitchell_schaeffer_cell(name: str, parameters: MitchellSchaeffer) -> CellModel:
    """A membrane with these parameters, at rest with its gate open."""
    return CellModel(
        name=name,
        parameters=parameters,
        states=("h",),
        rest_mv=parameters.rest_mv,
        rest=np.ones(1),
        advance=mitchell_schaeffer,
        table=mitchell_schaeffer_table,
    )


#: Parameters of the paper: APD 241 ms after a long rest.
VENTRICULAR = mitchell_schaeffer_cell("mitchell-schaeffer", MitchellSchaeffer())
#: Short action potentials of remodelled atria, which let waves re-enter: the middle of the ranges
#: over which simulated atrial fibrillation keeps going (tau_open 60-95, tau_close 48-72 ms).
ATRIAL = mitchell_schaeffer_cell(
    "mitchell-schaeffer-atrial",
    MitchellSchaeffer(tau_open_ms=75.0, tau_close_ms=60.0, gate=0.1),
)
