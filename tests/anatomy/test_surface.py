"""Closed labelled surfaces: what is refused and in which words, winding, distance, labels."""

import numpy as np
import pytest
import trimesh

from cardiotwin.anatomy.distance import Columns, surface_distance, thicken
from cardiotwin.anatomy.heart import SURFACES
from cardiotwin.anatomy.kernels.stuffing import count_turns
from cardiotwin.anatomy.nearest import Tree
from cardiotwin.anatomy.surface import (
    LabelledSurface,
    areas_mm2,
    boundary_triangles,
    check_surface,
    enclosed_volume_mm3,
    label_boundary,
)
from cardiotwin.anatomy.topology import euler_number, shared_edges, shared_nodes

TET = np.array([[0, 1, 2, 3]], np.int32)
CORNER_MM = np.array([[0.0, 0, 0], [60, 0, 0], [0, 60, 0], [0, 0, 60]])


def surface_of(*meshes, labels=None):
    """The triangles of trimesh objects; labels 0 1 2 3 in turn unless given."""
    mesh = trimesh.util.concatenate(meshes)
    k = len(mesh.faces)
    return LabelledSurface(
        name="test heart",
        nodes_mm=np.array(mesh.vertices, float),
        triangles=np.array(mesh.faces, np.int32),
        labels=(np.arange(k) % 4 if labels is None else labels).astype(np.int8),
    )


def replaced(surface, **changes):
    fields = ("name", "nodes_mm", "triangles", "labels")
    return LabelledSurface(**{f: getattr(surface, f) for f in fields} | changes)


def without(surface, triangle):
    return replaced(
        surface,
        triangles=np.delete(surface.triangles, triangle, axis=0),
        labels=np.delete(surface.labels, triangle),
    )


@pytest.fixture
def sphere():
    return surface_of(trimesh.creation.icosphere(subdivisions=3, radius=30.0))


@pytest.fixture
def shell():
    """Spherical wall of 5 mm: inside labelled lv_endo, outside epi."""
    inner = trimesh.creation.icosphere(subdivisions=3, radius=25.0)
    outer = trimesh.creation.icosphere(subdivisions=3, radius=30.0)
    inner.invert()
    return surface_of(inner, outer, labels=np.repeat([0, 2], len(inner.faces)))


def test_open_surface_is_refused_with_the_place_of_the_hole(sphere):
    with pytest.raises(ValueError, match="test heart: 3 open edges, the first at") as caught:
        check_surface(without(sphere, 7))
    place = [float(x) for x in str(caught.value).split("(")[1].split(")")[0].split(",")]
    hole_mm = sphere.nodes_mm[sphere.triangles[7]].mean(axis=0)
    assert np.linalg.norm(hole_mm - place) < 5
    assert str(caught.value).endswith("close the hole with fill_holes_mm or pymeshfix")


def test_third_triangle_on_an_edge_is_refused(sphere):
    fin = np.append(sphere.triangles[0][:2], len(sphere.nodes_mm))
    finned = replaced(
        sphere,
        nodes_mm=np.vstack([sphere.nodes_mm, [0, 0, 40.0]]),
        triangles=np.vstack([sphere.triangles, [fin, fin[[1, 0, 2]]]]).astype(np.int32),
        labels=np.append(sphere.labels, [2, 2]).astype(np.int8),
    )
    with pytest.raises(ValueError, match="1 edges of more than two triangles, the first at"):
        check_surface(finned)


def test_two_spheres_that_touch_in_a_node_are_refused():
    left = trimesh.creation.icosphere(subdivisions=1, radius=20.0)
    right = left.copy()
    right.apply_translation(2 * left.vertices[0])
    both = surface_of(left, right)
    twin = len(left.vertices) + np.argmin(np.linalg.norm(right.vertices - left.vertices[0], axis=1))
    touching = replaced(both, triangles=np.where(both.triangles == twin, 0, both.triangles))
    with pytest.raises(ValueError, match="1 nodes where two sheets touch, the first at"):
        check_surface(touching)


def test_one_sided_surface_is_refused(rng):
    """Six nodes, no edge open: the smallest projective plane."""
    faces = ["125", "126", "134", "136", "145", "234", "235", "246", "356", "456"]
    plane = np.array([[int(c) - 1 for c in face] for face in faces], np.int32)
    nodes_mm = rng.uniform(0, 80, (6, 3))
    labels = (np.arange(10) % 4).astype(np.int8)
    with pytest.raises(ValueError, match="one-sided"):
        check_surface(LabelledSurface(nodes_mm=nodes_mm, triangles=plane, labels=labels))


