"""The eikonal solver against closed forms, orders of convergence, invariants and a naive twin."""

import os
import re
import subprocess
import sys

import numpy as np
import pytest

from cardiotwin.anatomy.shapes import box
from cardiotwin.sim.eikonal import (
    activation_times,
    ball_sources,
    eikonal_mesh,
    solve_eikonal,
    tet_metric,
    triangle_metric,
)

ANISOTROPIC = (0.6, 0.4, 0.2)  # mm/ms along fibre, sheet, normal
ISOTROPIC = (0.6, 0.6, 0.6)


def rotation(rng):
    q, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    return q * np.linalg.det(q)


def uniform(tets, axes=None):
    """The same fibre and sheet in every tet: the first two columns of `axes`."""
    fibre, sheet, _ = (np.eye(3) if axes is None else axes).T
    return {"fibres": np.tile(fibre, (len(tets), 1)), "sheets": np.tile(sheet, (len(tets), 1))}


def diffusion(speeds, axes):
    return axes @ np.diag(np.square(speeds)) @ axes.T


def faces_in(tets, inside):
    """(k, 3) Faces of `tets` whose three nodes are all `inside`, each once."""
    faces = tets[:, [[1, 2, 3], [0, 2, 3], [0, 1, 3], [0, 1, 2]]].reshape(-1, 3)
    return np.unique(np.sort(faces[inside[faces].all(axis=1)], axis=1), axis=0)


def jittered_box(rng, cells, amount=0.2):
    """A box of 1 mm cubes with every node moved, and other fibres in each tet."""
    nodes_mm, tets = box(cells, 1.0)
    nodes_mm += rng.uniform(-amount, amount, nodes_mm.shape)
    return nodes_mm, tets, rng.normal(size=(len(tets), 3)), rng.normal(size=(len(tets), 3))


# Closed forms.


@pytest.mark.parametrize("speeds", [ISOTROPIC, ANISOTROPIC])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_planar_wave_is_exact(speeds, seed):
    """Linear elements hold a linear time exactly, so only rounding is left.

    The ray through each node comes in, with velocity D p, through the sides of the box that face
    against it. These are the sources; from there every ray stays in the box.
    """
    rng = np.random.default_rng(seed)
    nodes_mm, tets = box((6, 5, 4), 1.0)
    axes, p = rotation(rng), rng.normal(size=3)
    p /= np.sqrt(p @ diffusion(speeds, axes) @ p)
    ray = diffusion(speeds, axes) @ p
    exact_ms = nodes_mm @ p
    inflow = np.where(ray > 0, nodes_mm == 0, nodes_mm == nodes_mm.max(axis=0)).any(axis=1)
    times_ms = activation_times(
        nodes_mm,
        tets,
        **uniform(tets, axes),
        speeds_mm_per_ms=speeds,
        sources=np.flatnonzero(inflow),
        source_times_ms=exact_ms[inflow],
    )
    assert inflow.sum() < 0.65 * len(nodes_mm)
    np.testing.assert_allclose(times_ms, exact_ms, rtol=0, atol=1e-9)


def point_error(spacing_mm, speeds, *, ball_mm=0.0, turn_deg=0.0):
    """Mean relative error outside the source, in a box of 20 mm with a source at its centre."""
    nodes_mm, tets = box((round(20 / spacing_mm),) * 3, spacing_mm)
    centre_mm = np.full(3, 10.0)
    cos, sin = np.cos(np.deg2rad(turn_deg)), np.sin(np.deg2rad(turn_deg))
    axes = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])
    sources, start_ms = ball_sources(
        nodes_mm,
        centre_mm,
        ball_mm,
        speeds_mm_per_ms=speeds,
        fibre=axes[:, 0],
        sheet=axes[:, 1],
    )
    times_ms = activation_times(
        nodes_mm,
        tets,
        **uniform(tets, axes),
        speeds_mm_per_ms=speeds,
        sources=sources,
        source_times_ms=start_ms,
    )
    exact_ms = np.linalg.norm((nodes_mm - centre_mm) @ axes / speeds, axis=1)
    np.testing.assert_allclose(times_ms[sources], exact_ms[sources], rtol=1e-12)
    assert (times_ms >= exact_ms * (1 - 1e-12)).all()  # distance is convex: linear lies above it
    outside = np.setdiff1d(np.arange(len(nodes_mm)), sources)
    return np.mean(times_ms[outside] / exact_ms[outside] - 1)


