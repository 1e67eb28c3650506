"""Classes of beats: every code of the standard, and those of a real record."""

import numpy as np

from cardiotwin.signals.beat_classes import AAMI_CLASSES, AAMI_OF_CODE, beats_of, classes_at
from cardiotwin.signals.read import read_recording
from cardiotwin.signals.recording import Marks


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


def test_a_real_record_has_the_beats_that_its_publishers_count(data_folder):
    marks = read_recording(data_folder / "ecg/mitdb/208").marks["atr"]
    classes = beats_of(marks).classes
    # MIT-BIH directory, record 208: 1586 normal, 2 supraventricular, 992 V, 373 fusion, 2 other.
    assert [classes.count(c) for c in AAMI_CLASSES] == [1586, 2, 992, 373, 2]
