"""The N-version benchmark (Niederer 2011): activation of a slab, on grids and on tetrahedra.

A run of all of it takes about 15 minutes on two quiet cores. With CARDIOTWIN_RUNS set to a
folder, every run is kept there, and one that is broken off goes on where it stopped; empty the
folder when the solver changes.
"""

import json
import math
import os
import time
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from cardiotwin.anatomy.shapes import box
from cardiotwin.sim.diffusion import Diffusion, Monodomain, tet_diffusion
from cardiotwin.sim.grid import GridDiffusion, grid_diffusion
from cardiotwin.sim.monodomain import solve_monodomain
from cardiotwin.sim.stimulus import STRENGTH_MV_PER_MS, Stimulus
from cardiotwin.sim.ten_tusscher import TEN_TUSSCHER_EPI

SIZE_MM = np.array([20.0, 7.0, 3.0])
#: Edge of the cube that is stimulated.
CORNER_MM = 1.5
#: P1 to P9: the corners in the paper's order, and the centre.
POINTS_MM = np.array(
    [
        *([0, 0, 0], [0, 7, 0], [20, 0, 0], [20, 7, 0]),
        *([0, 0, 3], [0, 7, 3], [20, 0, 3], [20, 7, 3], [10, 3.5, 1.5]),
    ]
)
SPACINGS_MM = 0.5, 0.2, 0.1
STEPS_MS = 0.05, 0.01, 0.005
#: The third spacing that shows the order in space: a reference of each kind.
GRID_REFERENCE_MM, TET_REFERENCE_MM = 0.05, 1 / 15
REFERENCE_STEP_MS = 0.01
#: Inner nodes of the tetrahedra are moved by up to this share of the spacing. On the cubes of a
#: grid cut in six, linear elements have the very couplings of finite differences.
JITTER = 0.2
#: Published or run by others; ms. None of them is exact either.
OTHERS = (
    {"code": "Chaste", "dx_mm": 0.5, "dt_ms": 0.01, "P2": 27.91, "P3": 37.43, "P8": 36.30},
    {"code": "fenicsx-beat, P1", "dx_mm": 0.5, "dt_ms": 0.005, "P8": 55.8},
    {"code": "fenicsx-beat, P1", "dx_mm": 0.2, "dt_ms": 0.005, "P8": 38.2},
    {"code": "fenicsx-beat, P1", "dx_mm": 0.1, "dt_ms": 0.005, "P8": 37.9},
    {"code": "finite differences (prototype)", "dx_mm": 0.2, "dt_ms": 0.01, "P8": 53.4},
    {"code": "finite differences (prototype)", "dx_mm": 0.1, "dt_ms": 0.01, "P8": 45.4},
)


def cells(spacing_mm: float) -> tuple[int, int, int]:
    """Cells along x, y and z."""
    x, y, z = np.rint(SIZE_MM / spacing_mm).astype(int).tolist()
    return x, y, z


def grid(spacing_mm: float, order: int = 2) -> GridDiffusion | Diffusion:
    """The slab as a grid."""
    d = Monodomain().diffusivity_mm2_per_ms
    return grid_diffusion(cells(spacing_mm), spacing_mm, (1, 0, 0), d, order=order)


@lru_cache(maxsize=1)  # the finest takes a gigabyte
def tets(spacing_mm: float) -> Diffusion:
    """The slab in linear tetrahedra whose inner nodes, but for the points, are moved at random."""
    nodes_mm, elements = box(cells(spacing_mm), spacing_mm)
    inner = ((nodes_mm > 1e-6) & (nodes_mm < SIZE_MM - 1e-6)).all(axis=1)
    inner[np.concatenate(places(nodes_mm))] = False
    rng = np.random.default_rng(0)
    nodes_mm[inner] += JITTER * spacing_mm * rng.uniform(-1, 1, (inner.sum(), 3))
    fibres = np.tile([1.0, 0, 0], (len(elements), 1))
    return tet_diffusion(nodes_mm, elements, fibres, None, Monodomain().diffusivity_mm2_per_ms)


def places(nodes_mm: NDArray[np.float64]) -> list[NDArray[np.intp]]:
    """Nodes at P1 to P9, or where none is there, as P9 at 0.2 mm, those equally near."""
    found = []
    for point in POINTS_MM:
        away = ((nodes_mm - point) ** 2).sum(axis=1)
        found.append(np.flatnonzero(away < away.min() + 1e-6))
    return found


@cache
def run(mesh: str, spacing_mm: float, dt_ms: float) -> dict[str, Any]:
    """Activation of the nine points; `mesh` is "grid", "grid, order 4" or "tets"."""
    folder = os.environ.get("CARDIOTWIN_RUNS")
    kept = Path(folder or ".") / f"{mesh.replace(', ', '_')}_{spacing_mm:.4f}_{dt_ms}.json"
    if folder and kept.is_file():
        return json.loads(kept.read_text(encoding="utf-8"))
    operator = tets(spacing_mm) if mesh == "tets" else grid(spacing_mm, 4 if "4" in mesh else 2)
    row = activation(operator, spacing_mm, dt_ms)
    row = {"mesh": mesh, "dx_mm": round(spacing_mm, 4), "dt_ms": dt_ms, **row}
    if folder:
        part = kept.with_suffix(".part")
        part.write_text(json.dumps(row), encoding="utf-8")
        part.replace(kept)
    return row


