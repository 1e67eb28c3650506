"""The closed forms of the half ellipsoid, against finite differences, geometry and a solve."""

import numpy as np
import pytest

from cardiotwin.anatomy.ellipsoid import HalfEllipsoid
from cardiotwin.anatomy.heart import tet_volumes
from cardiotwin.anatomy.laplace import Laplacian


@pytest.fixture
def points_mm(rng):
    """Points amid the wall of the default shape, off the long axis."""
    inner, outer = HalfEllipsoid().shells
    shell, turn = rng.uniform(inner, outer, 50), rng.uniform(-np.pi, np.pi, 50)
    polar = rng.uniform(0.2, np.pi / 2, 50)
    aside = np.sinh(shell) * np.sin(polar)
    rows = [aside * np.cos(turn), aside * np.sin(turn), -np.cosh(shell) * np.cos(polar)]
    return HalfEllipsoid().focus_mm * np.stack(rows, axis=1)


def test_both_sides_are_ellipsoids_with_the_given_axes():
    shape = HalfEllipsoid(inner_radius_mm=20.0, inner_depth_mm=60.0, wall_mm=8.0)
    tips = np.array([[20.0, 0, 0], [0, 20, 0], [0, 0, -60], [28, 0, 0], [0, -28, 0]])
    np.testing.assert_allclose(shape.depth(tips), [0, 0, 0, 1, 1], atol=1e-9)


def test_depth_is_harmonic(points_mm):
    shape, step = HalfEllipsoid(), 0.02
    offsets = step * np.concatenate([np.eye(3), -np.eye(3)])
    around = sum(shape.depth(points_mm + offset) for offset in offsets)
    laplacian = (around - 6 * shape.depth(points_mm)) / step**2
    # Each second derivative alone is about 1 / wall / radius = 4e-3 per mm2.
    np.testing.assert_allclose(laplacian, 0, atol=1e-6)


def test_axes_are_the_slope_of_the_depth_and_two_directions_across_it(points_mm):
    shape, step = HalfEllipsoid(), 1e-4
    around, up, outward = shape.axes(points_mm)
    slope = [shape.depth(points_mm + d) - shape.depth(points_mm - d) for d in step * np.eye(3)]
    slope = np.stack(slope, axis=1)
    slope /= np.linalg.norm(slope, axis=1, keepdims=True)
    np.testing.assert_allclose(outward, slope, atol=1e-7)
    np.testing.assert_allclose(around[:, 2], 0, atol=1e-12)
    np.testing.assert_allclose(np.cross(up, outward), around, atol=1e-12)
    assert (up[:, 2] > 0).all()


def test_mesh_fills_the_wall_and_its_solve_is_the_depth():
    shape = HalfEllipsoid()
    volumes = [
        2 / 3 * np.pi * shape.focus_mm**3 * np.sinh(s) ** 2 * np.cosh(s) for s in shape.shells
    ]
    errors = []
    for lattice_mm in (3.5, 2.5):
        nodes_mm, tets = shape.mesh(lattice_mm)
        volume = tet_volumes(nodes_mm, tets).sum()
        assert volume == pytest.approx(volumes[1] - volumes[0], rel=0.02)  # bevelled rims
        outer = shape.walls(Laplacian(nodes_mm, tets)).outer
        errors.append(np.sqrt(np.mean((outer - shape.depth(nodes_mm)) ** 2)))
    assert errors[1] < errors[0] < 0.02


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"wall_mm": 0.0}, "wall_mm must be positive, got 0.0"),
        ({"inner_radius_mm": 90.0}, "less than inner_depth_mm, got 90.0 and 80.0"),
    ],
)
def test_impossible_shapes_are_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        HalfEllipsoid(**wrong)
