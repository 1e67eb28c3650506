"""Eikonal figures: speed beside fim-python, growth, threads, restarts, balls and second order.

Run `python benchmarks/solvers_eikonal.py`. The rival is AGPL and optional:
`pip install --target RIVALS --no-deps fim-python==1.2.2`, then RIVALS on PYTHONPATH.
The meshes are those of `meshes_bench` (CARDIOTWIN_DATA), made anew by its description.
"""

import statistics
import sys
import time
from collections.abc import Callable
from multiprocessing import get_context
from typing import Any

import numpy as np
from record import cores
from slice_waves import SPEEDS_MM_PER_MS, slowness, turned
from solvers_meshes import EDGES_MM, ENDOCARDIUM, Ventricle, build, ventricle
from threadpoolctl import threadpool_limits

from cardiotwin import load_heart
from cardiotwin.anatomy.datasets import find
from cardiotwin.anatomy.shapes import box
from cardiotwin.sim import HEALTHY_ROOTS
from cardiotwin.sim.eikonal import (
    EikonalMesh,
    Scenario,
    activation_times,
    eikonal_mesh,
    solve_eikonal,
    solve_scenarios,
    tet_metric,
    triangle_metric,
)
from cardiotwin.sim.eikonal_restart import restart_eikonal, trace_eikonal
from cardiotwin.sim.roots import root_nodes

#: Turns in which threads and processes are compared.
TURNS = 11


def cpu_s(run: Callable[[], Any], repeats: int = 7) -> float:
    """Median CPU seconds after a run that compiles."""
    run()
    return statistics.median(_timed(run, time.process_time) for _ in range(repeats))


def _timed(run: Callable[[], Any], clock: Callable[[], float]) -> float:
    with threadpool_limits(1):  # idle threads of a linear algebra library spin
        start = clock()
        run()
        return clock() - start


def fim(v: Ventricle, precision: type) -> Callable[[], np.ndarray] | None:
    """A ready solve by fim-python; None when it is not installed."""
    try:
        from fimpy.solver import create_fim_solver
    except ImportError:
        return None
    solver = create_fim_solver(
        v.nodes_mm.astype(precision), v.tets, v.tensors.astype(precision),
        precision=precision, device="cpu",
    )  # fmt: skip
    return lambda: solver.comp_fim(np.array([v.start]), np.zeros(1, precision))


def beside_fim(name: str) -> dict[str, Any]:
    """CPU of both programs in turns on one mesh, and how far apart they are in double precision."""
    v = ventricle(name)
    mesh, metric = eikonal_mesh(v.nodes_mm, v.tets), v.metric
    ours = lambda: solve_eikonal(mesh, tet_metric=metric, sources=[v.start])  # noqa: E731
    rival = fim(v, np.float32)
    seconds = [cpu_s(ours)]
    theirs: float | None = None
    if rival is not None:
        theirs = _timed(rival, time.process_time)
        seconds.append(cpu_s(ours))
    cpu = statistics.median(seconds)
    figures: dict[str, Any] = {
        f"eikonal_tets_{name}": len(v.tets),
        f"eikonal_{'s' if name == '1m' else 'cpu_s'}_{name}": cpu,
        f"eikonal_fim_cpu_s_{name}": theirs,
        f"eikonal_ratio_{name}": None if theirs is None else theirs / cpu,
        f"eikonal_order2_cpu_s_{name}": cpu_s(
            lambda: solve_eikonal(mesh, tet_metric=metric, sources=[v.start], order=2), 3
        ),
        f"eikonal_metric_cpu_s_{name}": cpu_s(lambda: v.metric, 3),
        f"eikonal_mesh_cpu_s_{name}": cpu_s(lambda: eikonal_mesh(v.nodes_mm, v.tets), 3),
    }
    return figures


def speed() -> dict[str, Any]:
    """46 and 194 thousand tetrahedra; fim-python once at each."""
    return beside_fim("50k") | beside_fim("200k")


def growth() -> dict[str, Any]:
    """A million tetrahedra, and how that grows beside n log n from 194 thousand, made alike."""
    figures = beside_fim("1m")
    small, large = build(EDGES_MM["200k"]), ventricle("1m")
    n, more = len(small.nodes_mm), len(large.nodes_mm)
    mesh, metric = eikonal_mesh(small.nodes_mm, small.tets), small.metric
    at_200k = cpu_s(lambda: solve_eikonal(mesh, tet_metric=metric, sources=[small.start]))
    return figures | {
        "eikonal_growth": figures["eikonal_s_1m"] / at_200k,
        "eikonal_n_log_n": more * np.log(more) / (n * np.log(n)),
    }


def agreement() -> dict[str, Any]:
    """Largest difference from fim-python in double precision, at 46 thousand tetrahedra."""
    v = ventricle("50k")
    rival = fim(v, np.float64)
    if rival is None:
        return {"eikonal_apart_from_fim_ms": None}
    ours = solve_eikonal(eikonal_mesh(v.nodes_mm, v.tets), tet_metric=v.metric, sources=[v.start])
    return {"eikonal_apart_from_fim_ms": float(np.abs(ours - rival()).max())}


def infarcts(mesh: EikonalMesh, count: int) -> list[dict[str, Any]]:
    """Dead cores in slow borders at places spread over the wall."""
    rng = np.random.default_rng(0)
    altered = []
    for centre_mm in mesh.nodes_mm[rng.choice(mesh.n, count, replace=False)]:
        way_mm = np.linalg.norm(mesh.nodes_mm - centre_mm, axis=1)
        border = (way_mm < 15)[mesh.tets].any(axis=1)
        altered.append({"tet_scale": np.where(border, 0.5, 1.0), "blocked": way_mm < 10})
    return altered


