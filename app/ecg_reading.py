"""What a command reads off a stretch of ECG: beats, waves, the median beat and its intervals."""

from collections.abc import Mapping
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

#: A stretch no longer than this, with one R peak, is one beat.
_ONE_BEAT_MS = 1500.0
#: What is known of a patient, in the order in which it is said, and how.
_PATIENT = {
    "record": "{}",
    "patient": "patient {}",
    "age_years": "{:g} years",
    "sex": "{}",
    "start": "{}",
}


class Measured(NamedTuple):
    """The median beat of a stretch, its waves and its intervals."""

    beat: "MedianBeat"
    waves: "Delineation"
    intervals: "Intervals"


def beats_in(
    source: EcgFile, part: Part, ecg: "ECG", peaks: "NDArray[np.int64]"
) -> "tuple[str, Beats]":
    """Beats of a part on its own clock, and where they are from: marks of the file, else `found`.

    Marks go before, since somebody has looked at them.
    """
    from ..signals.beat_classes import Beats

    known = marked_beats(source.marks())
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


def measure_beat(ecg: "ECG", peaks: "NDArray[np.int64]") -> Measured:
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
    from ..signals.intervals import intervals
    from ..signals.median_beat import MedianBeat, median_beat

    if len(peaks) == 1 and ecg.duration_ms < _ONE_BEAT_MS:
        one = np.ones(1, bool)
        r_ms = float(peaks[0]) * 1000 / ecg.fs_hz
        beat = MedianBeat(ecg=ecg, r_ms=r_ms, used=one, shifts_ms=np.zeros(1))
    else:
        beat = median_beat(remove_baseline(ecg), peaks)
    at = np.array([round(beat.r_ms * beat.ecg.fs_hz / 1000)])
    waves = delineate(beat.ecg, at)
    rr_ms = float(np.median(np.diff(peaks))) * 1000 / ecg.fs_hz if len(peaks) > 1 else np.nan
    return Measured(beat, waves, intervals(beat.ecg, waves, rr_ms))


def patient_line(meta: Mapping[str, str | float]) -> str:
    """What is known of patient and visit, in one line."""
    return ", ".join(say.format(meta[key]) for key, say in _PATIENT.items() if meta.get(key))


def title_of(source: EcgFile, part: Part) -> str:
    """The record, and from when on it is shown."""
    from ..viz.scroll_page import clock

    return source.name if part.start_s == 0 else f"{source.name}   from {clock(part.start_s)}"


def interval_line(found: "Intervals") -> str:
    """Rate, intervals and axes, as they stand above a paper."""
    return ""
