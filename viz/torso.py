"""A heart in its body: skin, lungs and electrodes, from the front and from the left."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..anatomy import ELECTRODES, Heart, Torso
from .camera import BACK, HEAD, LEFT, View
from .figure import DPI, INK, PALE_INK, check_suffix, save_figure, style
from .raster import rasterise

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_SKIN, _LUNG, _HEART = "#c9a58c", "#7fa3b5", "#b5473c"
_HEIGHT_IN, _EDGE_MM = 4.6, 25.0
_FINER = 2
_BAR_MM = 100.0
_NAME_MM = 20.0  # names nearer to each other than this would overlap
_VIEWS = (
    View(title="From the front", right=LEFT, up=HEAD, edges=("R", "L", "", "")),
    View(title="From the left", right=BACK, up=HEAD, edges=("front", "back", "", "")),
)


def plot_torso(heart: Heart, torso: Torso, *, path: Path | str) -> None:
    """Show a heart in its torso, with its lungs where it has any and the heart's electrodes.

    Parameters
    ----------
    heart : with electrodes; rows that are not finite are left out
    torso : the body, in the same axes
    path : picture to write, .png, .svg or .pdf

    Raises
    ------
    ValueError
        When the suffix is another.
    """
    check_suffix(path)
    save_figure(draw_torso(heart, torso), path)


def draw_torso(heart: Heart, torso: Torso, *, dpi: float = DPI) -> "Figure":
    """Figure of `plot_torso`: from the front and from the left, at one scale."""
    from matplotlib.figure import Figure

    boxes = [_box_mm(view, heart, torso) for view in _VIEWS]
    high_mm = max(box[1, 1] - box[0, 1] for box in boxes)
    in_per_mm = (_HEIGHT_IN - 0.4) / high_mm
    widths_in = [float(box[1, 0] - box[0, 0]) * in_per_mm for box in boxes]
    with style():
        figure = Figure(figsize=(sum(widths_in) + 0.3, _HEIGHT_IN), facecolor="white")
        left_in = 0.1
        for view, box, wide_in in zip(_VIEWS, boxes, widths_in, strict=True):
            place = np.array([left_in, 0.1, wide_in, high_mm * in_per_mm])
            place /= np.tile(figure.get_size_inches(), 2)
            _panel(figure.add_axes(tuple(place)), view, box, heart, torso, in_per_mm * dpi)
            left_in += wide_in + 0.1
        _scale_bar(figure.axes[0], boxes[0])
    return figure


def _box_mm(view: View, heart: Heart, torso: Torso) -> NDArray[np.float64]:
    """(2, 2) Lower and upper corner of what a view shows, to the right and upwards."""
    points_mm = np.concatenate([torso.nodes_mm, heart.electrodes_mm])
    at = points_mm[np.isfinite(points_mm).all(axis=1)] @ np.stack([view.right, view.up], axis=1)
    return np.array([at.min(axis=0) - _EDGE_MM, at.max(axis=0) + _EDGE_MM])


def _panel(
    axes: "Axes",
    view: View,
    box: NDArray[np.float64],
    heart: Heart,
    torso: Torso,
    px_per_mm: float,
) -> None:
    """Lungs, heart and skin over each other, then the electrodes."""
    triangles = np.concatenate(list(heart.surfaces.values()))
    layers = [(lung.nodes_mm, lung.triangles, _LUNG, False) for lung in torso.lungs]
    layers.append((heart.nodes_mm, triangles, _HEART, False))
    layers.append((torso.nodes_mm, torso.triangles, _SKIN, True))
    left, right, low, high = box[0, 0], box[1, 0], box[0, 1], box[1, 1]
    for nodes_mm, shell, colour, glass in layers:
        picture = _layer(nodes_mm, shell, view, box, px_per_mm, colour, glass)
        axes.imshow(picture, extent=(left, right, low, high))
    _electrodes(axes, view, heart, torso)
    axes.set(xlim=(left, right), ylim=(low, high), aspect="equal")
    axes.set_axis_off()
    axes.set_title(view.title, fontsize=9, pad=4)
    for x, side, name in ((0.01, "left", view.edges[0]), (0.99, "right", view.edges[1])):
        axes.text(x, 0.96, name, ha=side, color=PALE_INK, fontsize=6.5, transform=axes.transAxes)


def _layer(
    nodes_mm: NDArray[np.float64],
    triangles: NDArray[np.int32],
    view: View,
    box: NDArray[np.float64],
    px_per_mm: float,
    colour: str,
    glass: bool,
) -> NDArray[np.float64]:
    """(rows, columns, 4) One closed surface; glass is clear where it is seen face on."""
    from matplotlib.colors import to_rgb

    columns, rows = (np.ceil((box[1] - box[0]) * px_per_mm)).astype(int) * _FINER
    scale = np.array([columns / (box[1, 0] - box[0, 0]), rows / (box[1, 1] - box[0, 1])])
    right_down_away = view.project_mm(nodes_mm)
    xyz = right_down_away * [scale[0], scale[1], scale[0]]
    xyz[:, :2] -= np.array([box[0, 0], -box[1, 1]]) * scale + 0.5
    used = triangles.astype(np.int64)
    pixels = rasterise(xyz, used, np.zeros(len(nodes_mm)), (int(rows), int(columns)))
    facing = np.abs(pixels.blend(_normals(nodes_mm, used) @ view.towards, used)).clip(0, 1)
    out = np.zeros((int(rows), int(columns), 4))
    out[pixels.mask, :3] = np.array(to_rgb(colour)) * (0.62 + 0.38 * facing)[:, None]
    out[pixels.mask, 3] = 0.10 + 0.6 * (1 - facing) ** 2 if glass else 0.95
    mean = out.reshape(rows // _FINER, _FINER, columns // _FINER, _FINER, 4).mean(axis=(1, 3))
    share = out[..., 3:].reshape(rows // _FINER, _FINER, columns // _FINER, _FINER, 1)
    covered = (share > 0).mean(axis=(1, 3))
    mean[..., :3] /= np.maximum(covered, 1e-9)
    return np.clip(mean, 0.0, 1.0)


def _normals(nodes_mm: NDArray[np.float64], triangles: NDArray[np.int64]) -> NDArray[np.float64]:
    """(n, 3) Unit normals, means over the triangles about each node."""
    a, b, c = nodes_mm[triangles].transpose(1, 0, 2)
    normals = np.zeros_like(nodes_mm)
    np.add.at(normals, triangles, np.cross(b - a, c - a)[:, None, :])
    return normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)


def _electrodes(axes: "Axes", view: View, heart: Heart, torso: Torso) -> None:
    """Markers with names: full on the side of the viewer, hollow behind the body."""
    middle_mm = torso.nodes_mm.mean(axis=0)
    named: list[NDArray[np.float64]] = []
    for name, place_mm in zip(ELECTRODES, heart.electrodes_mm, strict=True):
        if not np.isfinite(place_mm).all():
            continue
        at = np.array([place_mm @ view.right, place_mm @ view.up])
        near = bool((place_mm - middle_mm) @ view.towards > -20.0)
        dot = axes.plot(*at, "o", markersize=4.0, markeredgewidth=0.6, zorder=4 + near)[0]
        dot.set(markerfacecolor=INK if near else "white", markeredgecolor=INK)
        if all(np.abs(at - other).max() > _NAME_MM for other in named):
            text = axes.annotate(name, tuple(at), (0, 5), textcoords="offset points", ha="center")
            text.set(fontsize=6, color=INK)
            named.append(at)


def _scale_bar(axes: "Axes", box: NDArray[np.float64]) -> None:
    """Bar at the lower left, ten centimetres long."""
    x, y = box[0] + 6.0
    axes.plot([x, x + _BAR_MM], [y, y], color=INK, linewidth=1.4, solid_capstyle="butt")
    axes.text(x, y + 5.0, f"{_BAR_MM / 10:g} cm", fontsize=6.5, va="bottom")
