"""Move the boundary of a tetrahedral mesh, and carry its inside along without inverting a tet."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.linalg import splu

from .heart import check_mesh, place_of, tet_volumes
from .laplace import Laplacian
from .relax import Relaxation
from .topology import components

#: Every tet of a moved mesh has at least this scaled Jacobian, or half of the mesh's own worst.
LEAST_SCALED_JACOBIAN = 0.02
#: Tets below this multiple of the least, or worse than any before the move, are improved.
MARGIN = 3.0
#: Stiffness of a tet against its volume: a tet of half the volume is twice as stiff.
STIFFENING = 1.0
#: Increments tried in turn, each with the stiffness of the mesh that it starts from.
INCREMENTS = (1, 5)
#: How far a boundary node may end from its target to save a tet; a quarter of the error that
#: a fit to cine-MRI has (1.05 mm on patient 1 of biv-me).
SLACK_MM = 0.25


def morph_nodes(
    nodes_mm: NDArray[np.float64],
    tets: NDArray[np.int32],
    boundary_nodes: NDArray[np.integer],
    targets_mm: NDArray[np.float64],
    *,
    slack_mm: float = SLACK_MM,
) -> NDArray[np.float64]:
    """Nodes of the mesh after its boundary has moved, every tet still positive.

    For many targets of one mesh, make a `Morph` once and call its `move`.

    Parameters
    ----------
    nodes_mm
        (n, 3) nodes.
    tets
        (m, 4) positive tetrahedra.
    boundary_nodes
        (b,) numbers of the nodes whose place is given; every piece of the mesh needs one.
    targets_mm
        (b, 3) where they go.
    slack_mm
        How far a boundary node may end from its target where a tet would be flat otherwise.

    Returns
    -------
    nodes_mm : (n, 3) float64

    Raises
    ------
    ValueError
        When the mesh or the targets are broken, or no arrangement without a flat tet is found;
        the message names the place.

    Examples
    --------
    >>> from cardiotwin.anatomy.shapes import box
    >>> nodes_mm, tets = box((4, 4, 4), 15.0)
    >>> edge = np.flatnonzero(((nodes_mm == 0) | (nodes_mm == 60)).any(axis=1))
    >>> print(morph_nodes(nodes_mm, tets, edge, 1.5 * nodes_mm[edge]).max().round(6))
    90.0
    """
    return Morph(nodes_mm, tets, boundary_nodes).move(targets_mm, slack_mm=slack_mm)


class Morph:
    """The way one mesh follows its boundary: assembled and factorised once, applied many times.

    The affine map nearest to the boundary's movement is taken by all nodes, so turning, shifting
    and stretching are exact. What remains of the movement spreads inward as a harmonic field whose
    conductivity falls with the volume of the tets, which keeps small tets stiff (Masud and Hughes
    1997). Tets that come out poor are improved by moving their nodes, the inner ones first.
    """

    def __init__(
        self,
        nodes_mm: NDArray[np.float64],
        tets: NDArray[np.int32],
        boundary_nodes: NDArray[np.integer],
        *,
        name: str = "mesh",
    ) -> None:
        check_mesh(nodes_mm, tets, name)
        self.name, self.nodes_mm, self.tets = name, nodes_mm, tets
        self.boundary_nodes = _check_boundary(boundary_nodes, len(nodes_mm), name)
        self._relaxation = Relaxation(tets, self.boundary_nodes)
        worst = self._worst(nodes_mm)
        self.least = min(LEAST_SCALED_JACOBIAN, 0.5 * worst)
        self._goal = min(MARGIN * LEAST_SCALED_JACOBIAN, worst)
        _check_pieces(nodes_mm, tets, self.boundary_nodes, name)
        self._spread = _Spread(nodes_mm, tets, self.boundary_nodes)
        self._fit = np.linalg.pinv(self._centred(nodes_mm[self.boundary_nodes]))

    def move(
        self,
        targets_mm: NDArray[np.float64],
        *,
        slack_mm: float = SLACK_MM,
        name: str | None = None,
    ) -> NDArray[np.float64]:
        """(n, 3) Nodes once the boundary is at `targets_mm` (b, 3); see `morph_nodes`.

        `name` is that of the targets, for messages.
        """
        name = name or self.name
        targets_mm = np.asarray(targets_mm, np.float64)
        self._check_targets(targets_mm, name)
        start_mm = self._affine(targets_mm, name)
        for increments in INCREMENTS:
            nodes_mm = self._walk(start_mm, targets_mm, increments, slack_mm)
            if self._worst(nodes_mm) >= self.least:
                return nodes_mm
        shape = self._relaxation.shape(nodes_mm)
        place = place_of(nodes_mm[self.tets[shape.argmin()]].mean(axis=0))
        msg = (
            f"{name}: {(shape < self.least).sum()} tets stay flat or inverted when the boundary "
            f"moves there, the worst at {place}; the surface crosses itself or folds: smooth "
            "it, or mesh it anew with tetrahedralise"
        )
        raise ValueError(msg)

    def _worst(self, nodes_mm: NDArray[np.float64]) -> float:
        return float(self._relaxation.shape(nodes_mm).min())

    def _walk(
        self,
        start_mm: NDArray[np.float64],
        targets_mm: NDArray[np.float64],
        increments: int,
        slack_mm: float,
    ) -> NDArray[np.float64]:
        """Nodes after the boundary went straight to its targets in equal steps."""
        nodes_mm = start_mm
        spread = self._spread
        for step in range(increments):
            if step:
                spread = _Spread(nodes_mm, self.tets, self.boundary_nodes)
            rest_mm = (targets_mm - nodes_mm[self.boundary_nodes]) / (increments - step)
            nodes_mm = nodes_mm + spread(rest_mm)
            nodes_mm = self._relaxation.improve(nodes_mm, self._goal, slack_mm=slack_mm)
            if step + 1 < increments and self._worst(nodes_mm) <= 0:
                break
        return nodes_mm

    def _centred(self, points_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        return points_mm - self.nodes_mm[self.boundary_nodes].mean(axis=0)

    def linear_part(self, targets_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        """(3, 3) Linear part of the affine map nearest to the movement, for rows times matrix."""
        moves_mm = targets_mm - self.nodes_mm[self.boundary_nodes]
        return np.eye(3) + self._fit @ moves_mm

    def _affine(self, targets_mm: NDArray[np.float64], name: str) -> NDArray[np.float64]:
        """Nodes after the affine map nearest to the movement of the boundary."""
        linear = self.linear_part(targets_mm)
        if np.linalg.det(linear) <= 0:
            msg = f"{name}: the targets are a mirror image of the boundary; check their axes"
            raise ValueError(msg)
        return self._centred(self.nodes_mm) @ linear + targets_mm.mean(axis=0)

    def _check_targets(self, targets_mm: NDArray[np.float64], name: str) -> None:
        shape = (len(self.boundary_nodes), 3)
        if targets_mm.shape != shape:
            msg = f"{name}: targets_mm must have shape {shape}, got {targets_mm.shape}"
            raise ValueError(msg)
        bad = np.flatnonzero(~np.isfinite(targets_mm).all(axis=1))
        if bad.size:
            msg = f"{name}: {bad.size} targets are not finite, the first is number {bad[0]}"
            raise ValueError(msg)


class _Spread:
    """The stiffened harmonic operator of one mesh: displacement of the boundary, then of all."""

    def __init__(
        self,
        nodes_mm: NDArray[np.float64],
        tets: NDArray[np.int32],
        boundary_nodes: NDArray[np.int64],
    ) -> None:
        inner = np.ones(len(nodes_mm), bool)
        inner[boundary_nodes] = False
        self.inner, self.boundary = np.flatnonzero(inner), boundary_nodes
        if not len(self.inner):
            return
        stiffness = _stiffness(nodes_mm, tets)[self.inner]
        self.coupling = stiffness[:, boundary_nodes]
        self.solver = splu(
            stiffness[:, self.inner].tocsc(),
            permc_spec="MMD_AT_PLUS_A",
            diag_pivot_thresh=0.0,
            options={"SymmetricMode": True},
        )

    def __call__(self, moves_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n, 3) Displacement of every node for that of the boundary, (b, 3)."""
        out = np.empty((len(self.inner) + len(self.boundary), 3))
        out[self.boundary] = moves_mm
        if len(self.inner):
            out[self.inner] = self.solver.solve(-(self.coupling @ moves_mm))
        return out


