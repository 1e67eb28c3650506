"""Potentials on the skin at some moments, from the front and the back."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..anatomy import ELECTRODES, Torso
from .camera import HEAD, LEFT, View
from .figure import INK, check_suffix, save_figure, style
from .panels import colour_bar, draw_grid, look_at
from .shade import Paint, Seen, bounds_mm
from .solids import Sheet

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MAP = "RdBu_r"
_PANEL_IN = 1.75
_BANDS = 22  # at most so many from the lowest to the highest colour
_LINE_PX, _ZERO_PX = 1.4, 3.0
_VIEWS = (
    View(title="Front", right=LEFT, up=HEAD, edges=("R", "L", "", "")),
    View(title="Back", right=-LEFT, up=HEAD, edges=("L", "R", "", "")),
)


def plot_body_map(
    torso: Torso,
    potentials_mv: NDArray[np.float64],
    times_ms: Sequence[float],
    *,
    path: Path | str,
    electrodes_mm: NDArray[np.float64] | None = None,
) -> None:
    """Show potentials on the skin: red positive, blue negative, the zero line bold.

    Parameters
    ----------
    torso : the body
    potentials_mv : (k, p) at the nodes of its skin, a row a moment
    times_ms : (k,)
    path : picture to write, .png, .svg or .pdf
    electrodes_mm : (10, 3) in the order of `ELECTRODES`; those that are finite are shown

    Raises
    ------
    ValueError
        When there is no moment, or not one finite value a node for each.
    """
    check_suffix(path)
    save_figure(draw_body_map(torso, potentials_mv, times_ms, electrodes_mm), path)


def draw_body_map(
    torso: Torso,
    potentials_mv: NDArray[np.float64],
    times_ms: Sequence[float],
    electrodes_mm: NDArray[np.float64] | None = None,
) -> "Figure":
    """Figure of `plot_body_map`: a column a moment."""
    wanted = (len(times_ms), len(torso.nodes_mm))
    if not len(times_ms) or potentials_mv.shape != wanted:
        msg = f"potentials_mv must have shape {wanted}, got {potentials_mv.shape}"
        raise ValueError(msg)
    if not np.isfinite(potentials_mv).all():
        msg = "potentials_mv holds values that are not finite"
        raise ValueError(msg)
    skin = Sheet(nodes_mm=torso.nodes_mm, triangles=torso.triangles)
    levels_mv = symmetric_levels(potentials_mv)
    colours = _band_colours(len(levels_mv) - 1)
    with style():
        scene = look_at(skin, _VIEWS, panel_in=_PANEL_IN)
        paints = [isopotential_paint(row, levels_mv, colours) for row in potentials_mv]
        figure = draw_grid(scene, paints, [f"{t:g} ms" for t in times_ms])
        colour_bar(figure, levels_mv, colours, "Potential (mV)")
        panels = iter(figure.axes)
        for view in _VIEWS:
            for row in potentials_mv:
                axes = next(panels)
                _extremes(axes, skin, view, row)
                if electrodes_mm is not None:
                    _electrodes(axes, skin, view, electrodes_mm)
    return figure


def symmetric_levels(potentials_mv: NDArray[np.float64]) -> NDArray[np.float64]:
    """Levels about zero that enclose all potentials, an even number of bands.

    Examples
    --------
    >>> symmetric_levels(np.array([-0.3, 1.1]))[[0, 1, -1]].tolist()
    [-1.1, -1.0, 1.1]
    """
    most_mv = max(float(np.abs(potentials_mv).max()), 1e-6)
    power = 10.0 ** np.floor(np.log10(2 * most_mv / _BANDS))
    step_mv = min(f * power for f in (1, 2, 5, 10) if f * power * _BANDS >= 2 * most_mv)
    half = int(np.ceil(most_mv / step_mv - 1e-9))
    return np.round(np.arange(-half, half + 1) * step_mv, 12)


def isopotential_paint(
    potentials_mv: NDArray[np.float64], levels_mv: NDArray[np.float64], colours: Sequence[str]
) -> Paint:
    """Bands of colour with a line on each level, the bold one at zero."""
    from matplotlib.colors import to_rgb

    rgb, step_mv = np.array([to_rgb(c) for c in colours]), levels_mv[1] - levels_mv[0]

    def paint(seen: Seen) -> NDArray[np.float64]:
        at_mv, slope = seen.value(potentials_mv), seen.slope(potentials_mv)
        band = np.clip(np.searchsorted(levels_mv, at_mv, side="right") - 1, 0, len(rgb) - 1)
        nearest = np.round(at_mv / step_mv)
        width_px = np.where(nearest == 0, _ZERO_PX, _LINE_PX)
        line = np.abs(at_mv - step_mv * nearest) < slope * width_px / 2
        return rgb[band] * np.where(line, np.where(nearest == 0, 0.25, 0.6), 1.0)[:, None]

    return paint


def _band_colours(n: int) -> list[str]:
    """Blue to red, the two middle bands nearly white."""
    from matplotlib import colormaps
    from matplotlib.colors import to_hex

    return [to_hex(c) for c in colormaps[_MAP]((np.arange(n) + 0.5) / n)]


def _at_mm(skin: Sheet, view: View, points_mm: NDArray[np.float64]) -> NDArray[np.float64]:
    """(k, 2) Points in a panel, to the right and upwards from its middle."""
    low_mm, high_mm = bounds_mm(skin, view)
    return (view.project_mm(points_mm) - (low_mm + high_mm) / 2)[:, :2] * (1, -1)


def _extremes(axes: "Axes", skin: Sheet, view: View, potentials_mv: NDArray[np.float64]) -> None:
    """A plus at the highest and a minus at the lowest potential, where it faces the viewer."""
    depth = skin.nodes_mm @ view.towards
    faces = depth > depth.mean()
    for index, marker in ((potentials_mv.argmax(), "+"), (potentials_mv.argmin(), "_")):
        if faces[index]:
            ((x, y),) = _at_mm(skin, view, skin.nodes_mm[[index]])
            axes.plot(x, y, marker, markersize=7, color="white", markeredgewidth=1.6)


def _electrodes(axes: "Axes", skin: Sheet, view: View, electrodes_mm: NDArray[np.float64]) -> None:
    """Dots with names at the electrodes on the side of the viewer."""
    from matplotlib.patheffects import withStroke

    middle_mm = skin.nodes_mm.mean(axis=0)
    known = np.isfinite(electrodes_mm).all(axis=1)
    near = known & ((electrodes_mm - middle_mm) @ view.towards > 0)
    for index in np.flatnonzero(near):
        ((x, y),) = _at_mm(skin, view, electrodes_mm[[index]])
        axes.plot(x, y, "o", markersize=2.6, color="white", markeredgecolor=INK, mew=0.6)
        name = axes.annotate(ELECTRODES[index], (x, y), (0, 3.0), textcoords="offset points")
        name.set(ha="center", fontsize=4.8)
        name.set_path_effects([withStroke(linewidth=1.2, foreground="white", alpha=0.8)])
