"""`cardiotwin sim beat`: one beat of one heart, healthy or after an infarct."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from .console import Json, Out, Report, print_result, progress_bar
from .heart_options import Spec
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
from .patient_files import Picture, write_leads, write_mesh, write_picture, write_torso
from .torso_options import (
    Body,
    Electrodes,
    TorsoFile,
    TorsoFrame,
    TorsoUnits,
    read_body,
    seat,
)
from .written import require_folder

if TYPE_CHECKING:
    from ..anatomy import Heart
    from ..cohorts import InfarctTarget
    from ..signals import ECG
    from ..sim import Beat, Tissue

#: Steps that `beat` reports: heart, model, beat, healthy beat, then one for each file.
_STEPS, _FILES = 4, len(Picture) + 2


def beat(
    spec: Spec = "builtin",
    territory: Territory = None,
    burden: Burden = None,
    transmurality: Transmurality = None,
    site: Site = None,
    border_mm: BorderMm = None,
    seed: Seed = 0,
    torso: TorsoFile = None,
    electrodes: Electrodes = None,
    torso_units: TorsoUnits = None,
    torso_frame: TorsoFrame = None,
    out: Out = None,
    json: Json = False,
) -> None:
    """Simulate one beat: activation, repolarisation and a 12-lead ECG.

    Into --out go beat.vtu (for ParaView), ecg.csv (ms and mV), ecg.png and activation.png; with
    an infarct also scar.png and bullseye.png, and the healthy beat is drawn beside the other;
    with a torso or electrodes of your own also torso.png, which shows how the heart lies.

    A file whose labels, unit or frame must be told is built first: cardiotwin anatomy build.
    """
    sizes = {"burden": burden, "transmurality": transmurality, "site": site, "border_mm": border_mm}
    target = infarct_target(territory, sizes)
    if out is not None:
        require_folder(out)
    body = read_body(torso, electrodes, torso_units, torso_frame)
    with progress_bar(f"simulating {spec}", unit="steps") as report:
        result = _simulate(spec, target, seed, body, out, report)
    print_result(result, _as_text(result), as_json=json)


def _simulate(
    spec: str,
    target: "InfarctTarget | None",
    seed: int,
    body: Body,
    out: Path | None,
    report: Report,
) -> dict[str, Any]:
    """Run the beat, write its files, and return what there is to say."""
    from ..anatomy import load_heart
    from ..signals import qrs_duration_ms
    from ..sim import healthy, prepare, simulate

    total = _STEPS + (_FILES if out is not None else 0)
    report(0, total)
    heart, torso = seat(load_heart(spec), body)
    report(1, total)
    model = prepare(heart, torso or "fitted")
    report(2, total)
    beat, tissue = simulate(model), healthy(len(heart.nodes_mm))
    result: dict[str, Any] = {"heart": heart.name, "territory": None}
    before: ECG | None = None
    report(3, total)
    if target is not None:
        tissue, achieved = draw_tissue(model, target, seed)
        before, beat = beat.ecg, simulate(model, None, tissue)
        result |= {"territory": target.territory, "seed": seed, **achieved._asdict()}
        result["healthy_qrs_ms"] = qrs_duration_ms(before)
    report(4, total)
    result["last_activation_ms"] = beat.last_activation_ms
    result["qrs_ms"] = qrs_duration_ms(beat.ecg)
    if out is not None:
        title = f"{heart.name}, {_kind(result)}"
        result["files"] = _write(out, heart, tissue, beat, before, title, report)
        if torso is not None:
            result["files"].append(write_torso(out / "torso.png", heart, torso))
    return result


def _write(
    out: Path,
    heart: "Heart",
    tissue: "Tissue",
    beat: "Beat",
    before: "ECG | None",
    title: str,
    report: Report,
) -> list[Path]:
    """All files about the beat; pictures of a scar only when there is one."""
    out.mkdir(parents=True, exist_ok=True)
    write_mesh(out / "beat.vtu", heart, tissue, beat)
    report(_STEPS + 1, _STEPS + _FILES)
    write_leads(out / "ecg.csv", beat.ecg)
    report(_STEPS + 2, _STEPS + _FILES)
    files = [out / "beat.vtu", out / "ecg.csv"]
    for done, what in enumerate(Picture, start=_STEPS + 3):
        if before is not None or what in (Picture.ACTIVATION, Picture.ECG):
            files.append(out / f"{what}.png")
            write_picture(what, files[-1], heart, tissue, beat, title=title, healthy=before)
        report(done, _STEPS + _FILES)
    return files


def _kind(result: dict[str, Any]) -> str:
    """What is simulated, in a word or two."""
    if not result["territory"]:
        return "healthy"
    return f"{result['territory']} infarct, {result['burden']:.0%} of the left ventricle"


def _as_text(result: dict[str, Any]) -> str:
    """What the beat came to, in lines."""
    lines = [f"{result['heart']}: healthy beat"]
    if result["territory"]:
        lines = [
            f"{result['heart']}: {result['territory']} infarct, seed {result['seed']}",
            f"  infarct core        {result['burden']:.1%} of the left ventricle",
            f"  transmurality       {result['transmurality']:.0%} of the wall where there is scar",
            f"  border zone         {result['border_share']:.1%} of the left ventricle",
            f"  site of occlusion   {result['site']:.2f} (0 proximal, 1 distal)",
        ]
    lines.append(f"  last activation     {result['last_activation_ms']:.0f} ms")
    before = f", healthy {result['healthy_qrs_ms']:.0f} ms" if result["territory"] else ""
    lines.append(f"  QRS duration        {result['qrs_ms']:.0f} ms{before}")
    if "files" in result:
        lines.append(f"  files               {', '.join(map(str, result['files']))}")
    return "\n".join(lines)
