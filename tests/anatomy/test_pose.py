"""Hearts in bodies: turned into them, varied as among people; electrodes put as people put them."""

from dataclasses import replace

import numpy as np
import pytest

from cardiotwin.anatomy.electrodes import Chest, heart_middle_mm, place_electrodes
from cardiotwin.anatomy.frame import heart_axes
from cardiotwin.anatomy.heart import ELECTRODES
from cardiotwin.anatomy.pose import (
    ODD_POSE_DEG,
    ElectrodeError,
    Pose,
    PoseDistribution,
    apply_pose,
    in_body_axes,
    pose_angle_deg,
    sample_electrodes,
    sample_pose,
)
from cardiotwin.anatomy.thorax import fit_thorax
from cardiotwin.anatomy.torso import fit_torso


def axes_of(heart):
    return heart_axes(heart.nodes_mm, heart.surfaces)


def test_a_heart_in_any_frame_lies_as_a_usual_heart_afterwards(turned):
    assert pose_angle_deg(axes_of(turned.heart)) > ODD_POSE_DEG
    body = in_body_axes(turned.heart)
    assert pose_angle_deg(axes_of(body)) < 1e-6
    placed_mm = place_electrodes(body.nodes_mm, body.tets)
    np.testing.assert_allclose(body.electrodes_mm, placed_mm)


def test_turning_keeps_shape_fibres_and_middle(turned):
    heart, body = turned.heart, in_body_axes(turned.heart, electrodes="turned")
    np.testing.assert_allclose(body.tet_volumes_mm3, heart.tet_volumes_mm3, rtol=1e-9)
    edges = [h.nodes_mm[h.tets[:, 1]] - h.nodes_mm[h.tets[:, 0]] for h in (heart, body)]
    for old, new in ((heart.fibres, body.fibres), (heart.sheets, body.sheets)):
        along = [np.einsum("ij,ij->i", e, f) for e, f in zip(edges, (old, new), strict=True)]
        np.testing.assert_allclose(along[1], along[0], atol=1e-4)  # fibres are float32
    away = [h.electrodes_mm[:, None] - h.nodes_mm[::500] for h in (heart, body)]
    lengths = [np.linalg.norm(a, axis=2) for a in away]
    np.testing.assert_allclose(lengths[1], lengths[0], rtol=1e-9)
    middles = [heart_middle_mm(h.nodes_mm, h.tets) for h in (heart, body)]
    np.testing.assert_allclose(middles[1], middles[0], atol=1e-9)


def test_another_choice_of_electrodes_is_refused(coarse_heart):
    with pytest.raises(ValueError, match="must be 'placed' or 'turned', got 'kept'"):
        in_body_axes(coarse_heart, electrodes="kept")


@pytest.mark.parametrize("name", ["builtin", "dti004", "rodero01"])
def test_real_hearts_in_body_axes_lie_near_the_usual_pose(name, request):
    assert pose_angle_deg(axes_of(request.getfixturevalue(name))) < ODD_POSE_DEG


def test_each_angle_does_what_its_name_says(coarse_heart):
    before = axes_of(coarse_heart).long_axis
    lifted = axes_of(apply_pose(coarse_heart, Pose(elevation_deg=10))).long_axis
    assert np.rad2deg(np.arcsin(lifted[2]) - np.arcsin(before[2])) == pytest.approx(10, abs=1e-6)
    swung = axes_of(apply_pose(coarse_heart, Pose(azimuth_deg=10))).long_axis
    assert swung[2] == pytest.approx(before[2])
    assert swung[0] > before[0]
    rolled = axes_of(apply_pose(coarse_heart, Pose(roll_deg=10)))
    np.testing.assert_allclose(rolled.long_axis, before, atol=1e-9)
    assert rolled.septal @ axes_of(coarse_heart).septal == pytest.approx(np.cos(np.deg2rad(10)))


