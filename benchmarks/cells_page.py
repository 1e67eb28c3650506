"""Tables and picture of `docs/cells.md`: `python benchmarks/cells_page.py` renews both."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from solvers_cells import BEATS, FINE_STEP_MS, KERNELS, REFERENCES, TISSUE_STEP_MS, cell_speed

from cardiotwin.sim.cells import cell_model, cell_models
from cardiotwin.sim.restitution import Restitution, dynamic_restitution, s1s2_restitution
from cardiotwin.sim.single_cell import measure, pace
from cardiotwin.viz.figure import INK, PALE_INK, save_figure, style
from cardiotwin.viz.traces import COLOURS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DOCS = Path(__file__).parents[1] / "docs"
PAGE, PICTURE = DOCS / "cells.md", DOCS / "cells.png"
#: A column of the picture: title, and the variants with their short names.
COLUMNS: dict[str, dict[str, str]] = {
    "ten Tusscher-Panfilov": {
        "ten-tusscher-epi": "epi",
        "ten-tusscher-m": "M",
        "ten-tusscher-endo": "endo",
    },
    "Bueno-Orovio": {
        "bueno-orovio-epi": "epi",
        "bueno-orovio-m": "M",
        "bueno-orovio-endo": "endo",
    },
    "Courtemanche": {"courtemanche": "healthy", "courtemanche-af": "fibrillation"},
    "Fenton-Karma": {
        "fenton-karma-br": "BR",
        "fenton-karma-mbr": "MBR",
        "fenton-karma-mlr": "MLR-I",
        "fenton-karma-gp": "GP",
    },
    "Mitchell-Schaeffer": {
        "mitchell-schaeffer": "ventricular",
        "mitchell-schaeffer-atrial": "atrial",
    },
}
#: Times of the early beat; rates of the steady pacing.
INTERVALS_MS = np.r_[np.arange(140.0, 500.0, 10.0), np.arange(500.0, 1001.0, 50.0)]
CYCLES_MS = np.r_[np.arange(1000.0, 500.0, -100.0), np.arange(500.0, 180.0, -20.0)]
STEADY_BEATS = 20


def action_potential_table() -> str:
    """Ours beside the reference for every model, in Markdown."""
    keys = ("rest_mv", "peak_mv", "steepest_mv_per_ms", "apd90_ms", "apd50_ms")
    lines = [
        "| model | rest, mV | peak, mV | dV/dt max, V/s | APD90, ms | APD50, ms |",
        "|---|---|---|---|---|---|",
    ]
    for name in cell_models():
        found = measure(pace(cell_model(name), beats=BEATS, dt_ms=FINE_STEP_MS))
        reference = REFERENCES["models"][name]
        cells = [f"{getattr(found, key):.1f} ({reference[key]:.1f})" for key in keys]
        lines.append(f"| `{name}` | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def cost_table() -> str:
    """States and speed of every kernel, in Markdown."""
    speed = cell_speed()
    lines = ["| kernel | states | million node-steps per CPU-second |", "|---|---|---|"]
    for key, name in KERNELS.items():
        states = len(cell_model(name).states) + 1
        lines.append(f"| `{name}` | {states} | {speed[f'{key}_cell_steps_per_cpu_s'] / 1e6:.0f} |")
    return "\n".join(lines)


def restitutions() -> dict[str, tuple[Restitution, Restitution]]:
    """Curves of every model: by an early beat, and by steady pacing."""
    curves = {}
    for name in cell_models():
        model = cell_model(name)
        print(name, flush=True)
        early = s1s2_restitution(model, INTERVALS_MS, beats=BEATS, dt_ms=TISSUE_STEP_MS)
        steady = dynamic_restitution(model, CYCLES_MS, beats=STEADY_BEATS, dt_ms=TISSUE_STEP_MS)
        curves[name] = (early, steady)
    return curves


def slope_table(curves: dict[str, tuple[Restitution, Restitution]]) -> str:
    """Steepest slopes and shortest action potentials, in Markdown."""
    lines = [
        "| model | largest slope, early beat | largest slope, steady pacing"
        " | shortest cycle with capture, ms |",
        "|---|---|---|---|",
    ]
    for name, (early, steady) in curves.items():
        lines.append(
            f"| `{name}` | {early.steepest:.2f} | {steady.steepest:.2f}"
            f" | {steady.cycle_ms.min():.0f} |"
        )
    return "\n".join(lines)


def draw(curves: dict[str, tuple[Restitution, Restitution]]) -> None:
    """Action potentials above, restitution below, a column for each model."""
    from matplotlib.figure import Figure

    with style():
        figure = Figure(figsize=(10.0, 4.6), layout="constrained")
        axes = figure.subplots(2, len(COLUMNS), sharey="row")
        for (top, bottom), (title, variants) in zip(axes.T, COLUMNS.items(), strict=True):
            top.set_title(title, fontsize=9, color=INK)
            for colour, (name, short) in zip(COLOURS, variants.items(), strict=False):
                beat = pace(cell_model(name), beats=BEATS, dt_ms=TISSUE_STEP_MS)
                top.plot(beat.times_ms, beat.v_mv, color=colour, lw=1.2, label=short)
                early, steady = curves[name]
                bottom.plot(early.interval_ms, early.apd_ms, color=colour, lw=1.2)
                bottom.plot(steady.interval_ms, steady.apd_ms, ".", color=colour, ms=3.5)
            _tidy(top, "time, ms", (-15, 500))
            _tidy(bottom, "rest before the beat, ms", (-15, 500))
            top.legend(frameon=False, fontsize=7, loc="upper right", handlelength=1.2)
        axes[0, 0].set_ylabel("membrane potential, mV")
        axes[1, 0].set_ylabel("APD90, ms")
        axes[1, 0].set_ylim(0, None)
        save_figure(figure, PICTURE, dpi=110)


def _tidy(axes: "Axes", label: str, limits: tuple[float, float]) -> None:
    axes.set_xlabel(label)
    axes.set_xlim(*limits)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(color=PALE_INK, alpha=0.25, lw=0.4)


def main() -> None:
    """Measure all, draw, and put the tables between their marks on the page."""
    curves = restitutions()
    draw(curves)
    text = PAGE.read_text(encoding="utf-8")
    for mark, table in (
        ("action potentials", action_potential_table()),
        ("restitution", slope_table(curves)),
        ("cost", cost_table()),
    ):
        block = f"<!-- {mark} -->\n\n{table}\n\n<!-- end -->"
        text, count = re.subn(rf"<!-- {mark} -->.*?<!-- end -->", block, text, flags=re.S)
        assert count == 1, f"{PAGE.name} has no place for {mark}"
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
