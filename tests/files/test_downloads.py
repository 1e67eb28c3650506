"""A file from a bad network comes whole, or not at all; the server is real, and local."""

import hashlib

import numpy as np
import pytest

from cardiotwin.files import downloads
from cardiotwin.files.downloads import download

from .file_server import serve

DATA = np.random.default_rng(0).bytes(300_000)
SHA256 = hashlib.sha256(DATA).hexdigest()


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch):
    monkeypatch.setattr(downloads, "WAITS_S", (0.0, 0.0))


@pytest.fixture
def server():
    with serve({"set/a.dat": DATA}) as (url, habits):
        yield url, habits


def get(url, folder, **options):
    download(
        [url + "set/a.dat"],
        folder / "a.dat",
        folder / "scratch",
        **{"limit_mb": 1.0, "sha256": SHA256} | options,
    )
    return (folder / "a.dat").read_bytes()


def test_a_file_comes_whole_and_reports_its_kilobytes(server, tmp_path):
    seen = []
    got = get(server[0], tmp_path, progress=lambda done, total: seen.append((done, total)))
    assert got == DATA
    assert seen[-1] == (300, 300)
    assert seen == sorted(seen)


def test_a_broken_download_goes_on_where_it_broke_off(server, tmp_path):
    url, habits = server
    habits.breaks = [100_000, 50_000]
    assert get(url, tmp_path) == DATA
    assert [first for _, first in habits.asked] == [0, 100_000, 150_000]


def test_what_an_earlier_call_brought_is_not_asked_for_again(server, tmp_path):
    url, habits = server
    habits.breaks = [100_000, 0, 0, 0]
    with pytest.raises(OSError, match="breaks off after 100000 of 300000 bytes"):
        get(url, tmp_path)
    assert not (tmp_path / "a.dat").exists()
    habits.breaks.clear()
    habits.asked.clear()
    assert get(url, tmp_path) == DATA
    assert habits.asked == [("/set/a.dat", 100_000)]


def test_a_server_without_ranges_starts_again_from_the_first_byte(server, tmp_path):
    url, habits = server
    habits.ranges, habits.breaks = False, [100_000]
    assert get(url, tmp_path) == DATA


def test_a_file_that_changed_in_between_is_not_patched_together(server, tmp_path):
    url, habits = server
    habits.breaks = [100_000, 0, 0, 0]
    with pytest.raises(OSError, match="breaks off"):
        get(url, tmp_path, sha256=None)
    habits.breaks.clear()
    habits.files["set/a.dat"], habits.etag = DATA[::-1], '"2"'
    assert get(url, tmp_path, sha256=None) == DATA[::-1]


def test_progress_on_the_way_earns_new_patience(server, tmp_path):
    url, habits = server
    habits.breaks = [30_000] * 9  # more breaks than there are pauses
    assert get(url, tmp_path) == DATA


def test_a_busy_server_is_asked_again(server, tmp_path):
    url, habits = server
    habits.statuses = [503, 429]
    assert get(url, tmp_path) == DATA


def test_what_a_server_does_not_have_is_asked_for_once(server, tmp_path):
    url, habits = server
    habits.files.clear()
    with pytest.raises(OSError, match=r"a\.dat: 127\.0\.0\.1:\d+ answers 404 Not Found"):
        get(url, tmp_path)
    assert len(habits.asked) == 1


def test_bad_bytes_are_thrown_away(server, tmp_path):
    url, habits = server
    habits.files["set/a.dat"] = DATA[:-1] + b"!"
    with pytest.raises(OSError, match="sends another file than expected"):
        get(url, tmp_path)
    assert not (tmp_path / "a.dat").exists()
    habits.files["set/a.dat"] = DATA
    assert get(url, tmp_path) == DATA


def test_a_promise_of_more_than_comes_is_no_whole_file(server, tmp_path):
    url, habits = server
    habits.lie = 5
    with pytest.raises(OSError, match=r"of 300005 bytes|416"):
        get(url, tmp_path, sha256=None)
    assert not (tmp_path / "a.dat").exists()


def test_a_promise_of_less_than_there_is_fails_the_checksum(server, tmp_path):
    url, habits = server
    habits.lie = -5
    with pytest.raises(OSError, match="another file than expected"):
        get(url, tmp_path)


def test_a_part_longer_than_the_file_is_dropped(server, tmp_path):
    url, habits = server
    habits.breaks = [200_000, 0, 0, 0]
    with pytest.raises(OSError, match="breaks off"):
        get(url, tmp_path)
    habits.breaks.clear()
    habits.files["set/a.dat"] = DATA[:1000]
    short = hashlib.sha256(DATA[:1000]).hexdigest()
    assert get(url, tmp_path, sha256=short) == DATA[:1000]


def test_too_large_a_file_is_refused_before_it_fills_the_disk(server, tmp_path):
    with pytest.raises(OSError, match=r"sends 0\.3 MB or more, expected at most 0\.1"):
        get(server[0], tmp_path, limit_mb=0.1)
    assert not list(tmp_path.rglob("*.part"))


def test_the_next_mirror_is_asked_when_one_fails(server, tmp_path):
    url, _ = server
    urls = ["http://127.0.0.1:9/a.dat", url + "not/a.dat", url + "set/a.dat"]
    download(urls, tmp_path / "a.dat", tmp_path / "s", limit_mb=1.0, sha256=SHA256)
    assert (tmp_path / "a.dat").read_bytes() == DATA


def test_nobody_answers_in_one_line_that_names_all(tmp_path):
    with pytest.raises(OSError, match=r"127.0.0.1:9 cannot be reached.*; 127") as error:
        download(["http://127.0.0.1:9/a"] * 2, tmp_path / "a", tmp_path / "s", limit_mb=1.0)
    assert "\n" not in str(error.value)
