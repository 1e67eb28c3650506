"""`cardiotwin sim eikonal`: when each part of a heart, an atrium or a slab is activated."""

import math
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from .console import Json, Out, Report, note, print_result, progress_bar
from .infarct_options import (
    BorderMm,
    Burden,
    Seed,
    Site,
    Territory,
    Transmurality,
    draw_tissue,
    infarct_target,
)
from .number_words import numbers
from .reaction_options import CvEndocardium
from .sim_muscle import ATRIAL_MM_PER_MS, Atrium, Muscle, MuscleSpec, load_muscle
from .sim_places import Source, sources
from .written import require_folder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..cohorts import InfarctTarget

#: Steps that are reported: muscle, infarct, wave, files.
_STEPS = 4


def eikonal(
    spec: MuscleSpec = "builtin",
    atrium: Atrium = False,
    source: Annotated[
        list[str] | None,
        typer.Option(
            help="Where a wave starts: x,y,z in mm, a node's number, a box x,y,z:x,y,z, roots of "
            "a heart, a vein of an atrium such as rspv, corner or edge of a slab. @5 after it "
            "starts it at 5 ms. Repeat it for more.",
            show_default="roots, rspv or corner",
        ),
    ] = None,
    cv: Annotated[
        str | None,
        typer.Option(
            help="Speeds in mm/ms, which is m/s: along the fibre, along the sheet, across it; "
            "on surfaces along and across the fibre.",
            show_default="0.5,0.38,0.35; atria 0.8,0.4",
        ),
    ] = None,
    cv_endocardium: CvEndocardium = None,
    territory: Territory = None,
    burden: Burden = None,
    transmurality: Transmurality = None,
    site: Site = None,
    border_mm: BorderMm = None,
    seed: Seed = 0,
    ball_mm: Annotated[
        float,
        typer.Option(
            help="Around each source up to here, times in closed form as in uniform tissue; 3 "
            "halves the error of a point source. 0 for none."
        ),
    ] = 0.0,
    order: Annotated[
        int,
        typer.Option(
            min=1,
            max=2,
            help="Of the fronts within an element: 1 flat, 2 curved, which takes three times as "
            "long and gains where speeds vary smoothly.",
        ),
    ] = 1,
    step_ms: Annotated[
        float | None, typer.Option(help="From one isochrone of the picture to the next.")
    ] = None,
    out: Out = None,
    json: Json = False,
) -> None:
    """Run a wave of activation: the first arrival everywhere, in a fraction of a second.

    Into --out go activation.vtu (.vtp of an atrium; for ParaView and for `sim ecg`) and
    activation.png with isochrones. A core does not conduct and a border zone is slow: those of
    --territory, or of the array `tissue` (1 border zone, 2 core) of a file.
    """
    sizes = {"burden": burden, "transmurality": transmurality, "site": site, "border_mm": border_mm}
    target = infarct_target(territory, sizes)
    if step_ms is not None and not 0 < step_ms < math.inf:
        msg = f"--step-ms must be positive, got {step_ms}"
        raise ValueError(msg)
    if out is not None:
        require_folder(out)
    with progress_bar(f"activating {spec}", unit="steps") as report:
        report(0, _STEPS)
        muscle = load_muscle(spec, atrium=atrium)
        report(1, _STEPS)
        muscle = with_infarct(muscle, target, seed)
        report(2, _STEPS)
        waves = sources(muscle, source or [])
        start_s = time.process_time()
        conductor = _conductor(muscle, speeds(muscle, cv), cv_endocardium)
        times_ms = _activate(muscle, conductor, waves, ball_mm, order)
        result = _summary(muscle, times_ms, [w.name for w in waves])
        result["cpu_s"] = time.process_time() - start_s
        report(3, _STEPS)
        if out is not None:
            result["files"] = _write(out, muscle, times_ms, step_ms, report)
    print_result(result, _as_text(result), as_json=json)


def with_infarct(muscle: Muscle, target: "InfarctTarget | None", seed: int) -> Muscle:
    """The muscle with the infarct asked for, or with that of its file, if there is either.

    Raises
    ------
    ValueError
        When an infarct is asked for on something else than a heart, or cannot be had.
    """
    if target is None:
        return muscle
    if muscle.heart is None:
        msg = f"--territory is of a heart; {muscle.name} has no coronary arteries here"
        raise ValueError(msg)
    if muscle.tissue is not None and muscle.tissue.core.any():
        note(f"{muscle.name} holds an infarct; --territory {target.territory} takes its place")
    from ..sim import prepare

    return replace(muscle, tissue=draw_tissue(prepare(muscle.heart, None), target, seed)[0])


