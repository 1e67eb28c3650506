"""Distance to a labelled surface, and the thickening of its thin places."""

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .kernels.stuffing import count_turns
from .surface import BASE, LabelledSurface, as_polydata, gaps_to_triangles_mm, normals_mm2


class Columns(NamedTuple):
    """Triangles by the square columns along z that they may cross."""

    x_mm: float
    y_mm: float
    edge_mm: float
    counts: tuple[int, int]
    start: NDArray[np.int64]  # (columns + 1,) int64, where each column's members begin
    members: NDArray[np.int64]  # int64


def surface_distance(
    surface: LabelledSurface, *, cell_mm: float
) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    """Signed distance to a closed outward surface, negative inside, as a function of points.

    Exact near the surface. Points in a cube of edge `cell_mm` that the surface does not reach get
    a lower bound of the right sign, from the middle of the cube, which saves most of the work.
    The sign is that of the winding number, so a surface that crosses itself encloses its union.
    """
    import pyvista

    mesh = as_polydata(surface.nodes_mm, surface.triangles)
    columns = _columns(surface, cell_mm)

    def exact(points_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        turns = np.empty(len(points_mm), np.int64)
        count_turns(points_mm, surface.nodes_mm, surface.triangles, columns, turns)
        cloud = pyvista.PolyData(points_mm).compute_implicit_distance(mesh)
        size = np.abs(cloud["implicit_distance"])
        return np.where(turns > 0, -size, size)

    def distance(points_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        cells, owner = np.unique(np.floor(points_mm / cell_mm), axis=0, return_inverse=True)
        middles_mm = (cells + 0.5) * cell_mm
        far = exact(middles_mm)[owner]
        gap = np.abs(far) - np.linalg.norm(points_mm - middles_mm[owner], axis=1)
        near = np.abs(far) <= cell_mm * np.sqrt(0.75)
        values = np.copysign(gap, far)
        if near.any():
            values[near] = exact(points_mm[near])
        return values

    return distance


def _columns(surface: LabelledSurface, edge_mm: float) -> Columns:
    """Triangles by the square columns along z that their bounding boxes overlap."""
    corners = surface.nodes_mm[surface.triangles][:, :, :2]
    origin = corners.min(axis=(0, 1))
    low = np.floor((corners.min(axis=1) - origin) / edge_mm).astype(np.int64)
    span = np.floor((corners.max(axis=1) - origin) / edge_mm).astype(np.int64) - low + 1
    counts = (low + span).max(axis=0)
    triangle = np.repeat(np.arange(len(corners)), span.prod(axis=1))
    rank = np.arange(len(triangle)) - np.repeat(
        span.prod(axis=1).cumsum() - span.prod(axis=1), span.prod(axis=1)
    )
    i, j = low[triangle].T + np.stack(np.divmod(rank, span[triangle, 1]))
    column = i * counts[1] + j
    start = np.searchsorted(np.sort(column), np.arange(counts.prod() + 1))
    members = triangle[np.argsort(column, kind="stable")]
    return Columns(
        float(origin[0]),
        float(origin[1]),
        edge_mm,
        (int(counts[0]), int(counts[1])),
        start,
        members,
    )


def thicken(surface: LabelledSurface, min_wall_mm: float) -> LabelledSurface:
    """The surface with both sides of each thin place moved apart to `min_wall_mm`.

    Each endocardial or epicardial node that has another of these surfaces nearer than
    `min_wall_mm` moves outward by half of what is missing. The base stays in its plane.
    """
    normals = np.zeros_like(surface.nodes_mm)
    gaps_mm = np.full(len(normals), np.inf)
    for label in range(BASE):
        own = surface.triangles[surface.labels == label]
        others = surface.triangles[(surface.labels != label) & (surface.labels != BASE)]
        if not len(own) or not len(others):
            continue
        nodes = np.unique(own)
        normal = normals_mm2(surface.nodes_mm, own)
        for corner in range(3):
            np.add.at(normals, own[:, corner], normal)
        gaps_mm[nodes] = gaps_to_triangles_mm(surface.nodes_mm[nodes], surface.nodes_mm, others)
    move_mm = np.maximum(min_wall_mm - gaps_mm, 0) / 2
    lengths = np.linalg.norm(normals, axis=1)
    unit = normals / np.where(lengths > 0, lengths, 1)[:, None]
    return replace(surface, nodes_mm=surface.nodes_mm + move_mm[:, None] * unit)
