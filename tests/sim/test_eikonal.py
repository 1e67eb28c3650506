"""The eikonal solver against closed forms, with measured orders of convergence."""

import numpy as np
import pytest

from cardiotwin.anatomy.shapes import box
from cardiotwin.sim.eikonal import (
    activation_times,
    eikonal_mesh,
    solve_eikonal,
    triangle_metric,
)

from .eikonal_tissue import (
    ANISOTROPIC,
    ISOTROPIC,
    faces_in,
    lengths,
    rotation,
    slowness,
    turned,
    uniform,
)


@pytest.mark.parametrize("speeds", [ISOTROPIC, ANISOTROPIC])
@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_planar_wave_is_exact(speeds, seed, order):
    """Linear elements hold a linear time exactly, so only rounding is left.

    The ray through each node comes in, with velocity D p, through the sides of the box that face
    against it. These are the sources; from there every ray stays in the box.
    """
    rng = np.random.default_rng(seed)
    nodes_mm, tets = box((6, 5, 4), 1.0)
    axes, p = rotation(rng), rng.normal(size=3)
    diffusion = np.linalg.inv(slowness(speeds, axes))
    p /= np.sqrt(p @ diffusion @ p)
    ray = diffusion @ p
    exact_ms = nodes_mm @ p
    inflow = np.where(ray > 0, nodes_mm == 0, nodes_mm == nodes_mm.max(axis=0)).any(axis=1)
    times_ms = activation_times(
        nodes_mm,
        tets,
        **uniform(tets, axes),
        speeds_mm_per_ms=speeds,
        sources=np.flatnonzero(inflow),
        source_times_ms=exact_ms[inflow],
        order=order,
    )
    assert inflow.sum() < 0.65 * len(nodes_mm)
    np.testing.assert_allclose(times_ms, exact_ms, rtol=0, atol=1e-9)


def point_error(spacing_mm, speeds, *, ball_mm=0.0, order=1, turn_deg=0.0):
    """Mean relative error outside the ball, in a box of 20 mm with a source at its centre."""
    nodes_mm, tets = box((round(20 / spacing_mm),) * 3, spacing_mm)
    away_mm, axes = nodes_mm - 10.0, turned(turn_deg)
    centre = np.flatnonzero((away_mm == 0).all(axis=1))
    exact_ms = lengths(away_mm, slowness(speeds, axes))
    times_ms = activation_times(
        nodes_mm,
        tets,
        **uniform(tets, axes),
        speeds_mm_per_ms=speeds,
        sources=centre,
        ball_mm=ball_mm,
        order=order,
    )
    outside = np.linalg.norm(away_mm, axis=1) > ball_mm
    np.testing.assert_allclose(times_ms[~outside], exact_ms[~outside], rtol=1e-12)
    if order == 1:  # distance is convex: linear lies above it
        assert (times_ms >= exact_ms * (1 - 1e-12)).all()
    return np.mean(np.abs(times_ms[outside] / exact_ms[outside] - 1))


# What linear elements have on this mesh; more is a bug. With anisotropy it depends on how the
# fibre lies to the diagonal of the cubes (0.037 to 0.082 over a few random directions).
@pytest.mark.parametrize(
    ("speeds", "turn_deg", "most"),
    [(ISOTROPIC, 0, 0.0545), (ANISOTROPIC, 30, 0.0465), (ANISOTROPIC, 0, 0.0495)],
)
def test_point_source_errs_by_5_percent_at_1_mm(speeds, turn_deg, most):
    assert 0.9 * most < point_error(1.0, speeds, turn_deg=turn_deg) <= most


@pytest.mark.parametrize(
    ("speeds", "turn_deg", "most"), [(ISOTROPIC, 0, 0.031), (ANISOTROPIC, 30, 0.028)]
)
def test_a_ball_of_3_mm_halves_the_error(speeds, turn_deg, most):
    """Asked of the solver at 1 mm; order 2 asks for 0.01, with and without a ball."""
    assert point_error(1.0, speeds, turn_deg=turn_deg, ball_mm=3.0) <= most
    assert point_error(1.0, speeds, turn_deg=turn_deg, order=2) <= 0.01
    assert point_error(1.0, speeds, turn_deg=turn_deg, ball_mm=3.0, order=2) <= 0.002


