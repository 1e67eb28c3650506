"""Rule-based fibres: the rule's own closed form in a slab, and helix angles in real walls."""

import numpy as np
import pytest

from cardiotwin.anatomy.coordinates import WallFields
from cardiotwin.anatomy.ellipsoid import HalfEllipsoid
from cardiotwin.anatomy.fibres import (
    POTSE_2006,
    FibreAngles,
    fill,
    main_axis,
    neighbour_mean,
    rule_based_fibres,
    turned,
    wall_angles,
)
from cardiotwin.anatomy.frame import heart_axes, unit
from cardiotwin.anatomy.laplace import Laplacian
from cardiotwin.anatomy.shapes import box
from cardiotwin.anatomy.surface import label_boundary
from cardiotwin.anatomy.topology import tet_faces

SIXTY = FibreAngles(alpha_endo_deg=60.0, alpha_epi_deg=-60.0)


@pytest.fixture
def slab():
    """A flat left wall: up along z, endocardium at x = 0, epicardium at x = 10 mm."""
    laplacian = Laplacian(*box((10, 3, 3), 1.0))
    x, _, z = laplacian.nodes_mm.T
    walls = WallFields(left=1 - x / 10, right=0 * x, apex_to_base=z / 3, septal_right=np.array([0]))
    return laplacian, walls, x[laplacian.tets].mean(axis=1) / 10


def between_neighbours(fibres, tets):
    """Angle in degrees between the fibres of every two tets that share a face."""
    faces = np.sort(tet_faces(tets), axis=1)
    order = np.lexsort(faces.T)
    twin = np.flatnonzero((faces[order[1:]] == faces[order[:-1]]).all(axis=1))
    one, other = fibres[order[twin] // 4], fibres[order[twin + 1] // 4]
    return np.degrees(np.arccos(np.clip(np.abs(np.einsum("ij,ij->i", one, other)), 0, 1)))


def all_unit_and_orthogonal(fibres, sheets):
    for axes in (fibres, sheets):
        np.testing.assert_allclose(np.linalg.norm(axes, axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(np.einsum("ij,ij->i", fibres, sheets), 0, atol=1e-6)


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
    depth = 1 - parts.walls.left
    angle = helix_degrees(
        fibres,
        parts.laplacian.gradient(parts.walls.apex_to_base),
        parts.laplacian.gradient(depth),
    )
    fifth = np.minimum((depth[heart.tets].mean(axis=1) * 5).astype(int), 4)
    return np.array([np.median(angle[left & (fifth == k)]) for k in range(5)])


# Parts of the rule


def test_main_axis_does_not_care_which_end_of_an_axis_is_the_head(rng):
    axes = unit(rng.normal(size=(20, 1, 3)) + 0.1 * rng.normal(size=(20, 5, 3)))
    signs = rng.choice([-1.0, 1.0], size=(20, 5, 1))
    plain, flipped = (main_axis(np.einsum("mki,mkj->mij", v, v)) for v in (axes, signs * axes))
    np.testing.assert_allclose(np.abs(np.einsum("mi,mi->m", plain, flipped)), 1, atol=1e-12)


def test_turn_is_about_the_wall_normal_then_about_the_fibre():
    around, outward = np.eye(3)[[0]], np.eye(3)[[2]]
    fibre, sheet = turned(around, outward, np.array([90.0]), np.array([0.0]))
    np.testing.assert_allclose([fibre[0], sheet[0]], [[0, 1, 0], [0, 0, 1]], atol=1e-12)
    fibre, sheet = turned(around, outward, np.array([0.0]), np.array([90.0]))
    np.testing.assert_allclose([fibre[0], sheet[0]], [[1, 0, 0], [0, 1, 0]], atol=1e-12)


@pytest.mark.parametrize(
    ("shares", "seen_by_left", "seen_by_right"),
    [([1, 0, 0], 10, -10), ([0, 1, 0], -20, 20), ([0.5, 0.5, 0], -5, 5), ([0, 0.5, 0.5], None, -5)],
)
def test_each_wall_has_its_own_angle(shares, seen_by_left, seen_by_right):
    angles = FibreAngles(
        alpha_endo_deg=10.0, alpha_epi_deg=-10.0, rv_alpha_endo_deg=20.0, rv_alpha_epi_deg=-30.0
    )
    shares = np.array([shares], float)
    for wall, expected in ((0, seen_by_left), (1, seen_by_right)):
        if expected is not None:
            assert wall_angles(wall, shares, shares, angles)[0] == pytest.approx(expected)


def test_the_septum_may_differ_from_the_free_walls():
    angles = FibreAngles(septum_left_alpha_deg=30.0, septum_right_alpha_deg=80.0)
    septum, free = np.array([[0.9, 0.1, 0.0]]), np.array([[0.9, 0.0, 0.1]])
    assert wall_angles(0, septum, septum, angles)[0] == pytest.approx(0.9 * 30 - 0.1 * 80)
    assert wall_angles(0, free, free, angles)[0] == pytest.approx(0.9 * 40 - 0.1 * 50)


def test_a_tet_that_lies_in_the_epicardium_has_the_angle_of_its_own_ventricle():
    angles = FibreAngles(alpha_epi_deg=-50.0, rv_alpha_epi_deg=-20.0)
    flat, near_right = np.array([[0.0, 0, 1]]), np.array([[0.0, 0.3, 0.7]])
    assert wall_angles(2, flat, near_right, angles)[0] == pytest.approx(-20)


@pytest.mark.parametrize("power", [1.0, 3.0])
def test_the_profile_is_a_power_of_the_distance_from_mid_wall(power):
    depth = np.linspace(0, 1, 9)
    shares = np.stack([1 - depth, 0 * depth, depth], axis=1)
    angles = FibreAngles(alpha_endo_deg=70.0, alpha_epi_deg=-30.0, profile_power=power)
    t = 1 - 2 * depth
    for wall in (0, 2):
        alpha, _ = wall_angles(wall, shares, shares, angles)
        np.testing.assert_allclose(alpha, 20 + 50 * np.sign(t) * np.abs(t) ** power, atol=1e-9)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"alpha_endo_deg": 95.0}, "alpha_endo_deg must be -90 to 90, got 95.0"),
        ({"rv_beta_epi_deg": float("nan")}, "rv_beta_epi_deg must be -90 to 90, got nan"),
        ({"profile_power": 0.5}, "profile_power must be 1 to 5, got 0.5"),
    ],
)
def test_impossible_angles_are_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        FibreAngles(**wrong)


