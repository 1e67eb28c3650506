"""ECGs of waves that were simulated: the same as in a beat, from times or from frames."""

import shutil

import numpy as np
import pytest

from cardiotwin.anatomy import write_heart
from cardiotwin.app.patient_files import write_mesh
from cardiotwin.app.sim_muscle import load_muscle
from cardiotwin.signals import LEADS
from cardiotwin.sim import healthy, prepare, simulate
from cardiotwin.sim.action_potential import membrane_potential
from cardiotwin.sim.frames import ZarrFrames

#: Without a body, which takes seconds to solve, and without its skin.
BARE = ("--medium", "infinite")


def leads_of(folder):
    table = np.genfromtxt(folder / "ecg.csv", delimiter=",", names=True)
    return np.array([table[name] for name in LEADS])


@pytest.fixture(scope="module")
def healthy_beat(small_heart):
    """A beat of the small heart in an infinite medium, which takes no time to solve."""
    return simulate(prepare(small_heart, None))


@pytest.fixture(scope="module")
def beat(small_heart, healthy_beat, tmp_path_factory):
    """Folder with the beat as `sim beat` writes it."""
    out = tmp_path_factory.mktemp("beat")
    write_mesh(out / "beat.vtu", small_heart, healthy(len(small_heart.nodes_mm)), healthy_beat)
    return out


@pytest.fixture(scope="module")
def store(small_heart, healthy_beat, tmp_path_factory):
    """Frames of the same beat, a millisecond apart."""
    activation_ms = healthy_beat.activation_ms
    apd_ms = healthy_beat.repolarisation_ms - activation_ms
    times_ms = np.arange(0.0, 500.0)
    frames = ZarrFrames(tmp_path_factory.mktemp("run") / "frames.zarr", every_ms=1.0)
    frames.begin(small_heart.nodes_mm, times_ms, 0)
    for frame in membrane_potential(activation_ms, apd_ms, times_ms).T:
        frames.take(frame, ())
    frames.flush()
    return frames.path


def test_a_beat_read_back_has_the_ecg_it_had(run, beat, healthy_beat, tmp_path):
    assert run("sim", "ecg", beat / "beat.vtu", *BARE, "--out", tmp_path).status == 0
    assert {p.name for p in tmp_path.iterdir()} == {"ecg.csv", "ecg.png"}
    # Times are float32 in the file: 1e-5 ms, at 10 mV/ms and five decimals.
    np.testing.assert_allclose(leads_of(tmp_path), healthy_beat.ecg.samples_mv, atol=1e-3)


def test_frames_have_the_ecg_of_the_times_they_show(run, healthy_beat, store, small_file, tmp_path):
    words = ("--heart", small_file, *BARE, "--out", tmp_path)
    assert run("sim", "ecg", store, *words).status == 0
    exact_mv = healthy_beat.ecg.samples_mv[:, :500]
    # Classes of duration, 4 ms wide, are all that the beat approximates.
    assert np.abs(leads_of(tmp_path) - exact_mv).max() < 0.01 * np.abs(exact_mv).max()


def test_a_run_of_the_reaction_is_read_with_its_heart(run, small_file, store, tmp_path):
    write_muscle = load_muscle(str(small_file)).write
    write_muscle(tmp_path / "reaction.vtu", {})
    shutil.copytree(store, tmp_path / "frames.zarr")
    ran = run("sim", "ecg", tmp_path, *BARE, "--json")
    assert (ran.result["of"], ran.result["heart"]) == ("frames", "small")
    assert ran.result["fs_hz"] == pytest.approx(1000)


def test_without_durations_those_of_a_healthy_adult_are_taken(
    run, small_heart, healthy_beat, tmp_path
):
    write_heart(small_heart, tmp_path / "a.vtu", {"activation_ms": healthy_beat.activation_ms})
    assert run("sim", "ecg", tmp_path / "a.vtu", *BARE, "--out", tmp_path).status == 0
    np.testing.assert_allclose(leads_of(tmp_path), healthy_beat.ecg.samples_mv, atol=1e-3)


