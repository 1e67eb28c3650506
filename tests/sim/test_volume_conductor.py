"""Boundary elements of bodies with several conductivities: closed forms, order, reciprocity."""

from dataclasses import replace

import numpy as np
import pytest

from cardiotwin.anatomy.torso import Shell, Torso
from cardiotwin.sim.lead_sources import triangle_areas_mm2
from cardiotwin.sim.torso import lead_vectors
from cardiotwin.sim.volume_conductor import BodyConductivities, require_closed, volume_conductor

from .spheres import RADIUS_MM, ball, concentric, eccentric

SLANTED = np.array([0.6, 0.0, 0.8])


@pytest.fixture
def directions(rng):
    points = rng.normal(size=(150, 3))
    return points / np.linalg.norm(points, axis=1, keepdims=True)


def body(skin, inner=None, conductivity=1.0):
    """A sphere with a ball of a conductivity in it."""
    torso = Torso(nodes_mm=skin.nodes_mm, triangles=skin.triangles)
    relative = BodyConductivities(torso_s_per_m=1.0, lung_s_per_m=conductivity)
    return volume_conductor(replace(torso, lungs=(inner,) if inner else ()), relative)


def relative_rms(ours, exact):
    return np.sqrt(np.mean((ours - exact) ** 2) / np.mean(exact**2))


def seen(conductor, directions, depth_mm, dipole):
    return (
        lead_vectors(np.array([[0.0, 0, depth_mm]]), RADIUS_MM * directions, conductor)[0] @ dipole
    )


# The closed forms themselves


def test_series_agree_where_they_overlap(directions):
    along = np.array([0.0, 0, 1])
    same = concentric(along, 70.0, directions, ball_mm=30.0, conductivity=0.2)
    aside = eccentric(70.0, directions, ball_mm=30.0, middle_mm=1e-9, conductivity=0.2)
    np.testing.assert_allclose(aside, same, atol=1e-8 * np.abs(same).max())
    nothing = eccentric(-30.0, directions, ball_mm=30.0, middle_mm=40.0, conductivity=1.0)
    plain = concentric(along, -30.0, directions)
    np.testing.assert_allclose(nothing, plain, atol=1e-12 * np.abs(plain).max())


# The solver against them


@pytest.mark.parametrize("depth_mm", [0.0, 30.0, 60.0])
def test_sphere_of_two_thousand_triangles_is_right_to_half_a_percent(directions, depth_mm):
    errors = [
        relative_rms(
            seen(body(ball(nodes)), directions, depth_mm, SLANTED),
            concentric(SLANTED, depth_mm, directions),
        )
        for nodes in (252, 1002)
    ]
    assert errors[1] < 0.005
    assert np.log(errors[0] / errors[1]) / np.log(2) > 1.5  # in the edge length


@pytest.mark.parametrize("conductivity", [0.2, 3.0])
def test_ball_in_the_middle_follows_the_series(directions, conductivity):
    errors = []
    for outer, inner in ((252, 130), (1002, 502)):
        conductor = body(ball(outer), ball(inner, 40.0), conductivity)
        exact = concentric(SLANTED, 60.0, directions, ball_mm=40.0, conductivity=conductivity)
        errors.append(relative_rms(seen(conductor, directions, 60.0, SLANTED), exact))
    assert errors[1] < 0.005
    assert np.log(errors[0] / errors[1]) / np.log(2) > 1.5
    # The ball changes the potentials by 12 %: this is not what would pass without it.
    assert relative_rms(concentric(SLANTED, 60.0, directions), exact) > 0.1


@pytest.mark.parametrize("conductivity", [0.2, 3.0])
@pytest.mark.parametrize("at_mm", [-30.0, 0.0])
def test_ball_at_the_side_follows_the_series(directions, conductivity, at_mm):
    conductor = body(ball(1002), ball(502, 30.0, (0, 0, 50.0)), conductivity)
    exact = eccentric(at_mm, directions, ball_mm=30.0, middle_mm=50.0, conductivity=conductivity)
    ours = seen(conductor, directions, at_mm, np.array([0.0, 0, 1]))
    assert relative_rms(ours, exact) < 0.005


def test_dipole_close_to_a_surface_is_not_lost_between_its_triangles(directions):
    # 3 mm above triangles of 12 mm; single charges at their middles would err by half and more.
    conductor = body(ball(502), ball(252, 40.0), 3.0)
    exact = concentric(SLANTED, 43.0, directions, ball_mm=40.0, conductivity=3.0)
    assert relative_rms(seen(conductor, directions, 43.0, SLANTED), exact) < 0.02


