"""Sampling hearts from the command line."""

import csv

import pytest

from cardiotwin.anatomy import read_heart
from cardiotwin.anatomy.measures import measure


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("sampled") / "hearts"


def words(folder, small_file, *more):
    return (
        "anatomy",
        "sample",
        "--n",
        "2",
        "--seed",
        "5",
        "--base",
        small_file,
        "--out",
        folder,
        *more,
    )


def test_sampled_hearts_are_files_that_read_back_as_the_table_says(run, folder, small_file):
    ran = run(*words(folder, small_file, "--json"))
    assert ran.status == 0
    assert (ran.result["n"], ran.result["new"]) == (2, 2)
    with (folder / "hearts.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        found = measure(read_heart(folder / row["file"]))
        assert float(row["lv_cavity_ml"]) == pytest.approx(found.lv_cavity_ml)
        assert float(row["target_lv_cavity_ml"]) == pytest.approx(found.lv_cavity_ml, rel=0.01)


def test_the_same_command_again_has_nothing_to_do_and_prints_the_ranges(run, folder, small_file):
    ran = run(*words(folder, small_file))
    assert ran.status == 0
    assert "0 of them new" in ran.out
    assert "left cavity, ml" in ran.out
    assert "Petersen 2017" in ran.out


def test_mistakes_are_one_line_and_write_nothing(run, folder, small_file, tmp_path):
    cases = {
        "hearts of seed 5": words(folder, small_file, "--seed", "6"),
        "count must be at least 1": words(tmp_path / "a", small_file, "--n", "0"),
        "population must be one of": words(tmp_path / "b", small_file, "--population", "ill"),
        "seed must not be negative": words(tmp_path / "c", small_file, "--seed", "-1"),
        "is a file, not a folder": words(small_file, small_file),
    }
    for said, command in cases.items():
        ran = run(*command)
        assert ran.status == 2, said
        assert said in ran.err
        assert len(ran.err.splitlines()) == 1
        assert ran.out == ""
    assert not list(tmp_path.iterdir())
