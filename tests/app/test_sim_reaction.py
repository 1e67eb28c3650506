"""Waves of cells from the command line: they spread, go on after Ctrl-C, and leave their files."""

from contextlib import contextmanager

import numpy as np
import pytest
import pyvista
import xarray
from PIL import Image

from cardiotwin.app import sim_reaction
from cardiotwin.app.reaction_model import cells_of, diffusivities, operator_of
from cardiotwin.app.sim_muscle import load_muscle
from cardiotwin.sim.cells import cell_model
from cardiotwin.sim.diffusion import Monodomain

#: Fast cells, coarse steps and one thread.
QUICK = ["--cell", "mitchell-schaeffer", "--dt-ms", "0.1", "--threads", "1"]
STRIP = ("sim", "reaction", "slab:6x1x1@0.25", "--source", "edge", "--diffusivity", "0.1", *QUICK)


def fields_of(folder):
    return pyvista.read(next(folder.glob("reaction.vt*"))).point_data


@pytest.fixture(scope="module")
def strip(tmp_path_factory):
    """Folder of a wave along a strip, and what was said about it."""
    from cardiotwin.app.cli import main

    out = tmp_path_factory.mktemp("strip") / "wave"
    assert main([*STRIP, "--duration-ms", "340", "--out", str(out)]) == 0
    return out


def test_a_wave_runs_along_a_strip(strip):
    x_mm = pyvista.read(strip / "reaction.vtu").points[:, 0]
    times_ms = fields_of(strip)["activation_ms"]
    order = np.argsort(x_mm, kind="stable")
    ahead = (x_mm > 2) & (x_mm < 5)  # the wave speeds up where it meets the end
    assert np.corrcoef(x_mm[ahead], times_ms[ahead])[0, 1] > 0.999
    assert (np.diff(times_ms[order][x_mm[order] > 2]) > -0.2).all()
    durations_ms = fields_of(strip)["apd90_ms"]
    np.testing.assert_allclose(
        durations_ms + times_ms, fields_of(strip)["repolarisation_ms"], rtol=1e-5
    )
    assert (durations_ms > 200).all()


def test_everything_about_it_is_written(strip):
    pictures = {"activation.png", "apd90.png", "repolarisation.png", "frames.png", "traces.png"}
    state = {"reaction.vtu", "frames.zarr", "checkpoint.npz"}
    assert {p.name for p in strip.iterdir()} == pictures | state


@pytest.mark.parametrize(("what", "count"), [("vm", 5), ("phase", 3)])
def test_a_picture_moves(run, tmp_path, what, count):
    words = (*STRIP, "--duration-ms", "12", "--frames-ms", "3", "--animation", what)
    assert run(*words, "--out", tmp_path).status == 0
    with Image.open(tmp_path / f"{what}.gif") as movie:
        assert movie.n_frames == count  # the phase starts once there is a frame 5 ms before


def test_frames_open_in_xarray_with_their_times(strip):
    frames = xarray.open_zarr(strip / "frames.zarr")
    np.testing.assert_allclose(frames.time_ms, np.arange(0, 341, 2))
    v_mv = frames.v_mv.to_numpy()
    assert np.isfinite(v_mv).all()
    assert v_mv[0].max() < -70 < -20 < v_mv.max()


@contextmanager
def impatient(*_, **__):
    """A progress bar whose user presses Ctrl-C half way."""

    def report(done, total):
        if total > 50 and done > total / 2:
            raise KeyboardInterrupt

    yield report


def test_after_ctrl_c_it_goes_on_to_the_same_end(run, strip, tmp_path, monkeypatch):
    out = tmp_path / "wave"
    words = (*STRIP, "--duration-ms", "340", "--out", out)
    with monkeypatch.context() as patch:
        patch.setattr(sim_reaction, "progress_bar", impatient)
        stopped = run(*words)
    assert stopped.status == 130
    assert stopped.err == (
        f"cardiotwin: stopped by Ctrl-C; {out} holds what was done: "
        "the same with --resume goes on\n"
    )
    assert {p.name for p in out.iterdir()} == {"frames.zarr", "checkpoint.npz"}
    assert run(*words, "--resume").status == 0
    for name in ("activation_ms", "repolarisation_ms", "v_mv"):
        np.testing.assert_array_equal(fields_of(out)[name], fields_of(strip)[name])
    once, twice = (xarray.open_zarr(p / "frames.zarr").v_mv.to_numpy() for p in (strip, out))
    np.testing.assert_array_equal(once, twice)


