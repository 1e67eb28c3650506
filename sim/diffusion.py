"""How charge spreads through tissue: linear elements with a lumped mass, as rates between nodes."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array, diags_array

from ..anatomy import Laplacian
from ..anatomy.heart import tet_volumes
from ..anatomy.surface_laplace import SurfaceLaplacian
from .diffusion_checks import diffusivities, flattened, living_factor, require_size, unit_vectors
from .eikonal_checks import Floats, element_array, node_array
from .kernels import diffusion as kernel
from .operator import largest_rate
from .params import require_positive


@dataclass(frozen=True, kw_only=True)
class Monodomain:
    """Conductivities of the tissue and what turns them into diffusivities.

    The two spaces in series, sigma = si se / (si + se), over the capacitance of the membrane in
    a volume: D = sigma / (beta Cm) in mm2/ms. Defaults: the N-version benchmark (Niederer 2011).

    Examples
    --------
    >>> along, across = Monodomain().diffusivity_mm2_per_ms
    >>> print(f"{along:.4f} {across:.4f}")
    0.0953 0.0126
    """

    intracellular_fibre_s_per_m: float = 0.17  #: Niederer 2011, table 2
    intracellular_cross_s_per_m: float = 0.019  #: same
    extracellular_fibre_s_per_m: float = 0.62  #: same
    extracellular_cross_s_per_m: float = 0.24  #: same
    surface_to_volume_per_mm: float = 140.0  #: beta, same
    capacitance_uf_per_mm2: float = 0.01  #: Cm, same

    def __post_init__(self) -> None:
        require_positive(self)

    @property
    def diffusivity_mm2_per_ms(self) -> tuple[float, float]:
        """Along and across the fibre."""
        # S/m over uF/mm3 is mm2/ms.
        per_volume = self.surface_to_volume_per_mm * self.capacitance_uf_per_mm2
        fibre = 1 / self.intracellular_fibre_s_per_m + 1 / self.extracellular_fibre_s_per_m
        cross = 1 / self.intracellular_cross_s_per_m + 1 / self.extracellular_cross_s_per_m
        return 1 / fibre / per_volume, 1 / cross / per_volume


@dataclass(frozen=True, eq=False)
class Diffusion:
    """Rates at which neighbouring nodes of a mesh draw each other; see `tet_diffusion`.

    Attributes
    ----------
    nodes_mm : (n, 3) float64
    mass : (n,) float64
        mm3 of tetrahedra or mm2 of triangles that conduct; 0 at a dead node.
    start : (n + 1,) uint32
        The couplings of node i are `start[i]` to `start[i + 1]` - 1 of the next two: an even
        number, so the last may be to the node itself at rate 0.
    neighbour : (q,) uint32
    rate : (q,) float64
        1/ms.
    """

    nodes_mm: Floats
    mass: Floats
    start: NDArray[np.uint32]
    neighbour: NDArray[np.uint32]
    rate: Floats

    @property
    def n(self) -> int:
        """Number of nodes."""
        return len(self.mass)

    def diffuse(self, v: Floats, dt_ms: float, out: Floats, first: int, last: int) -> None:
        """One explicit step, see `Operator.diffuse`."""
        kernel.spread(self.start, self.neighbour, self.rate, v, dt_ms, out, first, last)

    def matrix(self) -> csr_array:
        """(n, n) Rates in 1/ms, see `Operator.matrix`."""
        parts = self.rate.copy(), self.neighbour.astype(np.int64), self.start.astype(np.int64)
        couplings = csr_array(parts, shape=(self.n, self.n))
        couplings.sum_duplicates()
        return csr_array(couplings - diags_array(couplings.sum(axis=1)))

    @cached_property
    def limit_ms(self) -> float:
        """Largest stable explicit step in ms; inf where nothing is coupled."""
        return 2 / max(largest_rate(self.matrix(), self.mass), 1e-300)


def tet_diffusion(
    nodes_mm: ArrayLike,
    tets: ArrayLike,
    fibres: ArrayLike,
    sheets: ArrayLike | None,
    diffusivity_mm2_per_ms: ArrayLike,
    scale: ArrayLike | None = None,
) -> Diffusion:
    """Diffusion in tetrahedra: D = Df f f' + Ds s s' + Dn n n', linear elements, lumped mass.

    Parameters
    ----------
    nodes_mm
        (n, 3)
    tets
        (m, 4)
    fibres
        (m, 3) Unit vectors.
    sheets
        (m, 3) Unit vectors across the fibres; not needed where two diffusivities are given.
    diffusivity_mm2_per_ms
        (3,) Along fibre, sheet and normal, or (2,) along and across the fibre.
    scale
        (m,) Factor on the diffusivity of each tetrahedron; one with 0 holds no living muscle.

    Returns
    -------
    Diffusion

    Raises
    ------
    ValueError
        When a shape or an index is wrong, a diffusivity is not positive, a scale is negative, a
        fibre is not of unit length, or a tetrahedron has no volume.

    Examples
    --------
    >>> from cardiotwin.anatomy.shapes import box
    >>> nodes_mm, tets = box((4, 4, 4), 0.5)
    >>> fibres = np.tile([1.0, 0, 0], (len(tets), 1))
    >>> muscle = tet_diffusion(nodes_mm, tets, fibres, None, (0.1, 0.02))
    >>> print(f"{muscle.mass.sum():.1f} mm3, steps up to {muscle.limit_ms:.2f} ms")
    8.0 mm3, steps up to 0.79 ms
    """
    nodes_mm = node_array(nodes_mm)
    tets = element_array(tets, 4, len(nodes_mm), "tets")
    fibres = unit_vectors(fibres, len(tets), "fibres")
    d = diffusivities(diffusivity_mm2_per_ms, sheets is None, "sheets")
    living = living_factor(scale, len(tets))
    volumes = np.abs(tet_volumes(nodes_mm, tets))
    require_size(volumes, nodes_mm, tets, "tet")
    gradients = Laplacian(nodes_mm, tets).shape_gradients
    # Every direction conducts like the normal; the fibre and the sheet add what they have more.
    local = d[-1] * np.einsum("mia,mja->mij", gradients, gradients)
    local += (d[0] - d[-1]) * _along(gradients, fibres)
    if sheets is not None:
        across = unit_vectors(sheets, len(tets), "sheets")
        local += (d[1] - d[-1]) * _along(gradients, across)
    return _assemble(nodes_mm, tets, local, volumes, living)


def triangle_diffusion(
    nodes_mm: ArrayLike,
    triangles: ArrayLike,
    fibres: ArrayLike | None,
    diffusivity_mm2_per_ms: ArrayLike,
    scale: ArrayLike | None = None,
) -> Diffusion:
    """Diffusion on a surface in space: D = Df f f' + Dc (I - f f') in the plane of each triangle.

    Parameters
    ----------
    nodes_mm
        (n, 3)
    triangles
        (m, 3)
    fibres
        (m, 3) Unit vectors; the part in the plane of the triangle counts, made unit again. Not
        needed for one diffusivity.
    diffusivity_mm2_per_ms
        (2,) Along and across the fibre, or a number for all directions.
    scale
        (m,) Factor on the diffusivity of each triangle; one with 0 holds no living muscle.

    Returns
    -------
    Diffusion

    Raises
    ------
    ValueError
        As `tet_diffusion`, and when a fibre stands upright on its triangle.

    Examples
    --------
    >>> corners_mm = [[0.0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]]
    >>> sheet = triangle_diffusion(corners_mm, [[0, 1, 2], [0, 2, 3]], None, 0.1)
    >>> print(f"{sheet.mass.sum():.1f} mm2")
    1.0 mm2
    """
    nodes_mm = node_array(nodes_mm)
    triangles = element_array(triangles, 3, len(nodes_mm), "triangles")
    d = diffusivities(diffusivity_mm2_per_ms, fibres is None, "fibres")
    living = living_factor(scale, len(triangles))
    edges = nodes_mm[triangles[:, 1:]] - nodes_mm[triangles[:, :1]]
    normals = np.cross(edges[:, 0], edges[:, 1])
    areas = np.linalg.norm(normals, axis=1) / 2
    require_size(areas, nodes_mm, triangles, "triangle")
    gradients = SurfaceLaplacian(nodes_mm, triangles).shape_gradients
    local = d[-1] * np.einsum("mia,mja->mij", gradients, gradients)
    if fibres is not None:
        flat = flattened(
            unit_vectors(fibres, len(triangles), "fibres"), normals / (2 * areas[:, None])
        )
        local += (d[0] - d[-1]) * _along(gradients, flat)
    return _assemble(nodes_mm, triangles, local, areas, living)


def _along(gradients: Floats, directions: Floats) -> Floats:
    """(m, c, c) Products of the slopes of the hat functions in one direction."""
    slopes = np.einsum("mia,ma->mi", gradients, directions)
    return slopes[:, :, None] * slopes[:, None, :]


def _assemble(
    nodes_mm: Floats,
    elements: NDArray[np.int32],
    local: Floats,
    sizes: Floats,
    living: Floats,
) -> Diffusion:
    """Rates between nodes from the products (m, c, c) of each element, its size and its factor."""
    n, corners = len(nodes_mm), elements.shape[1]
    alive = living > 0
    elements, sizes = elements[alive], sizes[alive]
    share = np.repeat(sizes / corners, corners)
    mass = np.bincount(elements.ravel(), share, n).astype(np.float64)
    values = local[alive] * (sizes * living[alive])[:, None, None]
    rows = np.repeat(elements, corners, axis=1).ravel()
    columns = np.tile(elements, (1, corners)).ravel()
    between = rows != columns
    stiffness = csr_array((values.ravel()[between], (rows[between], columns[between])), (n, n))
    stiffness.sum_duplicates()
    return paired_rows(nodes_mm, mass, stiffness)


def paired_rows(nodes_mm: Floats, mass: Floats, stiffness: csr_array) -> Diffusion:
    """Rates in rows of even length, from the integrals of grad . D grad between unlike nodes."""
    counts = np.diff(stiffness.indptr)
    start = np.concatenate([[0], np.cumsum((counts + 1) // 2 * 2)])
    owner = np.repeat(np.arange(len(mass)), counts)
    place = start[owner] + np.arange(len(owner)) - stiffness.indptr[owner]
    neighbour = np.repeat(np.arange(len(mass), dtype=np.uint32), np.diff(start))
    rate = np.zeros(len(neighbour))
    neighbour[place] = stiffness.indices
    rate[place] = -stiffness.data / mass[owner]
    return Diffusion(nodes_mm, mass, start.astype(np.uint32), neighbour, rate)
