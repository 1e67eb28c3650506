"""Views of a heart side by side, with scale, orientation and legend."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from ..anatomy import ELECTRODES
from .camera import View
from .figure import DPI, INK, PALE_INK
from .shade import Look, Paint, bounds_mm, look, paint_over
from .skin import Solid

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Width of a panel.
PANEL_IN = 2.3
_FOOT_IN = 0.62  # room for the legend
_HEAD_IN = 0.30  # room for the titles
_GAP_IN = 0.12  # between panels
#: Lengths a scale bar may have; the longest that takes at most a quarter of a panel is drawn.
_BARS_MM = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
_CHEST = [i for i, name in enumerate(ELECTRODES) if name.startswith("V")]


S = TypeVar("S", bound=Solid)


class Scene(NamedTuple, Generic[S]):
    """A heart from several sides at one scale, to be painted in more ways than one."""

    heart: S
    views: Sequence[View]
    half_mm: tuple[float, float]
    looks: Sequence[Look]
    panel_in: float = PANEL_IN

    @property
    def reach_mm(self) -> float:
        """From the middle to the edge of the pictures, which are square."""
        return max(self.half_mm)


def look_at(
    heart: S, views: Sequence[View], *, dpi: float | None = None, panel_in: float = PANEL_IN
) -> Scene[S]:
    """The scene of some views, each as large as the largest needs."""
    half_mm = _half_mm(heart, views)
    size_px = round(panel_in * (DPI if dpi is None else dpi) * max(half_mm) / half_mm[0])
    looks = [look(heart, view, half_mm=max(half_mm), size_px=size_px) for view in views]
    return Scene(heart, views, half_mm, looks, panel_in)


def wide_in(views: Sequence[View]) -> float:
    """Width of a panel: one that stands alone is larger, so that a colour bar finds room."""
    return PANEL_IN * (2 if len(views) == 1 else 1)


def draw_views(
    heart: Solid,
    views: Sequence[View],
    paint: Paint,
    *,
    electrodes_mm: NDArray[np.float64] | None = None,
) -> "Figure":
    """Figure with one panel a view; a view of the whole heart from the front shows electrodes."""
    return draw_scene(look_at(heart, views), paint, electrodes_mm=electrodes_mm)


def draw_scene(
    scene: Scene[S], paint: Paint, *, electrodes_mm: NDArray[np.float64] | None = None
) -> "Figure":
    """Figure of `draw_views`, of views that have been looked at."""
    from matplotlib.figure import Figure

    heart, views, half_mm, looks, panel_in = scene
    width = (panel_in + _GAP_IN) * len(views) + _GAP_IN
    tall = panel_in * half_mm[1] / half_mm[0]
    height = tall + _FOOT_IN + _HEAD_IN
    figure = Figure(figsize=(width, height), facecolor="white")
    for i, view in enumerate(views):
        left = ((panel_in + _GAP_IN) * i + _GAP_IN) / width
        axes = figure.add_axes((left, _FOOT_IN / height, panel_in / width, tall / height))
        from_front = view.towards[1] < -0.9 and view.plane is None
        picture = paint_over(looks[i], paint)
        axes.imshow(picture, extent=2 * _span(0, scene.reach_mm))
        axes.set(xlim=_span(0, half_mm[0]), ylim=_span(0, half_mm[1]))
        axes.set_axis_off()
        axes.set_title(view.title, fontsize=9, pad=6)
        if from_front and electrodes_mm is not None:
            _electrodes(axes, _chest_mm(heart, electrodes_mm, view), half_mm)
        _edges(axes, view)
        if i == 0:
            _scale_bar(axes)
    return figure


def draw_grid(scene: Scene[S], paints: Sequence[Paint], titles: Sequence[str]) -> "Figure":
    """Figure with a row a view and a column a paint, titles above the columns.

    The panels are the first axes of the figure, row by row.
    """
    from matplotlib.figure import Figure

    half_mm, panel_in, rows, columns = scene.half_mm, scene.panel_in, len(scene.views), len(paints)
    tall = panel_in * half_mm[1] / half_mm[0]
    width, height = panel_in * columns + 2 * _GAP_IN, tall * rows + _FOOT_IN + _HEAD_IN
    figure = Figure(figsize=(width, height), facecolor="white")
    for row, (view, seen) in enumerate(zip(scene.views, scene.looks, strict=True)):
        bottom = _FOOT_IN + tall * (rows - 1 - row)
        for column, paint in enumerate(paints):
            left = 2 * _GAP_IN + panel_in * column
            place = (left / width, bottom / height, panel_in / width, tall / height)
            axes = figure.add_axes(place)
            axes.imshow(paint_over(seen, paint), extent=2 * _span(0, scene.reach_mm))
            axes.set(xlim=_span(0, half_mm[0]), ylim=_span(0, half_mm[1]))
            axes.set_axis_off()
            if row == 0:
                axes.set_title(titles[column], fontsize=8, pad=4)
        name = figure.axes[-columns].text(-0.01, 0.5, view.title, rotation=90)
        name.set(transform=figure.axes[-columns].transAxes, ha="right", va="center", fontsize=7)
    _scale_bar(figure.axes[columns * (rows - 1)], below=True)
    return figure


def smooth_bar(
    figure: "Figure",
    limits: tuple[float, float],
    colours: str,
    label: str,
    *,
    dead: str | None = None,
) -> None:
    """Colour map below the panels; a box of the colour `dead` for muscle without a wave."""
    from matplotlib import colormaps

    height = figure.get_figheight()
    bar = figure.add_axes((0.30, 0.34 / height, 0.42, 0.10 / height))
    bar.imshow(
        np.linspace(0, 1, 256)[None], aspect="auto", cmap=colormaps[colours], extent=(*limits, 0, 1)
    )
    bar.set_yticks([])
    bar.tick_params(length=2, pad=1.5, labelsize=7)
    bar.text(-0.02, 0.5, label, transform=bar.transAxes, ha="right", va="center", fontsize=8)
    if dead is not None:
        _grey_box(figure, 0.75, dead, "no wave")


def key(figure: "Figure", colours: Sequence[str], names: Sequence[str]) -> None:
    """Legend of named colours below the panels."""
    from matplotlib.patches import Patch

    patches = [
        Patch(facecolor=c, edgecolor=INK, linewidth=0.5, label=name)
        for c, name in zip(colours, names, strict=True)
    ]
    figure.legend(
        handles=patches,
        loc="center",
        bbox_to_anchor=(0.5, 0.36 / figure.get_figheight()),
        ncols=len(patches),
        frameon=False,
        fontsize=8.5,
        handlelength=1.4,
        handleheight=1.1,
        columnspacing=2.4,
    )


def colour_bar(
    figure: "Figure",
    levels: NDArray[np.float64],
    colours: Sequence[str],
    label: str,
    *,
    never: str | None = None,
) -> None:
    """Bands of colour below the panels, their borders labelled; a grey box for `never`."""
    height = figure.get_figheight()
    bar = figure.add_axes((0.25, 0.34 / height, 0.5, 0.11 / height))
    for low, high, colour in zip(levels[:-1], levels[1:], colours, strict=True):
        bar.axvspan(low, high, facecolor=colour, edgecolor=INK, linewidth=0.4)
    bar.set_xlim(levels[0], levels[-1])
    bar.set_yticks([])
    every = 1 + len(levels) // min(16, int(2 * figure.get_figwidth()))
    bar.set_xticks(levels[np.abs(levels).argmin() % every :: every])
    bar.tick_params(length=2, pad=1.5, labelsize=7)
    bar.text(-0.015, 0.5, label, transform=bar.transAxes, ha="right", va="center", fontsize=8.5)
    if never is not None:
        _grey_box(figure, 0.79, never, "never")


def _grey_box(figure: "Figure", left: float, colour: str, word: str) -> None:
    """A box beside the colour bar, with a word."""
    height = figure.get_figheight()
    box = figure.add_axes((left, 0.34 / height, 0.16 / figure.get_figwidth(), 0.11 / height))
    box.set(facecolor=colour, xticks=[], yticks=[])
    box.text(1.3, 0.5, word, transform=box.transAxes, va="center", fontsize=8)


def _half_mm(heart: Solid, views: Sequence[View]) -> tuple[float, float]:
    """Half the width and height that hold every view, so that all have one scale."""
    boxes = [bounds_mm(heart, view) for view in views]
    width, height, _ = np.max([high - low for low, high in boxes], axis=0) / 2
    width = max(width, 0.75 * height)
    return float(width * 1.10), float(max(min(height * 1.20, width * 1.10), height * 1.04))


def _span(middle: float, half: float) -> tuple[float, float]:
    """Both ends of an interval."""
    return middle - half, middle + half


def _chest_mm(heart: Solid, electrodes_mm: NDArray[np.float64], view: View) -> NDArray[np.float64]:
    """(6, 2) V1 to V6 in the picture, to the right and upwards from its middle."""
    low, high = bounds_mm(heart, view)
    at_mm = view.project_mm(electrodes_mm[_CHEST]) - (low + high) / 2
    return at_mm[:, :2] * (1, -1)


def _edges(axes: "Axes", view: View) -> None:
    """Say what lies at each side of a panel."""
    places = [(0.0, 0.5, "left", "center", 90), (1.0, 0.5, "right", "center", 270)]
    places += [(0.5, 1.0, "center", "top", 0), (0.5, 0.0, "center", "bottom", 0)]
    for (x, y, ha, va, turn), name in zip(places, view.edges, strict=True):
        text = axes.text(x, y, name, ha=ha, va=va, transform=axes.transAxes)
        text.set(rotation=turn if len(name) > 1 else 0, color=PALE_INK, fontsize=6.5)


def _scale_bar(axes: "Axes", *, below: bool = False) -> None:
    """Bar at the lower left of a panel, or below it, in millimetres of the heart."""
    (left, right), (low, _) = axes.get_xlim(), axes.get_ylim()
    step = (right - left) / 100
    bar_mm = max(b for b in _BARS_MM if b <= max(25 * step, _BARS_MM[0]))
    x, y = left + step, low + (-6 if below else 2) * step
    line = axes.plot([x, x + bar_mm], [y, y], color=INK, linewidth=1.4, clip_on=False)[0]
    line.set_solid_capstyle("butt")
    axes.text(x, y + 1.5 * step, f"{bar_mm:g} mm", fontsize=6.5, va="bottom")


def _electrodes(axes: "Axes", at_mm: NDArray[np.float64], half_mm: tuple[float, float]) -> None:
    """Show V1 to V6, which lie in front of the heart, and make room for them."""
    axes.plot(*at_mm.T, "o", markersize=4.5, color="white", markeredgecolor=INK)
    for at, index in zip(at_mm, _CHEST, strict=True):
        text = axes.annotate(ELECTRODES[index], tuple(at), (0, 4.5), textcoords="offset points")
        text.set(ha="center", fontsize=6)
    low = np.minimum(at_mm.min(axis=0), np.negative(half_mm))
    high = np.maximum(at_mm.max(axis=0), half_mm)
    zoom = float(((high - low) / 2 / half_mm).max()) * 1.18
    (x, y), (half_x, half_y) = (low + high) / 2, half_mm
    axes.set(xlim=_span(x, half_x * zoom), ylim=_span(y, half_y * zoom))
