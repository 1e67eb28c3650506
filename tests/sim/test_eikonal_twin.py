"""The eikonal solver against a brute-force twin, and as plain Python."""

import os
import subprocess
import sys

import numpy as np
import pytest

from cardiotwin.anatomy.shapes import box
from cardiotwin.sim.eikonal import eikonal_mesh, solve_eikonal, tet_metric, triangle_metric

from .eikonal_tissue import faces_in, slowness


def least(f, count, steps=38):
    """Least value on 0..1 of each of `count` convex functions, by thirds.

    2e-7 of the interval is left: nothing to a minimum within, which is flat; the ends are tried.
    """
    low, high = np.zeros(count), np.ones(count)
    ends = np.minimum(f(low), f(high))
    for _ in range(steps):
        a, b = low + (high - low) / 3, high - (high - low) / 3
        left = f(a) < f(b)
        low, high = np.where(left, low, a), np.where(left, b, high)
    return np.minimum(ends, f((low + high) / 2))


def brute_force(nodes_mm, updates, inverse, sources, source_times_ms):
    """Fixed-point sweeps; each update is a search over the face opposite to a node.

    `updates` (u, 4) are a node and the face that reaches it, `inverse` (u, 3, 3) its D^-1.
    """
    times_ms = np.full(len(nodes_mm), 1e4)  # a finite "never": inf times 0 is nan
    times_ms[sources] = source_times_ms
    target, face = updates[:, 0], updates[:, 1:]

    def reach_ms(u, v):
        w = np.stack([u * (1 - v), u * v, 1 - u], axis=1)
        way_mm = nodes_mm[target] - np.einsum("uk,uki->ui", w, nodes_mm[face])
        length_ms = np.sqrt(np.einsum("ui,uij,uj->u", way_mm, inverse, way_mm))
        return np.einsum("uk,uk->u", w, times_ms[face]) + length_ms

    for _ in range(50):
        found = least(lambda u: least(lambda v: reach_ms(u, v), len(target)), len(target))
        before_ms = times_ms.copy()
        np.minimum.at(times_ms, target, found)
        if (before_ms - times_ms).max() < 1e-12:
            break
    return times_ms


def updates_of(elements):
    """(corners m, 4) Each node of an element, then the others; the last of a triangle twice."""
    corners = elements.shape[1]
    turns = [np.roll(elements, k, axis=1) for k in range(corners)]
    return np.concatenate(turns)[:, [0, 1, 2, corners - 1]]


def frame(first, second):
    """Orthonormal columns: along the first, in the plane of both, across both."""
    return np.linalg.qr(np.column_stack([first, second, np.cross(first, second)]))[0]


@pytest.mark.parametrize("seed", [0, 1])
def test_random_tissue_matches_a_brute_force_search(seed):
    """Skewed and flat tets, other fibres in each, a fast surface and two sources.

    Boundary-conforming meshes have flat tets; here one lies in each square of the side x = 0,
    which is turned so that its volume is rounding and not zero.

    1e-8 ms: the search leaves some 1e-12 ms an update, and the wave takes some ten of them.
    """
    rng = np.random.default_rng(seed)
    nodes_mm, tets = box((3, 2, 2), 1.0)
    nodes_mm += rng.uniform(-0.2, 0.2, nodes_mm.shape)
    nodes_mm[:9, 0] = 0.0
    nodes_mm = nodes_mm @ np.linalg.qr(rng.normal(size=(3, 3)))[0]
    tets = np.concatenate([tets, np.array([[0], [1], [3], [4]]) + np.array([0, 3, 4, 1])])
    fibres, sheets = rng.normal(size=(2, len(tets), 3))
    triangles = faces_in(tets, np.arange(len(nodes_mm)) % 3 == 0)
    sources, start_ms = np.array([0, 20]), np.array([-1.0, 2.5])
    speeds = (0.9, 0.4, 0.2)
    on_surface, fast, across = rng.normal(size=(len(triangles), 3)), 1.1, 0.6
    times_ms = solve_eikonal(
        eikonal_mesh(nodes_mm, tets, triangles),
        tet_metric=tet_metric(nodes_mm, tets, fibres, sheets, speeds),
        triangle_metric=triangle_metric(
            nodes_mm, triangles, fast, fibres=on_surface, across_mm_per_ms=across
        ),
        sources=sources,
        source_times_ms=start_ms,
    )
    inverse = [slowness(speeds, frame(f, s)) for f, s in zip(fibres, sheets, strict=True)]
    corners_mm = nodes_mm[triangles]
    normals = np.cross(corners_mm[:, 1] - corners_mm[:, 0], corners_mm[:, 2] - corners_mm[:, 0])
    surface = [
        slowness((1.0, fast, across), frame(n, f)) for n, f in zip(normals, on_surface, strict=True)
    ]
    twin_ms = brute_force(
        nodes_mm,
        np.concatenate([updates_of(tets), updates_of(triangles)]),
        np.concatenate([np.tile(inverse, (4, 1, 1)), np.tile(surface, (3, 1, 1))]),
        sources,
        start_ms,
    )
    np.testing.assert_allclose(times_ms, twin_ms, rtol=0, atol=1e-8)


TINY = """
import numpy as np
from cardiotwin.anatomy.shapes import box
from cardiotwin.sim.eikonal import Scenario, eikonal_mesh, solve_eikonal, tet_metric
from cardiotwin.sim.eikonal import triangle_metric
from cardiotwin.sim.eikonal_restart import restart_eikonal, trace_eikonal
nodes_mm, tets = box((2, 1, 1), 1.0)
along = np.tile(np.eye(3)[:2, None], (1, len(tets), 1))
mesh = eikonal_mesh(nodes_mm, tets, tets[:2, :3])
metrics = {"tet_metric": tet_metric(nodes_mm, tets, *along, (0.6, 0.4, 0.2)),
    "triangle_metric": triangle_metric(nodes_mm, mesh.triangles, 1.0)}
blocked = np.arange(12) == 9
times_ms = np.concatenate([
    solve_eikonal(mesh, **metrics, sources=[0], blocked=blocked),
    solve_eikonal(mesh, **metrics, sources=[0], blocked=blocked, ball_mm=1.0, order=2),
    restart_eikonal(trace_eikonal(mesh, Scenario(sources=[0]), **metrics), blocked=blocked),
])
"""


def test_kernels_run_as_plain_python():
    """The same bytes up to fused multiply-add, which only the compiler may use."""
    script = f"{TINY}import numba; assert numba.config.DISABLE_JIT; print(times_ms.tolist())"
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", script],
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    compiled: dict[str, np.ndarray] = {}
    exec(TINY, compiled)
    plain_ms = [float(word) for word in run.stdout.strip("[]\n").split(", ")]
    assert np.flatnonzero(np.isinf(plain_ms)).tolist() == [9, 21, 33]
    np.testing.assert_allclose(plain_ms, compiled["times_ms"], rtol=1e-12)
