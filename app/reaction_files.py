"""What a monodomain run looks like on disk: mesh, maps, moments, traces, ECG."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .patient_files import write_leads
from .sim_muscle import Muscle

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..sim.monodomain import Reaction
    from .console import Report
    from .reaction_options import Moving

#: A file and what writes it.
Job = tuple[Path, Callable[[], Any]]
#: Lines of a map are at least so far apart: nearer ones would show noise of the time steps.
_LEAST_STEP_MS = 5.0
#: Moments of the picture of frames, nodes of that of traces, frames of an animation at most.
_MOMENTS, _NODES, _MOST_FRAMES = 6, 5, 100
#: Of the phase: how much earlier its second potential is, and the one it turns about.
_DELAY_MS, _HALF_WAY_MV = 5.0, -40.0


def write_reaction(
    out: Path, muscle: Muscle, wave: "Reaction", animation: "Moving | None", report: "Report"
) -> list[Path]:
    """Write all files about a run; what could not be measured has no picture.

    Parameters
    ----------
    out : folder; `frames.zarr` in it is read, if there is one
    muscle, wave : the run
    animation : what shall move, if anything
    report : called with files done and all files
    """
    import numpy as np

    from ..viz import plot_times
    from ..viz.time_maps import ACTIVATION_MAP, DURATION_MAP, nice_step

    mesh = out / f"reaction{muscle.suffix}"
    jobs: list[Job] = [(mesh, partial(muscle.write, mesh, reaction_fields(muscle, wave)))]
    for name, times_ms, label, colours in (
        ("activation", wave.activation_ms, "Activation (ms)", ACTIVATION_MAP),
        ("apd90", wave.apd90_ms, "APD90 (ms)", DURATION_MAP),
        ("repolarisation", wave.repolarisation_ms, "Repolarisation (ms)", ACTIVATION_MAP),
    ):
        if np.isfinite(times_ms).any():
            path = out / f"{name}.png"
            step_ms = max(nice_step(times_ms), _LEAST_STEP_MS)
            draw = partial(
                plot_times,
                muscle.body,
                times_ms,
                label,
                path=path,
                step_ms=step_ms,
                colours=colours,
            )
            jobs.append((path, draw))
    if (out / "frames.zarr").exists():
        jobs += _frame_jobs(out, muscle, wave, animation)
    for done, (_, write) in enumerate(jobs):
        report(done, len(jobs))
        write()
    report(len(jobs), len(jobs))
    return [path for path, _ in jobs]


def reaction_fields(muscle: Muscle, wave: "Reaction") -> "dict[str, NDArray[Any]]":
    """(n,) Fields for ParaView: the first beat, the last one where there are more, the infarct."""
    import numpy as np

    counts = np.isfinite(wave.activations_ms).sum(axis=1)
    fields: dict[str, Any] = {
        "activation_ms": wave.activation_ms,
        "repolarisation_ms": wave.repolarisation_ms,
        "apd90_ms": wave.apd90_ms,
        "beats": counts.astype(np.int32),
        "v_mv": wave.v_mv,
    }
    if counts.max() > 1:
        last = np.maximum(counts - 1, 0)[:, None]
        fields["last_beat_ms"] = np.take_along_axis(wave.activations_ms, last, axis=1)[:, 0]
    if muscle.tissue is not None:
        fields |= {"tissue": muscle.tissue.labels, "border": muscle.tissue.border}
    return fields


def read_frames(path: Path) -> "tuple[NDArray[np.float64], NDArray[np.float32]]":
    """Times (t,) in ms and membrane potentials (t, n) of the frames that a run reached.

    Raises
    ------
    OSError
        When there is no such store.
    ValueError
        When it holds no frames.
    """
    import numpy as np
    import zarr

    if not path.is_dir():
        msg = f"no such folder of frames: {path}"
        raise FileNotFoundError(msg)
    try:
        group = zarr.open_group(path, mode="r")
        times_ms, v_mv = np.asarray(group["time_ms"]), np.asarray(group["v_mv"])
    except (KeyError, ValueError, FileNotFoundError) as error:
        msg = f"{path} holds no frames: v_mv and time_ms of `cardiotwin sim reaction`"
        raise ValueError(msg) from error
    reached = np.isfinite(v_mv).all(axis=1)
    if not reached.any():
        msg = f"{path} holds no frame that was reached; run it again"
        raise ValueError(msg)
    return times_ms[reached], v_mv[reached]


def _frame_jobs(
    out: Path, muscle: Muscle, wave: "Reaction", animation: "Moving | None"
) -> list[Job]:
    """Pictures that need the membrane potential over time."""
    from ..viz.frames import plot_frames
    from ..viz.traces import plot_action_potentials

    times_ms, v_mv = read_frames(out / "frames.zarr")
    dead = None if muscle.tissue is None else muscle.tissue.core
    chosen, nodes, body = moments(times_ms, wave), spread_nodes(wave), muscle.body
    strip, traces = out / "frames.png", out / "traces.png"
    when = times_ms[chosen].tolist()
    jobs: list[Job] = [
        (strip, partial(plot_frames, body, v_mv[chosen], when, path=strip, dead=dead))
    ]
    if len(times_ms) > 1 and nodes.size:
        names = [f"node {i}, {wave.activation_ms[i]:.0f} ms" for i in nodes]
        draw = partial(plot_action_potentials, times_ms, v_mv[:, nodes].T, names, path=traces)
        jobs.append((traces, draw))
    if animation is not None:
        path = out / f"{animation}.gif"
        jobs.append((path, partial(_move, path, muscle, times_ms, v_mv, animation)))
    if muscle.heart is not None and len(times_ms) > 2:
        jobs += _ecg_jobs(out, muscle, times_ms, v_mv)
    return jobs


def _move(
    path: Path,
    muscle: Muscle,
    times_ms: "NDArray[np.float64]",
    v_mv: "NDArray[np.float32]",
    what: "Moving",
) -> None:
    """Write the animation; the phase needs the potential some ms before as well."""
    import numpy as np

    from ..sim.phase import delayed_phase
    from ..viz.frames import PHASE, VM, write_animation

    dead = None if muscle.tissue is None else muscle.tissue.core
    late = max(1, round(_DELAY_MS / float(times_ms[1] - times_ms[0]))) if what == "phase" else 0
    shown = np.arange(late, len(times_ms), -(-len(times_ms) // _MOST_FRAMES))
    values: NDArray[Any] = v_mv[shown]
    if what == "phase":
        values = delayed_phase(values, v_mv[shown - late], _HALF_WAY_MV)
    quantity = PHASE if what == "phase" else VM
    when = times_ms[shown].tolist()
    write_animation(muscle.body, values, when, path=path, quantity=quantity, dead=dead)


def moments(times_ms: "NDArray[np.float64]", wave: "Reaction") -> "NDArray[np.int64]":
    """Frames that show most: half of them as the wave runs, half as it dies away."""
    import numpy as np

    reached = wave.activation_ms[np.isfinite(wave.activation_ms)]
    first, last = (reached.min(), reached.max()) if reached.size else (0.0, times_ms[-1])
    rising = np.linspace(first, min(last, times_ms[-1]), _MOMENTS // 2 + 2)[1:-1]
    falling = np.linspace(rising[-1], times_ms[-1], _MOMENTS - len(rising) + 1)[1:]
    wanted = np.concatenate([rising, falling])
    return np.unique(np.abs(times_ms[:, None] - wanted).argmin(axis=0))


def spread_nodes(wave: "Reaction") -> "NDArray[np.int64]":
    """Nodes from the first activated to the last, about evenly in time."""
    import numpy as np

    order = np.argsort(wave.activation_ms, kind="stable")
    order = order[np.isfinite(wave.activation_ms[order])]
    share = np.linspace(0, max(len(order) - 1, 0), min(_NODES, len(order)))
    return order[np.unique(share.astype(int))]


def _ecg_jobs(
    out: Path,
    muscle: Muscle,
    times_ms: "NDArray[np.float64]",
    v_mv: "NDArray[np.float32]",
) -> list[Job]:
    """Table and picture of the twelve leads, where the electrodes are known."""
    import numpy as np

    from ..sim import prepare
    from ..sim.beat import ecg_of_frames
    from ..viz import plot_ecg

    heart = muscle.heart
    if heart is None or not np.isfinite(heart.electrodes_mm[[0, 1, 2, 4, 5, 6, 7, 8, 9]]).all():
        return []
    fs_hz = 1000 / float(np.diff(times_ms).mean())
    ecg = ecg_of_frames(prepare(heart), v_mv.T, fs_hz, tissue=muscle.tissue)
    table, sheet = out / "ecg.csv", out / "ecg.png"
    draw = partial(plot_ecg, ecg, title=f"{heart.name}, monodomain", path=sheet)
    return [(table, partial(write_leads, table, ecg)), (sheet, draw)]
