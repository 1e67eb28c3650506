"""One door for every format: what is opened by which name, and in how much memory."""

import subprocess
import sys

import numpy as np
import pytest

from cardiotwin.signals.chunks import ranges, rechunked
from cardiotwin.signals.ecg import ECG
from cardiotwin.signals.read import read_chunks, read_ecg, read_marks, read_recording, record_info
from cardiotwin.signals.recording import Recording, Trace
from cardiotwin.signals.write import WRITTEN, write_recording


def test_a_wfdb_record_opens_by_any_of_its_names(tmp_path, small):
    write_recording(small, tmp_path / "a.hea")
    for name in ("a", "a.hea", "a.dat"):
        assert record_info(tmp_path / name).kind == "WFDB"
        assert record_info(str(tmp_path / name)).path == tmp_path / "a.hea"


def test_content_tells_the_format_where_the_name_does_not(tmp_path, small):
    kinds = {".edf": "EDF", ".bdf": "BDF", ".npz": "NPZ", ".dcm": "DICOM"}
    for ending, kind in kinds.items():
        write_recording(small, tmp_path / f"a{ending}", lossy=True)
        (tmp_path / f"a{ending}").rename(tmp_path / f"{kind}.0001")
        assert record_info(tmp_path / f"{kind}.0001").kind == kind


def test_an_ending_in_capitals_is_the_same(tmp_path, small):
    write_recording(small, tmp_path / "a.EDF", lossy=True)
    assert read_ecg(tmp_path / "a.EDF").leads == ("I", "II", "V1")


def test_names_that_lead_nowhere_are_told(tmp_path):
    (tmp_path / "a.txt").write_text("hello")
    for name, told in [
        ("none", "none does not exist, nor does none.hea"),
        ("a.txt", "is of no format that is read here: .hea, .edf"),
        ("", "is a folder; give one record"),
    ]:
        for way in (read_recording, read_ecg, record_info, lambda p: list(read_chunks(p, 1.0))):
            with pytest.raises(OSError, match=told):
                way(tmp_path / name)


def test_marks_are_read_without_samples(tmp_path, small):
    write_recording(small, tmp_path / "a.hea")
    assert list(read_marks(tmp_path / "a")) == ["atr", "ii"]
    (tmp_path / "a.dat").write_bytes(bytes((tmp_path / "a.dat").stat().st_size))
    assert read_marks(tmp_path / "a")["ii"].lead == "II"


def test_a_stray_file_beside_a_record_is_no_marks_but_a_torn_one_is_an_error(tmp_path, small):
    write_recording(small, tmp_path / "a.hea")
    (tmp_path / "a.notes").write_text("seen by Dr. W.")
    (tmp_path / "a.pdf").write_bytes(b"\5\4\0\0")
    assert list(read_recording(tmp_path / "a").marks) == ["atr", "ii"]
    (tmp_path / "a.qrs").write_bytes(b"\5\4\5\4")
    with pytest.raises(OSError, match="ends in the middle of its marks"):
        read_recording(tmp_path / "a")


def test_marks_that_are_a_link_out_of_the_folder_are_refused(tmp_path, small):
    (tmp_path / "in").mkdir()
    write_recording(small, tmp_path / "in/a.hea")
    (tmp_path / "in/a.atr").rename(tmp_path / "secret")
    (tmp_path / "in/a.atr").symlink_to(tmp_path / "secret")
    with pytest.raises(ValueError, match="only files beside it are read"):
        read_marks(tmp_path / "in/a")


@pytest.mark.parametrize("ending", WRITTEN)
def test_an_overlap_that_is_no_part_of_a_piece_is_told(tmp_path, small, ending):
    write_recording(small, tmp_path / f"a{ending}", lossy=True)
    for chunk_s, overlap_s in [(1.0, 1.0), (1.0, -0.1), (0.0, 0.0), (np.nan, 0.0), (np.inf, 0.0)]:
        with pytest.raises(ValueError, match="overlap_s must be in"):
            next(read_chunks(tmp_path / f"a{ending}", chunk_s, overlap_s))
    with pytest.raises(ValueError, match="a sample longer"):
        next(read_chunks(tmp_path / f"a{ending}", 1e-4))


def test_pieces_from_blocks_are_those_of_ranges(rng):
    for total, length, overlap in [(10, 4, 1), (9, 3, 0), (7, 7, 6), (5, 8, 2), (12, 4, 3)]:
        data = rng.normal(size=(2, total))
        cuts = np.sort(rng.integers(0, total + 1, 3))
        pieces = list(rechunked(np.split(data, cuts, axis=1), length, overlap))
        expected = list(ranges(total, 1.0, length, overlap))
        assert [first for first, _ in pieces] == [first for first, _ in expected]
        for (_, piece), (first, last) in zip(pieces, expected, strict=True):
            assert np.array_equal(piece, data[:, first:last])


PEAK = """
import resource, sys
from cardiotwin.signals.read import read_chunks
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
total = sum(piece.samples_mv.shape[1] for _, piece in read_chunks(sys.argv[1], 60.0))
print(total, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("ending", "hours"), [(".hea", 24), (".edf", 24), (".npz", 24), (".csv", 1)]
)
def test_a_long_record_is_read_in_the_memory_of_a_minute(tmp_path, ending, hours):
    """24 h of one lead at 128 Hz are 84 MiB as float64; pieces of 60 s are 60 KiB each."""
    samples = np.tile(np.round(np.sin(np.arange(128 * 60) / 20), 3), hours * 60)[None]
    ecg = ECG(samples_mv=samples, fs_hz=128.0, leads=("II",))
    write_recording(Recording(ecg=ecg), tmp_path / f"a{ending}")
    command = [sys.executable, "-c", PEAK, str(tmp_path / f"a{ending}")]
    total, peak_mib = subprocess.run(command, capture_output=True, text=True).stdout.split()
    assert int(total) == samples.shape[1]
    assert float(peak_mib) < 40, "the libraries that are imported on the way take 20"


def test_of_many_traces_the_first_are_named(tmp_path):
    traces = {
        f"K{k}": Trace(name=f"K{k}", samples=np.ones(9), fs_hz=9.0, unit="NU") for k in range(99)
    }
    write_recording(Recording(traces=traces), tmp_path / "a.csv")
    with pytest.raises(ValueError, match=r"it has K0, K1, K2, K3, K4, K5, K6, K7, 91 more$"):
        read_ecg(tmp_path / "a.csv")
