"""Where, when and how strongly tissue is stimulated."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..anatomy.heart import place_of
from .eikonal_checks import Floats, float_array, node_array

#: 50 uA/mm3 into a capacitance of 1.4 uF/mm3 (Niederer 2011).
STRENGTH_MV_PER_MS = 35.714


@dataclass(frozen=True, eq=False, kw_only=True)
class Stimulus:
    """Pulses of current into some nodes.

    Attributes
    ----------
    nodes : (s,) int
        From `nodes_in_ball`, `nodes_in_box`, or any other choice.
    times_ms : tuple of float
        When each pulse begins, such as from `burst` or `s1s2`.
    duration_ms : float
        Of each pulse.
    strength_mv_per_ms : float
        How fast it alone would charge the membrane; positive depolarises.
    """

    nodes: NDArray[np.integer]
    times_ms: Sequence[float] = (0.0,)
    duration_ms: float = 2.0
    strength_mv_per_ms: float = STRENGTH_MV_PER_MS

    def __post_init__(self) -> None:
        nodes = np.asarray(self.nodes)
        if nodes.ndim != 1 or nodes.size == 0 or nodes.dtype.kind not in "iu":
            msg = f"a stimulus needs (s,) node indices, got shape {nodes.shape} of {nodes.dtype}"
            raise ValueError(msg)
        if not 0 < self.duration_ms < np.inf:
            msg = f"duration_ms of a stimulus must be positive, got {self.duration_ms}"
            raise ValueError(msg)
        if len(self.times_ms) == 0 or not np.isfinite(self.times_ms).all():
            msg = f"times_ms of a stimulus must be finite numbers, got {self.times_ms}"
            raise ValueError(msg)
        if not np.isfinite(self.strength_mv_per_ms):
            msg = f"strength_mv_per_ms must be finite, got {self.strength_mv_per_ms}"
            raise ValueError(msg)


def nodes_in_ball(
    nodes_mm: ArrayLike, centre_mm: ArrayLike, radius_mm: float
) -> NDArray[np.integer]:
    """(s,) Nodes within a radius of a place.

    Raises
    ------
    ValueError
        When there is none.

    Examples
    --------
    >>> nodes_in_ball([[0.0, 0, 0], [1, 0, 0], [2, 0, 0]], [0.2, 0, 0], 1.0)
    array([0, 1])
    """
    nodes_mm = node_array(nodes_mm)
    centre = float_array(centre_mm, (3,), "centre_mm")
    distance_mm = np.linalg.norm(nodes_mm - centre, axis=1)
    found = np.flatnonzero(distance_mm <= radius_mm)
    if found.size == 0:
        msg = (
            f"the stimulus of radius {radius_mm} mm at {place_of(centre)} lies outside the mesh: "
            f"the nearest node is {distance_mm.min():.1f} mm away"
        )
        raise ValueError(msg)
    return found


def nodes_in_box(nodes_mm: ArrayLike, low_mm: ArrayLike, high_mm: ArrayLike) -> NDArray[np.integer]:
    """(s,) Nodes between two opposite corners of a box, its faces included.

    Raises
    ------
    ValueError
        When there is none.

    Examples
    --------
    >>> nodes_in_box([[0.0, 0, 0], [1, 0, 0], [2, 0, 0]], [0.5, 0, 0], [3, 1, 1])
    array([1, 2])
    """
    nodes_mm = node_array(nodes_mm)
    low, high = float_array(low_mm, (3,), "low_mm"), float_array(high_mm, (3,), "high_mm")
    slack = 1e-9 * max(float(np.ptp(nodes_mm, axis=0).max()), 1.0)
    inside = (nodes_mm >= low - slack) & (nodes_mm <= high + slack)
    found = np.flatnonzero(inside.all(axis=1))
    if found.size == 0:
        msg = (
            f"the stimulus from {place_of(low)} to {place_of(high)} lies outside the mesh, which "
            f"spans {place_of(nodes_mm.min(axis=0))} to {place_of(nodes_mm.max(axis=0))}"
        )
        raise ValueError(msg)
    return found


def burst(count: int, period_ms: float, start_ms: float = 0.0) -> tuple[float, ...]:
    """Times of pulses one period apart.

    Examples
    --------
    >>> burst(3, 150.0)
    (0.0, 150.0, 300.0)
    """
    if count < 1 or not 0 < period_ms < np.inf:
        msg = f"a burst needs a count and a period above 0, got {count} and {period_ms}"
        raise ValueError(msg)
    return tuple(start_ms + period_ms * i for i in range(count))


def s1s2(
    count: int, period_ms: float, coupling_ms: float, start_ms: float = 0.0
) -> tuple[float, ...]:
    """Times of `count` regular pulses (S1) and an early one (S2), `coupling_ms` after the last.

    Examples
    --------
    >>> s1s2(2, 600.0, 300.0)
    (0.0, 600.0, 900.0)
    """
    if not 0 < coupling_ms < np.inf:
        msg = f"coupling_ms must be positive, got {coupling_ms}"
        raise ValueError(msg)
    regular = burst(count, period_ms, start_ms)
    return (*regular, regular[-1] + coupling_ms)


def check_stimuli(stimuli: Sequence[Stimulus], mass: Floats) -> None:
    """Raise when a stimulus names no node of the mesh, or only dead ones."""
    for i, stimulus in enumerate(stimuli):
        nodes = np.asarray(stimulus.nodes)
        if nodes.min() < 0 or nodes.max() >= len(mass):
            wrong = nodes[(nodes < 0) | (nodes >= len(mass))][0]
            msg = (
                f"stimulus {i} lies outside the mesh: it names node {wrong}, "
                f"but nodes run from 0 to {len(mass) - 1}"
            )
            raise ValueError(msg)
        if not mass[nodes].any():
            msg = f"stimulus {i} has only dead nodes (the first is {nodes[0]}); move it to muscle"
            raise ValueError(msg)


class Currents:
    """The sum of the stimuli at every step; a pulse that covers part of a step gives its share."""

    def __init__(self, stimuli: Sequence[Stimulus], n: int, steps: int, dt_ms: float) -> None:
        self.stimuli, self.n = stimuli, n
        shares = [pulse_shares(stimulus, steps, dt_ms) for stimulus in stimuli]
        self.shares = np.array(shares).reshape(len(stimuli), steps)
        self.changes = np.flatnonzero((np.diff(self.shares, axis=1) != 0).any(axis=0)) + 1

    def at(self, step: int) -> Floats:
        """(n,) Current in mV/ms during a step."""
        current = np.zeros(self.n)
        for stimulus, share in zip(self.stimuli, self.shares[:, step], strict=True):
            nodes = np.unique(stimulus.nodes)
            current[nodes] += stimulus.strength_mv_per_ms * share
        return current

    def next_change(self, step: int) -> int:
        """First step after this one with another current; beyond the last if there is none."""
        later = self.changes[np.searchsorted(self.changes, step, side="right") :]
        return int(later[0]) if later.size else self.shares.shape[1]


def pulse_shares(stimulus: Stimulus, steps: int, dt_ms: float) -> Floats:
    """(steps,) How much of each time step the pulses cover; a sum where pulses overlap."""
    edges = np.arange(steps + 1) * dt_ms
    charged = np.zeros(steps + 1)
    for begin_ms in stimulus.times_ms:
        charged += np.clip(edges - begin_ms, 0, stimulus.duration_ms)
    # Rounding of the edges must not look like a change of the current.
    return np.asarray(np.round(np.diff(charged) / dt_ms, 9))
