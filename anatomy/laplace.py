"""Harmonic fields on tetrahedra: P1 finite elements, solved by conjugate gradients."""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, diags_array
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import cg
from threadpoolctl import threadpool_limits

from .heart import place_of, tet_volumes

#: Relative residual of a solve; the discretisation error is a thousand times larger.
TOLERANCE = 1e-8


class Laplacian:
    """The Laplace operator of one mesh, assembled once and solved for many boundary values."""

    def __init__(self, nodes_mm: NDArray[np.float64], tets: NDArray[np.int32]) -> None:
        self.nodes_mm = nodes_mm
        self.tets = tets

    @cached_property
    def shape_gradients(self) -> NDArray[np.float64]:
        """(m, 4, 3) Gradient of the hat function of each node of each tet, in 1/mm."""
        edges = self.nodes_mm[self.tets[:, 1:]] - self.nodes_mm[self.tets[:, :1]]
        inner = np.linalg.inv(edges).transpose(0, 2, 1)
        return np.concatenate([-inner.sum(axis=1, keepdims=True), inner], axis=1)

    @cached_property
    def stiffness(self) -> csr_array:
        """(n, n) Integral of grad u . grad v."""
        g = self.shape_gradients
        local = np.einsum("mik,mjk,m->mij", g, g, tet_volumes(self.nodes_mm, self.tets))
        rows = np.repeat(self.tets, 4, axis=1).ravel()
        columns = np.tile(self.tets, (1, 4)).ravel()
        n = len(self.nodes_mm)
        return csr_array((local.ravel(), (rows, columns)), shape=(n, n))

    @cached_property
    def node_volumes_mm3(self) -> NDArray[np.float64]:
        """(n,) A quarter of the volume of every tetrahedron around each node."""
        share = np.repeat(tet_volumes(self.nodes_mm, self.tets) / 4, 4)
        return np.bincount(self.tets.ravel(), share, len(self.nodes_mm)).astype(np.float64)

    @cached_property
    def pieces(self) -> NDArray[np.int32]:
        """(n,) Number of the connected piece of the mesh that each node belongs to."""
        return connected_components(self.stiffness, directed=False)[1]

    def solve(self, fixed: NDArray[np.int64], values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Harmonic field with given values at some nodes and no flux through the rest of the wall.

        Parameters
        ----------
        fixed
            (b,) Nodes whose value is given; a node may stand here once.
        values
            (b,) Their values.

        Returns
        -------
        (n,) float64
            The field; it stays between the smallest and the largest given value.

        Raises
        ------
        ValueError
            When a piece of the mesh has no node whose value is given, or conjugate gradients
            do not converge.
        """
        loose = np.flatnonzero(~np.isin(self.pieces, self.pieces[fixed]))
        if loose.size:
            place = place_of(self.nodes_mm[loose[0]])
            msg = (
                f"{loose.size} nodes lie in a piece of the mesh that touches no labelled surface, "
                f"the first at {place}; keep the largest piece only"
            )
            raise ValueError(msg)
        field = np.full(len(self.nodes_mm), float(np.mean(values)))
        field[fixed] = values
        free = np.ones(len(field), bool)
        free[fixed] = False
        if not free.any():
            return field
        inside = self.stiffness[free][:, free]
        load = -(self.stiffness[free][:, fixed] @ values)
        field[free] = conjugate_gradients(inside, load, field[free])
        return np.clip(field, values.min(), values.max())

    def gradient(self, field: NDArray[np.float64]) -> NDArray[np.float64]:
        """(m, 3) Gradient of a nodal field in each tetrahedron, per mm."""
        return np.einsum("mik,mi->mk", self.shape_gradients, field[self.tets])


def conjugate_gradients(
    matrix: csr_array, load: NDArray[np.float64], start: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(n,) Solution of a sparse, symmetric, positive definite system to `TOLERANCE`.

    On one thread: for vectors of this size two of them wait for each other more than they work,
    badly so on a busy machine.

    Raises
    ------
    ValueError
        When it does not converge.
    """
    inverse_diagonal = diags_array(1.0 / matrix.diagonal())
    with threadpool_limits(1, "blas"):
        solution, failed = cg(matrix, load, start, rtol=TOLERANCE, maxiter=5000, M=inverse_diagonal)
    if failed:
        msg = "a harmonic field did not converge: the mesh has tets that are nearly flat"
        raise ValueError(msg)
    return solution
