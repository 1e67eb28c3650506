"""A wave through altered tissue, from the one before: only the times that change are new."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .eikonal_checks import Floats, block_array, source_array
from .eikonal_front import Front, Scenario, arrivals, run_wave, scaled_metrics, start_front
from .eikonal_mesh import EikonalMesh
from .kernels import eikonal as kernel
from .kernels import eikonal_restart
from .kernels.eikonal_queue import SETTLED, TIME


@dataclass(frozen=True, eq=False, kw_only=True)
class Trace:
    """A wave of which is known what gave each node its time; made by `trace_eikonal`."""

    mesh: EikonalMesh
    scenario: Scenario
    metrics: tuple[Floats, Floats]
    given: tuple[Floats, Floats | None]
    start_ms: Floats
    front: Front
    by_time: NDArray[np.int64]

    @property
    def times_ms(self) -> Floats:
        """(n,) First-arrival times, as from `solve_eikonal`."""
        return arrivals(self.mesh, self.front)


def trace_eikonal(
    mesh: EikonalMesh,
    scenario: Scenario,
    *,
    tet_metric: Floats,
    triangle_metric: Floats | None = None,
) -> Trace:
    """A wave from which `restart_eikonal` goes on in altered tissue.

    Parameters
    ----------
    mesh
        From `eikonal_mesh`.
    scenario
        Sources, and the tissue before it is altered: healthy, as a rule.
    tet_metric, triangle_metric
        As for `solve_eikonal`.

    Returns
    -------
    Trace

    Raises
    ------
    ValueError
        As `solve_eikonal`.

    Examples
    --------
    A bar of ten cubes; a cut through its middle:

    >>> import numpy as np
    >>> from cardiotwin.anatomy.shapes import box
    >>> from cardiotwin.sim.eikonal import eikonal_mesh, tet_metric
    >>> nodes_mm, tets = box((10, 1, 1), 1.0)
    >>> axes = np.tile(np.eye(3)[:2, None], (1, len(tets), 1))
    >>> metric = tet_metric(nodes_mm, tets, *axes, speeds_mm_per_ms=(0.5, 0.5, 0.5))
    >>> healthy = trace_eikonal(
    ...     eikonal_mesh(nodes_mm, tets), Scenario(sources=[0]), tet_metric=metric
    ... )
    >>> times_ms = restart_eikonal(healthy, blocked=nodes_mm[:, 0] == 5)
    >>> int(np.isinf(healthy.times_ms).sum()), int(np.isinf(times_ms).sum())
    (0, 24)
    """
    metrics = scaled_metrics(mesh, tet_metric, triangle_metric, scenario)
    front = run_wave(mesh, scenario, metrics, ball_mm=0.0, order=1)
    return Trace(
        mesh=mesh,
        scenario=scenario,
        metrics=metrics,
        given=(tet_metric, triangle_metric),
        start_ms=start_front(mesh, replace(scenario, blocked=None)).clock[:, TIME],
        front=front,
        by_time=np.argsort(front.clock[:, TIME]),
    )


def restart_eikonal(
    trace: Trace,
    *,
    tet_scale: ArrayLike | None = None,
    triangle_scale: ArrayLike | None = None,
    blocked: NDArray[np.bool_] | None = None,
) -> Floats:
    """First-arrival times in altered tissue, from the same sources as the trace.

    The same times as `solve_eikonal` gives, to rounding, whatever is altered. Worth it when
    little is: a node keeps its time unless the wave came to it through tissue that now is slower
    or blocked. (If so, the times of all others can be reached as before; and since the first of
    the nodes that gave a time is earlier than it, no time rests on itself.) Where tissue is
    faster than before, or conducts again, the wave starts anew from the nodes around.

    Parameters
    ----------
    trace
        From `trace_eikonal`.
    tet_scale, triangle_scale, blocked
        As for `solve_eikonal`; they replace those of the trace.

    Returns
    -------
    (n,) float64
        ms; inf where no wave arrives.

    Raises
    ------
    ValueError
        As `solve_eikonal`.
    """
    mesh = trace.mesh
    altered = replace(
        trace.scenario, tet_scale=tet_scale, triangle_scale=triangle_scale, blocked=blocked
    )
    metrics = scaled_metrics(mesh, *trace.given, altered)
    dead = np.zeros(mesh.n, bool)
    if blocked is not None:
        dead = block_array(blocked, source_array(altered.sources, mesh.n), mesh.n)[mesh.order]
    clock = trace.front.clock.copy()
    was_dead = np.isnan(clock[:, TIME])
    lost = dead & ~was_dead
    tet_slow, triangle_slow = (
        new[:, 0] > old[:, 0] for new, old in zip(metrics, trace.metrics, strict=True)
    )
    eikonal_restart.forget(
        mesh.stars, trace.front.via, trace.by_time, tet_slow, triangle_slow, lost
    )
    fresh = lost | was_dead
    clock[fresh, TIME] = trace.start_ms[fresh]
    clock[fresh, SETTLED] = np.inf
    clock[dead, TIME] = np.nan
    first = np.zeros(mesh.n, bool)
    eikonal_restart.frontier(mesh.stars, fresh, clock, first)
    _mark_faster(mesh, metrics, trace.metrics, first)
    first &= clock[:, TIME] < np.inf
    front = Front(clock, trace.front.queue.copy(), trace.front.via.copy())
    kernel.march(mesh.stars, *metrics, np.flatnonzero(first).astype(np.int32), np.inf, front)
    return arrivals(mesh, front)


def _mark_faster(
    mesh: EikonalMesh,
    metrics: tuple[Floats, Floats],
    before: tuple[Floats, Floats],
    first: NDArray[np.bool_],
) -> None:
    """Mark the nodes of elements that are faster than before."""
    parts = ((mesh.tets, mesh.tet_order), (mesh.triangles, mesh.triangle_order))
    for (elements, order), new, old in zip(parts, metrics, before, strict=True):
        faster = order[new[:, 0] < old[:, 0]]
        first[mesh.place[elements[faster]]] = True
