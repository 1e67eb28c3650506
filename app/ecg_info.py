"""`cardiotwin ecg info`: what a record holds, how good it is, and how the heart beats in it."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .console import Json, Report, print_result, print_table, progress_bar
from .ecg_file import EcgFile, marked_beats, open_ecg
from .ecg_options import AS_IT_IS, WHOLE, FileSpec

if TYPE_CHECKING:
    from ..signals import ECG
    from ..signals.info import RecordInfo
    from ..signals.recording import Marks

#: What is known of a patient, as far as it is.
_PATIENT = ("patient", "age_years", "sex", "diagnoses")
_SHOWN_LABELS = 12


def info(
    file: FileSpec,
    quick: Annotated[
        bool, typer.Option("--quick", help="Read the headers and marks alone, no samples.")
    ] = False,
    json: Json = False,
) -> None:
    """Say what a record holds: leads, rate, length, gaps, quality, beats, marks, patient.

    Gaps and quality are shares of the seconds of each lead; a second is good when its quality
    reaches 0.5. Beats are those the file marks (`atr`), or else found in the signal.
    """
    source = open_ecg(file)
    found = source.info
    result = _facts(source, found)
    marks = source.marks
    result["marks"] = {name: _labels(some) for name, some in marks.items()}
    if found.leads and not quick:
        with progress_bar(f"reading {file}", unit="s") as report:
            result["signal"] = _signal(source, found, report)
        result["beats"] = _beats(source, found, marks)
    if json:
        print_result(result, "", as_json=True)
        return
    print_table(f"Record {source.name}", ("what", "value"), _rows(result))


def _facts(source: EcgFile, found: "RecordInfo") -> dict[str, Any]:
    """What headers and index say."""
    gains = {lead: found.meta.get(f"gain {lead}") for lead in found.leads}
    return {
        "file": source.name,
        "format": found.kind,
        "leads": found.leads,
        "fs_hz": found.fs_hz,
        "samples": found.samples,
        "duration_s": found.duration_ms / 1000,
        "start": found.meta.get("start"),
        "gain_per_mv": {lead: gain for lead, gain in gains.items() if gain is not None},
        "traces": {n: {"fs_hz": t.fs_hz, "unit": t.unit} for n, t in found.traces.items()},
        "patient": {key: found.meta[key] for key in _PATIENT if key in found.meta},
    }


def _labels(marks: "Marks") -> dict[str, int]:
    """How often each label is there, the most frequent first."""
    return dict(Counter(marks.labels).most_common())


def _signal(source: EcgFile, found: "RecordInfo", report: Report) -> dict[str, dict[str, float]]:
    """Of each lead: what is missing, how much is good, lowest and highest value."""
    import numpy as np

    from ..signals.quality import quality_of_chunks
    from ..viz.paper_marks import DOUBTFUL

    n = len(found.leads)
    missing, low_mv, high_mv = np.zeros(n), np.full(n, np.nan), np.full(n, np.nan)

    def seen() -> "Iterator[ECG]":
        for place, chunk in source.chunks(WHOLE, AS_IT_IS):
            lost = np.isnan(chunk.samples_mv)
            missing[:] += lost.sum(axis=1)
            low_mv[:] = np.fmin(low_mv, np.fmin.reduce(chunk.samples_mv, axis=1))
            high_mv[:] = np.fmax(high_mv, np.fmax.reduce(chunk.samples_mv, axis=1))
            yield chunk
            report(round((place + lost.shape[1]) / found.fs_hz), round(found.duration_ms / 1000))

    good = (quality_of_chunks(seen()).score >= DOUBTFUL).mean(axis=1)
    return {
        lead: {
            "missing": missing[k] / found.samples,
            "good": good[k],
            "lowest_mv": low_mv[k],
            "highest_mv": high_mv[k],
        }
        for k, lead in enumerate(found.leads)
    }


def _beats(source: EcgFile, found: "RecordInfo", marks: "Mapping[str, Marks]") -> dict[str, Any]:
    """How many beats there are, of which classes, and the heart rate."""
    import numpy as np

    from ..signals.r_peaks import r_peaks_of_chunks

    known = marked_beats(marks)
    if known is None:
        pieces = (chunk for _, chunk in source.chunks(WHOLE, AS_IT_IS))
        times_ms = r_peaks_of_chunks(pieces) * (1000.0 / found.fs_hz)
        origin, classes = "found", {}
    else:
        origin, beats = known
        times_ms, classes = beats.times_ms, dict(Counter(beats.classes).most_common())
    rr_ms = np.diff(times_ms)
    rate = 60_000.0 / float(np.median(rr_ms)) if len(rr_ms) else None
    return {"from": origin, "count": len(times_ms), "rate_per_min": rate, "classes": classes}


def _rows(result: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Lines of the table."""
    rows = [
        ("format", result["format"]),
        ("ECG", _ecg_words(result)),
        ("length", clock_words(result["duration_s"])),
        ("recorded", str(result["start"] or "not said")),
        ("patient", _pairs(result["patient"]) or "not said"),
    ]
    gains = result["gain_per_mv"]
    if gains:
        rows.append(("units a mV", _alike({k: f"{v:g}" for k, v in gains.items()})))
    for name, trace in result["traces"].items():
        rows.append((f"also {name}", f"{trace['fs_hz']:g} Hz, {trace['unit']}"))
    if "signal" in result:
        leads = result["signal"]
        rows += [
            ("missing", _alike({k: _percent(v["missing"]) for k, v in leads.items()})),
            ("good", _alike({k: _percent(v["good"]) for k, v in leads.items()})),
            ("mV", _alike({k: _range_words(v) for k, v in leads.items()})),
        ]
    if "beats" in result:
        rows.append(("beats", _beat_words(result["beats"])))
    said: dict[str, list[str]] = {}
    for name, labels in result["marks"].items():
        said.setdefault(_label_words(labels), []).append(name)
    return rows + [(f"marks {', '.join(names)}", words) for words, names in said.items()]


