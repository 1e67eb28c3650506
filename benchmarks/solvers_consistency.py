"""Eikonal against monodomain, and reaction-eikonal against resolved waves: one tissue, three roads.

The cells are Mitchell and Schaeffer's with a front somewhat sharper than published (tau_in 0.2,
tau_out 8 ms): curvature slows a wave by D / R, and at a given speed D goes with the width of the
front, so that D / c^2 is 0.6 ms here, 0.9 ms as published and about 0.3 ms in muscle. On every
mesh D along fibre, sheet and normal is the one at which a plane wave runs at the eikonal's speed
in a cable of the mesh's spacing (`matched_diffusivity_mm2_per_ms`), that is (volume / nodes)^(1/3).
Monodomain times count from the stimulus, less the median time from there to activation of the
stimulated nodes themselves; those nodes are the eikonal's sources, and left out of the figures.
"""

import math
import time
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cardiotwin import load_heart
from cardiotwin.anatomy.datasets import find
from cardiotwin.anatomy.heart import tet_volumes
from cardiotwin.anatomy.shapes import box
from cardiotwin.sim import (
    HEALTHY_ROOTS,
    Conduction,
    Conductivities,
    eikonal_mesh,
    prepare,
    simulate,
    solve_eikonal,
    tet_metric,
)
from cardiotwin.sim.cells import cell_model
from cardiotwin.sim.conduction import matched_diffusivity_mm2_per_ms
from cardiotwin.sim.diffusion import Diffusion, tet_diffusion
from cardiotwin.sim.mitchell_schaeffer import MitchellSchaeffer, mitchell_schaeffer_cell
from cardiotwin.sim.monodomain import Reaction, solve_monodomain
from cardiotwin.sim.muscle import heart_diffusion
from cardiotwin.sim.reaction_eikonal import solve_reaction_eikonal
from cardiotwin.sim.roots import root_nodes
from cardiotwin.sim.stimulus import Stimulus, nodes_in_ball, nodes_in_box

CELL = mitchell_schaeffer_cell("sharp", MitchellSchaeffer(tau_in_ms=0.2, tau_out_ms=8.0))
#: Of three pieces of the slab along x, up to 46 ms apart, which coupling evens out.
PIECES = [CELL.with_parameters(tau_close_ms=t) for t in (100.0, 120.0, 112.0)]
SPEEDS = (
    Conduction().cv_fibre_mm_per_ms,
    Conduction().cv_sheet_mm_per_ms,
    Conduction().cv_normal_mm_per_ms,
)
STEP_MS = 0.1
#: Of the N-version benchmark (Niederer 2011): fibres along x, stimulus in a corner.
SLAB_MM, SITE_MM, SLAB_SPACING_MM = (20.0, 7.0, 3.0), 1.5, 0.25
#: Waves on the heart start as balls of this radius around the root sites.
BALL_MM = 4.0


@cache
def diffusivities(spacing_mm: float, step_ms: float = STEP_MS) -> tuple[float, ...]:
    """Along fibre, sheet and normal, for plane waves at `SPEEDS` on a mesh of this spacing."""
    return tuple(
        matched_diffusivity_mm2_per_ms(CELL, speed, spacing_mm=spacing_mm, dt_ms=step_ms)
        for speed in SPEEDS
    )


def run(operator: Diffusion, cells: Any, stimuli: Any, duration_ms: float) -> Reaction:
    """A monodomain run at `STEP_MS`."""
    substeps = max(1, math.ceil(STEP_MS / operator.limit_ms))
    return solve_monodomain(
        operator, cells, stimuli, duration_ms=duration_ms, dt_ms=STEP_MS, substeps=substeps
    )


def differences(
    activation_ms: NDArray[Any], eikonal_ms: NDArray[Any], sources: NDArray[Any], name: str
) -> dict[str, Any]:
    """How far two sets of activation times are apart, outside the sources."""
    offset_ms = np.median(activation_ms[sources] - eikonal_ms[sources])
    late_ms = np.delete(activation_ms - offset_ms - eikonal_ms, sources)
    return {
        f"{name}_median_ms": round(float(np.median(np.abs(late_ms))), 2),
        f"{name}_p95_ms": round(float(np.percentile(np.abs(late_ms), 95)), 2),
        f"{name}_max_ms": round(float(np.abs(late_ms).max()), 2),
        f"{name}_bias_ms": round(float(np.median(late_ms)), 2),
        f"{name}_last_ms": round(float(eikonal_ms.max()), 1),
        f"{name}_latency_ms": round(float(offset_ms), 2),
    }


