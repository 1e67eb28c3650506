"""Diffusion on a structured grid: nodes at the corners of equal cells."""

from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array, eye_array, kron

from .diffusion import Diffusion, paired_rows
from .diffusion_checks import unit_vectors
from .eikonal_checks import Floats, float_array
from .kernels import grid as kernel

#: What neighbours 1, 2, ... steps off weigh in a second derivative (Fornberg 1988, table 1).
DERIVATIVES = {2: (1.0,), 4: (4 / 3, -1 / 12)}


@dataclass(frozen=True, eq=False)
class GridDiffusion:
    """Diffusion in a box that conducts along its axes, everywhere alike; see `grid_diffusion`.

    Attributes
    ----------
    shape : (3,) int
        Nodes along x, y and z; arrays over nodes are in C order, `v.reshape(shape)`.
    spacing_mm : (3,) float
    weights : (3, reach) float64
        What neighbours 1, 2, ... steps off along an axis weigh, in 1/ms.
    """

    shape: tuple[int, int, int]
    spacing_mm: tuple[float, float, float]
    weights: Floats

    @property
    def n(self) -> int:
        """Number of nodes."""
        return int(np.prod(self.shape))

    @property
    def nodes_mm(self) -> Floats:
        """(n, 3) Places, from the origin on."""
        return grid_nodes(self.shape, self.spacing_mm)

    @property
    def mass(self) -> Floats:
        """(n,) Volume around each node in mm3: half a cell less at a wall."""
        x, y, z = (_shares(n) * h for n, h in zip(self.shape, self.spacing_mm, strict=True))
        return (x[:, None, None] * y[:, None] * z).ravel()

    @property
    def limit_ms(self) -> float:
        """Largest stable explicit step in ms, exactly: where v alternates from node to node."""
        long_axes = np.array(self.shape) > 1
        return 2 / float(4 * self.weights[long_axes, ::2].sum())

    def diffuse(self, v: Floats, dt_ms: float, out: Floats, first: int, last: int) -> None:
        """One explicit step, see `Operator.diffuse`."""
        kernel.diffuse_box(v, self.shape, self.weights, dt_ms, out, first, last)

    def matrix(self) -> csr_array:
        """(n, n) Rates in 1/ms, see `Operator.matrix`."""
        x, y, z = (_along_axis(n, w) for n, w in zip(self.shape, self.weights, strict=True))
        one_x, one_y, one_z = (eye_array(n) for n in self.shape)
        along = kron(kron(x, one_y), one_z) + kron(kron(one_x, y), one_z)
        return csr_array(along + kron(kron(one_x, one_y), z))


