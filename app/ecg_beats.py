"""`cardiotwin ecg beats`: the R peaks of a record, as a table or as marks beside it."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from . import ecg_options as options
from .console import Json, print_result, progress_bar
from .ecg_file import EcgFile, marked_beats, open_ecg
from .ecg_info import clock_words
from .ecg_options import Filtering, Part, part_of
from .written import require_ending

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..signals.beat_classes import Beats

#: Endings that are written: a table, and the names that WFDB programs give to marks of beats.
WRITTEN = (".csv", ".qrs", ".atr", ".ann")
#: A found beat and a marked one are the same when they are no further apart (ANSI/AAMI EC57).
_SAME_MS = 150.0


class Found(NamedTuple):
    """R peaks that were found, and what the file says of them."""

    samples: "NDArray[np.int64]"  #: (k,) in the whole record
    times_ms: "NDArray[np.float64]"  #: (k,) in the whole record
    classes: tuple[str, ...]  #: (k,) of the marked beat nearby; "" where there is none
    duration_s: float  #: of the part that was looked at


def beats(
    file: options.FileSpec,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Table (.csv) or WFDB marks (.qrs, .atr, .ann) to write, or to replace; without "
            "it none is written."
        ),
    ] = None,
    leads: options.Leads = None,
    start_s: options.StartS = 0.0,
    length_s: options.LengthS = None,
    highpass_hz: options.HighpassHz = None,
    lowpass_hz: options.LowpassHz = None,
    mains: options.Mains = None,
    json: Json = False,
) -> None:
    """Find the R peaks of a record of any length, on all leads or on some.

    The table has a line a beat: time_ms and sample in the record, rr_ms since the beat before,
    and class (N, S, V, F or Q of AAMI EC57) where the file marks a beat within 150 ms. Where
    beats are marked, sensitivity and positive predictive value say how well they were found.
    """
    if out is not None:
        require_ending(out, WRITTEN)
    source, part = open_ecg(file), part_of(leads, start_s, length_s)
    known = marked_beats(source.marks)
    reference = None if known is None else known[1]
    found = find_beats(source, part, Filtering(highpass_hz, lowpass_hz, mains), reference)
    result = _summary(found, part, known)
    if out is not None:
        _write(out, found, source.info.fs_hz)
        result["out"] = out
    print_result({"file": source.name} | result, _as_text(result), as_json=json)


def find_beats(
    source: EcgFile, part: Part, filtering: Filtering, reference: "Beats | None"
) -> Found:
    """R peaks of a part of a record, piece by piece, with the classes of the marked beats."""
    import numpy as np

    from ..signals.beat_classes import classes_at
    from ..signals.r_peaks import r_peaks_of_chunks

    info = source.info
    part.require_within(info.duration_ms / 1000)
    total_s = min(part.stop_s, info.duration_ms / 1000) - part.start_s
    with progress_bar(f"beats of {source.name}", unit="s") as report:

        def pieces() -> Any:
            for place, chunk in source.chunks(part, filtering):
                yield chunk
                report(round(place / chunk.fs_hz + chunk.duration_ms / 1000), round(total_s))

        peaks = r_peaks_of_chunks(pieces())
    first = int(np.ceil(part.start_s * info.fs_hz - 1e-3))
    samples = peaks + first
    times_ms = samples.astype(float) * (1000.0 / info.fs_hz)
    classes = ("",) * len(samples) if reference is None else classes_at(reference, times_ms)
    return Found(samples, times_ms, classes, total_s)


def _summary(found: Found, part: Part, known: "tuple[str, Beats] | None") -> dict[str, Any]:
    """Counts, rate, RR intervals, and agreement with the marks of the file."""
    import numpy as np

    from ..signals.scores import score_beats

    rr_ms = np.diff(found.times_ms)
    result: dict[str, Any] = {
        "beats": len(found.times_ms),
        "duration_s": found.duration_s,
        "rate_per_min": 60_000.0 / float(np.median(rr_ms)) if len(rr_ms) else None,
        "rr_ms_p5_p50_p95": np.quantile(rr_ms, (0.05, 0.5, 0.95)) if len(rr_ms) else None,
    }
    if known is not None:
        name, marked = known
        start_ms, stop_ms = 1000 * part.start_s, 1000 * part.stop_s
        within = (marked.times_ms >= start_ms) & (marked.times_ms < stop_ms)
        score = score_beats(found.times_ms, marked.times_ms[within], _SAME_MS)
        result["classes"] = dict(Counter(c or "not marked" for c in found.classes).most_common())
        result["against"] = {
            "marks": name,
            "beats": int(within.sum()),
            "sensitivity": score.sensitivity,
            "ppv": score.ppv,
        }
    return result


def _as_text(result: dict[str, Any]) -> str:
    """Two lines at most, and what was written."""
    line = f"{result['beats']} beats in {clock_words(result['duration_s'])}"
    if result["rate_per_min"] is not None:
        low, middle, high = result["rr_ms_p5_p50_p95"]
        line += f", {result['rate_per_min']:.0f} a minute; RR {middle:.0f} ms"
        line += f" (90 % within {low:.0f} to {high:.0f})"
    lines = [line]
    if "against" in result:
        against = result["against"]
        classes = ", ".join(f"{count} {name}" for name, count in result["classes"].items())
        lines.append(
            f"of {against['beats']} marked in {against['marks']} "
            f"{100 * against['sensitivity']:.2f} % found; {100 * against['ppv']:.2f} % of what was "
            f"found is marked; {classes}"
        )
    if "out" in result:
        lines.append(str(result["out"]))
    return "\n".join(lines)


def _write(out: Path, found: Found, fs_hz: float) -> None:
    """A line a beat, or marks as WFDB programs read them."""
    import numpy as np

    from ..viz.figure import write_whole

    if out.suffix.lower() != ".csv":
        _write_marks(out, found, fs_hz)
        return
    rr_ms = np.diff(found.times_ms, prepend=np.nan)
    lines = ["time_ms,sample,rr_ms,class"]
    for time_ms, sample, rr, name in zip(
        found.times_ms, found.samples, rr_ms, found.classes, strict=True
    ):
        lines.append(f"{time_ms:.3f},{sample},{'' if np.isnan(rr) else f'{rr:.3f}'},{name}")
    write_whole(out, lambda part: part.write_text("\n".join(lines) + "\n", encoding="utf-8"))


def _write_marks(out: Path, found: Found, fs_hz: float) -> None:
    """As WFDB programs read them; a beat of no known class is N, as theirs are."""
    from ..signals.recording import Marks
    from ..signals.wfdb_marks import write_marks

    labels = tuple(name or "N" for name in found.classes)
    write_marks(Marks(times_ms=found.times_ms, labels=labels), out, fs_hz)
