"""What the tissue solvers need of a mesh, whatever it is made of, and its largest stable step."""

from typing import Protocol

import numpy as np
from scipy.sparse import csr_array, diags_array
from scipy.sparse.linalg import eigsh

from .eikonal_checks import Floats

#: The largest eigenvalue is found to this share, and then taken as larger by as much.
EIGENVALUE_TOLERANCE = 0.01


class Operator(Protocol):
    """What a tissue solver needs of a mesh: `Diffusion` here, `GridDiffusion` for grids."""

    @property
    def n(self) -> int:
        """Number of nodes."""

    @property
    def nodes_mm(self) -> Floats:
        """(n, 3) Places."""

    @property
    def mass(self) -> Floats:
        """(n,) Muscle around each node, in mm3 or mm2; 0 where there is none."""

    @property
    def limit_ms(self) -> float:
        """Largest stable explicit step: 2 over the largest eigenvalue, or somewhat less."""

    def diffuse(self, v: Floats, dt_ms: float, out: Floats, first: int, last: int) -> None:
        """One explicit step: out = v + dt_ms div(D grad v) at nodes `first` to `last` - 1.

        v and out (n,) are not the same array; no lock is held, so that threads share the nodes.
        """

    def matrix(self) -> csr_array:
        """(n, n) L in dv/dt = L v, in 1/ms: rows add up to 0, mass times L is symmetric."""


def largest_rate(rates: csr_array, mass: Floats) -> float:
    """Bound on the largest eigenvalue of -rates, in 1/ms: a Ritz value plus its residual.

    Lanczos' method on the symmetric form, from below; never more than Gershgorin's bound.
    """
    gershgorin = float(abs(rates).sum(axis=1).max(initial=0))
    root = np.sqrt(mass)
    if rates.shape[0] < 20 or gershgorin == 0:
        return gershgorin
    safe = np.where(root > 0, root, 1)
    symmetric = csr_array(diags_array(-root) @ rates @ diags_array(1 / safe))
    start = np.random.default_rng(0).standard_normal(len(mass))
    value = eigsh(symmetric, k=1, which="LA", v0=start, tol=EIGENVALUE_TOLERANCE)[0][0]
    return min(gershgorin, float(value) * (1 + EIGENVALUE_TOLERANCE))
