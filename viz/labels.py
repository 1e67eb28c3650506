"""Which surface of a heart is which, in colour."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..anatomy import Heart
from .camera import Axes, View, anterior_view, inferior_view, long_axis_view, lv_axes
from .figure import DPI, style
from .panels import Scene, draw_scene, key, look_at
from .shade import Paint, Seen

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Colour and words of each surface, and of the wall where it is cut.
LABELS = {
    "lv_endo": ("#c8534f", "Left endocardium"),
    "rv_endo": ("#4f81bd", "Right endocardium"),
    "epi": ("#ead9c9", "Epicardium"),
    "base": ("#8f9a4a", "Base"),
    "wall": ("#b9b9c0", "Cut"),
}
#: Colour of a surface of another name.
_OTHER = "#7a5aa6"


def draw_labels(heart: Heart, *, dpi: float = DPI) -> "Figure":
    """Figure of the labelled boundary: from both sides, into the ventricles, and cut open."""
    axes = lv_axes(heart)
    views = (anterior_view(), inferior_view(), basal_view(axes), long_axis_view(axes))
    scene = look_at(heart, views, dpi=dpi)
    with style():
        figure = draw_scene(scene, label_paint(scene))
        key(figure, *zip(*LABELS.values(), strict=True))
    return figure


def label_paint(scene: Scene[Heart]) -> Paint:
    """Colour of every visible point by the surface its triangle belongs to."""
    from matplotlib.colors import to_rgb

    surfaces = scene.heart.surfaces
    colours = [to_rgb(LABELS.get(name, (_OTHER, ""))[0]) for name in surfaces]
    sizes = [len(triangles) for triangles in surfaces.values()]
    rgb = np.array([*colours, to_rgb(LABELS["wall"][0])])

    def paint(seen: Seen) -> NDArray[np.float64]:
        cut = len(seen.skin.triangles) - sum(sizes)
        label = np.repeat(np.arange(len(rgb)), [*sizes, cut])
        return rgb[label[seen.pixels.triangle]]

    return paint


def basal_view(axes: Axes) -> View:
    """Into both ventricles from their valves, the anterior wall at the top."""
    return View(
        title="From the base",
        right=-axes.lateral,
        up=axes.anterior,
        edges=("lateral", "septal", "anterior", "inferior"),
    )
