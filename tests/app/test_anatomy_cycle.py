"""The hearts of one beat from the command line."""

import shutil

import numpy as np
import pytest

from cardiotwin.anatomy import read_heart


@pytest.mark.slow
def test_a_beat_is_one_mesh_in_many_shapes(run, data_folder, tmp_path):
    patient = data_folder / "hearts/bivme_patient1"
    fit = tmp_path / "fit"
    fit.mkdir()
    shutil.copy(patient / "template.npz", fit)
    with np.load(patient / "control_points.npz") as whole:
        np.savez(fit / "control_points.npz", control_points_mm=whole["control_points_mm"][[0, 9]])
    ran = run("anatomy", "cycle", fit, "--out", tmp_path / "beat", "--json")
    assert ran.status == 0
    assert ran.result["frames"] == 2
    full, empty = (read_heart(tmp_path / f"beat/frame_00{k}.vtu") for k in (0, 1))
    assert np.array_equal(full.tets, empty.tets)
    assert np.array_equal(full.coordinates.apicobasal, empty.coordinates.apicobasal)
    assert np.array_equal(full.electrodes_mm, empty.electrodes_mm)
    # 182 and 77 ml in the fit, whose valve caps bulge
    assert ran.result["lv_cavity_ml"] == pytest.approx([182, 77], rel=0.08)
    assert len((tmp_path / "beat/cycle.csv").read_text().splitlines()) == 3


def test_a_folder_without_a_fit_is_one_line(run, tmp_path):
    ran = run("anatomy", "cycle", tmp_path, "--out", tmp_path / "beat")
    assert (ran.status, ran.err.count("\n")) == (2, 1)
    assert str(tmp_path) in ran.err
    assert not (tmp_path / "beat").exists()
