"""`cardiotwin sim ecg`: 12 leads, the map of the skin and electrograms of a simulated wave."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple

import typer

from .console import Json, Out, print_result, progress_bar
from .ecg_source import EcgSource, read_source
from .patient_files import write_leads, write_table
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
    from ..anatomy import Heart, Torso
    from ..signals import ECG
    from ..sim.bodies import BodyName

Medium = Literal["infinite", "torso", "lungs", "organs"]
#: Moments of a map of the skin at most: a column each.
_MOST_MOMENTS = 8


class Place(NamedTuple):
    """An electrode of an electrogram."""

    name: str
    at_mm: tuple[float, float, float]


def ecg(
    path: Annotated[
        Path,
        typer.Argument(
            help="A folder of `sim reaction` or its frames.zarr; or a heart with activation "
            "times at its nodes: activation.vtu, reaction.vtu, beat.vtu, or a .vtu of your own."
        ),
    ],
    activation: Annotated[
        str | None,
        typer.Option(help="Its array of activation times, ms.", show_default="activation_ms"),
    ] = None,
    apd: Annotated[
        str | None,
        typer.Option(
            help="Its array of durations of the action potential, ms.",
            show_default="apd90_ms, else from repolarisation_ms, else those of a healthy adult",
        ),
    ] = None,
    heart: Annotated[
        str | None, typer.Option(help="Heart of a frames.zarr without reaction.vtu beside it.")
    ] = None,
    medium: Annotated[
        Medium,
        typer.Option(
            help="What the heart lies in: torso is a body fitted to the electrodes, lungs the "
            "same with lungs, organs also with blood in the ventricles."
        ),
    ] = "torso",
    torso: TorsoFile = None,
    electrodes: Electrodes = None,
    torso_units: TorsoUnits = None,
    torso_frame: TorsoFrame = None,
    map_ms: Annotated[
        str | None,
        typer.Option(
            help="Moments of a map of the skin, such as 20,40,60.",
            show_default="four of the QRS; 0 for no map",
        ),
    ] = None,
    at: Annotated[
        list[str] | None,
        typer.Option(help="An electrogram at x,y,z in mm or at name=x,y,z. Repeat it for more."),
    ] = None,
    duration_ms: Annotated[float, typer.Option(min=1, help="Of what is made of times.")] = 600.0,
    fs_hz: Annotated[float, typer.Option(min=100, help="Of what is made of times.")] = 1000.0,
    out: Out = None,
    json: Json = False,
) -> None:
    """Work out the 12-lead ECG of a wave that was simulated here or elsewhere.

    Into --out go ecg.csv and ecg.png (true to scale, 25 mm/s), body_map.png, and with --at
    electrograms.csv and electrograms.png.
    """
    from ..sim import prepare

    places = [_place(word) for word in at or []]
    moments_ms = _moments(map_ms, medium)
    if places and out is None:
        msg = "--at writes electrograms; add --out"
        raise ValueError(msg)
    if torso is not None and medium != "torso":
        msg = f"--medium {medium} has no part in a --torso of your own; leave one out"
        raise ValueError(msg)
    if out is not None:
        require_folder(out)
    body = read_body(torso, electrodes, torso_units, torso_frame)
    with progress_bar(f"ECG of {path}", unit="steps") as report:
        report(0, 4)
        source = read_source(path, heart, activation, apd)
        report(1, 4)
        start_s = time.process_time()
        seated, skin = _body(source.heart, body, medium)
        source = source._replace(heart=seated)
        leads = source.twelve_leads(prepare(seated, skin), duration_ms, fs_hz)
        result = _summary(source, leads, medium if torso is None else str(torso))
        result["cpu_s"] = time.process_time() - start_s
        report(2, 4)
        if out is not None:
            out.mkdir(parents=True, exist_ok=True)
            files = _write_leads(out, source, leads)
            if skin is not None and moments_ms != []:
                files.append(_write_map(out, source, skin, moments_ms))
            report(3, 4)
            if places:
                files += _write_electrograms(out, source, skin, places, duration_ms, fs_hz)
            result["files"] = files
        report(4, 4)
    print_result(result, _as_text(result), as_json=json)


def _place(word: str) -> Place:
    """An electrode of `x,y,z` or `name=x,y,z`."""
    name, named, numbers = word.rpartition("=")
    try:
        x, y, z = (float(number) for number in numbers.split(","))
    except ValueError:
        msg = f"cannot read --at {word!r}; give x,y,z in mm, or name=x,y,z"
        raise ValueError(msg) from None
    return Place(name if named else word, (x, y, z))


def _moments(words: str | None, medium: Medium) -> list[float] | None:
    """Moments of the map; none for no map, None for those that are usual."""
    if words is None:
        return None
    if words == "0":
        return []
    if medium == "infinite":
        msg = "--map-ms is of a skin, and an infinite medium has none; take --medium torso"
        raise ValueError(msg)
    try:
        told = [float(word) for word in words.split(",")]
    except ValueError:
        told = []
    if not 1 <= len(told) <= _MOST_MOMENTS or min(told) < 0:
        msg = f"--map-ms must be up to {_MOST_MOMENTS} times in ms, commas between, got {words!r}"
        raise ValueError(msg)
    return told


def _body(heart: "Heart", body: Body, medium: Medium) -> "tuple[Heart, Torso | None]":
    """The heart with its electrodes, and what lies around it; None is an infinite medium."""
    from ..sim.bodies import body_about

    seated, torso = seat(heart, body)
    if medium == "infinite":
        return seated, None
    if torso is not None and medium == "torso":
        return seated, torso
    names: dict[str, BodyName] = {"torso": "fitted", "lungs": "lungs", "organs": "organs"}
    return seated, body_about(seated, names[medium])


def _write_leads(out: Path, source: EcgSource, leads: "ECG") -> list[Path]:
    """Table and paper."""
    from ..viz import plot_ecg

    table, sheet = out / "ecg.csv", out / "ecg.png"
    write_leads(table, leads)
    plot_ecg(leads, title=source.heart.name, path=sheet)
    return [table, sheet]


def _write_map(out: Path, source: EcgSource, skin: "Torso", moments_ms: list[float] | None) -> Path:
    """The potentials of the skin at some moments."""
    import numpy as np

    from ..sim.body_map import body_map
    from ..viz.body_map import plot_body_map

    if moments_ms is None:
        first_ms, last_ms = source.wave_ms()
        moments_ms = [round(first_ms + (last_ms - first_ms) * k) for k in (0.2, 0.4, 0.6, 0.8)]
    times_ms, v_mv = source.at(np.array(moments_ms))
    potentials_mv = body_map(source.heart, skin, v_mv, tissue=source.tissue)
    picture = out / "body_map.png"
    electrodes_mm = source.heart.electrodes_mm
    plot_body_map(
        skin, potentials_mv.T, times_ms.tolist(), path=picture, electrodes_mm=electrodes_mm
    )
    return picture


def _write_electrograms(
    out: Path,
    source: EcgSource,
    skin: "Torso | None",
    places: list[Place],
    duration_ms: float,
    fs_hz: float,
) -> list[Path]:
    """Table and picture of the unipolar electrograms."""
    import numpy as np

    from ..sim.electrogram import electrogram_weights
    from ..viz.traces import plot_electrograms

    places_mm = np.array([place.at_mm for place in places])
    weights = electrogram_weights(source.heart, places_mm, torso=skin)
    times_ms, v_mv = source.at(source.samples_ms(duration_ms, fs_hz))
    potentials_mv = weights @ v_mv
    names = [place.name for place in places]
    table, picture = out / "electrograms.csv", out / "electrograms.png"
    write_table(table, times_ms, potentials_mv, names)
    plot_electrograms(times_ms, potentials_mv, names, path=picture)
    return [table, picture]


def _summary(source: EcgSource, leads: "ECG", medium: str) -> dict[str, Any]:
    """What there is to say of the ECG."""
    from ..signals import qrs_duration_ms

    return {
        "heart": source.heart.name,
        "medium": medium,
        "of": type(source).__name__.lower(),
        "samples": leads.samples_mv.shape[1],
        "fs_hz": leads.fs_hz,
        "qrs_ms": qrs_duration_ms(leads),
        "lowest_mv": dict(zip(leads.leads, leads.samples_mv.min(axis=1).tolist(), strict=True)),
        "highest_mv": dict(zip(leads.leads, leads.samples_mv.max(axis=1).tolist(), strict=True)),
    }


def _as_text(result: dict[str, Any]) -> str:
    """What the ECG came to, in lines."""
    ranges = [
        f"{lead} {low:.2f} to {result['highest_mv'][lead]:.2f}"
        for lead, low in result["lowest_mv"].items()
    ]
    lines = [
        f"{result['heart']}: 12 leads of {result['of']}, medium {result['medium']}",
        f"  QRS duration        {result['qrs_ms']:.0f} ms",
        f"  range in mV         {', '.join(ranges[:6])},",
        f"                      {', '.join(ranges[6:])}",
        f"  worked out in       {result['cpu_s']:.2f} s of processor time",
    ]
    if "files" in result:
        lines.append(f"  files               {', '.join(map(str, result['files']))}")
    return "\n".join(lines)