def _stiffness(nodes_mm: NDArray[np.float64], tets: NDArray[np.int32]) -> csr_array:
    """(n, n) Integral of k grad u . grad v with k = (volume / mean volume) ** -STIFFENING."""
    volume = tet_volumes(nodes_mm, tets)
    gradients = Laplacian(nodes_mm, tets).shape_gradients
    weight = volume * (volume / volume.mean()) ** -STIFFENING
    local = np.einsum("mik,mjk,m->mij", gradients, gradients, weight)
    rows, columns = np.repeat(tets, 4, axis=1).ravel(), np.tile(tets, (1, 4)).ravel()
    return csr_array((local.ravel(), (rows, columns)), shape=(len(nodes_mm),) * 2)


def _check_boundary(nodes: NDArray[np.integer], n: int, name: str) -> NDArray[np.int64]:
    nodes = np.asarray(nodes)
    if nodes.ndim != 1 or not len(nodes) or not np.issubdtype(nodes.dtype, np.integer):
        msg = f"{name}: boundary_nodes must be numbers of nodes in shape (b,), got {nodes.shape}"
        raise ValueError(msg)
    if nodes.min() < 0 or nodes.max() >= n:
        msg = f"{name}: boundary_nodes must lie in 0 to {n - 1}, got {nodes.min()} to {nodes.max()}"
        raise ValueError(msg)
    if len(np.unique(nodes)) != len(nodes):
        msg = f"{name}: boundary_nodes names a node twice; give each node once"
        raise ValueError(msg)
    return nodes.astype(np.int64)


def _check_pieces(
    nodes_mm: NDArray[np.float64],
    tets: NDArray[np.int32],
    boundary_nodes: NDArray[np.int64],
    name: str,
) -> None:
    linked = tets.astype(np.int64)
    piece = components(np.repeat(linked[:, 0], 3), linked[:, 1:].ravel(), len(nodes_mm))
    loose = np.flatnonzero(~np.isin(piece, piece[boundary_nodes]))
    if loose.size:
        place = place_of(nodes_mm[loose[0]])
        msg = (
            f"{name}: {loose.size} nodes lie in a piece that has no boundary node, the first at "
            f"{place}; keep the largest piece only"
        )
        raise ValueError(msg)
