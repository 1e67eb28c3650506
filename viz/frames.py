"""Membrane potential or phase at a few moments side by side, or as an animation."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..anatomy import Heart, Surface
from .camera import View, anterior_view, long_axis_view, lv_axes
from .figure import check_suffix, save_figure, style, write_whole
from .panels import draw_grid, draw_scene, look_at, smooth_bar, wide_in
from .shade import Paint, Seen
from .skin import Solid
from .solids import as_solid, usual_views
from .time_maps import NEVER_COLOUR

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from PIL.Image import Image

_PANEL_IN, _MOVIE_DPI = 1.45, 110
_MS_A_FRAME = 60


class Quantity(NamedTuple):
    """What frames show: its words, the range of the colours, and the colours.

    Attributes
    ----------
    label : with the unit
    low, high : what the ends of the colour map stand for
    colours : name of matplotlib's colour map
    angle : whether it is an angle, whose ends meet
    """

    label: str
    low: float
    high: float
    colours: str
    angle: bool = False


VM = Quantity("Membrane potential (mV)", -90.0, 40.0, "RdYlBu_r")
PHASE = Quantity("Phase (rad)", -np.pi, np.pi, "twilight", angle=True)


def plot_frames(
    body: Solid | Surface,
    values: NDArray[np.floating],
    times_ms: Sequence[float],
    *,
    path: Path | str,
    quantity: Quantity = VM,
    dead: NDArray[np.bool_] | None = None,
) -> None:
    """Show a field at some moments, a column each, from two sides.

    Parameters
    ----------
    body : heart, atrium or slab
    values : (k, n) the field at each moment
    times_ms : (k,)
    path : picture to write, .png, .svg or .pdf
    quantity : what it is, `VM` or `PHASE`
    dead : (n,) muscle that conducts no wave

    Raises
    ------
    ValueError
        When there is no moment, or not one value a node for each, or a value is not finite.
    """
    check_suffix(path)
    save_figure(draw_frames(body, values, times_ms, quantity=quantity, dead=dead), path)


def draw_frames(
    body: Solid | Surface,
    values: NDArray[np.floating],
    times_ms: Sequence[float],
    *,
    quantity: Quantity = VM,
    dead: NDArray[np.bool_] | None = None,
) -> "Figure":
    """Figure of `plot_frames`."""
    solid = as_solid(body)
    _check(solid, values, times_ms)
    with style():
        scene = look_at(solid, two_views(body), panel_in=_PANEL_IN)
        paints = [field_paint(frame, quantity, dead) for frame in values]
        titles = [f"{time_ms:g} ms" for time_ms in times_ms]
        figure = draw_grid(scene, paints, titles)
        grey = NEVER_COLOUR if dead is not None and dead.any() else None
        limits = (quantity.low, quantity.high)
        smooth_bar(figure, limits, quantity.colours, quantity.label, dead=grey)
    return figure


def write_animation(
    body: Solid | Surface,
    values: Sequence[NDArray[np.floating]] | NDArray[np.floating],
    times_ms: Sequence[float],
    *,
    path: Path | str,
    quantity: Quantity = VM,
    dead: NDArray[np.bool_] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Write frames as a .gif that runs for ever, from two sides.

    Parameters
    ----------
    body, values, times_ms, quantity, dead : as in `plot_frames`
    path : ends in .gif
    progress : called with frames done and all frames

    Raises
    ------
    ValueError
        As `plot_frames`, and when the file has another ending.
    """
    path = Path(path)
    if path.suffix.lower() != ".gif":
        msg = f"animations are written as .gif, got {path.name!r}"
        raise ValueError(msg)
    solid = as_solid(body)
    _check(solid, values, times_ms)
    views = two_views(body)
    scene = look_at(solid, views, dpi=_MOVIE_DPI, panel_in=wide_in(views))
    images: list[Image] = []
    for done, (frame, time_ms) in enumerate(zip(values, times_ms, strict=True)):
        if progress is not None:
            progress(done, len(times_ms))
        paint = field_paint(frame, quantity, dead)
        with style():
            figure = draw_scene(scene, paint)
            figure.text(0.5, 0.99, f"{time_ms:.0f} ms", ha="center", va="top", fontsize=10)
            limits = (quantity.low, quantity.high)
            smooth_bar(figure, limits, quantity.colours, quantity.label)
            images.append(_as_image(figure))
    write_whole(path, lambda part: _save_gif(images, part))
    if progress is not None:
        progress(len(times_ms), len(times_ms))


def field_paint(
    values: NDArray[np.floating], quantity: Quantity, dead: NDArray[np.bool_] | None = None
) -> Paint:
    """Colour by value, grey where muscle is dead; an angle is carried as sine and cosine."""
    from matplotlib import colormaps
    from matplotlib.colors import to_rgb

    table = colormaps[quantity.colours](np.linspace(0, 1, 256))[:, :3]
    nodal = np.asarray(values, np.float64)

    def paint(seen: Seen) -> NDArray[np.float64]:
        if quantity.angle:
            at = np.arctan2(seen.value(np.sin(nodal)), seen.value(np.cos(nodal)))
        else:
            at = seen.value(nodal)
        share = (at - quantity.low) / (quantity.high - quantity.low)
        colours: NDArray[np.float64] = table[np.clip(255 * share, 0, 255).astype(int)]
        if dead is not None:
            colours[seen.value(dead.astype(float)) > 0.5] = to_rgb(NEVER_COLOUR)
        return colours

    return paint


def two_views(body: Solid | Surface) -> tuple[View, ...]:
    """The two sides that show most: of a heart from the front and cut open along its axis."""
    if isinstance(body, Heart):
        return anterior_view(), long_axis_view(lv_axes(body))
    return usual_views(body)[:2]


def _check(
    solid: Solid,
    values: Sequence[NDArray[np.floating]] | NDArray[np.floating],
    times_ms: Sequence[float],
) -> None:
    if not len(times_ms) or len(values) != len(times_ms):
        msg = f"one frame a moment is needed, got {len(values)} for {len(times_ms)} moments"
        raise ValueError(msg)
    for frame, time_ms in zip(values, times_ms, strict=True):
        if frame.shape != (len(solid.nodes_mm),):
            msg = f"a frame must have shape ({len(solid.nodes_mm)},), got {frame.shape}"
            raise ValueError(msg)
        if not np.isfinite(frame).all():
            msg = f"the frame at {time_ms:g} ms holds values that are not finite"
            raise ValueError(msg)


def _as_image(figure: "Figure") -> "Image":
    """The figure in 256 colours, as a .gif needs."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from PIL import Image

    figure.set_dpi(_MOVIE_DPI)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()  # type: ignore[no-untyped-call]
    pixels = np.asarray(canvas.buffer_rgba())[..., :3]  # type: ignore[no-untyped-call]
    return Image.fromarray(np.ascontiguousarray(pixels)).quantize(256)


def _save_gif(images: "Sequence[Image]", path: Path) -> None:
    first, *rest = images
    first.save(path, save_all=True, append_images=rest, duration=_MS_A_FRAME, loop=0)