def speeds(muscle: Muscle, words: str | None) -> tuple[float, ...]:
    """Three speeds in tetrahedra, two on surfaces, mm/ms; the rest repeats the last one told.

    Raises
    ------
    ValueError
        When the words are no positive numbers, or too many.

    Examples
    --------
    >>> speeds(load_muscle("slab:2x1x1@0.5"), "0.6,0.3")
    (0.6, 0.3, 0.3)
    """
    from ..sim import Conduction

    wanted = muscle.elements.shape[1] - 1
    usual = Conduction()
    if words is None:
        if muscle.atrium is not None:
            return ATRIAL_MM_PER_MS
        along = (usual.cv_fibre_mm_per_ms, usual.cv_sheet_mm_per_ms, usual.cv_normal_mm_per_ms)
        return along[:wanted]
    return tuple(numbers(words, "--cv", wanted))


class _Conductor(NamedTuple):
    """What conducts, and how fast: tetrahedra, and triangles of a layer or a wall."""

    tets: "NDArray[np.integer]"
    tet_ms2: "NDArray[np.float64]"
    triangles: "NDArray[np.integer]"
    triangle_ms2: "NDArray[np.float64]"


def _conductor(muscle: Muscle, cv: tuple[float, ...], cv_endocardium: float | None) -> _Conductor:
    """Tetrahedra with the fast endocardium of a heart, or the triangles of a surface."""
    import numpy as np

    from ..sim import Conduction, tet_metric, triangle_metric

    nodes_mm, elements, fibres = muscle.nodes_mm, muscle.elements, muscle.fibres
    if muscle.sheets is None:
        wall = triangle_metric(nodes_mm, elements, cv[0], fibres=fibres, across_mm_per_ms=cv[1])
        return _Conductor(np.zeros((0, 4), np.int32), np.zeros((0, 6)), elements, wall)
    tissue = tet_metric(nodes_mm, elements, fibres, muscle.sheets, cv)
    if cv_endocardium is None:
        cv_endocardium = Conduction().cv_endocardium_mm_per_ms
    if muscle.heart is None or cv_endocardium <= 0:
        return _Conductor(elements, tissue, np.zeros((0, 3), np.int32), np.zeros((0, 3)))
    layer = np.concatenate([muscle.heart.surfaces[s] for s in ("lv_endo", "rv_endo")])
    return _Conductor(elements, tissue, layer, triangle_metric(nodes_mm, layer, cv_endocardium))


def _activate(
    muscle: Muscle, conductor: _Conductor, waves: "list[Source]", ball_mm: float, order: int
) -> "NDArray[np.float64]":
    """(n,) First arrivals in ms; inf where there is none."""
    import numpy as np

    from ..sim import Conduction, eikonal_mesh, healthy, solve_eikonal

    tissue = muscle.tissue or healthy(len(muscle.nodes_mm))
    slow = 1 - (1 - Conduction().border_speed_ratio) * tissue.border
    return solve_eikonal(
        eikonal_mesh(muscle.nodes_mm, conductor.tets, conductor.triangles),
        tet_metric=conductor.tet_ms2,
        triangle_metric=conductor.triangle_ms2,
        tet_scale=slow[conductor.tets].mean(axis=1),
        triangle_scale=slow[conductor.triangles].mean(axis=1),
        sources=np.concatenate([wave.nodes for wave in waves]),
        source_times_ms=np.concatenate([np.full(len(w.nodes), w.time_ms) for w in waves]),
        blocked=tissue.core,
        ball_mm=ball_mm,
        order=order,
    )


def _summary(muscle: Muscle, times_ms: "NDArray[np.float64]", sources: list[str]) -> dict[str, Any]:
    """What there is to say of the wave."""
    import numpy as np

    reached = np.isfinite(times_ms)
    return {
        "muscle": muscle.name,
        "nodes": len(times_ms),
        "elements": len(muscle.elements),
        "sources": sources,
        "last_activation_ms": float(times_ms[reached].max()),
        "never_activated": int((~reached).sum()),
    }


def _write(
    out: Path,
    muscle: Muscle,
    times_ms: "NDArray[np.float64]",
    step_ms: float | None,
    report: Report,
) -> list[Path]:
    """Mesh and picture."""
    from ..viz import plot_times

    out.mkdir(parents=True, exist_ok=True)
    fields: dict[str, Any] = {"activation_ms": times_ms}
    if muscle.tissue is not None:
        fields |= {"tissue": muscle.tissue.labels, "border": muscle.tissue.border}
    files = [muscle.write(out / f"activation{muscle.suffix}", fields), out / "activation.png"]
    plot_times(muscle.body, times_ms, "Activation (ms)", path=files[1], step_ms=step_ms)
    report(_STEPS, _STEPS)
    return files


def _as_text(result: dict[str, Any]) -> str:
    """What the wave came to, in lines."""
    never = f", {result['never_activated']} nodes never" if result["never_activated"] else ""
    lines = [
        f"{result['muscle']}: {result['nodes']} nodes, {result['elements']} elements",
        f"  sources             {', '.join(result['sources'])}",
        f"  last activation     {result['last_activation_ms']:.1f} ms{never}",
        f"  wave                {result['cpu_s']:.2f} s of processor time",
    ]
    if "files" in result:
        lines.append(f"  files               {', '.join(map(str, result['files']))}")
    return "\n".join(lines)
