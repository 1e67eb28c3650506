"""Waves of activation from the command line: as fast as was said, round what is dead."""

import numpy as np
import pytest
import pyvista

from cardiotwin.app.sim_muscle import load_muscle
from cardiotwin.sim import prepare, simulate


def times_of(folder):
    mesh = pyvista.read(next(folder.glob("activation.vt*")))
    return np.asarray(mesh.points), np.asarray(mesh["activation_ms"])


def test_a_plane_wave_takes_distance_over_speed(run, tmp_path):
    ran = run(
        *("sim", "eikonal", "slab:10x2x1@0.5", "--source", "edge", "--cv", "0.5,0.2"),
        *("--out", tmp_path / "w", "--json"),
    )
    assert ran.result["last_activation_ms"] == pytest.approx((10 - 1.5) / 0.5)
    points_mm, times_ms = times_of(tmp_path / "w")
    wanted_ms = np.maximum(points_mm[:, 0] - 1.5, 0) / 0.5
    np.testing.assert_allclose(times_ms, wanted_ms, atol=1e-5)  # float32 in the file


def test_a_sheet_is_slower_across_its_fibres(run):
    words = ("sim", "eikonal", "slab:8x8@0.5", "--source", "0", "--cv", "0.8,0.4", "--json")
    assert run(*words).result["last_activation_ms"] == pytest.approx(np.hypot(10, 20))
    # The corner across; exact, as edges of the mesh lie on the way.


def test_a_ball_and_the_second_order_come_nearer_to_the_closed_form(run, tmp_path):
    words = ("sim", "eikonal", "slab:8x8@0.5", "--source", "4,4,0", "--cv", "0.8,0.4")
    worst_ms = []
    for more in ((), ("--ball-mm", 3), ("--order", 2), ("--ball-mm", 3, "--order", 2)):
        assert run(*words, *more, "--out", tmp_path).status == 0
        points_mm, times_ms = times_of(tmp_path)
        along, across = (points_mm - [4, 4, 0])[:, :2].T / [[0.8], [0.4]]
        worst_ms.append(np.abs(times_ms - np.hypot(along, across)).max())
    # solve_eikonal says a half, a tenth, a fiftieth; here it is 0.19, 0.07 and 0.006.
    assert (np.array(worst_ms[1:]) < np.array([0.5, 0.1, 0.02]) * worst_ms[0]).all()


def test_a_late_source_is_late(run):
    words = ("sim", "eikonal", "slab:4x2x1@0.5", "--source", "edge@30", "--cv", "0.5", "--json")
    assert run(*words).result["last_activation_ms"] == pytest.approx(30 + 2.5 / 0.5)


def test_a_heart_is_activated_as_in_a_beat(run, small_file, small_heart, tmp_path):
    assert run("sim", "eikonal", small_file, "--out", tmp_path / "w").status == 0
    exact_ms = simulate(prepare(small_heart, None)).activation_ms
    np.testing.assert_allclose(times_of(tmp_path / "w")[1], exact_ms, rtol=1e-6)


def test_without_the_endocardial_layer_a_heart_is_slower(run, small_file):
    words = ("sim", "eikonal", small_file, "--json")
    fast, slow = run(*words).result, run(*words, "--cv-endocardium", 0).result
    assert slow["last_activation_ms"] > 1.2 * fast["last_activation_ms"]


@pytest.fixture(scope="module")
def scarred(small_file, tmp_path_factory):
    from cardiotwin.app.cli import main

    out = tmp_path_factory.mktemp("scar")
    words = ["--territory", "LAD", "--burden", "0.15", "--site", "0", "--out", str(out)]
    assert main(["sim", "eikonal", str(small_file), *words]) == 0
    return out


def test_no_wave_enters_a_core(scarred):
    mesh = pyvista.read(scarred / "activation.vtu")
    core = mesh["tissue"] == 2
    assert core.any()
    assert np.isnan(mesh["activation_ms"][core]).all()
    assert np.isfinite(mesh["activation_ms"][~core]).mean() > 0.99


def test_an_infarct_in_a_file_acts_like_the_one_that_was_drawn(run, scarred, tmp_path):
    ran = run("sim", "eikonal", scarred / "activation.vtu", "--out", tmp_path, "--json")
    assert ran.result["never_activated"] > 0
    np.testing.assert_allclose(times_of(tmp_path)[1], times_of(scarred)[1], rtol=1e-4)


def test_an_atrium_is_written_with_its_picture(run, atrium_file, tmp_path):
    ran = run("sim", "eikonal", atrium_file, "--atrium", "--source", "lspv", "--out", tmp_path)
    assert ran.status == 0
    assert {p.name for p in tmp_path.iterdir()} == {"activation.vtp", "activation.png"}
    muscle = load_muscle(str(tmp_path / "activation.vtp"), atrium=True)
    rim = muscle.atrium.openings["lspv"]
    times_ms = times_of(tmp_path)[1]
    assert (times_ms[rim] == 0).all()
    # The ball's far side is at most half a great circle away, at 0.4 to 0.8 mm/ms.
    assert 25 * 2 / 0.8 < times_ms.max() < 25 * np.pi / 0.4


def test_the_text_says_when_it_ends_and_what_it_took(run):
    said = run("sim", "eikonal", "slab:4x2x1@0.5").out
    assert "slab:4x2x1@0.5: 135 nodes, 384 elements" in said
    assert "last activation" in said
    assert "s of processor time" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("slab:4x2x1@0.5 --cv 0", "--cv must be up to 3 positive numbers, commas between, got '0'"),
        ("slab:4x2@0.5 --cv 1,2,3", "--cv must be up to 2 positive numbers"),
        ("slab:4x2x1@0.5 --source 9,9,99", "lies outside slab:4x2x1@0.5"),
        ("slab:4x2x1@0.5 --territory LAD", "--territory is of a heart"),
        ("slab:4x2x1@0.5 --burden 0.2", "--burden is of an infarct; add --territory"),
        ("nobody", "unknown heart 'nobody'"),
        ("nobody --atrium", "unknown atrium 'nobody'; use la_kruse_01"),
        ("slab:4x2x1@0.5 --step-ms -1", "--step-ms must be positive, got -1"),
        ("slab:4x2x1@0.5 --step-ms inf", "--step-ms must be positive, got inf"),
        ("slab:4x2x1@0.5 --ball-mm -1", "ball_mm must be 0 or a radius in mm, got -1"),
        ("slab:4x2x1@0.5 --order 3", "Invalid value for '--order'"),
    ],
)
def test_a_mistake_is_one_line(run, words, said, tmp_path):
    ran = run("sim", "eikonal", *words.split(), "--out", tmp_path / "w")
    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert said in ran.err
    assert not (tmp_path / "w").exists()