def activation(
    operator: GridDiffusion | Diffusion, spacing_mm: float, dt_ms: float
) -> dict[str, Any]:
    """Of P1 to P9 in ms; where the diffusion is not stable at dt_ms, it takes several steps."""
    points = places(operator.nodes_mm)
    substeps = math.ceil(dt_ms / operator.limit_ms)
    start = time.perf_counter()
    wave = solve_monodomain(
        operator,
        TEN_TUSSCHER_EPI,
        corner_current(operator.nodes_mm, spacing_mm),
        duration_ms=200.0,
        dt_ms=dt_ms,
        substeps=substeps,
        threads=len(os.sched_getaffinity(0)),
        threshold_mv=0.0,
        until_activated=np.concatenate(points),
    )
    means = (wave.activation_ms[nodes].mean() for nodes in points)
    times_ms = {f"P{i}": round(float(t), 3) for i, t in enumerate(means, 1)}
    seconds = round(time.perf_counter() - start, 1)
    return {**times_ms, "substeps": substeps, "nodes": operator.n, "seconds": seconds}


def corner_current(nodes_mm: NDArray[np.float64], spacing_mm: float) -> list[Stimulus]:
    """The stimulus: each node takes the share of its box that lies in the corner of 1.5 mm.

    With whole nodes, the corner would be 1.5 mm at one spacing and 1.55 mm at the next, and the
    activation times would converge to no order. Moved nodes count as where they were.
    """
    unmoved_mm = np.rint(nodes_mm / spacing_mm) * spacing_mm
    low = np.maximum(unmoved_mm - spacing_mm / 2, 0)
    high = np.minimum(unmoved_mm + spacing_mm / 2, SIZE_MM)
    inside = np.clip((CORNER_MM - low) / (high - low), 0, 1).prod(axis=1).round(9)
    return [
        Stimulus(
            nodes=np.flatnonzero(inside == share),
            duration_ms=2.0,
            strength_mv_per_ms=STRENGTH_MV_PER_MS * share,
        )
        for share in np.unique(inside[inside > 0])
    ]


def order_and_limit(steps: list[float], values: list[float]) -> tuple[float, float]:
    """Order p and limit of values = limit + c * step**p, through three of them."""
    (a, b, c), (va, vb, vc) = steps, values
    ratio = (va - vb) / (vb - vc)
    p = float(brentq(lambda p: (a**p - b**p) / (b**p - c**p) - ratio, 0.1, 8))
    return p, vc - (vb - vc) * c**p / (b**p - c**p)


def nversion() -> dict[str, Any]:
    """The whole protocol, orders in space and time, and what P8 tends to."""
    rows = [
        run(mesh, h, dt)
        for mesh in ("grid", "tets", "grid, order 4")
        for h in SPACINGS_MM
        for dt in STEPS_MS
    ]
    limits = {
        "grid": limit("grid", GRID_REFERENCE_MM),
        "tets": limit("tets", TET_REFERENCE_MM),
        "grid, order 4": limit("grid, order 4", TET_REFERENCE_MM),
    }
    references = [
        run("grid", GRID_REFERENCE_MM, REFERENCE_STEP_MS),
        run("tets", TET_REFERENCE_MM, REFERENCE_STEP_MS),
        run("grid, order 4", TET_REFERENCE_MM, REFERENCE_STEP_MS),
    ]
    return {
        "p8_grid_limit_ms": limits["grid"][1],
        "p8_tet_limit_ms": limits["tets"][1],
        "p8_order_4_limit_ms": limits["grid, order 4"][1],
        "p8_reference_ms": references[0]["P8"],
        "nversion_order_space_grid": limits["grid"][0],
        "nversion_order_space_tets": limits["tets"][0],
        "nversion_order_time": time_order(),
        "nversion": rows + references,
        "nversion_others": list(OTHERS),
    }


def limit(mesh: str, finest_mm: float) -> tuple[float, float]:
    """Order in space of P8, and its limit, from three spacings at the step of the reference."""
    spacings = [0.2, 0.1, finest_mm]
    return order_and_limit(spacings, [run(mesh, h, REFERENCE_STEP_MS)["P8"] for h in spacings])


def time_order() -> float:
    """Order in time of P8, from three steps on the grid of 0.2 mm."""
    steps = [0.02, 0.01, 0.005]
    return order_and_limit(steps, [run("grid", 0.2, dt)["P8"] for dt in steps])[0]


def nversion_quick() -> dict[str, Any]:
    """P8 at 0.2 mm on both meshes, which no limit follows from."""
    both = [run(mesh, 0.2, 0.05) for mesh in ("grid", "tets")]
    return {
        "p8_grid_limit_ms": None,
        "p8_tet_limit_ms": None,
        "nversion_quick": both,
    }


QUICK, FULL = (nversion_quick,), (nversion,)

if __name__ == "__main__":
    print(json.dumps(nversion(), indent=2))
