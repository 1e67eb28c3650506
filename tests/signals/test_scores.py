"""Pairs of found and true marks: against the assignment problem, and by hand."""

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from cardiotwin.signals.kernels.matching import pair_in_order
from cardiotwin.signals.scores import Score, match_beats, score_beats


def assigned(found, true, tolerance):
    """Count and total distance of the best pairing, as an assignment problem."""
    apart = np.abs(found[:, None] - true[None, :])
    allowed = apart <= tolerance
    gain = np.where(allowed, 1e6 - apart, 0.0)
    rows, columns = linear_sum_assignment(gain, maximize=True)
    kept = allowed[rows, columns]
    return kept.sum(), apart[rows, columns][kept].sum()


@pytest.mark.parametrize("seed", range(40))
def test_pairs_are_as_many_and_as_near_as_the_assignment_problem_allows(seed):
    rng = np.random.default_rng(seed)
    k, m = rng.integers(0, 30, 2)
    found, true = rng.uniform(0, 1500, k), rng.uniform(0, 1500, m)
    tolerance = rng.choice([0.0, 20.0, 150.0, 700.0])
    pairs = match_beats(found, true, tolerance)
    count, distance = assigned(found, true, tolerance)
    apart = np.abs(found[pairs[:, 0]] - true[pairs[:, 1]])
    assert len(pairs) == count
    assert (apart <= tolerance).all()
    assert apart.sum() == pytest.approx(distance, abs=1e-9)  # rounding of sums
    assert len(set(pairs[:, 0])) == len(set(pairs[:, 1])) == len(pairs)


def test_the_compiled_loop_is_the_plain_one():
    rng = np.random.default_rng(1)
    found, true = np.sort(rng.uniform(0, 900, 12)), np.sort(rng.uniform(0, 900, 9))
    fast, plain = np.zeros((9, 2), np.int64), np.zeros((9, 2), np.int64)
    assert pair_in_order(found, true, 60.0, fast) == pair_in_order.py_func(found, true, 60.0, plain)
    np.testing.assert_array_equal(fast, plain)


def test_two_found_beats_never_share_a_true_one():
    assert score_beats([990, 1010], [1000], 50) == Score(hits=1, misses=0, extras=1)


def test_a_near_pair_gives_way_where_two_pairs_are_possible():
    assert match_beats([0, 100], [90, 200], 100).tolist() == [[0, 0], [1, 1]]


def test_a_distance_equal_to_the_tolerance_counts():
    assert score_beats([150], [0], 150).hits == 1
    assert score_beats([150.001], [0], 150).hits == 0


def test_order_of_the_input_does_not_matter():
    found, true = np.array([5.0, 900, 300, 310]), np.array([905.0, 1, 305])
    pairs = match_beats(found, true, 20)
    assert {(found[i], true[j]) for i, j in pairs} == {(5, 1), (300, 305), (900, 905)}


def test_scores_pool_over_records_by_beats():
    assert Score(9, 1, 0) + Score(1, 0, 1) == Score(10, 1, 1)
    assert (Score(9, 1, 0) + Score(1, 0, 1)).f1 == 20 / 22


def test_nothing_found_and_nothing_true_is_no_score():
    assert score_beats([], [], 50) == Score()
    assert np.isnan([Score().f1, Score().ppv, Score().sensitivity]).all()
    assert score_beats([], [1.0], 50).f1 == 0


def test_a_day_of_beats_is_paired_at_once():
    true = np.arange(100_000) * 800.0
    assert score_beats(true + 40, true, 700) == Score(hits=100_000)


@pytest.mark.parametrize(
    ("found", "tolerance", "words"),
    [
        ([[1.0]], 50, "found_ms must be a row of finite times"),
        ([np.nan], 50, "finite"),
        ([1.0], -1, "tolerance_ms must not be negative, got -1"),
    ],
)
def test_unfit_values_are_refused(found, tolerance, words):
    with pytest.raises(ValueError, match=words):
        match_beats(found, [1.0], tolerance)