def scenarios() -> dict[str, Any]:
    """Two threads, and two processes, beside one (wall), and what restarts save (CPU)."""
    v = ventricle("200k")
    mesh, metric = eikonal_mesh(v.nodes_mm, v.tets), v.metric
    inner = np.flatnonzero(np.linalg.norm(v.nodes_mm / ENDOCARDIUM, axis=1) < 1.02)
    start = {"sources": np.random.default_rng(1).choice(inner, 7, replace=False)}
    altered = infarcts(mesh, 32)
    for case in altered:
        case["blocked"][start["sources"]] = False
    waves = [Scenario(**start, **case) for case in altered]
    healthy = trace_eikonal(mesh, Scenario(**start), tet_metric=metric)
    few = altered[:16]
    anew = cpu_s(lambda: [solve_eikonal(mesh, tet_metric=metric, **start, **c) for c in few], 3)
    again = cpu_s(lambda: [restart_eikonal(healthy, **c) for c in few], 3)
    return {
        **scaling(lambda part, k: solve_scenarios(mesh, part, tet_metric=metric, threads=k), waves),
        "eikonal_restart_gain": anew / again,
    }


def scaling(solve: Callable[[list[Scenario], int], Any], waves: list[Scenario]) -> dict[str, Any]:
    """Medians of wall-clock ratios taken in turns; two processes show what the machine gives."""
    if cores() < 2:
        return {"eikonal_scaling_2": None, "eikonal_scaling_2_processes": None}
    fork = get_context("fork")
    ready, done = fork.Barrier(3), fork.Barrier(3)

    def work(half: list[Scenario]) -> None:
        for _ in range(TURNS):
            ready.wait()
            solve(half, 1)
            done.wait()

    solve(waves[:2], 1)
    workers = [fork.Process(target=work, args=(waves[k::2],)) for k in range(2)]
    for worker in workers:
        worker.start()

    def both() -> None:
        ready.wait()
        done.wait()

    ways = (lambda: solve(waves, 1), lambda: solve(waves, 2), both)
    seconds = np.array([[_timed(way, time.perf_counter) for way in ways] for _ in range(TURNS)])
    one, threads, processes = seconds.T
    return {
        "eikonal_scaling_2": float(np.median(one / threads)),
        "eikonal_scaling_2_processes": float(np.median(one / processes)),
    }


def hearts() -> dict[str, Any]:
    """A healthy activation of DTI004 with its fast endocardium: metrics apart from the wave."""
    if not find("dti004"):
        return {"eikonal_dti004_cpu_s": None, "eikonal_dti004_metric_cpu_s": None}
    heart = load_heart("dti004")
    layer = np.concatenate([heart.surfaces["lv_endo"], heart.surfaces["rv_endo"]])
    mesh = eikonal_mesh(heart.nodes_mm, heart.tets, layer)
    axes = (heart.fibres, heart.sheets)
    muscle = lambda: tet_metric(heart.nodes_mm, heart.tets, *axes, (0.65, 0.52, 0.48))  # noqa: E731
    metrics = {
        "tet_metric": muscle(),
        "triangle_metric": triangle_metric(heart.nodes_mm, layer, 1.5),
        "sources": root_nodes(heart, HEALTHY_ROOTS),
    }
    return {
        "eikonal_dti004_cpu_s": cpu_s(lambda: solve_eikonal(mesh, **metrics)),
        "eikonal_dti004_metric_cpu_s": cpu_s(muscle, 3),
    }


def ball_error(
    spacing_mm: float, speeds: np.ndarray, degrees: float, ball_mm: float, order: int
) -> float:
    """Mean relative error beyond the ball about a source in the middle of a 20 mm cube."""
    nodes_mm, tets = box((round(20 / spacing_mm),) * 3, spacing_mm)
    fibre, sheet = turned(degrees)
    away_mm = nodes_mm - 10.0
    exact_ms = slowness(away_mm, fibre, sheet, speeds)
    times_ms = activation_times(
        nodes_mm,
        tets,
        fibres=np.tile(fibre, (len(tets), 1)),
        sheets=np.tile(sheet, (len(tets), 1)),
        speeds_mm_per_ms=speeds,
        sources=np.flatnonzero(exact_ms == 0),
        ball_mm=ball_mm,
        order=order,
    )
    rest = np.linalg.norm(away_mm, axis=1) > ball_mm
    return float(np.mean(np.abs(times_ms - exact_ms)[rest] / exact_ms[rest]))


def balls() -> dict[str, Any]:
    """A ball of 3 mm, order 2 and both at 1 mm; orders by least squares at 2, 1 and 0.5 mm."""
    tissues = {"iso": (np.full(3, 0.6), 0.0), "aniso": (SPEEDS_MM_PER_MS, 30.0)}
    figures: dict[str, Any] = {}
    for name, tissue in tissues.items():
        for key, ball_mm, order in (
            (f"ball_{name}_rel", 3.0, 1),
            (f"order2_{name}_rel", 0.0, 2),
            (f"order2_ball_{name}_rel", 3.0, 2),
        ):
            errors = [ball_error(h, *tissue, ball_mm, order) for h in (2.0, 1.0, 0.5)]
            figures[key] = errors[1]
            falls = np.polyfit(np.log([2.0, 1.0, 0.5]), np.log(errors), 1)[0]
            figures[key.replace("_rel", "_order")] = float(falls)
    return figures


QUICK = (balls, hearts)
FULL = (*QUICK, scenarios, speed, agreement, growth)

if __name__ == "__main__":
    for part in FULL if "--full" in sys.argv else QUICK:
        for figure, value in part().items():
            print(f"{figure:36} {value}", flush=True)