def test_ctrl_c_without_a_folder_says_what_would_have_helped(run, monkeypatch):
    monkeypatch.setattr(sim_reaction, "progress_bar", impatient)
    ran = run(*STRIP, "--duration-ms", "20")
    assert ran.status == 130
    assert ran.err == "cardiotwin: stopped by Ctrl-C; with --out a run can be gone on with\n"


def test_a_run_with_other_cells_is_not_gone_on_with(run, strip):
    words = [w if w != "mitchell-schaeffer" else "fenton-karma-br" for w in STRIP]
    ran = run(*words, "--duration-ms", "340", "--out", strip, "--resume")
    assert ran.status == 2
    assert "is the checkpoint of another run" in ran.err


def test_a_burst_and_an_early_beat_make_as_many_beats(run):
    words = (*STRIP, "--beats", "2", "--period-ms", "450", "--s2-ms", "420", "--json")
    assert run(*words, "--duration-ms", "920").result["most_beats"] == 3


def test_an_early_beat_can_come_from_elsewhere(run, tmp_path):
    words = (*STRIP, "--s2-ms", "400", "--s2-source", "6,0,0", "--duration-ms", "440")
    assert run(*words, "--frames-ms", "0", "--out", tmp_path).status == 0
    x_mm = pyvista.read(tmp_path / "reaction.vtu").points[:, 0]
    last_ms = fields_of(tmp_path)["last_beat_ms"]
    assert last_ms[x_mm < 1].min() > last_ms[x_mm > 5].max() >= 400


def test_a_heart_has_an_ecg(run, small_file, tmp_path):
    words = (
        "--duration-ms",
        "12",
        "--diffusivity",
        "2.0",
        "--substeps",
        "2",
        *QUICK,
        "--out",
        tmp_path,
    )
    assert run("sim", "reaction", small_file, *words).status == 0
    table = np.genfromtxt(tmp_path / "ecg.csv", delimiter=",", names=True)
    np.testing.assert_allclose(table["time_ms"], np.arange(0, 13, 2))
    assert np.abs(table["V2"]).max() > 0.01
    assert (tmp_path / "ecg.png").exists()


def test_an_atrium_is_paced_at_a_vein(run, atrium_file, tmp_path):
    words = ("--atrium", "--source", "lspv", "--diffusivity", "1.5,1.0", "--duration-ms", "30")
    ran = run("sim", "reaction", atrium_file, *words, "--dt-ms", "0.1", "--out", tmp_path, "--json")
    assert ran.status == 0
    assert ran.result["cell"] == "mitchell-schaeffer-atrial"
    assert "activation_ms" in fields_of(tmp_path)
    assert (tmp_path / "reaction.vtp").exists()


def test_a_dead_core_is_never_activated(run, small_heart, tmp_path):
    from cardiotwin.anatomy import write_heart

    dead = np.abs(small_heart.coordinates.rotational) > 2.0
    write_heart(small_heart, tmp_path / "scar.vtu", {"tissue": 2 * dead.astype(np.int8)})
    words = (
        "--duration-ms",
        "40",
        "--diffusivity",
        "2.0",
        "--substeps",
        "2",
        *QUICK,
        "--frames-ms",
        "0",
    )
    out = tmp_path / "w"
    assert run("sim", "reaction", tmp_path / "scar.vtu", *words, "--out", out).status == 0
    activated = np.isfinite(fields_of(out)["activation_ms"])
    assert not activated[dead].any()
    assert activated[~dead].mean() > 0.2


def test_layers_lie_in_thirds_of_the_wall(small_file, small_heart):
    muscle = load_muscle(str(small_file))
    depth = small_heart.coordinates.transmural
    for (model, nodes), (low, high) in zip(
        cells_of(muscle, "bueno-orovio"), ((0, 1 / 3), (1 / 3, 2 / 3), (2 / 3, 1.1)), strict=True
    ):
        assert model is cell_model(model.name)
        assert depth[nodes].min() >= low
        assert depth[nodes].max() <= high
    assert [m.name for m, _ in cells_of(muscle, "ten-tusscher")] == [
        f"ten-tusscher-{layer}" for layer in ("endo", "m", "epi")
    ]


