"""The cache gives back what was worked out from the same bytes and settings, and nothing else."""

import multiprocessing
import os

import numpy as np
import pytest

from cardiotwin.signals import record_cache
from cardiotwin.signals.record_cache import cached, size_mb, trim


@pytest.fixture
def work(tmp_path, monkeypatch):
    """Function: the cached result of counting; each real count is one more."""
    monkeypatch.setenv("CARDIOTWIN_CACHE", str(tmp_path / "cache"))
    counts = []

    def count():
        counts.append(1)
        return {"beat": np.full((2, 3), len(counts)), "names": np.array(["I", "II"])}

    def run(path, **settings):
        return cached((path,), {"work": "count"} | settings, count)["beat"][0, 0]

    return run


@pytest.fixture
def record(tmp_path):
    path = tmp_path / "100.dat"
    path.write_bytes(b"signal")
    return path


def test_the_same_work_is_done_once(work, record):
    assert [work(record), work(record)] == [1, 1]


def test_arrays_come_back_as_they_were(record, tmp_path):
    made = {"v": np.arange(6.0).reshape(2, 3), "names": np.array(["I", "aVR"]), "n": np.int64(3)}
    for _ in range(2):
        found = cached((record,), {}, lambda: made, folder=tmp_path / "c")
        assert found.keys() == made.keys()
        for name, array in found.items():
            np.testing.assert_array_equal(array, made[name])
            assert array.dtype == made[name].dtype


def test_other_bytes_settings_or_version_are_other_work(work, record, monkeypatch):
    assert work(record) == 1
    assert work(record, fs_hz=100.0) == 2
    record.write_bytes(b"Signal")  # as long, and perhaps as old
    assert work(record) == 3
    monkeypatch.setattr(record_cache, "VERSION", 2)
    assert work(record) == 4


def test_a_copy_under_another_name_is_the_same_work(work, record, tmp_path):
    copy = tmp_path / "copy.dat"
    copy.write_bytes(b"signal")
    assert [work(record), work(copy)] == [1, 1]


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 half", b"no zip"])
def test_a_damaged_result_is_worked_out_again(work, record, tmp_path, damage):
    assert work(record) == 1
    (kept,) = (tmp_path / "cache/records").iterdir()
    kept.write_bytes(damage)
    assert [work(record), work(record)] == [2, 2]


def test_work_that_fails_leaves_nothing(record, tmp_path):
    def fail():
        msg = "no beats"
        raise ValueError(msg)

    with pytest.raises(ValueError, match="no beats"):
        cached((record,), {}, fail, folder=tmp_path / "c")
    assert not (tmp_path / "c").exists()


def test_what_was_used_last_stays(record, tmp_path):
    folder = tmp_path / "c"

    def use(k):
        return cached((record,), {"k": k}, lambda: {"v": np.full(1000, k)}, folder=folder)

    for k in range(4):
        use(k)
    for age, path in enumerate(sorted(folder.iterdir(), key=lambda p: np.load(p)["v"][0])):
        os.utime(path, (1e9 + age, 1e9 + age))
    use(0)  # now the last
    one_mb = size_mb(folder) / 4
    assert trim(2 * one_mb, folder) == pytest.approx(2 * one_mb)
    assert sorted(int(np.load(p)["v"][0]) for p in folder.iterdir()) == [0, 3]
    assert trim(2 * one_mb, folder) == 0
    assert trim(0.0, folder) == pytest.approx(2 * one_mb)
    assert size_mb(folder) == 0


def test_writes_keep_the_cache_within_its_limit(record, tmp_path, monkeypatch):
    monkeypatch.setattr(record_cache, "LIMIT_MB", 0.1)  # twelve results
    for k in range(200):
        cached((record,), {"k": k}, lambda: {"v": np.zeros(1000)}, folder=tmp_path / "c")
    assert size_mb(tmp_path / "c") < 1.0


def _work_in_another_process(path, folder):
    for k in range(20):
        found = cached((path,), {"k": k}, lambda k=k: {"v": np.full(10_000, k)}, folder=folder)
        assert (found["v"] == k).all()


def test_several_processes_share_one_cache(record, tmp_path):
    with multiprocessing.get_context("fork").Pool(3) as pool:
        pool.starmap(_work_in_another_process, [(record, tmp_path / "c")] * 3)
    names = [p.name for p in (tmp_path / "c").iterdir()]
    assert len(names) == 20
    assert all(name.endswith(".npz") and not name.startswith(".") for name in names)
