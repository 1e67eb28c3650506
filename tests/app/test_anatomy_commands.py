"""Building and checking hearts from the command line."""

import numpy as np
import pytest
import pyvista

from cardiotwin.anatomy import read_heart, write_label_map
from cardiotwin.anatomy.parametric_stack import parametric_stack


def test_a_built_heart_reads_back(run, small_file, small_heart, tmp_path):
    ran = run("anatomy", "build", small_file, "--out", tmp_path / "heart.vtu", "--json")
    assert ran.status == 0
    assert ran.result["nodes"] == len(small_heart.nodes_mm)
    assert np.array_equal(read_heart(tmp_path / "heart.vtu").tets, small_heart.tets)


def test_the_check_measures_the_mesh(run, small_file, small_heart):
    ran = run("anatomy", "check", small_file, "--json")
    assert ran.status == 0
    assert ran.result["pieces"] == 1
    assert ran.result["volume_ml"] == pytest.approx(small_heart.tet_volumes_mm3.sum() / 1000)
    assert 9 < ran.result["lv_wall_median_mm"] < 11


def test_the_table_of_the_check_has_units_and_warnings(run, small_file):
    table = run("anatomy", "check", small_file).out
    assert " ml" in table
    assert " mm" in table
    assert table.rstrip().endswith("no warnings")


def test_the_check_draws_the_anatomy(run, small_file, tmp_path):
    assert run("anatomy", "check", small_file, "--out", tmp_path / "q.png").status == 0
    assert (tmp_path / "q.png").stat().st_size > 20_000


def test_fibres_that_a_file_lacks_are_made(run, small_file, tmp_path):
    grid = pyvista.read(small_file)
    del grid.cell_data["fibre"]
    grid.save(tmp_path / "without.vtu")
    out = tmp_path / "heart.vtu"
    assert run("anatomy", "build", tmp_path / "without.vtu", "--out", out).status == 0
    assert np.isfinite(read_heart(out).fibres).all()


def broken(heart_file, tmp_path, change):
    """A copy of a heart's file with its grid changed."""
    grid = pyvista.read(heart_file)
    path = tmp_path / "broken.vtu"
    change(grid).save(path)
    return path


def with_nan(grid):
    grid.points[7] = np.nan
    return grid


def scaled(factor):
    def change(grid):
        grid.points = grid.points * factor
        return grid

    return change


def turned_inside_out(grid):
    grid.points = grid.points * np.array([-1.0, 1.0, 1.0])
    return grid


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (with_nan, "points are not finite or far off, the first is 7"),
        (scaled(1e-3), "it looks like metres, multiply by 1000"),
        (scaled(1e3), "it looks like micrometres, multiply by 0.001"),
        (turned_inside_out, "tetrahedra are inverted or flat, the first is tet 0 at ("),
    ],
)
@pytest.mark.parametrize("words", [("anatomy", "check"), ("sim",)], ids=" ".join)
def test_a_broken_mesh_is_one_line(run, words, small_file, tmp_path, change, said):
    ran = run(*words, broken(small_file, tmp_path, change))
    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert said in ran.err


def test_a_failed_build_leaves_the_old_file(run, small_file, tmp_path):
    (tmp_path / "heart.vtu").write_text("precious")
    words = ("anatomy", "build", broken(small_file, tmp_path, with_nan))
    assert run(*words, "--out", tmp_path / "heart.vtu").status == 2
    assert (tmp_path / "heart.vtu").read_text() == "precious"
    assert {p.name for p in tmp_path.iterdir()} == {"heart.vtu", "broken.vtu"}


@pytest.mark.parametrize("word", ["check", "build"])
def test_check_and_build_read_a_file_alike(run, word, small_file, small_heart, tmp_path):
    path = broken(small_file, tmp_path, scaled(0.1))
    if word == "build":
        assert run("anatomy", word, path, "--units", "cm", "--out", tmp_path / "h.vtu").status == 0
        path = tmp_path / "h.vtu"
    units = ("--units", "cm") if word == "check" else ()
    said = run("anatomy", "check", path, *units, "--json").result
    assert said["volume_ml"] == pytest.approx(small_heart.tet_volumes_mm3.sum() / 1000, rel=1e-6)


@pytest.mark.parametrize(
    ("spec", "words", "said"),
    [
        ("builtin", "--pose own", "builtin takes no options: all about it is known"),
        ("small", "--frame 1", "small.vtu is tetrahedra, which has no option frame; it has labels"),
        ("small", "--pose zebra", "pose must be body or own, got 'zebra'"),
        ("stack", "--labels zebra", "labels must be auto, acdc, emidec, mnms or 1=rv_cavity,2="),
    ],
)
@pytest.mark.parametrize("word", ["check", "build"])
def test_an_option_that_will_not_do_is_one_line(run, word, small_file, tmp_path, spec, words, said):
    files = {"small": small_file, "stack": tmp_path / "stack.nii"}
    if spec == "stack":
        write_label_map(parametric_stack(pixel_mm=4.0), files[spec])
    out = tmp_path / ("heart.vtu" if word == "build" else "report.html")
    ran = run("anatomy", word, files.get(spec, spec), *words.split(), "--out", out)
    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert said in ran.err
    assert not out.exists()
