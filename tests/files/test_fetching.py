"""A data set takes its name when it is whole, for one process at a time."""

import fcntl
import os
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import pytest

from cardiotwin.files.fetching import fetch
from cardiotwin.files.places import Dataset


class Slow:
    """An origin whose first try breaks off after the first of two files."""

    unit: ClassVar[str] = "files"

    def __init__(self):
        self.tries = 0

    def bring(self, folder, progress):
        """Bring one of two files."""
        self.tries += 1
        progress(self.tries, 2)
        (folder / f"{self.tries}.dat").write_text("whole")
        if self.tries == 1:
            msg = "the network is down\nsince noon"
            raise OSError(msg)


@pytest.fixture
def small(tmp_path, monkeypatch):
    monkeypatch.delenv("CARDIOTWIN_DATA", raising=False)
    monkeypatch.setenv("CARDIOTWIN_CACHE", str(tmp_path / "cache"))
    return Dataset(
        name="small",
        kind="ecg",
        title="",
        licence="ours",
        citation="nobody",
        source="example.org/small",
        size_mb=1.0,
        files=("1.dat",),
        origin=Slow(),
    )


def test_a_broken_fetch_names_the_place_for_files_by_hand(small, tmp_path):
    with pytest.raises(OSError, match=r"^small could not be fetched: the network is down") as error:
        fetch(small)
    said = str(error.value)
    assert "\n" not in said
    assert said.endswith(
        f"put the files of example.org/small into {tmp_path / 'cache/ecg/small'} by hand"
    )


def test_a_part_of_a_set_is_not_the_set_and_the_next_fetch_goes_on(small):
    with pytest.raises(OSError, match="network"):
        fetch(small)
    assert small.find() is None
    folder = fetch(small)
    assert sorted(p.name for p in folder.iterdir()) == ["1.dat", "2.dat"]
    assert small.find() == folder
    assert [p.name for p in folder.parent.iterdir()] == ["small"]


def test_a_set_that_is_there_is_not_fetched_again(small):
    small.cached.mkdir(parents=True)
    (small.cached / "1.dat").touch()
    assert fetch(small) == small.cached
    assert small.origin.tries == 0


def test_a_set_without_an_origin_says_where_to_get_it(small):
    with pytest.raises(ValueError, match=r"get it from example.org/small and set CARDIOTWIN_DATA"):
        fetch(replace(small, origin=None))


def test_two_processes_do_not_fetch_into_one_folder(small):
    part = small.cached.with_name(".small.part")
    part.mkdir(parents=True)
    other = os.open(part, os.O_RDONLY)
    fcntl.flock(other, fcntl.LOCK_EX)
    with pytest.raises(OSError, match="another process is fetching into"):
        fetch(small)
    os.close(other)
    with pytest.raises(OSError, match="network"):
        fetch(small)


def test_a_folder_of_a_process_that_died_is_taken_over(small):
    part = small.cached.with_name(".small.part")
    part.mkdir(parents=True)
    (part / "0.dat").write_text("of an earlier run")
    small.origin.tries = 1
    assert {p.name for p in fetch(small).iterdir()} == {"0.dat", "2.dat"}
    assert Path(part).exists() is False
