"""`cardiotwin sim reaction`: waves of detailed cells in a heart, an atrium or a slab."""

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .console import Json, Out, Report, print_result, progress_bar
from .infarct_options import (
    BorderMm,
    Burden,
    Seed,
    Site,
    Territory,
    Transmurality,
    infarct_target,
)
from .reaction_model import (
    Pacing,
    cells_of,
    diffusivities,
    operator_of,
    stimuli_of,
    usual_cell,
)
from .reaction_options import (
    Animation,
    Beats,
    Cell,
    Conductivity,
    CvEndocardium,
    Diffusivity,
    DtMs,
    DurationMs,
    FramesMs,
    MethodOption,
    Moving,
    Numerics,
    PeriodMs,
    PulseMs,
    RadiusMm,
    Resume,
    S2Ms,
    S2Sources,
    Sources,
    Strength,
    Substeps,
    Threads,
    WantedCv,
)
from .sim_eikonal import with_infarct
from .sim_muscle import Atrium, Muscle, MuscleSpec, load_muscle
from .written import require_folder

if TYPE_CHECKING:
    from ..sim.monodomain import Reaction
    from ..sim.operator import Operator
    from ..sim.regions import Cells
    from ..sim.stimulus import Stimulus

#: Names of what a run leaves in its folder.
FRAMES, CHECKPOINT = "frames.zarr", "checkpoint.npz"
#: Saved this many times in a run, and not more often than every so many ms.
_SAVES, _LEAST_SAVE_MS = 40, 5.0


def reaction(
    spec: MuscleSpec = "builtin",
    atrium: Atrium = False,
    cell: Cell = None,
    source: Sources = None,
    beats: Beats = 1,
    period_ms: PeriodMs = 600.0,
    s2_ms: S2Ms = None,
    s2_source: S2Sources = None,
    radius_mm: RadiusMm = None,
    pulse_ms: PulseMs = 2.0,
    strength: Strength = 50.0,
    cv: WantedCv = None,
    diffusivity: Diffusivity = None,
    conductivity: Conductivity = None,
    cv_endocardium: CvEndocardium = None,
    duration_ms: DurationMs = 400.0,
    dt_ms: DtMs = None,
    method: MethodOption = "explicit",
    substeps: Substeps = None,
    threads: Threads = None,
    frames_ms: FramesMs = 2.0,
    animation: Animation = None,
    resume: Resume = False,
    territory: Territory = None,
    burden: Burden = None,
    transmurality: Transmurality = None,
    site: Site = None,
    border_mm: BorderMm = None,
    seed: Seed = 0,
    out: Out = None,
    json: Json = False,
) -> None:
    """Simulate reaction and diffusion (monodomain): action potentials that spread as waves.

    Into --out go reaction.vtu (.vtp of an atrium) with activation, APD90 and repolarisation,
    frames.zarr with the membrane potential (xarray opens it), checkpoint.npz, and pictures:
    activation, apd90, frames, traces, and the 12-lead ECG of a heart with electrodes.

    Ctrl-C keeps frames and checkpoint; the same command with --resume goes on.
    """
    _check_folder(out, resume)
    sizes = {"burden": burden, "transmurality": transmurality, "site": site, "border_mm": border_mm}
    target = infarct_target(territory, sizes)
    pacing = Pacing(beats, period_ms, s2_ms, pulse_ms, strength)
    numerics = Numerics(
        duration_ms, dt_ms, method, substeps, threads or os.cpu_count() or 1, frames_ms, resume
    )
    with progress_bar(f"preparing {spec}", unit="steps") as report:
        report(0, 3)
        muscle = with_infarct(load_muscle(spec, atrium=atrium), target, seed)
        name = cell or usual_cell(muscle)
        cells = cells_of(muscle, name)
        stimuli = stimuli_of(muscle, pacing, source or [], s2_source or [], radius_mm)
        report(1, 3)
        d = diffusivities(
            muscle, cells, cv=cv, diffusivity=diffusivity, conductivity=conductivity, dt_ms=dt_ms
        )
        report(2, 3)
        operator = operator_of(muscle, d, _endocardium_ratio(cv_endocardium))
    start_s, start_cpu_s = time.monotonic(), time.process_time()
    with progress_bar(f"{name} on {muscle.name}", unit="steps") as report:
        wave = _solve(operator, cells, stimuli, numerics, out, report)
    result = {"muscle": muscle.name, "cell": name, "nodes": operator.n, "resumed": resume}
    result |= {"diffusivity_mm2_per_ms": d, **_summary(wave)}
    result |= {"seconds": time.monotonic() - start_s, "cpu_s": time.process_time() - start_cpu_s}
    if out is not None:
        result["files"] = _write(out, muscle, wave, animation)
    print_result(result, _as_text(result), as_json=json)


