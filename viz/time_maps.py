"""Maps of times over hearts, atria and slabs: bands of colour with a numbered line on each."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..anatomy import Heart, Surface
from .figure import check_suffix, save_figure, style
from .line_labels import label_lines
from .panels import colour_bar, draw_scene, look_at, wide_in
from .shade import Paint, Seen
from .skin import Solid
from .solids import as_solid, usual_views

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Colour of nodes that are never activated.
NEVER_COLOUR = "#9a9aa0"
#: Colour maps, light to dark: of when muscle is activated, and of how long it stays so.
ACTIVATION_MAP, DURATION_MAP = "YlGnBu", "YlOrBr"
_LINE_PX = 1.6  # width of an isochrone
_BANDS = 16  # so many are told apart


def plot_activation(
    body: Solid | Surface,
    activation_ms: NDArray[np.float64],
    *,
    path: Path | str | None = None,
    step_ms: float = 10.0,
) -> None:
    """Show when each part of a heart or atrium is activated, with a line every `step_ms`.

    Parameters
    ----------
    body : the anatomy
    activation_ms : (n,) inf where a node is never activated
    path : picture to write, .png, .svg or .pdf; None opens a window, on hearts
    step_ms : from one isochrone to the next

    Raises
    ------
    ValueError
        When there is not one time a node, a time is nan, `step_ms` is not positive, or a window
        is asked for with something else than a heart.
    OSError
        When a window is asked for and there is no display.
    """
    plot_times(body, activation_ms, "Activation (ms)", path=path, step_ms=step_ms)


def plot_times(
    body: Solid | Surface,
    times_ms: NDArray[np.float64],
    label: str,
    *,
    path: Path | str | None = None,
    step_ms: float | None = None,
    colours: str = ACTIVATION_MAP,
) -> None:
    """Show any field of times, as `plot_activation` does.

    Parameters
    ----------
    body : the anatomy
    times_ms : (n,) inf where there is none
    label : of the colour bar, with the unit
    path : picture to write, .png, .svg or .pdf; None opens a window, on hearts
    step_ms : from one line to the next; without, one that makes at most sixteen bands
    colours : name of matplotlib's colour map, such as `DURATION_MAP`

    Raises
    ------
    ValueError, OSError
        As `plot_activation`.
    """
    if path is not None:
        check_suffix(path)
        figure = draw_times(body, times_ms, label, step_ms=step_ms, colours=colours)
        save_figure(figure, path)
        return
    if not isinstance(body, Heart):
        msg = "only hearts open in a window; give a path to write a picture"
        raise ValueError(msg)
    from .window import show_field

    times_ms = _checked_times(body, times_ms, label, step_ms)
    shown_ms = np.where(np.isfinite(times_ms), times_ms, np.nan)
    show_field(body, shown_ms, title=label, colours=colours, never=NEVER_COLOUR)


def draw_activation(
    body: Solid | Surface, activation_ms: NDArray[np.float64], *, step_ms: float = 10.0
) -> "Figure":
    """Figure of `plot_activation`, from the sides that are usual for the anatomy."""
    return draw_times(body, activation_ms, "Activation (ms)", step_ms=step_ms)


def draw_times(
    body: Solid | Surface,
    times_ms: NDArray[np.float64],
    label: str,
    *,
    step_ms: float | None = None,
    colours: str = ACTIVATION_MAP,
) -> "Figure":
    """Figure of `plot_times`."""
    solid = as_solid(body)
    times_ms = _checked_times(solid, times_ms, label, step_ms)
    levels_ms = isochrones(times_ms, step_ms or nice_step(times_ms))
    bands = band_colours(levels_ms, colours)
    never = np.isinf(times_ms)
    with style():
        views = usual_views(body)
        scene = look_at(solid, views, panel_in=wide_in(views))
        figure = draw_scene(scene, time_paint(solid, times_ms, levels_ms, bands))
        filled_ms = _filled(solid, times_ms)
        for axes, look in zip(figure.axes, scene.looks, strict=True):
            label_lines(axes, look, scene.reach_mm, filled_ms, levels_ms[1:-1], never)
        grey = NEVER_COLOUR if never.any() else None
        colour_bar(figure, levels_ms, bands, label, never=grey)
    return figure


def time_paint(
    solid: Solid,
    times_ms: NDArray[np.float64],
    levels_ms: NDArray[np.float64],
    bands: Sequence[str],
) -> Paint:
    """Colour bands between the levels, a thin line on each, grey where there is no time."""
    never = np.isinf(times_ms)
    filled_ms = _filled(solid, times_ms)
    colours = _rgb((*bands, NEVER_COLOUR))

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


def nice_step(times_ms: NDArray[np.float64]) -> float:
    """1, 2 or 5 times a power of ten that parts the finite times into at most sixteen bands.

    Examples
    --------
    >>> nice_step(np.array([0.0, 131.0, np.inf])), nice_step(np.array([0.0, 3.0]))
    (10.0, 0.2)
    """
    finite_ms = times_ms[np.isfinite(times_ms)]
    span_ms = float(np.ptp(finite_ms)) if finite_ms.size else 0.0
    if span_ms == 0:
        return 1.0
    least = span_ms / _BANDS
    power = 10.0 ** np.floor(np.log10(least))
    return float(min(f * power for f in (1, 2, 5, 10) if f * power >= least))


def band_colours(levels: NDArray[np.float64], colours: str = ACTIVATION_MAP) -> Sequence[str]:
    """One colour between each level and the next: the first is light, the last is dark."""
    from matplotlib import colormaps
    from matplotlib.colors import to_hex

    return [to_hex(c) for c in colormaps[colours](np.linspace(0.05, 0.97, len(levels) - 1))]


def _checked_times(
    solid: Solid, times_ms: NDArray[np.float64], label: str, step_ms: float | None
) -> NDArray[np.float64]:
    """The times, when there is one a node, a number or inf."""
    name, n = label.removesuffix(" (ms)"), len(solid.nodes_mm)
    if times_ms.shape != (n,):
        msg = f"{name} must have shape ({n},), got {times_ms.shape}"
        raise ValueError(msg)
    if np.isnan(times_ms).any():
        msg = f"{name} is nan at {np.isnan(times_ms).sum()} nodes; never activated is inf"
        raise ValueError(msg)
    if step_ms is not None and not step_ms > 0:
        msg = f"step_ms must be positive, got {step_ms}"
        raise ValueError(msg)
    return times_ms


def _filled(solid: Solid, times_ms: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n,) Times, with that of the nearest activated node where there is none."""
    from scipy.spatial import KDTree

    active = np.isfinite(times_ms)
    if active.all() or not active.any():
        return np.where(active, times_ms, 0.0)
    _, nearest = KDTree(solid.nodes_mm[active]).query(solid.nodes_mm[~active])
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
