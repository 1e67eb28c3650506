"""One beat from the command line: what it says, and what it writes."""

import inspect
import json
from contextlib import redirect_stdout
from dataclasses import fields
from io import StringIO

import numpy as np
import pytest
import pyvista

from cardiotwin.app.cli import main
from cardiotwin.app.sim_beat import beat
from cardiotwin.cohorts import InfarctTarget
from cardiotwin.signals import LEADS
from cardiotwin.sim.params import BeatParams

SIZE = ("--burden", "0.15", "--transmurality", "0.7", "--site", "0")
INFARCT = ("--territory", "LAD", *SIZE, "--seed", "1")


def test_a_healthy_beat_says_when_it_ends_and_writes_nothing(run, small_file, tmp_path):
    ran = run("sim", small_file, "--json")
    assert ran.status == 0
    assert ran.result["territory"] is None
    assert 40 < ran.result["qrs_ms"] <= ran.result["last_activation_ms"] + 20 < 200
    assert not list(tmp_path.iterdir())


@pytest.fixture(scope="module")
def made(small_file, tmp_path_factory):
    """Folder of a beat with an infarct, and what was said about it."""
    out = tmp_path_factory.mktemp("sim") / "deep" / "beat"
    with redirect_stdout(StringIO()) as said:
        assert main(["sim", str(small_file), *INFARCT, "--out", str(out), "--json"]) == 0
    return out, json.loads(said.getvalue())


@pytest.fixture
def patient(made):
    return made[0]


def test_an_infarct_comes_to_what_was_asked(made):
    result = made[1]
    assert result["burden"] == pytest.approx(0.15, abs=0.01)
    assert result["transmurality"] == pytest.approx(0.7, abs=0.04)
    assert result["site"] == 0


def test_the_same_seed_says_the_same_and_another_does_not(run, small_file, made):
    once = {name: value for name, value in made[1].items() if name != "files"}
    words = ("sim", small_file, *INFARCT, "--json")
    assert run(*words).result == once
    assert run(*words, "--seed", 2).result["border_share"] != once["border_share"]


def test_the_text_names_what_was_made(run, small_file):
    said = run("sim", small_file, *INFARCT).out
    assert "small: LAD infarct, seed 1" in said
    assert "of the left ventricle" in said
    assert "QRS duration" in said


def test_an_infarct_has_six_files(patient):
    pictures = {"scar.png", "activation.png", "bullseye.png", "ecg.png"}
    assert {p.name for p in patient.iterdir()} == pictures | {"beat.vtu", "ecg.csv"}


def test_leads_are_a_table_in_millivolt(patient):
    lines = (patient / "ecg.csv").read_text().splitlines()
    assert lines[0] == ",".join(("time_ms", *LEADS))
    table = np.genfromtxt(lines, delimiter=",", names=True)
    assert np.array_equal(table["time_ms"], np.arange(BeatParams().duration_ms))
    assert np.allclose(table["I"] + table["III"], table["II"], atol=2e-5)  # Einthoven
    assert 0.1 < np.abs(table["V4"]).max() < 10


def test_the_mesh_has_a_time_where_the_muscle_lives(patient):
    mesh = pyvista.read(patient / "beat.vtu")
    core = mesh["tissue"] == 2
    assert 0 < core.mean() < 0.5
    assert np.isnan(mesh["activation_ms"][core]).all()
    alive = np.isfinite(mesh["activation_ms"])
    assert (mesh["repolarisation_ms"][alive] > mesh["activation_ms"][alive]).all()


def test_defaults_in_the_help_are_those_of_the_library():
    shown = {f.name: str(f.default) for f in fields(InfarctTarget)}
    for name, parameter in inspect.signature(beat, eval_str=True).parameters.items():
        if name in ("burden", "transmurality", "border_mm"):
            assert parameter.annotation.__metadata__[0].show_default == shown[name]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--territory LMCA", "unknown territory 'LMCA'; choose LAD, LCx, RCA"),
        ("--territory LAD --burden 0", "burden must lie strictly between 0 and 1, got 0.0"),
        ("--territory LAD --burden 1", "burden must lie strictly between 0 and 1, got 1.0"),
        ("--territory LAD --transmurality 1.2", "transmurality must lie strictly between 0 and 1"),
        ("--territory LAD --site 2", "site must lie in 0 (proximal) .. 1 (distal), got 2"),
        ("--territory LAD --border-mm -1", "border_mm must be positive, got -1"),
        ("--territory LCx --burden 0.9", "does not fit the bed of this LCx occlusion"),
        ("--burden 0.2", "--burden is of an infarct; add --territory LAD, LCx or RCA"),
        ("--territory LAD --burden much", "Invalid value for '--burden': 'much' is not a valid"),
        ("--seed -1", "Invalid value for '--seed'"),
    ],
)
def test_a_wrong_infarct_is_one_line_and_writes_nothing(run, small_file, tmp_path, words, said):
    ran = run("sim", small_file, *words.split(), "--out", tmp_path / "beat")
    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert said in ran.err
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_a_file_is_left_alone(run, small_file, tmp_path):
    (tmp_path / "beat").write_text("precious")
    ran = run("sim", small_file, "--out", tmp_path / "beat")
    assert ran.status == 2
    assert "is a file, not a folder; give another --out" in ran.err
    assert (tmp_path / "beat").read_text() == "precious"


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("nowhere.vtu", "no such file: nowhere.vtu"),
        ("heart.stl", "no such file: heart.stl"),
        ("heart.doc", "heart.doc is of no known kind; use a folder, or a file that ends in .nii"),
        ("zebra", "unknown heart 'zebra'; use builtin, dti004,"),
    ],
)
@pytest.mark.parametrize(
    "words", [("sim",), ("anatomy", "check"), ("cohort", "generate")], ids=" ".join
)
def test_a_heart_that_is_not_there_is_one_line(run, words, spec, said, tmp_path):
    rest = ["--hearts", spec, "--out", tmp_path / "c.zarr"] if "cohort" in words else [spec]
    ran = run(*words, *rest)
    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert said in ran.err
    assert not list(tmp_path.iterdir())
