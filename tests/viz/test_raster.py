"""The z-buffer against a plain search, and exact on linear fields."""

import numpy as np

from cardiotwin.viz.raster import rasterise

SHAPE = (24, 32)


def naive(xyz, triangles, cut, shape):
    """Pixel by pixel, triangle by triangle."""
    winner, depth = np.full(shape, -1), np.full(shape, np.inf)
    for row, column, t in np.ndindex(*shape, len(triangles)):
        a, b, c = xyz[triangles[t]]
        corners = np.array([[a[0], b[0], c[0]], [a[1], b[1], c[1]], [1, 1, 1]])
        weights = np.linalg.solve(corners, [column, row, 1])
        z = weights @ xyz[triangles[t], 2]
        shown = (weights >= 0).all() and weights @ cut[triangles[t]] <= 0
        if shown and z < depth[row, column]:
            winner[row, column], depth[row, column] = t, z
    return winner, depth


def test_every_pixel_shows_the_triangle_a_plain_search_finds(rng):
    xyz = rng.uniform((-5, -5, 0), (37, 29, 9), (36, 3))
    triangles, cut = np.arange(36).reshape(-1, 3), rng.normal(-0.5, 1, 36)
    pixels = rasterise(xyz, triangles, cut, SHAPE)
    winner, depth = naive(xyz, triangles, cut, SHAPE)
    assert np.array_equal(pixels.mask, winner >= 0)
    assert np.array_equal(pixels.triangle, winner[winner >= 0])
    np.testing.assert_allclose(pixels.depth, depth[winner >= 0], atol=1e-9)


def test_a_linear_field_is_reproduced_exactly():
    xyz = np.array([[-50.0, -50, 3], [150, -40, 3], [0, 160, 3]])
    triangles = np.array([[0, 1, 2]])
    pixels = rasterise(xyz, triangles, np.full(3, -1.0), SHAPE)
    row, column = np.nonzero(pixels.mask)
    field = 2 * xyz[:, 0] - 3 * xyz[:, 1]
    np.testing.assert_allclose(pixels.blend(field, triangles), 2 * column - 3 * row, atol=1e-9)


def test_two_triangles_that_share_an_edge_leave_no_gap():
    xyz = np.array([[0.0, 0, 1], [31, 0, 1], [31, 23, 1], [0, 23, 1]])
    pixels = rasterise(xyz, np.array([[0, 1, 2], [0, 2, 3]]), np.zeros(4), SHAPE)
    assert pixels.mask.all()


def test_nothing_in_sight_gives_no_pixels():
    xyz = np.array([[90.0, 90, 1], [95, 90, 1], [90, 95, 1]])
    assert not rasterise(xyz, np.array([[0, 1, 2]]), np.zeros(3), SHAPE).mask.any()
