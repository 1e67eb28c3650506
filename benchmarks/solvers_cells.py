"""Cell models: action potentials at 1 Hz beside their references, and steps a second."""

import json
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba as nb
import numpy as np

from cardiotwin.sim.cell_model import CellModel
from cardiotwin.sim.cells import cell_model, cell_models
from cardiotwin.sim.kernels import bueno_orovio, fenton_karma
from cardiotwin.sim.single_cell import measure, pace

#: By myokit; `cells_myokit.py` writes them.
REFERENCES = json.loads(Path(__file__).with_name("cell_references.json").read_text())
#: The four that are asked for to 2 %.
ASKED = ("rest_mv", "peak_mv", "steepest_mv_per_ms", "apd90_ms")
BEATS, FINE_STEP_MS, TISSUE_STEP_MS = 10, 0.005, 0.02
NODES, ROUNDS, STEPS = 10_000, 7, 20
#: One model of each kernel.
KERNELS = {
    "bo": "bueno-orovio-epi",
    "fk": "fenton-karma-br",
    "ms": "mitchell-schaeffer",
    "crn": "courtemanche",
    "tt06": "ten-tusscher-epi",
}


def errors_pct(name: str, dt_ms: float = FINE_STEP_MS) -> dict[str, float]:
    """Our figures of a model's tenth beat at 1 Hz against the reference, in percent."""
    found = measure(pace(cell_model(name), beats=BEATS, dt_ms=dt_ms))
    reference = REFERENCES["models"][name]
    return {key: 100 * (getattr(found, key) / reference[key] - 1) for key in ASKED}


def action_potentials() -> dict[str, Any]:
    """Worst of all models with a reference, at a fine step and at one for tissue."""
    fine = {name: errors_pct(name) for name in REFERENCES["models"]}
    tissue = {name: errors_pct(name, TISSUE_STEP_MS) for name in REFERENCES["models"]}
    return {
        **worst(fine),
        "apd90_worst_pct_tissue_step": worst(tissue)["apd90_worst_pct"],
        "cells_pct": [{"model": name, **_rounded(row)} for name, row in fine.items()],
    }


def action_potentials_quick() -> dict[str, Any]:
    """The same at the step for tissue, with one variant of each model."""
    rows = {name: errors_pct(name, TISSUE_STEP_MS) for name in KERNELS.values()}
    return {"apd90_worst_pct": worst(rows)["apd90_worst_pct"]}


def worst(rows: dict[str, dict[str, float]]) -> dict[str, float]:
    """Largest error of each figure, in percent."""
    return {
        f"{key.rsplit('_', 1)[0].removesuffix('_mv_per')}_worst_pct": max(
            abs(row[key]) for row in rows.values()
        )
        for key in ASKED
    }


def cell_speed() -> dict[str, Any]:
    """Cells alone, no diffusion, one thread: node-steps per CPU-second at 10,000 nodes."""
    figures: dict[str, Any] = {}
    for key, name in KERNELS.items():
        model = cell_model(name)
        figures[f"{key}_cell_steps_per_cpu_s"] = _steps_per_cpu_s(model, model.advance)
    return figures


def contraction_gain() -> dict[str, Any]:
    """What fused multiply-add alone gives the kernels that allow it, over the same without."""
    figures: dict[str, Any] = {}
    for key, module in (("bo", bueno_orovio), ("fk", fenton_karma)):
        model = cell_model(KERNELS[key])
        exact = nb.njit(nogil=True, error_model="numpy")(module.advance_rows.py_func)

        def plain(p, table, dt, current, v, state, first, last, rows=exact):  # type: ignore[no-untyped-def]
            rows(p, dt, current, v, *state)

        both = [_steps_per_cpu_s(model, kernel) for kernel in (plain, model.advance)]
        figures[f"{key}_contraction_gain"] = both[1] / both[0]
    return figures


def _steps_per_cpu_s(model: CellModel, advance: Callable[..., None]) -> float:
    """Median of some rounds; the cells stand all over the range of potentials."""
    v, state = model.at_rest(NODES)
    v += np.linspace(0.0, 100.0, NODES)
    current, table = np.zeros(NODES), model.table(model.parameters, TISSUE_STEP_MS)
    spent = []
    for _ in range(ROUNDS + 1):  # the first compiles
        start = time.process_time()
        for _ in range(STEPS):
            advance(model.parameters, table, TISSUE_STEP_MS, current, v, state, 0, NODES)
        spent.append(time.process_time() - start)
    return NODES * STEPS / float(np.median(spent[1:]))


def _rounded(row: dict[str, float]) -> dict[str, float]:
    return {key: round(value, 3) for key, value in row.items()}


QUICK = (action_potentials_quick, cell_speed)
FULL = (action_potentials, cell_speed, contraction_gain)

if __name__ == "__main__":
    without = [name for name in cell_models() if name not in REFERENCES["models"]]
    assert not without, f"no reference for {without}"
    for part in FULL:
        for key, value in part().items():
            for row in value if isinstance(value, list) else [value]:
                print(key, row if not isinstance(row, float) or math.isnan(row) else f"{row:.4g}")
