"""A beat in the user's own body: the same ECG as the library's, and a line for what is wrong."""

import json

import numpy as np
import pytest
import trimesh

from cardiotwin.anatomy import ELECTRODES, fit_torso, seat_heart
from cardiotwin.anatomy.torso import barrel
from cardiotwin.signals import LEADS
from cardiotwin.sim import prepare, simulate

CM = 0.1


@pytest.fixture(scope="module")
def skin(small_heart):
    """A body a tenth wider than the one that fits, on which no electrode lies as yet."""
    fitted = fit_torso(small_heart.electrodes_mm)
    middle_mm = fitted.nodes_mm.mean(axis=0)
    half_mm = np.ptp(fitted.nodes_mm, axis=0) / 2
    return barrel(middle_mm, 1.1 * half_mm, around=24, along=16)


@pytest.fixture
def write_skin(tmp_path):
    """Function: a .ply file of these nodes and triangles."""

    def write(nodes, triangles):
        trimesh.Trimesh(nodes, triangles, process=False).export(tmp_path / "skin.ply")
        return tmp_path / "skin.ply"

    return write


@pytest.fixture
def write_electrodes(tmp_path):
    """Function: a .json file of positions by name."""

    def write(positions):
        named = dict(zip(ELECTRODES, positions.tolist(), strict=True))
        (tmp_path / "leads.json").write_text(json.dumps(named))
        return tmp_path / "leads.json"

    return write


def leads_of(folder):
    table = np.genfromtxt(folder / "ecg.csv", delimiter=",", names=True)
    return {name: table[name] for name in LEADS}


def test_own_body_in_centimetres_gives_the_ecg_of_the_library(
    run, small_file, small_heart, skin, write_skin, write_electrodes, tmp_path
):
    at_mm = skin.nearest_mm(small_heart.electrodes_mm) + np.array([0.0, -5.0, 5.0])
    files = (
        *("--torso", write_skin(CM * skin.nodes_mm, skin.triangles)),
        *("--electrodes", write_electrodes(CM * at_mm)),
    )
    ran = run("sim", small_file, *files, "--torso-units", "cm", "--out", tmp_path / "b", "--json")
    assert ran.status == 0
    assert str(tmp_path / "b" / "torso.png") in ran.result["files"]
    assert (tmp_path / "b" / "torso.png").stat().st_size > 5_000
    seated = seat_heart(small_heart, skin, at_mm)
    exact_mv = simulate(prepare(seated, skin)).ecg.samples_mv
    said_mv = np.array(list(leads_of(tmp_path / "b").values()))
    np.testing.assert_allclose(said_mv, exact_mv, atol=3e-5)  # five decimals, float32 in the .ply


def test_own_torso_alone_gets_electrodes_by_the_rule(run, small_file, skin, write_skin):
    torso = write_skin(skin.nodes_mm, skin.triangles)
    own = run("sim", small_file, "--torso", torso, "--json").result
    fitted = run("sim", small_file, "--json").result
    assert own["last_activation_ms"] == fitted["last_activation_ms"]  # the body moves no wave
    assert own["qrs_ms"] == pytest.approx(fitted["qrs_ms"], abs=10)


def test_swapped_arms_turn_lead_one_and_leave_the_chest_leads(
    run, small_file, small_heart, write_electrodes, tmp_path
):
    swapped_mm = small_heart.electrodes_mm[[1, 0, *range(2, 10)]]
    run("sim", small_file, "--out", tmp_path / "right")
    words = ("--electrodes", write_electrodes(swapped_mm), "--out", tmp_path / "wrong")
    assert run("sim", small_file, *words).status == 0
    right, wrong = leads_of(tmp_path / "right"), leads_of(tmp_path / "wrong")
    assert np.abs(right["I"]).max() > 0.1
    for lead, same in {"I": -right["I"], "II": right["III"], "V2": right["V2"]}.items():
        np.testing.assert_allclose(wrong[lead], same, atol=1.1e-5)  # five decimals


