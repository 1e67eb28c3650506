"""How long the wave takes along an edge: lengths in the metric D^-1 of the tissue."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..anatomy.heart import place_of
from .eikonal_checks import Floats, element_array, float_array, node_array, positive
from .kernels import eikonal_metric as kernel


def tet_metric(
    nodes_mm: ArrayLike,
    tets: ArrayLike,
    fibres: ArrayLike,
    sheets: ArrayLike,
    speeds_mm_per_ms: ArrayLike,
    scale: ArrayLike | None = None,
) -> Floats:
    """Squared time that the wave takes along each edge of each tetrahedron, by its own speeds.

    The wave runs at its three speeds along the fibre f, the sheet s and the normal n = f x s:
    D = f f' cf^2 + s s' cs^2 + n n' cn^2, and an edge e has the squared length e' D^-1 e.

    Parameters
    ----------
    nodes_mm
        (n, 3)
    tets
        (m, 4)
    fibres
        (m, 3) Need not have unit length.
    sheets
        (m, 3) Made orthogonal to the fibres.
    speeds_mm_per_ms
        (3,) Along fibre, sheet and normal.
    scale
        (m,) Factor on all three speeds of each tetrahedron, 1 if not given.

    Returns
    -------
    (m, 6) float64
        ms^2, for the edges 01 02 03 12 13 23.

    Raises
    ------
    ValueError
        When a shape is wrong, a speed is not positive, a fibre is zero or along its sheet, or
        an edge has no length.
    """
    nodes_mm = node_array(nodes_mm)
    tets = element_array(tets, 4, len(nodes_mm), "tets")
    fibres = float_array(fibres, (len(tets), 3), "fibres")
    sheets = float_array(sheets, (len(tets), 3), "sheets")
    slowness = 1 / positive(
        float_array(speeds_mm_per_ms, (3,), "speeds_mm_per_ms"), "speeds_mm_per_ms"
    )
    factor = (
        np.ones(1)
        if scale is None
        else positive(float_array(scale, (len(tets),), "scale"), "scale")
    )
    out = np.empty((len(tets), 6))
    kernel.tet_metric(nodes_mm, tets, fibres, sheets, slowness, factor, out)
    bad = ~((out > 0) & (out < np.inf)).all(axis=1)
    if bad.any():
        msg = (
            f"tet {np.flatnonzero(bad)[0]} has no metric: its fibre or sheet is zero or not "
            "finite, they are parallel, or two of its nodes coincide"
        )
        raise ValueError(msg)
    return out


def triangle_metric(
    nodes_mm: ArrayLike,
    triangles: ArrayLike,
    speed_mm_per_ms: ArrayLike,
    *,
    fibres: ArrayLike | None = None,
    across_mm_per_ms: ArrayLike | None = None,
) -> Floats:
    """Squared time that the wave takes along each edge of each triangle, by its own speeds.

    Without fibres the wave runs equally fast in all directions of the surface.

    Parameters
    ----------
    nodes_mm
        (n, 3)
    triangles
        (k, 3)
    speed_mm_per_ms
        (k,) or scalar. Along the fibres, if there are any.
    fibres
        (k, 3) Need not have unit length; only what lies in the plane of the triangle counts.
    across_mm_per_ms
        (k,) or scalar. Speed in the surface across the fibres; goes with `fibres`.

    Returns
    -------
    (k, 3) float64
        ms^2, for the edges 01 02 12.

    Raises
    ------
    ValueError
        When a shape is wrong, a speed is not positive, an edge has no length, or a fibre has no
        part in the plane of its triangle.

    Examples
    --------
    The fibres of an atrium, along which the wave is three times faster:

    >>> nodes_mm = [[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]
    >>> metric = triangle_metric(
    ...     nodes_mm, [[0, 1, 2]], 0.9, fibres=[[1.0, 0.0, 0.0]], across_mm_per_ms=0.3
    ... )
    >>> (metric**0.5).round(3).tolist()
    [[1.111, 3.333, 3.514]]
    """
    nodes_mm = node_array(nodes_mm)
    triangles = element_array(triangles, 3, len(nodes_mm), "triangles")
    edges_mm = nodes_mm[triangles[:, [1, 2, 2]]] - nodes_mm[triangles[:, [0, 0, 1]]]
    out = np.einsum("kei,kei->ke", edges_mm, edges_mm)
    if not (out > 0).all():
        first = np.flatnonzero(~(out > 0).all(axis=1))[0]
        msg = f"triangle {first} has two nodes at the same place"
        raise ValueError(msg)
    if (fibres is None) != (across_mm_per_ms is None):
        msg = "fibres and across_mm_per_ms go together; give both or neither"
        raise ValueError(msg)
    along = _speeds(speed_mm_per_ms, len(triangles), "speed_mm_per_ms")
    if fibres is None:
        return out / along**2
    across = _speeds(across_mm_per_ms, len(triangles), "across_mm_per_ms")
    in_plane = _in_plane(float_array(fibres, (len(triangles), 3), "fibres"), edges_mm)
    on_fibre = np.einsum("kei,ki->ke", edges_mm, in_plane) ** 2
    return on_fibre / along**2 + (out - on_fibre) / across**2


def _speeds(speeds: ArrayLike | None, k: int, name: str) -> Floats:
    """(k, 1) or (1, 1) Speeds."""
    given = np.asarray(speeds, np.float64)
    return positive(float_array(given, (k,) * given.ndim, name), name).reshape(-1, 1)


def _in_plane(fibres: Floats, edges_mm: Floats) -> Floats:
    """(k, 3) Unit directions of the fibres in the planes of their triangles."""
    first, second = edges_mm[:, 0], edges_mm[:, 1]
    normals = np.cross(first, second)
    size = np.linalg.norm(normals, axis=1, keepdims=True)
    flat = size[:, 0] <= 1e-12 * np.einsum("ki,ki->k", first, first)
    if flat.any():  # its edges alone carry the wave, in whatever direction the fibre has
        size[flat] = 1
    normals /= size
    inside = fibres - normals * np.einsum("ki,ki->k", fibres, normals)[:, None]
    length = np.linalg.norm(inside, axis=1, keepdims=True)
    bad = ~(length[:, 0] > 1e-6 * np.linalg.norm(fibres, axis=1))
    if bad.any():
        first_bad = np.flatnonzero(bad)[0]
        msg = f"the fibre of triangle {first_bad}, {fibres[first_bad]}, has no part in its plane"
        raise ValueError(msg)
    return inside / length


def ball_sources(
    nodes_mm: ArrayLike,
    centre_mm: ArrayLike,
    radius_mm: float,
    *,
    speeds_mm_per_ms: ArrayLike,
    fibre: ArrayLike = (1.0, 0.0, 0.0),
    sheet: ArrayLike = (0.0, 1.0, 0.0),
) -> tuple[NDArray[np.int64], Floats]:
    """Nodes around a point source, with the times of the closed form of uniform tissue.

    Linear elements err most where the front is most curved, next to the source. Exact times
    in a small ball remove that part: at 1 mm the mean error falls from 5 to 3 %.

    Parameters
    ----------
    nodes_mm
        (n, 3)
    centre_mm
        (3,) The source; need not be a node.
    radius_mm
        Small against the distance over which fibres turn; 3 mm is usual.
    speeds_mm_per_ms
        (3,) Along fibre, sheet and normal; or one speed for all directions.
    fibre, sheet
        (3,) Directions at the source.

    Returns
    -------
    sources : (s,) int64
        Nodes in the ball.
    times_ms : (s,) float64
        After the source.

    Raises
    ------
    ValueError
        When the ball holds no node, a speed is not positive, or fibre and sheet are parallel.
    """
    nodes_mm = node_array(nodes_mm)
    from_centre_mm = nodes_mm - float_array(centre_mm, (3,), "centre_mm")
    sources = np.flatnonzero(np.linalg.norm(from_centre_mm, axis=1) <= radius_mm)
    if sources.size == 0:
        place = place_of(np.asarray(centre_mm, np.float64))
        msg = f"no node lies within {radius_mm} mm of {place}; take a larger radius_mm"
        raise ValueError(msg)
    speeds = positive(np.asarray(speeds_mm_per_ms, np.float64), "speeds_mm_per_ms")
    speeds = np.broadcast_to(float_array(speeds, (3,) * speeds.ndim, "speeds_mm_per_ms"), 3)
    along = from_centre_mm[sources] @ _axes(fibre, sheet)
    return sources, np.linalg.norm(along / speeds, axis=1)


def _axes(fibre: ArrayLike, sheet: ArrayLike) -> Floats:
    """(3, 3) Unit fibre, sheet and normal as columns."""
    f = float_array(fibre, (3,), "fibre")
    s = float_array(sheet, (3,), "sheet")
    f = f / np.linalg.norm(f)
    s = s - f * (f @ s)
    if not np.linalg.norm(s) > 0:
        msg = f"fibre {fibre!r} and sheet {sheet!r} must be two different directions"
        raise ValueError(msg)
    s = s / np.linalg.norm(s)
    return np.column_stack([f, s, np.cross(f, s)])
