"""One cell on its own: paced beats and what they look like."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .cell_model import CellModel
from .paced_cell import PacedCell, Trace

#: Called with the beats done and to do.
Progress = Callable[[int, int], None]
#: Longest step, and sampling of the traces.
CELL_STEP_MS, CELL_SAMPLE_MS = 0.01, 0.1


@dataclass(frozen=True, kw_only=True)
class Pulse:
    """A stimulus at the start of a beat.

    The default raises a cell by 50 mV: about twice what any of the models needs.
    """

    amplitude_mv_per_ms: float = 50.0
    duration_ms: float = 1.0

    def __post_init__(self) -> None:
        if not (math.isfinite(self.amplitude_mv_per_ms) and 0 < self.duration_ms < math.inf):
            msg = f"a pulse has finite height and a duration above 0 ms, got {self}"
            raise ValueError(msg)


#: What every function here paces with unless told.
PULSE = Pulse()


@dataclass(frozen=True, kw_only=True)
class ActionPotential:
    """The figures by which an action potential is known.

    Rest is the potential before the stimulus, and durations run from the steepest rise. A
    duration is nan when the membrane is not back at its level by the end of the trace.
    """

    rest_mv: float
    peak_mv: float
    steepest_mv_per_ms: float
    apd90_ms: float
    apd50_ms: float
    apd30_ms: float

    @property
    def triangulation_ms(self) -> float:
        """APD90 less APD30: long when the plateau slopes."""
        return self.apd90_ms - self.apd30_ms


def pace(
    model: CellModel,
    *,
    cycle_ms: float = 1000.0,
    beats: int = 10,
    dt_ms: float = CELL_STEP_MS,
    sample_ms: float = CELL_SAMPLE_MS,
    pulse: Pulse = PULSE,
    start: Trace | None = None,
    progress: Progress | None = None,
) -> Trace:
    """The last of some beats at one rate.

    Parameters
    ----------
    model
        The cell, as from `cell_model`.
    cycle_ms
        Time between stimuli; a whole number of samples.
    beats
        How many, each with a stimulus at its start.
    dt_ms
        Longest time step; steps divide the samples evenly.
    sample_ms
        Time between samples of the trace.
    pulse
        The stimulus.
    start
        A beat to go on from; the model's rest without one.
    progress
        Called with beats done and to do.

    Raises
    ------
    ValueError
        When the cycle is no longer than the stimulus or no whole number of samples, a number is
        not positive, or the step is so long that the membrane runs away.

    Examples
    --------
    >>> from cardiotwin.sim.cells import cell_model
    >>> beat = pace(cell_model("bueno-orovio-epi"), beats=3)
    >>> round(measure(beat).apd90_ms)
    269
    """
    if beats < 1:
        msg = f"beats must be at least 1, got {beats}"
        raise ValueError(msg)
    cell = PacedCell(model, dt_ms, sample_ms, start)
    for done in range(1, beats + 1):
        trace = cell.beat(cycle_ms, pulse.amplitude_mv_per_ms, pulse.duration_ms)
        if progress:
            progress(done, beats)
    return trace


def pace_until_steady(
    model: CellModel,
    *,
    cycle_ms: float = 1000.0,
    tolerance: float = 1e-4,
    most_beats: int = 1000,
    dt_ms: float = CELL_STEP_MS,
    sample_ms: float = CELL_SAMPLE_MS,
    pulse: Pulse = PULSE,
    start: Trace | None = None,
    progress: Progress | None = None,
) -> Trace:
    """The beat that repeats the one before, or the last allowed; `Trace.converged` tells which.

    Beats repeat when membrane potential and every state at their ends differ by less than
    `tolerance` of the largest value that the state had over the beat. Alternans never converge.

    Parameters
    ----------
    tolerance
        Largest relative change from beat to beat. Slow concentrations change by about 1e-4 a
        beat for hundreds of beats.
    most_beats
        When to give up.
    model, cycle_ms, dt_ms, sample_ms, pulse, start, progress
        As for `pace`.

    Raises
    ------
    ValueError
        As `pace` does; also when the tolerance is not positive.
    """
    if not 0 < tolerance < math.inf or most_beats < 1:
        msg = (
            f"tolerance must be above 0 and most_beats at least 1, got {tolerance} and {most_beats}"
        )
        raise ValueError(msg)
    cell = PacedCell(model, dt_ms, sample_ms, start)
    for done in range(1, most_beats + 1):
        before = np.append(cell.v, cell.state)
        trace = cell.beat(cycle_ms, pulse.amplitude_mv_per_ms, pulse.duration_ms)
        if progress:
            progress(done, most_beats)
        largest = np.abs(np.vstack([trace.v_mv, trace.state])).max(axis=1)
        change = np.abs(np.append(cell.v, cell.state) - before)
        steady = bool((change <= tolerance * largest).all())
        if steady:
            break
    return replace(trace, converged=steady)


def measure(trace: Trace) -> ActionPotential:
    """Rest, peak, steepest rise and durations of a beat."""
    return ActionPotential(
        rest_mv=float(trace.v_mv[0]),
        peak_mv=float(trace.v_mv.max()),
        steepest_mv_per_ms=trace.steepest_mv_per_ms,
        apd90_ms=apd_ms(trace.v_mv, trace.sample_ms, 90),
        apd50_ms=apd_ms(trace.v_mv, trace.sample_ms, 50),
        apd30_ms=apd_ms(trace.v_mv, trace.sample_ms, 30),
    )


def apd_ms(v_mv: NDArray[np.float64], sample_ms: float, level: float = 90.0) -> float:
    """Time from the steepest rise until `level` percent of the way from peak to rest is done.

    Parameters
    ----------
    v_mv
        (t,) Membrane potential; its first sample is rest.
    sample_ms
        Time between samples.
    level
        Percent of repolarisation.

    Returns
    -------
    float
        ms, with linear interpolation between samples; nan when the membrane does not come back.

    Raises
    ------
    ValueError
        When the level is not between 0 and 100.

    Examples
    --------
    >>> apd_ms(np.array([-80.0, 20.0, 20.0, 0.0, -60.0, -80.0]), 1.0, 50)
    3.0
    """
    if not 0 < level < 100:
        msg = f"level must lie between 0 and 100 %, got {level}"
        raise ValueError(msg)
    peak = int(np.argmax(v_mv))
    target = v_mv[peak] - level / 100 * (v_mv[peak] - v_mv[0])
    return falling_ms(v_mv, sample_ms, target) - (int(np.argmax(np.diff(v_mv))) + 0.5) * sample_ms


def falling_ms(v_mv: NDArray[np.float64], sample_ms: float, target_mv: float) -> float:
    """When the membrane falls through a potential after its peak; nan when it never does."""
    peak = int(np.argmax(v_mv))
    below = np.flatnonzero(v_mv[peak:] < target_mv)
    if len(below) == 0 or below[0] == 0:
        return math.nan
    i = peak + int(below[0])
    return float(i - 1 + (v_mv[i - 1] - target_mv) / (v_mv[i - 1] - v_mv[i])) * sample_ms
