"""Reaction and diffusion with two-variable cells: speed on surfaces and tets, velocity against h.

`python benchmarks/solvers_surface.py` prints its figures; it needs no data and no rival.
"""

import json
import time
from itertools import pairwise
from statistics import median
from typing import Any

import numpy as np
from scipy.sparse.csgraph import reverse_cuthill_mckee

from cardiotwin.anatomy.shapes import box
from cardiotwin.sim.cell_model import CellModel
from cardiotwin.sim.conduction import cable, cable_velocity_mm_per_ms
from cardiotwin.sim.diffusion import Diffusion, Monodomain, tet_diffusion, triangle_diffusion
from cardiotwin.sim.mitchell_schaeffer import (
    ATRIAL,
    VENTRICULAR,
    MitchellSchaeffer,
    front_velocity_mm_per_ms,
)
from cardiotwin.sim.monodomain import solve_monodomain
from cardiotwin.sim.regions import Cells
from cardiotwin.sim.stimulus import Stimulus
from cardiotwin.sim.ten_tusscher import TEN_TUSSCHER_EPI

ROUNDS, DURATION_MS, DT_MS = 7, 250.0, 0.05
#: Of a run on many nodes, in which the wave gets nowhere.
SHORT_MS = 10.0
#: Along and across the fibres of an atrium.
ATRIAL_MM2_PER_MS = (0.2, 0.05)
#: The gate hardly moves while a front passes: its speed has a closed form.
FRONT = VENTRICULAR.with_parameters(tau_close_ms=1e6)
SPACINGS_MM = (0.5, 0.4, 0.3, 0.2, 0.15, 0.1, 0.05, 0.025)


def tube(around: int = 100, along: int = 100, edge_mm: float = 0.5) -> Diffusion:
    """Surface of a tube of `around * along` nodes, its fibres wound about it."""
    turn, height = np.meshgrid(np.arange(around), np.arange(along), indexing="ij")
    angle, radius_mm = 2 * np.pi * turn.ravel() / around, around * edge_mm / (2 * np.pi)
    nodes_mm = np.column_stack(
        [radius_mm * np.cos(angle), radius_mm * np.sin(angle), edge_mm * height.ravel()]
    )
    number = (turn * along + height).astype(np.int32)
    a, b = number[:, :-1].ravel(), np.roll(number, -1, axis=0)[:, :-1].ravel()
    c, d = np.roll(number, -1, axis=0)[:, 1:].ravel(), number[:, 1:].ravel()
    triangles = np.concatenate([np.column_stack([a, b, c]), np.column_stack([a, c, d])])
    corners_mm = nodes_mm[triangles]
    normals = np.cross(corners_mm[:, 1] - corners_mm[:, 0], corners_mm[:, 2] - corners_mm[:, 0])
    fibres = np.cross(normals, [0.0, 0.0, 1.0]) / np.linalg.norm(normals, axis=1)[:, None]
    fibres += [0.0, 0.0, 0.5]
    fibres /= np.linalg.norm(fibres, axis=1)[:, None]
    return triangle_diffusion(nodes_mm, triangles, fibres, ATRIAL_MM2_PER_MS)


def slab(cells: tuple[int, int, int] = (21, 21, 21), spacing_mm: float = 0.5) -> Diffusion:
    """A block of tets of about 10,000 nodes."""
    nodes_mm, tets = box(cells, spacing_mm)
    return tet_diffusion(
        nodes_mm, tets, np.tile([0.6, 0.8, 0.0], (len(tets), 1)), None, ATRIAL_MM2_PER_MS
    )


def run_s(tissue: Diffusion, cells: Cells, threads: int, duration_ms: float) -> tuple[float, float]:
    """CPU-seconds and seconds of a whole run, which notes every activation."""
    pacing = Stimulus(nodes=np.flatnonzero(tissue.nodes_mm[:, 2] < 3), times_ms=(0.0, 150.0))
    start = time.process_time(), time.perf_counter()
    wave = solve_monodomain(
        tissue, cells, pacing, duration_ms=duration_ms, dt_ms=DT_MS, threads=threads
    )
    spent = time.process_time() - start[0], time.perf_counter() - start[1]
    assert duration_ms < DURATION_MS or np.isfinite(wave.activation_ms).all()
    return spent


def steps_per_cpu_s(tissue: Diffusion, cells: Cells) -> float:
    """Node-steps per CPU-second on one thread."""
    run_s(tissue, cells, 1, SHORT_MS)  # compiles
    cpu_s = median(run_s(tissue, cells, 1, DURATION_MS)[0] for _ in range(ROUNDS))
    return tissue.n * DURATION_MS / DT_MS / cpu_s


def surface_speed() -> dict[str, Any]:
    """One thread, 10,000 nodes on a surface in space."""
    return {"ms_steps_per_cpu_s": steps_per_cpu_s(tube(), ATRIAL)}


def other_speeds() -> dict[str, Any]:
    """The same on tets, with two cell models side by side, and on two threads."""
    surface = tube()
    half = np.arange(surface.n) % 2 == 0
    variant = ATRIAL.with_parameters(tau_close_ms=55.0)
    many = tube(1600, 100)
    return {
        "ms_tet_steps_per_cpu_s": steps_per_cpu_s(slab(), ATRIAL),
        "ms_regions_steps_per_cpu_s": steps_per_cpu_s(surface, [(ATRIAL, half), (variant, ~half)]),
        "ms_scaling_2_10k": _scaling(surface),
        "ms_scaling_2_160k": _scaling(many),
        "renumbering_gain": renumbering_gain(),
    }


