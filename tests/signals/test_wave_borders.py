"""The kernels that turn odds into borders, beside slow plain twins."""

from itertools import pairwise

import numpy as np
import pytest

from cardiotwin.signals.delineation import Rules
from cardiotwin.signals.kernels.wave_borders import (
    QRS,
    P,
    T,
    beat_borders,
    heaviest_run,
    wave_tops,
)


def plain_runs(odds, first, last, level):
    """Each run of odds over the level, with borders between samples: (begin, end, mass)."""
    found, i = [], first
    while i <= last:
        j = i
        while j <= last and odds[j] >= level:
            j += 1
        if j > i:
            begin = plain_crossing(odds, i, i - 1, i == first, level, -np.inf)
            end = plain_crossing(odds, j - 1, j, j - 1 == last, level, np.inf)
            found.append([begin, end, sum(odds[i:j])])
        i = max(j, i + 1)
    return found


def plain_crossing(odds, inside, outside, at_limit, level, cut):
    if not 0 <= outside < len(odds) or np.isnan(odds[outside]):
        return cut
    if at_limit:
        return inside
    return np.interp(level, [odds[outside], odds[inside]], [outside, inside])


def plain_heaviest(odds, first, last, level, least, bridge, near, at):
    joined = []
    for begin, end, mass in plain_runs(odds, max(first, 0), min(last, len(odds) - 1), level):
        apart = begin - joined[-1][1] if joined else np.inf
        if joined and np.isfinite(begin) and np.isfinite(joined[-1][1]) and apart < bridge:
            joined[-1] = [joined[-1][0], end, joined[-1][2] + mass]
        else:
            joined.append([begin, end, mass])
    fit = [r for r in joined if r[1] - r[0] >= least and r[0] < at + near and r[1] > at - near]
    return max(fit, key=lambda r: r[2])[:2] if fit else [np.nan, np.nan]


def plain_borders(odds, peaks, rules):
    k, out = len(peaks), np.full((len(peaks), 6), np.nan)
    bounds = [-np.inf, *((a + b) / 2 for a, b in pairwise(peaks)), np.inf]
    for i, at in enumerate(peaks):
        low = max(at - rules.reach, bounds[i], 0)
        high = min(at + rules.reach, bounds[i + 1], odds.shape[1])
        out[i, 2:4] = plain_heaviest(
            odds[QRS], int(np.ceil(low)), int(high), rules.level, rules.qrs_least,
            rules.qrs_bridge, rules.near, at,
        )  # fmt: skip
    begins = np.where(np.isfinite(out[:, 2]), out[:, 2], peaks - 6)
    ends = np.where(np.isfinite(out[:, 3]), out[:, 3], peaks + 6)
    for i in range(k):
        low = max(begins[i] - rules.pr_most, ends[i - 1] if i else 0, 0)
        high = min(ends[i] + rules.qt_most, begins[i + 1] if i + 1 < k else np.inf, odds.shape[1])
        out[i, :2] = plain_heaviest(
            odds[P], int(np.ceil(low)), int(begins[i]), rules.level, rules.p_least,
            rules.p_bridge, np.inf, 0.0,
        )  # fmt: skip
        out[i, 4:] = plain_heaviest(
            odds[T], int(np.ceil(ends[i])), int(high), rules.level, rules.t_least,
            rules.t_bridge, np.inf, 0.0,
        )  # fmt: skip
    return np.where(np.isinf(out), np.nan, out)


def made_odds(rng, t=600):
    """Smooth odds with many runs, some of them cut by gaps."""
    rough = rng.normal(size=(3, t + 8))
    smooth = np.array([np.convolve(row, np.hanning(9), "valid") for row in rough])
    odds = 1 / (1 + np.exp(-2 * smooth))
    for start in rng.integers(0, t, 4):
        odds[:, start : start + 12] = np.nan
    return odds


@pytest.mark.parametrize("seed", range(6))
def test_borders_equal_those_of_the_plain_twin(seed):
    rng = np.random.default_rng(seed)
    odds = made_odds(rng)
    peaks = np.cumsum(rng.uniform(25, 110, 7))
    out = np.empty((len(peaks), 6))
    beat_borders(odds, peaks, Rules(), out)
    assert np.allclose(out, plain_borders(odds, peaks, Rules()), equal_nan=True, atol=1e-9)
    assert np.isfinite(out).any()


def test_a_border_lies_where_the_odds_cross_the_level():
    odds = np.zeros((3, 20))
    odds[QRS, 8:13] = [0.25, 0.75, 1.0, 0.75, 0.0]
    found = heaviest_run(odds, 0, 19, 0.5, 1.0, 1.0, QRS, 10.0, 10.0)
    assert np.allclose(found, [8.5, 11 + 1 / 3])


def test_the_heaviest_run_wins_and_near_runs_are_one():
    odds = np.zeros((3, 60))
    odds[T, 5:15] = odds[T, 30:36] = odds[T, 38:44] = 1.0
    apart = heaviest_run(odds, 0, 59, 0.5, 2.0, 1.0, T, np.inf, 0.0)
    joined = heaviest_run(odds, 0, 59, 0.5, 2.0, 5.0, T, np.inf, 0.0)
    assert np.allclose(apart, [4.5, 14.5])
    assert np.allclose(joined, [29.5, 43.5])


@pytest.mark.parametrize("slope", [0.0, 0.7])
def test_the_top_of_a_wave_is_the_vertex_of_its_parabola_whatever_the_baseline(slope):
    t = np.arange(40.0)
    lead = -((t - 20.3) ** 2) + slope * t
    out = np.empty(2)
    ends = np.array([35.6 if slope == 0 else 36.0, np.nan])
    wave_tops(lead, np.array([5.0, 5.0]), ends, out)
    chord = (lead[int(ends[0])] - lead[5]) / (int(ends[0]) - 5)
    assert np.isclose(out[0], 20.3 + (slope - chord) / 2)
    assert np.isnan(out[1])


def test_kernels_run_without_the_compiler():
    rng = np.random.default_rng(9)
    odds, peaks = made_odds(rng, 150), np.array([40.0, 100.0])
    out, again = np.empty((2, 6)), np.empty((2, 6))
    beat_borders(odds, peaks, Rules(), out)
    getattr(beat_borders, "py_func", beat_borders)(odds, peaks, Rules(), again)
    assert np.array_equal(out, again, equal_nan=True)
