"""Thinning keeps every extreme, however the record comes in chunks."""

import itertools

import numpy as np
import pytest

from cardiotwin.signals import ECG
from cardiotwin.viz.thinned import thin


def ecg_of(samples_mv, fs_hz=1000.0):
    return ECG(samples_mv=np.atleast_2d(samples_mv), fs_hz=fs_hz, leads=("II",))


def chunks(samples_mv, cuts):
    edges = [0, *cuts, len(samples_mv)]
    for start, stop in itertools.pairwise(edges):
        yield start, ecg_of(samples_mv[start:stop])


def naive(samples_mv, size):
    """Lowest and highest of each bin, whichever comes first."""
    found = []
    for start in range(0, len(samples_mv), size):
        part = list(samples_mv[start : start + size])
        low, high = part.index(min(part)), part.index(max(part))
        found += [(start + k, part[k]) for k in sorted((low, high))]
    return np.array(found).T


@pytest.mark.parametrize("cuts", [(), (1,), (7, 8, 500), tuple(range(13, 997, 13))])
def test_extremes_are_those_of_a_plain_search_whatever_the_chunks(rng, cuts):
    samples_mv = rng.normal(size=997)
    found = thin(chunks(samples_mv, cuts), "II", 10.0)
    times, values = naive(samples_mv, 10)
    np.testing.assert_allclose(found.times_ms, times)
    np.testing.assert_array_equal(found.v_mv, values)
    assert found.duration_ms == 997.0


def test_bins_of_a_sample_keep_the_record_as_it_is(rng):
    samples_mv = rng.normal(size=50)
    found = thin([(0, ecg_of(samples_mv, 125.0))], "II", 5.0)
    np.testing.assert_array_equal(found.v_mv, samples_mv)
    np.testing.assert_allclose(found.times_ms, 8.0 * np.arange(50))


def test_a_gap_is_told_and_a_lost_sample_does_not_hide_its_neighbours():
    samples_mv = np.zeros(100)
    samples_mv[30:60] = np.nan
    samples_mv[[75, 76]] = np.nan, 2.0
    found = thin([(0, ecg_of(samples_mv))], "II", 10.0)
    assert found.gaps_ms.shape == (1, 2)
    assert found.gaps_ms[0] == pytest.approx((30, 60), abs=10)  # to the bin
    assert np.nanmax(found.v_mv) == 2.0


def test_a_gap_to_the_end_ends_with_the_record():
    samples_mv = np.append(np.zeros(20), np.full(20, np.nan))
    assert thin([(0, ecg_of(samples_mv))], "II", 10.0).gaps_ms[0, 1] == 40.0


def test_memory_does_not_grow_with_the_record(rng):
    """A minute a chunk, an hour in all, of which a thousand bins are kept."""
    import tracemalloc

    minute = ecg_of(rng.normal(size=60_000))
    tracemalloc.start()
    found = thin(((60_000 * k, minute) for k in range(60)), "II", 3600.0)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(found.v_mv) == 2000
    assert most < 10 * minute.samples_mv.nbytes  # the hour has 60


def test_chunks_that_do_not_follow_each_other_are_refused():
    ecg = ecg_of(np.zeros(10))
    with pytest.raises(ValueError, match="a chunk must start at sample 10, got 12"):
        thin([(0, ecg), (12, ecg)], "II", 1.0)
    with pytest.raises(ValueError, match="no samples"):
        thin([], "II", 1.0)
