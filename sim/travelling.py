"""A cell excited by its neighbours: what a passing wave does to the middle of a cable."""

import math
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .cell_model import CellModel
from .single_cell import Pulse, pace

#: Time step of the cells, and sampling of the action potentials.
CELL_STEP_MS, SAMPLE_MS = 0.02, 0.2
#: Beats before the one that is kept, and the time between them.
BEATS, CYCLE_MS = 3, 1000.0
#: The cable: 16 mm of cells 0.1 mm apart, coupled as in ventricular muscle along the fibre
#: (Bueno-Orovio 2008: 0.117 mm2/ms); its first millimetre is lifted to 0 mV.
CABLE_CELLS, CABLE_SPACING_MM, CABLE_DIFFUSIVITY_MM2_PER_MS = 160, 0.1, 0.117
#: The cell in the middle is uncoupled this long after it rose through -40 mV. The wave reaches the
#: end of the cable at about that time; until repolarisation coupling has next to nothing to do.
RISEN_MV, COUPLED_MS = -40.0, 10.0
#: A cable whose middle is still at rest after this does not conduct.
PATIENCE_MS = 200.0


class Upstroke(NamedTuple):
    """What happens to the middle cell, every `CELL_STEP_MS` from the lift of the cable's end on.

    Attributes
    ----------
    v_mv : (t,) float64
        Its membrane potential before each step.
    from_neighbours_mv_per_ms : (t,) float64
        How fast its neighbours charge it during each step: D d2v/dx2.
    end_mv : float
        Its membrane potential `COUPLED_MS` after it was activated.
    end_state : (s,) float64
        Its states then.
    """

    v_mv: NDArray[np.float64]
    from_neighbours_mv_per_ms: NDArray[np.float64]
    end_mv: float
    end_state: NDArray[np.float64]

    @property
    def activation_ms(self) -> float:
        """When it rose through `RISEN_MV`."""
        k = int(np.argmax(self.v_mv >= RISEN_MV))
        below, above = self.v_mv[k - 1 : k + 1]
        return float(k - 1 + (RISEN_MV - below) / (above - below)) * CELL_STEP_MS


def travelling_action_potential(cell: CellModel) -> NDArray[np.float64]:
    """(samples,) Membrane potential every `SAMPLE_MS` of a cell in paced tissue, in mV.

    It begins when a wave starts 8 mm away, and lasts for a cycle after that has passed.

    Raises
    ------
    ValueError
        When the cable does not conduct.
    """
    paced = pace(cell, cycle_ms=CYCLE_MS, beats=BEATS, dt_ms=CELL_STEP_MS, sample_ms=SAMPLE_MS)
    upstroke = travelling_upstroke(cell, paced.end_mv, paced.end_state)
    alone = pace(
        cell,
        cycle_ms=CYCLE_MS,
        beats=1,
        dt_ms=CELL_STEP_MS,
        sample_ms=SAMPLE_MS,
        pulse=Pulse(amplitude_mv_per_ms=0.0),
        start=replace(paced, end_mv=upstroke.end_mv, end_state=upstroke.end_state),
    )
    return np.concatenate([upstroke.v_mv[:: round(SAMPLE_MS / CELL_STEP_MS)], alone.v_mv])


def travelling_upstroke(cell: CellModel, rest_mv: float, rest: NDArray[np.float64]) -> Upstroke:
    """The middle of a cable of such cells, all of them first at `rest_mv` in the states `rest`.

    In a steady wave of speed c the charge from the neighbours is D d2v/dx2 = (D / c^2) d2v/dt2,
    and c^2 goes with D: it does not depend on how well the tissue conducts.

    Raises
    ------
    ValueError
        When the cable does not conduct.
    """
    v = np.full(CABLE_CELLS, rest_mv)
    v[: round(1 / CABLE_SPACING_MM)] = 0.0
    state = np.repeat(rest[:, None], CABLE_CELLS, axis=1)
    table, current = cell.table(cell.parameters, CELL_STEP_MS), np.zeros(CABLE_CELLS)
    share = CELL_STEP_MS * CABLE_DIFFUSIVITY_MM2_PER_MS / CABLE_SPACING_MM**2
    samples: list[float] = []
    charged: list[float] = []
    middle = CABLE_CELLS // 2
    stop = round(PATIENCE_MS / CELL_STEP_MS)
    while len(samples) < stop:
        before = float(v[middle])
        flux = share * np.diff(v)
        v[:-1] += flux
        v[1:] -= flux
        samples.append(before)
        charged.append(float(v[middle]) - before)
        cell.advance(cell.parameters, table, CELL_STEP_MS, current, v, state, 0, CABLE_CELLS)
        if before < RISEN_MV <= v[middle]:
            whole_samples = math.ceil((len(samples) * CELL_STEP_MS + COUPLED_MS) / SAMPLE_MS)
            stop = whole_samples * round(SAMPLE_MS / CELL_STEP_MS)
    if max(samples) < RISEN_MV:
        msg = (
            f"a cable of {cell.name} cells does not conduct: its middle is at rest after "
            f"{PATIENCE_MS:g} ms"
        )
        raise ValueError(msg)
    rates = np.array(charged) / CELL_STEP_MS
    return Upstroke(np.array(samples), rates, float(v[middle]), state[:, middle].copy())
