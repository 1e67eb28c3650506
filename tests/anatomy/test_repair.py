"""Small repairs: merged points, filled holes, and crossings that are found where they are."""

import numpy as np
import pytest
import trimesh

from cardiotwin.anatomy.repair import crossings, fill_holes, is_open, merge_points
from cardiotwin.anatomy.surface import LabelledSurface, enclosed_volume_mm3


def surface_of(*meshes):
    mesh = trimesh.util.concatenate(meshes)
    return LabelledSurface(
        nodes_mm=np.array(mesh.vertices, float),
        triangles=np.array(mesh.faces, np.int32),
        labels=(np.arange(len(mesh.faces)) % 4).astype(np.int8),
    )


def without(surface, triangles):
    return LabelledSurface(
        nodes_mm=surface.nodes_mm,
        triangles=np.delete(surface.triangles, triangles, axis=0),
        labels=np.delete(surface.labels, triangles),
    )


def ball(radius_mm=30.0, shift_mm=(0.0, 0.0, 0.0)):
    mesh = trimesh.creation.icosphere(subdivisions=3, radius=radius_mm)
    mesh.apply_translation(shift_mm)
    return mesh


def test_equal_points_become_one():
    mesh = ball()
    soup = LabelledSurface(
        nodes_mm=np.array(mesh.triangles.reshape(-1, 3)),
        triangles=np.arange(3 * len(mesh.faces), dtype=np.int32).reshape(-1, 3),
        labels=np.zeros(len(mesh.faces), np.int8),
    )
    assert is_open(soup)
    merged = merge_points(soup)
    assert not is_open(merged)
    assert len(merged.nodes_mm) == len(mesh.vertices)


def test_triangle_that_shrinks_to_a_line_goes():
    corners_mm = np.array([[0.0, 0, 0], [50, 0, 0], [0, 50, 0], [0.0, 0, 0]])
    triangles = np.array([[0, 1, 2], [0, 3, 1]], np.int32)
    surface = LabelledSurface(nodes_mm=corners_mm, triangles=triangles, labels=np.zeros(2, np.int8))
    assert len(merge_points(surface).triangles) == 1


def test_small_hole_is_filled_and_a_wide_one_left():
    """A triangle of the icosphere is 5 mm wide; the six around a node leave a hole of 9 mm."""
    surface = surface_of(ball())
    around = np.flatnonzero((surface.triangles == 100).any(axis=1))
    far = np.flatnonzero((surface.nodes_mm[surface.triangles][:, :, 2] < -29).all(axis=1))[:1]
    holed = without(surface, [*around, *far])
    filled = fill_holes(holed, up_to_mm=7.0)
    assert is_open(filled)
    assert len(filled.triangles) == len(holed.triangles) + 3
    whole = fill_holes(holed, up_to_mm=12.0)
    assert not is_open(whole)
    # The fans lie in the chords of the holes: lower than the ball by far less than 0.1 %.
    volume_mm3 = enclosed_volume_mm3(surface.nodes_mm, surface.triangles)
    assert enclosed_volume_mm3(whole.nodes_mm, whole.triangles) == pytest.approx(
        volume_mm3, rel=1e-3
    )


def test_fan_takes_the_label_of_its_rim():
    surface = surface_of(ball())
    labels = np.where(surface.nodes_mm[surface.triangles].mean(axis=1)[:, 2] > 0, 2, 0)
    surface = LabelledSurface(
        nodes_mm=surface.nodes_mm, triangles=surface.triangles, labels=labels.astype(np.int8)
    )
    top = int(surface.nodes_mm[surface.triangles].mean(axis=1)[:, 2].argmax())
    assert (fill_holes(without(surface, [top]), up_to_mm=9.0).labels[-3:] == 2).all()


def test_sphere_does_not_cross_itself():
    assert not len(crossings(surface_of(ball())))


def test_crossing_balls_cross_in_their_circle():
    """Two balls of 30 mm, 40 mm apart: a circle of radius sqrt(900 - 400) halfway between."""
    places_mm = crossings(surface_of(ball(), ball(shift_mm=(40.0, 0.3, 0.2))))
    assert len(places_mm) > 50
    # The facets lie up to 0.17 mm within the balls, and the circle is met at a slant.
    np.testing.assert_allclose(places_mm[:, 0], 20.0, atol=0.6)
    radius_mm = np.linalg.norm(places_mm[:, 1:], axis=1)
    np.testing.assert_allclose(radius_mm, np.sqrt(500), atol=0.8)


def test_one_huge_triangle_among_small_ones_is_no_trouble():
    """A grid made for the small ones would have millions of cells in the large one."""
    sheet = trimesh.Trimesh(
        np.array([[-4000.0, -3000, 1], [4000, -3000, 1], [0, 5000, 1.0]]),
        [[0, 1, 2]],
        process=False,
    )
    places_mm = crossings(surface_of(ball(), sheet))
    np.testing.assert_allclose(places_mm[:, 2], 1.0, atol=1e-9)
