"""Lists of checksums are read with care, and name each bad or missing file."""

import hashlib

import pytest

from cardiotwin.files.checksums import check, read_sums, verify
from cardiotwin.files.places import Dataset

ONE, TWO = (hashlib.sha256(text).hexdigest() for text in (b"one", b"two"))


@pytest.fixture
def known():
    return Dataset(
        name="small",
        kind="ecg",
        title="",
        licence="",
        citation="",
        source="",
        size_mb=1.0,
        files=("RECORDS",),
    )


def test_both_forms_of_sha256sum_are_read(tmp_path):
    (tmp_path / "s.txt").write_text(f"{ONE}  data/1.dat\n{TWO.upper()} *2.dat\n\n")
    assert read_sums(tmp_path / "s.txt") == {"data/1.dat": ONE, "2.dat": TWO}


@pytest.mark.parametrize("line", ["12 a.dat", f"{ONE} ../a", f"{ONE} /a", f"{ONE}a", "x" * 64])
def test_a_line_of_another_form_is_named(tmp_path, line):
    (tmp_path / "s.txt").write_text(f"{ONE} fine\n{line}\n")
    with pytest.raises(ValueError, match=r"s\.txt, line 2: expected a checksum and a path inside"):
        read_sums(tmp_path / "s.txt")


def test_each_file_is_good_bad_or_missing(tmp_path):
    (tmp_path / "1.dat").write_bytes(b"one")
    (tmp_path / "2.dat").write_bytes(b"not two")
    seen = []
    sums = {"1.dat": ONE, "2.dat": TWO, "3.dat": ONE}
    found = check(tmp_path, sums, progress=lambda *done: seen.append(done))
    assert found == (("1.dat",), ("2.dat",), ("3.dat",), ())
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_records_that_no_list_names_are_looked_for(tmp_path, known):
    (tmp_path / "RECORDS").write_text("r/1\nr/2\ns.edf\n")
    (tmp_path / "r").mkdir()
    (tmp_path / "r/1.hea").touch()
    (tmp_path / "s.edf").touch()
    found = verify(known, tmp_path)
    assert found.unchecked == ("r/1", "s.edf")
    assert found.missing == ("r/2",)


def test_what_we_know_goes_before_the_list_in_the_folder(tmp_path, known):
    (tmp_path / "SHA256SUMS.txt").write_text(f"{TWO} a.csv\n")
    (tmp_path / "a.csv").write_bytes(b"one")
    assert verify(known, tmp_path).bad == ("a.csv",)
    known = Dataset(**vars(known) | {"sha256": {"a.csv": ONE}})
    assert verify(known, tmp_path).good == ("a.csv",)
