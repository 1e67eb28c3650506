"""What the diffusion operators accept; for anything else a line that says what is wrong."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..anatomy.heart import place_of
from .eikonal_checks import Floats, float_array

#: How far the length of a fibre may lie from 1: single precision and rounded files.
UNIT_TOLERANCE = 1e-3


def unit_vectors(vectors: ArrayLike, m: int, name: str) -> Floats:
    """(m, 3) float64, made exactly unit; raise when one is not of unit length."""
    vectors = float_array(vectors, (m, 3), name)
    lengths = np.linalg.norm(vectors, axis=1)
    bad = np.flatnonzero(~(np.abs(lengths - 1) <= UNIT_TOLERANCE))
    if bad.size:
        msg = (
            f"{name} must be unit vectors, but that of element {bad[0]} has length "
            f"{lengths[bad[0]]:.4g}; divide each by its length"
        )
        raise ValueError(msg)
    return vectors / lengths[:, None]


def diffusivities(given: ArrayLike, alike: bool, name: str) -> Floats:
    """(d,) The diffusivities; raise unless positive, and when they ask for vectors not given."""
    d = np.atleast_1d(np.asarray(given, np.float64))
    if d.ndim != 1 or not 1 <= len(d) <= 3 or not ((d > 0) & (d < np.inf)).all():
        msg = f"diffusivity_mm2_per_ms must be up to 3 positive numbers, got {d.tolist()}"
        raise ValueError(msg)
    most = {"sheets": 2, "fibres": 1}[name]
    if alike and len(d) > most:
        msg = f"{len(d)} diffusivities need {name}; give {name} or at most {most} diffusivities"
        raise ValueError(msg)
    return d


def living_factor(scale: ArrayLike | None, m: int) -> Floats:
    """(m,) Factor on each element; raise when one is negative or not finite."""
    factor = np.ones(m) if scale is None else float_array(scale, (m,), "scale")
    bad = np.flatnonzero(~((factor >= 0) & (factor < np.inf)))
    if bad.size:
        msg = f"scale must not be negative, got {factor[bad[0]]} at element {bad[0]}"
        raise ValueError(msg)
    return factor


def require_size(sizes: Floats, nodes_mm: Floats, elements: NDArray[np.int32], name: str) -> None:
    """Raise when an element has no volume or area."""
    bad = np.flatnonzero(~(sizes > 1e-12 * sizes.max(initial=0)))
    if bad.size:
        place = place_of(nodes_mm[elements[bad[0]]].mean(axis=0))
        msg = f"{name} {bad[0]} at {place} is flat; mesh the tissue again"
        raise ValueError(msg)


def flattened(fibres: Floats, normals: Floats) -> Floats:
    """(m, 3) Unit fibres in the plane of each triangle."""
    flat = fibres - np.einsum("ma,ma->m", fibres, normals)[:, None] * normals
    lengths = np.linalg.norm(flat, axis=1)
    bad = np.flatnonzero(lengths < 0.1)
    if bad.size:
        msg = f"the fibre of triangle {bad[0]} stands upright on it; give fibres along the surface"
        raise ValueError(msg)
    return np.asarray(flat / lengths[:, None])
