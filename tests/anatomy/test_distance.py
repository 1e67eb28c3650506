"""Nearest points on triangles and segments, walls, and how near a mesh lies to its surface."""

import numpy as np
import pytest
import trimesh

from cardiotwin.anatomy.distance import thicken, wall_gaps
from cardiotwin.anatomy.kernels import closest
from cardiotwin.anatomy.nearest import Tree
from cardiotwin.anatomy.shapes import box
from cardiotwin.anatomy.surface import LabelledSurface, boundary_triangles
from cardiotwin.anatomy.surface_fit import fit_to_surface, spread_points_mm


@pytest.fixture
def soup(rng):
    """Triangles of all sizes and shapes, one of them a point and one a segment."""
    nodes_mm = rng.normal(0, 20, (180, 3))
    triangles = np.arange(180, dtype=np.int32).reshape(60, 3)
    triangles[7] = 21
    triangles[8] = 24, 25, 25
    return nodes_mm, triangles


def test_nearest_triangle_is_the_one_found_by_trying_all(soup, rng):
    nodes_mm, triangles = soup
    points_mm = rng.normal(0, 30, (300, 3))
    _, gaps_mm = Tree(nodes_mm, triangles).nearest(points_mm)
    proper = np.delete(triangles, [7, 8], axis=0)
    _, expected_mm, _ = trimesh.proximity.closest_point_naive(
        trimesh.Trimesh(nodes_mm, proper, process=False), points_mm
    )
    ends = nodes_mm[triangles[8, :2]]
    along = np.clip(
        (points_mm - ends[0]) @ (ends[1] - ends[0]) / np.sum(np.diff(ends.T) ** 2), 0, 1
    )
    to_segment_mm = np.linalg.norm(
        points_mm - ends[0] - along[:, None] * (ends[1] - ends[0]), axis=1
    )
    to_point_mm = np.linalg.norm(points_mm - nodes_mm[21], axis=1)
    expected_mm = np.min([expected_mm, to_segment_mm, to_point_mm], axis=0)
    np.testing.assert_allclose(gaps_mm, expected_mm, rtol=1e-9)


def test_closest_points_lie_at_the_distance_found(soup, rng):
    tree, points_mm = Tree(*soup), rng.normal(0, 30, (100, 3))
    triangle, weights = tree.closest(points_mm)
    places_mm = np.einsum("pc,pcd->pd", weights, tree.corners_mm[triangle])
    gaps_mm = np.linalg.norm(points_mm - places_mm, axis=1)
    np.testing.assert_allclose(gaps_mm, tree.nearest(points_mm)[1], rtol=1e-9)
    np.testing.assert_allclose(weights.sum(axis=1), 1)
    assert weights.min() >= -1e-12


def test_nothing_within_the_limit_is_said_so(soup, rng):
    tree, points_mm = Tree(*soup), rng.normal(0, 30, (100, 3))
    _, gaps_mm = tree.nearest(points_mm)
    triangle, limited_mm = tree.nearest(points_mm, limit_mm=5.0)
    np.testing.assert_array_equal(triangle < 0, gaps_mm >= 5.0)
    np.testing.assert_allclose(limited_mm, np.minimum(gaps_mm, 5.0))


def test_tree_kernels_give_the_same_without_the_compiler(soup, rng):
    nodes_mm, triangles = soup
    corners_mm, points_mm = nodes_mm[triangles], rng.normal(0, 30, (20, 3))
    found = []
    for plain in (False, True):
        build, find = (
            getattr(f, "py_func", f) if plain else f
            for f in (closest.build_tree, closest.find_closest)
        )
        order, spans = np.arange(60), np.zeros((120, 3), np.int64)
        boxes_mm = np.zeros((120, 2, 3))
        size = build(corners_mm, order, boxes_mm, spans)
        triangle, gaps_mm = np.empty(20, np.int64), np.empty(20)
        find(points_mm, corners_mm, order, boxes_mm, spans, np.inf, triangle, gaps_mm)
        found.append((size, order, spans[:size], boxes_mm[:size], triangle, gaps_mm))
    for compiled, plain in zip(*found, strict=True):
        np.testing.assert_allclose(compiled, plain)


