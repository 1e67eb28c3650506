"""How the action potential shortens with the rest before it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .cell_model import CellModel
from .paced_cell import Trace
from .single_cell import CELL_STEP_MS, PULSE, Progress, Pulse, falling_ms, pace

#: A response that has lost half its height so soon after the stimulus is no action potential.
RESPONSE_MS = 5.0
#: Points closer than this share one place on the curve: a slope between them would be noise.
APART_MS = 5.0


@dataclass(frozen=True, eq=False, kw_only=True)
class Restitution:
    """Action potential duration against the diastolic interval before it.

    Attributes
    ----------
    cycle_ms, interval_ms, apd_ms : (k,) float64
        Time since the last stimulus, the part of it at rest, and what followed. APD and interval
        meet where the membrane falls through 90 % repolarisation of the action potential that
        the slowest pacing gave, so that they add up to the cycle. Stimuli that did not capture
        are left out.
    """

    cycle_ms: NDArray[np.float64]
    interval_ms: NDArray[np.float64]
    apd_ms: NDArray[np.float64]

    def slopes(self) -> NDArray[np.float64]:
        """Change of APD with the interval, between neighbours in order of interval.

        Points within 5 ms of the one before are averaged first.
        """
        order = np.argsort(self.interval_ms)
        interval, apd = self.interval_ms[order], self.apd_ms[order]
        place = np.cumsum(np.diff(interval, prepend=interval[:1]) > APART_MS)
        count = np.bincount(place)
        mean_interval = np.bincount(place, interval) / count
        return np.diff(np.bincount(place, apd) / count) / np.diff(mean_interval)

    @property
    def steepest(self) -> float:
        """Largest slope; alternans come where it passes 1, if the cell has no memory."""
        slopes = self.slopes()
        return float(slopes.max()) if len(slopes) else math.nan


def s1s2_restitution(
    model: CellModel,
    intervals_ms: Sequence[float] | NDArray[np.float64],
    *,
    cycle_ms: float = 1000.0,
    beats: int = 10,
    dt_ms: float = CELL_STEP_MS,
    pulse: Pulse = PULSE,
    progress: Progress | None = None,
) -> Restitution:
    """APD of one early beat, at each of some times after a train at a steady rate.

    Parameters
    ----------
    model
        The cell.
    intervals_ms
        (k,) Times from the last stimulus of the train to the early one; a stimulus before the
        membrane is back at 90 % counts as no capture.
    cycle_ms, beats
        The train.
    dt_ms, pulse
        As for `single_cell.pace`.
    progress
        Called with early beats done and to do.

    Raises
    ------
    ValueError
        As `single_cell.pace` does; also for a train of fewer than 2 beats.

    Examples
    --------
    >>> from cardiotwin.sim.cells import cell_model
    >>> curve = s1s2_restitution(cell_model("bueno-orovio-epi"), [300.0, 600.0], beats=2)
    >>> [round(float(apd)) for apd in curve.apd_ms]
    [169, 263]
    """
    if beats < 2:
        msg = f"beats must be at least 2, the last of which is cut short, got {beats}"
        raise ValueError(msg)
    train = pace(model, cycle_ms=cycle_ms, beats=beats - 1, dt_ms=dt_ms, pulse=pulse)
    level = _level(train)
    points = []
    for done, interval in enumerate(map(float, intervals_ms), 1):
        last = pace(model, cycle_ms=interval, beats=1, dt_ms=dt_ms, pulse=pulse, start=train)
        early = pace(model, cycle_ms=cycle_ms, beats=1, dt_ms=dt_ms, pulse=pulse, start=last)
        points.append((interval, interval - level.apd_ms(last), level.apd_ms(early)))
        if progress:
            progress(done, len(intervals_ms))
    return _curve(points)


def dynamic_restitution(
    model: CellModel,
    cycles_ms: Sequence[float] | NDArray[np.float64],
    *,
    beats: int = 30,
    dt_ms: float = CELL_STEP_MS,
    pulse: Pulse = PULSE,
    progress: Progress | None = None,
) -> Restitution:
    """APD under steady pacing at each of some rates, slowest first, each after the one before.

    Parameters
    ----------
    model
        The cell.
    cycles_ms
        (k,) Times between stimuli.
    beats
        Beats at each rate; the last two count, so that alternans show as two branches. Pacing
        stops at the first rate that loses capture.
    dt_ms, pulse
        As for `single_cell.pace`.
    progress
        Called with rates done and to do.

    Raises
    ------
    ValueError
        As `single_cell.pace` does; also for fewer than 3 beats at a rate.
    """
    if beats < 3:
        msg = f"beats must be at least 3, the last two of which are measured, got {beats}"
        raise ValueError(msg)
    points: list[tuple[float, float, float]] = []
    trace = level = None
    for done, cycle in enumerate(sorted(map(float, cycles_ms), reverse=True), 1):
        trace = pace(model, cycle_ms=cycle, beats=beats - 2, dt_ms=dt_ms, pulse=pulse, start=trace)
        level = level or _level(trace)
        for _ in range(2):
            before = level.apd_ms(trace)
            trace = pace(model, cycle_ms=cycle, beats=1, dt_ms=dt_ms, pulse=pulse, start=trace)
            points.append((cycle, cycle - before, level.apd_ms(trace)))
        if progress:
            progress(done, len(cycles_ms))
        if any(math.isnan(apd) for *_, apd in points[-2:]):
            break
    return _curve(points)


class _Level(NamedTuple):
    """Where 90 % and 50 % of the repolarisation of a beat are done, in mV."""

    low_mv: float
    half_mv: float

    def apd_ms(self, trace: Trace) -> float:
        """Time from the stimulus to the lower level; nan without capture or repolarisation."""
        after = trace.v_mv[trace.times_ms >= RESPONSE_MS]
        if trace.v_mv[0] >= self.low_mv or after.max(initial=-math.inf) < self.half_mv:
            return math.nan
        return falling_ms(trace.v_mv, trace.sample_ms, self.low_mv)


def _level(trace: Trace) -> _Level:
    rest, peak = trace.v_mv[0], trace.v_mv.max()
    return _Level(float(peak - 0.9 * (peak - rest)), float(peak - 0.5 * (peak - rest)))


def _curve(points: list[tuple[float, float, float]]) -> Restitution:
    """Points with capture, as a curve."""
    table = np.array(points, dtype=np.float64).reshape(-1, 3)
    cycle, interval, apd = table[np.isfinite(table).all(axis=1)].T
    return Restitution(cycle_ms=cycle, interval_ms=interval, apd_ms=apd)
