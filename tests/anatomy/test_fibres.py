"""Rule-based fibres: the rule's own closed form in a slab, and helix angles in real walls."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation, Slerp

from cardiotwin.anatomy.coordinates import WallFields
from cardiotwin.anatomy.fibres import (
    FibreAngles,
    blend,
    local_axes,
    matrices,
    product,
    quaternions,
    rule_based_fibres,
    turn,
)
from cardiotwin.anatomy.laplace import Laplacian
from cardiotwin.anatomy.shapes import box


@pytest.fixture
def slab():
    """A flat left wall: up along z, endocardium at x = 0, epicardium at x = 10 mm."""
    laplacian = Laplacian(*box((10, 3, 3), 1.0))
    x, _, z = laplacian.nodes_mm.T
    walls = WallFields(left=1 - x / 10, right=0 * x, apex_to_base=z / 3, septal_right=np.array([0]))
    return laplacian, walls, x[laplacian.tets].mean(axis=1) / 10


def random_rotations(rng, k):
    return Rotation.random(k, random_state=rng)


def as_quaternions(rotations):
    return np.roll(rotations.as_quat(), 1, axis=1)


def helix_degrees(fibres, up, outward):
    """Angle from the circumferential direction, -90 to 90, positive towards the base."""
    up = up / np.maximum(np.linalg.norm(up, axis=1), 1e-12)[:, None]
    across = outward - np.einsum("ij,ij->i", outward, up)[:, None] * up
    round_ = np.cross(up, across)
    round_ /= np.maximum(np.linalg.norm(round_, axis=1), 1e-12)[:, None]
    along = np.einsum("ij,ij->i", fibres, round_), np.einsum("ij,ij->i", fibres, up)
    return (np.degrees(np.arctan2(along[1], along[0])) + 90) % 180 - 90


def wall_helix(heart, fibres, parts):
    """Median helix angle in each fifth of the left ventricle's wall, endocardium first."""
    c = heart.coordinates
    at = {name: getattr(c, name)[heart.tets].mean(axis=1) for name in vars(c)}
    left = (at["transventricular"] < 0.1) & (np.abs(at["apicobasal"] - 0.55) < 0.35)
    angle = helix_degrees(
        fibres,
        parts.laplacian.gradient(parts.walls.apex_to_base),
        parts.laplacian.gradient(c.transmural),
    )
    fifth = np.minimum((at["transmural"] * 5).astype(int), 4)
    return np.array([np.median(angle[left & (fifth == k)]) for k in range(5)])


# Quaternions


def test_product_is_one_rotation_after_another(rng):
    a, b = random_rotations(rng, 20), random_rotations(rng, 20)
    both = matrices(product(as_quaternions(a), as_quaternions(b)))
    np.testing.assert_allclose(both, (a * b).as_matrix(), atol=1e-12)
    np.testing.assert_allclose(matrices(quaternions(both)), both, atol=1e-12)


def test_blend_goes_the_shortest_way_at_even_speed(rng):
    start = random_rotations(rng, 1)
    end = start * Rotation.from_rotvec([[0.3, -0.2, 0.4]])  # 31 degrees: no flip is nearer
    share = np.linspace(0, 1, 7)
    keys = Slerp([0, 1], Rotation.concatenate([start, end]))
    q, other = (np.tile(as_quaternions(r), (7, 1)) for r in (start, end))
    np.testing.assert_allclose(matrices(blend(q, other, share)), keys(share).as_matrix(), atol=1e-9)


@pytest.mark.parametrize("axis", range(3))
def test_blend_does_not_care_which_end_of_an_axis_is_the_head(rng, axis):
    a, b = random_rotations(rng, 30), random_rotations(rng, 30)
    flip = Rotation.from_rotvec(np.pi * np.eye(3)[axis])
    share = rng.uniform(0, 1, 30)
    plain = matrices(blend(as_quaternions(a), as_quaternions(b), share))
    flipped = matrices(blend(as_quaternions(a * flip), as_quaternions(b), share))
    np.testing.assert_allclose(np.abs(np.einsum("mij,mij->mj", plain, flipped)), 1, atol=1e-9)


def test_axes_of_the_wall_are_right_handed():
    up, outward = np.array([[0.0, 0, 2]]), np.array([[3.0, 0, 1]])
    axes = matrices(local_axes(up, outward))[0]
    np.testing.assert_allclose(axes, [[0, 0, 1], [1, 0, 0], [0, 1, 0]], atol=1e-9)


