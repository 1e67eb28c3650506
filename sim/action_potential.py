"""The shape of the ventricular action potential, for any duration."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .kernels.cells import bueno_orovio

#: Time step and sampling of the single cell.
CELL_STEP_MS, CELL_SAMPLE_MS = 0.02, 0.5
#: The upstroke does not stretch with the action potential.
UPSTROKE_MS = 3.0
#: Membrane potential V = 85.7 u - 84 (Bueno-Orovio 2008, section 2).
VOLTAGE_SCALE_MV, RESTING_MV = 85.7, -84.0


class MinimalCell(NamedTuple):
    """Epicardial parameters of the minimal model (Bueno-Orovio 2008, table 1); times in ms."""

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


#: Epicardium as published.
EPICARDIAL = MinimalCell()


@lru_cache(maxsize=4)
def single_cell(
    cell: MinimalCell = EPICARDIAL, cycle_ms: float = 1000.0, beats: int = 5
) -> NDArray[np.float64]:
    """(samples,) Membrane potential in mV of the last of some paced beats, every 0.5 ms."""
    per_sample = round(CELL_SAMPLE_MS / CELL_STEP_MS)
    state = np.array([0.0, 1.0, 1.0, 0.0])
    u = np.empty(round(cycle_ms / CELL_SAMPLE_MS))
    for _ in range(beats):
        bueno_orovio(cell, CELL_STEP_MS, per_sample, round(1.0 / CELL_STEP_MS), 0.6, state, u)
    v_mv = VOLTAGE_SCALE_MV * u + RESTING_MV
    v_mv.setflags(write=False)  # every caller gets the same array
    return v_mv


def apd90_ms(v_mv: NDArray[np.float64], step_ms: float) -> float:
    """Time from the steepest rise until 90 % of the way from peak to rest is done.

    Examples
    --------
    >>> round(apd90_ms(single_cell(), CELL_SAMPLE_MS))
    269
    """
    start = int(np.argmax(np.diff(v_mv)))
    peak = int(np.argmax(v_mv))
    level = v_mv[peak] - 0.9 * (v_mv[peak] - v_mv[0])
    down = peak + int(np.argmax(v_mv[peak:] < level))
    part = (v_mv[down - 1] - level) / (v_mv[down - 1] - v_mv[down])
    return (down - 1 + part - start) * step_ms


def action_potentials(
    apds_ms: NDArray[np.float64], duration_ms: float, step_ms: float
) -> NDArray[np.float64]:
    """Rise of the membrane potential over rest after activation at time 0.

    One action potential of the minimal model, stretched in time after its upstroke to each
    duration: repolarisation of human cells keeps its shape over this range well enough for a
    T wave (a dictionary from detailed models is the better road).

    Parameters
    ----------
    apds_ms
        (k,) Durations at 90 % repolarisation.
    duration_ms, step_ms
        Length and sampling of the result.

    Returns
    -------
    (k, samples) float64
        mV over rest.
    """
    v_mv = single_cell()
    start = int(np.argmax(np.diff(v_mv)))
    rise = v_mv[start:] - v_mv[0]
    own_ms = apd90_ms(v_mv, CELL_SAMPLE_MS)
    t = np.arange(round(duration_ms / step_ms)) * step_ms
    stretch = (own_ms - UPSTROKE_MS) / (apds_ms[:, None] - UPSTROKE_MS)
    at = np.where(t < UPSTROKE_MS, t, UPSTROKE_MS + (t - UPSTROKE_MS) * stretch)
    return np.interp(at, np.arange(len(rise)) * CELL_SAMPLE_MS, rise, right=0.0)
