"""One scenario of a wave on a mesh: from what the user says to what the solver reads and back."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .eikonal_checks import Floats, block_array, float_array, positive, source_array
from .eikonal_mesh import EikonalMesh
from .kernels import eikonal_mesh as kernel
from .kernels.eikonal import Front
from .kernels.eikonal_queue import TIME


@dataclass(frozen=True, eq=False, kw_only=True)
class Scenario:
    """Where a wave starts, and what of the tissue is not as the metric says.

    Attributes
    ----------
    sources
        (s,) Nodes where waves start. A blocked one is left out while another remains.
    source_times_ms
        (s,) or scalar. A source that an earlier wave reaches first is just another node.
    tet_scale
        (m,) Factor on the speeds of each tetrahedron, 1 if not given.
    triangle_scale
        (k,) The same for the triangles of a surface.
    blocked
        (n,) bool. Nodes that do not conduct; an element with such a node carries no wave.
    """

    sources: ArrayLike
    source_times_ms: ArrayLike = 0.0
    tet_scale: ArrayLike | None = None
    triangle_scale: ArrayLike | None = None
    blocked: NDArray[np.bool_] | None = None


def scaled_metrics(
    mesh: EikonalMesh, tet_metric: Floats, triangle_metric: Floats | None, scenario: Scenario
) -> tuple[Floats, Floats]:
    """Both metrics (m, 6) and (k, 3) of a scenario, in the solver's order; raise if unfit."""
    k = len(mesh.triangles)
    if triangle_metric is None and k:
        msg = f"triangle_metric is missing: the mesh has {k} triangles"
        raise ValueError(msg)
    if triangle_metric is None:
        triangle_metric = np.empty((0, 3))
    return (
        _scaled(tet_metric, mesh.tet_order, 6, scenario.tet_scale, "tet"),
        _scaled(triangle_metric, mesh.triangle_order, 3, scenario.triangle_scale, "triangle"),
    )


def _scaled(
    metric: Floats, order: NDArray[np.int32], edges: int, scale: ArrayLike | None, name: str
) -> Floats:
    metric = float_array(metric, (len(order), edges), f"{name}_metric")
    factor = np.ones(1)
    if scale is not None:
        factor = positive(float_array(scale, (len(order),), f"{name}_scale"), f"{name}_scale")
    out = np.empty_like(metric)
    bad = kernel.scaled(metric, order, factor, out)
    if bad >= 0:
        positive(metric[bad], f"{name}_metric")
        msg = f"{name}_metric {metric[bad].max()} and {name}_scale {factor[bad]} are out of range"
        raise ValueError(msg)
    return out


def start_front(mesh: EikonalMesh, scenario: Scenario) -> tuple[NDArray[np.int32], Floats, Front]:
    """Nodes where waves start, when, and the state before they do; all in the solver's order."""
    sources = source_array(scenario.sources, mesh.n)
    given_ms = np.asarray(scenario.source_times_ms, np.float64)
    given_ms = float_array(given_ms, sources.shape[: given_ms.ndim], "source_times_ms")
    if not np.isfinite(given_ms).all():
        msg = f"source_times_ms must be finite, got {given_ms[~np.isfinite(given_ms)].flat[0]}"
        raise ValueError(msg)
    start_ms = np.full(mesh.n, np.inf)
    np.minimum.at(start_ms, mesh.place[sources], given_ms)
    front = empty_front(start_ms)
    if scenario.blocked is not None:
        blocked = block_array(scenario.blocked, sources, mesh.n)
        front.clock[blocked[mesh.order], TIME] = np.nan
    return np.flatnonzero(front.clock[:, TIME] < np.inf).astype(np.int32), start_ms, front


def empty_front(times_ms: Floats) -> Front:
    """A front with these times that has left no node and waits at none."""
    n = len(times_ms)
    clock = np.full((n, 2), np.inf)
    clock[:, TIME] = times_ms
    return Front(clock, np.full((n, 2), -1, np.int32), np.full((n, 4), -1, np.int32))


def arrivals(mesh: EikonalMesh, front: Front) -> Floats:
    """(n,) Times in the caller's order; inf where no wave arrives."""
    times_ms = front.clock[mesh.place, TIME]
    times_ms[np.isnan(times_ms)] = np.inf
    return times_ms