def _ecg_words(result: Mapping[str, Any]) -> str:
    if not result["leads"]:
        return "none"
    leads = ", ".join(result["leads"])
    return f"{len(result['leads'])} leads ({leads}), {result['fs_hz']:g} Hz"


def clock_words(seconds: float) -> str:
    """A length of time as one says it.

    Examples
    --------
    >>> clock_words(10.0), clock_words(1805.6), clock_words(86400)
    ('10 s', '30 min 6 s', '24 h')
    """
    if seconds < 60:
        return f"{seconds:.4g} s"
    whole = round(seconds)
    parts = ((whole // 3600, "h"), (whole // 60 % 60, "min"), (whole % 60, "s"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count)


def _pairs(some: Mapping[str, Any]) -> str:
    words = {
        "patient": "{}",
        "age_years": "{:g} years",
        "sex": "{}",
        "diagnoses": "{}",
    }
    return ", ".join(words[key].format(value) for key, value in some.items())


def _alike(words: Mapping[str, str]) -> str:
    """One word for leads that agree, else one for each."""
    if len(set(words.values())) == 1:
        return f"{next(iter(words.values()))} in all leads"
    return ", ".join(f"{lead} {word}" for lead, word in words.items())


def _percent(share: float) -> str:
    return f"{100 * share:.3g} %"


def _range_words(lead: Mapping[str, float]) -> str:
    return f"{lead['lowest_mv']:.2f} to {lead['highest_mv']:.2f}"


def _beat_words(beats: Mapping[str, Any]) -> str:
    origin = "found in the signal" if beats["from"] == "found" else f"marked in {beats['from']}"
    rate = "" if beats["rate_per_min"] is None else f", {beats['rate_per_min']:.0f} a minute"
    classes = ", ".join(f"{count} {name}" for name, count in beats["classes"].items())
    return f"{beats['count']} {origin}{rate}" + (f"; {classes}" if classes else "")


def _label_words(labels: Mapping[str, int]) -> str:
    shown = [f"{count} {label}" for label, count in list(labels.items())[:_SHOWN_LABELS]]
    return ", ".join(shown) + (" ..." if len(labels) > _SHOWN_LABELS else "")