def test_turn_is_about_the_wall_normal_then_about_the_fibre():
    one = np.array([[1.0, 0, 0, 0]])
    axes = matrices(turn(one, np.array([90.0]), np.array([0.0])))[0]
    np.testing.assert_allclose(axes[:, 0], [0, 1, 0], atol=1e-12)
    axes = matrices(turn(one, np.array([0.0]), np.array([90.0])))[0]
    np.testing.assert_allclose(axes[:, [0, 2]].T, [[1, 0, 0], [0, 1, 0]], atol=1e-12)


# The rule


def test_helix_is_linear_through_a_slab(slab):
    laplacian, walls, depth = slab
    angles = FibreAngles(beta_endo_deg=0.0, beta_epi_deg=0.0)
    fibres, sheets = rule_based_fibres(laplacian, walls, angles)
    up, outward = np.tile([0.0, 0, 1], (len(fibres), 1)), np.tile([1.0, 0, 0], (len(fibres), 1))
    # 1e-4 degrees: fibres are kept in single precision.
    np.testing.assert_allclose(helix_degrees(fibres, up, outward), 60 - 120 * depth, atol=1e-4)
    np.testing.assert_allclose(np.abs(sheets[:, 0]), 1, atol=1e-6)


def test_beta_turns_the_sheet_about_the_fibre(slab):
    laplacian, walls, _ = slab
    angles = FibreAngles(
        alpha_endo_deg=20.0, alpha_epi_deg=20.0, beta_endo_deg=30.0, beta_epi_deg=30.0
    )
    fibres, sheets = rule_based_fibres(laplacian, walls, angles)
    np.testing.assert_allclose(np.abs(fibres[:, 2]), np.sin(np.radians(20)), atol=1e-6)
    np.testing.assert_allclose(np.abs(sheets[:, 0]), np.cos(np.radians(30)), atol=1e-6)


def test_fibres_and_sheets_are_unit_and_orthogonal(coarse_heart):
    for axes in (coarse_heart.fibres, coarse_heart.sheets):
        np.testing.assert_allclose(np.linalg.norm(axes, axis=1), 1, atol=1e-6)
    across = np.einsum("ij,ij->i", coarse_heart.fibres, coarse_heart.sheets)
    np.testing.assert_allclose(across, 0, atol=1e-6)


def test_fibres_turn_with_the_heart(coarse_heart, turned):
    for name in ("fibres", "sheets"):
        before = getattr(coarse_heart, name)[turned.tets] @ turned.rotation.T
        same = np.abs(np.einsum("ij,ij->i", before, getattr(turned.heart, name)))
        # A tet with four nodes on one surface has no transmural direction of its own, and takes
        # one from the axes of the body: 2 in 1000 on so coarse a lattice.
        assert np.mean(same > 0.9999) > 0.995


@pytest.mark.parametrize("name", ["dti004", "rodero01"])
def test_helix_runs_from_plus_to_minus_sixty_through_a_real_wall(name, request, anatomy_of):
    heart = request.getfixturevalue(name)
    parts = anatomy_of(heart)
    fibres, _ = rule_based_fibres(parts.laplacian, parts.walls)
    # Linear at the middle of each fifth. 4 degrees: the harmonic field is not quite linear
    # through a curved wall, and the two hearts differ.
    np.testing.assert_allclose(wall_helix(heart, fibres, parts), [48, 24, 0, -24, -48], atol=4)


def test_neighbouring_fibres_are_nearly_parallel(rodero01, anatomy_of):
    parts = anatomy_of(rodero01)
    faces = np.sort(rodero01.tets[:, [[1, 2, 3], [0, 2, 3], [0, 1, 3], [0, 1, 2]]], axis=2)
    keys = faces.reshape(-1, 3).astype(np.int64) @ [10**10, 10**5, 1]
    order = np.argsort(keys, kind="stable")
    twin = np.flatnonzero(np.diff(keys[order]) == 0)
    one, other = order[twin] // 4, order[twin + 1] // 4
    fibres, _ = rule_based_fibres(parts.laplacian, parts.walls)
    angle = np.degrees(
        np.arccos(np.clip(np.abs(np.einsum("ij,ij->i", fibres[one], fibres[other])), 0, 1))
    )
    assert np.median(angle) < 8  # 5.9; a fifth of a 10 mm wall, one tet, turns by 24
    assert np.mean(angle > 45) < 0.02  # 0.012: at the apex and where the ventricles meet


def test_measured_fibres_of_dti004_wind_the_same_way(dti004, anatomy_of):
    measured = wall_helix(dti004, dti004.fibres, anatomy_of(dti004))
    assert (np.diff(measured) < 0).all()
    assert measured[0] > 15  # 23
    assert measured[-1] < -15  # -20
