"""The eikonal solver beside fim-python (AGPL, install it yourself: `pip install fim-python`).

Point source in the middle of a 20 mm cube at 1 mm: errors of both programs against the closed
form, largest difference between them, and median time of five solves each, taken in turns.
"""

import statistics
import time

import numpy as np
from fimpy.solver import create_fim_solver
from slice_waves import EDGE_MM, SPEEDS_MM_PER_MS, slowness, turned

from cardiotwin.anatomy.shapes import box
from cardiotwin.sim.eikonal import eikonal_mesh, solve_eikonal, tet_metric

CASES = {
    "isotropic": (np.full(3, 0.6), 0.0),
    "fibres along the edges": (SPEEDS_MM_PER_MS, 0.0),
    "fibres at 30 degrees": (SPEEDS_MM_PER_MS, 30.0),
}


def compare(speeds: np.ndarray, degrees: float) -> tuple[float, float, float, float, float]:
    """Our error, theirs, largest difference in ms, our seconds, theirs."""
    nodes, tets = box((20, 20, 20), 1.0)
    fibre, sheet = turned(degrees)
    away = nodes - nodes.min(axis=0) - EDGE_MM / 2
    middle = np.array([np.argmin(np.linalg.norm(away, axis=1))])
    exact = slowness(away, fibre, sheet, speeds)
    axes = np.stack([fibre, sheet, np.cross(fibre, sheet)])
    tensors = np.tile(axes.T @ np.diag(speeds**2) @ axes, (len(tets), 1, 1))
    directions = (np.tile(v, (len(tets), 1)) for v in (fibre, sheet))
    mesh, metric = eikonal_mesh(nodes, tets), tet_metric(nodes, tets, *directions, speeds)
    rival = create_fim_solver(nodes, tets, tensors, device="cpu")
    seconds: tuple[list[float], list[float]] = ([], [])
    for _ in range(6):  # the first compiles
        start = time.perf_counter()
        ours = solve_eikonal(mesh, tet_metric=metric, sources=middle)
        between = time.perf_counter()
        theirs = rival.comp_fim(middle, np.zeros(1))
        seconds[0].append(between - start)
        seconds[1].append(time.perf_counter() - between)
    rest = exact > 0
    errors = [float(np.mean(np.abs(t - exact)[rest] / exact[rest])) for t in (ours, theirs)]
    times = [statistics.median(s[1:]) for s in seconds]
    return *errors, float(np.abs(ours - theirs).max()), *times


if __name__ == "__main__":
    print(f"{'':24}{'error':>9}{'theirs':>9}{'apart ms':>10}{'s':>8}{'theirs':>8}")
    for name, case in CASES.items():
        ours, theirs, apart, mine, rival = compare(*case)
        print(f"{name:24}{ours:9.5f}{theirs:9.5f}{apart:10.1e}{mine:8.3f}{rival:8.3f}")
