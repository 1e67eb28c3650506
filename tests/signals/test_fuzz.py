"""Some hundred damaged files for each reader; benchmarks/signals_fuzz.py does it for minutes."""

import runpy
import warnings
from pathlib import Path

import pytest

fuzz = runpy.run_path(str(Path(__file__).parents[2] / "benchmarks/signals_fuzz.py"))


@pytest.mark.parametrize("reader", sorted(fuzz["SEEDS"]))
def test_damaged_files_give_one_line_of_an_error(tmp_path, reader):
    warnings.simplefilter("error")
    seeds = fuzz["SEEDS"][reader]()
    wrong = {}
    for number in range(120):
        told = fuzz["attempt"](fuzz["case"](reader, seeds, number), tmp_path)
        wrong |= {number: told} if told else {}
    assert not wrong


@pytest.mark.parametrize("reader", sorted(fuzz["SEEDS"]))
def test_files_that_are_whole_are_read(tmp_path, reader):
    for files in fuzz["SEEDS"][reader]():
        assert not fuzz["attempt"](files, tmp_path)
        fuzz["read_recording"](tmp_path / next(iter(files)))
