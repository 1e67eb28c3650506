"""Lead vectors: 1/r in free space, and the exact series of a dipole in an insulated sphere."""

import numpy as np
import pytest
from scipy.special import eval_legendre

from cardiotwin.anatomy.torso import Torso, barrel
from cardiotwin.sim.kernels.torso import solid_angles, sum_of_fields
from cardiotwin.sim.lead_grid import lead_grid
from cardiotwin.sim.torso import electrode_sources, lead_vectors

RADIUS_MM = 100.0


def sphere(around):
    return barrel(np.zeros(3), np.full(3, RADIUS_MM), power=2, around=around, along=around * 2 // 3)


def series(dipole, depth_mm, directions, terms=120):
    """(k,) 4 pi sigma times the potential on an insulated sphere, of a dipole on the z axis.

    Geselowitz' solution as a sum over Legendre polynomials; x tangential, z radial.
    """
    n = np.arange(1, terms)
    power = (depth_mm / RADIUS_MM) ** (n - 1)
    cosine = directions[:, 2, None]
    legendre, before = eval_legendre(n, cosine), eval_legendre(n - 1, cosine)
    slope = n * (before - cosine * legendre) / np.maximum(1 - cosine**2, 1e-12)  # dP_n/dcos
    radial = ((2 * n + 1) * power * legendre).sum(axis=1)
    tangential = ((2 * n + 1) / n * power * slope).sum(axis=1) * directions[:, 0]
    return (dipole[2] * radial + dipole[0] * tangential) / RADIUS_MM**2


def sphere_error(around, depth_mm):
    """Relative error of a slanted dipole's potential at the middles of the triangles."""
    torso = sphere(around)
    at = torso.centres_mm
    directions = at / np.linalg.norm(at, axis=1, keepdims=True)
    dipole = np.array([0.6, 0.0, 0.8])
    exact = series(dipole, depth_mm, directions)
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
    exact = series(dipole, 30.0, directions)
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
    sources = electrode_sources(sphere(12), electrodes_mm)
    np.testing.assert_allclose(sources.sum(axis=1), 0, atol=1e-12 * np.abs(sources).sum())


def test_heart_that_sticks_out_is_refused(electrodes_mm):
    with pytest.raises(ValueError, match="the heart sticks out of the torso; check the electrodes"):
        lead_grid(np.array([[0.0, 0, 101]]), electrodes_mm, sphere(12))


def test_kernels_run_without_numba(points_mm, electrodes_mm):
    torso = sphere(6)
    corners = torso.nodes_mm[torso.triangles]
    weights = np.arange(10.0).reshape(2, 5)
    for compiled, arguments, shape in (
        (solid_angles, (corners, points_mm), (7, len(corners))),
        (sum_of_fields, (points_mm, electrodes_mm, weights), (7, 2, 3)),
    ):
        fast, plain = np.zeros(shape), np.zeros(shape)
        compiled(*arguments, fast)
        getattr(compiled, "py_func", compiled)(*arguments, plain)
        np.testing.assert_allclose(plain, fast, rtol=1e-12)