# The error at a point source is h log(1/h), for the front has no bounded curvature there, and its
# order creeps up to 1 from below. With a fixed exact ball the curvature is bounded: order 1. The
# ball takes all elements it touches, so it shrinks a little as h falls and costs some of the
# order. The errors are those of linear elements on these meshes; 5 % allows for rounding of ties.
@pytest.mark.parametrize(
    ("ball_mm", "order", "falls", "errors"),
    [
        (0.0, 1, 0.5, (0.077, 0.054, 0.035)),
        (3.0, 1, 0.7, (0.0394, 0.0234, 0.0132)),
        (3.0, 2, 1.3, (0.00270, 0.00108, 0.00037)),
    ],
)
def test_error_falls_with_the_edge_length(ball_mm, order, falls, errors):
    found = [point_error(h, ISOTROPIC, ball_mm=ball_mm, order=order) for h in (2.0, 1.0, 0.5)]
    np.testing.assert_allclose(found, errors, rtol=0.05)
    assert (np.log2(np.divide(found[:-1], found[1:])) >= falls).all()


# Measured. With anisotropy, slopes at the sides of the box keep an error of first order.
@pytest.mark.parametrize(
    ("speeds", "turn_deg", "order", "falls"),
    [(ISOTROPIC, 0, 1, 1.0), (ISOTROPIC, 0, 2, 1.9), (ANISOTROPIC, 30, 2, 1.4)],
)
def test_the_order_is_what_it_says_where_the_front_is_smooth(speeds, turn_deg, order, falls):
    """A wave that sets out on a sphere of 4 mm, the same at each edge length."""
    found = []
    for spacing_mm in (1.0, 0.5):
        nodes_mm, tets = box((round(12 / spacing_mm),) * 3, spacing_mm)
        away_mm, axes = nodes_mm - 6.0, turned(turn_deg)
        exact_ms = lengths(away_mm, slowness(speeds, axes))
        times_ms = activation_times(
            nodes_mm,
            tets,
            **uniform(tets, axes),
            speeds_mm_per_ms=speeds,
            sources=np.flatnonzero((away_mm == 0).all(axis=1)),
            ball_mm=4.0 - spacing_mm,  # and the elements that it touches
            order=order,
        )
        outside = np.linalg.norm(away_mm, axis=1) > 4.0
        found.append(np.mean(np.abs(times_ms - exact_ms)[outside] / exact_ms[outside]))
    assert np.log2(found[0] / found[1]) >= falls


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


def flat_error(spacing_mm, order=1, ball_mm=0.0, across=0.5):
    """Mean relative error on a square surface of 20 mm with a source at its centre, no tets."""
    nodes_mm, tets = box((round(20 / spacing_mm), round(20 / spacing_mm), 1), spacing_mm)
    plane = nodes_mm[:, 2] == 0
    triangles, axes = faces_in(tets, plane), turned(30)
    centre = np.flatnonzero((nodes_mm == [10, 10, 0]).all(axis=1))
    fibres = np.tile(axes[:, 0] + [0.0, 0.0, 2.0], (len(triangles), 1))  # aslant to the surface
    times_ms = solve_eikonal(
        eikonal_mesh(nodes_mm, np.empty((0, 4)), triangles),
        tet_metric=np.empty((0, 6)),
        triangle_metric=triangle_metric(
            nodes_mm, triangles, 0.5, fibres=fibres, across_mm_per_ms=across
        ),
        sources=centre,
        ball_mm=ball_mm,
        order=order,
    )
    away_mm = nodes_mm - nodes_mm[centre]
    exact_ms = lengths(away_mm, slowness((0.5, across, 1.0), axes))
    assert np.isinf(times_ms[~plane]).all()
    outside = plane & (np.linalg.norm(away_mm, axis=1) > ball_mm)
    return np.mean(np.abs(times_ms[outside] / exact_ms[outside] - 1))


def test_flat_surface_without_tets_matches_distance():
    """First order, with the logarithm of a point source (see above): 3.7 % at 1 mm."""
    coarse, middle, fine = (flat_error(h) for h in (2.0, 1.0, 0.5))
    assert middle == pytest.approx(0.0367, rel=0.01)
    assert 2**0.4 < coarse / middle < middle / fine < 2


@pytest.mark.parametrize("across", [0.5, 0.2])
def test_fibres_on_a_surface_make_the_wave_an_ellipse(across):
    """A ball and order 2 do on surfaces what they do in tissue: 1 % and less at 1 mm."""
    assert flat_error(0.5, across=across) < 0.6 * flat_error(2.0, across=across) < 0.05
    assert flat_error(1.0, order=2, across=across) < 0.01
    assert flat_error(1.0, order=2, ball_mm=3.0, across=across) < 0.003


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
