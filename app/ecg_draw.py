"""The pictures of `cardiotwin ecg plot`: a record read, read off, and drawn."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from .console import note, progress_bar
from .ecg_beats import find_beats
from .ecg_file import EcgFile, marked_beats
from .ecg_options import AS_IT_IS, Filtering, Part
from .ecg_reading import beats_in, cut_beats, interval_line, patient_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from ..signals import ECG
    from ..signals.beat_classes import Beats
    from ..signals.recording import Marks
    from ..viz import Paper

#: A paper is measured on no more than this.
_MEASURED_S = 60.0
#: Leads whose rhythm is easiest to see, the first that is there.
_RHYTHM = ("II", "MLII", "V5", "V1", "I")


class Wanted(NamedTuple):
    """What is drawn beside the traces."""

    beats: bool
    waves: bool
    intervals: bool
    quality: bool
    title: str


class Lines(NamedTuple):
    """How a long record is drawn."""

    line_s: float | None
    tachogram: bool
    only_rr: bool


def draw_paper(
    source: EcgFile,
    part: Part,
    filtering: Filtering,
    wanted: Wanted,
    paper: "Paper",
    out: Path,
    *,
    beat: bool,
) -> dict[str, Any]:
    """Millimetre paper of a part of a record, or of its median beat."""
    from ..signals.delineation import delineate
    from ..signals.intervals import measure_beat
    from ..signals.quality import quality
    from ..signals.r_peaks import r_peaks
    from ..viz import Reading, plot_ecg, plot_median_beat

    part = part._replace(length_s=min(part.length_s or _MEASURED_S, _MEASURED_S))
    raw = source.ecg(part)
    ecg = filtering.apply(raw)
    peaks = r_peaks(ecg)
    lines = tuple(filter(None, [patient_line(source.info.meta)]))
    if beat:
        found = measure_beat(ecg, peaks)
        lines += (interval_line(found.intervals),) if wanted.intervals else ()
        plot_median_beat(
            found.beat,
            found.waves if wanted.waves else None,
            title=wanted.title,
            borders_ms=found.borders_ms if wanted.intervals else (),
            lines=lines,
            paper=paper,
            path=out,
        )
        return {"leads": ecg.leads, "length_s": found.beat.ecg.duration_ms / 1000}
    reading = Reading(
        beats=beats_in(source, part, ecg, peaks)[1] if wanted.beats else None,
        waves=delineate(ecg, peaks) if wanted.waves else None,
        quality=quality(raw).score if wanted.quality else None,
        lines=lines + (_interval_lines(ecg, peaks) if wanted.intervals else ()),
        note=filtering.words,
    )
    plot_ecg(ecg, title=wanted.title, paper=paper, reading=reading, path=out)
    return {"leads": ecg.leads, "length_s": ecg.duration_ms / 1000}


def _interval_lines(ecg: "ECG", peaks: "NDArray[np.int64]") -> tuple[str, ...]:
    """The intervals; none, and a note, where there is no beat to measure."""
    from ..signals.intervals import measure_beat

    try:
        return (interval_line(measure_beat(ecg, peaks).intervals),)
    except ValueError as error:
        note(f"no intervals: {error}")
        return ()


def draw_scroll(
    source: EcgFile, part: Part, filtering: Filtering, wanted: Wanted, lines: Lines, out: Path
) -> dict[str, Any]:
    """One lead of a part of a record, line below line, in memory that does not grow with it."""
    from ..viz import plot_scroll, plot_tachogram, thin
    from ..viz.scroll_page import COLUMNS, line_seconds

    lead = _one_lead(source, part)
    part = part._replace(leads=(lead,))
    seconds = min(part.stop_s, source.info.duration_ms / 1000) - part.start_s
    beats = _beats(source, part, filtering) if wanted.beats or lines.only_rr else None
    if lines.only_rr and beats is not None:
        plot_tachogram(beats, duration_ms=1000 * seconds, title=wanted.title, path=out)
        return {"leads": (lead,), "length_s": seconds, "beats": len(beats.times_ms)}
    line_s = line_seconds(1000 * seconds) if lines.line_s is None else lines.line_s
    with progress_bar(f"reading {source.name}", unit="s") as report:

        def pieces() -> "Iterator[tuple[int, ECG]]":
            for place, chunk in source.chunks(part, filtering):
                yield place, chunk
                report(round(place / chunk.fs_hz + chunk.duration_ms / 1000), round(seconds))

        trace = thin(pieces(), lead, 1000 * line_s / COLUMNS)
    plot_scroll(
        trace,
        beats=beats,
        rhythms=_rhythms(source, part),
        doubtful_ms=_doubtful_ms(source, part) if wanted.quality else None,
        line_s=line_s,
        start_s=part.start_s,
        title="   ".join(filter(None, [wanted.title, lead, filtering.words])),
        tachogram=lines.tachogram,
        path=out,
    )
    count = None if beats is None else len(beats.times_ms)
    return {"leads": (lead,), "length_s": seconds, "beats": count}


def _one_lead(source: EcgFile, part: Part) -> str:
    """The lead that is asked for, or the one in which rhythms are easiest to see."""
    leads = source.info.leads
    if part.leads is None:
        return next((lead for lead in _RHYTHM if lead in leads), leads[0])
    if len(part.leads) > 1:
        msg = f"scroll shows one lead, not {', '.join(part.leads)}; draw a picture of each"
        raise ValueError(msg)
    return part.leads[0]


def _beats(source: EcgFile, part: Part, filtering: Filtering) -> "Beats":
    """Marked beats of the part on its own clock; where there are none, those found in all leads."""
    from ..signals.beat_classes import Beats

    known = marked_beats(source.marks)
    if known is not None:
        return cut_beats(known[1], part)
    found = find_beats(source, part._replace(leads=None), filtering, None)
    return Beats(found.times_ms - 1000 * part.start_s, found.classes, found.classes)


def _doubtful_ms(source: EcgFile, part: Part) -> "NDArray[np.float64]":
    """(k, 2) Seconds of poor quality, in the lead as it was recorded."""
    from ..signals.quality import quality_of_chunks
    from ..signals.stretches import runs
    from ..viz.paper_marks import DOUBTFUL

    score = quality_of_chunks(chunk for _, chunk in source.chunks(part, AS_IT_IS)).score
    return 1000.0 * runs(score[0] < DOUBTFUL).astype(float)


def _rhythms(source: EcgFile, part: Part) -> "Marks | None":
    """Where rhythms begin, of the marks whose notes name them as WFDB's do."""
    for marks in source.marks.values():
        if "+" in marks.labels and marks.notes:
            named = marks.only(("+",)).shifted(-1000 * part.start_s)
            return named.cut(0.0, 1000 * (part.stop_s - part.start_s))
    return None