def test_conductivities_are_those_of_the_benchmark_unless_told(small_file):
    slab = load_muscle("slab:2x1x1@0.5")
    cells = cells_of(slab, "mitchell-schaeffer")
    nothing = dict.fromkeys(("cv", "diffusivity", "conductivity"))
    usual = diffusivities(slab, cells, **nothing, dt_ms=None)
    assert usual == Monodomain().diffusivity_mm2_per_ms
    told = nothing | {"conductivity": "0.17,0.019,0.62,0.24"}
    assert diffusivities(slab, cells, **told, dt_ms=None) == usual
    double = nothing | {"conductivity": "0.34,0.038,1.24,0.48"}
    assert diffusivities(slab, cells, **double, dt_ms=None) == pytest.approx([2 * d for d in usual])


def test_a_wanted_speed_is_had(run, tmp_path):
    words = ("sim", "reaction", "slab:12x0.5@0.25", "--source", "edge", "--cv", "0.6", *QUICK)
    words = (*words, "--substeps", "2")
    ran = run(*words, "--duration-ms", "30", "--frames-ms", "0", "--out", tmp_path)
    assert ran.status == 0
    x_mm = pyvista.read(tmp_path / "reaction.vtu").points[:, 0]
    times_ms = fields_of(tmp_path)["activation_ms"]
    way = (x_mm > 4) & (x_mm < 10)
    speed = 1 / np.polyfit(x_mm[way], times_ms[way], 1)[0]
    assert speed == pytest.approx(0.6, rel=0.03)


def test_the_purkinje_layer_conducts_better(small_file):
    muscle = load_muscle(str(small_file))
    rate = [abs(operator_of(muscle, (0.3, 0.1), ratio).matrix()).sum() for ratio in (1.0, 2.0)]
    assert 1.5 < rate[1] / rate[0] < 4  # four times where tets touch the endocardium


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--cell zebra", "no cell model 'zebra'; there are"),
        ("--cell ten-tusscher", "has the layers of a ventricle's wall"),
        ("--cv 0.5 --diffusivity 0.1", "--cv and --diffusivity say the same in two ways"),
        ("--diffusivity -1", "--diffusivity must be up to 2 positive numbers"),
        ("--conductivity 0", "--conductivity must be up to 4 positive numbers"),
        ("--dt-ms 90", "is beyond the"),
        ("--dt-ms 0", "dt_ms and substeps must be positive"),
        ("--source 90,0,0", "lies outside the mesh"),
        ("--radius-mm -1", "--radius-mm must be positive, got -1"),
        ("--pulse-ms 0", "duration_ms of a stimulus must be positive"),
        ("--site 0", "--site is of an infarct; add --territory"),
        ("--territory LAD --site 2", "site must lie in 0 (proximal) .. 1 (distal), got 2"),
        ("--s2-source corner", "--s2-source is of an early pulse; add --s2-ms"),
        ("--beats 2 --period-ms 0", "a burst needs a count and a period above 0"),
        ("--duration-ms 0", "duration_ms and threads must be positive"),
        ("--method magic", "Invalid value for '--method'"),
        ("--resume", "no checkpoint to resume"),
        ("--strength 1e9 --dt-ms 0.1 --frames-ms 0", "the run became unstable between"),
    ],
)
def test_a_mistake_is_one_line(run, words, said, tmp_path):
    start = ("sim", "reaction", "slab:2x1x1@0.5", "--threads", "1", "--source", "corner")
    told = dict(zip(words.split()[::2], words.split()[1::2], strict=False))
    start = start[:-2] if "--source" in told else start
    ran = run(*start, *words.split(), "--out", tmp_path / "w")
    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert said in ran.err


def test_a_run_that_goes_wrong_says_where_its_frames_are(run, tmp_path):
    words = (*STRIP, "--strength", "1e9", "--duration-ms", "40", "--out", tmp_path / "w")
    ran = run(*words)
    assert ran.status == 2
    said = f"or a weaker stimulus; the frames until then are in {tmp_path / 'w' / 'frames.zarr'}\n"
    assert ran.err.endswith(said)
    v_mv = xarray.open_zarr(tmp_path / "w" / "frames.zarr").v_mv.to_numpy()
    np.testing.assert_allclose(v_mv[0], -80)  # Mitchell-Schaeffer at rest
    assert np.isnan(v_mv[-1]).all()


def test_going_on_needs_a_folder(run):
    ran = run("sim", "reaction", "slab:2x1x1@0.5", "--resume")
    assert ran.status == 2
    assert "--resume goes on with the run of a folder; add --out" in ran.err
