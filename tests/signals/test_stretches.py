"""Pieces between gaps: found, bridged when short, operated on one by one."""

import numpy as np
import pytest

from cardiotwin.signals.stretches import bridged, extended, over_stretches, runs


@pytest.mark.parametrize("density", [0.0, 0.1, 0.5, 0.9, 1.0])
def test_runs_are_those_of_a_plain_walk(rng, density):
    mask = rng.random(200) < density
    expected, start = [], None
    for k, on in enumerate([*mask, False]):
        if on and start is None:
            start = k
        if not on and start is not None:
            expected.append([start, k])
            start = None
    assert runs(mask).tolist() == expected


def test_a_short_gap_is_bridged_by_a_line_and_a_long_one_or_an_open_one_is_not():
    lead = np.array([np.nan, 1, np.nan, np.nan, 4, np.nan, np.nan, np.nan, 8, np.nan])
    out = bridged(lead, 2)
    np.testing.assert_allclose(out, [np.nan, 1, 2, 3, 4, np.nan, np.nan, np.nan, 8, np.nan])


def test_each_piece_is_operated_on_by_itself_and_gaps_stay():
    samples = np.array([[1.0, 2, np.nan, 4, 6], [1, 2, 3, 4, 5]])
    out = over_stretches(samples, lambda x: x - x.mean(axis=1, keepdims=True))
    np.testing.assert_allclose(out, [[-0.5, 0.5, np.nan, -1, 1], [-2, -1, 0, 1, 2]])


def test_a_bridge_joins_two_pieces_and_is_taken_down_again():
    samples = np.array([[1.0, 2, np.nan, 4, 5]])
    out = over_stretches(samples, lambda x: x - x.mean(axis=1, keepdims=True), bridge=1)
    np.testing.assert_allclose(out, [[-2, -1, np.nan, 1, 2]])


@pytest.mark.parametrize("n", [1, 2, 5])
def test_a_line_goes_straight_on_through_both_ends(n):
    line = 2.0 + 3 * np.arange(n)
    out = extended(line[None], 7)[0]
    np.testing.assert_allclose(out, line[0] if n == 1 else 2.0 + 3 * np.arange(-7, n + 7))
