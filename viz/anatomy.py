"""Where everything lies in a heart: segments and coordinates, to look an anatomy over."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..anatomy import Heart
from .camera import Axes, anterior_view, inferior_view, long_axis_view, lv_axes, short_axis_view
from .figure import DPI, INK, check_suffix, save_figure, style
from .panels import Scene, colour_bar, draw_scene, look_at
from .shade import Paint, Seen

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Colour of what lies in no segment: the right ventricle.
_NO_SEGMENT = "#dcdce0"
_LINE_PX = 1.6  # width of a line between two bands
_DARKER = 0.6  # on the line
_COS_30 = 0.866  # segments of the rings meet at 0 and 180 degrees: cut 30 degrees away


def plot_anatomy(heart: Heart, *, path: Path | str) -> None:
    """Show the AHA segments and the ventricular coordinates, from outside and through the wall.

    Parameters
    ----------
    heart : the anatomy
    path : picture to write, .png, .svg or .pdf

    Raises
    ------
    ValueError
        When the suffix is another.
    """
    check_suffix(path)
    save_figure(draw_anatomy(heart), path)


def draw_anatomy(heart: Heart, *, dpi: float = DPI) -> "Figure":
    """Figure of `plot_anatomy`: a row each for segments and the four coordinates."""
    with style():
        rows = anatomy_rows(anatomy_scene(heart, dpi=dpi))
        return _stack([draw() for draw in rows.values()], dpi)


def anatomy_scene(heart: Heart, *, dpi: float = DPI) -> Scene[Heart]:
    """Both sides, a long axis and a short axis."""
    axes = lv_axes(heart)
    cuts = long_axis_view(axes, _off_borders_mm(axes)), short_axis_view(axes)
    return look_at(heart, (anterior_view(), inferior_view(), *cuts), dpi=dpi)


def levels_scene(heart: Heart, *, dpi: float = DPI) -> Scene[Heart]:
    """Three short axes, basal, mid and apical as the segments are, and a long axis."""
    axes = lv_axes(heart)
    cuts = [
        replace(short_axis_view(axes, _level_mm(heart, height)), title=f"Short axis, {name}")
        for name, height in (("basal", 0.80), ("mid", 0.55), ("apical", 0.25))
    ]
    return look_at(heart, (*cuts, long_axis_view(axes, _off_borders_mm(axes))), dpi=dpi)


def _off_borders_mm(axes: Axes) -> NDArray[np.float64]:
    """(3,) A point whose long axis passes through the middle of segments."""
    return axes.centre_mm + 30.0 * (_COS_30 * axes.lateral + 0.5 * axes.anterior)


def _level_mm(heart: Heart, height: float) -> NDArray[np.float64]:
    """(3,) Middle of the left ventricle's nodes about an apicobasal height."""
    off = np.abs(heart.coordinates.apicobasal - height) + ~heart.is_lv
    return np.asarray(heart.nodes_mm[np.argsort(off)[: max(len(off) // 50, 1)]].mean(axis=0))


def anatomy_rows(scene: Scene[Heart]) -> dict[str, "Callable[[], Figure]"]:
    """Figure makers of segments and coordinates over a scene, by what they show."""
    places, tenths = scene.heart.coordinates, np.linspace(0.0, 1.0, 11)
    turns_deg = np.linspace(-180.0, 180.0, 13)
    fields = {
        "Apicobasal": (places.apicobasal, tenths),
        "Transmural": (places.transmural, tenths),
        "Rotational (degrees)": (np.rad2deg(places.rotational), turns_deg),
        "Transventricular": (places.transventricular, np.linspace(0.0, 1.0, 5)),
    }
    rows: dict[str, Callable[[], Figure]] = {"AHA segments": partial(_segment_row, scene)}
    for label, (values, levels) in fields.items():
        rows[label] = partial(_banded_row, scene, values, levels, label)
    return rows


def segment_colours() -> list[str]:
    """One colour for each segment 0..17: a hue a wall, lighter towards the apex; 0 is grey.

    Examples
    --------
    >>> len(segment_colours())
    18
    """
    from matplotlib.colors import hsv_to_rgb, to_hex

    colours = [_NO_SEGMENT]
    for walls, depth, light in ((6, 0.62, 0.72), (6, 0.48, 0.86), (4, 0.32, 0.95)):
        hues = (np.arange(walls) / walls + 0.02) % 1.0
        rgb = hsv_to_rgb([(hue, depth, light) for hue in hues])
        colours += [to_hex(tuple(colour)) for colour in rgb.tolist()]
    return [*colours, "#f4efe6"]


def _segment_row(scene: Scene[Heart]) -> "Figure":
    """The seventeen segments, each in its colour."""
    colours = segment_colours()
    rgb, share = _rgb(colours), np.eye(18)[scene.heart.segments]

    def paint(seen: Seen) -> NDArray[np.float64]:
        return rgb[seen.value(share).argmax(axis=1)]

    figure = draw_scene(scene, paint)
    _segment_key(figure, colours)
    return figure


def _segment_key(figure: "Figure", colours: Sequence[str]) -> None:
    """A box for each segment below the panels, with its number in it."""
    height = figure.get_figheight()
    bar = figure.add_axes((0.25, 0.24 / height, 0.5, 0.2 / height))
    for segment in range(1, 18):
        bar.axvspan(segment - 0.5, segment + 0.5, facecolor=colours[segment], edgecolor="white")
        ink = INK if _rgb(colours)[segment] @ (0.3, 0.59, 0.11) > 0.55 else "white"
        bar.text(segment, 0.5, str(segment), ha="center", va="center", fontsize=8, color=ink)
    bar.set(xlim=(0.5, 17.5), ylim=(0, 1))
    bar.set_axis_off()
    bar.text(-0.015, 0.5, "AHA segment", transform=bar.transAxes, ha="right", va="center").set(
        fontsize=8.5
    )


def _banded_row(
    scene: Scene[Heart], values: NDArray[np.float64], levels: NDArray[np.float64], label: str
) -> "Figure":
    """One coordinate in bands with a line between them; an angle in degrees goes round."""
    round_ = label.endswith("(degrees)")
    colours = _band_colours("twilight_shifted" if round_ else "YlGnBu", len(levels) - 1)
    figure = draw_scene(scene, _banded(values, levels, colours, round_))
    colour_bar(figure, levels, colours, label)
    return figure


def _banded(
    values: NDArray[np.float64], levels: NDArray[np.float64], colours: Sequence[str], round_: bool
) -> Paint:
    """Colour by band; an angle is carried as sine and cosine, which do not jump at 180."""
    rgb, step = _rgb(colours), levels[1] - levels[0]
    angle = np.deg2rad(values)
    sine, cosine = np.sin(angle), np.cos(angle)

    def paint(seen: Seen) -> NDArray[np.float64]:
        if round_:
            at = np.rad2deg(np.arctan2(seen.value(sine), seen.value(cosine)))
            slope = np.rad2deg(np.hypot(seen.slope(sine), seen.slope(cosine)))
        else:
            at, slope = seen.value(values), seen.slope(values)
        band = np.clip(np.searchsorted(levels, at, side="right") - 1, 0, len(rgb) - 1)
        line = np.abs(at - step * np.round(at / step)) < slope * _LINE_PX / 2
        line &= round_ | ((at > levels[0] + step / 2) & (at < levels[-1] - step / 2))
        return rgb[band] * np.where(line, _DARKER, 1.0)[:, None]

    return paint


def _stack(rows: Sequence["Figure"], dpi: float) -> "Figure":
    """The rows below each other in one figure."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    heights = [row.get_figheight() for row in rows]
    whole = Figure(figsize=(rows[0].get_figwidth(), sum(heights)), facecolor="white")
    top = sum(heights)
    for row, height in zip(rows, heights, strict=True):
        row.set_dpi(dpi)
        canvas = FigureCanvasAgg(row)
        canvas.draw()  # type: ignore[no-untyped-call]
        top -= height
        axes = whole.add_axes((0, top / sum(heights), 1, height / sum(heights)))
        pixels = np.asarray(canvas.buffer_rgba())  # type: ignore[no-untyped-call]
        axes.imshow(pixels, aspect="auto", interpolation="none")
        axes.set_axis_off()
    return whole


def _band_colours(name: str, n: int) -> list[str]:
    """One colour a band."""
    from matplotlib import colormaps
    from matplotlib.colors import to_hex

    return [to_hex(colour) for colour in colormaps[name](np.linspace(0.06, 0.94, n))]


def _rgb(colours: Sequence[str]) -> NDArray[np.float64]:
    from matplotlib.colors import to_rgb

    return np.array([to_rgb(colour) for colour in colours])
