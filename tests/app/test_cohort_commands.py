"""Cohorts from the command line: made, looked into, checked, and never lost."""

import inspect
import shutil
from pathlib import Path

import numpy as np
import pytest
import xarray

from cardiotwin.app.cohort_commands import generate
from cardiotwin.cohorts import CohortPlan


def words_for(heart_file, out):
    return ["cohort", "generate", "--hearts", heart_file, "--batch", 2, "--seed", 3, "--out", out]


@pytest.fixture
def copy(cohort, tmp_path):
    return Path(shutil.copytree(cohort, tmp_path / "copy.zarr"))


def test_xarray_reads_the_cohort(cohort):
    store = xarray.open_zarr(cohort)
    assert store.sizes["case"] == 5
    done = store.status.values == 1
    assert np.isfinite(store.ecg_mv.values[done]).all()
    assert done.any()


def test_the_same_command_resumes_and_says_that_nothing_was_new(run, small_file, cohort):
    ran = run(*words_for(small_file, cohort), "--n", 5, "--workers", 1, "--json")
    assert ran.status == 0
    assert (ran.result["n"], ran.result["new"]) == (5, 0)


def test_what_was_lost_is_made_again(run, small_file, copy):
    (copy / "commits/batch-00001.json").unlink()
    ran = run(*words_for(small_file, copy), "--n", 5, "--workers", 1)
    assert "5 patients, 2 of them new" in ran.out
    assert f"Next: cardiotwin cohort info {copy}" in ran.out


def test_info_says_what_is_in_it(run, cohort):
    info = run("cohort", "info", cohort, "--json").result
    assert info["done"] + len(info["failed"]) == info["n"] == 5
    assert info["hearts"] == {"small": 5}
    table = run("cohort", "info", cohort).out
    assert "5 small" in table
    assert "of the left ventricle" in table


def test_info_says_what_is_missing(run, copy):
    (copy / "commits/batch-00001.json").unlink()
    assert "2 not made yet" in run("cohort", "info", copy).out


def test_a_sound_cohort_checks_out(run, cohort):
    ran = run("cohort", "check", cohort)
    assert (ran.status, ran.out) == (0, f"{cohort} is sound and complete\n")
    assert run("cohort", "check", cohort, "--json").result["problems"] == []


def test_a_damaged_cohort_is_status_1_with_a_line_for_each_problem(run, copy):
    (copy / "ecg_mv/c/1/0/0").write_bytes(b"rot")
    ran = run("cohort", "check", copy)
    assert ran.status == 1
    assert "ecg_mv/c/1/0/0: missing or changed" in ran.out
    assert run("cohort", "check", copy, "--json").result["problems"] == ran.out.splitlines()


def test_defaults_of_the_command_are_those_of_the_library():
    ours = {n: p.default for n, p in inspect.signature(generate).parameters.items()}
    plan = CohortPlan()
    assert (ours["hearts"],) == plan.hearts
    for name in ("n", "seed", "batch", "healthy_share"):
        assert ours[name] == getattr(plan, name)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("--n 0", "n must be at least 1, got 0"),
        ("--n -3", "n must be at least 1, got -3"),
        ("--n 4 --batch 0", "batch must be at least 1, got 0"),
        ("--n 4 --seed -1", "seed must be at least 0, got -1"),
        ("--n 4 --healthy-share 2", "healthy_share must lie in 0..1, got 2.0"),
        ("--n 4 --workers 0", "workers must be at least 1, got 0"),
        ("--n 4 --hearts ,", "hearts must name at least one heart, such as builtin"),
        ("--n 8 --hearts builtin,builtin", "hearts must be different"),
        ("--n 1 --hearts builtin,dti004", "n must be at least 3 for 2 hearts"),
    ],
)
def test_a_wrong_plan_is_one_line_and_makes_nothing(run, small_file, tmp_path, options, said):
    ran = run(*words_for(small_file, tmp_path / "c.zarr"), *options.split())
    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert said in ran.err
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_no_cohort_is_left_alone(run, small_file, tmp_path):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis/chapter1.txt").write_text("precious")
    for words in (words_for(small_file, tmp_path / "thesis"), ["cohort", "check", tmp_path]):
        ran = run(*words)
        assert (ran.status, ran.err.count("\n")) == (2, 1)
        assert "is not a cohort" in ran.err
    assert (tmp_path / "thesis/chapter1.txt").read_text() == "precious"


def test_a_cohort_of_another_plan_is_left_alone(run, small_file, cohort):
    before = {p: p.read_bytes() for p in cohort.rglob("*") if p.is_file()}
    ran = run(*words_for(small_file, cohort), "--n", 6)
    assert ran.status == 2
    assert "is a cohort from another plan: n is 6, there 5; generate into another path" in ran.err
    assert before == {p: p.read_bytes() for p in cohort.rglob("*") if p.is_file()}


def test_a_folder_above_that_is_not_there_is_named(run, small_file, tmp_path):
    ran = run(*words_for(small_file, tmp_path / "no/c.zarr"), "--n", 4)
    assert ran.status == 2
    assert f"folder {tmp_path / 'no'} does not exist; create it first" in ran.err


@pytest.mark.parametrize("command", ["info", "check"])
def test_no_cohort_at_all_says_how_to_make_one(run, command, tmp_path):
    ran = run("cohort", command, tmp_path / "c.zarr")
    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert "make one with cardiotwin cohort generate" in ran.err