def test_a_pose_moves_the_heart_and_not_its_electrodes(coarse_heart):
    moved = apply_pose(coarse_heart, Pose(left_mm=3, back_mm=-2, head_mm=11))
    np.testing.assert_allclose(
        moved.nodes_mm - coarse_heart.nodes_mm, [[3, -2, 11]] * len(moved.nodes_mm)
    )
    assert np.array_equal(moved.electrodes_mm, coarse_heart.electrodes_mm)


def test_poses_vary_as_published(rng):
    poses = [sample_pose(rng) for _ in range(2000)]
    for name, sd in (("elevation_deg", 8.8), ("azimuth_deg", 5.0), ("head_mm", 23.0)):
        values = np.array([getattr(p, name) for p in poses])
        # Cutting at 2.5 deviations leaves 95.5 % of the deviation; 2,000 draws know it to 1.6 %.
        assert values.std() == pytest.approx(0.955 * sd, rel=0.06)
        assert abs(values.mean()) < 0.1 * sd
        assert np.abs(values).max() <= 2.5 * sd


def test_the_same_seed_gives_the_same_pose_and_electrodes(coarse_heart):
    for draw in (
        sample_pose,
        lambda rng: sample_electrodes(coarse_heart.electrodes_mm, rng).tolist(),
    ):
        one, same, other = (draw(np.random.default_rng(s)) for s in (7, 7, 8))
        assert one == same != other


def test_a_distribution_without_spread_changes_nothing(coarse_heart, rng):
    still = PoseDistribution(
        elevation_sd_deg=0,
        azimuth_sd_deg=0,
        roll_sd_deg=0,
        left_sd_mm=0,
        back_sd_mm=0,
        head_sd_mm=0,
    )
    same = apply_pose(coarse_heart, sample_pose(rng, still))
    np.testing.assert_allclose(same.nodes_mm, coarse_heart.nodes_mm, atol=1e-9)


def test_electrodes_stray_as_technicians_place_them(coarse_heart, rng):
    torso = fit_thorax(coarse_heart)
    right_mm = torso.nearest_mm(coarse_heart.electrodes_mm)
    strays_mm = [sample_electrodes(right_mm, rng, torso) - right_mm for _ in range(400)]
    chest_mm = np.array(strays_mm)[:, 4:]
    far_mm = np.linalg.norm(chest_mm, axis=2)
    # Wenger and Kligfield 1996: 29 mm on average, 64 % within 31.75 mm; two digits were fitted.
    assert far_mm.mean() == pytest.approx(29, abs=4)
    assert (far_mm < 31.75).mean() == pytest.approx(0.64, abs=0.08)
    assert np.mean(chest_mm[:, :2, 2] > 15.9 / np.sqrt(2)) > 0.5  # V1 and V2 too high
    assert chest_mm[:, 3:, 2].mean() < -5  # V4 to V6 too low


def test_strayed_electrodes_stay_on_the_skin(coarse_heart, rng):
    torso = fit_torso(coarse_heart.electrodes_mm)
    moved_mm = sample_electrodes(coarse_heart.electrodes_mm, rng, torso)
    np.testing.assert_allclose(torso.nearest_mm(moved_mm), moved_mm, atol=1e-3)


def test_a_missing_electrode_stays_missing(rng):
    electrodes_mm = Chest().electrodes_mm()
    electrodes_mm[ELECTRODES.index("RL")] = np.nan
    moved_mm = sample_electrodes(electrodes_mm, rng)
    assert np.isnan(moved_mm).any(axis=1).nonzero()[0].tolist() == [ELECTRODES.index("RL")]


def test_negative_spread_is_refused():
    with pytest.raises(ValueError, match=r"PoseDistribution\.roll_sd_deg must be 0 or more"):
        PoseDistribution(roll_sd_deg=-1)
    with pytest.raises(ValueError, match=r"ElectrodeError\.limb_sd_mm must be 0 or more"):
        replace(ElectrodeError(), limb_sd_mm=float("nan"))