def test_arrays_of_other_names_are_found(run, small_heart, healthy_beat, tmp_path):
    apd_ms = healthy_beat.repolarisation_ms - healthy_beat.activation_ms
    fields = {"LAT": healthy_beat.activation_ms, "APD": apd_ms}
    write_heart(small_heart, tmp_path / "own.vtu", fields)
    words = ("--activation", "LAT", "--apd", "APD", *BARE, "--out", tmp_path)
    assert run("sim", "ecg", tmp_path / "own.vtu", *words).status == 0
    np.testing.assert_allclose(leads_of(tmp_path), healthy_beat.ecg.samples_mv, atol=1e-3)


def test_nodes_without_a_duration_get_that_of_the_others(run, small_heart, healthy_beat, tmp_path):
    apd_ms = healthy_beat.repolarisation_ms - healthy_beat.activation_ms
    apd_ms[:7] = np.nan
    fields = {"activation_ms": healthy_beat.activation_ms, "apd90_ms": apd_ms}
    write_heart(small_heart, tmp_path / "own.vtu", fields)
    ran = run("sim", "ecg", tmp_path / "own.vtu", *BARE)
    assert ran.status == 0
    assert "note: 7 activated nodes lack a duration; they get" in ran.err


def test_a_body_has_larger_limb_leads_and_a_skin_to_map(run, beat, healthy_beat, tmp_path):
    ran = run("sim", "ecg", beat / "beat.vtu", "--map-ms", "15,30", "--out", tmp_path, "--json")
    assert ran.status == 0
    assert ran.result["medium"] == "torso"
    assert ran.result["highest_mv"]["I"] > 2 * healthy_beat.ecg.lead("I").max()
    assert (tmp_path / "body_map.png").stat().st_size > 5000


def test_electrograms_are_a_table_under_their_names(run, beat, small_heart, healthy_beat, tmp_path):
    surface_mm = small_heart.nodes_mm[np.unique(small_heart.surfaces["epi"])]
    front_mm = surface_mm[surface_mm[:, 1].argmin()] - [0, 10, 0]
    words = ("--at", "front=" + ",".join(map(str, front_mm)), *BARE, "--out", tmp_path)
    assert run("sim", "ecg", beat / "beat.vtu", *words).status == 0
    table = np.genfromtxt(tmp_path / "electrograms.csv", delimiter=",", names=True)
    assert table.dtype.names == ("time_ms", "front")
    assert len(table) == 600
    # A centimetre off the heart, nearer than any electrode of the chest.
    assert np.abs(table["front"]).max() > np.abs(healthy_beat.ecg.samples_mv).max()
    assert (tmp_path / "electrograms.png").exists()


@pytest.mark.parametrize(
    ("file", "words", "said"),
    [
        ("beat.vtu", "--activation LAT", "has no array LAT at its points; it has apicobasal,"),
        ("beat.vtu", "--apd APD", "has no array APD at its points"),
        ("beat.vtu", "--map-ms soon", "--map-ms must be up to 8 times in ms"),
        ("beat.vtu", "--medium infinite --map-ms 20", "an infinite medium has none"),
        ("beat.vtu", "--medium water", "Invalid value for '--medium'"),
        ("beat.vtu", "--at 1,2", "cannot read --at '1,2'; give x,y,z in mm, or name=x,y,z"),
        ("beat.vtu", "--heart builtin", "--heart is of frames that lie alone"),
        ("beat.vtu", "--duration-ms 0", "Invalid value for '--duration-ms'"),
        ("nothing.vtu", "", "no such file"),
        ("", "", "holds no frames.zarr; give a mesh with times at its nodes"),
    ],
)
def test_a_mistake_is_one_line(run, beat, tmp_path, file, words, said):
    ran = run("sim", "ecg", beat / file, *words.split(), "--out", tmp_path / "e")
    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert said in ran.err
    assert not (tmp_path / "e").exists()


def test_frames_need_their_heart(run, store, small_file, tmp_path):
    assert "no reaction.vtu beside it; name its heart with --heart" in run("sim", "ecg", store).err
    ran = run("sim", "ecg", store, "--heart", "slab:2x1x1@0.5")
    assert "an ECG is of a heart; slab:2x1x1@0.5 is none" in ran.err


def test_electrograms_need_a_folder(run, beat):
    ran = run("sim", "ecg", beat / "beat.vtu", "--at", "0,0,0")
    assert "--at writes electrograms; add --out" in ran.err


def test_an_atrium_has_no_twelve_leads(run, atrium_file):
    ran = run("sim", "ecg", atrium_file)
    assert "an ECG is of a heart" in ran.err
