"""`cardiotwin ecg convert`: a record in another format, or a part of it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import ecg_options as options
from .console import Json, note, print_result, progress_bar
from .ecg_file import EcgFile, open_ecg
from .ecg_info import clock_words
from .ecg_options import AS_IT_IS, Filtering, Part, part_of
from .written import require_ending

if TYPE_CHECKING:
    from ..signals import ECG
    from ..signals.recording import Recording

#: What may be known of patient and visit.
_KNOWN = ("patient", "age_years", "sex", "start", "diagnoses", "comments")


def convert(
    file: options.FileSpec,
    out: Annotated[
        Path,
        typer.Argument(
            help="What to write, by its ending: .hea (WFDB, with .dat and marks beside it), .edf, "
            ".bdf, .csv, .npz or .dcm.",
            show_default=False,
        ),
    ],
    leads: options.Leads = None,
    start_s: options.StartS = 0.0,
    length_s: options.LengthS = None,
    fs_hz: Annotated[
        float | None,
        typer.Option(
            help="Resample the ECG to this rate, without aliasing.", show_default="as it is"
        ),
    ] = None,
    highpass_hz: options.HighpassHz = None,
    lowpass_hz: options.LowpassHz = None,
    mains: options.Mains = None,
    csv_fs_hz: Annotated[
        float | None, typer.Option(help="Rate of a .csv FILE that has no column of times.")
    ] = None,
    csv_unit: Annotated[
        str | None,
        typer.Option(help="Unit of a .csv FILE: V, mV, uV or nV.", show_default="mV"),
    ] = None,
    lossy: Annotated[
        bool,
        typer.Option("--lossy", help="Let go of signals and marks that OUT cannot hold."),
    ] = False,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace OUT when it is there.")
    ] = False,
    json: Json = False,
) -> None:
    """Write a record in another format: all of it, or some leads, a part, another rate, filtered.

    Marks and signals other than the ECG go along. Those that the format of OUT cannot hold are an
    error that names them; --lossy writes the rest. What is known of patient and visit goes along
    as far as the format has a place for it; a note names the rest. An OUT that is there is left
    alone.
    """
    from ..signals.write import WRITTEN, write_recording

    require_ending(out, WRITTEN)
    if out.exists() and not overwrite:
        msg = f"{out} is there already; add --overwrite to replace it"
        raise ValueError(msg)
    part = part_of(leads, start_s, length_s)
    filtering = Filtering(highpass_hz, lowpass_hz, mains)
    with progress_bar(f"converting {file}", unit="steps") as report:
        report(0, 3)
        recording = _read(open_ecg(file), csv_fs_hz, csv_unit)
        report(1, 3)
        recording = _changed(recording, part, filtering, fs_hz)
        report(2, 3)
        write_recording(recording, out, lossy=lossy)
        report(3, 3)
    ecg, left_out = recording.ecg, _left_out(recording, out)
    if left_out:
        note(f"{out} does not say {', '.join(left_out)}; .npz keeps all that is known")
    result = {
        "out": out,
        "leads": () if ecg is None else ecg.leads,
        "fs_hz": None if ecg is None else ecg.fs_hz,
        "duration_s": (recording.common_ms[1] - recording.common_ms[0]) / 1000,
        "traces": tuple(recording.traces),
        "marks": {name: len(marks.labels) for name, marks in recording.marks.items()},
        "left_out": left_out,
    }
    print_result(result, _as_text(recording, out), as_json=json)


def _read(source: EcgFile, csv_fs_hz: float | None, csv_unit: str | None) -> "Recording":
    """The whole record; a table of numbers needs to be told what they are."""
    from ..signals.csv_files import read_csv

    if csv_fs_hz is None and csv_unit is None:
        return source.recording()
    if source.path.suffix.lower() != ".csv":
        msg = f"--csv-fs-hz and --csv-unit are of a .csv file; {source.name} is none"
        raise ValueError(msg)
    return read_csv(source.path, fs_hz=csv_fs_hz, unit=csv_unit or "mV")


def _changed(
    recording: "Recording", part: Part, filtering: Filtering, fs_hz: float | None
) -> "Recording":
    """Cut, with some leads, filtered and resampled, as far as that is asked for."""
    ecg = recording.ecg
    if ecg is not None and (part.leads is not None or filtering != AS_IT_IS or fs_hz):
        recording = replace(recording, ecg=_changed_ecg(ecg, part, filtering, fs_hz))
    elif ecg is None and (part.leads is not None or fs_hz):
        msg = f"the record has no ECG; it has {', '.join(recording.traces)}"
        raise ValueError(msg)
    if part.start_s == 0 and part.length_s is None:
        return recording
    start_ms, stop_ms = recording.common_ms
    part.require_within(stop_ms / 1000)
    start_ms = max(start_ms, 1000 * part.start_s)
    cut = recording.cut(start_ms, min(stop_ms, 1000 * part.stop_s))
    return replace(cut, meta=_later(recording.meta, start_ms))


def _later(meta: Mapping[str, str | float], by_ms: float) -> dict[str, str | float]:
    """The same, with the time at which a part begins in the place of that of the whole."""
    from ..signals.starts import UNKNOWN_START, start_of

    start = start_of(meta)
    if by_ms == 0:
        return dict(meta)
    if start == UNKNOWN_START:
        return {key: value for key, value in meta.items() if key != "start"}
    return {**meta, "start": (start + timedelta(milliseconds=by_ms)).isoformat(sep=" ")}


def _changed_ecg(ecg: "ECG", part: Part, filtering: Filtering, fs_hz: float | None) -> "ECG":
    """Other samples than those of the file forget the digits in which it was stored."""
    from ..signals.resample import resample

    if part.leads is not None:
        ecg = ecg.select(part.leads)
    if filtering == AS_IT_IS and fs_hz in (None, ecg.fs_hz):
        return ecg
    meta = {k: v for k, v in ecg.meta.items() if not k.startswith(("gain ", "baseline "))}
    ecg = filtering.apply(replace(ecg, meta=meta))
    return ecg if fs_hz is None else resample(ecg, fs_hz)


def _left_out(recording: "Recording", out: Path) -> tuple[str, ...]:
    """What is known of patient and visit and cannot be read from the file that was written."""
    from ..signals.read import record_info

    written = record_info(out).meta
    return tuple(key for key in _KNOWN if key in recording.meta and key not in written)


def _as_text(recording: "Recording", out: Path) -> str:
    start_ms, stop_ms = recording.common_ms
    said = [clock_words((stop_ms - start_ms) / 1000)]
    if recording.ecg is not None:
        said.insert(0, f"{', '.join(recording.ecg.leads)} at {recording.ecg.fs_hz:g} Hz")
    said += list(recording.traces)
    said += [f"marks {name}" for name in recording.marks]
    return f"{out}: {'; '.join(said)}\nNext: cardiotwin ecg plot {out} --out ecg.png"
