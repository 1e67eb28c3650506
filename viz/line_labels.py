"""Numbers on the contour lines of a painted surface, where they have room."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .figure import INK
from .shade import Look, depth_steps

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_PT = 5.6  # size of the numbers
_CLEAR_PT = 4.5  # from a number's middle to the rim of what is seen, at least
_APART_PT = 15.0  # from number to number, at least
_LEAST_PT = 16.0  # shortest line that gets a number
_EVERY = 3  # small pixels from one point of the contour's grid to the next


def label_lines(
    axes: "Axes",
    look: Look,
    half_mm: float,
    values: NDArray[np.float64],
    levels: NDArray[np.float64],
    hidden: NDArray[np.bool_] | None = None,
) -> list[tuple[float, float, float]]:
    """Write its level on each contour line that is long enough, away from rims and each other.

    Parameters
    ----------
    axes : the panel, in mm, its middle at (0, 0)
    look : what the panel shows
    half_mm : from the middle to the edge of the picture that was painted
    values : (n,) field, finite
    levels : of the lines, ascending
    hidden : (n,) nodes near which no number is wanted

    Returns
    -------
    x, y in mm and level of every number written
    """
    from matplotlib.patheffects import withStroke

    image, mm = _image(look, half_mm, values, hidden)
    pt_per_mm = 72 * axes.bbox.width / axes.figure.dpi / float(np.ptp(axes.get_xlim()))
    written: list[tuple[float, float, float]] = []
    for level, at, angle in _places(image, mm, levels, pt_per_mm):
        x_mm, y_mm = at.tolist()
        text = axes.text(x_mm, y_mm, f"{level:g}", rotation=angle, ha="center", va="center")
        text.set(fontsize=_PT, color=INK, rotation_mode="anchor", gid="level")
        text.set_path_effects([withStroke(linewidth=1.3, foreground="white", alpha=0.85)])
        written.append((x_mm, y_mm, float(level)))
    return written


def _image(
    look: Look,
    half_mm: float,
    values: NDArray[np.float64],
    hidden: NDArray[np.bool_] | None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(r, r) The field on a coarser grid, nan off the surface and at its folds; (r,) mm."""
    seen = look.seen
    image = np.full(seen.pixels.mask.shape, np.nan)
    image[seen.pixels.mask] = seen.value(values)
    if hidden is not None:
        dead = seen.value(hidden.astype(float)) > 0
        image[seen.pixels.mask] = np.where(dead, np.nan, image[seen.pixels.mask])
    image[depth_steps(look, half_mm)] = np.nan
    rows = len(image)
    mm = (np.arange(rows) + 0.5 - rows / 2) * 2 * half_mm / rows
    return image[::_EVERY, ::_EVERY], mm[::_EVERY]


def _places(
    image: NDArray[np.float64],
    mm: NDArray[np.float64],
    levels: NDArray[np.float64],
    pt_per_mm: float,
) -> list[tuple[float, NDArray[np.float64], float]]:
    """Level, place (2,) and angle in degrees of each number that finds room."""
    from contourpy import contour_generator
    from scipy.ndimage import distance_transform_edt

    if not np.isfinite(image).any():
        return []
    step_pt = (mm[1] - mm[0]) * pt_per_mm
    rim_pt = distance_transform_edt(np.pad(np.isfinite(image), 1))[1:-1, 1:-1] * step_pt
    lines = contour_generator(z=np.ma.masked_invalid(image))
    placed: list[tuple[float, NDArray[np.float64], float]] = []
    for level in levels:
        found_lines: list[NDArray[np.float64]] = list(lines.lines(level))  # type: ignore[arg-type]
        for line in sorted(found_lines, key=len, reverse=True):
            found = _best(line, rim_pt, [p / step_pt for _, p, _ in placed], step_pt)
            if found is not None:
                at, angle = found
                placed.append((level, at * step_pt, angle))
    scale = np.array([1, -1]) / pt_per_mm
    corner = np.array([mm[0], -mm[0]])
    return [(level, corner + at * scale, angle) for level, at, angle in placed]


def _best(
    line: NDArray[np.float64],
    rim_pt: NDArray[np.float64],
    others: list[NDArray[np.float64]],
    step_pt: float,
) -> tuple[NDArray[np.float64], float] | None:
    """Point of a line, in steps of the grid, with the most room, and the angle there."""
    length = np.linalg.norm(np.diff(line, axis=0), axis=1).sum() * step_pt
    if length < _LEAST_PT:
        return None
    index = np.rint(line).astype(int)
    room = np.minimum(rim_pt[index[:, 1], index[:, 0]] / _CLEAR_PT, 3.0)
    for other in others:
        room = np.minimum(room, np.linalg.norm(line - other, axis=1) * step_pt / _APART_PT)
    best = int(room.argmax())
    if room[best] < 1:
        return None
    reach = max(2, round(0.5 * _PT / step_pt))
    x, y = line[min(best + reach, len(line) - 1)] - line[max(best - reach, 0)]
    angle = float(np.rad2deg(np.arctan2(-y, x)))
    return line[best], (angle + 90) % 180 - 90
