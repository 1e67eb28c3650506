"""RR intervals against time, each beat in the colour of its class."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .figure import PALE_INK, save_figure, style
from .paper_marks import CLASS_COLOURS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ..signals.beat_classes import Beats

#: An axis of RR intervals shows no more: 30 beats a minute.
_MOST_RR_MS = 2000.0
#: So many beats have smaller dots.
_MANY = 10_000
#: Units of time: the first in which the record is at least twice as long.
_UNITS = (("h", 3.6e6), ("min", 6e4), ("s", 1e3))


def plot_tachogram(
    beats: "Beats", *, duration_ms: float, title: str = "", path: Path | str | None = None
) -> "Figure":
    """RR interval that ends with each beat, against the time of the beat.

    Parameters
    ----------
    beats : R peaks and their classes; an unknown class is ""
    duration_ms : of the record
    title : printed above
    path : .png, .svg or .pdf to write, if any

    Raises
    ------
    ValueError
        When there are fewer than two beats.
    """
    from matplotlib.figure import Figure

    if len(beats.times_ms) < 2:
        msg = f"RR intervals need two beats, got {len(beats.times_ms)}"
        raise ValueError(msg)
    with style():
        figure = Figure(figsize=(10.5, 2.6), facecolor="white", layout="constrained")
        axes = figure.add_subplot()
        draw_tachogram(axes, beats, duration_ms)
        axes.set_title(title, loc="left", fontsize=9)
    if path is not None:
        save_figure(figure, path)
    return figure


def draw_tachogram(axes: "Axes", beats: "Beats", duration_ms: float) -> None:
    """Draw the dots, the usual beats first; what lies beyond the axis is an arrow at its edge."""
    unit, unit_ms = next((u for u in _UNITS if duration_ms >= 2 * u[1]), _UNITS[-1])
    times, rr_ms = beats.times_ms[1:] / unit_ms, np.diff(beats.times_ms)
    classes = np.array(beats.classes[1:])
    most_ms = min(1.15 * float(rr_ms.max(initial=100.0)), _MOST_RR_MS)
    for name in ("", *CLASS_COLOURS):
        of_class = classes == name
        colour = CLASS_COLOURS.get(name, PALE_INK)
        for shown, marker in ((rr_ms <= most_ms, "."), (rr_ms > most_ms, "^")):
            at = of_class & shown
            axes.plot(
                times[at],
                np.minimum(rr_ms[at], 0.98 * most_ms),
                marker,
                color=colour,
                markersize=(2.2 if len(rr_ms) < _MANY else 1.0) if marker == "." else 3.5,
                markeredgewidth=0,
                gid=f"rr-{name or 'unknown'}",
            )
    axes.set(xlabel=f"Time ({unit})", ylabel="RR (ms)")
    axes.set_xlim(0, duration_ms / unit_ms)
    axes.set_ylim(0, most_ms)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color="#ececef", linewidth=0.6)
    axes.set_axisbelow(True)
