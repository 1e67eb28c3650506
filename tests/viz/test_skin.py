"""Cuts through the wall against closed forms."""

import numpy as np

from cardiotwin.viz.camera import lv_axes
from cardiotwin.viz.skin import Plane, cut_open


def areas(points, triangles):
    a, b, c = points[triangles].transpose(1, 0, 2)
    return np.linalg.norm(np.cross(b - a, c - a), axis=1) / 2


def section(heart, plane):
    whole = len(np.concatenate(list(heart.surfaces.values())))
    skin = cut_open(heart, plane)
    return skin, skin.triangles[whole:]


def test_a_short_axis_cut_has_the_area_of_the_ring(ventricle):
    # The equator of the shell is a regular 32-gon inside another.
    skin, triangles = section(ventricle, Plane(np.array([0, 0, 1e-3]), np.array([0, 0, -1.0])))
    ring = 32 / 2 * np.sin(2 * np.pi / 32) * (37.0**2 - 25.0**2)
    # The polar grid is 9 degrees coarse: a chord of it lies 0.3 % inside the ellipse.
    np.testing.assert_allclose(areas(skin.points_mm, triangles).sum(), ring, rtol=0.01)


def test_a_cut_lies_in_its_plane_and_carries_linear_fields_exactly(ventricle):
    normal = np.array([1, 2, -1]) / np.sqrt(6)
    plane = Plane(np.array([3.0, -2, 5]), normal)
    skin, triangles = section(ventricle, plane)
    on = np.unique(triangles)
    np.testing.assert_allclose(plane.distance_mm(skin.points_mm[on]), 0, atol=1e-8)
    field = ventricle.nodes_mm @ (1.0, -2.0, 0.5)
    np.testing.assert_allclose(skin.carry(field)[on], skin.points_mm[on] @ (1.0, -2.0, 0.5))


def test_a_plane_that_misses_the_heart_cuts_nothing(ventricle):
    _, triangles = section(ventricle, Plane(np.array([500.0, 0, 0]), np.array([1.0, 0, 0])))
    assert len(triangles) == 0


def test_axes_of_the_ventricle_are_those_it_was_built_with(ventricle):
    axes = lv_axes(ventricle)
    np.testing.assert_allclose(axes.basal, (0, 0, 1), atol=1e-6)
    np.testing.assert_allclose(axes.anterior, (0, -1, 0), atol=1e-6)
    np.testing.assert_allclose(axes.lateral, (1, 0, 0), atol=1e-6)