# What linear elements have on this mesh, found by two solvers: more is a bug. It depends on how
# the fibre lies to the diagonal of the cubes (0.037 to 0.082 over random directions).
@pytest.mark.parametrize(
    ("speeds", "turn_deg", "most"),
    [(ISOTROPIC, 0, 0.0545), (ANISOTROPIC, 30, 0.0465), (ANISOTROPIC, 0, 0.0495)],
)
def test_point_source_errs_by_5_percent_at_1_mm(speeds, turn_deg, most):
    assert 0.9 * most < point_error(1.0, speeds, turn_deg=turn_deg) <= most


# The error at a point source is h log(1/h), for the front has no bounded curvature there, and its
# order creeps up to 1 from below. With a fixed exact ball the curvature is bounded: order 1.
# The errors are those of linear elements on these meshes; 5 % allows for rounding of ties.
@pytest.mark.parametrize(
    ("ball_mm", "order", "errors"),
    [(0.0, 0.5, (0.077, 0.054, 0.035)), (3.0, 0.9, (0.065, 0.0315, 0.0155))],
)
def test_error_falls_with_the_edge_length(ball_mm, order, errors):
    found = [point_error(h, ISOTROPIC, ball_mm=ball_mm) for h in (2.0, 1.0, 0.5)]
    np.testing.assert_allclose(found, errors, rtol=0.05)
    assert (np.log2(np.divide(found[:-1], found[1:])) >= order).all()


def test_fast_surface_sends_a_head_wave_into_the_wall():
    """Far from the source the fastest way runs along the surface and dives at the critical angle.

    The head wave is planar, so linear elements hold it to rounding once the direct wave, which
    leads over the first d tan(asin(slow/fast)) = 1.8 mm, and the elements it touches are passed.
    """
    slow, fast = 0.5, 1.5
    nodes_mm, tets = box((20, 2, 5), 1.0)
    x_mm, _, depth_mm = nodes_mm.T
    times_ms = activation_times(
        nodes_mm,
        tets,
        **uniform(tets),
        speeds_mm_per_ms=(slow,) * 3,
        triangles=faces_in(tets, depth_mm == 0),
        triangle_speed_mm_per_ms=fast,
        sources=np.flatnonzero((x_mm == 0) & (depth_mm == 0)),
    )
    head_ms = x_mm / fast + depth_mm * np.sqrt(1 / slow**2 - 1 / fast**2)
    far = x_mm >= 8
    np.testing.assert_allclose(times_ms[far], head_ms[far], rtol=0, atol=1e-9)
    assert (times_ms >= head_ms - 1e-9).all()
    assert times_ms[(x_mm == 0) & (depth_mm == 5)].min() == pytest.approx(5 / slow, rel=1e-9)


def flat_error(spacing_mm):
    """Mean relative error on a square surface of 20 mm with a source at its centre, no tets."""
    nodes_mm, tets = box((round(20 / spacing_mm), round(20 / spacing_mm), 1), spacing_mm)
    plane = nodes_mm[:, 2] == 0
    triangles = faces_in(tets, plane)
    centre = np.flatnonzero((nodes_mm == [10, 10, 0]).all(axis=1))
    times_ms = solve_eikonal(
        eikonal_mesh(nodes_mm, np.empty((0, 4)), triangles),
        tet_metric=np.empty((0, 6)),
        triangle_metric=triangle_metric(nodes_mm, triangles, 0.5),
        sources=centre,
    )
    exact_ms = np.linalg.norm(nodes_mm - nodes_mm[centre], axis=1) / 0.5
    assert np.isinf(times_ms[~plane]).all()
    plane[centre] = False
    return np.mean(times_ms[plane] / exact_ms[plane] - 1)


def test_flat_surface_without_tets_matches_distance():
    """First order, with the logarithm of a point source (see above): 3.7 % at 1 mm."""
    coarse, middle, fine = (flat_error(h) for h in (2.0, 1.0, 0.5))
    assert middle == pytest.approx(0.0367, rel=0.01)
    assert 2**0.4 < coarse / middle < middle / fine < 2


# The naive twin.


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


