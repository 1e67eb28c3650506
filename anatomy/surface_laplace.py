"""Harmonic fields on triangles in space: P1 finite elements (the cotangent Laplacian)."""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from .laplace import conjugate_gradients


class SurfaceLaplacian:
    """The Laplace operator of one triangulated surface, solved for many boundary values."""

    def __init__(self, nodes_mm: NDArray[np.float64], triangles: NDArray[np.int32]) -> None:
        self.nodes_mm = nodes_mm
        self.triangles = triangles

    @cached_property
    def shape_gradients(self) -> NDArray[np.float64]:
        """(k, 3, 3) Gradient of the hat function of each node of each triangle, in 1/mm.

        It is as long as one over the height, and points from the opposite side to the node.
        """
        corners = self.nodes_mm[self.triangles]
        opposite = np.roll(corners, -2, axis=1) - np.roll(corners, -1, axis=1)
        normal = np.cross(opposite[:, 0], opposite[:, 1])
        return (
            np.cross(normal[:, None], opposite)
            / np.einsum("ki,ki->k", normal, normal)[:, None, None]
        )

    @cached_property
    def stiffness(self) -> csr_array:
        """(n, n) Integral of grad u . grad v."""
        edges = self.nodes_mm[self.triangles[:, 1:]] - self.nodes_mm[self.triangles[:, :1]]
        area = np.linalg.norm(np.cross(edges[:, 0], edges[:, 1]), axis=1) / 2
        local = np.einsum("kia,kja,k->kij", self.shape_gradients, self.shape_gradients, area)
        rows, columns = np.repeat(self.triangles, 3, axis=1), np.tile(self.triangles, (1, 3))
        n = len(self.nodes_mm)
        return csr_array((local.ravel(), (rows.ravel(), columns.ravel())), shape=(n, n))

    def solve(self, given: dict[float, NDArray[np.integer]]) -> NDArray[np.float64]:
        """(n,) Harmonic field, without flux through the openings where it is not given.

        Parameters
        ----------
        given
            The nodes that have each value. The surface is one piece.

        Raises
        ------
        ValueError
            When conjugate gradients do not converge.

        Examples
        --------
        >>> corners_mm = [[0.0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0], [2, 0, 0], [2, 1, 0]]
        >>> strip = np.array([[0, 1, 2], [0, 2, 3], [1, 4, 5], [1, 5, 2]])
        >>> laplacian = SurfaceLaplacian(np.array(corners_mm), strip)
        >>> field = laplacian.solve({0: np.array([0, 3]), 1: np.array([4, 5])})
        >>> field.round(3)
        array([0. , 0.5, 0.5, 0. , 1. , 1. ])
        """
        field = np.full(len(self.nodes_mm), np.nan)
        for value, nodes in given.items():
            field[nodes] = value
        free = np.isnan(field)
        matrix = self.stiffness[free]
        load = -(matrix[:, ~free] @ field[~free])
        start = np.full(int(free.sum()), field[~free].mean())
        field[free] = conjugate_gradients(matrix[:, free], load, start)
        return field

    def gradient(self, field: NDArray[np.float64]) -> NDArray[np.float64]:
        """(k, 3) Gradient of a nodal field in each triangle, in its plane, per mm."""
        return np.einsum("kia,ki->ka", self.shape_gradients, field[self.triangles])
