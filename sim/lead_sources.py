"""What makes the lead vectors of electrodes: charges, seen from the heart."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .kernels.torso import own_fields, sheet_fields

#: Points whose fields of all triangles are held at a time: some 10 MB.
BLOCK = 256


class LeadSources(NamedTuple):
    """What makes the lead vectors of some electrodes: charges, seen from the heart.

    Attributes
    ----------
    places_mm : (e, 3) float64
        Of the electrodes.
    own : (e,) float64
        Charge of each at its own place.
    corners_mm : (q, 3, 3) float64
        Triangles of the body's surfaces; none in an infinite medium.
    sheets : (q, e) float64
        Charge spread over each triangle, for each electrode.
    """

    places_mm: NDArray[np.float64]
    own: NDArray[np.float64]
    corners_mm: NDArray[np.float64]
    sheets: NDArray[np.float64]

    def at(self, points_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        """(p, e, 3) Lead vectors in 1/mm2 at points (p, 3)."""
        out = np.zeros((len(points_mm), len(self.own), 3))
        points_mm = np.ascontiguousarray(points_mm, np.float64)
        centres_mm = self.corners_mm.mean(axis=1)
        areas = triangle_areas_mm2(self.corners_mm)
        for first in range(0, len(points_mm), BLOCK):
            block = slice(first, first + BLOCK)
            fields = np.empty((len(areas), len(points_mm[block]), 3))
            sheet_fields(points_mm[block], self.corners_mm, centres_mm, areas, fields)
            out[block] = np.tensordot(fields, self.sheets, (0, 0)).swapaxes(1, 2)
        own_fields(points_mm, self.places_mm, self.own, out)
        return out


def triangle_areas_mm2(corners_mm: NDArray[np.float64]) -> NDArray[np.float64]:
    """(q,) Area of each triangle (q, 3, 3)."""
    a, b, c = corners_mm.transpose(1, 0, 2)
    return np.asarray(np.linalg.norm(np.cross(b - a, c - a), axis=1) / 2)


def free_sources(electrodes_mm: NDArray[np.float64]) -> LeadSources:
    """Electrodes in an infinite medium: a unit charge each."""
    e = len(electrodes_mm)
    return LeadSources(electrodes_mm, np.ones(e), np.empty((0, 3, 3)), np.empty((0, e)))
