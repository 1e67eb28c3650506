"""Figures of the template morph: all frames of a beat, and hearts unlike the template."""

import time
from collections.abc import Sequence
from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from cardiotwin.anatomy import SURFACES, Heart
from cardiotwin.anatomy.bivme import bivme_surface, read_control_points
from cardiotwin.anatomy.bivme_hearts import bivme_template
from cardiotwin.anatomy.bivme_template import find_template
from cardiotwin.anatomy.datasets import find
from cardiotwin.anatomy.heart import tet_volumes
from cardiotwin.anatomy.measures import cavity_volume_ml
from cardiotwin.anatomy.quality import scaled_jacobians
from cardiotwin.anatomy.surface import LabelledSurface, gaps_to_triangles_mm
from cardiotwin.anatomy.template import TemplateMorph

PATIENT = "bivme_patient1"
KEYS = (
    "morph_frames",
    "morph_inverted",
    "morph_min_sj",
    "morph_cpu_s",
    "morph_distance_mm",
    "morph_nodes",
)
#: Smooth random movement of the space: length of its waves and size, in mm.
FIELDS_MM = ((40.0, 5.0), (40.0, 8.0), (25.0, 5.0), (25.0, 8.0))
#: Hearts of each kind in the test of robustness.
DRAWS = 5


@cache
def beat() -> SimpleNamespace | None:
    """Patient 1 on the template: surfaces and hearts of all frames, CPU seconds of each part."""
    folder = find(PATIENT)
    if folder is None:
        return None
    subdivision = find_template(folder)
    points_mm = read_control_points(folder)
    start = time.process_time()
    template = bivme_template(bivme_surface(points_mm[0], subdivision))
    setup_s = time.process_time() - start
    template.heart(bivme_surface(points_mm[1], subdivision))  # compiles
    surfaces, hearts, whole_s, nodes_s = [], [], [], []
    for frame, control_mm in enumerate(points_mm):
        start = time.process_time()
        surface = bivme_surface(control_mm, subdivision, name=f"frame {frame}")
        hearts.append(template.heart(surface))
        whole_s.append(time.process_time() - start)
        start = time.process_time()
        template.nodes_mm(surface)
        nodes_s.append(time.process_time() - start)
        surfaces.append(surface)
    return SimpleNamespace(
        template=template,
        subdivision=subdivision,
        points_mm=points_mm,
        surfaces=surfaces,
        hearts=hearts,
        setup_s=setup_s,
        whole_s=whole_s,
        nodes_s=nodes_s,
    )


def apart_mm(heart: Heart, fit: LabelledSurface) -> tuple[float, float]:
    """Mean and largest distance of boundary and fit, each sampled at nodes and middles."""
    boundary = np.concatenate([heart.surfaces[s] for s in SURFACES])
    both = (heart.nodes_mm, boundary), (fit.nodes_mm, fit.triangles)
    gaps = []
    for (nodes_mm, triangles), other in (both, both[::-1]):
        middles_mm = nodes_mm[triangles].mean(axis=1)
        points_mm = np.concatenate([nodes_mm[np.unique(triangles)], middles_mm])
        gaps.append(gaps_to_triangles_mm(points_mm, *other))
    return max(float(g.mean()) for g in gaps), max(float(g.max()) for g in gaps)


def frames(which: Sequence[int] | None = None) -> dict[str, Any]:
    """The 25 frames; distance to the fit on all, or on `which`. The worst frame counts."""
    run = beat()
    if run is None:
        return dict.fromkeys(KEYS)
    distances = [apart_mm(run.hearts[k], run.surfaces[k]) for k in which or range(len(run.hearts))]
    shapes = [scaled_jacobians(h.nodes_mm, h.tets) for h in run.hearts]
    return {
        "morph_frames": len(run.hearts),
        "morph_inverted": sum(
            int((tet_volumes(h.nodes_mm, h.tets) <= 0).sum()) for h in run.hearts
        ),
        "morph_min_sj": min(float(s.min()) for s in shapes),
        "morph_mean_sj": min(float(s.mean()) for s in shapes),
        "morph_cpu_s": float(np.median(run.whole_s)),
        "morph_worst_cpu_s": max(run.whole_s),
        "morph_nodes_cpu_s": float(np.median(run.nodes_s)),
        "morph_setup_cpu_s": run.setup_s,
        "morph_distance_mm": max(mean for mean, _ in distances),
        "morph_largest_distance_mm": max(largest for _, largest in distances),
        "morph_nodes": len(run.hearts[0].nodes_mm),
        **volumes(run.hearts),
    }