@pytest.mark.parametrize("seed", [0, 1])
def test_random_tissue_matches_a_brute_force_search(seed):
    """Skewed tets, other fibres in each, a fast surface and two sources.

    1e-8 ms: the search leaves some 1e-12 ms an update, and the wave takes some ten of them.
    """
    rng = np.random.default_rng(seed)
    nodes_mm, tets, fibres, sheets = jittered_box(rng, (3, 2, 2))
    triangles = faces_in(tets, np.arange(len(nodes_mm)) % 3 == 0)
    sources, start_ms, fast = np.array([0, 20]), np.array([-1.0, 2.5]), 1.1
    times_ms = activation_times(
        nodes_mm,
        tets,
        fibres=fibres,
        sheets=sheets,
        speeds_mm_per_ms=(0.9, 0.4, 0.2),
        triangles=triangles,
        triangle_speed_mm_per_ms=fast,
        sources=sources,
        source_times_ms=start_ms,
    )
    inverse = []
    for f, s in zip(fibres, sheets, strict=True):
        axes, _ = np.linalg.qr(np.column_stack([f, s, np.cross(f, s)]))
        inverse.append(np.linalg.inv(diffusion((0.9, 0.4, 0.2), axes)))
    on_surface = np.tile(np.eye(3) / fast**2, (3 * len(triangles), 1, 1))
    twin_ms = brute_force(
        nodes_mm,
        np.concatenate([updates_of(tets), updates_of(triangles)]),
        np.concatenate([np.tile(inverse, (4, 1, 1)), on_surface]),
        sources,
        start_ms,
    )
    np.testing.assert_allclose(times_ms, twin_ms, rtol=0, atol=1e-8)


TINY = """
import numpy as np
from cardiotwin.anatomy.shapes import box
from cardiotwin.sim.eikonal import activation_times
nodes_mm, tets = box((2, 1, 1), 1.0)
along = np.tile(np.eye(3)[:2, None], (1, len(tets), 1))
times_ms = activation_times(nodes_mm, tets, fibres=along[0], sheets=along[1],
    speeds_mm_per_ms=(0.6, 0.4, 0.2), triangles=tets[:2, :3], triangle_speed_mm_per_ms=1.0,
    sources=[0], blocked=np.arange(12) == 9)
"""


def test_kernel_runs_as_plain_python():
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
    assert np.flatnonzero(np.isinf(plain_ms)).tolist() == [9]
    np.testing.assert_allclose(plain_ms, compiled["times_ms"], rtol=1e-12)


# Invariants.


@pytest.fixture
def tissue(rng):
    """Arguments of `activation_times` for skewed tets with random fibres and a fast surface."""
    nodes_mm, tets, fibres, sheets = jittered_box(rng, (6, 5, 4))
    return {
        "nodes_mm": nodes_mm,
        "tets": tets,
        "fibres": fibres,
        "sheets": sheets,
        "speeds_mm_per_ms": ANISOTROPIC,
        "scale": rng.uniform(0.5, 1, len(tets)),
        "triangles": faces_in(tets, np.arange(len(nodes_mm)) % 5 == 0),
        "triangle_speed_mm_per_ms": 1.5,
        "sources": np.array([7, 130]),
        "source_times_ms": np.array([0.0, 3.0]),
    }


def test_rigid_motion_changes_nothing(tissue, rng):
    turn = rotation(rng)
    moved = tissue | {
        "nodes_mm": tissue["nodes_mm"] @ turn.T + [5.0, -3.0, 80.0],
        "fibres": tissue["fibres"] @ turn.T,
        "sheets": tissue["sheets"] @ turn.T,
    }
    # 1e-9: rounding of coordinates near 80 mm, carried over some ten elements.
    np.testing.assert_allclose(activation_times(**moved), activation_times(**tissue), rtol=1e-9)


def test_numbering_changes_nothing(tissue, rng):
    n, m = len(tissue["nodes_mm"]), len(tissue["tets"])
    old, rows = rng.permutation(n), rng.permutation(m)
    new = np.argsort(old)
    renumbered = tissue | {
        "nodes_mm": tissue["nodes_mm"][old],
        "tets": new[rng.permuted(tissue["tets"], axis=1)][rows],
        "triangles": new[tissue["triangles"]][::-1],
        "sources": new[tissue["sources"]],
        **{name: tissue[name][rows] for name in ("fibres", "sheets", "scale")},
    }
    times_ms = activation_times(**tissue)
    # 1e-10: only the order of sums and the rounding threshold differ.
    np.testing.assert_allclose(activation_times(**renumbered)[new], times_ms, rtol=1e-10)


def test_units_change_nothing(tissue):
    in_cm = tissue | {
        "nodes_mm": tissue["nodes_mm"] / 10,
        "speeds_mm_per_ms": np.divide(tissue["speeds_mm_per_ms"], 10),
        "triangle_speed_mm_per_ms": tissue["triangle_speed_mm_per_ms"] / 10,
    }
    np.testing.assert_allclose(activation_times(**in_cm), activation_times(**tissue), rtol=1e-10)


def test_half_the_speed_takes_twice_the_time(tissue):
    slow = tissue | {
        "scale": tissue["scale"] / 2,
        "triangle_speed_mm_per_ms": np.full(len(tissue["triangles"]), 0.75),
        "source_times_ms": tissue["source_times_ms"] * 2,
    }
    np.testing.assert_allclose(activation_times(**slow), 2 * activation_times(**tissue), rtol=1e-10)


