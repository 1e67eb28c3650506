"""A run broken off and resumed ends with the same bytes; a foreign checkpoint is refused."""

import numpy as np
import pytest
import xarray

from cardiotwin.sim.checkpoint import Checkpoint
from cardiotwin.sim.conduction import cable
from cardiotwin.sim.frames import ZarrFrames
from cardiotwin.sim.mitchell_schaeffer import ATRIAL, VENTRICULAR
from cardiotwin.sim.monodomain import solve_monodomain
from cardiotwin.sim.stimulus import Stimulus

LEFT = np.arange(41) < 20
PACING = Stimulus(nodes=np.arange(4), times_ms=(0.0, 33.3), strength_mv_per_ms=50.0)
RUN = {
    "operator": cable(10.0, 0.25, 0.1),
    "cells": [(VENTRICULAR, LEFT), (ATRIAL, ~LEFT)],
    "stimuli": PACING,
    "dt_ms": 0.05,
}


class KilledError(Exception):
    """Stands for whatever ends a process."""


class Killer:
    """A recorder that ends the run at its 31st look, in the 30th ms."""

    every_ms = 1.0

    def begin(self, nodes_mm, times_ms, done):
        """Count from what was taken before."""
        self.looks = done

    def take(self, v_mv, states):
        """Count, and end the run in time."""
        self.looks += 1
        if self.looks > 30:
            raise KilledError

    def flush(self):
        """Nothing to keep."""


def broken_off(path, frames=(), **changes):
    with pytest.raises(KilledError):
        solve_monodomain(
            **{**RUN, **changes},
            duration_ms=60,
            checkpoint=Checkpoint(path=path, every_ms=13.0),
            frames=[*frames, Killer()],
        )
    with np.load(path) as file:
        assert file["step"] == 520


@pytest.mark.parametrize("method", ["explicit", "crank-nicolson"])
@pytest.mark.parametrize("threads", [1, 2])
def test_a_resumed_run_ends_with_the_same_bytes(tmp_path, method, threads):
    run = {**RUN, "method": method}
    whole = solve_monodomain(**run, duration_ms=60)
    broken_off(tmp_path / "run.npz", method=method)
    resumed = solve_monodomain(
        **run,
        duration_ms=60,
        threads=threads,
        checkpoint=Checkpoint(path=tmp_path / "run.npz", every_ms=13.0, resume=True),
    )
    assert (resumed.v_mv == whole.v_mv).all()
    assert (resumed.activations_ms == whole.activations_ms).all()
    assert (resumed.repolarisations_ms == whole.repolarisations_ms).all()
    for one, other in zip(resumed.end.states, whole.end.states, strict=True):
        assert (one == other).all()


def test_a_resumed_run_may_be_longer(tmp_path):
    broken_off(tmp_path / "run.npz")
    resume = Checkpoint(path=tmp_path / "run.npz", resume=True)
    longer = solve_monodomain(**RUN, duration_ms=80, checkpoint=resume)
    assert (longer.v_mv == solve_monodomain(**RUN, duration_ms=80).v_mv).all()


def test_a_run_that_its_caller_stops_is_saved_where_it_stands(tmp_path):
    def stop(done, total):
        if done > total / 2:
            raise KeyboardInterrupt

    path = tmp_path / "run.npz"
    with pytest.raises(KeyboardInterrupt):
        solve_monodomain(**RUN, duration_ms=60, checkpoint=Checkpoint(path=path), progress=stop)
    with np.load(path) as file:
        assert 600 < file["step"] <= 650
    resumed = solve_monodomain(**RUN, duration_ms=60, checkpoint=Checkpoint(path=path, resume=True))
    assert (resumed.v_mv == solve_monodomain(**RUN, duration_ms=60).v_mv).all()


