"""Pictures of a heart: where the scar lies, when each part is activated."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..anatomy import Heart
from ..sim import BORDER, CORE, HEALTHY
from .camera import (
    Axes,
    View,
    anterior_view,
    inferior_view,
    long_axis_view,
    lv_axes,
    short_axis_view,
)
from .figure import SCAR_COLOURS, SCAR_NAMES, check_suffix, save_figure, style
from .panels import colour_bar, draw_views, key
from .shade import Paint, Seen

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Colour of nodes that are never activated.
NEVER_COLOUR = "#9a9aa0"
_MAP = "YlGnBu"
_LINE_PX = 1.6  # width of an isochrone


def plot_scar(
    heart: Heart,
    tissue_labels: NDArray[np.integer],
    *,
    path: Path | str | None = None,
    electrodes: bool = False,
) -> None:
    """Show where core and border zone lie, from outside and through the wall.

    Parameters
    ----------
    heart : the anatomy
    tissue_labels : (n,) 0 healthy, 1 border zone, 2 core, such as `Tissue.labels`
    path : picture to write, .png, .svg or .pdf; None opens a window
    electrodes : also show V1 to V6

    Raises
    ------
    ValueError
        When there is not one label 0, 1 or 2 a node.
    OSError
        When a window is asked for and there is no display.
    """
    if path is None:
        from .window import show_field

        labels = _checked_labels(heart, tissue_labels)
        show_field(heart, labels, title="Tissue", colours=SCAR_COLOURS, names=SCAR_NAMES)
    else:
        check_suffix(path)
        save_figure(draw_scar(heart, tissue_labels, electrodes=electrodes), path)


def draw_scar(
    heart: Heart, tissue_labels: NDArray[np.integer], *, electrodes: bool = False
) -> "Figure":
    """Figure of `plot_scar`: anterior, posterior-inferior, long axis and short axis.

    The cuts pass through the middle of the core.
    """
    labels = _checked_labels(heart, tissue_labels)
    axes = lv_axes(heart)
    worst = labels == max(labels.max(), BORDER)
    middle = heart.nodes_mm[worst].mean(axis=0) if worst.any() else None
    with style():
        figure = draw_views(
            heart, _views(axes, middle), scar_paint(labels), shown_electrodes=electrodes
        )
        key(figure, SCAR_COLOURS, SCAR_NAMES)
    return figure


def plot_activation(
    heart: Heart,
    activation_ms: NDArray[np.float64],
    *,
    path: Path | str | None = None,
    step_ms: float = 10.0,
) -> None:
    """Show when each part of the heart is activated, with a line every `step_ms`.

    Parameters
    ----------
    heart : the anatomy
    activation_ms : (n,) inf where a node is never activated
    path : picture to write, .png, .svg or .pdf; None opens a window
    step_ms : from one isochrone to the next

    Raises
    ------
    ValueError
        When there is not one time a node, a time is nan, or `step_ms` is not positive.
    OSError
        When a window is asked for and there is no display.
    """
    if path is None:
        from .window import show_field

        times_ms = _checked_times(heart, activation_ms, step_ms)
        times_ms = np.where(np.isfinite(times_ms), times_ms, np.nan)
        show_field(heart, times_ms, title="Activation (ms)", colours=_MAP, never=NEVER_COLOUR)
    else:
        check_suffix(path)
        save_figure(draw_activation(heart, activation_ms, step_ms=step_ms), path)


def draw_activation(
    heart: Heart, activation_ms: NDArray[np.float64], *, step_ms: float = 10.0
) -> "Figure":
    """Figure of `plot_activation`: anterior, posterior-inferior, long axis and short axis."""
    times_ms = _checked_times(heart, activation_ms, step_ms)
    levels_ms = isochrones(times_ms, step_ms)
    with style():
        figure = draw_views(
            heart, _views(lv_axes(heart), None), activation_paint(heart, times_ms, levels_ms)
        )
        never = NEVER_COLOUR if np.isinf(times_ms).any() else None
        colour_bar(figure, levels_ms, band_colours(levels_ms), "Activation (ms)", never=never)
    return figure


def scar_paint(labels: NDArray[np.int8]) -> Paint:
    """Colour every pixel by the label that weighs most there."""
    share = np.eye(3)[labels]
    colours = _rgb(SCAR_COLOURS)

    def paint(seen: Seen) -> NDArray[np.float64]:
        return colours[seen.value(share).argmax(axis=1)]

    return paint


def activation_paint(
    heart: Heart, times_ms: NDArray[np.float64], levels_ms: NDArray[np.float64]
) -> Paint:
    """Colour bands between isochrones, a thin line on each, grey where never activated."""
    never = np.isinf(times_ms)
    filled_ms = _filled(heart, times_ms)
    colours = _rgb((*band_colours(levels_ms), NEVER_COLOUR))

    def paint(seen: Seen) -> NDArray[np.float64]:
        at_ms, dead = seen.value(filled_ms), seen.value(never.astype(float)) > 0.5
        band = np.clip(np.searchsorted(levels_ms, at_ms, side="right") - 1, 0, len(levels_ms) - 2)
        line = _on_line(at_ms, seen.slope(filled_ms), levels_ms) & ~dead
        return colours[np.where(dead, -1, band)] * np.where(line, 0.55, 1.0)[:, None]

    return paint


def isochrones(times_ms: NDArray[np.float64], step_ms: float) -> NDArray[np.float64]:
    """Multiples of `step_ms` that enclose all finite times.

    Examples
    --------
    >>> isochrones(np.array([3.0, 27.0, np.inf]), 10.0)
    array([ 0., 10., 20., 30.])
    """
    finite_ms = times_ms[np.isfinite(times_ms)]
    first, last = (finite_ms.min(), finite_ms.max()) if finite_ms.size else (0.0, 0.0)
    low = np.floor(first / step_ms)
    return step_ms * np.arange(low, max(np.ceil(last / step_ms), low + 1) + 1)


def band_colours(levels_ms: NDArray[np.float64]) -> Sequence[str]:
    """One colour between each isochrone and the next: early is light, late is dark."""
    from matplotlib import colormaps
    from matplotlib.colors import to_hex

    return [to_hex(c) for c in colormaps[_MAP](np.linspace(0.05, 0.97, len(levels_ms) - 1))]


def _views(axes: Axes, through_mm: NDArray[np.float64] | None) -> tuple[View, ...]:
    """Both sides and both cuts, the cuts through a point or through the middle."""
    cuts = long_axis_view(axes, through_mm), short_axis_view(axes, through_mm)
    return anterior_view(), inferior_view(), *cuts


def _checked_labels(heart: Heart, labels: NDArray[np.integer]) -> NDArray[np.int8]:
    """The labels, when they are 0, 1 or 2 and one a node."""
    _check_one_a_node(heart, labels, "tissue_labels")
    strange = labels[~np.isin(labels, (HEALTHY, BORDER, CORE))]
    if strange.size:
        msg = f"tissue_labels must be 0 healthy, 1 border or 2 core, got {strange[0]}"
        raise ValueError(msg)
    return labels.astype(np.int8)


def _checked_times(
    heart: Heart, times_ms: NDArray[np.float64], step_ms: float
) -> NDArray[np.float64]:
    """The times, when there is one a node, a number or inf."""
    _check_one_a_node(heart, times_ms, "activation_ms")
    if np.isnan(times_ms).any():
        msg = f"activation_ms is nan at {np.isnan(times_ms).sum()} nodes; never activated is inf"
        raise ValueError(msg)
    if not step_ms > 0:
        msg = f"step_ms must be positive, got {step_ms}"
        raise ValueError(msg)
    return times_ms


def _check_one_a_node(heart: Heart, values: NDArray[np.generic], name: str) -> None:
    if values.shape != (len(heart.nodes_mm),):
        msg = f"{name} must have shape ({len(heart.nodes_mm)},), got {values.shape}"
        raise ValueError(msg)


def _filled(heart: Heart, times_ms: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n,) Times, with that of the nearest activated node where there is none."""
    from scipy.spatial import KDTree

    active = np.isfinite(times_ms)
    if active.all() or not active.any():
        return np.where(active, times_ms, 0.0)
    _, nearest = KDTree(heart.nodes_mm[active]).query(heart.nodes_mm[~active])
    filled_ms = times_ms.copy()
    filled_ms[~active] = times_ms[active][nearest]
    return filled_ms


def _on_line(
    at_ms: NDArray[np.float64], slope: NDArray[np.float64], levels_ms: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """(p,) Pixels within half a line's width of an isochrone that lies inside the range."""
    step_ms = levels_ms[1] - levels_ms[0]
    level_ms = step_ms * np.round(at_ms / step_ms)
    inside = (level_ms > levels_ms[0]) & (level_ms < levels_ms[-1])
    return inside & (np.abs(at_ms - level_ms) < slope * _LINE_PX / 2)


def _rgb(colours: Sequence[str]) -> NDArray[np.float64]:
    from matplotlib.colors import to_rgb

    return np.array([to_rgb(c) for c in colours])