def _scaling(tissue: Diffusion) -> float:
    """How many times faster two threads are than one, by the clock, timed in turns."""
    turns = [[run_s(tissue, ATRIAL, k, SHORT_MS)[1] for k in (1, 2)] for _ in range(ROUNDS)]
    one_s, two_s = np.median(turns, axis=0)
    return float(one_s / two_s)


def renumbering_gain() -> float:
    """Time of diffusion on 64,000 nodes in mesh order over that in reverse Cuthill-McKee order.

    Timed in turns. Near 1: meshes come in an order that the cache likes, so none is made.
    """
    nodes_mm, tets = box((39, 39, 39), 1.0)
    fibres = np.tile([1.0, 0.0, 0.0], (len(tets), 1))
    given = tet_diffusion(nodes_mm, tets, fibres, None, 0.1)
    order = reverse_cuthill_mckee(given.matrix(), symmetric_mode=True)
    place = np.argsort(order).astype(np.int32)
    sorted_ = tet_diffusion(nodes_mm[order], place[tets], fibres, None, 0.1)
    v, out, seconds = np.linspace(-80, 20, given.n), np.empty(given.n), ([], [])
    for _ in range(ROUNDS * 5):
        for tissue, kept in zip((given, sorted_), seconds, strict=True):
            start = time.process_time()
            for _ in range(10):
                tissue.diffuse(v, 0.1, out, 0, tissue.n)
            kept.append(time.process_time() - start)
    return median(seconds[0]) / median(seconds[1])


def velocity_against_h() -> dict[str, Any]:
    """Speed of a plane wave in mm/ms on ever finer meshes, beside that without a mesh."""
    diffusivity = Monodomain().diffusivity_mm2_per_ms[0]
    exact = front_velocity_mm_per_ms(MitchellSchaeffer(), diffusivity)
    rows = []
    for spacing_mm in SPACINGS_MM:
        front, detailed = (
            _velocity(model, diffusivity, spacing_mm) for model in (FRONT, TEN_TUSSCHER_EPI)
        )
        rows.append(
            {
                "spacing_mm": spacing_mm,
                "mitchell_schaeffer": front,
                "closed_form": exact,
                "ten_tusscher": detailed,
            }
        )
    return {"cv_against_h": rows}


def _velocity(model: CellModel, diffusivity: float, spacing_mm: float) -> float | None:
    """mm/ms; None where the mesh is so coarse that no wave runs."""
    try:
        return cable_velocity_mm_per_ms(model, diffusivity, spacing_mm=spacing_mm, dt_ms=0.0025)
    except ValueError:
        return None


def orders() -> dict[str, Any]:
    """Order of the front's speed in h on tets and triangles, of its arrival in dt by method."""
    exact = front_velocity_mm_per_ms(MitchellSchaeffer(), 0.1)
    figures: dict[str, Any] = {}
    for name in ("tets", "triangles"):
        errors = [abs(_bar_speed(name, 0.3 / fine) / exact - 1) for fine in (1, 2, 4)]
        figures[f"order_h_{name}"] = [float(np.log2(a / b)) for a, b in pairwise(errors)]
    smooth = VENTRICULAR.with_parameters(gate=-1.0)  # without the gate's jump, of first order
    fibre = cable(10.0, 0.25, 0.1)
    for method in ("explicit", "backward-euler", "crank-nicolson"):
        arrivals_ms = [
            solve_monodomain(
                fibre, smooth, pacing(fibre), duration_ms=40, dt_ms=dt_ms, method=method
            ).activation_ms[32]
            for dt_ms in (0.08, 0.04, 0.02, 0.01)
        ]
        steps = np.abs(np.diff(arrivals_ms))
        figures[f"order_dt_{method}"] = np.log2(steps[:-1] / steps[1:]).tolist()
    return figures


def _bar_speed(shape: str, spacing_mm: float) -> float:
    """Speed of a plane front along a bar of tets or a strip of triangles, in mm/ms."""
    nodes_mm, tets = box((round(24 / spacing_mm), 1, 1), spacing_mm)
    if shape == "tets":
        tissue = tet_diffusion(nodes_mm, tets, np.tile([1.0, 0, 0], (len(tets), 1)), None, 0.1)
    else:
        faces = np.sort(np.concatenate([np.delete(tets, k, axis=1) for k in range(4)]), axis=1)
        bottom = np.unique(faces[(nodes_mm[faces, 2] == 0).all(axis=1)], axis=0)
        tissue = triangle_diffusion(nodes_mm, bottom, None, 0.1)
    wave = solve_monodomain(
        tissue, FRONT, pacing(tissue), duration_ms=90, dt_ms=0.02, method="crank-nicolson"
    )
    x_mm = nodes_mm[tissue.mass > 0, 0]
    times_ms = wave.activation_ms[tissue.mass > 0]
    start_ms, end_ms = (times_ms[np.isclose(x_mm, at)].mean() for at in (9, 21))
    return float(12 / (end_ms - start_ms))


def pacing(tissue: Diffusion) -> Stimulus:
    """A pulse at the low end along x."""
    return Stimulus(nodes=np.flatnonzero(tissue.nodes_mm[:, 0] < 0.8), strength_mv_per_ms=50.0)


QUICK = (surface_speed,)
FULL = (surface_speed, other_speeds, velocity_against_h, orders)

if __name__ == "__main__":
    figures: dict[str, Any] = {}
    for part in FULL:
        figures |= part()
    print(json.dumps(figures, indent=2))