def test_the_start_shifts_all_times(tissue):
    later = tissue | {"source_times_ms": tissue["source_times_ms"] + 40.0}
    np.testing.assert_allclose(activation_times(**later), activation_times(**tissue) + 40, 1e-10)


def test_another_source_never_delays_and_a_block_never_hastens(tissue, rng):
    times_ms = activation_times(**tissue)
    more = tissue | {"sources": [7, 130, 60], "source_times_ms": [0.0, 3.0, 1.0]}
    more_ms = activation_times(**more)
    assert (more_ms <= times_ms).all()
    assert (more_ms < times_ms).sum() > 10
    blocked = rng.random(len(times_ms)) < 0.1
    blocked[tissue["sources"]] = False
    less_ms = activation_times(**tissue, blocked=blocked)
    assert (less_ms >= times_ms).all()
    assert (less_ms > times_ms).sum() > 10


@pytest.mark.parametrize("speeds", [ISOTROPIC, ANISOTROPIC])
def test_two_sources_are_the_earlier_of_the_two_waves(speeds, rng):
    """Exactly so where one wave leads by more than the time along the longest edge.

    Between, an element has nodes from both waves. Its interpolated time lies below the ridge at
    which they collide, so the joint solution is a little early there and never late.
    """
    nodes_mm, tets = box((16, 12, 8), 1.0)
    common = {**uniform(tets, rotation(rng)), "speeds_mm_per_ms": speeds}
    a_ms = activation_times(nodes_mm, tets, **common, sources=[3])
    b_ms = activation_times(nodes_mm, tets, **common, sources=[1200], source_times_ms=7.0)
    both_ms = activation_times(
        nodes_mm, tets, **common, sources=[3, 1200], source_times_ms=[0.0, 7.0]
    )
    first_ms = np.minimum(a_ms, b_ms)
    apart = np.abs(a_ms - b_ms) > np.sqrt(3.0) / min(speeds)
    assert (both_ms <= first_ms).all()
    assert (a_ms < b_ms)[apart].any()
    assert (a_ms > b_ms)[apart].any()
    np.testing.assert_allclose(both_ms[apart], first_ms[apart], rtol=1e-10)


# Blocks and gaps.


def test_wave_passes_round_a_blocked_wall():
    """No element at the wall, x = 10 and y < 8, conducts: its corners are (9, 8) and (11, 8).

    6 %: the error of a point source at 1 mm.
    """
    nodes_mm, tets = box((20, 12, 1), 1.0)
    x_mm, y_mm, _ = nodes_mm.T
    wall = (x_mm == 10) & (y_mm < 8)
    common = {**uniform(tets), "speeds_mm_per_ms": (1.0, 1.0, 1.0), "sources": [0]}
    end = np.flatnonzero((nodes_mm == [20, 0, 0]).all(axis=1))
    open_ms = activation_times(nodes_mm, tets, **common)
    times_ms = activation_times(nodes_mm, tets, **common, blocked=wall)
    assert open_ms[end] == pytest.approx(20, rel=1e-9)
    assert times_ms[end] == pytest.approx(2 * np.hypot(9, 8) + 2, rel=0.06)
    assert (np.isinf(times_ms) == wall).all()


def test_what_a_block_cuts_off_is_never_activated():
    nodes_mm, tets = box((8, 3, 3), 1.0)
    times_ms = activation_times(
        nodes_mm,
        tets,
        **uniform(tets),
        speeds_mm_per_ms=ISOTROPIC,
        triangles=faces_in(tets, nodes_mm[:, 2] == 0),
        triangle_speed_mm_per_ms=2.0,
        sources=[0],
        blocked=nodes_mm[:, 0] == 4,
    )
    assert (np.isinf(times_ms) == (nodes_mm[:, 0] >= 4)).all()


def test_a_blocked_source_is_left_out():
    nodes_mm, tets = box((3, 3, 3), 1.0)
    common = {**uniform(tets), "speeds_mm_per_ms": ISOTROPIC, "blocked": np.arange(64) == 5}
    both_ms = activation_times(nodes_mm, tets, **common, sources=[5, 60])
    np.testing.assert_array_equal(both_ms, activation_times(nodes_mm, tets, **common, sources=[60]))


def test_the_earliest_of_several_times_at_a_node_counts():
    nodes_mm, tets = box((2, 2, 2), 1.0)
    times_ms = activation_times(
        nodes_mm,
        tets,
        **uniform(tets),
        speeds_mm_per_ms=ISOTROPIC,
        sources=[4, 4, 4],
        source_times_ms=[5.0, 2.0, 9.0],
    )
    assert times_ms[4] == times_ms.min() == 2.0