# The rule


def test_helix_is_linear_through_a_slab(slab):
    laplacian, walls, depth = slab
    angles = FibreAngles(
        alpha_endo_deg=60.0, alpha_epi_deg=-60.0, beta_endo_deg=0.0, beta_epi_deg=0.0
    )
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


@pytest.mark.parametrize("lattice_mm", [3.5, 2.5])
def test_helix_of_an_ellipsoid_is_the_closed_form(lattice_mm):
    ellipsoid = HalfEllipsoid()
    nodes_mm, tets = ellipsoid.mesh(lattice_mm)
    laplacian = Laplacian(nodes_mm, tets)
    fibres, sheets = rule_based_fibres(laplacian, ellipsoid.walls(laplacian), SIXTY)
    all_unit_and_orthogonal(fibres, sheets)
    middles_mm = nodes_mm[tets].mean(axis=1)
    around, up, _ = ellipsoid.axes(middles_mm)
    helix = np.degrees(
        np.arctan2(np.einsum("ij,ij->i", fibres, up), np.einsum("ij,ij->i", fibres, around))
    )
    error = (helix - (60 - 120 * ellipsoid.depth(middles_mm)) + 90) % 180 - 90
    # 1.0 and 0.5 degrees; a tet takes a tenth or so of the wall, through which the helix turns by
    # 120 degrees, but what is asked for is the angle in its middle.
    assert np.sqrt(np.mean(error**2)) < 0.5 * lattice_mm


