"""First-arrival times of the depolarisation wave on tetrahedra and surface triangles."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .eikonal_checks import (
    Floats,
    block_array,
    element_array,
    float_array,
    node_array,
    positive,
    source_array,
)
from .eikonal_metric import ball_sources, tet_metric, triangle_metric
from .kernels import eikonal as kernel

__all__ = [
    "EikonalMesh",
    "activation_times",
    "ball_sources",
    "eikonal_mesh",
    "solve_eikonal",
    "tet_metric",
    "triangle_metric",
]


class EikonalMesh(NamedTuple):
    """Which nodes share an element; built once a heart by `eikonal_mesh`, read by the kernel.

    Attributes
    ----------
    tets : (m, 4) int32
    triangles : (k, 3) int32
    tet_start : (n + 1,) int64
        The tetrahedra of node i are rows `tet_start[i]` to `tet_start[i + 1]` of `tet_star`.
    tet_star : (4 m, 4) int32
        The three other nodes; then 4 x the tetrahedron + the place of node i in it.
    triangle_start : (n + 1,) int64
    triangle_star : (3 k, 3) int32
        The two other nodes; then 4 x the triangle + the place of node i in it.
    """

    tets: NDArray[np.int32]
    triangles: NDArray[np.int32]
    tet_start: NDArray[np.int64]
    tet_star: NDArray[np.int32]
    triangle_start: NDArray[np.int64]
    triangle_star: NDArray[np.int32]

    @property
    def n(self) -> int:
        """Number of nodes."""
        return len(self.tet_start) - 1


def eikonal_mesh(
    nodes_mm: ArrayLike, tets: ArrayLike, triangles: ArrayLike | None = None
) -> EikonalMesh:
    """Neighbourhoods of every node, for any number of `solve_eikonal` on the same mesh.

    Parameters
    ----------
    nodes_mm
        (n, 3)
    tets
        (m, 4) node indices; may be empty, for a wave on a surface.
    triangles
        (k, 3) node indices of a surface that conducts by itself, such as the fast endocardium.

    Returns
    -------
    EikonalMesh

    Raises
    ------
    ValueError
        When an array has the wrong shape or an index names no node.
    """
    n = len(node_array(nodes_mm))
    tets = element_array(tets, 4, n, "tets")
    triangles = element_array(
        np.empty((0, 3)) if triangles is None else triangles, 3, n, "triangles"
    )
    return EikonalMesh(tets, triangles, *_star(tets, n), *_star(triangles, n))


def solve_eikonal(
    mesh: EikonalMesh,
    *,
    tet_metric: Floats,
    triangle_metric: Floats | None = None,
    sources: ArrayLike,
    source_times_ms: ArrayLike = 0.0,
    blocked: NDArray[np.bool_] | None = None,
) -> Floats:
    """First-arrival time T of the wave at every node: sqrt(grad T . D grad T) = 1.

    Linear elements, each updated by the closed form of Fermat's principle, in order of time
    (Sethian and Vladimirsky 2003), with nodes taken up again when they can still be earlier
    (Bornemann and Rasch 2006). The error falls with the first power of the edge length.

    Parameters
    ----------
    mesh
        From `eikonal_mesh`.
    tet_metric
        (m, 6) ms^2, from `tet_metric`.
    triangle_metric
        (k, 3) ms^2, from `triangle_metric`; may be left out when the mesh has no triangles.
    sources
        (s,) Nodes where waves start. A blocked one is left out while another remains.
    source_times_ms
        (s,) or scalar. A source that an earlier wave reaches first is just another node.
    blocked
        (n,) Nodes that do not conduct; an element with such a node carries no wave.

    Returns
    -------
    (n,) float64
        ms; inf where no wave arrives.

    Raises
    ------
    ValueError
        When there is no source, a source names no node or all are blocked, a time is not
        finite, or a shape is wrong.
    """
    k = len(mesh.triangles)
    if triangle_metric is None:
        if k:
            msg = f"triangle_metric is missing: the mesh has {k} triangles"
            raise ValueError(msg)
        triangle_metric = np.empty((0, 3))
    tet_metric = positive(float_array(tet_metric, (len(mesh.tets), 6), "tet_metric"), "tet_metric")
    triangle_metric = positive(
        float_array(triangle_metric, (k, 3), "triangle_metric"), "triangle_metric"
    )
    times_ms = _start(mesh.n, sources, source_times_ms, blocked)
    heap, place = np.empty((2, mesh.n), np.int32)
    kernel.march(mesh, tet_metric, triangle_metric, heap, place, times_ms)
    times_ms[np.isnan(times_ms)] = np.inf
    return times_ms


def activation_times(
    nodes_mm: ArrayLike,
    tets: ArrayLike,
    *,
    fibres: ArrayLike,
    sheets: ArrayLike,
    speeds_mm_per_ms: ArrayLike,
    sources: ArrayLike,
    source_times_ms: ArrayLike = 0.0,
    scale: ArrayLike | None = None,
    triangles: ArrayLike | None = None,
    triangle_speed_mm_per_ms: ArrayLike | None = None,
    blocked: NDArray[np.bool_] | None = None,
) -> Floats:
    """First-arrival time of the wave at every node, for one use of a mesh.

    For many solutions on one mesh, call `eikonal_mesh` once and `solve_eikonal` for each.

    Parameters
    ----------
    nodes_mm
        (n, 3)
    tets
        (m, 4)
    fibres, sheets
        (m, 3)
    speeds_mm_per_ms
        (3,) Along fibre, sheet and normal.
    sources
        (s,) Nodes where waves start.
    source_times_ms
        (s,) or scalar.
    scale
        (m,) Factor on the speeds of each tetrahedron.
    triangles
        (k, 3) Surface with a speed of its own, such as the fast endocardium.
    triangle_speed_mm_per_ms
        (k,) or scalar; needed when there are triangles.
    blocked
        (n,) Nodes that do not conduct.

    Returns
    -------
    (n,) float64
        ms; inf where no wave arrives.

    Raises
    ------
    ValueError
        As `eikonal_mesh`, `tet_metric`, `triangle_metric` and `solve_eikonal`.

    Examples
    --------
    A bar of 10 mm, stimulated at one end, at 0.5 mm/ms along the fibres:

    >>> import numpy as np
    >>> from cardiotwin.anatomy.shapes import box
    >>> nodes_mm, tets = box((10, 1, 1), 1.0)
    >>> along_x, along_y = np.tile(np.eye(3)[:2, None], (1, len(tets), 1))
    >>> times_ms = activation_times(
    ...     nodes_mm, tets, fibres=along_x, sheets=along_y, speeds_mm_per_ms=(0.5, 0.3, 0.2),
    ...     sources=np.flatnonzero(nodes_mm[:, 0] == 0),
    ... )
    >>> print(f"{times_ms.max():.3f} ms")
    20.000 ms
    """
    if (triangles is None) != (triangle_speed_mm_per_ms is None):
        msg = "triangles and triangle_speed_mm_per_ms go together; give both or neither"
        raise ValueError(msg)
    surface = None
    if triangles is not None and triangle_speed_mm_per_ms is not None:
        surface = triangle_metric(nodes_mm, triangles, triangle_speed_mm_per_ms)
    return solve_eikonal(
        eikonal_mesh(nodes_mm, tets, triangles),
        tet_metric=tet_metric(nodes_mm, tets, fibres, sheets, speeds_mm_per_ms, scale),
        triangle_metric=surface,
        sources=sources,
        source_times_ms=source_times_ms,
        blocked=blocked,
    )


def _start(
    n: int, sources: ArrayLike, source_times_ms: ArrayLike, blocked: NDArray[np.bool_] | None
) -> Floats:
    """(n,) Times at the sources, nan at blocked nodes, inf elsewhere."""
    sources = source_array(sources, n)
    given_ms = np.asarray(source_times_ms, np.float64)
    given_ms = float_array(given_ms, sources.shape[: given_ms.ndim], "source_times_ms")
    if not np.isfinite(given_ms).all():
        msg = f"source_times_ms must be finite, got {given_ms[~np.isfinite(given_ms)].flat[0]}"
        raise ValueError(msg)
    times_ms = np.full(n, np.inf)
    np.minimum.at(times_ms, sources, given_ms)
    if blocked is not None:
        times_ms[block_array(blocked, sources, n)] = np.nan
    return times_ms


def _star(elements: NDArray[np.int32], n: int) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """CSR from each node to (other nodes of the element, 4 x element + own place in it)."""
    count, corners = elements.shape
    others = np.array([[c for c in range(corners) if c != own] for own in range(corners)])
    star = np.empty((count, corners, corners), np.int32)
    star[:, :, :-1] = elements[:, others]
    star[:, :, -1] = 4 * np.arange(count)[:, None] + np.arange(corners)
    order = np.argsort(elements.ravel(), kind="stable")
    per_node = np.bincount(elements.ravel(), minlength=n)
    return np.concatenate([[0], np.cumsum(per_node)]), star.reshape(-1, corners)[order]
