"""The nearest place on triangles or segments, exactly, for many points."""

import numpy as np
from numpy.typing import NDArray

from .kernels.closest import build_tree, closest_weights, find_closest


class Tree:
    """Triangles in nested boxes, to find the one nearest to a point.

    Parameters
    ----------
    nodes_mm, triangles
        (n, 3) and (k, 3). A triangle may be a segment, with one node twice.
    """

    def __init__(self, nodes_mm: NDArray[np.float64], triangles: NDArray[np.int32]) -> None:
        k = len(triangles)
        self.corners_mm = np.ascontiguousarray(nodes_mm[triangles], np.float64)
        order, spans = np.arange(k), np.empty((2 * k + 1, 3), np.int64)
        boxes_mm = np.empty((2 * k + 1, 2, 3))
        size = build_tree(self.corners_mm, order, boxes_mm, spans)
        self._boxes = order, boxes_mm[:size], spans[:size]

    def nearest(
        self, points_mm: NDArray[np.float64], *, limit_mm: float = np.inf
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """(p,) Nearest triangle and its distance; -1 and the limit where none is nearer.

        Examples
        --------
        >>> tree = Tree(np.eye(3), np.array([[0, 1, 2]], np.int32))
        >>> triangle, gap_mm = tree.nearest(np.ones((1, 3)))
        >>> triangle, gap_mm.round(3)
        (array([0]), array([1.155]))
        """
        points_mm = np.ascontiguousarray(points_mm, np.float64)
        triangle, gaps_mm = np.empty(len(points_mm), np.int64), np.empty(len(points_mm))
        if not len(self.corners_mm):
            return np.full_like(triangle, -1), np.full_like(gaps_mm, limit_mm)
        find_closest(points_mm, self.corners_mm, *self._boxes, limit_mm, triangle, gaps_mm)
        return triangle, gaps_mm

    def closest(
        self, points_mm: NDArray[np.float64]
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """(p,) Nearest triangle and (p, 3) the weights of its corners at the nearest point."""
        points_mm = np.ascontiguousarray(points_mm, np.float64)
        triangle, _ = self.nearest(points_mm)
        weights = np.empty((len(points_mm), 3))
        closest_weights(points_mm, self.corners_mm, triangle, weights)
        return triangle, weights

    def closest_points_mm(self, points_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        """(p, 3) Nearest point on the triangles to each of (p, 3)."""
        triangle, weights = self.closest(points_mm)
        return np.einsum("pc,pcd->pd", weights, self.corners_mm[triangle])
