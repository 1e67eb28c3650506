"""Pictures of a heart: where the scar lies."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..anatomy import Heart
from ..sim import BORDER, CORE, HEALTHY
from .camera import heart_views, lv_axes
from .figure import SCAR_COLOURS, SCAR_NAMES, check_suffix, save_figure, style
from .panels import draw_views, key
from .shade import Paint, Seen

if TYPE_CHECKING:
    from matplotlib.figure import Figure


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
            heart,
            heart_views(axes, middle),
            scar_paint(labels),
            electrodes_mm=heart.electrodes_mm if electrodes else None,
        )
        key(figure, SCAR_COLOURS, SCAR_NAMES)
    return figure


def scar_paint(labels: NDArray[np.int8]) -> Paint:
    """Colour every pixel by the label that weighs most there."""
    share = np.eye(3)[labels]
    colours = _rgb(SCAR_COLOURS)

    def paint(seen: Seen) -> NDArray[np.float64]:
        return colours[seen.value(share).argmax(axis=1)]

    return paint


def _checked_labels(heart: Heart, labels: NDArray[np.integer]) -> NDArray[np.int8]:
    """The labels, when they are 0, 1 or 2 and one a node."""
    _check_one_a_node(heart, labels, "tissue_labels")
    strange = labels[~np.isin(labels, (HEALTHY, BORDER, CORE))]
    if strange.size:
        msg = f"tissue_labels must be 0 healthy, 1 border or 2 core, got {strange[0]}"
        raise ValueError(msg)
    return labels.astype(np.int8)


def _check_one_a_node(heart: Heart, values: NDArray[np.generic], name: str) -> None:
    if values.shape != (len(heart.nodes_mm),):
        msg = f"{name} must have shape ({len(heart.nodes_mm)},), got {values.shape}"
        raise ValueError(msg)


def _rgb(colours: Sequence[str]) -> NDArray[np.float64]:
    from matplotlib.colors import to_rgb

    return np.array([to_rgb(c) for c in colours])
