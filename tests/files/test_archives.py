"""A zip from somebody else may hold anything; only harmless files come out."""

import stat
import zipfile

import pytest

from cardiotwin.files.archives import unpack


def make(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return path


def test_files_and_folders_come_out(tmp_path):
    seen = []
    packed = make(tmp_path / "a.zip", [("RECORDS", "1"), ("data/1.hea", "x" * 5000)])
    unpack(packed, tmp_path / "out", limit_mb=1, progress=lambda *done: seen.append(done))
    assert (tmp_path / "out/data/1.hea").read_text() == "x" * 5000
    assert (tmp_path / "out/RECORDS").read_text() == "1"
    assert seen == [(1, 2), (2, 2)]


def test_one_folder_around_everything_is_left_out(tmp_path):
    unpack(make(tmp_path / "a.zip", [("s-1/R", "1"), ("s-1/d/2", "2")]), tmp_path / "o", limit_mb=1)
    assert (tmp_path / "o/R").exists()
    assert (tmp_path / "o/d/2").exists()


@pytest.mark.parametrize("name", ["../evil", "a/../../evil", "/evil", "C:/evil", "a\\..\\evil"])
def test_a_member_that_leads_out_is_refused_before_anything_is_written(tmp_path, name):
    packed = make(tmp_path / "a.zip", [("fine", "1"), (name, "2")])
    with pytest.raises(ValueError, match=r"a\.zip was not unpacked: its member .* leads out"):
        unpack(packed, tmp_path / "out", limit_mb=1)
    assert not list(tmp_path.rglob("fine"))
    assert not list(tmp_path.rglob("evil"))


def test_a_link_is_refused(tmp_path):
    link = zipfile.ZipInfo("link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with pytest.raises(ValueError, match="'link' is a link"):
        unpack(make(tmp_path / "a.zip", [(link, "/etc")]), tmp_path / "out", limit_mb=1)


def test_a_bomb_is_refused_by_what_would_come_out(tmp_path):
    packed = make(tmp_path / "a.zip", [("zeros", b"\0" * 3_000_000)])
    assert packed.stat().st_size < 10_000
    with pytest.raises(ValueError, match="3 MB would come out of it, expected at most 2"):
        unpack(packed, tmp_path / "out", limit_mb=2)


def test_a_size_that_is_a_lie_is_found_by_the_checksum_and_bounded(tmp_path):
    packed = make(tmp_path / "a.zip", [("zeros", b"\0" * 3_000_000)])
    whole = packed.read_bytes()
    lie = (10).to_bytes(4, "little")
    packed.write_bytes(whole.replace((3_000_000).to_bytes(4, "little"), lie))
    with pytest.raises(OSError, match=r"a\.zip is damaged"):
        unpack(packed, tmp_path / "out", limit_mb=2)
    assert not (tmp_path / "out/zeros").exists()


@pytest.mark.parametrize("data", [b"", b"no zip", b"PK\x03\x04" + b"\0" * 50])
def test_what_is_no_zip_is_one_line(tmp_path, data):
    (tmp_path / "a.zip").write_bytes(data)
    with pytest.raises(OSError, match=r"^a\.zip is damaged: .*fetch it again$"):
        unpack(tmp_path / "a.zip", tmp_path / "out", limit_mb=1)
