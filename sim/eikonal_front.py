"""One scenario of a wave on a mesh: from what the user says to what the solver reads and back."""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .eikonal_checks import Floats, block_array, float_array, positive, source_array
from .eikonal_mesh import EikonalMesh
from .kernels import eikonal as first_order
from .kernels import eikonal_ball, eikonal_second
from .kernels import eikonal_mesh as kernel
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


class Front(NamedTuple):
    """What a march reads and writes, in the solver's own order."""

    clock: Floats  # (n, 2) f8: earliest arrival so far (inf: none, nan: does not conduct), and
    # the time with which the wave last left the node (inf: not yet)
    queue: NDArray[np.int32]  # (n, 2) i4: see eikonal_queue
    via: (
        np.ndarray
    )  # (n, 4) i4: 2 x tetrahedron or 2 x triangle + 1, node, up to two more; -1: none


class Curves(NamedTuple):
    """What curved fronts need beside a `Front`, in the solver's own order."""

    nodes_mm: Floats  # (n, 3) f8
    slope: Floats  # (n, 3) f8: grad T in the tissue
    surface_slope: Floats  # (n, 3) f8: what of it is known along surfaces
    given: NDArray[
        np.bool_
    ]  # (n,) bool: nodes with a given time, which only a flat front may lower


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


def run_wave(
    mesh: EikonalMesh,
    scenario: Scenario,
    metrics: tuple[Floats, Floats],
    ball_mm: float,
    order: int,
    until_ms: float = np.inf,
) -> Front:
    """Let the wave of a scenario run; raise if ball, order or end are unfit.

    Times up to `until_ms` are those of the whole wave: a node is at most one edge earlier than
    another by which it is made earlier.
    """
    if not 0 <= ball_mm < np.inf:
        msg = f"ball_mm must be 0 or a radius in mm, got {ball_mm}"
        raise ValueError(msg)
    if order not in (1, 2):
        msg = f"order must be 1 or 2, got {order}"
        raise ValueError(msg)
    if np.isnan(until_ms):
        msg = "until_ms must be a time in ms, got nan"
        raise ValueError(msg)
    end_ms = until_ms
    if end_ms < np.inf:
        end_ms += math.sqrt(max(metric.max(initial=0.0) for metric in metrics))
    front = start_front(mesh, scenario)
    if not ball_mm and order == 1:
        first_order.march(mesh.stars, *metrics, started(front), end_ms, front)
        return front
    nodes_mm = mesh.nodes_mm[mesh.order]
    slopes = np.full((2, mesh.n, 3), np.nan)  # in the tissue and along surfaces
    if ball_mm:
        _fill_balls(mesh, nodes_mm, metrics, ball_mm, front, slopes)
    if order == 1:
        first_order.march(mesh.stars, *metrics, started(front), end_ms, front)
    else:
        curves = Curves(nodes_mm, slopes[0], slopes[1], np.zeros(mesh.n, bool))
        eikonal_second.march(mesh.stars, *metrics, started(front), end_ms, front, curves)
    return front


def _fill_balls(
    mesh: EikonalMesh,
    nodes_mm: Floats,
    metrics: tuple[Floats, Floats],
    ball_mm: float,
    front: Front,
    slopes: Floats,
) -> None:
    """Give the nodes around each source their closed form, in the tissue and along surfaces."""
    sources, stars = started(front), mesh.stars
    times_ms = front.clock[sources, TIME]
    around = (sources, times_ms, ball_mm, front.clock)
    eikonal_ball.ball(nodes_mm, stars.tet_start, stars.tet_star, metrics[0], *around, slopes[0])
    slopes[1] = slopes[0]
    before_ms = front.clock[:, TIME].copy()
    eikonal_ball.ball(
        nodes_mm, stars.triangle_start, stars.triangle_star, metrics[1], *around, slopes[1]
    )
    slopes[0, front.clock[:, TIME] < before_ms] = np.nan  # a surface tells no slope into the tissue


def start_front(mesh: EikonalMesh, scenario: Scenario) -> Front:
    """The state before a wave has left any source, in the solver's order."""
    sources = source_array(scenario.sources, mesh.n)
    given_ms = np.asarray(scenario.source_times_ms, np.float64)
    given_ms = float_array(given_ms, sources.shape[: given_ms.ndim], "source_times_ms")
    if not np.isfinite(given_ms).all():
        msg = f"source_times_ms must be finite, got {given_ms[~np.isfinite(given_ms)].flat[0]}"
        raise ValueError(msg)
    clock = np.full((mesh.n, 2), np.inf)
    np.minimum.at(clock[:, TIME], mesh.place[sources], given_ms)
    if scenario.blocked is not None:
        blocked = block_array(scenario.blocked, sources, mesh.n)
        clock[blocked[mesh.order], TIME] = np.nan
    return Front(clock, np.full((mesh.n, 2), -1, np.int32), np.full((mesh.n, 4), -1, np.int32))


def started(front: Front) -> NDArray[np.int32]:
    """(s,) Nodes that have a time."""
    return np.flatnonzero(front.clock[:, TIME] < np.inf).astype(np.int32)


def arrivals(mesh: EikonalMesh, front: Front) -> Floats:
    """(n,) Times in the caller's order; inf where no wave arrives."""
    times_ms = front.clock[mesh.place, TIME]
    times_ms[np.isnan(times_ms)] = np.inf
    return times_ms
