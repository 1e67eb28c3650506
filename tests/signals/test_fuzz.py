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


LONG = b" " * 400_000


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.hea", b"a" + LONG + b"x"),
        ("a.hea", b"a 1 100 2\na.dat" + LONG + b"x"),
        ("a.hea", b"a 1 100 2\na.dat 16 200/mV" + LONG + b"x"),
        ("a.hea", b"a 1 100 2\na.dat " + b"1" * 400_000),
        ("a.hea", b"a 1 100 2\na.dat 16 200/mV 16 0 0 0 0 " + b"ecg" * 100_000),
        ("a.hea", b"a 1 100 2\na.dat 16 200/mV\n#" + b"age" + LONG),
        ("a.hea", b"a/60000 1 100 2\n" + b"a 1\n" * 60_000),
        ("a.csv", b"time_ms,a" + LONG + b"b\n0,1\n4,2\n"),
        ("a.csv", b"time_ms,II_mV\n0," + LONG + b"\n4,2\n"),
        ("a.csv", b"time_ms,II_mV\n" + b"0,\n" * 100_000),
        ("a.csv", b"," * 400_000 + b"\n0\n"),
    ],
    ids=range(11),
)
def test_long_lines_take_no_longer_than_their_length(tmp_path, name, data):
    assert not fuzz["attempt"]({name: data, "a.dat": b"1234"}, tmp_path)


@pytest.mark.parametrize("reader", sorted(fuzz["SEEDS"]))
def test_files_that_are_whole_are_read(tmp_path, reader):
    for files in fuzz["SEEDS"][reader]():
        assert not fuzz["attempt"](files, tmp_path)
        fuzz["read_recording"](tmp_path / next(iter(files)))
