"""In which order the slices of a stack lie: from base to apex, and whether that can be."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

from .label_schemes import LV, RV, WALL

if TYPE_CHECKING:
    from .label_map import LabelMap

#: Planes that a ventricle can be built from.
LEAST_PLANES = 3
#: A smaller disc or cavity is noise.
LEAST_AREA_MM2 = 15.0
#: Sectors about the middle of the cavity, and how many of them wall must fill to be a ring.
SECTORS, LEAST_SECTORS = 36, 33
#: Farther than this from its neighbours no breath-hold shifts a slice.
MOST_SHIFT_MM = 25.0
#: Another order must save this much of the radii's ups and downs, in mm and as a share.
REORDER_MM, REORDER_SHARE = 10.0, 0.35


def base_first(codes: NDArray[np.uint8]) -> bool:
    """Whether slice 0 is at the base: cavities grow from the apex to the base."""
    cavities = np.isin(codes, (LV, RV)).sum(axis=(0, 1)).astype(np.float64)
    labelled = np.flatnonzero((codes > 0).any(axis=(0, 1)))
    if not len(labelled) or not cavities.any():
        return True
    middle = np.average(np.arange(len(cavities)), weights=cavities)
    return bool(middle <= (labelled[0] + labelled[-1]) / 2)


def is_ring(cavity: NDArray[np.bool_], wall: NDArray[np.bool_]) -> bool:
    """Whether wall lies all around the middle of a cavity, but for gaps of some 30 degrees."""
    if not cavity.any():
        return False
    away = np.argwhere(wall) - np.argwhere(cavity).mean(axis=0)
    sector = np.floor(np.arctan2(away[:, 1], away[:, 0]) / (2 * np.pi) * SECTORS)
    return len(np.unique(sector)) >= LEAST_SECTORS


def smooth_line(
    heights_mm: NDArray[np.float64], middles_mm: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(s, 2) A parabola, or with under six points a line, through points; outliers count less."""
    degree = 2 if len(heights_mm) >= 6 else 1
    powers = np.vander(heights_mm / max(np.ptp(heights_mm), 1.0), degree + 1)

    def residual(p: NDArray[np.float64]) -> NDArray[np.float64]:
        return (powers @ p.reshape(degree + 1, 2) - middles_mm).ravel()

    start = np.linalg.lstsq(powers, middles_mm, rcond=None)[0].ravel()
    fit = least_squares(residual, start, loss="soft_l1", f_scale=1.0).x
    return powers @ fit.reshape(degree + 1, 2)


def check_order(label_map: "LabelMap") -> None:
    """Raise when slices are too few, alike, out of order, or one lies far off its neighbours."""
    name, pitch_mm = label_map.name, label_map.voxel_mm
    codes = np.moveaxis(label_map.codes, 2, 0)
    areas = np.stack([np.isin(codes, t).sum(axis=(1, 2)) for t in ((LV, *WALL), (LV,))])
    labelled = np.flatnonzero(areas[0] * pitch_mm[:2].prod() >= LEAST_AREA_MM2)
    if len(labelled) < LEAST_PLANES:
        msg = (
            f"{name}: only {len(labelled)} of {len(codes)} slices hold the left ventricle; "
            f"a heart needs {LEAST_PLANES} or more short-axis slices from the base to the apex"
        )
        raise ValueError(msg)
    if (codes[labelled[1:]] == codes[labelled[0]]).all():
        msg = f"{name}: slices {labelled[0]} to {labelled[-1]} are all alike; it is not a stack"
        raise ValueError(msg)
    # Crescents at the base have any area; only whole rings tell the order.
    rings = np.array([k for k in labelled if is_ring(codes[k] == LV, np.isin(codes[k], WALL))])
    if len(rings) >= LEAST_PLANES:
        radii_mm = np.sqrt(areas[:, rings].T * pitch_mm[:2].prod() / np.pi)
        _check_radii(name, rings, radii_mm)
    left = np.isin(codes[labelled], (LV, *WALL))
    middles_mm = np.array([np.argwhere(p).mean(axis=0) for p in left]) * pitch_mm[:2]
    line_mm = smooth_line(labelled * pitch_mm[2], middles_mm)
    off_mm = np.linalg.norm(middles_mm - line_mm, axis=1)
    if off_mm.max() > MOST_SHIFT_MM:
        msg = (
            f"{name}: slice {labelled[off_mm.argmax()]} lies {off_mm.max():.0f} mm off the line "
            "of the others in plane; it is of another stack or holds islands of labels"
        )
        raise ValueError(msg)


def _check_radii(name: str, labelled: NDArray[np.int64], radii_mm: NDArray[np.float64]) -> None:
    """Raise when the radii of disc and cavity would be much smoother in another order."""
    s = len(labelled)

    def bumps_mm(order: NDArray[np.int64]) -> float:
        """Ups and downs of both radii beyond one rise and one fall."""
        steps = np.abs(np.diff(radii_mm[order], axis=0)).sum()
        ends = radii_mm[order[[0, -1]]]
        return float(steps - (2 * radii_mm.max(axis=0) - ends.sum(axis=0)).sum())

    orders = []
    for a in range(s):
        for b in range(a + 1, s):
            swapped = np.arange(s)
            swapped[[a, b]] = b, a
            turned = np.arange(s)
            turned[a : b + 1] = turned[a : b + 1][::-1]
            orders += [swapped, turned]
    now = bumps_mm(np.arange(s))
    best = min(orders, key=bumps_mm)
    saved = now - bumps_mm(best)
    if saved > REORDER_MM and saved > REORDER_SHARE * now:
        moved = labelled[np.flatnonzero(best != np.arange(s))].tolist()
        msg = (
            f"{name}: slices {moved} look out of order: the left ventricle's radius jumps by "
            f"{saved:.0f} mm more than if they were exchanged; sort the slices along the heart"
        )
        raise ValueError(msg)
