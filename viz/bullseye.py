"""The 17 segments of the left ventricle as a bullseye."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..sim import BORDER, CORE
from .figure import INK, PALE_INK, SCAR_COLOURS, save_figure, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap, Normalize
    from matplotlib.figure import Figure

#: Cerqueira 2002, table 1: segments 1..17.
SEGMENT_NAMES = (
    *(
        f"{level} {wall}"
        for level in ("basal", "mid")
        for wall in (
            "anterior",
            "anteroseptal",
            "inferoseptal",
            "inferior",
            "inferolateral",
            "anterolateral",
        )
    ),
    *(f"apical {wall}" for wall in ("anterior", "septal", "inferior", "lateral")),
    "apex",
)
_RINGS = (0.22, 0.48, 0.74, 1.0)  # radii: apex, apical, mid, basal
_FOOT_IN = 0.50  # room for the colour bar
#: Values that span less than this have a decimal.
_FINE = 10.0
_NO_VALUE = "#d9d9dd"


def plot_bullseye(
    values: NDArray[np.float64],
    *,
    label: str,
    path: Path | str | None = None,
    limits: tuple[float, float] | None = None,
    show_names: bool = False,
) -> "Figure":
    """Bullseye of one value a segment: anterior at the top, septum left, apex in the middle.

    Parameters
    ----------
    values : (17,) segments 1..17 of Cerqueira 2002; nan where there is no value
    label : what the values are, with the unit
    path : .png, .svg or .pdf to write, if any
    limits : values of the lightest and the darkest colour, the range of the values when not given
    show_names : also print the names of the segments

    Raises
    ------
    ValueError
        When there are not 17 values.
    """
    from matplotlib import colormaps

    return _bullseyes([(values, label, colormaps["YlGnBu"])], limits, path, show_names)


def plot_scar_bullseye(
    core_percent: NDArray[np.float64],
    border_percent: NDArray[np.float64],
    *,
    path: Path | str | None = None,
    show_names: bool = False,
) -> "Figure":
    """Two bullseyes beside each other: how much of each segment is core, and how much border.

    Parameters
    ----------
    core_percent, border_percent : (17,) in % of the segment
    path, show_names : as in `plot_bullseye`
    """
    pictures = [
        (core_percent, "Infarct core (% of segment)", _map_to(SCAR_COLOURS[CORE])),
        (border_percent, "Border zone (% of segment)", _map_to(SCAR_COLOURS[BORDER])),
    ]
    return _bullseyes(pictures, (0.0, 100.0), path, show_names)


def segment_wedge(segment: int) -> tuple[float, float, float, float]:
    """Inner and outer radius, first and last angle in degrees of a segment of the unit bullseye.

    Angles run anticlockwise from the right, which is the lateral wall.

    Examples
    --------
    >>> segment_wedge(1)
    (0.74, 1.0, 60.0, 120.0)
    """
    if not 1 <= segment <= 17:
        msg = f"segments run from 1 to 17, got {segment}"
        raise ValueError(msg)
    if segment == 17:
        return 0.0, _RINGS[0], 0.0, 360.0
    if segment > 12:
        ring, sectors, place = 0, 4, segment - 13
    else:
        ring, sectors, place = 2 - (segment - 1) // 6, 6, (segment - 1) % 6
    half = 180.0 / sectors
    middle = (90.0 + 2 * half * place) % 360.0
    return _RINGS[ring], _RINGS[ring + 1], middle - half, middle + half


def segment_centre(segment: int) -> tuple[float, float]:
    """Where the middle of a segment lies in the unit bullseye: to the right, upwards.

    Examples
    --------
    >>> segment_centre(17)
    (0.0, 0.0)
    """
    inner, outer, first, last = segment_wedge(segment)
    if segment == 17:
        return 0.0, 0.0
    radius, angle = (inner + outer) / 2, np.deg2rad((first + last) / 2)
    return float(radius * np.cos(angle)), float(radius * np.sin(angle))


def _bullseyes(
    pictures: Sequence[tuple[NDArray[np.float64], str, "Colormap"]],
    limits: tuple[float, float] | None,
    path: Path | str | None,
    show_names: bool,
) -> "Figure":
    """Figure with one bullseye and its colour bar for each of (values, label, colour map)."""
    from matplotlib.colors import Normalize
    from matplotlib.figure import Figure

    with style():
        side_in = 4.2 if show_names else 2.9  # names need room
        height_in = side_in + _FOOT_IN
        figure = Figure(figsize=(side_in * len(pictures), height_in), facecolor="white")
        for i, (values, label, colours) in enumerate(pictures):
            if np.shape(values) != (17,):
                msg = f"a bullseye takes 17 values, segments 1 to 17; got shape {np.shape(values)}"
                raise ValueError(msg)
            scale = Normalize(*(limits or _range(values)))
            size = (1 / len(pictures), side_in / height_in)
            axes = figure.add_axes((i / len(pictures), _FOOT_IN / height_in, *size))
            _draw(axes, values, scale, colours, show_names)
            left, width = (i + 0.24) / len(pictures), 0.52 / len(pictures)
            bar = figure.add_axes((left, 0.42 / height_in, width, 0.085 / height_in))
            _colour_bar(bar, scale, colours, label)
    if path is not None:
        save_figure(figure, path)
    return figure


def _range(values: NDArray[np.float64]) -> tuple[float, float]:
    """Smallest and largest value, kept apart."""
    known = values[np.isfinite(values)]
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
    return low, high if high > low else low + 1.0


def _draw(
    axes: "Axes",
    values: NDArray[np.float64],
    scale: "Normalize",
    colours: "Colormap",
    show_names: bool,
) -> None:
    """Seventeen wedges, each with its value."""
    from matplotlib.patches import Wedge

    low, high = _range(values)
    digits = 1 if high - low < _FINE else 0
    for segment, value in enumerate(values, start=1):
        inner, outer, first, last = segment_wedge(segment)
        fill = _colour(value, scale, colours)
        wedge = Wedge((0, 0), outer, first, last, width=outer - inner)
        wedge.set(facecolor=fill, edgecolor="white", linewidth=1.6, gid=f"segment-{segment}")
        axes.add_patch(wedge)
        _write(axes, segment, f"{value:.{digits}f}", _ink_on(fill), show_names)
    for x, y, wall, turn in (
        (0, 1.07, "anterior", 0),
        (-1.07, 0, "septal", 90),
        (0, -1.07, "inferior", 0),
        (1.07, 0, "lateral", 270),
    ):
        axes.text(x, y, wall, ha="center", va="center", rotation=turn, color=PALE_INK)
    axes.set(xlim=(-1.16, 1.16), ylim=(-1.16, 1.16), aspect="equal")
    axes.set_axis_off()


def _write(axes: "Axes", segment: int, value: str, ink: str, show_names: bool) -> None:
    """Value in the middle of a segment, below it its number or its name."""
    x, y = segment_centre(segment)
    text = "\u2013" if value == "nan" else value
    below = SEGMENT_NAMES[segment - 1].split()[-1] if show_names else str(segment)
    axes.text(x, y + 0.03, text, ha="center", va="center", color=ink, fontsize=9)
    size = 4.4 if show_names else 5.0
    axes.text(x, y - 0.04, below, ha="center", va="top", color=ink, fontsize=size, alpha=0.75)


def _colour(value: float, scale: "Normalize", colours: "Colormap") -> tuple[float, ...]:
    from matplotlib.colors import to_rgba

    if not np.isfinite(value):
        return to_rgba(_NO_VALUE)
    share = float(np.clip(scale(value), 0, 1))
    return tuple(colours(0.04 + 0.92 * share))  # neither white nor black


def _ink_on(fill: tuple[float, ...]) -> str:
    """Colour of text that is legible on a colour."""
    luminance = 0.299 * fill[0] + 0.587 * fill[1] + 0.114 * fill[2]
    return INK if luminance > 0.6 else "white"


def _map_to(colour: str) -> "Colormap":
    """Colours from nearly white to the one that stands for a tissue in other pictures."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list(colour, ["#f5f1ef", colour])


def _colour_bar(axes: "Axes", scale: "Normalize", colours: "Colormap", label: str) -> None:
    """Strip of colour below a bullseye, labelled with what the values are."""
    low, high = float(scale.vmin or 0.0), float(scale.vmax or 0.0)
    strip = np.array([[_colour(v, scale, colours) for v in np.linspace(low, high, 128)]])
    axes.imshow(strip, extent=(low, high, 0, 1), aspect="auto")
    axes.set_yticks([])
    axes.locator_params(axis="x", nbins=5)
    axes.tick_params(length=2, pad=1.5, labelsize=7)
    axes.set_xlabel(label, labelpad=2)
