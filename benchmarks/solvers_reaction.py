"""Speed of ten Tusscher 2006 tissue beside other Python solvers: node-steps a second, with P8.

The slab of the N-version benchmark at 0.2 mm and 0.01 ms. Each speed is the best of several
rounds in turns, since whatever else the machine does only ever slows a round. finitewave is
optional: `pip install --target FOLDER --no-deps finitewave==0.9.3 natsort tqdm ffmpeg-python
future` and the eight `finitewave-model-*` that it asks for, then PYTHONPATH=FOLDER.
"""

import importlib.util
import json
import time
from functools import cache
from typing import Any

import numpy as np
from solvers_nversion import cells, grid, run

from cardiotwin.sim.diffusion import Monodomain
from cardiotwin.sim.monodomain import solve_monodomain
from cardiotwin.sim.stimulus import STRENGTH_MV_PER_MS, Stimulus, nodes_in_box
from cardiotwin.sim.ten_tusscher import TEN_TUSSCHER_EPI

SPACING_MM, STEP_MS = 0.2, 0.01
ROUNDS, STEPS, RIVAL_STEPS = 5, 500, 40
QUICK_STEPS, QUICK_RIVAL_STEPS = 100, 5
#: Node-steps a second of others on such a machine, measured while this project was designed:
#: MonoAlg3D needs a compiler that Python users lack; torchcor brings 3 GB of torch.
QUOTED = (
    {"solver": "MonoAlg3D", "threads": 1, "steps_per_s": 0.59e6, "p8_ms": None},
    {"solver": "MonoAlg3D", "threads": 2, "steps_per_s": 1.45e6, "p8_ms": None},
    {"solver": "torchcor 1.0.6, CPU", "threads": 2, "steps_per_s": 1.9e6, "p8_ms": None},
)
#: finitewave's names of the states that it calls by other names than we do.
FINITEWAVE_NAMES = {
    "ca_i": "cai",
    "ca_sr": "casr",
    "ca_ss": "cass",
    "na_i": "nai",
    "k_i": "ki",
    "r_prime": "rr",
}


def ours(threads: int, steps: int, order: int = 2) -> tuple[float, float]:
    """Node-steps a second of wall time, and of processor time, through the public solver."""
    slab = grid(SPACING_MM, order)
    stimulus = Stimulus(nodes=nodes_in_box(slab.nodes_mm, (0, 0, 0), (1.5, 1.5, 1.5)))
    wall, cpu = time.perf_counter(), time.process_time()
    solve_monodomain(
        slab,
        TEN_TUSSCHER_EPI,
        stimulus,
        duration_ms=steps * STEP_MS,
        dt_ms=STEP_MS,
        threads=threads,
    )
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return slab.n * steps / wall, slab.n * steps / cpu


@cache
def finitewave_slab() -> Any:
    """The slab in finitewave, whose outermost nodes stand for the walls; None if not installed."""
    if importlib.util.find_spec("finitewave") is None:
        return None
    import finitewave as fw

    along, across = Monodomain().diffusivity_mm2_per_ms
    shape = tuple(n + 3 for n in cells(SPACING_MM))
    model = fw.TenTusscherPanfilov2006()
    model.cardiac_tissue = fw.CardiacTissue(shape)
    model.cardiac_tissue.fibers = np.broadcast_to([1.0, 0.0, 0.0], (*shape, 3)).copy()
    model.stencil = model.select_stencil(model.cardiac_tissue)
    model.stencil.D_ac = across / along
    model.dt, model.dr, model.D_model = STEP_MS, SPACING_MM, along
    model.prog_bar = False
    corner = np.zeros(shape)
    corner[(slice(1, 1 + len(np.arange(0, 1.5 + 1e-9, SPACING_MM))),) * 3] = 1
    model.stim_sequence = fw.StimSequence()
    model.stim_sequence.add_stim(fw.StimCurrentMatrix(0, STRENGTH_MV_PER_MS, 2.0, corner))
    model.tracker_sequence = fw.TrackerSequence()
    tracker = fw.ActivationTimeTracker()
    tracker.threshold = 0.0
    model.tracker_sequence.add_tracker(tracker)
    model.init_u = TEN_TUSSCHER_EPI.rest_mv
    for name, value in zip(TEN_TUSSCHER_EPI.states, TEN_TUSSCHER_EPI.rest, strict=True):
        setattr(model, f"init_{FINITEWAVE_NAMES.get(name, name)}", float(value))
    model.t_max = STEP_MS
    model.run()
    return model


