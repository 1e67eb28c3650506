"""Reaction and diffusion: cells of any model on any mesh, step by step."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .checkpoint import Checkpoint, identity
from .drive import Journey, drive
from .eikonal_checks import Floats
from .march import Explicit, Implicit, March, Method
from .operator import Operator
from .recorder import Recorder
from .regions import Cells, Region, State, make_regions, node_mask, rest_mv
from .stimulus import Currents, Stimulus, check_stimuli
from .waves import Waves

#: Step of the cells when none is asked for: detailed cells are then within 1 % of their speed.
ACCURATE_MS = 0.02
#: Share of the new voltage in the flow during an implicit step.
SHARES = {"crank-nicolson": 0.5, "backward-euler": 1.0}


@dataclass(frozen=True, eq=False, kw_only=True)
class Reaction:
    """What a run found; times are inf where nothing happened.

    Attributes
    ----------
    activations_ms, repolarisations_ms : (n, b) float64
        Of every beat: upward through the threshold, and nine tenths of the way back to rest. A
        beat counts when the one before is back, or began 40 ms ago or more.
    end : State
        Voltage and cells at the end, to start another run from.
    duration_ms, dt_ms : float
    """

    activations_ms: Floats
    repolarisations_ms: Floats
    end: State
    duration_ms: float
    dt_ms: float

    @property
    def activation_ms(self) -> Floats:
        """(n,) First activation."""
        return self.activations_ms[:, 0]

    @property
    def repolarisation_ms(self) -> Floats:
        """(n,) Repolarisation of the first beat."""
        return self.repolarisations_ms[:, 0]

    @property
    def apd90_ms(self) -> Floats:
        """(n,) Duration of the first action potential at 90 % repolarisation."""
        return durations(self.activation_ms, self.repolarisation_ms)

    @property
    def v_mv(self) -> Floats:
        """(n,) Voltage at the end."""
        return self.end.v_mv


def solve_monodomain(
    operator: Operator,
    cells: Cells,
    stimuli: Stimulus | Sequence[Stimulus],
    *,
    duration_ms: float,
    dt_ms: float | None = None,
    method: Method = "explicit",
    substeps: int | None = None,
    threads: int = 1,
    threshold_mv: float = -40.0,
    start: State | None = None,
    until_activated: ArrayLike | None = None,
    frames: Sequence[Recorder] = (),
    checkpoint: Checkpoint | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Reaction:
    """Waves of excitation: dv/dt = div(D grad v) - I_ion / Cm + stimulus.

    Strang's splitting: half a step of diffusion, one of the cells, half a step of diffusion.
    The same bytes on any number of threads.

    Parameters
    ----------
    operator
        From `tet_diffusion`, `triangle_diffusion` or `grid_diffusion`.
    cells
        One `CellModel`, or pairs of a model and its nodes (mask or indices) that hold every
        live node once.
    stimuli
        Currents; nodes outside the mesh are an error.
    duration_ms
        Rounded up to whole steps.
    dt_ms
        Time step; 0.02 ms if not given.
    method
        "explicit", or "crank-nicolson" and "backward-euler", which are stable at any step.
    substeps
        Explicit steps of diffusion to one of the cells: 1, or as many as the mesh needs where
        neither this nor `dt_ms` is given.
    threads
        Threads that share the nodes.
    threshold_mv
        A node is activated where it passes this upwards.
    start
        `Reaction.end` of an earlier run on the same mesh and cells; rest if not given.
    until_activated
        Nodes (mask or indices) after whose first activation the run may end early; dead ones
        do not count.
    frames
        Recorders such as `ZarrFrames`.
    checkpoint
        Where and how often to save the run, and whether to resume it.
    progress
        Called as progress(steps done, steps in all); what it raises stops the run, after a last
        checkpoint.

    Returns
    -------
    Reaction

    Raises
    ------
    ValueError
        When a time step is beyond stability, the run becomes unstable, a stimulus lies outside
        the mesh, a live node has no cell model, or the checkpoint is of another run.
    OSError
        When a checkpoint or frames cannot be read or written.

    Examples
    --------
    A strip of 10 mm, paced at one end:

    >>> from cardiotwin.anatomy.shapes import box
    >>> from cardiotwin.sim.diffusion import tet_diffusion
    >>> from cardiotwin.sim.mitchell_schaeffer import VENTRICULAR
    >>> nodes_mm, tets = box((40, 1, 1), 0.25)
    >>> strip = tet_diffusion(nodes_mm, tets, np.tile([1.0, 0, 0], (len(tets), 1)), None, 0.1)
    >>> pacing = Stimulus(nodes=np.flatnonzero(nodes_mm[:, 0] < 1), strength_mv_per_ms=50)
    >>> wave = solve_monodomain(strip, VENTRICULAR, pacing, duration_ms=50, dt_ms=0.05)
    >>> bool(20 < wave.activation_ms.max() < 40)
    True
    """
    stimuli = (stimuli,) if isinstance(stimuli, Stimulus) else tuple(stimuli)
    check_stimuli(stimuli, operator.mass)
    dt_ms, substeps = choose_step(operator, dt_ms, method, substeps)
    if not (0 < duration_ms < np.inf and threads >= 1):
        msg = f"duration_ms and threads must be positive, got {duration_ms} and {threads}"
        raise ValueError(msg)
    regions = make_regions(cells, operator.mass)
    rest = rest_mv(regions, operator.n)
    v_mv = rest if start is None else _begin(start, regions, operator.n)
    scheme: Explicit | Implicit = (
        Explicit(operator, substeps) if method == "explicit" else Implicit(operator, SHARES[method])
    )
    waves = Waves(v_mv, rest, threshold_mv)
    march = March(scheme, regions, waves, v_mv, dt_ms=dt_ms, threads=threads)
    steps = math.ceil(duration_ms / dt_ms - 1e-9)
    numerics = (dt_ms, method, substeps, threshold_mv)
    journey = Journey(
        nodes_mm=operator.nodes_mm,
        steps=steps,
        currents=Currents(stimuli, operator.n, steps, dt_ms),
        goal=None if until_activated is None else _live(until_activated, operator),
        frames=frames,
        checkpoint=checkpoint,
        key=identity(operator, regions, stimuli, numerics) if checkpoint else {},
    )
    done = drive(journey, march, threads, progress)
    end_mv = march.now(done)
    waves.watch(end_mv, end_mv, dt_ms, done * dt_ms, 0, operator.n)
    beats = waves.noted()
    return Reaction(
        activations_ms=beats[:, 0],
        repolarisations_ms=beats[:, 1],
        end=State(end_mv, tuple(region.state for region in regions)),
        duration_ms=done * dt_ms,
        dt_ms=dt_ms,
    )


def choose_step(
    operator: Operator, dt_ms: float | None, method: Method, substeps: int | None
) -> tuple[float, int]:
    """Time step and explicit steps of diffusion in it; raise when they are beyond stability."""
    if method != "explicit" and method not in SHARES:
        msg = f"method must be explicit, {' or '.join(SHARES)}, got {method!r}"
        raise ValueError(msg)
    if (dt_ms is not None and not 0 < dt_ms < np.inf) or (substeps is not None and substeps < 1):
        msg = f"dt_ms and substeps must be positive, got {dt_ms} and {substeps}"
        raise ValueError(msg)
    step_ms = ACCURATE_MS if dt_ms is None else dt_ms
    if method != "explicit":
        return step_ms, 1
    needed = max(1, math.ceil(step_ms / operator.limit_ms))
    if substeps is None:
        substeps = needed if dt_ms is None else 1
    if substeps < needed:
        msg = (
            f"dt_ms {step_ms:g} is beyond the {substeps * operator.limit_ms:.3g} ms up to which "
            f"explicit steps are stable on this mesh; take a smaller one, substeps={needed}, or "
            "method='crank-nicolson'"
        )
        raise ValueError(msg)
    return step_ms, substeps


def _live(nodes: ArrayLike, operator: Operator) -> NDArray[np.bool_]:
    """(n,) Which of these nodes can be activated at all."""
    return node_mask(nodes, operator.n, "the goal") & (operator.mass > 0)


def _begin(start: State, regions: Sequence[Region], n: int) -> Floats:
    """(n,) Voltage of an earlier run; its cells go into the regions."""
    wanted, given = [r.state.shape for r in regions], [s.shape for s in start.states]
    if start.v_mv.shape != (n,) or wanted != given:
        msg = (
            f"start is of another mesh or other cells: voltages {start.v_mv.shape} and states "
            f"{given}, but this run has ({n},) and {wanted}"
        )
        raise ValueError(msg)
    for region, state in zip(regions, start.states, strict=True):
        region.state[:] = state
    return start.v_mv


def durations(activation_ms: Floats, repolarisation_ms: Floats) -> Floats:
    """Repolarisation minus activation; inf where either is missing."""
    whole = np.isfinite(activation_ms) & np.isfinite(repolarisation_ms)
    return np.subtract(
        repolarisation_ms, activation_ms, out=np.full(whole.shape, np.inf), where=whole
    )
