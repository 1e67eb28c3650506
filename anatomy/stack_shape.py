"""Shapes drawn plane by plane, joined along the stack into one smooth solid on a grid.

What is interpolated (Raya and Udupa 1990, IEEE Trans. Med. Imaging 9:32) is the square of the
distance from the middle of the shape, and the square of the shape's own radius. A paraboloid
then comes out exactly, and closes by itself where its radius comes to nothing.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.interpolate import PchipInterpolator
from scipy.spatial import KDTree

#: Width of the smoothing of an outline, in pixels: the staircase goes, the area is put back.
SMOOTH_PIXELS = 1.5
#: Nearest that a shape closes beyond its last plane, in slice distances.
LEAST_CAP = 0.3


class Grid(NamedTuple):
    """Points along the voxel axes and down from the base."""

    start_mm: NDArray[np.float64]
    step_mm: NDArray[np.float64]
    counts: tuple[int, int, int]

    @property
    def depths_mm(self) -> NDArray[np.float64]:
        """(w,) Planes below the base."""
        return self.start_mm[2] + self.step_mm[2] * np.arange(self.counts[2])

    def points_mm(self) -> NDArray[np.float64]:
        """(u * v * w, 3) All points, in C order."""
        return np.indices(self.counts).reshape(3, -1).T * self.step_mm + self.start_mm

    def sample(
        self, fields: list[NDArray[np.float64]], points_mm: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """(f, k) Values of fields at points (k, 3), linear between the grid's."""
        at = ((points_mm - self.start_mm) / self.step_mm).T
        return np.stack([ndimage.map_coordinates(f, at, order=1, mode="nearest") for f in fields])


def outline_mm(
    mask: NDArray[np.bool_], pitch_mm: NDArray[np.float64], shift_mm: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(i, j) Signed distance from a smooth outline that holds the area of the mask's pixels.

    Negative inside. `shift_mm` is taken away: the shape moves by its negative.
    """
    out = ndimage.distance_transform_edt(~mask, sampling=pitch_mm)
    inside = ndimage.distance_transform_edt(mask, sampling=pitch_mm)
    half_mm = pitch_mm.mean() / 2
    sharp = np.where(mask, half_mm - inside, out - half_mm)
    smooth = ndimage.gaussian_filter(sharp, SMOOTH_PIXELS, mode="nearest")
    smooth -= _level_of_area(smooth, float(mask.sum()), 2 * half_mm)
    return ndimage.shift(smooth, -shift_mm / pitch_mm, order=1, mode="nearest")


def _level_of_area(distance: NDArray[np.float64], pixels: float, pitch_mm: float) -> float:
    """Level below which a distance covers so many pixels, those on the level in part."""
    low, high = -3 * pitch_mm, 3 * pitch_mm
    for _ in range(40):
        level = (low + high) / 2
        area = np.clip(0.5 - (distance - level) / pitch_mm, 0, 1).sum()
        low, high = (level, high) if area < pixels else (low, level)
    return (low + high) / 2


def tip_mm(areas: NDArray[np.float64], depths_mm: NDArray[np.float64], room_mm: float) -> float:
    """Depth at which a shape closes whose area falls on as between its last two planes.

    At most `room_mm` beyond the last, and at least `LEAST_CAP` of the way between two.
    """
    gap_mm = float(np.diff(depths_mm).min()) if len(depths_mm) > 1 else room_mm
    fall = (areas[-2] - areas[-1]) / gap_mm if len(areas) > 1 else 0.0
    beyond_mm = areas[-1] / fall if fall > 0 else room_mm
    return float(depths_mm[-1] + np.clip(beyond_mm, LEAST_CAP * gap_mm, room_mm))


def join_planes(
    distance_mm: NDArray[np.float64],
    depths_mm: NDArray[np.float64],
    closes_mm: float,
    at_mm: NDArray[np.float64],
) -> NDArray[np.float64]:
    """(i, j, w) Signed distance, about in mm, between and beyond planes of signed distance.

    Parameters
    ----------
    distance_mm
        (s, i, j) In the planes.
    depths_mm
        (s,) Depths of the planes.
    closes_mm
        Depth at which the shape closes, below the last plane.
    at_mm
        (w,) Depths wanted, from 0.
    """
    radius = -distance_mm.min(axis=(1, 2))
    squares = (distance_mm + radius[:, None, None]) ** 2
    powers = radius**2
    far_mm = max(at_mm[-1], closes_mm) + 1.0
    fall = powers[-1] / (closes_mm - depths_mm[-1])
    knots = [-1e-6, *depths_mm, closes_mm, far_mm]
    power = [_at_base(powers, depths_mm), *powers, 0.0, fall * (closes_mm - far_mm)]
    square = [squares[0], *squares, squares[-1], squares[-1]]
    p = PchipInterpolator(knots, power)(at_mm)
    q = PchipInterpolator(knots, np.stack(square))(at_mm)
    middle = np.sqrt(np.maximum(q, 0)) + np.sqrt(np.abs(p))[:, None, None]
    planar = (q - p[:, None, None]) / np.maximum(middle, 1e-6)
    return np.moveaxis(planar, 0, 2)


def _at_base(values: NDArray[np.float64], depths_mm: NDArray[np.float64]) -> float:
    """Value at depth 0 on the straight line through the first two planes, at least half."""
    if len(values) < 2:
        return float(values[0])
    slope = (values[1] - values[0]) / (depths_mm[1] - depths_mm[0])
    return float(max(values[0] - slope * depths_mm[0], values[0] / 2))


def upright_mm(planar: NDArray[np.float64], grid: Grid) -> NDArray[np.float64]:
    """Distance to first order: in-plane distance over its slope in space, where that is steep."""
    slope = np.sqrt(sum(g**2 for g in np.gradient(planar, *grid.step_mm)))
    return planar / np.maximum(slope, 1.0)


def grown_mm(
    field: NDArray[np.float64], grid: Grid, by_mm: float, reach_mm: float
) -> NDArray[np.float64]:
    """Distance from a shape's surface moved outward, true outside the shape up to `reach_mm`."""
    reach_mm += by_mm
    outside = np.flatnonzero(field.ravel() > 0)
    gaps_mm = np.minimum(field, 0.0).ravel()
    tree = KDTree(crossings_mm(field, grid))
    found, _ = tree.query(grid.points_mm()[outside], distance_upper_bound=reach_mm)
    gaps_mm[outside] = np.minimum(found, reach_mm)
    # The surface is known by points a grid step apart; smoothing takes their pattern away.
    return ndimage.gaussian_filter(gaps_mm.reshape(grid.counts), 1.0, mode="nearest") - by_mm


def crossings_mm(field: NDArray[np.float64], grid: Grid) -> NDArray[np.float64]:
    """(k, 3) Points where the zero of a field cuts the lines of its grid."""
    points = []
    for axis in range(3):
        a = np.moveaxis(field, axis, 0)
        start, end = a[:-1], a[1:]
        cut = np.nonzero((start < 0) != (end < 0))
        at = np.stack(cut, axis=1).astype(np.float64)
        at[:, 0] += start[cut] / (start[cut] - end[cut])
        at[:, : axis + 1] = np.roll(at[:, : axis + 1], -1, axis=1)
        points.append(at)
    return np.concatenate(points) * grid.step_mm + grid.start_mm
