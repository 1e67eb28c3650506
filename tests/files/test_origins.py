"""Sets of files and zips come from a local server, whole or not at all."""

import hashlib
import io
import zipfile

import pytest

from cardiotwin.files import downloads
from cardiotwin.files.origins import Archives, ListedFiles

from .file_server import serve


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch):
    monkeypatch.setattr(downloads, "WAITS_S", (0.0, 0.0))


def sums_of(files):
    lines = [f"{hashlib.sha256(data).hexdigest()} {name}" for name, data in files.items()]
    return "\n".join(lines).encode()


FILES = {"RECORDS": b"data/1\n", "data/1.hea": b"1 1 500 5000\n", "data/1.dat": bytes(999)}


@pytest.fixture
def listing():
    shown = {f"db/{name}": data for name, data in FILES.items()}
    with serve(shown | {"db/SHA256SUMS.txt": sums_of(FILES)}) as (url, habits):
        yield ListedFiles(mirrors=(url + "db/",), limit_mb=1.0), habits


def contents(folder):
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()
    }


def test_every_file_of_a_list_is_brought(listing, tmp_path):
    seen = []
    listing[0].bring(tmp_path, lambda done, total: seen.append((done, total)))
    assert contents(tmp_path) == FILES | {"SHA256SUMS.txt": sums_of(FILES)}
    assert seen == [(0, 3), (1, 3), (2, 3), (3, 3)]


def test_files_that_are_whole_are_not_brought_again(listing, tmp_path):
    origin, habits = listing
    data = habits.files.pop("db/data/1.dat")
    with pytest.raises(OSError, match=r"1\.dat: .* answers 404"):
        origin.bring(tmp_path, lambda done, total: None)
    habits.files["db/data/1.dat"] = data
    habits.asked.clear()
    origin.bring(tmp_path, lambda done, total: None)
    assert [path for path, _ in habits.asked] == ["/db/data/1.dat"]
    assert contents(tmp_path).keys() == FILES.keys() | {"SHA256SUMS.txt"}


def test_only_the_files_that_are_wanted_are_brought(listing, tmp_path):
    origin = ListedFiles(mirrors=listing[0].mirrors, limit_mb=1.0, only=("*.hea", "R*"))
    origin.bring(tmp_path, lambda done, total: None)
    assert contents(tmp_path).keys() == {"RECORDS", "data/1.hea", "SHA256SUMS.txt"}


def test_a_list_that_leads_out_of_the_folder_is_refused(tmp_path):
    with serve({"SHA256SUMS.txt": sums_of({"../evil": b"x"})}) as (url, _):
        origin = ListedFiles(mirrors=(url,), limit_mb=1.0)
        with pytest.raises(OSError, match=r"line 1: expected a checksum and a path inside"):
            origin.bring(tmp_path / "in", lambda done, total: None)
    assert not (tmp_path / "evil").exists()


def zipped(files):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, data in files.items():
            archive.writestr(f"the-set-1.0/{name}", data)
    return packed.getvalue()


def bring_zip(url, folder):
    origin = Archives(mirrors=(url,), zips=("set.zip",), beside=("exams.csv",), limit_mb=1.0)
    origin.bring(folder, lambda done, total: None)


def test_a_zip_is_unpacked_without_its_folder_and_goes(tmp_path):
    whole = FILES | {"SHA256SUMS.txt": sums_of(FILES)}
    with serve({"set.zip": zipped(whole), "exams.csv": b"exam_id\n"}) as (url, habits):
        habits.breaks = [8, 500, 300]
        bring_zip(url, tmp_path)
    assert contents(tmp_path) == whole | {"exams.csv": b"exam_id\n"}


def test_a_zip_whose_files_fail_its_own_list_is_refused(tmp_path):
    broken = FILES | {"data/1.dat": b"other", "SHA256SUMS.txt": sums_of(FILES)}
    with (
        serve({"set.zip": zipped(broken), "exams.csv": b""}) as (url, _),
        pytest.raises(OSError, match=r"1 files of the zip are not as SHA256SUMS.txt says"),
    ):
        bring_zip(url, tmp_path)
    whole = FILES | {"SHA256SUMS.txt": sums_of(FILES), "exams.csv": b""}
    with serve({"set.zip": zipped(whole), "exams.csv": b""}) as (url, _):
        bring_zip(url, tmp_path)
    assert contents(tmp_path) == whole


def test_a_page_in_place_of_the_list_is_asked_for_again(listing, tmp_path):
    origin, habits = listing
    sums = habits.files["db/SHA256SUMS.txt"]
    habits.files["db/SHA256SUMS.txt"] = b"<html>Please log in</html>"
    with pytest.raises(OSError, match="expected a checksum and a path inside, got '<html>"):
        origin.bring(tmp_path, lambda done, total: None)
    habits.files["db/SHA256SUMS.txt"] = sums
    origin.bring(tmp_path, lambda done, total: None)
    assert contents(tmp_path).keys() == FILES.keys() | {"SHA256SUMS.txt"}


def test_a_damaged_zip_is_thrown_away(tmp_path):
    with serve({"set.zip": zipped(FILES)[:-30], "exams.csv": b""}) as (url, habits):
        with pytest.raises(OSError, match=r"set.zip is damaged.*fetch it again"):
            bring_zip(url, tmp_path)
        habits.files["set.zip"] = zipped(FILES)
        bring_zip(url, tmp_path)
    assert contents(tmp_path) == FILES | {"exams.csv": b""}
