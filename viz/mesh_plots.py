"""The shape of a mesh's tetrahedra as a histogram."""

from typing import TYPE_CHECKING

import numpy as np

from ..anatomy import Heart
from ..anatomy.quality import LEAST_SCALED_JACOBIAN, scaled_jacobians
from .figure import INK, PALE_INK, style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_BINS = np.linspace(0.0, 1.0, 41)
_BAR, _POOR = "#7fa3b5", "#6b1f47"


def draw_jacobians(heart: Heart) -> "Figure":
    """Figure of the scaled Jacobians of all tetrahedra; those that make solves slow are dark.

    The count is logarithmic: what matters is the few at the left.
    """
    from matplotlib.figure import Figure

    shapes = scaled_jacobians(heart.nodes_mm, heart.tets)
    counts, _ = np.histogram(np.clip(shapes, 0, 1), _BINS)
    poor = _BINS[1:] <= LEAST_SCALED_JACOBIAN + 1e-9
    with style():
        figure = Figure(figsize=(3.1, 3.4), facecolor="white", layout="constrained")
        axes = figure.add_subplot()
        axes.bar(
            _BINS[:-1],
            np.maximum(counts, 0.5),
            width=np.diff(_BINS),
            align="edge",
            color=np.where(poor, _POOR, _BAR),
            edgecolor="white",
            linewidth=0.4,
        )
        axes.axvline(LEAST_SCALED_JACOBIAN, color=_POOR, linewidth=0.8, linestyle=":")
        axes.set(xlim=(0, 1), yscale="log", ylim=(0.7, 2 * counts.max()))
        axes.axvline(shapes.min(), color=INK, linewidth=0.8)
        axes.annotate(
            f"least {shapes.min():.3f}",
            (float(max(shapes.min(), 0.0)), float(counts.max())),
            (4, 2),
            textcoords="offset points",
            fontsize=7,
            color=INK,
        )
        axes.set_xlabel("Scaled Jacobian (regular 1, flat 0)")
        axes.set_ylabel("Tetrahedra")
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(which="minor", color=PALE_INK)
    return figure
