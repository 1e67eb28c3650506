"""The median beat of a record on large paper, the borders of its waves marked."""

from pathlib import Path
from typing import TYPE_CHECKING

from .paper import plot_ecg
from .paper_layout import Paper
from .paper_marks import Reading

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ..signals.delineation import Delineation
    from ..signals.median_beat import MedianBeat

#: A millimetre is 10 ms and 50 uV.
LARGE = Paper(mm_per_s=100.0, mm_per_mv=20.0, layout="6x2", rhythm=())


def plot_median_beat(
    beat: "MedianBeat",
    waves: "Delineation | None" = None,
    *,
    title: str = "",
    borders_ms: tuple[float, ...] = (),
    lines: tuple[str, ...] = (),
    paper: Paper = LARGE,
    path: Path | str | None = None,
) -> "Figure":
    """Median beat in all leads, 100 mm/s and 20 mm/mV unless told otherwise.

    Parameters
    ----------
    beat : the beat
    waves : borders of its waves in each of its leads, drawn as bands
    title : printed above
    borders_ms : times that are crossed by a broken line, such as those of intervals
    lines : below the title, such as the intervals
    paper : scale and arrangement
    path : .png, .svg or .pdf to write, if any
    """
    words = (beat_words(beat.count), *lines)
    reading = Reading(waves=waves, borders_ms=borders_ms, lines=words)
    return plot_ecg(beat.ecg, title=title, paper=paper, reading=reading, path=path)


def beat_words(count: int) -> str:
    """What a median beat is of.

    Examples
    --------
    >>> beat_words(1), beat_words(8)
    ('one beat', 'median of 8 beats')
    """
    return "one beat" if count == 1 else f"median of {count} beats"
