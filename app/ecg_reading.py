"""What a command says of a stretch of ECG: its beats, its patient, its intervals in a line."""

from collections.abc import Mapping
from math import isnan
from typing import TYPE_CHECKING

from .ecg_file import EcgFile, marked_beats
from .ecg_options import Part

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..signals import ECG
    from ..signals.beat_classes import Beats
    from ..signals.intervals import Intervals

#: Letters in a line above a paper, at most.
_LINE = 150
#: What is known of a patient, in the order in which it is said, and how.
_PATIENT = {
    "patient": "patient {}",
    "age_years": "{:g} years",
    "sex": "{}",
    "start": "{}",
    "diagnoses": "{}",
}


def beats_in(
    source: EcgFile, part: Part, ecg: "ECG", peaks: "NDArray[np.int64]"
) -> "tuple[str, Beats]":
    """Beats of a part on its own clock, and where they are from: marks of the file, else `found`.

    Marks go before, since somebody has looked at them.
    """
    from ..signals.beat_classes import Beats

    known = marked_beats(source.marks)
    if known is not None:
        return known[0], cut_beats(known[1], part)
    nothing = ("",) * len(peaks)
    return "found", Beats(peaks.astype(float) * (1000.0 / ecg.fs_hz), nothing, nothing)


def cut_beats(beats: "Beats", part: Part) -> "Beats":
    """The beats of a part, on its own clock."""
    from ..signals.beat_classes import Beats

    within = [
        k for k, t in enumerate(beats.times_ms) if 1000 * part.start_s <= t < 1000 * part.stop_s
    ]
    return Beats(
        beats.times_ms[within] - 1000 * part.start_s,
        tuple(beats.classes[k] for k in within),
        tuple(beats.codes[k] for k in within),
    )


def patient_line(meta: Mapping[str, str | float]) -> str:
    """What is known of patient and visit, in one line."""
    line = ", ".join(say.format(meta[key]) for key, say in _PATIENT.items() if meta.get(key))
    return line if len(line) <= _LINE else f"{line[: _LINE - 4]} ..."


def title_of(source: EcgFile, part: Part) -> str:
    """The record, and from when on it is shown."""
    from ..viz.scroll_page import clock

    return source.name if part.start_s == 0 else f"{source.name}   from {clock(part.start_s)}"


def interval_line(found: "Intervals") -> str:
    """Rate, intervals and axes, as they stand above a paper; what is not there is left out."""
    axes = {"P": found.p_axis_deg, "QRS": found.qrs_axis_deg, "T": found.t_axis_deg}
    known = [f"{name} {deg:.0f}\u00b0" for name, deg in axes.items() if not isnan(deg)]
    words = [
        _said(found.rate_per_min, "rate {:.0f}/min"),
        _said(found.pr_ms, "PR {:.0f} ms"),
        _said(found.qrs_ms, "QRS {:.0f} ms"),
        _said(found.qt_ms, "QT {:.0f} ms"),
        _said(found.qtc_bazett_ms, "QTc {:.0f} ms (Bazett)"),
        _said(found.qtc_fridericia_ms, "{:.0f} ms (Fridericia)"),
        f"axis {', '.join(known)}" if known else "",
    ]
    return "    ".join(filter(None, words))


def _said(value: float, words: str) -> str:
    return "" if isnan(value) else words.format(value)
