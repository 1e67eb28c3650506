"""Closed form around sources: where it holds, where it must stop."""

import numpy as np
import pytest

from cardiotwin.anatomy.shapes import box
from cardiotwin.sim.eikonal import activation_times

from .eikonal_tissue import ANISOTROPIC, ISOTROPIC, faces_in, lengths, rotation, slowness, uniform


def test_overlapping_balls_hold_the_earliest_of_their_waves(rng):
    """Two sources 4 mm apart, one later; exact within both balls, whatever the fibre."""
    nodes_mm, tets = box((16, 12, 12), 1.0)
    axes, starts_mm = rotation(rng), np.array([[6.0, 6, 6], [10.0, 6, 6]])
    away_mm = nodes_mm[:, None] - starts_mm
    sources = np.linalg.norm(away_mm, axis=2).argmin(axis=0)
    inverse = slowness(ANISOTROPIC, axes)
    exact_ms = np.min([lengths(away_mm[:, 0], inverse), lengths(away_mm[:, 1], inverse) + 2], 0)
    times_ms = activation_times(
        nodes_mm,
        tets,
        **uniform(tets, axes),
        speeds_mm_per_ms=ANISOTROPIC,
        sources=sources,
        source_times_ms=[0.0, 2.0],
        ball_mm=3.0,
    )
    inside = (np.linalg.norm(away_mm, axis=2) <= 3.0).all(axis=1)
    assert inside.sum() > 20
    np.testing.assert_allclose(times_ms[inside], exact_ms[inside], rtol=1e-12)


def test_each_source_has_the_fibre_around_it():
    """Fibres along x in one half of the box and along y in the other."""
    nodes_mm, tets = box((20, 10, 10), 1.0)
    right = nodes_mm[tets].mean(axis=1)[:, 0] > 10
    fibres = np.where(right[:, None], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0])
    sheets = np.where(right[:, None], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0])
    sources = np.flatnonzero(((nodes_mm == [5, 5, 5]) | (nodes_mm == [15, 5, 5])).all(axis=1))
    times_ms = activation_times(
        nodes_mm,
        tets,
        fibres=fibres,
        sheets=sheets,
        speeds_mm_per_ms=ANISOTROPIC,
        sources=sources,
        ball_mm=3.0,
    )
    for source, speeds in zip(sources, [(0.6, 0.4, 0.2), (0.4, 0.6, 0.2)], strict=True):
        away_mm = nodes_mm - nodes_mm[source]
        near = np.linalg.norm(away_mm, axis=1) <= 3.0
        exact_ms = lengths(away_mm[near], slowness(speeds, np.eye(3)))
        np.testing.assert_allclose(times_ms[near], exact_ms, rtol=1e-12)


def test_a_ball_does_not_leap_over_a_gap_or_a_wall():
    """Two boxes 1 mm apart, and the same as one box with a blocked layer between."""
    nodes_mm, tets = box((9, 6, 6), 1.0)
    gap = (nodes_mm[tets][:, :, 0] >= 4).all(axis=1) & (nodes_mm[tets][:, :, 0] <= 5).all(axis=1)
    common = {"speeds_mm_per_ms": ISOTROPIC, "sources": [24 + 3 * 49], "ball_mm": 3.0}
    split_ms = activation_times(nodes_mm, tets[~gap], **uniform(tets[~gap]), **common)
    assert (np.isinf(split_ms) == (nodes_mm[:, 0] >= 5)).all()
    wall = nodes_mm[:, 0] == 5
    walled_ms = activation_times(nodes_mm, tets, **uniform(tets), **common, blocked=wall)
    assert (np.isinf(walled_ms) == (nodes_mm[:, 0] >= 5)).all()


@pytest.mark.parametrize("ratio", [0.2, 3.0])
def test_a_ball_stops_where_another_tissue_begins(ratio):
    """A source 1 mm from a plane beyond which the speed is other: never too early there.

    The least time across such a plane is that of Snell's law, here by trying all places on it.
    """
    nodes_mm, tets = box((10, 8, 8), 1.0)
    beyond = nodes_mm[tets].mean(axis=1)[:, 0] > 5
    source = np.flatnonzero((nodes_mm == [4, 4, 4]).all(axis=1))
    times_ms = activation_times(
        nodes_mm,
        tets,
        **uniform(tets),
        speeds_mm_per_ms=ISOTROPIC,
        scale=np.where(beyond, ratio, 1.0),
        sources=source,
        ball_mm=3.0,
    )
    depth_mm = nodes_mm[:, 0] - 5
    across_mm = np.linalg.norm(nodes_mm[:, 1:] - 4, axis=1)
    share = np.linspace(0, 1, 2001)[:, None]
    exact_ms = (
        np.hypot(1, share * across_mm) / 0.6
        + np.hypot(depth_mm, (1 - share) * across_mm) / (0.6 * ratio)
    ).min(axis=0)
    far = depth_mm >= 0
    assert (times_ms[far] >= exact_ms[far] * (1 - 1e-5)).all()
    assert (times_ms[far] <= exact_ms[far] * 1.25).all()


def test_a_fast_surface_has_a_ball_of_its_own():
    nodes_mm, tets = box((12, 12, 3), 1.0)
    surface = nodes_mm[:, 2] == 0
    source = np.flatnonzero((nodes_mm == [6, 6, 0]).all(axis=1))
    times_ms = activation_times(
        nodes_mm,
        tets,
        **uniform(tets),
        speeds_mm_per_ms=ISOTROPIC,
        triangles=faces_in(tets, surface),
        triangle_speed_mm_per_ms=2.0,
        sources=source,
        ball_mm=3.0,
    )
    way_mm = np.linalg.norm(nodes_mm - nodes_mm[source], axis=1)
    near = surface & (way_mm <= 3)
    np.testing.assert_allclose(times_ms[near], way_mm[near] / 2.0, rtol=1e-12)
    assert (times_ms >= way_mm / 2.0 * (1 - 1e-12)).all()