def test_lung_that_conducts_as_the_torso_changes_nothing(directions):
    points_mm = np.array([[0.0, 0, -30], [10, 5, 0]])
    without = lead_vectors(points_mm, RADIUS_MM * directions, body(ball(252)))
    same = body(ball(252), ball(130, 30.0, (0, 0, 50.0)), 1.0)
    np.testing.assert_allclose(
        lead_vectors(points_mm, RADIUS_MM * directions, same), without, atol=1e-12
    )


# Reciprocity


def test_lead_vectors_are_the_forward_solution_of_unit_dipoles(directions, rng):
    conductor = body(ball(252), ball(130, 30.0, (0, 0, 50.0)), 0.2)
    points_mm, electrodes_mm = rng.uniform(-30, 10, (10, 3)), RADIUS_MM * directions[:9]
    reciprocal = conductor.skin_sources(electrodes_mm).at(points_mm)
    forward = conductor.forward(points_mm, electrodes_mm)
    # 1e-8 is asked; what is left is rounding.
    np.testing.assert_allclose(reciprocal, forward, atol=1e-12 * np.abs(forward).max())


def test_node_potentials_follow_the_series():
    skin = ball(502)
    conductor, point_mm = body(skin), np.array([[0.0, 0, 30]])
    free = conductor.free_fields(point_mm)[:, 0] @ SLANTED
    surface = conductor.surface_potentials(free[:, None])
    away = skin.nodes_mm - point_mm
    at_nodes = away @ SLANTED / np.linalg.norm(away, axis=1) ** 3
    ours = conductor.node_potentials(surface, at_nodes[:, None])[:, 0]
    exact = concentric(SLANTED, 30.0, skin.nodes_mm / RADIUS_MM)
    assert relative_rms(ours, exact) < 0.02


def test_electrode_in_the_body_reads_the_series_of_the_inside():
    # Every order that the skin reflects is 0 in the middle: only the dipole itself is seen there.
    conductor = body(ball(1002))
    depth_mm = 40.0
    ours = conductor.inner_sources(np.zeros((1, 3))).at(np.array([[0.0, 0, depth_mm]]))[0, 0, 2]
    np.testing.assert_allclose(ours, -1 / depth_mm**2, rtol=0.01)


# What is refused


def test_open_surface_is_refused_with_its_place():
    skin = ball(130)
    hole = skin.nodes_mm[skin.triangles[7]].mean(axis=0)
    torso = Torso(nodes_mm=skin.nodes_mm, triangles=np.delete(skin.triangles, 7, axis=0))
    with pytest.raises(
        ValueError, match=r"skin is not closed.* 3 edges, the first at \("
    ) as caught:
        volume_conductor(torso)
    place = [float(x) for x in str(caught.value).split("at (")[1].split(")")[0].split(",")]
    assert np.linalg.norm(np.array(place) - hole) < 20


def test_lung_inside_out_is_refused():
    lung = ball(130, 30.0)
    with pytest.raises(ValueError, match="lung 1 is inside out"):
        body(ball(130), Shell(lung.nodes_mm, lung.triangles[:, ::-1]), 0.2)


def test_triangle_without_area_is_refused():
    nodes_mm = np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0.5, 0]])
    triangles = np.array(
        [[0, 2, 1], [0, 1, 3], [1, 2, 3], [0, 4, 2], [0, 3, 4], [4, 3, 2]], np.int32
    )
    with pytest.raises(ValueError, match=r"skin has 1 triangles without area, the first at \("):
        require_closed(Shell(nodes_mm, triangles), "skin")


def test_zero_conductivity_is_refused():
    with pytest.raises(ValueError, match=r"\.lung_s_per_m must be positive, got 0"):
        BodyConductivities(lung_s_per_m=0.0)


def test_electrode_outside_the_body_is_refused():
    with pytest.raises(ValueError, match=r"electrode 1 at \(0\.0, 0\.0, 120\.0\) mm lies outside"):
        body(ball(130)).inner_sources(np.array([[0.0, 0, 0], [0, 0, 120]]))


def test_areas_of_a_sphere_add_up_to_its_own():
    skin = ball(1002)
    areas = triangle_areas_mm2(skin.nodes_mm[skin.triangles])
    np.testing.assert_allclose(areas.sum(), 4 * np.pi * RADIUS_MM**2, rtol=0.005)
