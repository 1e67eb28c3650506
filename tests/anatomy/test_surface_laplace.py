"""Harmonic fields on triangles against closed forms, and their order of convergence."""

import numpy as np
import pytest

from cardiotwin.anatomy.surface_laplace import SurfaceLaplacian

from .atrial_shapes import grid, tube


def annulus(k):
    """A flat ring from radius 10 to 40 mm with 3 k by 8 k squares."""
    radius = np.repeat(np.linspace(10, 40, 3 * k + 1), 8 * k)
    angle = np.tile(np.arange(8 * k) * 2 * np.pi / (8 * k), 3 * k + 1)
    nodes_mm = np.stack([radius * np.cos(angle), radius * np.sin(angle), 0 * radius], axis=1)
    return nodes_mm, grid(8 * k, 3 * k, closed=True)


def test_a_field_between_the_ends_of_a_cylinder_is_linear_in_height(rng):
    nodes_mm, triangles = tube()
    inner = (nodes_mm[:, 2] > 0) & (nodes_mm[:, 2] < 60)
    nodes_mm[inner, 2] += rng.uniform(-0.5, 0.5, inner.sum())
    laplacian = SurfaceLaplacian(nodes_mm, triangles)
    ends = {h / 60: np.flatnonzero(nodes_mm[:, 2] == h) for h in (0, 60)}
    # Linear on every facet of the prism, so exact to the solver's 1e-8.
    np.testing.assert_allclose(laplacian.solve(ends), nodes_mm[:, 2] / 60, atol=1e-6)


def test_gradient_of_a_linear_field_is_its_part_in_the_plane(rng):
    nodes_mm, triangles = tube(top_mm=35.0)
    slope = rng.normal(size=3)
    laplacian = SurfaceLaplacian(nodes_mm, triangles)
    corners = nodes_mm[triangles]
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normal /= np.linalg.norm(normal, axis=1, keepdims=True)
    expected = slope - (normal @ slope)[:, None] * normal
    np.testing.assert_allclose(laplacian.gradient(nodes_mm @ slope), expected, atol=1e-12)


def test_field_of_a_ring_is_a_logarithm_to_second_order():
    errors = []
    for k in (4, 8, 16):
        nodes_mm, triangles = annulus(k)
        radius = np.linalg.norm(nodes_mm, axis=1)
        ends = {0.0: np.flatnonzero(radius < 10.01), 1.0: np.flatnonzero(radius > 39.99)}
        field = SurfaceLaplacian(nodes_mm, triangles).solve(ends)
        errors.append(np.sqrt(np.mean((field - np.log(radius / 10) / np.log(4)) ** 2)))
    orders = np.log2(np.array(errors[:-1]) / errors[1:])
    assert orders == pytest.approx(2, abs=0.2)
