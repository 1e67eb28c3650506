"""Frames of a run in a Zarr store: what xarray reads, and what a broken run leaves."""

import numpy as np
import pytest
import xarray

from cardiotwin.sim.conduction import cable
from cardiotwin.sim.frames import ZarrFrames
from cardiotwin.sim.mitchell_schaeffer import VENTRICULAR
from cardiotwin.sim.monodomain import solve_monodomain
from cardiotwin.sim.stimulus import Stimulus

FIBRE = cable(10.0, 0.25, 0.1)
PACING = Stimulus(nodes=np.arange(4), strength_mv_per_ms=50.0)


def record(recorder, **changes):
    given = {"duration_ms": 20.0, "dt_ms": 0.05, **changes}
    return solve_monodomain(FIBRE, VENTRICULAR, PACING, frames=[recorder], **given)


def test_xarray_opens_the_store_with_its_axes_and_units(tmp_path):
    wave = record(ZarrFrames(tmp_path / "run.zarr", 0.5, attributes={"heart": "cable"}))
    with xarray.open_zarr(tmp_path / "run.zarr") as data:
        assert data.v_mv.dims == ("time", "node")
        assert data.v_mv.shape == (41, 41)
        assert data.time_ms.to_numpy() == pytest.approx(0.5 * np.arange(41))
        assert (data.node_mm == FIBRE.nodes_mm).all()
        assert data.v_mv.attrs["units"] == "mV"
        assert data.attrs["heart"] == "cable"
        assert (data.v_mv[0] == -80).all()
        assert data.v_mv[-1].to_numpy() == pytest.approx(wave.v_mv, abs=1e-5)


def test_frames_show_the_activation_times_of_the_run(tmp_path):
    wave = record(ZarrFrames(tmp_path / "run.zarr", 0.05))
    with xarray.open_zarr(tmp_path / "run.zarr") as data:
        v_mv, times_ms = data.v_mv.to_numpy().astype(float), data.time_ms.to_numpy()
    node = 12
    first = np.flatnonzero(v_mv[:, node] >= -40)[0]
    low, high = v_mv[first - 1 : first + 1, node]
    expected = times_ms[first] - 0.05 * (high + 40) / (high - low)
    # Frames are in single precision: 1e-5 mV over a slope of 10 mV/ms or more.
    assert wave.activation_ms[node] == pytest.approx(expected, abs=1e-5)


def test_a_run_that_fails_leaves_all_frames_so_far(tmp_path):
    def stop(done, total):
        del total
        if done >= 205:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        record(ZarrFrames(tmp_path / "cut.zarr", 1.0, chunk_frames=4), progress=stop)
    record(ZarrFrames(tmp_path / "whole.zarr", 1.0))
    with (
        xarray.open_zarr(tmp_path / "cut.zarr") as cut,
        xarray.open_zarr(tmp_path / "whole.zarr") as whole,
    ):
        kept = np.isfinite(cut.v_mv.to_numpy()).all(axis=1)
        assert kept.sum() == 12
        assert (cut.v_mv[kept].to_numpy() == whole.v_mv[kept].to_numpy()).all()


def test_an_unstable_run_keeps_its_frames(tmp_path):
    wild = VENTRICULAR.with_parameters(tau_in_ms=0.003, tau_out_ms=0.06)
    with pytest.raises(ValueError, match="became unstable"):
        solve_monodomain(
            FIBRE,
            wild,
            PACING,
            duration_ms=20,
            dt_ms=0.2,
            frames=[ZarrFrames(tmp_path / "wild.zarr", 0.2)],
        )
    with xarray.open_zarr(tmp_path / "wild.zarr") as data:
        assert np.isfinite(data.v_mv[0].to_numpy()).all()


def test_a_killed_process_leaves_whole_chunks(tmp_path):
    # What a kill leaves is what was flushed: chunks of four frames.
    recorder = ZarrFrames(tmp_path / "run.zarr", 1.0, chunk_frames=4)
    recorder.begin(FIBRE.nodes_mm, np.arange(20.0), 0)
    for k in range(10):
        recorder.take(np.full(FIBRE.n, float(k)), ())
    with xarray.open_zarr(tmp_path / "run.zarr") as data:
        assert data.v_mv[:, 0].to_numpy()[:8].tolist() == list(range(8))
        assert np.isnan(data.v_mv.to_numpy()[8:]).all()


def test_a_folder_of_something_else_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(OSError, match="exists and is no Zarr store"):
        record(ZarrFrames(tmp_path, 1.0))
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_an_old_store_is_replaced(tmp_path):
    for duration_ms in (20.0, 10.0):
        record(ZarrFrames(tmp_path / "run.zarr", 1.0), duration_ms=duration_ms)
    with xarray.open_zarr(tmp_path / "run.zarr") as data:
        assert data.v_mv.shape == (11, 41)


def test_a_period_or_chunk_that_is_not_positive_is_refused(tmp_path):
    for wrong in ({"every_ms": 0.0}, {"chunk_frames": 0}):
        with pytest.raises(ValueError, match="every_ms and chunk_frames must be positive"):
            ZarrFrames(tmp_path / "run.zarr", **wrong)