def grid_diffusion(
    cells: tuple[int, int, int],
    spacing_mm: ArrayLike,
    fibre: ArrayLike,
    diffusivity_mm2_per_ms: ArrayLike,
    *,
    scale: ArrayLike | None = None,
    order: int = 2,
) -> GridDiffusion | Diffusion:
    """Diffusion in equal box-shaped cells: D = Dc I + (Df - Dc) f f', no flow through walls.

    Of second order: the gradient at each corner of a cell is that along the three edges that
    meet there, an eighth of the cell to each corner. With fibres along an axis that is the
    seven-point stencil of finite differences. Charge is conserved exactly, and no choice of
    fibres makes energy grow. A box with fibres along an axis needs no stored couplings and is
    the fast case, to which alone `order` 4 applies.

    Parameters
    ----------
    cells
        Cells along x, y and z; nodes are one more along each axis. 0 for a sheet or a cable.
    spacing_mm
        Edge of a cell, or (3,) its edges.
    fibre
        (3,) Unit vector, or (cx, cy, cz, 3) one a cell.
    diffusivity_mm2_per_ms
        (2,) Along and across the fibre.
    scale
        (cx, cy, cz) Factor on the diffusivity of each cell, such as a mask; 0: does not conduct.
    order
        Of the error in space: 2, or 4.

    Returns
    -------
    GridDiffusion or Diffusion
        The fast case, or any other.

    Raises
    ------
    ValueError
        When a shape is wrong, a spacing or a diffusivity is not positive, a fibre is not of unit
        length, a scale is negative, or order 4 is asked for outside the fast case.

    Examples
    --------
    The slab of the N-version benchmark at 0.5 mm:

    >>> slab = grid_diffusion((40, 14, 6), 0.5, (1, 0, 0), (0.0953, 0.0126))
    >>> slab.n, f"{slab.mass.sum():.0f} mm3, steps up to {slab.limit_ms:.2f} ms"
    (4305, '420 mm3, steps up to 1.04 ms')
    """
    shape, spacing = _shape(cells), _spacing(spacing_mm)
    d = np.asarray(diffusivity_mm2_per_ms, np.float64)
    if d.shape != (2,) or not ((d > 0) & (d < np.inf)).all():
        msg = f"diffusivity_mm2_per_ms must be 2 positive numbers, got {d.tolist()}"
        raise ValueError(msg)
    if order not in DERIVATIVES:
        msg = f"order must be {' or '.join(map(str, DERIVATIVES))}, got {order}"
        raise ValueError(msg)
    fibres = np.asarray(fibre, np.float64)
    if fibres.shape != (3,):
        fibres = float_array(fibres, (*cells, 3), "fibre")
    f = unit_vectors(fibres.reshape(-1, 3), fibres.size // 3, "fibres")
    if len(f) == 1 and scale is None and np.isclose(np.abs(f).max(), 1):
        along = d[1] + (d[0] - d[1]) * f[0] ** 2
        rates = (along / np.square(spacing))[:, None] * DERIVATIVES[order]
        return GridDiffusion(shape, spacing, rates)
    if order != 2:
        msg = f"order {order} is for a whole box with fibres along an axis; take order=2"
        raise ValueError(msg)
    if min(cells) < 1:
        msg = f"cells must be at least 1 along each axis, got {cells}"
        raise ValueError(msg)
    factor = np.ones(cells) if scale is None else float_array(scale, cells, "scale")
    if not ((factor >= 0) & (factor < np.inf)).all():
        msg = f"scale must not be negative, got {factor.min()}"
        raise ValueError(msg)
    tensors = d[1] * np.eye(3) + (d[0] - d[1]) * f[:, :, None] * f[:, None, :]
    return _assemble(shape, spacing, np.broadcast_to(tensors, (factor.size, 3, 3)), factor.ravel())


def grid_nodes(shape: tuple[int, int, int], spacing_mm: tuple[float, float, float]) -> Floats:
    """(n, 3) Places of the nodes of a grid, z fastest."""
    return np.indices(shape).reshape(3, -1).T * np.array(spacing_mm)


def _shape(cells: tuple[int, int, int]) -> tuple[int, int, int]:
    """Nodes along each axis."""
    counts = np.asarray(cells)
    if (
        counts.shape != (3,)
        or counts.dtype.kind not in "iu"
        or counts.min() < 0
        or not counts.any()
    ):
        msg = f"cells must be 3 whole numbers, not all 0, got {cells}"
        raise ValueError(msg)
    nx, ny, nz = (counts + 1).tolist()
    return nx, ny, nz


def _spacing(spacing_mm: ArrayLike) -> tuple[float, float, float]:
    """Edges of a cell."""
    h = np.asarray(spacing_mm, np.float64)
    if h.shape not in ((), (3,)) or not ((h > 0) & (h < np.inf)).all():
        msg = f"spacing_mm must be 1 or 3 positive numbers, got {h.tolist()}"
        raise ValueError(msg)
    hx, hy, hz = np.broadcast_to(h, 3).tolist()
    return hx, hy, hz


def _shares(n: int) -> Floats:
    """(n,) Cells around each node along one axis; a single node stands for a whole one."""
    shares = np.ones(n)
    if n > 1:
        shares[[0, -1]] = 0.5
    return shares


def _along_axis(n: int, weights: Floats) -> csr_array:
    """(n, n) Second difference along one axis between mirrors, times the weights."""
    rates = csr_array((n, n))
    here = np.arange(n)
    for k, weight in enumerate(weights, start=1):
        for there in (here - k, here + k):
            folded = np.abs((there + n - 1) % max(2 * n - 2, 1) - (n - 1))
            rates = rates + csr_array((np.full(n, weight), (here, folded)), (n, n))
            rates = rates - weight * eye_array(n)
    return csr_array(rates)


def _assemble(
    shape: tuple[int, int, int],
    spacing_mm: tuple[float, float, float],
    tensors: NDArray[np.float64],
    factor: Floats,
) -> Diffusion:
    """Couplings between nodes from the tensors (m, 3, 3) and factors (m,) of the cells."""
    h = np.array(spacing_mm)
    numbers = np.arange(np.prod(shape)).reshape(shape)
    lowest = numbers[:-1, :-1, :-1].ravel()[factor > 0]
    d, factor = tensors[factor > 0], factor[factor > 0]
    steps = np.array([shape[1] * shape[2], shape[2], 1])
    n, corner_volume = numbers.size, h.prod() / 8
    rows, columns, values = [], [], []
    for corner in product((0, 1), repeat=3):
        here = lowest + steps @ corner
        # The neighbours along the three edges, and the slope of each edge seen from here.
        away = 1 - 2 * np.array(corner)
        near = [here, *(here + away[a] * steps[a] for a in range(3))]
        slopes = np.column_stack([-away / h, np.diag(away / h)])
        local = np.einsum("ai,mab,bj,m->mij", slopes, d, slopes, factor) * corner_volume
        for i, j in combinations(range(4), 2):
            rows += [near[i], near[j]]
            columns += [near[j], near[i]]
            values += [local[:, i, j], local[:, i, j]]
    entries = np.concatenate(rows), np.concatenate(columns)
    stiffness = csr_array((np.concatenate(values), entries), (n, n))
    stiffness.sum_duplicates()
    corners = np.concatenate([lowest + steps @ c for c in product((0, 1), repeat=3)])
    mass = np.bincount(corners, minlength=n) * corner_volume
    return paired_rows(grid_nodes(shape, spacing_mm), mass, stiffness)
