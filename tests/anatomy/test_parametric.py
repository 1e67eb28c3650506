"""The heart made in code: volumes, pose, labels, refusals."""

from dataclasses import replace

import numpy as np
import pytest

from cardiotwin.anatomy.heart import SURFACES, check_mesh, tet_volumes
from cardiotwin.anatomy.parametric import (
    ParametricHeart,
    body_axes,
    parametric_mesh,
    wall_parts_mm,
)
from cardiotwin.anatomy.surface import boundary_triangles
from cardiotwin.anatomy.topology import euler_number

HEART = ParametricHeart()


@pytest.fixture(scope="module")
def mesh():
    return parametric_mesh()


def volumes_ml(heart, points=400_000):
    """Wall and the two cavities, by counting random points in a box."""
    low, high = np.array([-60.0, -60, 0]), np.array([80.0, 60, 110])
    parts = wall_parts_mm(np.random.default_rng(0).uniform(low, high, (points, 3)), heart)
    below = parts[3] < 0
    box_ml = np.prod(high - low) / 1e3
    return [
        box_ml * found.mean()
        for found in (parts.max(axis=0) < 0, below & (parts[0] > 0), below & (parts[1] > 0))
    ]


def test_mesh_fills_the_implicit_wall(mesh):
    nodes_mm, tets, _ = mesh
    # 0.7 ml is one standard error of the count.
    assert tet_volumes(nodes_mm, tets).sum() / 1e3 == pytest.approx(volumes_ml(HEART)[0], abs=2.1)


def test_left_cavity_has_the_closed_form_of_a_cut_ellipsoid():
    a, c, z = HEART.lv_inner_radius_mm, HEART.lv_inner_depth_mm, HEART.base_above_equator_mm
    exact_ml = np.pi * a**2 * (c + z - (c**3 + z**3) / (3 * c**2)) / 1e3
    assert volumes_ml(HEART)[1] == pytest.approx(exact_ml, abs=2.1)


def test_volumes_are_those_of_an_adult():
    wall_ml, lv_ml, rv_ml = volumes_ml(HEART)
    assert 150 < wall_ml < 220
    assert 100 < lv_ml < 160
    assert 110 < rv_ml < 200


def test_mesh_is_a_heart_without_holes(mesh):
    nodes_mm, tets, surfaces = mesh
    check_mesh(nodes_mm, tets, "parametric")
    assert 25_000 < len(nodes_mm) < 45_000
    assert euler_number(boundary_triangles(tets)) == 2
    assert tuple(surfaces) == SURFACES
    assert sum(map(len, surfaces.values())) == len(boundary_triangles(tets))


def test_every_boundary_node_lies_on_the_surface_of_its_name(mesh):
    nodes_mm, _, surfaces = mesh
    parts = wall_parts_mm(nodes_mm @ body_axes(HEART).T, HEART)
    for i, name in enumerate(SURFACES):
        off_mm = np.abs(parts[i][np.unique(surfaces[name])])
        # Triangles that bevel a rim have nodes across it; the base has many, being narrow.
        assert np.percentile(off_mm, 50 if name == "base" else 80) < 0.05, name
        assert off_mm.max() < 2.5, name


def test_endocardia_are_apart_from_the_epicardium(mesh):
    surfaces = mesh[2]
    for endo in ("lv_endo", "rv_endo"):
        assert not len(np.intersect1d(surfaces[endo], surfaces["epi"]))


def test_apex_points_left_front_and_down_and_the_right_ventricle_lies_right_and_front(mesh):
    nodes_mm, _, surfaces = mesh
    base_mm, lv_mm, rv_mm = (
        nodes_mm[np.unique(surfaces[s])].mean(axis=0) for s in ("base", "lv_endo", "rv_endo")
    )
    assert ((lv_mm - base_mm) * [1, -1, -1] > 0).all()
    assert ((rv_mm - lv_mm)[:2] < 0).all()


def test_pose_turns_the_heart_and_leaves_its_shape():
    thick = replace(HEART, rv_wall_mm=8.0)
    turned = replace(thick, apex_direction=(0.0, 0.0, -1.0), rv_direction=(-1.0, 0.0, 0.0))
    one, two = (parametric_mesh(heart, lattice_mm=5.5) for heart in (thick, turned))
    np.testing.assert_array_equal(one[1], two[1])
    np.testing.assert_allclose(one[0] @ body_axes(thick).T, two[0] @ body_axes(turned).T, atol=1e-9)


def test_lattice_too_coarse_for_the_wall_is_refused():
    with pytest.raises(
        ValueError, match=r"lattice_mm must be at most 2\.96 for walls of 4 mm, got 4"
    ):
        parametric_mesh(lattice_mm=4.0)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"lv_wall_mm": 0.0}, "lv_wall_mm must be positive"),
        ({"rv_inner_radii_mm": (38.0, -1.0, 70.0)}, "rv_inner_radii_mm must be positive"),
        ({"fillet_mm": np.nan}, "fillet_mm must be positive and finite"),
        ({"rv_shift_mm": 0.0 + 1e-3, "rv_inner_radii_mm": (20.0, 20.0, 60.0)}, "beyond the left"),
        ({"rv_direction": (0.62, -0.60, -0.50)}, "rv_direction must not lie along"),
    ],
)
def test_impossible_hearts_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        replace(HEART, **changes)
