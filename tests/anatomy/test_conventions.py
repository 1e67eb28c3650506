"""Conversions between conventions: their anchors, and there and back without loss."""

import numpy as np
import pytest

from cardiotwin.anatomy.conventions import (
    camps_directions,
    from_camps,
    from_cobiveco,
    from_uvc,
    to_camps,
    to_cobiveco,
    to_uvc,
)
from cardiotwin.anatomy.frame import heart_axes
from cardiotwin.anatomy.heart import VentricularCoordinates

BOTH_WAYS = [(to_cobiveco, from_cobiveco), (to_camps, from_camps), (to_uvc, from_uvc)]


def place(degrees, transmural=0.2, transventricular=0.0, apicobasal=0.4):
    turn = np.radians(np.atleast_1d(np.asarray(degrees, float)))
    one = np.ones_like(turn)
    return VentricularCoordinates(
        apicobasal=apicobasal * one,
        transmural=transmural * one,
        rotational=turn,
        transventricular=transventricular * one,
    )


@pytest.fixture
def anywhere(rng):
    """Places all over both ventricles."""
    right = rng.random(500) < 0.4
    return VentricularCoordinates(
        apicobasal=rng.random(500),
        transmural=rng.random(500),
        rotational=np.where(right, rng.uniform(-1, 1, 500) * np.pi / 3, rng.uniform(-3, 3, 500)),
        transventricular=right.astype(float),
    )


@pytest.mark.parametrize(("there", "back"), BOTH_WAYS)
def test_there_and_back_loses_nothing(there, back, anywhere):
    again = back(there(anywhere))
    for name in ("apicobasal", "transmural", "rotational", "transventricular"):
        np.testing.assert_allclose(getattr(again, name), getattr(anywhere, name), atol=1e-12)


def test_cobiveco_runs_from_the_inferior_insertion_round_the_free_wall():
    turn = [-60.001, -90, 180, 90, 60, 30, 0, -30, -59.999]
    expected = [0, 1 / 12, 1 / 3, 7 / 12, 2 / 3, 3 / 4, 5 / 6, 11 / 12, 1]
    np.testing.assert_allclose(to_cobiveco(place(turn)).rt, expected, atol=1e-5)


def test_cobiveco_runs_along_the_right_free_wall_as_along_the_left():
    right = to_cobiveco(place([-60, 0, 60], transventricular=1.0))
    np.testing.assert_allclose(right.rt, [0, 1 / 3, 2 / 3])
    np.testing.assert_array_equal(right.tv, 1.0)


def test_cobiveco_halves_the_septum():
    depth = np.array([0.0, 0.25, 0.5, 0.75, 1.0])
    septum = to_cobiveco(place(np.zeros(5), depth))
    np.testing.assert_allclose(septum.tm, [1, 0.5, 0, 0.5, 1])
    np.testing.assert_array_equal(septum.tv, [0, 0, 0, 1, 1])
    np.testing.assert_array_equal(to_cobiveco(place(np.full(5, 120.0), depth)).tm, 1 - depth)


def test_camps_falls_through_the_whole_septum():
    depth = np.array([0.0, 0.25, 0.75, 1.0])
    septum = to_camps(place(np.zeros(4), depth))
    np.testing.assert_array_equal(septum.tm, 1 - depth)
    np.testing.assert_array_equal(septum.tv, [0, 0, 1, 1])


def test_uvc_has_the_insertions_at_quarter_turns():
    left = to_uvc(place([0, 60, -60, 180, 120]))
    np.testing.assert_allclose(np.degrees(left.phi), [0, 90, -90, 180, 135])
    np.testing.assert_array_equal(left.v, -1.0)
    right = to_uvc(place([-60, 0, 60], transventricular=1.0))
    np.testing.assert_allclose(np.degrees(right.phi), [-90, 0, 90])
    np.testing.assert_array_equal(right.v, 1.0)


@pytest.mark.parametrize(("there", "back"), BOTH_WAYS)
def test_right_node_beyond_an_insertion_comes_to_lie_at_it(there, back):
    again = back(there(place([70, -80], transventricular=1.0)))
    np.testing.assert_allclose(np.degrees(again.rotational), [60, -60])


def test_shipped_directions_of_dti004_are_straight_axes(dti004, data_folder):
    with np.load(data_folder / "hearts" / "dti004" / "DTI004_case.npz") as case:
        shipped = case["aprt"], case["rvlv"]
    ours = camps_directions(dti004.nodes_mm, heart_axes(dti004.nodes_mm, dti004.surfaces))
    for mine, theirs in zip(ours, shipped, strict=True):
        # 0.97: an axis 14 degrees off; theirs go through other landmarks.
        assert np.corrcoef(mine, theirs)[0, 1] > 0.97


def test_shipped_coordinates_of_dti004_follow_the_conversion(dti004, data_folder):
    with np.load(data_folder / "hearts" / "dti004" / "DTI004_case.npz") as case:
        shipped = {name: case[name].astype(float) for name in ("rt", "tv")}
    ours = to_camps(dti004.coordinates)
    assert np.mean((ours.tv > 0.5) == (shipped["tv"] > 0.5)) > 0.96
    off = np.abs(np.angle(np.exp(2j * np.pi * (ours.rt - shipped["rt"]))))
    assert np.degrees(np.median(off)) < 5
