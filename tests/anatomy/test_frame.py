"""The heart's own axes against those that the built-in heart was made with."""

import numpy as np
import pytest

from cardiotwin.anatomy.frame import heart_axes, unit
from cardiotwin.anatomy.parametric import body_axes


def degrees_between(a, b):
    return np.degrees(np.arccos(np.clip(unit(a) @ unit(b), -1, 1)))


def test_axes_are_a_right_handed_rotation(coarse_heart):
    matrix = heart_axes(coarse_heart.nodes_mm, coarse_heart.surfaces).matrix
    np.testing.assert_allclose(matrix @ matrix.T, np.eye(3), atol=1e-12)
    # Long axis, septal, anterior: anterior = septal x long axis, so the order is left-handed.
    np.testing.assert_allclose(np.linalg.det(matrix), -1.0)


def test_axes_are_those_the_heart_was_made_with(coarse_heart, thick_heart):
    axes = heart_axes(coarse_heart.nodes_mm, coarse_heart.surfaces)
    to_right, inferior, apex = body_axes(thick_heart)
    # The tip is where the endocardium is deepest, within one 5 mm lattice cube at 86 mm: 3.3.
    assert degrees_between(axes.long_axis, apex) < 3.3
    assert degrees_between(axes.septal, to_right) < 5
    assert degrees_between(axes.anterior, -inferior) < 5
    depth_mm = thick_heart.base_above_equator_mm + thick_heart.lv_inner_depth_mm
    tip_mm = (depth_mm + thick_heart.lv_wall_mm) * apex
    assert np.linalg.norm(axes.apex_mm - tip_mm) < 10  # two lattice cubes on a blunt tip
    assert np.linalg.norm(axes.origin_mm) < 2.5  # half a lattice cube


def test_anterior_is_in_front_and_above(coarse_heart):
    axes = heart_axes(coarse_heart.nodes_mm, coarse_heart.surfaces)
    assert axes.anterior @ [0, -1, 1] > 0.5


def test_axes_turn_with_the_heart(coarse_heart, turned):
    before = heart_axes(coarse_heart.nodes_mm, coarse_heart.surfaces)
    after = heart_axes(turned.heart.nodes_mm, turned.heart.surfaces)
    np.testing.assert_allclose(after.matrix, before.matrix @ turned.rotation.T, atol=1e-9)


def test_left_ventricle_without_a_rim_is_refused(coarse_heart):
    surfaces = {**coarse_heart.surfaces, "base": coarse_heart.surfaces["epi"][:5]}
    with pytest.raises(ValueError, match="lv_endo and base share no rim; label the valve planes"):
        heart_axes(coarse_heart.nodes_mm, surfaces)


def test_null_vector_stays_null():
    np.testing.assert_array_equal(unit(np.array([[0.0, 0, 0], [0, 0, 5]])), [[0, 0, 0], [0, 0, 1]])


def test_axes_do_not_ask_how_fine_one_side_of_the_mesh_is(coarse_heart):
    """Every triangle in front of the middle is cut in three, at its centre."""
    before = heart_axes(coarse_heart.nodes_mm, coarse_heart.surfaces)
    nodes_mm, surfaces = coarse_heart.nodes_mm, {}
    for name, triangles in coarse_heart.surfaces.items():
        centres_mm = coarse_heart.nodes_mm[triangles].mean(axis=1)
        cut = (centres_mm - before.origin_mm) @ before.anterior > 0
        new = len(nodes_mm) + np.arange(cut.sum(), dtype=np.int32)
        nodes_mm = np.vstack([nodes_mm, centres_mm[cut]])
        a, b, c = triangles[cut].T
        thirds = [np.stack([p, q, new], axis=1) for p, q in ((a, b), (b, c), (c, a))]
        surfaces[name] = np.concatenate([triangles[~cut], *thirds])
    after = heart_axes(nodes_mm, surfaces)
    # The rim's weights change where triangles become narrower: by a tenth of a lattice cube.
    assert np.linalg.norm(after.origin_mm - before.origin_mm) < 2.5
    assert degrees_between(after.long_axis, before.long_axis) < 2
    assert degrees_between(after.septal, before.septal) < 1
