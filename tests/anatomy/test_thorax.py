"""A body with lungs: closed, one inside the other, of human size, about any heart."""

from dataclasses import replace

import numpy as np
import pytest

from cardiotwin.anatomy.electrodes import Chest, heart_middle_mm, place_electrodes
from cardiotwin.anatomy.heart import ELECTRODES
from cardiotwin.anatomy.lungs import Lungs, sphere_points
from cardiotwin.anatomy.pose import apply_pose, sample_pose
from cardiotwin.anatomy.seating import check_torso, electrodes_on
from cardiotwin.anatomy.surface import enclosed_volume_mm3, gaps_to_triangles_mm
from cardiotwin.anatomy.thorax import Thorax, fit_thorax
from cardiotwin.anatomy.topology import edge_counts, euler_number
from cardiotwin.anatomy.torso import Shell, Torso, barrel, inside


@pytest.fixture(scope="module", params=["coarse_heart", "dti004", "rodero01"])
def heart(request):
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def body(heart):
    return fit_thorax(heart)


def litres(shell):
    return enclosed_volume_mm3(shell.nodes_mm, shell.triangles) / 1e6


def test_every_surface_is_closed_and_wound_outward(body):
    for shell in (body, *body.lungs):
        assert (edge_counts(shell.triangles)[1] == 2).all()
        assert euler_number(shell.triangles) == 2
        assert litres(shell) > 0


def test_lungs_keep_clear_of_heart_and_skin(heart, body):
    check_torso(body, heart, gap_mm=3.0)
    for lung in body.lungs:
        gap_mm = gaps_to_triangles_mm(lung.nodes_mm, body.nodes_mm, body.triangles)
        assert gap_mm.min() > 10  # a chest wall is thicker everywhere


def test_lungs_hold_what_they_hold_in_quiet_breathing(body):
    right, left = map(litres, body.lungs)
    # Air at the end of a breath, men of 1.76 m lying down to sitting: 2.4 to 3.4 l (Hall 2021),
    # with 0.9 l of tissue and blood; a quiet breath adds 0.5 l.
    assert 3.3 < right + left < 5.0
    assert left < 1.15 * right


def test_each_lung_lies_on_its_side(heart, body):
    right, left = (lung.nodes_mm.mean(axis=0) for lung in body.lungs)
    assert right[0] < heart_middle_mm(heart.nodes_mm, heart.tets)[0] < left[0]


def test_a_woman_is_smaller_all_over(coarse_heart):
    man, woman = fit_thorax(coarse_heart), fit_thorax(coarse_heart, Thorax.of_woman())
    assert litres(woman) < litres(man)


def test_trunk_tapers_to_waist_and_neck():
    heights_mm = np.array([-290.0, -200, 0, 140, 172, 205])
    wide, deep = Thorax().half_axes_mm(heights_mm).T
    assert wide.argmax() == 3  # the shoulders
    assert wide[0] > wide[1] < wide[2]
    assert wide[5] < 0.5 * wide[3]
    np.testing.assert_allclose([wide[2], deep[2]], [165, 115])


def test_skin_passes_through_the_chest_electrodes(coarse_heart):
    body = fit_thorax(coarse_heart)
    away_mm = coarse_heart.electrodes_mm - body.nearest_mm(coarse_heart.electrodes_mm)
    assert np.linalg.norm(away_mm, axis=1)[4:].max() < 2  # 40 triangles round the chest: 0.5 mm


def test_body_moves_with_its_heart(coarse_heart):
    shift = np.array([40.0, -300, 8])
    moved = fit_thorax(
        replace(
            coarse_heart,
            nodes_mm=coarse_heart.nodes_mm + shift,
            electrodes_mm=coarse_heart.electrodes_mm + shift,
        )
    )
    # 0.1 mm: a ray ends where bisection stops, after 2 mm / 2**8.
    for one, other in zip(moved.lungs, fit_thorax(coarse_heart).lungs, strict=True):
        np.testing.assert_allclose(one.nodes_mm, other.nodes_mm + shift, atol=0.1)


def test_other_poses_leave_room_for_lungs(coarse_heart):
    rng = np.random.default_rng(5)
    for _ in range(3):
        posed = apply_pose(coarse_heart, sample_pose(rng))
        check_torso(fit_thorax(posed), posed, gap_mm=2.0)


def test_a_heart_that_leaves_no_room_is_named(coarse_heart):
    with pytest.raises(ValueError, match=r"no room for the right lung .* best \("):
        fit_thorax(coarse_heart, lungs=Lungs(heart_gap_mm=90))


