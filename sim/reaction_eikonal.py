"""Arrival times of the eikonal equation start the cells of coarse tissue: reaction-eikonal."""

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from .cell_model import CellModel
from .diffusion import Diffusion
from .drive import Journey, drive
from .eikonal_checks import Floats, float_array
from .kernels.reaction_eikonal import foot
from .march import Explicit, Implicit, March, Method, Scheme
from .monodomain import SHARES, Reaction, choose_step
from .operator import Operator
from .recorder import Recorder
from .regions import Cells, Region, State, make_regions, rest_mv
from .stimulus import Currents
from .travelling import CELL_STEP_MS, RISEN_MV, travelling_upstroke
from .waves import Waves

#: What neighbours give earlier before activation, and later after it, is next to nothing.
FOOT_MS = 5.0


def solve_reaction_eikonal(
    operator: Operator,
    cells: Cells,
    activation_ms: ArrayLike,
    *,
    duration_ms: float,
    coupled: bool = True,
    dt_ms: float | None = None,
    method: Method = "explicit",
    substeps: int | None = None,
    threads: int = 1,
    frames: Sequence[Recorder] = (),
    progress: Callable[[int, int], None] | None = None,
) -> Reaction:
    """Membrane potentials of tissue in which the eikonal equation tells when the wave arrives.

    After Neic 2017 (J. Comput. Phys. 346, 191-211). A front needs elements of 0.2 mm, plateau and
    repolarisation do not: since the arrival times T come from the eikonal equation, ordinary
    meshes of hearts will do. While the wave passes, from `FOOT_MS` before T to as long after it,
    a node receives what a cell of the model receives from its neighbours in a travelling wave
    (`travelling_charge`); then, with both ends of an edge behind the front, the diffusion of the
    mesh takes over: dv/dt = div(D grad v) - I_ion / Cm.

    Parameters
    ----------
    operator
        From `tet_diffusion`, `triangle_diffusion` or `grid_diffusion`.
    cells
        One `CellModel`, or pairs of a model and its nodes, all at rest at first.
    activation_ms
        (n,) Arrival times T, such as from `solve_eikonal`; inf where no wave arrives.
    duration_ms
        Rounded up to whole steps.
    coupled
        With diffusion, which evens out repolarisation (RE+), or without (RE-).
    dt_ms, method, substeps, threads, frames, progress
        As for `solve_monodomain`.

    Returns
    -------
    Reaction
        Its activation is found in the membrane potential, where that passes -40 mV.

    Raises
    ------
    ValueError
        As `solve_monodomain`; also when `activation_ms` has another shape, holds nan, or is
        finite nowhere, or a cable of the cells does not conduct.

    Examples
    --------
    A strip of 20 mm in elements of 1 mm, with a wave of 0.5 mm/ms:

    >>> from cardiotwin.anatomy.shapes import box
    >>> from cardiotwin.sim.cells import cell_model
    >>> from cardiotwin.sim.diffusion import tet_diffusion
    >>> nodes_mm, tets = box((20, 1, 1), 1.0)
    >>> strip = tet_diffusion(nodes_mm, tets, np.tile([1.0, 0, 0], (len(tets), 1)), None, 0.1)
    >>> times_ms = nodes_mm[:, 0] / 0.5
    >>> wave = solve_reaction_eikonal(
    ...     strip, cell_model("bueno-orovio-epi"), times_ms, duration_ms=60.0
    ... )
    >>> bool(np.abs(wave.activation_ms - times_ms).max() < 0.5)
    True
    """
    times_ms = _arrivals(activation_ms, operator.n)
    if not (0 < duration_ms < np.inf and threads >= 1):
        msg = f"duration_ms and threads must be positive, got {duration_ms} and {threads}"
        raise ValueError(msg)
    dt_ms, substeps = choose_step(operator, dt_ms, method, substeps)
    regions = make_regions(cells, operator.mass)
    rest = rest_mv(regions, operator.n)
    waves = Waves(rest, rest, RISEN_MV)
    scheme: Scheme = Uncoupled()
    behind = None
    if coupled:
        implicit = Implicit(operator, SHARES.get(method, 1.0))
        behind = BehindFront(implicit.pairs, times_ms)
        scheme = implicit if method in SHARES else Explicit(implicit.pairs, substeps)
    march = March(scheme, regions, waves, rest, dt_ms=dt_ms, threads=threads)
    steps = math.ceil(duration_ms / dt_ms - 1e-9)
    journey = Journey(
        nodes_mm=operator.nodes_mm,
        steps=steps,
        currents=Feet(times_ms, regions, behind, steps, dt_ms),
        goal=None,
        frames=frames,
        checkpoint=None,
        key={},
    )
    done = drive(journey, march, threads, progress)
    end_mv = march.now(done)
    waves.watch(end_mv, end_mv, dt_ms, done * dt_ms, 0, operator.n)
    return Reaction(
        activations_ms=waves.beats[:, 0],
        repolarisations_ms=waves.beats[:, 1],
        end=State(end_mv, tuple(region.state for region in regions)),
        duration_ms=done * dt_ms,
        dt_ms=dt_ms,
    )