def finitewave(threads: int, steps: int) -> float | None:
    """Node-steps a second of wall time; the run goes on from where the last one stopped."""
    model = finitewave_slab()
    if model is None:
        return None
    before, start = model.step, time.perf_counter()
    model.t_max = model.t + (steps - 0.5) * STEP_MS
    model.run(initialize=False, num_of_threads=threads)
    wall = time.perf_counter() - start
    return len(model.cardiac_tissue.myo_indexes) * (model.step - before) / wall


def finitewave_p8_ms() -> float | None:
    """When finitewave's wave reaches the far corner; some minutes."""
    model = finitewave_slab()
    if model is None:
        return None
    tracker = model.tracker_sequence.sequence[0]
    while model.t < 200 and tracker.act_t[-2, -2, -2] < 0:
        finitewave(2, 100)
    return round(float(tracker.act_t[-2, -2, -2]), 2)


def best(rounds: int, steps: int, rival_steps: int) -> dict[str, float]:
    """Best of some rounds in turns."""
    ours(1, 2)
    ours(2, 2)
    finitewave(1, 1)
    figures: dict[str, float] = {}
    for _ in range(rounds):
        for threads in (1, 2):
            wall, cpu = ours(threads, steps)
            found = {f"ours_{threads}": wall, f"cpu_{threads}": cpu}
            found[f"order_4_{threads}"] = ours(threads, steps, order=4)[0]
            rival = finitewave(threads, rival_steps)
            if rival is not None:
                found[f"finitewave_{threads}"] = rival
            figures |= {key: max(figures.get(key, 0.0), value) for key, value in found.items()}
    return figures


def figures_of(speeds: dict[str, float]) -> dict[str, Any]:
    """What the issue asks for; the ratio is the smaller of those on one and two threads."""
    ratios = [speeds[f"ours_{k}"] / speeds.get(f"finitewave_{k}", np.nan) for k in (1, 2)]
    return {
        "tt06_steps_per_s_1": speeds["ours_1"],
        "tt06_steps_per_s_2": speeds["ours_2"],
        "tt06_steps_per_cpu_s": speeds["cpu_1"],
        "tt06_ratio_finitewave": min(ratios) if np.isfinite(ratios).all() else None,
    }


def reaction() -> dict[str, Any]:
    """Speeds on one and two threads, each with its P8."""
    speeds = best(ROUNDS, STEPS, RIVAL_STEPS)
    p8_ms = {
        "ours": run("grid", SPACING_MM, STEP_MS)["P8"],
        "order_4": run("grid, order 4", SPACING_MM, STEP_MS)["P8"],
        "finitewave": finitewave_p8_ms(),
    }
    names = {"ours": "cardiotwin", "order_4": "cardiotwin, order 4", "finitewave": "finitewave"}
    rows = [
        {"solver": names[key], "threads": k, "steps_per_s": speed, "p8_ms": p8_ms[key]}
        for key in names
        for k in (1, 2)
        if (speed := speeds.get(f"{key}_{k}")) is not None
    ]
    return {**figures_of(speeds), "tt06_speeds": rows, "tt06_speeds_quoted": list(QUOTED)}


def reaction_quick() -> dict[str, Any]:
    """Speeds from one short round, without P8."""
    return figures_of(best(1, QUICK_STEPS, QUICK_RIVAL_STEPS))


QUICK, FULL = (reaction_quick,), (reaction,)

if __name__ == "__main__":
    print(json.dumps(reaction(), indent=2))