def opened(nodes, triangles):
    return nodes, triangles[:-1]


def elsewhere(nodes, triangles):
    return nodes + 1000.0, triangles


def halved(nodes, triangles):
    return 0.5 * (nodes + nodes.mean(axis=0)), triangles


def fine(nodes, triangles):
    ball = barrel(nodes.mean(axis=0), np.full(3, 300.0), around=90, along=50)
    return ball.nodes_mm, ball.triangles


def whole(nodes, triangles):
    return nodes, triangles


@pytest.mark.parametrize(
    ("spoil", "words", "said"),
    [
        (opened, "", "skin.ply: 3 edges do not have two triangles, the first at ("),
        (elsewhere, "", "of the heart lie outside the skin, the first at ("),
        (halved, "", "of the heart lie outside the skin, the first at ("),
        (fine, "", "9,000 triangles are too many to solve; leave at most 8,000, e.g. with"),
        (whole, "--torso-units m", "a trunk 250 to 2300 mm; units mm would do"),
        (whole, "--torso-units inch", "units must be one of mm, cm, m, um or a number of mm"),
        (whole, "--torso-frame LAS", "frame must be LPS or RAS, got 'LAS'"),
    ],
)
def test_a_torso_that_will_not_do_is_one_line(
    run, small_file, skin, write_skin, tmp_path, spoil, words, said
):
    torso = write_skin(*spoil(skin.nodes_mm, skin.triangles))
    out = tmp_path / "beat"
    ran = run("sim", small_file, "--torso", torso, *words.split(), "--out", out)
    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert said in ran.err
    assert not out.exists()


def without_v3(electrodes_mm):
    return np.where(np.arange(10)[:, None] == ELECTRODES.index("V3"), np.nan, electrodes_mm)


def turned(electrodes_mm):
    return electrodes_mm * [-1, -1, 1]


def far(electrodes_mm):
    return electrodes_mm + np.array([0, 0, 900.0])


@pytest.mark.parametrize(
    ("spoil", "on_skin", "said"),
    [
        (without_v3, False, "electrode V3 must have three finite coordinates"),
        (turned, False, "the heart sticks out of the torso; check the electrodes' positions"),
        (far, True, "mm off the skin, more than 30; check the units and frame of the electrodes"),
    ],
)
def test_electrodes_that_will_not_do_are_one_line(
    run, small_file, small_heart, skin, write_skin, write_electrodes, spoil, on_skin, said
):
    words = ["--electrodes", write_electrodes(spoil(small_heart.electrodes_mm))]
    if on_skin:
        words += ["--torso", write_skin(skin.nodes_mm, skin.triangles)]
    ran = run("sim", small_file, *words)
    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert said in ran.err


def test_an_electrode_that_no_line_names_is_named(run, small_file, small_heart, tmp_path):
    rows = zip(ELECTRODES, small_heart.electrodes_mm.tolist(), strict=True)
    lines = [f"{name},{x},{y},{z}" for name, (x, y, z) in rows if name not in ("V3", "RL")]
    (tmp_path / "leads.csv").write_text("\n".join(lines))
    ran = run("sim", small_file, "--electrodes", tmp_path / "leads.csv")
    assert ran.status == 2
    assert "leads.csv: lacks V3; twelve leads need LA, RA, LL and V1 to V6" in ran.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--torso-units cm", "--torso-units is of a file; add --torso or --electrodes"),
        ("--torso-frame RAS", "--torso-frame is of a file; add --torso or --electrodes"),
        ("--torso nowhere.ply", "no such file: nowhere.ply"),
        ("--electrodes nowhere.csv", "no such file: nowhere.csv"),
        ("--electrodes leads.xls", "leads.xls: electrodes are read from .csv, .json"),
    ],
)
def test_options_without_their_file_are_one_line(run, small_file, words, said):
    ran = run("sim", small_file, *words.split())
    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert said in ran.err
