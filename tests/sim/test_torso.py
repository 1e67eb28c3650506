"""Lead vectors: 1/r in free space, and the exact series of a dipole in an insulated sphere."""

import numpy as np
import pytest

from cardiotwin.anatomy.torso import Torso, barrel
from cardiotwin.sim.kernels.torso import (
    field_of_triangle,
    interpolate,
    own_fields,
    sheet_fields,
    solid_angles,
)
from cardiotwin.sim.lead_sources import triangle_areas_mm2
from cardiotwin.sim.torso import lead_vectors
from cardiotwin.sim.volume_conductor import volume_conductor

from .spheres import RADIUS_MM, concentric


def sphere(around):
    return barrel(np.zeros(3), np.full(3, RADIUS_MM), power=2, around=around, along=around * 2 // 3)


def sphere_error(around, depth_mm):
    """Relative error of a slanted dipole's potential at the middles of the triangles."""
    torso = sphere(around)
    at = torso.centres_mm
    directions = at / np.linalg.norm(at, axis=1, keepdims=True)
    dipole = np.array([0.6, 0.0, 0.8])
    exact = concentric(dipole, depth_mm, directions)
    ours = lead_vectors(np.array([[0.0, 0, depth_mm]]), at, torso)[0] @ dipole
    ours -= np.average(ours, weights=torso.areas_mm2)
    return np.sqrt(np.average((ours - exact) ** 2) / np.average(exact**2))


@pytest.fixture
def electrodes_mm(rng):
    directions = rng.normal(size=(5, 3))
    return RADIUS_MM * directions / np.linalg.norm(directions, axis=1, keepdims=True)


@pytest.fixture
def points_mm(rng):
    return rng.uniform(-40, 40, (7, 3))


def test_free_space_lead_vector_is_the_gradient_of_one_over_r(points_mm, electrodes_mm):
    away = electrodes_mm - points_mm[:, None]
    exact = away / np.linalg.norm(away, axis=2, keepdims=True) ** 3
    np.testing.assert_allclose(lead_vectors(points_mm, electrodes_mm), exact, rtol=1e-12)


@pytest.mark.parametrize("depth_mm", [0.0, 30.0, 60.0])
def test_dipole_in_an_insulated_sphere_follows_the_series(depth_mm):
    errors = np.array([sphere_error(k, depth_mm) for k in (12, 24, 36)])
    triangles = 2 * np.array([12 * 8, 24 * 16, 36 * 24])
    orders = 2 * np.log(errors[:-1] / errors[1:]) / np.log(triangles[1:] / triangles[:-1])
    assert errors[1] < 0.02
    assert errors[2] < 0.008
    assert orders.min() > 1.5  # in the edge length


def test_electrode_between_the_middles_is_as_good_as_one_on_them(rng):
    directions = rng.normal(size=(200, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    dipole = np.array([0.6, 0.0, 0.8])
    exact = concentric(dipole, 30.0, directions)
    at = RADIUS_MM * directions
    ours = lead_vectors(np.array([[0.0, 0, 30]]), at, sphere(36))[0] @ dipole
    assert np.sqrt(np.mean((ours - exact) ** 2) / np.mean(exact**2)) < 0.006


def test_insulation_triples_the_potential_of_a_central_dipole():
    torso = sphere(36)
    at = torso.centres_mm[::50]
    ratio = lead_vectors(np.zeros((1, 3)), at, torso) / lead_vectors(np.zeros((1, 3)), at)
    np.testing.assert_allclose(np.median(ratio), 3, rtol=0.01)


def test_solid_angles_add_up_to_a_full_turn_inside_and_to_nothing_outside(rng):
    torso = barrel(np.zeros(3), np.array([165.0, 115, 250]))
    inside = rng.uniform(-60, 60, (10, 3))
    outside = 600 * np.eye(3)
    angles = np.empty((13, len(torso.triangles)))
    solid_angles(torso.nodes_mm[torso.triangles], np.concatenate([inside, outside]), angles)
    full = 4 * np.pi * np.repeat([1.0, 0.0], [10, 3])
    np.testing.assert_allclose(angles.sum(axis=1), full, atol=1e-10)


def test_face_of_a_cube_fills_a_sixth_of_the_view():
    corners = np.array([[1.0, -1, -1], [1, 1, -1], [1, 1, 1], [1, -1, 1]])
    face = corners[[[0, 1, 2], [0, 2, 3]]]
    angles = np.empty((1, 2))
    solid_angles(face, np.zeros((1, 3)), angles)
    np.testing.assert_allclose(angles.sum(), 4 * np.pi / 6)


def test_torso_and_free_space_turn_with_the_body(points_mm, electrodes_mm, rng):
    q, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    q *= np.linalg.det(q)
    shift = np.array([200.0, -30, 9])
    torso = sphere(12)
    moved = Torso(nodes_mm=torso.nodes_mm @ q.T + shift, triangles=torso.triangles)
    for before, after in ((None, None), (torso, moved)):
        leads = lead_vectors(points_mm, electrodes_mm, before)
        turned = lead_vectors(points_mm @ q.T + shift, electrodes_mm @ q.T + shift, after)
        np.testing.assert_allclose(turned, leads @ q.T, atol=1e-12)


def test_lead_vectors_fall_with_the_square_of_the_size(points_mm, electrodes_mm):
    torso = sphere(12)
    larger = Torso(nodes_mm=2 * torso.nodes_mm, triangles=torso.triangles)
    leads = lead_vectors(points_mm, electrodes_mm, torso)
    scaled = lead_vectors(2 * points_mm, 2 * electrodes_mm, larger)
    np.testing.assert_allclose(4 * scaled, leads, rtol=1e-9)


def test_uniform_potential_of_the_skin_is_not_seen(electrodes_mm):
    conductor = volume_conductor(sphere(12))
    sheets = conductor.skin_sources(electrodes_mm).sheets
    np.testing.assert_allclose(sheets.sum(axis=0), 0, atol=1e-12 * np.abs(sheets).sum())


def test_electrode_on_an_edge_or_a_corner_reads_as_beside_it():
    torso = sphere(24)
    corner, edge = torso.nodes_mm[100], torso.nodes_mm[torso.triangles[100, :2]].mean(axis=0)
    point_mm = np.array([[0.0, 20, 30]])
    for place in (corner, edge):
        beside = place + 1e-3 * np.array([[1, 1, 1], [-1, 0, 1], [0, -1, -1]])
        leads = lead_vectors(point_mm, np.vstack([place, beside]), torso)[0]
        # Facets of 15 degrees: which of them is read differs by less than 1 %.
        np.testing.assert_allclose(
            leads, np.tile(leads[0], (4, 1)), atol=0.01 * np.abs(leads).max()
        )


def test_field_of_a_triangle_is_the_mean_of_its_points():
    corners = np.array([[0.0, 0, 0], [3, 0, 0.2], [0.3, 2.5, -0.4]])
    part = (np.arange(300) + 0.5) / 300
    u, v = (x.ravel() for x in np.meshgrid(part, part))
    sources = (np.column_stack([1 - u - v, u, v]) @ corners)[u + v < 1]
    for point in ([0.5, 0.7, 0.9], [0.5, 0.7, -0.9], [5.0, 1, 2], [-3, -2, 1]):
        away = sources - point
        mean = (away / np.linalg.norm(away, axis=1, keepdims=True) ** 3).mean(axis=0)
        out = np.empty(3)
        field_of_triangle(np.array(point), corners, out)
        np.testing.assert_allclose(out, mean, atol=0.005 * np.linalg.norm(mean))


def test_far_triangles_are_three_points_to_a_thousandth(rng):
    corners = rng.normal(size=(200, 3, 3))
    centres, areas = corners.mean(axis=1), triangle_areas_mm2(corners)
    out = np.empty((200, 1, 3))
    exact = np.empty(3)
    point = np.array([[12.0, -3, 5]])
    sheet_fields(point, corners, centres, areas, out)
    for triangle, field in zip(corners, out[:, 0], strict=True):
        field_of_triangle(point[0], triangle, exact)
        assert np.linalg.norm(field - exact) < 1e-3 * np.linalg.norm(exact)


def test_kernels_run_without_numba(points_mm, electrodes_mm, rng):
    torso = sphere(6)
    corners = torso.nodes_mm[torso.triangles]
    sheets = (corners, corners.mean(axis=1), triangle_areas_mm2(corners))
    q = len(corners)
    grid = rng.normal(size=(4, 4, 4, 6))
    for compiled, arguments, shape in (
        (solid_angles, (corners, points_mm), (7, q)),
        (own_fields, (points_mm, electrodes_mm, np.arange(5.0)), (7, 5, 3)),
        (sheet_fields, (points_mm, *sheets), (q, 7, 3)),
        (interpolate, (points_mm, np.full(3, -50.0), 40.0, grid), (7, 6)),
    ):
        fast, plain = np.zeros(shape), np.zeros(shape)
        compiled(*arguments, fast)
        getattr(compiled, "py_func", compiled)(*arguments, plain)
        np.testing.assert_allclose(plain, fast, rtol=1e-10, atol=1e-15)
