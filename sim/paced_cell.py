"""A cell that goes on from beat to beat, and what each leaves behind."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .cell_model import CellModel
from .kernels.pacing import OWN, pace_beat

#: A membrane outside this has gone wrong.
POSSIBLE_MV = (-250.0, 250.0)


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


class Schedule(NamedTuple):
    """A beat in time steps; the stimulus of some mV/ms comes with its first steps."""

    dt_ms: float
    steps_a_sample: int
    stimulus_mv_per_ms: float
    stimulus_steps: int


class PacedCell:
    """A cell that remembers where its last beat ended."""

    def __init__(
        self, model: CellModel, dt_ms: float, sample_ms: float, start: Trace | None
    ) -> None:
        for name, value in (("dt_ms", dt_ms), ("sample_ms", sample_ms)):
            if not 0 < value < math.inf:
                msg = f"{name} must be above 0, got {value}"
                raise ValueError(msg)
        self.model, self.sample_ms = model, sample_ms
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

    def beat(self, cycle_ms: float, pulse_mv_per_ms: float, pulse_ms: float) -> Trace:
        """Stimulate, and follow for one cycle."""
        samples = round(cycle_ms / self.sample_ms) if math.isfinite(cycle_ms) else 0
        whole = samples >= 2 and abs(samples * self.sample_ms - cycle_ms) < 1e-6
        if not (whole and cycle_ms > pulse_ms):
            msg = (
                f"cycle_ms must be a whole number of samples of {self.sample_ms} ms, two at least,"
                f" and longer than the stimulus of {pulse_ms} ms, got {cycle_ms}"
            )
            raise ValueError(msg)
        stimulus_steps = round(pulse_ms / self.dt_ms)
        if stimulus_steps == 0:
            msg = (
                f"a stimulus of {pulse_ms} ms is lost between steps of {self.dt_ms:.4g} ms;"
                " take a shorter dt_ms"
            )
            raise ValueError(msg)
        v_mv = np.empty((samples, 1))
        state = np.empty((samples, len(self.model.states), 1))
        schedule = Schedule(
            dt_ms=self.dt_ms,
            steps_a_sample=self.per_sample,
            stimulus_mv_per_ms=pulse_mv_per_ms,
            stimulus_steps=stimulus_steps,
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
        self._check(
            np.append(times_ms, cycle_ms),
            np.append(v_mv, self.v),
            np.vstack([state[:, :, 0], self.state.T]),
        )
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
