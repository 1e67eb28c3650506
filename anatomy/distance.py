"""The signed distance to a surface, and what thickens thin walls."""

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .kernels.stuffing import count_turns
from .nearest import Tree
from .surface import BASE, LabelledSurface, normals_mm2


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

    Exact up to `cell_mm` from the surface, and that length beyond, which saves most of the work.
    The sign is that of the winding number, so a surface that crosses itself encloses its union.
    """
    tree = Tree(surface.nodes_mm, surface.triangles)
    columns = _columns(surface, cell_mm)

    def distance(points_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        turns = np.empty(len(points_mm), np.int64)
        count_turns(points_mm, surface.nodes_mm, surface.triangles, columns, turns)
        _, gaps_mm = tree.nearest(points_mm, limit_mm=cell_mm)
        return np.where(turns > 0, -gaps_mm, gaps_mm)

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


class Walls(NamedTuple):
    """How thick the wall is at each node of a surface, and where outward is."""

    gaps_mm: NDArray[np.float64]  # (n,) to the other side; inf on the base alone
    outward: NDArray[np.float64]  # (n, 3) unit normals of the walls, the base left out


def wall_gaps(surface: LabelledSurface) -> Walls:
    """Distance of each endocardial or epicardial node from another of these surfaces."""
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
        _, gaps_mm[nodes] = Tree(surface.nodes_mm, others).nearest(surface.nodes_mm[nodes])
    lengths = np.linalg.norm(normals, axis=1)
    return Walls(gaps_mm, normals / np.where(lengths > 0, lengths, 1)[:, None])


def thicken(
    surface: LabelledSurface, min_wall_mm: float, walls: Walls | None = None
) -> LabelledSurface:
    """The surface with both sides of each thin place moved apart to `min_wall_mm`.

    Each endocardial or epicardial node that has another of these surfaces nearer than
    `min_wall_mm` moves outward by half of what is missing. The base stays in its plane.
    `walls` are the `wall_gaps` of the surface, which are found when they are not given.
    """
    walls = wall_gaps(surface) if walls is None else walls
    move_mm = np.maximum(min_wall_mm - walls.gaps_mm, 0) / 2
    return replace(surface, nodes_mm=surface.nodes_mm + move_mm[:, None] * walls.outward)