def volumes(hearts: Sequence[Heart]) -> dict[str, Any]:
    """Wall and cavities at end-diastole and where the left cavity is smallest."""
    cavities = [
        [cavity_volume_ml(h.nodes_mm, h.surfaces[s]) for h in hearts]
        for s in ("lv_endo", "rv_endo")
    ]
    walls = [float(tet_volumes(h.nodes_mm, h.tets).sum() / 1e3) for h in hearts]
    least = int(np.argmin(cavities[0]))
    return {
        "morph_wall_ml": walls[0],
        "morph_least_wall_ml": min(walls),
        "morph_lv_edv_ml": cavities[0][0],
        "morph_lv_esv_ml": cavities[0][least],
        "morph_lv_es_frame": least,
        "morph_rv_edv_ml": cavities[1][0],
    }


def smooth_field(rng: np.random.Generator, length_mm: float, size_mm: float) -> Any:
    """A movement of points, smooth at `length_mm`, whose root mean square is `size_mm`."""
    waves = rng.normal(size=(64, 3)) / length_mm
    phases, amplitudes = rng.uniform(0, 2 * np.pi, 64), rng.normal(size=(64, 3))
    amplitudes *= size_mm / np.sqrt((amplitudes**2).sum() / 2)
    return lambda points_mm: points_mm + np.cos(points_mm @ waves.T + phases) @ amplitudes


def other_hearts(points_mm: NDArray[np.float64], seed: int = 0) -> list[NDArray[np.float64]]:
    """Control points unlike those of the template: stretched, warped, beyond the beat."""
    rng = np.random.default_rng(seed)
    starts = points_mm[0], points_mm[10]
    found = [s * rng.uniform(0.75, 1.25, 3) for s in starts for _ in range(DRAWS)]
    for length_mm, size_mm in FIELDS_MM:
        found += [smooth_field(rng, length_mm, size_mm)(s) for s in starts for _ in range(DRAWS)]
    flat = points_mm.reshape(len(points_mm), -1)
    _, sizes, modes = np.linalg.svd(flat - flat.mean(axis=0), full_matrices=False)
    deviations = sizes[:5] / np.sqrt(len(flat) - 1)
    for spread in (1.0, 1.5):
        weights = rng.normal(0, spread, (DRAWS, 5)) * deviations
        found += list((flat.mean(axis=0) + weights @ modes[:5]).reshape(DRAWS, -1, 3))
    return found


def crosses_itself(surface: LabelledSurface) -> bool:
    """Whether an edge of the surface goes through one of its triangles."""
    nodes_mm, triangles = surface.nodes_mm, surface.triangles
    edges = np.unique(np.sort(triangles[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2)), axis=0)
    corners_mm = nodes_mm[triangles]
    middles_mm = corners_mm.mean(axis=1)
    reach_mm = np.linalg.norm(corners_mm - middles_mm[:, None], axis=2).max()
    reach_mm += np.linalg.norm(np.diff(nodes_mm[edges], axis=1), axis=2).max() / 2
    near = KDTree(middles_mm).query_ball_point(nodes_mm[edges].mean(axis=1), reach_mm)
    e = np.repeat(np.arange(len(edges)), [len(n) for n in near])
    t = np.concatenate(near).astype(int)
    apart = ~(triangles[t][:, :, None] == edges[e][:, None, :]).any(axis=(1, 2))
    e, t = e[apart], t[apart]
    start_mm, a_mm = nodes_mm[edges[e, 0]], corners_mm[t, 0]
    along, u, v = nodes_mm[edges[e, 1]] - start_mm, corners_mm[t, 1] - a_mm, corners_mm[t, 2] - a_mm
    system = np.stack([u, v, -along], axis=2)
    sound = np.abs(np.linalg.det(system)) > 1e-9
    weights = np.linalg.solve(system[sound], (start_mm - a_mm)[sound][:, :, None])[:, :, 0]
    x, y, share = weights.T
    return bool(((x > 0) & (y > 0) & (x + y < 1) & (share > 0) & (share < 1)).any())


def robustness() -> dict[str, Any]:
    """Share of other hearts that the template reaches; those whose surface is sound separately."""
    run = beat()
    if run is None:
        return dict.fromkeys(("morph_robust_rate", "morph_robust_sound_rate"))
    surfaces = [bivme_surface(p, run.subdivision) for p in other_hearts(run.points_mm)]
    reached = np.array([_reaches(run.template, s) for s in surfaces])
    sound = np.array([not crosses_itself(s) for s in surfaces])
    return {
        "morph_robust_total": len(surfaces),
        "morph_robust_rate": float(reached.mean()),
        "morph_robust_crossing": int((~sound).sum()),
        "morph_robust_sound_rate": float(reached[sound].mean()),
    }


def _reaches(template: TemplateMorph, surface: LabelledSurface) -> bool:
    try:
        template.heart(surface)
    except ValueError:
        return False
    return True


def quick() -> dict[str, Any]:
    return frames((0, 10))


def full() -> dict[str, Any]:
    return frames() | robustness()