def test_frames_of_a_longer_run_are_added_to_the_store(tmp_path):
    whole, cut, path = tmp_path / "whole.zarr", tmp_path / "cut.zarr", tmp_path / "run.npz"
    solve_monodomain(**RUN, duration_ms=60, frames=[ZarrFrames(whole, chunk_frames=7)])
    for duration_ms, resume in ((26, False), (60, True)):
        solve_monodomain(
            **RUN,
            duration_ms=duration_ms,
            checkpoint=Checkpoint(path=path, every_ms=13.0, resume=resume),
            frames=[ZarrFrames(cut, chunk_frames=7)],
        )
    with xarray.open_zarr(whole) as expected, xarray.open_zarr(cut) as got:
        assert expected.equals(got)
    with pytest.raises(ValueError, match="holds frames at other times"):
        solve_monodomain(
            **RUN,
            duration_ms=70,
            checkpoint=Checkpoint(path=path, resume=True),
            frames=[ZarrFrames(cut, 2.0)],
        )
    with pytest.raises(OSError, match="no frames to go on with"):
        solve_monodomain(
            **RUN,
            duration_ms=70,
            checkpoint=Checkpoint(path=path, resume=True),
            frames=[ZarrFrames(tmp_path / "none.zarr")],
        )


def test_frames_go_on_where_the_checkpoint_was(tmp_path):
    solve_monodomain(**RUN, duration_ms=60, frames=[ZarrFrames(tmp_path / "whole.zarr", 1.0)])
    broken_off(tmp_path / "run.npz", [ZarrFrames(tmp_path / "cut.zarr", 1.0)])
    solve_monodomain(
        **RUN,
        duration_ms=60,
        checkpoint=Checkpoint(path=tmp_path / "run.npz", resume=True),
        frames=[ZarrFrames(tmp_path / "cut.zarr", 1.0)],
    )
    with (
        xarray.open_zarr(tmp_path / "whole.zarr") as whole,
        xarray.open_zarr(tmp_path / "cut.zarr") as cut,
    ):
        assert whole.equals(cut)
        assert np.isfinite(cut.v_mv.to_numpy()).all()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"operator": cable(10.0, 0.25, 0.11)}, "its mesh differ"),
        (
            {"cells": [(VENTRICULAR.with_parameters(tau_in_ms=0.31), LEFT), (ATRIAL, ~LEFT)]},
            "its cell models differ",
        ),
        ({"cells": [(VENTRICULAR, ~LEFT), (ATRIAL, LEFT)]}, "its cell models differ"),
        ({"stimuli": Stimulus(nodes=np.arange(4))}, "its stimuli differ"),
        ({"dt_ms": 0.04}, "its time step, method or threshold differ"),
        ({"dt_ms": 0.04, "stimuli": ()}, "its stimuli and time step, method or threshold differ"),
    ],
)
def test_the_checkpoint_of_another_run_is_refused_with_what_differs(tmp_path, change, words):
    broken_off(tmp_path / "run.npz")
    resume = Checkpoint(path=tmp_path / "run.npz", resume=True)
    with pytest.raises(ValueError, match=words):
        solve_monodomain(**{**RUN, **change}, duration_ms=60, checkpoint=resume)


def test_a_missing_or_foreign_file_is_refused(tmp_path):
    missing = Checkpoint(path=tmp_path / "none.npz", resume=True)
    with pytest.raises(OSError, match=r"no checkpoint to resume: .*none.npz"):
        solve_monodomain(**RUN, duration_ms=10, checkpoint=missing)
    np.savez(tmp_path / "other.npz", a=np.zeros(3))
    (tmp_path / "text.npz").write_text("not an archive")
    (tmp_path / "empty.npz").write_bytes(b"")
    for name in ("other.npz", "text.npz", "empty.npz"):
        foreign = Checkpoint(path=tmp_path / name, resume=True)
        with pytest.raises(ValueError, match=f"{name} is no checkpoint"):
            solve_monodomain(**RUN, duration_ms=10, checkpoint=foreign)


def test_a_checkpoint_needs_a_period_and_a_folder(tmp_path):
    with pytest.raises(ValueError, match="every_ms of a checkpoint must be positive, got 0"):
        Checkpoint(path=tmp_path / "run.npz", every_ms=0)
    nowhere = Checkpoint(path=tmp_path / "none" / "run.npz", every_ms=1.0)
    with pytest.raises(OSError, match="no such folder"):
        solve_monodomain(**RUN, duration_ms=10, checkpoint=nowhere)