def test_a_tet_with_four_nodes_on_the_endocardium_has_its_neighbours_fibre(slab):
    laplacian, walls, _ = slab
    sunk = WallFields(
        left=np.minimum(1.0, 1.2 * walls.left),
        right=walls.right,
        apex_to_base=walls.apex_to_base,
        septal_right=walls.septal_right,
    )
    lost = np.linalg.norm(laplacian.gradient(sunk.left), axis=1) < 1e-12
    assert lost.any()
    fibres, sheets = rule_based_fibres(laplacian, sunk, SIXTY)
    all_unit_and_orthogonal(fibres, sheets)
    expected = np.abs([0, np.cos(np.radians(60)), np.sin(np.radians(60))])
    np.testing.assert_allclose(np.abs(fibres[lost]), np.tile(expected, (lost.sum(), 1)), atol=1e-6)


def test_tets_far_from_any_direction_are_filled_ring_by_ring():
    laplacian = Laplacian(*box((6, 2, 2), 1.0))
    x = laplacian.nodes_mm[laplacian.tets].mean(axis=1)[:, 0]
    moment = np.where((x < 2)[:, None, None], np.diag([0.0, 1, 0]), 0.0)
    filled = fill(moment, neighbour_mean(laplacian))
    np.testing.assert_allclose(np.abs(main_axis(filled)), [[0, 1, 0]] * len(x), atol=1e-9)


def test_fibres_and_sheets_are_unit_and_orthogonal(coarse_heart):
    all_unit_and_orthogonal(coarse_heart.fibres, coarse_heart.sheets)


def test_fibres_turn_with_the_heart(coarse_heart, turned):
    for name in ("fibres", "sheets"):
        before = getattr(coarse_heart, name)[turned.tets] @ turned.rotation.T
        same = np.abs(np.einsum("ij,ij->i", before, getattr(turned.heart, name)))
        # Solves to 1e-8 and single precision agree but where two directions weigh the same.
        assert np.mean(same > 0.9999) > 0.999


@pytest.mark.parametrize("name", ["dti004", "rodero01"])
def test_helix_runs_from_plus_to_minus_sixty_through_a_real_wall(name, request, anatomy_of):
    heart = request.getfixturevalue(name)
    parts = anatomy_of(heart)
    fibres, _ = rule_based_fibres(parts.laplacian, parts.walls, SIXTY)
    # Linear at the middle of each fifth. 4 degrees: tets are not spread evenly within a fifth.
    np.testing.assert_allclose(wall_helix(heart, fibres, parts), [48, 24, 0, -24, -48], atol=4)


def test_neighbouring_fibres_are_nearly_parallel(rodero01, anatomy_of):
    parts = anatomy_of(rodero01)
    fibres, _ = rule_based_fibres(parts.laplacian, parts.walls, SIXTY)
    angle = between_neighbours(fibres, rodero01.tets)
    assert np.median(angle) < 8  # a fifth of a 10 mm wall, one tet, turns by 24
    assert np.mean(angle > 45) < 0.002  # at the apex and where the ventricles meet


def test_every_tet_of_a_template_has_a_fibre_like_its_neighbours(data_folder):
    from cardiotwin.anatomy.bivme import read_bivme
    from cardiotwin.anatomy.coordinates import wall_fields

    file = np.load(data_folder / "hearts/bivme_template_tets/tets_3.0mm.npz")
    nodes_mm, tets = file["points"].astype(float), file["tets"]
    surfaces = label_boundary(nodes_mm, tets, read_bivme(data_folder / "hearts/bivme_patient1"))
    laplacian = Laplacian(nodes_mm, tets)
    walls = wall_fields(laplacian, surfaces, heart_axes(nodes_mm, surfaces))
    fibres, sheets = rule_based_fibres(laplacian, walls)
    all_unit_and_orthogonal(fibres, sheets)
    assert np.mean(between_neighbours(fibres, tets) > 45) < 0.005


def test_shipped_fibres_of_dti004_follow_the_rule_of_potse(dti004, anatomy_of):
    """The issue allows 15 degrees; by Streeter's cubic rule they differ by 7."""
    parts = anatomy_of(dti004)
    for angles, most_deg in ((FibreAngles(), 15), (POTSE_2006, 10)):
        fibres, _ = rule_based_fibres(parts.laplacian, parts.walls, angles)
        cosine = np.abs(np.einsum("ij,ij->i", fibres, dti004.fibres))
        assert np.median(np.degrees(np.arccos(np.clip(cosine, 0, 1)))) < most_deg
