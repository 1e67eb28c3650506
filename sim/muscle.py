"""The heart as the tissue solvers see it: muscle with its fibres, an infarct and its border."""

import numpy as np
from numpy.typing import ArrayLike

from ..anatomy import Heart
from .diffusion import Diffusion, tet_diffusion
from .eikonal_checks import Floats
from .params import Conduction
from .tissue import Tissue


def heart_diffusion(
    heart: Heart,
    diffusivity_mm2_per_ms: ArrayLike,
    tissue: Tissue | None = None,
    *,
    border_speed_ratio: float = Conduction().border_speed_ratio,
) -> Diffusion:
    """Diffusion in the ventricles; an infarct changes it as it changes the eikonal's speeds.

    Parameters
    ----------
    heart
        Two ventricles.
    diffusivity_mm2_per_ms
        (3,) Along fibre, sheet and normal, or (2,) along and across the fibre; such as
        `Monodomain().diffusivity_mm2_per_ms`.
    tissue
        Infarct core and border zone; healthy by default.
    border_speed_ratio
        Speed in pure border zone over healthy; the diffusivity goes with its square.

    Returns
    -------
    Diffusion

    Raises
    ------
    ValueError
        When the tissue is of another heart, or as `tet_diffusion`.
    """
    d = np.atleast_1d(np.asarray(diffusivity_mm2_per_ms, np.float64))
    return tet_diffusion(
        heart.nodes_mm,
        heart.tets,
        heart.fibres,
        heart.sheets if len(d) == 3 else None,
        d,
        None if tissue is None else diffusivity_scale(heart, tissue, border_speed_ratio),
    )


def diffusivity_scale(heart: Heart, tissue: Tissue, border_speed_ratio: float) -> Floats:
    """(m,) Factor on the diffusivity of each tetrahedron; 0 where a corner is dead."""
    if len(tissue.core) != len(heart.nodes_mm):
        msg = f"tissue has {len(tissue.core)} nodes, {heart.name} has {len(heart.nodes_mm)}"
        raise ValueError(msg)
    if not 0 < border_speed_ratio < np.inf:
        msg = f"border_speed_ratio must be positive, got {border_speed_ratio}"
        raise ValueError(msg)
    slow = 1 - (1 - border_speed_ratio) * tissue.border
    speed = slow[heart.tets].mean(axis=1, dtype=np.float64)
    return np.where(tissue.core[heart.tets].any(axis=1), 0.0, speed**2)