def test_missing_label_is_named(sphere):
    with pytest.raises(ValueError, match="no triangle is labelled rv_endo, base; a wall needs"):
        check_surface(replaced(sphere, labels=2 * (sphere.labels % 2)))


def test_nan_is_refused_with_its_node(sphere):
    nodes_mm = sphere.nodes_mm.copy()
    nodes_mm[5, 1] = np.nan
    with pytest.raises(ValueError, match=r"1 nodes have .* not finite, the first is node 5"):
        replaced(sphere, nodes_mm=nodes_mm)


@pytest.mark.parametrize(("factor", "unit"), [(1e-3, "metres"), (1e3, "micrometres")])
def test_other_units_are_recognised(sphere, factor, unit):
    with pytest.raises(ValueError, match=f"it looks like {unit}, multiply by"):
        check_surface(replaced(sphere, nodes_mm=sphere.nodes_mm * factor))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"nodes_mm": np.zeros((5, 2))}, r"nodes_mm must have shape \(n, 3\), got \(5, 2\)"),
        ({"labels": np.zeros(3, np.int8)}, "labels must have one value a triangle"),
        ({"labels": np.full(1280, 4, np.int8)}, "labels must lie in 0 to 3, got 4 to 4"),
        ({"triangles": np.full((1280, 3), 9999, np.int32)}, "triangles must lie in 0 to 641"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(sphere, changes, message):
    with pytest.raises(ValueError, match=message):
        replaced(sphere, **changes)


def test_any_winding_ends_up_outward(shell, rng):
    flip = rng.random(len(shell.triangles)) < 0.5
    mixed = np.where(flip[:, None], shell.triangles[:, ::-1], shell.triangles)
    labels = shell.labels.copy()
    labels[:2] = 1, 3
    repaired = check_surface(replaced(shell, triangles=mixed, labels=labels))
    expected = enclosed_volume_mm3(shell.nodes_mm, shell.triangles)
    assert expected == pytest.approx(4 / 3 * np.pi * (30**3 - 25**3), rel=0.02)
    assert enclosed_volume_mm3(repaired.nodes_mm, repaired.triangles) == pytest.approx(expected)


def test_unused_nodes_are_dropped(sphere):
    padded = replaced(sphere, nodes_mm=np.vstack([sphere.nodes_mm, [[0, 0, 999.0]]]))
    assert len(check_surface(padded).nodes_mm) == len(sphere.nodes_mm)


def test_boundary_of_a_tet_points_outward():
    assert enclosed_volume_mm3(CORNER_MM, boundary_triangles(TET)) == pytest.approx(60**3 / 6)


def test_euler_numbers_of_sphere_and_torus(sphere):
    torus = trimesh.creation.torus(30.0, 10.0)
    assert euler_number(sphere.triangles) == 2
    assert euler_number(np.array(torus.faces, np.int32)) == 0


def test_tets_that_share_an_edge_or_a_node_are_found():
    by_edge = boundary_triangles(np.array([[0, 1, 2, 3], [0, 1, 4, 5]], np.int32))
    by_node = boundary_triangles(np.array([[0, 1, 2, 3], [0, 4, 5, 6]], np.int32))
    assert shared_edges(by_edge).tolist() == [[0, 1]]
    assert not len(shared_edges(by_node))
    assert shared_nodes(by_node).tolist() == [0]


def test_boundary_takes_the_label_of_the_nearest_triangle():
    surface = LabelledSurface(
        nodes_mm=CORNER_MM,
        triangles=boundary_triangles(TET),
        labels=np.array([3, 0, 1, 3], np.int8),
    )
    found = label_boundary(CORNER_MM, TET, surface)
    assert {name: len(triangles) for name, triangles in found.items()} == {
        "lv_endo": 1,
        "rv_endo": 1,
        "epi": 0,
        "base": 2,
    }


def test_no_node_lies_on_both_sides_of_the_wall():
    found = label_boundary(CORNER_MM, TET, lambda p: np.array([0, 2, 0, 1], np.int8))
    assert len(found["epi"]) == 1
    assert len(found["base"]) == 3
    assert tuple(found) == SURFACES


def test_distance_of_a_sphere_is_radius_less_thirty(sphere, rng):
    points_mm = rng.uniform(-45, 45, (400, 3))
    radius_mm = np.linalg.norm(points_mm, axis=1)
    found_mm = surface_distance(sphere, cell_mm=4.0)(points_mm)
    near = np.abs(radius_mm - 30) < 2
    # The faces of the icosphere lie up to 0.17 mm below the sphere.
    np.testing.assert_allclose(found_mm[near], radius_mm[near] - 30, atol=0.2)
    sure = np.abs(radius_mm - 30) > 0.2
    assert ((found_mm < 0) == (radius_mm < 30))[sure].all()
    assert (np.abs(found_mm) <= np.abs(radius_mm - 30) + 0.2).all()


def turns_about(surface, points_mm):
    """Winding numbers by the kernel, every triangle in one column."""
    everything = np.arange(len(surface.triangles))
    one_column = Columns(-40.0, -40.0, 80.0, (1, 1), np.array([0, len(everything)]), everything)
    turns = np.empty(len(points_mm), np.int64)
    count_turns(points_mm, surface.nodes_mm, surface.triangles, one_column, turns)
    return turns


def turns_by_angle(surface, points_mm):
    """The same by the solid angle (van Oosterom and Strackee 1983), for points off the surface."""
    corners_mm = surface.nodes_mm[surface.triangles]
    a, b, c = (corners_mm[None, :, i] - points_mm[:, None] for i in range(3))
    la, lb, lc = (np.linalg.norm(v, axis=2) for v in (a, b, c))
    below = la * lb * lc + (a * b).sum(2) * lc + (b * c).sum(2) * la + (c * a).sum(2) * lb
    angle = 2 * np.arctan2((a * np.cross(b, c)).sum(2), below)
    return np.round(angle.sum(1) / (4 * np.pi))


def test_winding_kernel_agrees_with_the_solid_angle(shell, rng):
    points_mm = rng.uniform(-32, 32, (60, 3))
    turns = turns_about(shell, points_mm)
    np.testing.assert_array_equal(turns, turns_by_angle(shell, points_mm))
    assert set(turns) == {0, 1}


@pytest.mark.parametrize("turned_inside_out", [False, True])
def test_points_straight_below_nodes_and_edges_are_wound_once(turned_inside_out):
    """On whole numbers, vertical lines through whole x and y meet many nodes, edges and walls."""
    ball = trimesh.creation.icosphere(subdivisions=2, radius=9)
    ball.vertices = np.round(ball.vertices)
    block = trimesh.creation.box((6, 8, 10))
    both = trimesh.util.concatenate([ball, block.apply_translation([0, 0, 20])])
    if turned_inside_out:
        both.invert()
    surface = surface_of(both)
    x, y, z = np.mgrid[-10:11, -10:11, -12:28:2]
    points_mm = np.stack([x, y, z + 0.25], axis=-1).reshape(-1, 3)
    _, gaps_mm = Tree(surface.nodes_mm, surface.triangles).nearest(points_mm)
    points_mm = points_mm[gaps_mm > 1e-9]  # on the surface itself, either answer is right
    found = turns_about(surface, points_mm)
    np.testing.assert_array_equal(found, turns_by_angle(surface, points_mm))
    assert (found != 0).sum() > 1_000
    level = (points_mm[:, None, :2] == surface.nodes_mm[None, :, :2]).all(axis=2).any(axis=1)
    assert level.sum() > 1_000


def test_thin_shell_grows_evenly_to_the_wanted_wall(shell):
    thick = thicken(shell, 8.0)
    inner, outer = (
        np.linalg.norm(thick.nodes_mm[thick.triangles[shell.labels == i]], axis=2) for i in (0, 2)
    )
    # The nearest point of a faceted sphere lies up to 0.17 mm off, half of which is moved.
    np.testing.assert_allclose(inner, 23.5, atol=0.1)
    np.testing.assert_allclose(outer, 31.5, atol=0.1)


def test_thick_enough_wall_stays(shell):
    np.testing.assert_array_equal(thicken(shell, 4.0).nodes_mm, shell.nodes_mm)


def test_areas_of_the_corner_faces():
    areas = np.sort(areas_mm2(CORNER_MM, boundary_triangles(TET)))
    np.testing.assert_allclose(areas, [1800, 1800, 1800, 1800 * np.sqrt(3)])