def anisotropy() -> dict[str, Any]:
    """Speeds of plane waves along fibre, sheet and normal, with D by c^2 alone.

    D along the fibre is matched at 0.25 mm, the other two follow as the squares of the speeds: what
    is left over is what the mesh does to the anisotropy.
    """
    along = diffusivities(SLAB_SPACING_MM)[0]
    d = [along * (speed / SPEEDS[0]) ** 2 for speed in SPEEDS]
    nodes_mm, tets = box((80, 2, 2), SLAB_SPACING_MM)
    x_mm = nodes_mm[:, 0]
    found = []
    for axes in (np.eye(3), np.eye(3)[[1, 0, 2]], np.eye(3)[[1, 2, 0]]):
        fibres, sheets = (np.tile(axis, (len(tets), 1)) for axis in axes[:2])
        operator = tet_diffusion(nodes_mm, tets, fibres, sheets, d)
        site = Stimulus(nodes=np.flatnonzero(x_mm <= SITE_MM), strength_mv_per_ms=50.0)
        times_ms = run(operator, CELL, site, 70.0).activation_ms
        middle = (x_mm > 6) & (x_mm < 16)
        found.append(1 / np.polyfit(x_mm[middle], times_ms[middle], 1)[0])
    wanted, got = np.array(SPEEDS[1:]) / SPEEDS[0], np.array(found[1:]) / found[0]
    return {
        "cv_mm_per_ms": [round(float(v), 4) for v in found],
        "anisotropy_worst_pct": round(float(100 * np.abs(got / wanted - 1).max()), 2),
    }


@cache
def slab_run() -> tuple[Any, ...]:
    """Nodes, tetrahedra, sources and the resolved wave in the slab; CPU seconds."""
    nodes_mm, tets, operator = slab_mesh(SLAB_SPACING_MM)
    site = nodes_in_box(nodes_mm, np.zeros(3), np.full(3, SITE_MM))
    start = time.process_time()
    wave = run(operator, in_pieces(nodes_mm), Stimulus(nodes=site, strength_mv_per_ms=50.0), 400.0)
    return nodes_mm, tets, site, wave, time.process_time() - start


def slab_mesh(spacing_mm: float) -> tuple[NDArray[Any], NDArray[Any], Diffusion]:
    """The slab with elements of some size, and D for that size."""
    nodes_mm, tets = box(tuple(round(side / spacing_mm) for side in SLAB_MM), spacing_mm)
    return (
        nodes_mm,
        tets,
        tet_diffusion(nodes_mm, tets, *_axes(tets), diffusivities(SLAB_SPACING_MM)),
    )


def in_pieces(nodes_mm: NDArray[Any]) -> list[Any]:
    """Cells of three durations along the slab, with borders halfway between nodes 1 mm apart."""
    piece = np.digitize(nodes_mm[:, 0], [6.5, 13.5])
    return [(cell, piece == k) for k, cell in enumerate(PIECES)]


def slab() -> dict[str, Any]:
    """Eikonal against monodomain from a corner of the N-version slab."""
    nodes_mm, tets, site, wave, _ = slab_run()
    return differences(
        wave.activation_ms, eikonal(nodes_mm, tets, *_axes(tets), site), site, "slab"
    )


def eikonal(
    nodes_mm: NDArray[Any],
    tets: NDArray[Any],
    fibres: NDArray[Any],
    sheets: NDArray[Any],
    sources: NDArray[Any],
    times_ms: Any = 0.0,
) -> NDArray[Any]:
    """Arrival times at `SPEEDS`."""
    metric = tet_metric(nodes_mm, tets, fibres, sheets, SPEEDS)
    mesh = eikonal_mesh(nodes_mm, tets)
    return solve_eikonal(mesh, tet_metric=metric, sources=sources, source_times_ms=times_ms)


def dti004() -> dict[str, Any]:
    """Eikonal against monodomain on a real heart, on its own mesh, from five root sites.

    Without the fast endocardial layer, which a monodomain has not. The mesh is 1.4 mm, the front
    1 mm: matching D to the mesh is what makes up for that.
    """
    if not find("dti004"):
        return {"eik_mono_median_ms": None, "eik_mono_p95_ms": None}
    heart = load_heart("dti004")
    nodes_mm, tets = heart.nodes_mm, heart.tets
    start = time.process_time()
    spacing_mm = (tet_volumes(nodes_mm, tets).sum() / len(nodes_mm)) ** (1 / 3)
    d = diffusivities(float(spacing_mm))
    operator = tet_diffusion(nodes_mm, tets, heart.fibres, heart.sheets, d)
    balls = [
        nodes_in_ball(nodes_mm, nodes_mm[r], BALL_MM) for r in root_nodes(heart, HEALTHY_ROOTS)
    ]
    times_ms = [root.time_ms for root in HEALTHY_ROOTS]
    pulses = [
        Stimulus(nodes=ball, times_ms=(t,), strength_mv_per_ms=50.0)
        for ball, t in zip(balls, times_ms, strict=True)
    ]
    wave = run(operator, CELL, pulses, 200.0)
    cpu_s = time.process_time() - start
    sources = np.concatenate(balls)
    starts_ms = np.repeat(times_ms, [len(ball) for ball in balls])
    arrival_ms = eikonal(nodes_mm, tets, heart.fibres, heart.sheets, sources, starts_ms)
    slope = np.polyfit(arrival_ms, wave.activation_ms, 1)[0]
    return {
        **differences(wave.activation_ms, arrival_ms, sources, "eik_mono"),
        "eik_mono_slope": round(float(slope), 4),
        "eik_mono_spacing_mm": round(float(spacing_mm), 3),
        "eik_mono_d_over_c2_ms": [round(x / c**2, 3) for x, c in zip(d, SPEEDS, strict=True)],
        "eik_mono_cpu_s": round(cpu_s, 2),
    }