def shell(inner_mm, outer_mm):
    """Spherical wall: inside labelled lv_endo, outside epi."""
    inner = trimesh.creation.icosphere(subdivisions=4, radius=inner_mm)
    outer = trimesh.creation.icosphere(subdivisions=4, radius=outer_mm)
    inner.invert()
    both = trimesh.util.concatenate([inner, outer])
    return LabelledSurface(
        nodes_mm=np.array(both.vertices, float),
        triangles=np.array(both.faces, np.int32),
        labels=np.repeat([0, 2], len(inner.faces)).astype(np.int8),
    )


def test_gap_of_a_shell_is_its_wall_and_outward_is_away_from_it():
    surface = shell(25.0, 30.0)
    walls = wall_gaps(surface)
    # Faces of the icosphere lie up to 0.04 mm below the sphere.
    np.testing.assert_allclose(walls.gaps_mm, 5.0, atol=0.05)
    radius_mm = np.linalg.norm(surface.nodes_mm, axis=1)
    radial = np.einsum("ij,ij->i", walls.outward, surface.nodes_mm) / radius_mm
    np.testing.assert_allclose(radial, np.where(radius_mm < 27, -1, 1), atol=1e-3)


def test_walls_found_once_serve_for_every_thickness():
    surface = shell(25.0, 30.0)
    walls = wall_gaps(surface)
    for wall_mm in (4.0, 6.0, 9.0):
        np.testing.assert_array_equal(
            thicken(surface, wall_mm, walls).nodes_mm, thicken(surface, wall_mm).nodes_mm
        )


def test_points_are_spread_by_area(rng):
    nodes_mm, tets = box((4, 4, 4), 10.0)
    triangles = boundary_triangles(tets)
    points_mm = spread_points_mm(nodes_mm, triangles, 6_000)
    on_side = np.isclose(points_mm, 0).sum(axis=0) + np.isclose(points_mm, 40).sum(axis=0)
    np.testing.assert_allclose(on_side, 2_000, rtol=0.01)
    np.testing.assert_allclose(points_mm.mean(axis=0), 20, atol=0.2)


def test_distance_is_measured_both_ways():
    """A box that lacks a corner: every point of it lies on the whole box, but not the reverse."""
    nodes_mm, tets = box((4, 4, 4), 10.0)
    sides = boundary_triangles(tets)
    whole = LabelledSurface(
        nodes_mm=nodes_mm, triangles=sides, labels=np.zeros(len(sides), np.int8)
    )
    lacking = tets[(nodes_mm[tets].mean(axis=1) < 30).any(axis=1)]
    fit = fit_to_surface(nodes_mm, lacking, whole)
    assert fit.volume_error_percent == pytest.approx(-100 / 64)
    # The corner (40, 40, 40) is 10 mm from each face of the dent.
    assert fit.distance_max_mm == pytest.approx(10.0, abs=0.5)
    assert fit.distance_p50_mm == pytest.approx(0, abs=1e-9)


def test_worst_place_is_the_one_that_sticks_out():
    nodes_mm, tets = box((4, 4, 4), 10.0)
    sides = boundary_triangles(tets)
    whole = LabelledSurface(
        nodes_mm=nodes_mm, triangles=sides, labels=np.zeros(len(sides), np.int8)
    )
    pulled_mm = np.where((nodes_mm == 40).all(axis=1, keepdims=True), 45.0, nodes_mm)
    fit = fit_to_surface(pulled_mm, tets, whole)
    # 6,700 points a face, 0.5 mm apart.
    np.testing.assert_allclose(fit.worst_mm, 45, atol=1.5)
    assert fit.distance_max_mm == pytest.approx(5 * np.sqrt(3), abs=1.5)


def test_tree_of_nothing_finds_nothing():
    tree = Tree(np.zeros((1, 3)), np.empty((0, 3), np.int32))
    triangle, gaps_mm = tree.nearest(np.ones((2, 3)), limit_mm=7.0)
    assert triangle.tolist() == [-1, -1]
    assert gaps_mm.tolist() == [7.0, 7.0]
