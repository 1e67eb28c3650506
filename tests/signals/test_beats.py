"""Windows about beats, and bounds between them."""

import numpy as np
import pytest

from cardiotwin.signals.beats import beat_bounds, beat_windows
from cardiotwin.signals.ecg import ECG

COUNT = ECG(
    samples_mv=np.stack([np.arange(1000.0), -np.arange(1000.0)]), fs_hz=250.0, leads=("I", "II")
)


def test_a_window_holds_what_lies_about_its_peak():
    windows = beat_windows(COUNT, np.array([100, 500]), 200.0, 400.0)
    assert windows.shape == (2, 2, 151)
    np.testing.assert_array_equal(windows[1, 0], np.arange(450, 601))
    np.testing.assert_array_equal(windows[:, 1], -windows[:, 0])


def test_a_window_is_missing_where_it_sticks_out_of_the_record():
    first, last = beat_windows(COUNT, np.array([10, 995]), 200.0, 400.0)[:, 0]
    assert np.isnan(first[:40]).all()
    np.testing.assert_array_equal(first[40:], np.arange(111))
    np.testing.assert_array_equal(last[:55], np.arange(945, 1000))
    assert np.isnan(last[55:]).all()


def test_the_windows_are_a_copy():
    windows = beat_windows(COUNT, np.array([100]), 4.0, 4.0)
    windows[:] = 0
    assert COUNT.samples_mv[0, 100] == 100


def test_bounds_meet_between_the_peaks_and_stay_within_the_record():
    bounds = beat_bounds(COUNT, np.array([30, 330, 930]), share_before=1 / 3)
    np.testing.assert_array_equal(bounds, [[0, 230], [230, 730], [730, 1000]])


def test_no_beats_give_no_windows():
    assert beat_windows(COUNT, np.array([], dtype=np.int64)).shape[0] == 0


@pytest.mark.parametrize("peak", [-1, 1000])
def test_a_peak_outside_the_record_is_named(peak):
    with pytest.raises(ValueError, match=f"peak at sample {peak} lies outside the record of 1000"):
        beat_windows(COUNT, np.array([5, peak]))


def test_peaks_that_are_no_indices_are_named():
    with pytest.raises(ValueError, match="sample indices, got float64"):
        beat_windows(COUNT, np.array([5.5]))
    with pytest.raises(ValueError, match="needs two or more, got 1"):
        beat_bounds(COUNT, np.array([5]))
    with pytest.raises(ValueError, match="must not be negative"):
        beat_windows(COUNT, np.array([5]), -4.0, 4.0)
