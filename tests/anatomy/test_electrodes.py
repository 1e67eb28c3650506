"""The template chest: electrodes where the recommendations put them, and where people have them."""

import numpy as np
import pytest

from cardiotwin.anatomy.electrodes import Chest, heart_middle_mm, place_electrodes, usual_axes
from cardiotwin.anatomy.frame import heart_axes
from cardiotwin.anatomy.heart import ELECTRODES
from cardiotwin.anatomy.shapes import box


def named(electrodes_mm):
    return dict(zip(ELECTRODES, electrodes_mm, strict=True))


def test_electrodes_stand_in_the_standard_order_round_the_chest():
    at = named(Chest().electrodes_mm())
    chest = np.array([at[f"V{k}"] for k in range(1, 7)])
    assert (np.diff(chest[:, 0]) > 0).all()  # x to the left: V1 is furthest to the right
    assert at["RA"][0] < 0 < at["LA"][0]
    assert at["LL"][2] < chest[:, 2].min() < chest[:, 2].max() < at["LA"][2]
    assert (at["V4"][2], at["V5"][2]) == (at["V6"][2], at["V6"][2])


def test_chest_electrodes_lie_on_the_skin():
    chest = Chest()
    middle_mm = np.array([-chest.heart_left_mm, chest.heart_front_mm, 0])
    precordial = chest.electrodes_mm()[4:] - middle_mm
    across, deep = precordial[:, 0] / chest.half_width_mm, precordial[:, 1] / chest.half_depth_mm
    np.testing.assert_allclose(across**2 + deep**2, 1)


def test_template_lies_outside_the_heart(coarse_heart):
    away = coarse_heart.electrodes_mm[:, None] - coarse_heart.nodes_mm
    assert np.linalg.norm(away, axis=2).min() > 20


def test_template_follows_the_heart_but_does_not_turn(coarse_mesh):
    nodes_mm, tets, _ = coarse_mesh
    shift = np.array([100.0, -20, 3])
    moved = place_electrodes(nodes_mm + shift, tets)
    np.testing.assert_allclose(moved, place_electrodes(nodes_mm, tets) + shift)


def test_template_turns_with_a_heart_in_a_frame_of_its_own(coarse_heart, turned):
    own = []
    for h in (coarse_heart, turned.heart):
        axes = heart_axes(h.nodes_mm, h.surfaces)
        placed = place_electrodes(h.nodes_mm, h.tets, axes=axes)
        own.append(placed - heart_middle_mm(h.nodes_mm, h.tets))
    # 1e-6 mm: the axes of the turned heart carry the rounding of its nodes.
    np.testing.assert_allclose(own[1], own[0] @ turned.rotation.T, atol=1e-6)


def test_usual_heart_points_left_front_and_down():
    long_axis, septal, anterior = usual_axes()
    assert (np.sign(long_axis) == [1, -1, -1]).all()
    assert (np.sign(septal[:2]) == [-1, -1]).all()
    assert anterior[2] > 0
    np.testing.assert_allclose(usual_axes() @ usual_axes().T, np.eye(3), atol=1e-12)


def test_template_is_near_the_electrodes_of_a_real_chest(dti004):
    placed_mm = place_electrodes(dti004.nodes_mm, dti004.tets)
    off_mm = np.linalg.norm(placed_mm - dti004.electrodes_mm, axis=1)
    assert off_mm[4:].max() < 60


@pytest.mark.parametrize("name", ["half_width_mm", "half_depth_mm"])
def test_flat_chest_is_refused(name):
    with pytest.raises(ValueError, match=rf"Chest\.{name} must be positive, got 0"):
        Chest(**{name: 0.0})


def test_the_middle_of_a_heart_does_not_depend_on_where_the_mesh_is_fine():
    nodes_mm, tets = box((4, 4, 4), 20.0)
    finer = nodes_mm.copy()
    finer[:, 0] = 80 * (finer[:, 0] / 80) ** 2  # planes closer together at one side
    for n in (nodes_mm, finer):
        placed = place_electrodes(n, tets)
        np.testing.assert_allclose(placed - Chest().electrodes_mm(), [[40.0] * 3] * 10, atol=1e-9)
