"""What a command reads off a stretch of ECG: beats, waves, the median beat and its intervals."""

from collections.abc import Mapping
from dataclasses import replace
from math import isnan
from typing import TYPE_CHECKING, NamedTuple

from .ecg_file import EcgFile, marked_beats
from .ecg_options import Part

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..signals import ECG
    from ..signals.beat_classes import Beats
    from ..signals.delineation import Delineation
    from ..signals.intervals import Intervals
    from ..signals.median_beat import MedianBeat

#: A P wave is told when at least this share of the beats have one: in atrial fibrillation none has.
_USUAL = 0.5
#: A stretch no longer than this, with one R peak, is one beat.
_ONE_BEAT_MS = 1500.0
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


class Measured(NamedTuple):
    """The median beat of a stretch, its waves and its intervals."""

    beat: "MedianBeat"
    waves: "Delineation"
    intervals: "Intervals"

    @property
    def borders_ms(self) -> tuple[float, ...]:
        """Between which the intervals lie: begin of P, begin and end of QRS, end of T."""
        from ..signals.qrs_bounds import qrs_bounds_ms

        whole = self.waves.over_leads()
        p_ms, t_ms = float(whole.p_onset_ms[0, 0]), float(whole.t_offset_ms[0, 0])
        return (p_ms, *qrs_bounds_ms(self.beat.ecg, self.beat.r_ms), t_ms)


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


def measure_beat(ecg: "ECG", peaks: "NDArray[np.int64] | None" = None) -> Measured:
    """Median beat without baseline wander, and what is read off it.

    A stretch with a single beat that is too short for a median, such as a simulated one, stands
    for itself.

    Raises
    ------
    ValueError
        When there is no beat to measure.
    """
    import numpy as np

    from ..signals.baseline import remove_baseline
    from ..signals.delineation import delineate
    from ..signals.intervals import beat_intervals
    from ..signals.median_beat import MedianBeat, median_beat
    from ..signals.r_peaks import r_peaks

    if peaks is None:
        peaks = r_peaks(ecg)
    rr_ms = float(np.median(np.diff(peaks))) * 1000 / ecg.fs_hz if len(peaks) > 1 else np.nan
    if len(peaks) == 1 and ecg.duration_ms < _ONE_BEAT_MS:
        one, r_ms = np.ones(1, bool), float(peaks[0]) * 1000 / ecg.fs_hz
        beat = MedianBeat(ecg=ecg, r_ms=r_ms, used=one, shifts_ms=np.zeros(1))
    else:
        beat = median_beat(remove_baseline(ecg), peaks)
    waves = delineate(beat.ecg, np.array([round(beat.r_ms * beat.ecg.fs_hz / 1000)]))
    every = delineate(ecg, peaks).over_leads()
    if np.isfinite(every.p_peak_ms).mean() < _USUAL:
        waves = _without_p(waves)
    return Measured(beat, waves, beat_intervals(beat, rr_ms, waves))


def _without_p(waves: "Delineation") -> "Delineation":
    """The median of many beats may bulge where P would be, although hardly any of them has one."""
    import numpy as np

    nothing = np.full_like(waves.p_peak_ms, np.nan)
    return replace(waves, p_onset_ms=nothing, p_peak_ms=nothing, p_offset_ms=nothing)


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
