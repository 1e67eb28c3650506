"""How fast waves run: in a cable of given cells, and locally from activation times."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import diags_array

from ..anatomy import Laplacian
from ..anatomy.surface_laplace import SurfaceLaplacian
from .cell_model import CellModel
from .diffusion import Diffusion, paired_rows
from .eikonal_checks import Floats, element_array, float_array, node_array
from .monodomain import ACCURATE_MS, solve_monodomain
from .stimulus import Stimulus

#: Half as fast as any wave in a ventricle: the cable is given that much time.
SLOWEST_MM_PER_MS = 0.05
#: Of a cable, stimulated at one end; twice the threshold of ventricular cells at rest.
SITE_MM, STRENGTH_MV_PER_MS = 1.5, 50.0


def cable(length_mm: float, spacing_mm: float, diffusivity_mm2_per_ms: float) -> Diffusion:
    """A straight fibre along x, from linear elements with a lumped mass.

    Raises
    ------
    ValueError
        When a number is not positive, or the cable is shorter than two elements.
    """
    if not min(length_mm, spacing_mm, diffusivity_mm2_per_ms) > 0 or length_mm < 2 * spacing_mm:
        msg = (
            "a cable needs positive lengths and diffusivity, and two elements or more; got "
            f"{length_mm} mm, {spacing_mm} mm and {diffusivity_mm2_per_ms} mm2/ms"
        )
        raise ValueError(msg)
    n = round(length_mm / spacing_mm) + 1
    nodes_mm = np.zeros((n, 3))
    nodes_mm[:, 0] = spacing_mm * np.arange(n)
    mass = np.full(n, spacing_mm)
    mass[[0, -1]] /= 2
    coupling = np.full(n - 1, -diffusivity_mm2_per_ms / spacing_mm)
    return paired_rows(nodes_mm, mass, diags_array([coupling, coupling], offsets=[-1, 1]).tocsr())


def cable_velocity_mm_per_ms(
    model: CellModel,
    diffusivity_mm2_per_ms: float,
    *,
    spacing_mm: float,
    dt_ms: float | None = None,
    length_mm: float = 20.0,
) -> float:
    """Speed of a wave in a cable at rest, over the middle 40 % of its length.

    Parameters
    ----------
    model
        Of every cell.
    diffusivity_mm2_per_ms
        Along the cable.
    spacing_mm, dt_ms
        Of the mesh and the time steps, which slow the wave down when they are large.
    length_mm
        Of the cable.

    Returns
    -------
    float
        mm/ms, which is m/s.

    Raises
    ------
    ValueError
        When no wave runs, or as `cable` and `solve_monodomain`.

    Examples
    --------
    >>> from cardiotwin.sim.mitchell_schaeffer import VENTRICULAR
    >>> speed = cable_velocity_mm_per_ms(VENTRICULAR, 0.1, spacing_mm=0.1, dt_ms=0.02)
    >>> print(f"{speed:.2f} m/s")
    0.34 m/s
    """
    fibre = cable(length_mm, spacing_mm, diffusivity_mm2_per_ms)
    dt_ms = ACCURATE_MS if dt_ms is None else dt_ms
    x_mm = fibre.nodes_mm[:, 0]
    marks = np.searchsorted(x_mm, [0.4 * length_mm, 0.8 * length_mm])
    wave = solve_monodomain(
        fibre,
        model,
        Stimulus(
            nodes=np.flatnonzero(x_mm <= SITE_MM),
            strength_mv_per_ms=STRENGTH_MV_PER_MS,
        ),
        duration_ms=length_mm / SLOWEST_MM_PER_MS,
        dt_ms=dt_ms,
        substeps=max(1, math.ceil(dt_ms / fibre.limit_ms)),
        until_activated=marks,
    )
    start_ms, end_ms = wave.activation_ms[marks]
    if not end_ms < np.inf:
        msg = (
            f"no wave of {model.name} runs along a cable at {spacing_mm} mm: "
            "take a finer spacing_mm or a larger diffusivity"
        )
        raise ValueError(msg)
    return float((x_mm[marks[1]] - x_mm[marks[0]]) / (end_ms - start_ms))


def matched_diffusivity_mm2_per_ms(
    model: CellModel,
    velocity_mm_per_ms: float,
    *,
    spacing_mm: float,
    dt_ms: float | None = None,
    tolerance: float = 1e-3,
) -> float:
    """Diffusivity at which a wave runs at a wanted speed, on a mesh of this spacing.

    The speed goes with the root of the diffusivity in the continuum, and nearly so on a mesh.

    Parameters
    ----------
    model, spacing_mm, dt_ms
        As `cable_velocity_mm_per_ms`.
    velocity_mm_per_ms
        Wanted.
    tolerance
        Relative error of the speed.

    Returns
    -------
    float
        mm2/ms.

    Raises
    ------
    ValueError
        When no diffusivity gives that speed on such a mesh.
    """
    if not 0 < velocity_mm_per_ms < np.inf:
        msg = f"velocity_mm_per_ms must be positive, got {velocity_mm_per_ms}"
        raise ValueError(msg)
    diffusivity = 0.2 * velocity_mm_per_ms**2 / 0.36
    for _ in range(20):
        got = cable_velocity_mm_per_ms(model, diffusivity, spacing_mm=spacing_mm, dt_ms=dt_ms)
        if abs(got / velocity_mm_per_ms - 1) <= tolerance:
            return diffusivity
        diffusivity *= (velocity_mm_per_ms / got) ** 2
    msg = (
        f"no diffusivity makes waves of {model.name} run at {velocity_mm_per_ms} mm/ms on a mesh "
        f"of {spacing_mm} mm; take a finer one"
    )
    raise ValueError(msg)


def local_velocity_mm_per_ms(
    nodes_mm: ArrayLike, elements: ArrayLike, activation_ms: ArrayLike
) -> Floats:
    """Speed of the wave in each tetrahedron or triangle, 1 / |grad T| (Bayly 1998).

    Parameters
    ----------
    nodes_mm
        (n, 3)
    elements
        (m, 4) or (m, 3)
    activation_ms
        (n,) inf where never activated.

    Returns
    -------
    (m,) float64
        mm/ms; nan where a corner was not activated, inf where all were at once.

    Raises
    ------
    ValueError
        When a shape or an index is wrong.

    Examples
    --------
    >>> corners_mm = [[0.0, 0, 0], [1, 0, 0], [0, 1, 0]]
    >>> print(local_velocity_mm_per_ms(corners_mm, [[0, 1, 2]], [0.0, 2.0, 0.0]))
    [0.5]
    """
    nodes_mm = node_array(nodes_mm)
    corners = np.shape(elements)[-1] if np.ndim(elements) == 2 else 0
    if corners not in (3, 4):
        msg = f"elements must have shape (m, 3) or (m, 4), got {np.shape(elements)}"
        raise ValueError(msg)
    elements = element_array(elements, corners, len(nodes_mm), "elements")
    times_ms = float_array(activation_ms, (len(nodes_mm),), "activation_ms")
    reached = np.isfinite(times_ms[elements]).all(axis=1)
    slowness = _gradient(nodes_mm, elements[reached], times_ms)
    speed = np.full(len(elements), np.nan)
    lengths = np.linalg.norm(slowness, axis=1)
    speed[reached] = np.divide(1, lengths, out=np.full(len(lengths), np.inf), where=lengths > 0)
    return speed


def _gradient(nodes_mm: Floats, elements: NDArray[np.int32], field: Floats) -> Floats:
    """(m, 3) Gradient of a nodal field in each element."""
    kind = SurfaceLaplacian if elements.shape[1] == 3 else Laplacian
    return kind(nodes_mm, elements).gradient(field)
