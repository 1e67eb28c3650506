"""Annotation files against wfdb, both ways."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cardiotwin.signals.recording import Marks
from cardiotwin.signals.wfdb_marks import SYMBOLS, read_marks, write_marks

LABELS = sorted(SYMBOLS.values())


def test_the_labels_are_those_of_wfdb(wfdb):
    from wfdb.io.annotation import ann_labels

    theirs = {a.label_store: a.symbol for a in ann_labels if a.label_store}
    assert theirs == SYMBOLS


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    marks=st.lists(
        st.tuples(
            st.integers(1, 2**31 - 1),
            st.sampled_from(LABELS),
            st.text(st.characters(codec="latin-1", exclude_characters="\0#"), max_size=9),
        ),
        min_size=1,
        max_size=20,
    )
)
def test_marks_come_back_and_wfdb_reads_the_same(wfdb, tmp_path, marks):
    marks.sort()
    samples, labels, notes = map(list, zip(*marks, strict=True))
    kept = Marks(
        times_ms=np.array(samples) * (1000.0 / 250.0),
        labels=tuple(labels),
        notes=tuple(notes) if any(notes) else (),
    )
    write_marks(kept, tmp_path / "a.atr", 250.0)
    again = read_marks(tmp_path / "a.atr", 250.0)
    assert (again.labels, again.notes) == (kept.labels, kept.notes)
    assert np.array_equal(again.times_ms, kept.times_ms)
    theirs = wfdb.rdann(str(tmp_path / "a"), "atr")
    assert theirs.sample.tolist() == samples
    assert theirs.symbol == labels
    assert theirs.aux_note == notes


def test_what_wfdb_writes_is_read(wfdb, tmp_path):
    wfdb.wrann(
        "a",
        "qrs",
        np.array([5, 700, 90_000]),
        symbol=["N", "V", "+"],
        aux_note=["", "", "(AFIB\0"],
        fs=500,
        write_dir=str(tmp_path),
    )
    marks = read_marks(tmp_path / "a.qrs", 250.0)
    assert marks.times_ms.tolist() == [10.0, 1400.0, 180_000.0], "the rate of the file comes first"
    assert (marks.labels, marks.notes) == (("N", "V", "+"), ("", "", "(AFIB"))


def test_times_between_frames_keep_a_tenth_of_a_millisecond(tmp_path):
    marks = Marks(times_ms=np.array([0.1, 33.3, 50.0]), labels=("N", "N", "N"))
    write_marks(marks, tmp_path / "a.atr", 100.0)
    assert np.allclose(read_marks(tmp_path / "a.atr", 100.0).times_ms, marks.times_ms, atol=1e-9)


def test_a_label_without_a_code_becomes_a_note(tmp_path):
    write_marks(
        Marks(times_ms=np.array([4.0]), labels=("Sleep stage W",)), tmp_path / "a.ann", 250.0
    )
    marks = read_marks(tmp_path / "a.ann", 250.0)
    assert (marks.labels, marks.notes) == (('"',), ("Sleep stage W",))


def test_marks_of_a_file_named_after_a_lead_belong_to_it(tmp_path):
    for ending, lead in [("avr", "aVR"), ("v1", "V1"), ("ii", "II"), ("atr", "")]:
        path = tmp_path / f"a.{ending}"
        write_marks(Marks(times_ms=np.array([4.0]), labels=("N",)), path, 250.0)
        assert read_marks(path, 250.0).lead == lead


def test_a_definition_of_no_end_does_not_hang(tmp_path):
    """Rdann of wfdb never returns from a second note that starts with ##."""
    note = b"## time resolution: 250"
    word = (63 << 10 | len(note)).to_bytes(2, "little")
    definition = (22 << 10).to_bytes(2, "little") + word + note + b"\0"
    (tmp_path / "a.atr").write_bytes(definition * 3 + b"\x05\x04\0\0")
    assert read_marks(tmp_path / "a.atr", 100.0).labels == ("N",)


def test_marks_that_end_too_early_are_an_error(tmp_path):
    (tmp_path / "a.atr").write_bytes(b"\x05\x04\x05\x04")
    with pytest.raises(OSError, match="ends in the middle of its marks"):
        read_marks(tmp_path / "a.atr", 100.0)


@pytest.mark.parametrize(
    ("times_ms", "labels"), [([], ()), ([0.0, 8.0], ('"', "N")), ([-8.0, 8.0], ("N", "N"))]
)
def test_no_marks_and_marks_at_or_before_the_first_sample_come_back(tmp_path, times_ms, labels):
    notes = ("rest", "")[: len(labels)]
    kept = Marks(times_ms=np.array(times_ms), labels=labels, notes=notes)
    write_marks(kept, tmp_path / "a.atr", 250.0)
    again = read_marks(tmp_path / "a.atr", 250.0)
    assert (again.times_ms.tolist(), again.labels, again.notes) == (times_ms, labels, notes)


def test_marks_too_far_apart_for_the_format_are_told(tmp_path):
    marks = Marks(times_ms=np.array([0.0, 4.0 * 2**31]), labels=("N", "N"))
    with pytest.raises(ValueError, match=r"2147483648 samples after the one before"):
        write_marks(marks, tmp_path / "a.atr", 250.0)
    assert not list(tmp_path.iterdir())


def test_a_note_too_long_for_the_format_is_told(tmp_path):
    marks = Marks(times_ms=np.array([4.0]), labels=("N",), notes=("x" * 300,))
    with pytest.raises(ValueError, match="an annotation file holds 255"):
        write_marks(marks, tmp_path / "a.atr", 250.0)
    assert not list(tmp_path.iterdir())