def test_electrodes_on_the_template_are_the_template(coarse_heart):
    heart = coarse_heart
    template_mm = place_electrodes(heart.nodes_mm, heart.tets)
    body = fit_thorax(replace(heart, electrodes_mm=template_mm))
    placed_mm = electrodes_on(body, heart_middle_mm(heart.nodes_mm, heart.tets))
    np.testing.assert_allclose(placed_mm[4:], template_mm[4:], atol=6)
    np.testing.assert_allclose(placed_mm, body.nearest_mm(placed_mm), atol=1e-3)  # on the skin
    assert placed_mm[ELECTRODES.index("LA"), 0] > 100 + placed_mm[ELECTRODES.index("V2"), 0]


def test_electrodes_do_not_depend_on_the_mesh_of_the_skin():
    half_mm, middle_mm = np.array([160.0, 110, 320]), np.array([20.0, -30, 0])
    coarse, fine = (
        electrodes_on(barrel(np.zeros(3), half_mm, around=k, along=k), middle_mm) for k in (36, 144)
    )
    assert np.linalg.norm(coarse - fine, axis=1).max() < 2  # flat triangles lie 0.6 mm inside


def test_electrodes_follow_the_size_of_the_body():
    middle_mm = np.array([20.0, -20, 0])
    thin, stout = (
        electrodes_on(barrel(np.zeros(3), np.array([w, 100.0, 320])), middle_mm) for w in (140, 180)
    )
    v6 = ELECTRODES.index("V6")
    assert stout[v6, 0] - thin[v6, 0] == pytest.approx(40, abs=2)


def test_a_trunk_that_ends_below_the_shoulders_gets_the_nearest_skin():
    short = barrel(np.zeros(3), np.array([160.0, 110, 120]))
    placed_mm = electrodes_on(short, np.zeros(3))
    np.testing.assert_allclose(placed_mm, short.nearest_mm(placed_mm), atol=1e-3)


def test_inside_is_told_by_the_skin_and_not_by_its_box():
    ball = barrel(np.zeros(3), np.full(3, 100.0), power=2)
    points_mm = np.array([[0.0, 0, 0], [90, 0, 0], [80, 80, 0], [0, 0, 130]])
    assert ball.encloses(points_mm).tolist() == [True, True, False, False]
    assert inside(Shell(ball.nodes_mm, ball.triangles), points_mm).sum() == 2


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (
            lambda b, h: replace(b, nodes_mm=b.nodes_mm + 400.0),
            "heart lie outside the skin",
        ),
        (lambda b, h: replace(b, lungs=(shifted(b.lungs[0], 150),)), "first lung lie outside"),
        (lambda b, h: replace(b, lungs=(around(h),)), "nodes of the heart lie in the first lung"),
    ],
)
def test_a_wrong_torso_is_refused_with_place_and_remedy(coarse_heart, spoil, words):
    body = fit_thorax(coarse_heart)
    with pytest.raises(ValueError, match=rf"{words}.* the first at \(.*\) mm; ") as caught:
        check_torso(spoil(body, coarse_heart), coarse_heart)
    assert "\n" not in str(caught.value)


def shifted(lung, back_mm):
    return Shell(lung.nodes_mm + np.array([0, back_mm, 0]), lung.triangles)


def around(heart):
    ball = barrel(heart_middle_mm(heart.nodes_mm, heart.tets), np.full(3, 40.0), power=2)
    return Shell(ball.nodes_mm, ball.triangles)


def test_directions_are_even():
    points = sphere_points(300)
    np.testing.assert_allclose(np.linalg.norm(points, axis=1), 1)
    nearest = np.sort(np.arccos(np.clip(points @ points.T, -1, 1)), axis=1)[:, 1]
    assert nearest.max() < 1.5 * nearest.min()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Thorax(waist_depth_mm=0), r"Thorax\.waist_depth_mm must be positive, got 0"),
        (lambda: Thorax(waist_height_mm=10), "heights must rise from the hips"),
        (lambda: Lungs(heart_gap_mm=-1), "heart_gap_mm must not be negative, got -1"),
        (lambda: Lungs(recess_mm=0), "recess_mm must lie below both domes, got 0"),
    ],
)
def test_impossible_bodies_are_refused(make, words):
    with pytest.raises(ValueError, match=words):
        make()


def test_a_torso_has_no_lungs_unless_given():
    plain = barrel(np.zeros(3), np.full(3, 100.0))
    assert isinstance(plain, Torso)
    assert plain.lungs == ()
    assert Chest().half_width_mm > Chest().half_depth_mm