class BehindFront:
    """Diffusion between nodes that the wave has passed; those it never reaches count as passed.

    A coupling between two nodes is off until both are behind the front. A negative one, as flat
    elements have, is off until all nodes around both are: alone it would drive them apart.
    """

    def __init__(self, pairs: Diffusion, activation_ms: Floats) -> None:
        self.rate, self.full = pairs.rate, pairs.rate.copy()
        passed_ms = np.where(np.isfinite(activation_ms), activation_ms + FOOT_MS, -np.inf)
        owner, other = np.repeat(np.arange(pairs.n), np.diff(pairs.start)), pairs.neighbour
        around_ms = passed_ms.copy()
        np.maximum.at(around_ms, owner, passed_ms[other])
        own_ms = np.maximum(passed_ms[owner], passed_ms[other])
        self.on_ms = np.where(self.full < 0, np.maximum(around_ms[owner], around_ms[other]), own_ms)

    def move(self, time_ms: float) -> None:
        """Switch on the couplings of nodes that the front has passed by now."""
        np.multiply(self.full, self.on_ms <= time_ms, out=self.rate)


class Feet(Currents):
    """The foot of the wave at every node; what came before time 0 is given in the first step."""

    def __init__(
        self,
        activation_ms: Floats,
        regions: Sequence[Region],
        behind: BehindFront | None,
        steps: int,
        dt_ms: float,
    ) -> None:
        super().__init__((), len(activation_ms), steps, dt_ms)
        self.activation_ms, self.behind = activation_ms, behind
        self.steps, self.dt_ms = steps, dt_ms
        everywhere = np.arange(len(activation_ms))
        self.parts = [
            (everywhere if region.nodes is None else region.nodes, travelling_charge(region.model))
            for region in regions
        ]
        last_ms = activation_ms[np.isfinite(activation_ms)].max() + FOOT_MS
        self.over = math.ceil(last_ms / dt_ms) + 1

    def at(self, step: int) -> Floats:
        """(n,) Current in mV/ms during a step."""
        current = np.zeros(self.n)
        axes = np.array([-FOOT_MS, CELL_STEP_MS, self.dt_ms])
        begin_ms, end_ms = step * self.dt_ms, (step + 1) * self.dt_ms
        for nodes, charge_mv in self.parts:
            since_ms = begin_ms if step else -np.inf
            foot(self.activation_ms, nodes, charge_mv, axes, since_ms, end_ms, current)
        if self.behind is not None:
            self.behind.move(begin_ms)
        return current

    def next_change(self, step: int) -> int:
        """The next step, until the front has passed the last node."""
        return step + 1 if step < self.over else self.steps


class Uncoupled:
    """Cells that leave each other alone, as a `Scheme`."""

    def spread(
        self,
        v: Floats,
        dt_ms: float,
        out: Floats,
        first: int,
        last: int,
        wait: Callable[[], object],
    ) -> None:
        """No diffusion."""
        del dt_ms, wait
        out[first:last] = v[first:last]


def travelling_charge(cell: CellModel) -> Floats:
    """(c,) Charge in mV that a travelling wave has brought to a cell at rest, less what it took.

    Every `CELL_STEP_MS` from `FOOT_MS` before activation to as long after it.
    """
    upstroke = travelling_upstroke(cell, cell.rest_mv, cell.rest)
    rate = upstroke.from_neighbours_mv_per_ms
    charge_mv = np.concatenate([[0.0], np.cumsum(rate)]) * CELL_STEP_MS
    at_ms = np.arange(-FOOT_MS, FOOT_MS + CELL_STEP_MS, CELL_STEP_MS) + upstroke.activation_ms
    foot_mv = np.interp(at_ms, np.arange(len(charge_mv)) * CELL_STEP_MS, charge_mv)
    return np.asarray(foot_mv - foot_mv[0])


def _arrivals(activation_ms: ArrayLike, n: int) -> Floats:
    """(n,) Arrival times; raise when there is none."""
    times_ms = float_array(activation_ms, (n,), "activation_ms")
    wrong = np.flatnonzero(~(times_ms > -np.inf))
    if wrong.size or not np.isfinite(times_ms).any():
        what = f"{times_ms[wrong[0]]} at node {wrong[0]}" if wrong.size else "finite nowhere"
        msg = f"activation_ms must be times, and inf where no wave arrives, but it is {what}"
        raise ValueError(msg)
    return times_ms