def reaction_eikonal() -> dict[str, Any]:
    """Reaction-eikonal at 1 mm against the resolved wave at 0.25 mm in the slab of three pieces."""
    fine_mm, _, fine_site, resolved, resolved_s = slab_run()
    nodes_mm, tets, operator = slab_mesh(1.0)
    site = nodes_in_box(nodes_mm, np.zeros(3), np.full(3, SITE_MM))
    start = time.process_time()
    arrival_ms = eikonal(nodes_mm, tets, *_axes(tets), site)
    wave = solve_reaction_eikonal(
        operator, in_pieces(nodes_mm), arrival_ms, duration_ms=400.0, dt_ms=STEP_MS
    )
    cpu_s = time.process_time() - start
    here = same_places(nodes_mm, fine_mm)
    outside = ~np.isin(np.arange(len(nodes_mm)), site)
    offset_ms = np.median(resolved.activation_ms[fine_site])
    early = np.abs(wave.activation_ms - arrival_ms)[outside]
    late = np.abs(wave.repolarisation_ms - resolved.repolarisation_ms[here] + offset_ms)[outside]
    longer = np.abs(wave.apd90_ms - resolved.apd90_ms[here])[outside]
    return {
        "re_activation_max_ms": round(float(early.max()), 2),
        "re_repolarisation_median_ms": round(float(np.median(late)), 2),
        "re_repolarisation_p95_ms": round(float(np.percentile(late, 95)), 2),
        "re_apd_median_ms": round(float(np.median(longer)), 2),
        "re_apd_p95_ms": round(float(np.percentile(longer, 95)), 2),
        "re_apd_span_ms": round(float(np.ptp(resolved.apd90_ms)), 1),
        "re_cpu_s": round(cpu_s, 3),
        "re_times_cheaper": round(resolved_s / cpu_s, 1),
    }


def whole_beat() -> dict[str, Any]:
    """Reaction-eikonal on a real heart, fast endocardium and all: 450 ms of the minimal model."""
    if not find("dti004"):
        return {"re_dti004_activation_max_ms": None, "re_dti004_cpu_s": None}
    heart = load_heart("dti004")
    arrival_ms = simulate(prepare(heart)).activation_ms
    along, across = Conductivities().monodomain_s_per_m
    operator = heart_diffusion(heart, (0.117, 0.117 * across / along))
    step_ms = 0.05
    start = time.process_time()
    wave = solve_reaction_eikonal(
        operator,
        cell_model("bueno-orovio-epi"),
        arrival_ms,
        duration_ms=450.0,
        dt_ms=step_ms,
        substeps=max(1, math.ceil(step_ms / operator.limit_ms)),
    )
    early_ms = np.abs(wave.activation_ms - arrival_ms)
    return {
        "re_dti004_activation_max_ms": round(float(early_ms.max()), 3),
        "re_dti004_cpu_s": round(time.process_time() - start, 1),
    }


def same_places(coarse_mm: NDArray[Any], fine_mm: NDArray[Any]) -> NDArray[np.intp]:
    """(n,) The node of the fine slab at each node of the coarse one."""
    key = {tuple(place): i for i, place in enumerate(fine_mm.round(3).tolist())}
    return np.array([key[tuple(place)] for place in coarse_mm.round(3).tolist()])


def _axes(tets: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Fibres along x, sheets along y."""
    return tuple(np.tile(axis, (len(tets), 1)) for axis in np.eye(3)[:2])  # type: ignore[return-value]


QUICK = (anisotropy, slab, reaction_eikonal, dti004)
FULL = (*QUICK, whole_beat)

if __name__ == "__main__":
    for part in FULL:
        began = time.process_time()
        print(part.__name__, part(), f"{time.process_time() - began:.1f} CPU-s")
