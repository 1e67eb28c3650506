"""What of a heart can be seen: its boundary, and the face of a cut."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray


class Solid(Protocol):
    """What can be drawn: a `Heart`, or anything else with its nodes, tetrahedra and surfaces."""

    @property
    def nodes_mm(self) -> NDArray[np.float64]:
        """(n, 3)."""

    @property
    def tets(self) -> NDArray[np.int32]:
        """(m, 4); none where there is nothing to cut open."""

    @property
    def surfaces(self) -> Mapping[str, NDArray[np.int32]]:
        """(k, 3) Triangles of each named surface."""


class Plane(NamedTuple):
    """A cut: what lies on the side of the normal is taken away."""

    point_mm: NDArray[np.float64]
    normal: NDArray[np.float64]

    def distance_mm(self, points_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        """(p,) Signed distance, positive where it is taken away."""
        return (points_mm - self.point_mm) @ self.normal


class Skin(NamedTuple):
    """Triangles with normals, each point on an edge between two nodes of the heart.

    Attributes
    ----------
    points_mm, normals : (p, 3)
    triangles : (k, 3)
    nodes : (p, 2), the two nodes
    share : (p,), share of the second node
    cut_mm : (p,), positive where the plane of the view takes it away
    """

    points_mm: NDArray[np.float64]
    normals: NDArray[np.float64]
    triangles: NDArray[np.int64]
    nodes: NDArray[np.int64]
    share: NDArray[np.float64]
    cut_mm: NDArray[np.float64]

    def carry(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """(p, ...) Values given at the nodes of the heart, (n, ...), at the points of the skin."""
        share = self.share.reshape(-1, *([1] * (values.ndim - 1)))
        return (1 - share) * values[self.nodes[:, 0]] + share * values[self.nodes[:, 1]]


def cut_open(heart: Solid, plane: Plane | None) -> Skin:
    """Boundary of the heart and, when a plane is given, the wall where it is cut.

    Parameters
    ----------
    heart : its `surfaces` are drawn, with an edge where two of them meet
    plane : None for the whole heart
    """
    parts = [_boundary(heart, triangles) for triangles in heart.surfaces.values()]
    if plane is not None:
        parts = [p._replace(cut_mm=plane.distance_mm(p.points_mm)) for p in parts]
        parts.append(_section(heart, plane))
    starts = np.cumsum([0] + [len(p.points_mm) for p in parts])
    shifted = [p.triangles + start for p, start in zip(parts, starts, strict=False)]
    joined = [np.concatenate(column) for column in zip(*parts, strict=True)]
    return Skin(*joined)._replace(triangles=np.concatenate(shifted))


def _boundary(heart: Solid, triangles: NDArray[np.int32]) -> Skin:
    """One named surface, its normals averaged over the triangles around each node."""
    nodes, local = np.unique(triangles, return_inverse=True)
    local = local.reshape(-1, 3)
    points = heart.nodes_mm[nodes]
    a, b, c = points[local].transpose(1, 0, 2)
    normals = np.zeros_like(points)
    np.add.at(normals, local, np.cross(b - a, c - a)[:, None, :])
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    zero = np.zeros(len(nodes))
    return Skin(points, normals, local, np.stack([nodes, nodes], axis=1), zero, zero)


def _section(heart: Solid, plane: Plane) -> Skin:
    """Where the plane meets the tetrahedra: one triangle or two for each."""
    distance = plane.distance_mm(heart.nodes_mm)
    distance = np.where(distance == 0, 1e-9, distance)  # no node lies on the plane itself
    above = (distance[heart.tets] > 0).sum(axis=1)
    order = np.argsort(distance[heart.tets], axis=1)
    tets = np.take_along_axis(heart.tets, order, axis=1).astype(np.int64)  # lowest node first
    one, two, three = (tets[above == k] for k in (1, 2, 3))
    edges = np.concatenate(
        [
            one[:, [3, 0, 3, 1, 3, 2]],
            three[:, [0, 1, 0, 2, 0, 3]],
            two[:, [0, 2, 0, 3, 1, 3]],
            two[:, [0, 2, 1, 3, 1, 2]],
        ]
    ).reshape(-1, 2)
    first, second = distance[edges].T
    share = first / (first - second)
    ends = heart.nodes_mm[edges]
    points = (1 - share[:, None]) * ends[:, 0] + share[:, None] * ends[:, 1]
    normals = np.broadcast_to(plane.normal, points.shape)
    triangles = np.arange(len(points)).reshape(-1, 3)
    return Skin(points, normals, triangles, edges, share, np.full(len(points), -1.0))