# Errors, by their words.


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"sources": []}, "sources is empty: the wave has no place to start"),
        ({"sources": [12]}, "sources name node 12, but nodes run from 0 to 11"),
        ({"sources": [-1]}, "sources name node -1, but nodes run from 0 to 11"),
        ({"sources": [0.5]}, "sources must be (s,) node indices, got shape (1,) of float64"),
        ({"source_times_ms": [1.0, 2.0]}, "source_times_ms must have shape (1,), got (2,)"),
        ({"source_times_ms": np.nan}, "source_times_ms must be finite, got nan"),
        ({"speeds_mm_per_ms": (0.6, -0.4, 0.2)}, "speeds_mm_per_ms must be positive, got -0.4"),
        ({"speeds_mm_per_ms": (0.6, 0.0, 0.2)}, "speeds_mm_per_ms must be positive, got 0.0"),
        ({"speeds_mm_per_ms": (0.6, np.nan, 0.2)}, "speeds_mm_per_ms must be positive, got nan"),
        ({"speeds_mm_per_ms": 0.6}, "speeds_mm_per_ms must have shape (3,), got ()"),
        ({"scale": np.zeros(12)}, "scale must be positive, got 0.0"),
        ({"scale": np.ones(3)}, "scale must have shape (12,), got (3,)"),
        ({"fibres": np.zeros((12, 3))}, "tet 0 has no metric: its fibre or sheet is zero"),
        ({"fibres": np.ones((12, 2))}, "fibres must have shape (12, 3), got (12, 2)"),
        ({"nodes_mm": np.zeros((12, 2))}, "nodes_mm must have shape (n, 3), got (12, 2)"),
        ({"nodes_mm": np.zeros((12, 3))}, "or two of its nodes coincide"),
        ({"tets": np.zeros((12, 3))}, "tets must have shape (m, 4), got (12, 3)"),
        ({"tets": np.full((12, 4), 12)}, "tets name node 12, but nodes run from 0 to 11"),
        ({"blocked": np.ones(12, bool)}, "every source is blocked (the first is node 0)"),
        ({"blocked": np.ones(12)}, "blocked must be (12,) bool, got shape (12,) of float64"),
        ({"triangles": [[0, 1, 2]]}, "triangles and triangle_speed_mm_per_ms go together"),
        (
            {"triangles": [[0, 1, 2]], "triangle_speed_mm_per_ms": -1.0},
            "speed_mm_per_ms must be positive, got -1.0",
        ),
        (
            {"triangles": [[0, 1, 1]], "triangle_speed_mm_per_ms": 1.0},
            "triangle 0 has two nodes at the same place",
        ),
    ],
)
def test_a_wrong_value_is_named(change, words):
    nodes_mm, tets = box((2, 1, 1), 1.0)
    right = {
        "nodes_mm": nodes_mm,
        "tets": tets,
        **uniform(tets),
        "speeds_mm_per_ms": ISOTROPIC,
        "sources": [0],
    }
    with pytest.raises(ValueError, match=re.escape(words)) as error:
        activation_times(**(right | change))
    assert "\n" not in str(error.value)


def test_a_metric_of_another_mesh_is_refused():
    nodes_mm, tets = box((2, 1, 1), 1.0)
    mesh = eikonal_mesh(nodes_mm, tets, tets[:2, :3])
    metric = tet_metric(nodes_mm, tets, **uniform(tets), speeds_mm_per_ms=ISOTROPIC)
    with pytest.raises(ValueError, match=r"tet_metric must have shape \(12, 6\), got \(11, 6\)"):
        solve_eikonal(mesh, tet_metric=metric[1:], triangle_metric=np.ones((2, 3)), sources=[0])
    with pytest.raises(ValueError, match=r"triangle_metric is missing: the mesh has 2 triangles"):
        solve_eikonal(mesh, tet_metric=metric, sources=[0])


def test_a_ball_without_nodes_is_refused():
    nodes_mm, _ = box((2, 1, 1), 1.0)
    with pytest.raises(ValueError, match=r"no node lies within 0.1 mm of \(0.5, 0.5, 0.5\) mm"):
        ball_sources(nodes_mm, (0.5, 0.5, 0.5), 0.1, speeds_mm_per_ms=0.6)
    with pytest.raises(ValueError, match="must be two different directions"):
        ball_sources(nodes_mm, (0, 0, 0), 1, speeds_mm_per_ms=1, fibre=(1, 0, 0), sheet=(2, 0, 0))