def _check_folder(out: Path | None, resume: bool) -> None:
    """Raise when the folder cannot be one, or is missing though a run shall go on."""
    if out is not None:
        require_folder(out)
    elif resume:
        msg = "--resume goes on with the run of a folder; add --out"
        raise ValueError(msg)


def _endocardium_ratio(cv_endocardium: float | None) -> float:
    """Speed of the Purkinje layer over that along the fibre; 1 without a layer."""
    from ..sim import Conduction

    usual = Conduction()
    speed = usual.cv_endocardium_mm_per_ms if cv_endocardium is None else cv_endocardium
    return speed / usual.cv_fibre_mm_per_ms if speed > 0 else 1.0


def _solve(
    operator: "Operator",
    cells: "Cells",
    stimuli: "list[Stimulus]",
    numerics: Numerics,
    out: Path | None,
    report: Report,
) -> "Reaction":
    """Run the wave; frames and checkpoints go into the folder as it runs."""
    from ..sim.checkpoint import Checkpoint
    from ..sim.frames import ZarrFrames
    from ..sim.monodomain import solve_monodomain

    frames, checkpoint = [], None
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        every_ms = max(_LEAST_SAVE_MS, numerics.duration_ms / _SAVES)
        checkpoint = Checkpoint(path=out / CHECKPOINT, every_ms=every_ms, resume=numerics.resume)
        if not numerics.resume:
            (out / CHECKPOINT).unlink(missing_ok=True)
        if numerics.frames_ms > 0:
            frames = [ZarrFrames(out / FRAMES, every_ms=numerics.frames_ms)]
    try:
        return solve_monodomain(
            operator,
            cells,
            stimuli,
            duration_ms=numerics.duration_ms,
            dt_ms=numerics.dt_ms,
            method=numerics.method,
            substeps=numerics.substeps,
            threads=numerics.threads,
            frames=frames,
            checkpoint=checkpoint,
            progress=report,
        )
    except KeyboardInterrupt:
        raise KeyboardInterrupt(_how_to_go_on(out)) from None
    except ValueError as error:
        if not frames or "became unstable" not in str(error):
            raise
        msg = f"{error}; the frames until then are in {frames[0].path}"
        raise ValueError(msg) from None


def _how_to_go_on(out: Path | None) -> str:
    """What Ctrl-C left, and what would make use of it."""
    if out is None:
        return "stopped by Ctrl-C; with --out a run can be gone on with"
    if not (out / CHECKPOINT).exists():
        return "stopped by Ctrl-C before the first checkpoint; start it again"
    return f"stopped by Ctrl-C; {out} holds what was done: the same with --resume goes on"


def _summary(wave: "Reaction") -> dict[str, Any]:
    """What there is to say of the wave."""
    import numpy as np

    reached, back = np.isfinite(wave.activation_ms), np.isfinite(wave.apd90_ms)
    return {
        "dt_ms": wave.dt_ms,
        "duration_ms": wave.duration_ms,
        "steps": round(wave.duration_ms / wave.dt_ms),
        "activated_share": float(reached.mean()),
        "last_activation_ms": float(wave.activation_ms[reached].max()) if reached.any() else None,
        "most_beats": int(np.isfinite(wave.activations_ms).sum(axis=1).max()),
        "apd90_ms": float(np.median(wave.apd90_ms[back])) if back.any() else None,
        "v_mv": [float(wave.v_mv.min()), float(wave.v_mv.max())],
    }


def _write(out: Path, muscle: Muscle, wave: "Reaction", animation: Moving | None) -> list[Path]:
    """Mesh and pictures."""
    from .reaction_files import write_reaction

    with progress_bar("writing", unit="files") as report:
        return write_reaction(out, muscle, wave, animation, report)


def _as_text(result: dict[str, Any]) -> str:
    """What the wave came to, in lines."""
    along, across = result["diffusivity_mm2_per_ms"]
    speed = result["nodes"] * result["steps"] / max(result["seconds"], 1e-9) / 1e6
    rate = "" if result["resumed"] else f", {speed:.1f}e6 nodes x steps/s"
    last, apd90 = result["last_activation_ms"], result["apd90_ms"]
    lines = [
        f"{result['muscle']}: {result['nodes']} nodes, {result['cell']}",
        f"  diffusivity         {along:.4f} along, {across:.4f} across the fibre, mm2/ms",
        f"  run                 {result['duration_ms']:g} ms in {result['steps']} steps of "
        f"{result['dt_ms']:g} ms, {result['seconds']:.1f} s{rate}",
        f"  activated           {result['activated_share']:.1%} of the nodes"
        + ("" if last is None else f", the last at {last:.1f} ms")
        + ("" if result["most_beats"] < 2 else f", up to {result['most_beats']} times"),
        "  APD90               " + ("none is over" if apd90 is None else f"median {apd90:.0f} ms"),
    ]
    if "files" in result:
        lines.append(f"  files               {', '.join(map(str, result['files']))}")
    return "\n".join(lines)
