"""Where boundary nodes belong: on a surface and its creases, or on the zero of a distance."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .nearest import Tree
from .surface import BASE, LabelledSurface, normals_mm2
from .topology import crease_edges


class Places(NamedTuple):
    """Where k boundary nodes belong, and where they may go without leaving the surface."""

    places_mm: NDArray[np.float64]  # (k, 3) nearest points on the surface or crease
    axes: NDArray[np.float64]  # (k, 3) the normal there, on a crease the tangent
    freedoms: NDArray[np.int8]  # (k,) 2 across the normal, 1 along the crease, 0 nowhere


#: From numbers (k,) and places (k, 3) of boundary nodes.
Guide = Callable[[NDArray[np.int64], NDArray[np.float64]], Places]


class SurfaceGuide:
    """The nearest point of a labelled surface; for some nodes, of the rim of its base.

    Parameters
    ----------
    surface
        Closed and outward.
    is_rim
        (n,) which nodes of the mesh belong on the edges between base and other labels.
    """

    def __init__(self, surface: LabelledSurface, is_rim: NDArray[np.bool_]) -> None:
        self.is_rim = is_rim
        edges = crease_edges(surface.triangles, surface.labels == BASE)
        self._nodes_mm = surface.nodes_mm
        self._sheets = surface.triangles
        self._segments = edges[:, [0, 1, 1]]
        self._trees = Tree(surface.nodes_mm, self._sheets), Tree(surface.nodes_mm, self._segments)
        self._normals = _unit(normals_mm2(surface.nodes_mm, surface.triangles))
        self._tangents = _unit(np.diff(surface.nodes_mm[edges], axis=1)[:, 0])

    def __call__(self, nodes: NDArray[np.int64], points_mm: NDArray[np.float64]) -> Places:
        """Where boundary nodes (k,), now at points (k, 3), belong."""
        triangle, places_mm = self._closest(0, points_mm)
        axes, freedoms = self._normals[triangle], np.full(len(nodes), 2, np.int8)
        rim = np.flatnonzero(self.is_rim[nodes])
        segment, places_mm[rim] = self._closest(1, points_mm[rim])
        axes[rim], freedoms[rim] = self._tangents[segment], 1
        return Places(places_mm, axes, freedoms)

    def carried_mm(
        self,
        nodes: NDArray[np.int64],
        points_mm: NDArray[np.float64],
        surface: LabelledSurface,
    ) -> NDArray[np.float64]:
        """(k, 3) Where these points of the surface lie on another of the same triangles."""
        _, places_mm = self._closest(0, points_mm, surface)
        rim = np.flatnonzero(self.is_rim[nodes])
        _, places_mm[rim] = self._closest(1, points_mm[rim], surface)
        return places_mm

    def _closest(
        self, tree: int, points_mm: NDArray[np.float64], surface: LabelledSurface | None = None
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """(k,) Nearest triangle, or segment, and (k, 3) the place on it, there or on `surface`."""
        found, weights = self._trees[tree].closest(points_mm)
        nodes_mm = self._nodes_mm if surface is None else surface.nodes_mm
        corners_mm = nodes_mm[(self._sheets, self._segments)[tree][found]]
        return found, np.einsum("kc,kcd->kd", weights, corners_mm)


class DistanceGuide:
    """The zero of a distance along its gradient: two steps of Newton, where they come nearer.

    Parameters
    ----------
    distance
        Signed distance of points (k, 3), negative inside; `stuffing.Distance`.
    edge_mm
        No step is longer than half of this, the edge of the tets.
    """

    def __init__(
        self, distance: Callable[[NDArray[np.float64]], NDArray[np.float64]], edge_mm: float
    ) -> None:
        self._distance = distance
        self._edge_mm = edge_mm

    def __call__(self, nodes: NDArray[np.int64], points_mm: NDArray[np.float64]) -> Places:
        """Where boundary nodes, now at points (k, 3), belong."""
        places_mm, values = points_mm.copy(), self._distance(points_mm)
        normals = np.zeros_like(points_mm)
        for _ in range(2):
            slope = self._gradient(places_mm)
            size = np.linalg.norm(slope, axis=1)
            normals = slope / np.where(size > 0, size, 1)[:, None]
            step_mm = values / np.where(size > 0, size, np.inf)
            step_mm = np.clip(step_mm, -self._edge_mm / 2, self._edge_mm / 2)
            tried_mm = places_mm - step_mm[:, None] * normals
            tried = self._distance(tried_mm)
            nearer = np.abs(tried) < np.abs(values)
            places_mm[nearer], values[nearer] = tried_mm[nearer], tried[nearer]
        freedoms = np.where(np.linalg.norm(normals, axis=1) > 0, 2, 0).astype(np.int8)
        return Places(places_mm, normals, freedoms)

    def _gradient(self, points_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        """(k, 3) Central differences over a hundredth of the edge."""
        steps_mm = np.eye(3) * self._edge_mm / 100
        rise = [self._distance(points_mm + s) - self._distance(points_mm - s) for s in steps_mm]
        return np.stack(rise, axis=1) / (self._edge_mm / 50)


def stay(nodes: NDArray[np.int64], points_mm: NDArray[np.float64]) -> Places:
    """A `Guide` that leaves the boundary as it is."""
    return Places(points_mm, np.zeros_like(points_mm), np.zeros(len(nodes), np.int8))


def _unit(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    """(k, 3) Vectors of length 1; one of length 0, from a degenerate triangle, becomes x."""
    size = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.where(size > 0, vectors / np.where(size > 0, size, 1), [1.0, 0, 0])
