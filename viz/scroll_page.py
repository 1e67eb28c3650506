"""A page of lines for a long record: where they lie, their times, and stretches that are marked."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .figure import PALE_INK

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]
#: Points across a line, as many as a picture has pixels there.
COLUMNS = 2000
#: Lengths of a line to choose from, s.
_LINES_S = (10, 15, 20, 30, 60, 120, 300, 600, 900, 1800, 3600)
#: A page of more lines than the first takes longer ones; one of more than the second is refused.
_USUAL_LINES, _MOST_LINES = 60, 240
#: Dots to the inch.
SCROLL_DPI = 200.0
LEFT_MM, WIDE_MM, RIGHT_MM = 19.0, 250.0, 11.0
_HEAD_MM, _FOOT_MM, TACHOGRAM_MM = 16.0, 9.0, 40.0
#: A share of a line that is not worth a line of its own, such as one sample.
_LEFT_OVER = 1e-3
_LEAST_LINE_MM, _MOST_LINE_MM, _PAGE_MM = 4.0, 14.0, 260.0


class Page(NamedTuple):
    """Lines from the top down, in mm."""

    line_ms: float
    lines: int
    line_mm: float
    low_mm: float  # bottom of the last line
    height_mm: float

    @property
    def labelled_every(self) -> int:
        """From one line with a label to the next."""
        return 1 if self.lines <= 2 * _USUAL_LINES else 5

    def line_of(self, times_ms: ArrayLike) -> NDArray[np.int64]:
        """Number of the line that shows each time; the last also what is left over."""
        lines = (np.asarray(times_ms) // self.line_ms).astype(np.int64)
        return np.minimum(lines, self.lines - 1)

    def x_mm(self, times_ms: ArrayLike) -> Floats:
        """Across the page."""
        within_ms = np.asarray(times_ms) - self.line_of(times_ms) * self.line_ms
        return LEFT_MM + WIDE_MM * within_ms / self.line_ms

    def bottom_mm(self, line: ArrayLike) -> Floats:
        """Lower edge of lines."""
        return self.low_mm + self.line_mm * (self.lines - 1 - np.asarray(line, np.float64))


def line_seconds(duration_ms: float) -> float:
    """Length of a line with which a record fits a page.

    Examples
    --------
    >>> line_seconds(1_805_000), line_seconds(86_400_000)
    (60, 1800)
    """
    fits = (s for s in _LINES_S if duration_ms <= 1000 * s * (_USUAL_LINES + _LEFT_OVER))
    return next(fits, _LINES_S[-1])


def lay_out(duration_ms: float, line_s: float, tachogram: bool) -> Page:
    """As many lines as it takes, each so high that a usual page is filled."""
    if not 0 < line_s < np.inf:
        msg = f"line_s must be positive, got {line_s}"
        raise ValueError(msg)
    lines = max(1, int(np.ceil(duration_ms / (1000 * line_s) - _LEFT_OVER)))
    if lines > _MOST_LINES:
        least_s = int(np.ceil(duration_ms / 1000 / _MOST_LINES))
        msg = f"lines of {line_s:g} s make {lines}, more than {_MOST_LINES}; take {least_s} s"
        raise ValueError(msg)
    line_mm = float(np.clip(_PAGE_MM / lines, _LEAST_LINE_MM, _MOST_LINE_MM))
    low_mm = _FOOT_MM + (TACHOGRAM_MM if tachogram else 0.0)
    return Page(1000 * line_s, lines, line_mm, low_mm, low_mm + lines * line_mm + _HEAD_MM)


def draw_times(axes: "Axes", page: Page, start_s: float) -> None:
    """Write times at the left, and draw light lines across every sixth or so of a line."""
    every = page.labelled_every
    for line in range(0, page.lines, every):
        y_mm = float(page.bottom_mm(line)) + page.line_mm / 2
        words = clock(start_s + line * page.line_ms / 1000)
        axes.text(LEFT_MM - 2, y_mm, words, ha="right", va="center", fontsize=5.5, gid="time")
    top_mm = float(page.bottom_mm(-1))
    step_s = page.line_ms / 1000 / 6
    step_s = next((s for s in (1, 2, 5, 10, 20, 50, 100, 200, 300, 600) if s >= step_s), step_s)
    for seconds in np.arange(0, page.line_ms / 1000 + 1e-6, step_s):
        x_mm = LEFT_MM + WIDE_MM * seconds * 1000 / page.line_ms
        ends = [page.low_mm, top_mm]
        axes.plot([x_mm] * 2, ends, color="#e4e4e8", linewidth=0.4, zorder=0.5)
        axes.text(x_mm, top_mm + 1.5, f"{seconds:g} s", ha="center", fontsize=5.5, color=PALE_INK)


def clock(seconds: float) -> str:
    """Hours, minutes and seconds; beyond a day they begin anew.

    Examples
    --------
    >>> clock(3725.0), clock(86_401.0)
    ('1:02:05', '0:00:01')
    """
    whole = round(seconds) % 86_400
    return f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def draw_spans(
    axes: "Axes", page: Page, spans_ms: Floats, colour: str, name: str
) -> "list[Artist]":
    """Draw boxes over stretches of time; their entry in the legend."""
    from matplotlib.collections import PolyCollection
    from matplotlib.patches import Patch

    boxes = []
    for start_ms, end_ms in spans_ms:
        for line in range(int(start_ms // page.line_ms), int((end_ms - 1e-9) // page.line_ms) + 1):
            from_ms, to_ms = line * page.line_ms, (line + 1) * page.line_ms
            low_mm = float(page.bottom_mm(line))
            cut = (max(start_ms, from_ms), min(end_ms, to_ms))
            x0, x1 = (LEFT_MM + WIDE_MM * (t - from_ms) / page.line_ms for t in cut)
            high_mm = low_mm + page.line_mm
            boxes.append([(x0, low_mm), (x0, high_mm), (x1, high_mm), (x1, low_mm)])
    if not boxes:
        return []
    axes.add_collection(
        PolyCollection(boxes, facecolor=colour, linewidth=0, zorder=0.4, gid=f"band-{name}")
    )
    return [Patch(facecolor=colour, linewidth=0, label=name)]
