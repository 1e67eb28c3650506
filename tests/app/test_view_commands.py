"""One patient of a cohort, as a picture or a mesh."""

import shutil

import numpy as np
import pytest
import pyvista
import zarr

from cardiotwin.app.patient_files import Picture
from cardiotwin.app.stored_patient import read_patient
from cardiotwin.cohorts import prepare_patients, simulate_case


@pytest.mark.parametrize("what", Picture)
def test_every_picture_is_written(run, cohort, infarct_case, tmp_path, what):
    out = tmp_path / "x.png"
    ran = run("view", cohort, "--case", infarct_case, "--what", what, "--out", out, "--json")
    assert ran.status == 0
    assert ran.result["burden"] > 0
    assert out.read_bytes()[:4] == b"\x89PNG"


def test_a_mesh_holds_what_the_store_holds(run, cohort, infarct_case, tmp_path):
    assert run("view", cohort, "--case", infarct_case, "--out", tmp_path / "x.vtu").status == 0
    mesh = pyvista.read(tmp_path / "x.vtu")
    stored = zarr.open_group(cohort, mode="r")
    assert np.array_equal(mesh["tissue"], stored["tissue"][infarct_case])
    alive = mesh["tissue"] < 2
    times_ms = stored["activation_ms"][infarct_case]
    assert np.array_equal(
        mesh["activation_ms"][alive & np.isfinite(times_ms)],
        times_ms[alive & np.isfinite(times_ms)],
    )


def test_a_stored_patient_is_the_one_that_its_row_makes(cohort, infarct_case):
    stored, heart = read_patient(cohort, infarct_case)
    again = simulate_case(stored.case, prepare_patients(heart))
    assert stored.achieved == pytest.approx(again.achieved)
    assert np.array_equal(stored.tissue.labels, again.tissue.labels)
    # the store holds single precision
    assert np.allclose(stored.beat.activation_ms, again.beat.activation_ms, rtol=1e-6)
    assert np.allclose(stored.beat.ecg.samples_mv, again.beat.ecg.samples_mv, atol=1e-6)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("--case 5", "has cases 0 to 4, got 5"),
        ("--case -1", "has cases 0 to 4, got -1"),
        ("--out x.stl", "x.stl must end in .png, .svg, .pdf or .vtu"),
        ("--out no/x.png", "folder no does not exist; create it first"),
        ("--what ecg", "only scar and activation open in a window; write the ecg with --out"),
        ("--what soul", "Invalid value for '--what'"),
    ],
)
def test_a_wrong_wish_is_one_line(run, cohort, options, said, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    ran = run("view", cohort, *options.split())
    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert said in ran.err
    assert not list(tmp_path.iterdir())


def test_without_a_display_it_says_what_would_do(run, cohort, monkeypatch):
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    ran = run("view", cohort)
    assert ran.status == 2
    assert "no display to open a window on" in ran.err


def test_a_case_that_is_not_made_yet_says_so(run, cohort, tmp_path):
    copy = shutil.copytree(cohort, tmp_path / "copy.zarr")
    zarr.open_group(copy, mode="r+")["status"][1] = 0
    ran = run("view", copy, "--case", 1, "--out", tmp_path / "x.png")
    assert ran.status == 2
    assert "is not made yet; run the same cohort generate to finish it" in ran.err
