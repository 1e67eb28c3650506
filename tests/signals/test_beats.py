"""Windows about beats, and their classes."""

import numpy as np
import pytest

from cardiotwin.signals.beat_classes import AAMI_CLASSES, AAMI_OF_CODE, beats_of, classes_at
from cardiotwin.signals.beats import beat_bounds, beat_windows
from cardiotwin.signals.ecg import ECG
from cardiotwin.signals.recording import Marks

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


def test_every_beat_of_ec57_has_a_class_and_other_marks_have_none():
    codes = "NLRBejnAaJSVErF/fQ?"
    other = ["+", "~", "|", "!", "x", "[", "]", '"', "p", "t", "(", ")", "u", "`", "'", "^", "s"]
    marks = Marks(times_ms=np.arange(len(codes) + len(other), dtype=float), labels=(*codes, *other))
    beats = beats_of(marks)
    assert "".join(beats.codes) == codes
    assert "".join(beats.classes) == "NNNNNNNSSSSVVVFQQQQ"
    assert set(AAMI_OF_CODE.values()) == set(AAMI_CLASSES)
    assert "".join(beats_of(marks, paced=False).codes) == codes.replace("/f", "")


def test_peaks_take_the_class_of_the_beat_they_lie_nearest_to():
    marks = Marks(times_ms=np.array([0.0, 1000.0, 1300.0]), labels=("N", "V", "N"))
    found = classes_at(beats_of(marks), np.array([10.0, 990.0, 1160.0, 1299.0, 1451.0]))
    assert found == ("N", "V", "N", "N", "")
    assert classes_at(beats_of(Marks(times_ms=np.empty(0), labels=())), np.array([1.0])) == ("",)
    one = beats_of(Marks(times_ms=np.array([5.0]), labels=("S",)))
    assert classes_at(one, np.array([4.0, 500.0])) == ("S", "")


@pytest.mark.filterwarnings("ignore:The inplace keyword")  # wfdb with pandas 3
def test_a_real_record_has_the_beats_that_its_publishers_count(data_folder):
    wfdb = pytest.importorskip("wfdb")
    notes = wfdb.rdann(str(data_folder / "ecg/mitdb/208"), "atr")
    marks = Marks(times_ms=notes.sample * 1000 / 360, labels=tuple(notes.symbol))
    classes = beats_of(marks).classes
    # MIT-BIH directory, record 208: 1586 normal, 2 supraventricular, 992 V, 373 fusion, 2 other.
    assert [classes.count(c) for c in AAMI_CLASSES] == [1586, 2, 992, 373, 2]
