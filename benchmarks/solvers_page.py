"""The picture of docs/solvers.md: how the solvers converge as meshes get finer.

Run `python benchmarks/solvers_page.py` after `benchmarks/solvers.py --json`: two panels are drawn
from `results/solvers.json`; the errors of the eikonal are worked out here.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from solvers_eikonal import ball_error

from cardiotwin.viz.figure import INK, save_figure, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

RESULTS = Path(__file__).parent / "results" / "solvers.json"
PICTURE = Path(__file__).parents[1] / "docs" / "solvers.png"
EDGES_MM = 2.0, 1.0, 0.5
#: Time step of the N-version runs that are drawn.
STEP_MS = 0.01
#: Ball around the source in mm, and order.
SCHEMES = {"order 1": (0.0, 1), "with a ball": (3.0, 1), "order 2": (0.0, 2), "both": (3.0, 2)}


def draw(figures: dict[str, Any]) -> None:
    """Eikonal, speed of waves and N-version, side by side."""
    from matplotlib.figure import Figure

    with style():
        figure = Figure(figsize=(10.0, 3.2), layout="constrained")
        eikonal, speed, arrival = figure.subplots(1, 3)
        draw_eikonal(eikonal)
        draw_speed(speed, figures["cv_against_h"])
        draw_arrival(arrival, figures["nversion"])
        for axes in (eikonal, speed, arrival):
            axes.spines[["top", "right"]].set_visible(False)
            axes.legend(frameon=False, fontsize=7)
        save_figure(figure, PICTURE, dpi=110)


def draw_eikonal(axes: "Axes") -> None:
    """Error of a point source in uniform tissue, fibres at 30 degrees to the cubes."""
    speeds = np.array([0.6, 0.4, 0.2])
    for label, (ball_mm, order) in SCHEMES.items():
        errors = [ball_error(h, speeds, 30.0, ball_mm, order) for h in EDGES_MM]
        axes.loglog(EDGES_MM, errors, "o-", ms=3.5, lw=1.2, label=label)
    axes.set_xticks(EDGES_MM, [f"{h:g}" for h in EDGES_MM])
    axes.minorticks_off()
    axes.set_title("eikonal, point source", fontsize=9, color=INK)
    axes.set_xlabel("edge, mm")
    axes.set_ylabel("mean relative error")


def draw_speed(axes: "Axes", rows: list[dict[str, float]]) -> None:
    """Speed of a plane wave along the fibre against the spacing of the mesh."""
    h = [row["spacing_mm"] for row in rows]
    for key, label in (
        ("ten_tusscher", "ten Tusscher"),
        ("mitchell_schaeffer", "Mitchell-Schaeffer"),
    ):
        axes.plot(h, [row[key] for row in rows], "o-", ms=3.5, lw=1.2, label=label)
    axes.axhline(rows[0]["closed_form"], color=INK, lw=0.8, ls=":", label="its closed form")
    axes.set_ylim(0, None)
    axes.set_title("monodomain, wave along the fibre", fontsize=9, color=INK)
    axes.set_xlabel("spacing, mm")
    axes.set_ylabel("speed, mm/ms")


def draw_arrival(axes: "Axes", rows: list[dict[str, Any]]) -> None:
    """Activation of the far corner of the N-version slab."""
    for mesh in ("grid", "grid, order 4", "tets"):
        own = [row for row in rows if row["mesh"] == mesh and row["dt_ms"] == STEP_MS]
        points = sorted((row["dx_mm"], row["P8"]) for row in own)
        axes.plot(*zip(*points, strict=True), "o-", ms=3.5, lw=1.2, label=mesh)
    axes.set_xlim(0, 0.22)
    axes.set_ylim(40, 56)
    axes.set_title("N-version slab, far corner", fontsize=9, color=INK)
    axes.set_xlabel("spacing, mm")
    axes.set_ylabel("activation, ms")


if __name__ == "__main__":
    draw(json.loads(RESULTS.read_text()))
