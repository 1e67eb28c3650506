"""Electrotonic coupling: how muscle evens out what its cells would do each on their own."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, diags_array
from scipy.sparse.linalg import cg
from threadpoolctl import threadpool_limits

from ..anatomy import Heart, Laplacian
from .params import Conductivities

#: Along the fibre coupling evens out durations over sqrt(D t): D = 0.117 mm2/ms (Bueno-Orovio
#: 2008) while the membrane repolarises, t = 90 ms. Across it D is less by the conductivities.
ELECTROTONIC_LENGTH_MM = 3.2
#: Relative residual at which a smooth field is good enough: 0.01 ms.
TOLERANCE = 1e-4
#: Nodes of the edges of a tetrahedron.
_FROM, _TO = [0, 0, 0, 1, 1, 2], [1, 2, 3, 2, 3, 3]


@dataclass(frozen=True, eq=False)
class Coupling:
    """Coupling between the nodes of a heart; made by `electrotonic_coupling`.

    Attributes
    ----------
    n : int
        Number of nodes.
    tets : (m, 4) int32
    volumes_mm3 : (m,) float64
    edges : (q, 2) int64
        Nodes of every edge of the mesh.
    tet_edges : (m, 6) int64
        The edges of each tetrahedron.
    weights_mm3 : (m, 6) float64
        Minus the integral over the tetrahedron of grad u . L grad v, u and v the hat functions
        of the edge's nodes and L the tensor of squared lengths.
    """

    n: int
    tets: NDArray[np.int32]
    volumes_mm3: NDArray[np.float64]
    edges: NDArray[np.int64]
    tet_edges: NDArray[np.int64]
    weights_mm3: NDArray[np.float64]

    def smooth(
        self, field: NDArray[np.float64], core: NDArray[np.bool_] | None = None
    ) -> NDArray[np.float64]:
        """The field evened out: u - div(L grad u) = field, no flux through the surface.

        The volume integral stays what it was. A step in the field becomes exponentials of the
        electrotonic length on both sides.

        Parameters
        ----------
        field
            (n,)
        core
            (n,) Dead nodes; a tetrahedron with one couples nothing. Nodes in no living
            tetrahedron keep their value.

        Returns
        -------
        (n,) float64
        """
        mass, weights = self._mass, self._weights
        if core is not None:
            dead = np.asarray(core[self.tets].any(axis=1))
            mass = mass - self._mass_of(dead)
            mass = np.where(mass > 1e-9 * self._mass, mass, self._mass)
            weights = weights - self._weights_of(dead)
        a, b = self.edges.T
        diagonal = mass + np.bincount(a, weights, self.n) + np.bincount(b, weights, self.n)
        pattern = self._pattern
        values = np.concatenate([-weights, -weights, diagonal])[pattern.data]
        system = csr_array((values, pattern.indices, pattern.indptr), pattern.shape)
        with threadpool_limits(1, "blas"):  # as in anatomy.laplace
            smooth, _ = cg(system, mass * field, field, rtol=TOLERANCE, M=diags_array(1 / diagonal))
        return np.asarray(smooth)

    @cached_property
    def _mass(self) -> NDArray[np.float64]:
        return self._mass_of(slice(None))

    @cached_property
    def _weights(self) -> NDArray[np.float64]:
        return self._weights_of(slice(None))

    @cached_property
    def _pattern(self) -> csr_array:
        """Where the couplings there, back and of a node with itself stand in the matrix."""
        (a, b), nodes = self.edges.T, np.arange(self.n)
        rows, columns = np.concatenate([a, b, nodes]), np.concatenate([b, a, nodes])
        return csr_array((np.arange(len(rows)), (rows, columns)), (self.n, self.n))

    def _mass_of(self, which: NDArray[np.bool_] | slice) -> NDArray[np.float64]:
        """(n,) Volume of some tetrahedra around each node."""
        quarter = np.repeat(self.volumes_mm3[which] / 4, 4)
        return np.bincount(self.tets[which].ravel(), quarter, self.n).astype(np.float64)

    def _weights_of(self, which: NDArray[np.bool_] | slice) -> NDArray[np.float64]:
        """(q,) Coupling along each edge through some tetrahedra."""
        edges, weights = self.tet_edges[which].ravel(), self.weights_mm3[which].ravel()
        return np.bincount(edges, weights, len(self.edges)).astype(np.float64)


def electrotonic_coupling(heart: Heart, conductivities: Conductivities | None = None) -> Coupling:
    """Coupling of a heart's nodes, farther along the fibres than across.

    Parameters
    ----------
    heart
        The heart.
    conductivities
        Of the muscle: D along and across the fibre are to each other as its two spaces in
        series conduct, sigma_i sigma_e / (sigma_i + sigma_e).
    """
    along, across = (conductivities or Conductivities()).monodomain_s_per_m
    fibre_mm2 = ELECTROTONIC_LENGTH_MM**2
    cross_mm2 = fibre_mm2 * across / along
    gradients = Laplacian(heart.nodes_mm, heart.tets).shape_gradients
    slopes = np.einsum("mia,ma->mi", gradients, heart.fibres)
    u, v = gradients[:, _FROM], gradients[:, _TO]
    weights = cross_mm2 * np.einsum("mea,mea->me", u, v)
    weights += (fibre_mm2 - cross_mm2) * slopes[:, _FROM] * slopes[:, _TO]
    n, volumes = len(heart.nodes_mm), heart.tet_volumes_mm3
    ends = np.sort(heart.tets[:, [_FROM, _TO]].astype(np.int64), axis=1)
    edges, tet_edges = np.unique(ends[:, 0] * n + ends[:, 1], return_inverse=True)
    return Coupling(
        n,
        heart.tets,
        volumes,
        np.stack(np.divmod(edges, n), axis=1),
        tet_edges.reshape(-1, 6),
        -weights * volumes[:, None],
    )
