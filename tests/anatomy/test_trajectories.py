"""Lengths of field lines: straight, radial and bent ones with known lengths."""

import numpy as np

from cardiotwin.anatomy.laplace import Laplacian
from cardiotwin.anatomy.shapes import box
from cardiotwin.anatomy.trajectories import relative_position, trajectory_lengths_mm, upstream

INNER_MM, OUTER_MM = 20.0, 40.0


def shaken(rng):
    """A box whose inner nodes are moved by a fifth of an edge."""
    nodes_mm, tets = box((8, 5, 4), 2.0)
    inner = ((nodes_mm > 0) & (nodes_mm < nodes_mm.max(axis=0))).all(axis=1)
    nodes_mm[inner] += rng.uniform(-0.4, 0.4, (inner.sum(), 3))
    return Laplacian(nodes_mm, tets)


def bent(cells):
    """A quarter of a ring: angle along x, radius along y, straight along z."""
    unit_box, tets = box((3 * cells, cells, cells), 1.0 / cells)
    angle, radius = unit_box[:, 0] / 3 * np.pi / 2, INNER_MM * (1 + unit_box[:, 1])
    nodes_mm = np.stack([radius * np.sin(angle), radius * np.cos(angle), unit_box[:, 2]], axis=1)
    return Laplacian(nodes_mm, tets), angle, radius


def test_straight_lines_have_their_length_whatever_the_mesh(rng):
    laplacian = shaken(rng)
    x = laplacian.nodes_mm[:, 0]
    lengths_mm = trajectory_lengths_mm(laplacian, x, np.flatnonzero(x == 0))
    # 0.1 % of the box: tets that a line just misses count a little, with a slightly longer step.
    np.testing.assert_allclose(lengths_mm, x, atol=0.016)


def test_lengths_do_not_ask_how_steep_the_field_is(rng):
    laplacian = shaken(rng)
    x = laplacian.nodes_mm[:, 0]
    ends = np.flatnonzero(x == 0), np.flatnonzero(x == 16)
    np.testing.assert_allclose(
        relative_position(laplacian, np.exp(x / 4), *ends), x / 16, atol=0.02
    )


def test_lines_round_a_bend_are_as_long_as_their_arcs():
    errors = []
    for cells in (4, 8, 16):
        laplacian, angle, radius = bent(cells)
        lengths_mm = trajectory_lengths_mm(laplacian, angle, np.flatnonzero(angle == 0))
        errors.append(np.abs(lengths_mm - angle * radius).max() / (OUTER_MM * np.pi / 2))
    assert errors[-1] < 0.015  # straight lines within a tet: first order, 1.0 % at 16 cells
    assert np.log2(np.array(errors[:-1]) / errors[1:]).min() > 0.8


def test_every_step_leads_down_the_field(rng):
    laplacian = shaken(rng)
    field = laplacian.nodes_mm @ np.array([1.0, 0.4, -0.3])
    hand_on, steps_mm = upstream(laplacian, field)
    going = hand_on.sum(axis=1) > 0
    np.testing.assert_allclose(hand_on.sum(axis=1)[going], 1.0)
    assert (hand_on @ field < field)[going].all()
    assert (steps_mm[going] > 0).all()
    assert (steps_mm[~going] == 0).all()


def test_flat_field_has_no_lines_and_finite_lengths(rng):
    laplacian = shaken(rng)
    start = np.flatnonzero(laplacian.nodes_mm[:, 0] == 0)
    lengths_mm = trajectory_lengths_mm(laplacian, np.zeros(len(laplacian.nodes_mm)), start)
    # Nothing leads anywhere, so the straight way stands in.
    np.testing.assert_allclose(lengths_mm, laplacian.nodes_mm[:, 0], atol=1.0)
    assert np.isfinite(lengths_mm).all()
