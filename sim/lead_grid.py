"""Lead vectors on a grid about a heart, so that a heart can be moved in its torso at no cost."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .kernels.torso import interpolate, own_fields
from .lead_sources import LeadSources

#: What the surfaces of the body add to lead vectors varies over the way to them, 40 mm and more;
#: linear interpolation at this spacing changes no sample of an ECG by more than 1 % (tested).
STEP_MM = 5.0
#: How far the heart can be moved.
MARGIN_MM = 25.0


@dataclass(frozen=True, eq=False, kw_only=True)
class LeadGrid:
    """Lead vectors of some electrodes at any place about a heart.

    Attributes
    ----------
    places_mm : (e, 3) float64
        Of the electrodes.
    own : (e,) float64
        Charge of each at its own place; its field is worked out at every point.
    origin_mm : (3,) float64
        Corner of the grid.
    values : (x, y, z, 3 e) float64
        What skin and lungs add, in 1/mm2, on a grid of `STEP_MM`.
    blood : LeadSources or None
        What the cavities add: they lie too near for a grid, and move with the heart.
    """

    places_mm: NDArray[np.float64]
    own: NDArray[np.float64]
    origin_mm: NDArray[np.float64]
    values: NDArray[np.float64]
    blood: LeadSources | None = None

    def at(self, points_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        """(p, e, 3) Lead vectors in 1/mm2 at points (p, 3).

        Raises
        ------
        ValueError
            When a point lies outside the grid.
        """
        top_mm = self.origin_mm + STEP_MM * (np.array(self.values.shape[:3]) - 1)
        if (points_mm < self.origin_mm).any() or (points_mm >= top_mm).any():
            msg = f"electrodes cannot be moved by more than {MARGIN_MM:g} mm from the heart's own"
            raise ValueError(msg)
        out = np.zeros((len(points_mm), self.values.shape[3]))
        interpolate(points_mm, self.origin_mm, STEP_MM, self.values, out)
        vectors = out.reshape(len(points_mm), -1, 3)
        own_fields(points_mm, self.places_mm, self.own, vectors)
        if self.blood is not None:
            vectors += self.blood.at(points_mm)
        return vectors

    def moved(self, shift_mm: NDArray[np.float64]) -> "LeadGrid":
        """The same body and electrodes, (3,) mm away from here.

        Raises
        ------
        ValueError
            When the body holds the heart's blood, which does not move with it.
        """
        if self.blood is not None:
            msg = "a body with the heart's blood cannot be moved; move the electrodes, prepare anew"
            raise ValueError(msg)
        return replace(
            self, origin_mm=self.origin_mm + shift_mm, places_mm=self.places_mm + shift_mm
        )


def lead_grid(nodes_mm: NDArray[np.float64], sources: LeadSources, blood: int = 0) -> LeadGrid:
    """Grid over the box of a heart and `MARGIN_MM` around it.

    Parameters
    ----------
    nodes_mm
        (n, 3) Of the heart.
    sources
        From `VolumeConductor.skin_sources` or `free_sources`.
    blood
        How many triangles, the last, are of the blood.
    """
    far = len(sources.sheets) - blood
    low = nodes_mm.min(axis=0) - MARGIN_MM
    counts = np.ceil((np.ptp(nodes_mm, axis=0) + 2 * MARGIN_MM) / STEP_MM).astype(int) + 1
    places = np.stack(np.meshgrid(*(np.arange(c) for c in counts), indexing="ij"), axis=-1)
    points_mm = low + STEP_MM * places.reshape(-1, 3)
    silent = np.zeros_like(sources.own)
    values = _sheets(sources, slice(far), silent).at(points_mm)
    return LeadGrid(
        places_mm=sources.places_mm,
        own=sources.own,
        origin_mm=low,
        values=values.reshape(*counts, -1),
        blood=_sheets(sources, slice(far, None), silent) if blood else None,
    )


def _sheets(sources: LeadSources, part: slice, own: NDArray[np.float64]) -> LeadSources:
    """Some of the triangles alone."""
    return LeadSources(sources.places_mm, own, sources.corners_mm[part], sources.sheets[part])
