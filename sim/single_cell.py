"""One cell on its own: paced beats and what they look like."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .cell_model import CellModel
from .kernels.pacing import OWN, pace_beat

#: Called with the beats done and to do.
Progress = Callable[[int, int], None]
#: Longest step, and sampling of the traces.
CELL_STEP_MS, CELL_SAMPLE_MS = 0.01, 0.1
#: A membrane outside this has gone wrong.
POSSIBLE_MV = (-250.0, 250.0)


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


@dataclass(frozen=True, eq=False, kw_only=True)
class Trace:
    """One beat of a cell, from its stimulus on.

    Attributes
    ----------
    times_ms : (t,) float64
        0 at the stimulus.
    v_mv : (t,) float64
        Membrane potential.
    state : (s, t) float64
        The model's states, as in `CellModel.states`.
    steepest_mv_per_ms : float
        Largest rate of rise over one time step.
    end_mv : float
        Membrane potential when the beat is over: where the next one starts.
    end_state : (s,) float64
        States when the beat is over.
    beats : int
        Number of this beat since the first.
    converged : bool or None
        Whether it repeats the one before; None when nobody asked.
    """

    times_ms: NDArray[np.float64]
    v_mv: NDArray[np.float64]
    state: NDArray[np.float64]
    steepest_mv_per_ms: float
    end_mv: float
    end_state: NDArray[np.float64]
    beats: int
    converged: bool | None = None

    @property
    def sample_ms(self) -> float:
        """Time between samples."""
        return float(self.times_ms[1] - self.times_ms[0])


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
    cell = _Cell(model, dt_ms, sample_ms, pulse, start)
    for done in range(1, beats + 1):
        trace = cell.beat(cycle_ms)
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
    cell = _Cell(model, dt_ms, sample_ms, pulse, start)
    for done in range(1, most_beats + 1):
        before = np.append(cell.v, cell.state)
        trace = cell.beat(cycle_ms)
        if progress:
            progress(done, most_beats)
        largest = np.abs(np.vstack([trace.v_mv, trace.state])).max(axis=1)
        change = np.abs(np.append(cell.v, cell.state) - before)
        steady = bool((change <= tolerance * largest).all())
        if steady:
            break
    return Trace(**{**vars(trace), "converged": steady})


class Schedule(NamedTuple):
    """A beat in time steps; the stimulus of some mV/ms comes with its first steps."""

    dt_ms: float
    steps_a_sample: int
    stimulus_mv_per_ms: float
    stimulus_steps: int


class _Cell:
    """A cell that remembers where its last beat ended."""

    def __init__(
        self, model: CellModel, dt_ms: float, sample_ms: float, pulse: Pulse, start: Trace | None
    ) -> None:
        for name, value in (("dt_ms", dt_ms), ("sample_ms", sample_ms)):
            if not 0 < value < math.inf:
                msg = f"{name} must be above 0, got {value}"
                raise ValueError(msg)
        self.model, self.pulse, self.sample_ms = model, pulse, sample_ms
        self.per_sample = math.ceil(sample_ms / dt_ms - 1e-9)
        self.dt_ms = sample_ms / self.per_sample
        self.v, self.state = model.at_rest(1)
        self.beats = 0
        if start is not None:
            if len(start.end_state) != len(model.states):
                msg = (
                    f"{model.name} has {len(model.states)} states, but the beat to start from"
                    f" has {len(start.end_state)}: start from a beat of the same model"
                )
                raise ValueError(msg)
            self.v[0], self.state[:, 0], self.beats = start.end_mv, start.end_state, start.beats
        self.table = model.table(model.parameters, self.dt_ms)
        own: Mapping[Any, Callable[..., float]] = OWN
        self.pace_beat = own.get(model.advance) or partial(pace_beat, model.advance)

    def beat(self, cycle_ms: float) -> Trace:
        """Stimulate, and follow for one cycle."""
        samples = round(cycle_ms / self.sample_ms) if math.isfinite(cycle_ms) else 0
        whole = abs(samples * self.sample_ms - cycle_ms) < 1e-6
        if not (whole and cycle_ms > self.pulse.duration_ms):
            msg = (
                f"cycle_ms must be a whole number of samples of {self.sample_ms} ms and longer"
                f" than the stimulus of {self.pulse.duration_ms} ms, got {cycle_ms}"
            )
            raise ValueError(msg)
        v_mv = np.empty((samples, 1))
        state = np.empty((samples, len(self.model.states), 1))
        schedule = Schedule(
            dt_ms=self.dt_ms,
            steps_a_sample=self.per_sample,
            stimulus_mv_per_ms=self.pulse.amplitude_mv_per_ms,
            stimulus_steps=round(self.pulse.duration_ms / self.dt_ms),
        )
        steepest = self.pace_beat(
            self.model.parameters,
            self.table,
            schedule,
            np.zeros(1),
            self.v,
            self.state,
            v_mv,
            state,
        )
        self.beats += 1
        times_ms = np.arange(samples, dtype=np.float64) * self.sample_ms
        self._check(times_ms, v_mv[:, 0], state[:, :, 0])
        return Trace(
            times_ms=times_ms,
            v_mv=v_mv[:, 0],
            state=state[:, :, 0].T,
            steepest_mv_per_ms=steepest,
            end_mv=float(self.v[0]),
            end_state=self.state[:, 0].copy(),
            beats=self.beats,
        )

    def _check(
        self, times_ms: NDArray[Any], v_mv: NDArray[np.float64], state: NDArray[np.float64]
    ) -> None:
        """Find the first sample that no cell can have."""
        low, high = POSSIBLE_MV
        possible = (v_mv > low) & (v_mv < high) & np.isfinite(state).all(axis=1)
        if not possible.all():
            at = int(np.argmin(possible))
            msg = (
                f"{self.model.name} ran away: {v_mv[at]:.4g} mV {times_ms[at]:.4g} ms into beat"
                f" {self.beats} with steps of {self.dt_ms:.4g} ms; take a shorter dt_ms"
            )
            raise ValueError(msg)


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
