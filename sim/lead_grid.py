"""Lead vectors on a grid about a heart, so that a heart can be moved in its torso at no cost."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..anatomy import Torso
from .kernels.torso import interpolate
from .torso import lead_vectors

#: Lead vectors vary over the way to the skin, 40 mm and more; linear interpolation at this
#: spacing changes no sample of an ECG by more than 1 % of the lead's range (tested).
STEP_MM = 5.0
#: How far the heart can be moved.
MARGIN_MM = 25.0


@dataclass(frozen=True, eq=False, kw_only=True)
class LeadGrid:
    """Lead vectors (x, y, z, e, 3) in 1/mm2 on a grid that begins at `origin_mm`."""

    origin_mm: NDArray[np.float64]
    values: NDArray[np.float64]

    def at(self, points_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        """(p, e, 3) Lead vectors at some points.

        Raises
        ------
        ValueError
            When a point lies outside the grid.
        """
        top_mm = self.origin_mm + STEP_MM * (np.array(self.values.shape[:3]) - 1)
        if (points_mm < self.origin_mm).any() or (points_mm >= top_mm).any():
            msg = f"electrodes cannot be moved by more than {MARGIN_MM:g} mm from the heart's own"
            raise ValueError(msg)
        out = np.zeros((len(points_mm), *self.values.shape[3:]))
        interpolate(points_mm, self.origin_mm, STEP_MM, self.values, out)
        return out


def lead_grid(
    nodes_mm: NDArray[np.float64], electrodes_mm: NDArray[np.float64], torso: Torso | None
) -> LeadGrid:
    """Grid over the box of a heart and `MARGIN_MM` around it.

    Raises
    ------
    ValueError
        When a node of the heart lies outside the torso.
    """
    if torso is not None and not torso.encloses(nodes_mm).all():
        msg = "the heart sticks out of the torso; check the electrodes' positions and units"
        raise ValueError(msg)
    low = nodes_mm.min(axis=0) - MARGIN_MM
    counts = np.ceil((np.ptp(nodes_mm, axis=0) + 2 * MARGIN_MM) / STEP_MM).astype(int) + 1
    places = np.stack(np.meshgrid(*(np.arange(c) for c in counts), indexing="ij"), axis=-1)
    points_mm = low + STEP_MM * places.reshape(-1, 3)
    values = lead_vectors(points_mm, electrodes_mm, torso)
    return LeadGrid(origin_mm=low, values=values.reshape(*counts, -1, 3))
