"""P1 Laplace solves against exact harmonic fields, with the measured order of convergence."""

import numpy as np
import pytest

from cardiotwin.anatomy.heart import tet_volumes
from cardiotwin.anatomy.laplace import Laplacian
from cardiotwin.anatomy.shapes import box

INNER_MM, OUTER_MM = 20.0, 40.0


@pytest.fixture
def skewed(rng):
    """A box whose inner nodes are shaken."""
    nodes_mm, tets = box((6, 5, 4), 2.0)
    inner = ((nodes_mm > 0) & (nodes_mm < nodes_mm.max(axis=0))).all(axis=1)
    nodes_mm[inner] += rng.uniform(-0.4, 0.4, (inner.sum(), 3))
    return Laplacian(nodes_mm, tets)


def shell(cells):
    """A sixth of the wall between two concentric spheres: box cells, radius along x."""
    unit_box, tets = box((cells, cells, cells), 1.0 / cells)
    radius = INNER_MM + (OUTER_MM - INNER_MM) * unit_box[:, 0]
    y, z = np.tan((unit_box[:, 1:] - 0.5) * np.pi / 2).T
    ray = np.stack([np.ones_like(y), y, z], axis=1)
    nodes_mm = radius[:, None] * ray / np.linalg.norm(ray, axis=1, keepdims=True)
    return Laplacian(nodes_mm, tets), radius


def shell_error(cells):
    """Root mean square error of the harmonic field, 1 on the inner sphere, 0 on the outer."""
    laplacian, radius = shell(cells)
    ends = np.flatnonzero(np.isclose(radius, INNER_MM) | np.isclose(radius, OUTER_MM))
    field = laplacian.solve(ends, (radius[ends] < 30).astype(float))
    exact = (1 / radius - 1 / OUTER_MM) / (1 / INNER_MM - 1 / OUTER_MM)
    return np.sqrt(np.mean((field - exact) ** 2))


def test_field_between_parallel_walls_is_linear(skewed):
    x = skewed.nodes_mm[:, 0]
    ends = np.flatnonzero((x == 0) | (x == 12))
    # 1e-6: a hundred times the relative residual at which the solver stops.
    np.testing.assert_allclose(skewed.solve(ends, x[ends] / 12), x / 12, atol=1e-6)


def test_field_between_concentric_spheres_converges_at_second_order():
    errors = np.array([shell_error(cells) for cells in (4, 8, 16)])
    orders = np.log2(errors[:-1] / errors[1:])
    assert errors[-1] < 1e-3  # measured 7e-4
    assert orders.min() > 1.7  # measured 1.85 and 2.05


def test_gradient_of_a_linear_field_is_exact(skewed):
    slope = np.array([0.3, -2.0, 5.0])
    gradients = skewed.gradient(skewed.nodes_mm @ slope + 7)
    np.testing.assert_allclose(gradients, np.tile(slope, (len(gradients), 1)), rtol=1e-11)


def test_stiffness_is_symmetric_and_blind_to_constants(skewed):
    stiffness = skewed.stiffness
    assert abs(stiffness - stiffness.T).max() < 1e-12
    np.testing.assert_allclose(stiffness @ np.ones(stiffness.shape[0]), 0, atol=1e-11)


def test_energy_of_a_linear_field_is_its_slope_squared_times_volume(skewed):
    slope = np.array([0.3, -2.0, 5.0])
    field = skewed.nodes_mm @ slope
    volume_mm3 = tet_volumes(skewed.nodes_mm, skewed.tets).sum()
    np.testing.assert_allclose(field @ (skewed.stiffness @ field), slope @ slope * volume_mm3)


def test_field_stays_between_the_given_values(skewed, rng):
    ends = rng.choice(len(skewed.nodes_mm), 20, replace=False)
    values = rng.uniform(-3, 5, 20)
    field = skewed.solve(ends, values)
    assert field.min() == values.min()
    assert field.max() == values.max()
    np.testing.assert_array_equal(field[ends], values)


def test_field_is_linear_in_its_values(skewed, rng):
    ends = rng.choice(len(skewed.nodes_mm), 20, replace=False)
    a, b = rng.uniform(0, 1, (2, 20))
    both = skewed.solve(ends, 2 * a - b)
    np.testing.assert_allclose(2 * skewed.solve(ends, a) - skewed.solve(ends, b), both, atol=1e-6)


def test_nothing_is_solved_when_every_node_is_given(skewed):
    values = np.arange(len(skewed.nodes_mm), dtype=float)
    np.testing.assert_array_equal(skewed.solve(np.arange(len(values)), values), values)


def test_piece_that_touches_no_surface_is_named():
    nodes_mm, tets = box((2, 2, 2), 1.0)
    twice = np.vstack([nodes_mm, nodes_mm + np.array([10.0, 0, 0])])
    laplacian = Laplacian(twice, np.vstack([tets, tets + len(nodes_mm)]))
    with pytest.raises(ValueError, match=r"27 nodes lie in a piece .* at \(10.0, 0.0, 0.0\) mm"):
        laplacian.solve(np.array([0, 26]), np.array([0.0, 1.0]))
