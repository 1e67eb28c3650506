"""A run from its first step to its last: stimuli, frames, checkpoints, and a look for trouble."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..anatomy.heart import place_of
from .checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from .eikonal_checks import Floats
from .march import March
from .recorder import Recorder
from .stimulus import Currents

#: A run is looked at after at most so many steps.
CHECK_STEPS = 50
#: No membrane goes this far: a run that does is unstable.
WILD_MV = 1000.0


@dataclass(frozen=True, eq=False, kw_only=True)
class Journey:
    """What accompanies a run.

    Attributes
    ----------
    nodes_mm : (n, 3) float64
    steps : int
        In all.
    currents : Currents
    goal : (n,) bool or None
        Nodes after whose activation the run may end.
    frames : sequence of Recorder
    checkpoint : Checkpoint or None
    key : dict
        What makes the run, for the checkpoint.
    """

    nodes_mm: Floats
    steps: int
    currents: Currents
    goal: NDArray[np.bool_] | None
    frames: Sequence[Recorder]
    checkpoint: Checkpoint | None
    key: dict[str, str]


def drive(
    journey: Journey, march: March, threads: int, progress: Callable[[int, int], None] | None
) -> int:
    """Make the steps of a run; returns how many. What was recorded is kept if it fails."""
    saved = journey.checkpoint
    step = load_checkpoint(saved.path, journey.key, march) if saved and saved.resume else 0
    periods = [_period(frame.every_ms, march.dt_ms) for frame in journey.frames]
    for frame, period in zip(journey.frames, periods, strict=True):
        times_ms = march.dt_ms * np.arange(0, journey.steps + 1, period, dtype=np.float64)
        frame.begin(journey.nodes_mm, times_ms, step // period + 1 if step else 0)
    saves = _period(saved.every_ms, march.dt_ms) if saved else 0
    with ThreadPoolExecutor(threads) if threads > 1 else nullcontext() as pool:
        try:
            if step == 0:
                _take(journey.frames, periods, march, 0)
            change = step
            while step < journey.steps and not _arrived(journey, march):
                if step == change:
                    change = _set_current(journey, march, step)
                count = _stretch([change, journey.steps], [*periods, saves], step)
                march.run(pool, step, count)
                _require_sane(journey, march, step, count)
                step += count
                march.waves.make_room()
                _take(journey.frames, periods, march, step)
                if saves and step % saves == 0:
                    _save(journey, march, step)
                if progress is not None:
                    try:
                        progress(step, journey.steps)
                    except BaseException:  # the caller stops the run: it can go on from here
                        _save(journey, march, step)
                        raise
        finally:
            _flush(journey.frames)
    return step


def _period(every_ms: float, dt_ms: float) -> int:
    """The nearest whole number of steps, at least 1."""
    return max(1, round(every_ms / dt_ms))


def _stretch(ends: Sequence[int], periods: Sequence[int], step: int) -> int:
    """Steps until something is to be done besides stepping."""
    due = [(step // period + 1) * period for period in periods if period]
    return min(step + CHECK_STEPS, *ends, *due) - step


def _set_current(journey: Journey, march: March, step: int) -> int:
    """Give every region the stimulus of the steps from here; returns the step of the next one."""
    current = journey.currents.at(step)
    for region in march.regions:
        region.set_current(current)
    return journey.currents.next_change(step)


def _arrived(journey: Journey, march: March) -> bool:
    """Whether every node that the run waits for has been activated."""
    return journey.goal is not None and march.waves.activated(journey.goal)


def _take(frames: Sequence[Recorder], periods: Sequence[int], march: March, step: int) -> None:
    """Give the recorders whose time it is the voltage and the cells."""
    due = [f for f, period in zip(frames, periods, strict=True) if step % period == 0]
    if due:
        v_mv, states = march.now(step), [region.state for region in march.regions]
        for frame in due:
            frame.take(v_mv, states)


def _save(journey: Journey, march: March, step: int) -> None:
    """Make a checkpoint if there is to be one; the frames before it are then written too."""
    if journey.checkpoint is not None:
        _flush(journey.frames)
        save_checkpoint(journey.checkpoint.path, journey.key, step, march)


def _flush(frames: Sequence[Recorder]) -> None:
    """Keep what was recorded."""
    for frame in frames:
        frame.flush()


def _require_sane(journey: Journey, march: March, step: int, count: int) -> None:
    """Raise when a voltage is beyond any membrane, or no number."""
    wild = np.flatnonzero(~(np.abs(march.v_mv) < WILD_MV))
    if wild.size:
        node, dt_ms = wild[0], march.dt_ms
        msg = (
            f"the run became unstable between {step * dt_ms:g} and {(step + count) * dt_ms:g} ms: "
            f"node {node} at {place_of(journey.nodes_mm[node])} is at {march.v_mv[node]:.3g} mV; "
            f"take dt_ms below {dt_ms:g} or a weaker stimulus"
        )
        raise ValueError(msg)
