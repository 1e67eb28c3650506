"""`cardiotwin data` knows hearts and ECGs alike, and says what is bad or missing."""

import hashlib
from dataclasses import replace

import pytest

from cardiotwin.files.origins import ListedFiles
from cardiotwin.signals.datasets import ecg_dataset

from ..files.file_server import serve


@pytest.fixture
def ludb(tmp_path, monkeypatch):
    """A part of LUDB: a good file, a bad one, and a missing one."""
    monkeypatch.setenv("CARDIOTWIN_DATA", str(tmp_path))
    monkeypatch.setenv("CARDIOTWIN_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "ecg/ludb"
    (folder / "data").mkdir(parents=True)
    (folder / "ludb.csv").write_text("ID\n")
    (folder / "data/1.hea").write_text("1 12 500 5000\n")
    (folder / "data/1.dat").write_text("samples")
    names = ["ludb.csv", "data/1.hea", "data/1.dat"]
    sums = {n: hashlib.sha256((folder / n).read_bytes()).hexdigest() for n in names}
    lines = [f"{sha256} {name}" for name, sha256 in {**sums, "data/2.dat": "0" * 64}.items()]
    (folder / "SHA256SUMS.txt").write_text("\n".join(lines))
    return folder


def test_hearts_and_ecgs_are_listed_together(run, ludb):
    shown = run("data", "list")
    assert shown.status == 0
    for word in ("dti004", "hearts", "mitdb", "ODC-By 1.0", "cardiotwin data fetch ptb-xl"):
        assert word in shown.out
    listed = run("data", "list", "--json").result
    facts = {one["name"]: one for one in listed["hearts"] + listed["ecg"]}
    assert facts["ludb"]["folder"] == str(ludb)
    assert facts["mitdb"]["folder"] is None
    assert facts["mitdb"]["patients"] == 47
    assert (facts["echonext"]["fetchable"], facts["mitdb"]["fetchable"]) == (False, True)
    assert facts["echonext"]["documented_only"] is True


def test_where_finds_an_ecg_set(run, ludb):
    assert run("data", "where", "ludb").out == f"{ludb}\n"


def test_a_part_of_a_set_is_fine_and_said_so(run, ludb):
    done = run("data", "verify", "ludb")
    assert done.status == 0
    assert "missing: data/2.dat\n" in done.out
    assert "3 of its files as they should be, none bad, a part of the set: 1 of its" in done.out


def test_a_bad_file_is_named_and_is_the_status(run, ludb):
    (ludb / "data/1.dat").write_text("sample!")
    done = run("data", "verify", "ludb")
    assert done.status == 1
    assert "bad: data/1.dat\n" in done.out
    assert done.err == ""
    found = run("data", "verify", "ludb", "--json").result
    assert (found["good"], found["bad"], found["missing"]) == (2, ["data/1.dat"], ["data/2.dat"])


def test_many_missing_files_are_counted(run, ludb):
    lines = [f"{'0' * 64} data/{k}.dat" for k in range(100, 150)]
    (ludb / "SHA256SUMS.txt").write_text("\n".join(lines))
    said = run("data", "verify", "ludb").out
    assert said.count("missing: data/") == 10
    assert "missing: 40 more, which --json names" in said


def test_a_broken_list_is_one_line(run, ludb):
    (ludb / "SHA256SUMS.txt").write_text("no list")
    done = run("data", "verify", "ludb")
    assert done.status == 2
    assert done.err.startswith("cardiotwin: ")
    assert done.err.count("\n") == 1


def test_a_set_is_fetched_found_and_verified(run, tmp_path, monkeypatch):
    monkeypatch.delenv("CARDIOTWIN_DATA", raising=False)
    monkeypatch.setenv("CARDIOTWIN_CACHE", str(tmp_path / "cache"))
    files = {"ludb.csv": b"ID\n", "data/1.hea": b"1 12 500 5000\n"}
    lines = [f"{hashlib.sha256(data).hexdigest()} {name}" for name, data in files.items()]
    with serve(files | {"SHA256SUMS.txt": "\n".join(lines).encode()}) as (url, _):
        near = replace(ecg_dataset("ludb"), origin=ListedFiles(mirrors=(url,), limit_mb=1.0))
        monkeypatch.setattr("cardiotwin.signals.datasets.ECG_DATASETS", (near,))
        done = run("data", "fetch", "ludb")
    folder = tmp_path / "cache/ecg/ludb"
    assert (done.status, done.out) == (0, f"ludb is now in {folder}\n")
    assert run("data", "fetch", "ludb").out == f"ludb was already in {folder}\n"
    assert run("data", "where", "ludb").out == f"{folder}\n"
    assert run("data", "verify", "ludb").out.endswith(
        "2 of its files as they should be, none bad\n"
    )


def test_offline_a_fetch_is_one_line_that_says_where_to_put_the_files(run, tmp_path, monkeypatch):
    monkeypatch.setenv("CARDIOTWIN_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("cardiotwin.files.downloads.WAITS_S", ())
    away = ListedFiles(mirrors=("http://127.0.0.1:9/",), limit_mb=1.0)
    near = replace(ecg_dataset("ludb"), origin=away)
    monkeypatch.setattr("cardiotwin.signals.datasets.ECG_DATASETS", (near,))
    done = run("data", "fetch", "ludb")
    assert (done.status, done.err.count("\n")) == (2, 1)
    assert f"put the files of physionet.org/content/ludb/1.0.1 into {tmp_path}" in done.err


def test_results_in_the_cache_are_counted_and_removed(run, tmp_path, monkeypatch):
    monkeypatch.setenv("CARDIOTWIN_CACHE", str(tmp_path))
    (tmp_path / "records").mkdir()
    (tmp_path / "records/1.npz").write_bytes(b"0" * 2_000_000)
    assert run("data", "cache").out == f"2.0 MB of results in {tmp_path / 'records'}\n"
    assert run("data", "cache", "--clear", "--json").result["removed_mb"] == 2.0
    assert run("data", "cache").out.startswith("0.0 MB")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("verify", "mitdb"), "mitdb is not on this machine; set CARDIOTWIN_DATA to a folder"),
        (("fetch", "echonext"), "echonext cannot be fetched; get it from physionet.org/content/"),
        (("where", "nope"), "no data set is called 'nope'; there are dti004, "),
    ],
)
def test_a_mistake_is_one_line(run, ludb, words, said):
    done = run("data", *words)
    assert done.status == 2
    assert said in done.err
    assert done.err.count("\n") == 1
