"""Which stretch of which lead stands where on millimetre paper."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from ..signals import ECG, LEADS
from ..signals.leads import CABRERA

Floats = NDArray[np.float64]
#: Rows by columns: what electrocardiographs print.
Layout = Literal["3x4", "6x2", "12x1"]

MARGIN_MM = 5.0
HEAD_MM = 10.0  # title
HEAD_LINE_MM = 4.5  # each line below it
FOOT_MM = 10.0  # scale
PULSE_MM = 10.0  # calibration pulse, left of each row
NAME_MM = 8.0  # name of a lead, left of it when it does not run on from another
LABEL_MM = 5.0  # labels of beats, at the top of a row
_LEAST_MM = 10.0  # height of half a row
_MOST_MM = 60.0  # a trace that needs more is cut off there; no QRS is as tall as 6 mV
_LEAST_WIDTH_MM = 75.0
#: Leads run on from column to column when each gets this much: a beat even at 40 a minute.
_LEAST_COLUMN_S = 1.5
#: A beat that stands alone in its field gets this much at most.
_FIELD_S = 2.5
_SQUARE_MM = 5.0  # from bold line to bold line


@dataclass(frozen=True, kw_only=True)
class Paper:
    """Scale and arrangement of an ECG on paper.

    Attributes
    ----------
    mm_per_s : float
        25 in most of the world, 50 in some of it.
    mm_per_mv : float
        10; 5 for tall traces, 20 for small ones.
    layout : str
        Rows by columns: 3x4, 6x2 or 12x1.
    rhythm : tuple of str or None
        Leads that run below the others over the whole width; None is lead II where there is room.
    cabrera : bool
        Limb leads in the order aVL, I, -aVR, II, aVF, III.
    row_s : float
        What a row shows at most.

    Raises
    ------
    ValueError
        When a scale is not positive, or the layout unknown.
    """

    mm_per_s: float = 25.0
    mm_per_mv: float = 10.0
    layout: Layout = "3x4"
    rhythm: tuple[str, ...] | None = None
    cabrera: bool = False
    row_s: float = 10.0

    def __post_init__(self) -> None:
        for name in ("mm_per_s", "mm_per_mv", "row_s"):
            if not 0 < getattr(self, name) < np.inf:
                msg = f"{name} must be positive, got {getattr(self, name)}"
                raise ValueError(msg)
        if self.layout not in get_args(Layout):
            msg = f"layout must be {', '.join(get_args(Layout))}, got {self.layout!r}"
            raise ValueError(msg)


class Strip(NamedTuple):
    """A stretch of one lead: what it shows and where it starts on the paper."""

    name: str  #: as printed
    lead: str
    sign: int  #: -1 for -aVR
    start_ms: float
    end_ms: float
    x_mm: float
    row: int


class Row(NamedTuple):
    """A baseline, on a bold line, and how far the row reaches above and below it."""

    baseline_mm: float
    up_mm: float
    down_mm: float


class Sheet(NamedTuple):
    """Where everything is on the paper, y upwards."""

    paper: Paper
    strips: list[Strip]
    rows: list[Row]
    width_mm: float
    height_mm: float
    head_mm: float
    runs_on: bool
    labelled_row: int  #: where the beats have their labels; -1 for none

    def x_mm(self, strip: Strip, times_ms: Floats) -> Floats:
        """Across the paper."""
        return strip.x_mm + self.paper.mm_per_s * (times_ms - strip.start_ms) / 1000

    def y_mm(self, strip: Strip, v_mv: Floats) -> Floats:
        """Up the paper."""
        return self.rows[strip.row].baseline_mm + self.paper.mm_per_mv * v_mv

    def is_cut(self, strip: Strip, v_mv: Floats) -> bool:
        """Whether a trace leaves its row."""
        row, at_mm = self.rows[strip.row], self.paper.mm_per_mv * v_mv
        return bool((at_mm > row.up_mm).any() or (at_mm < -row.down_mm).any())


def lay_out(ecgs: Sequence[ECG], paper: Paper, *, lines: int = 0, labelled: bool = False) -> Sheet:
    """Place every strip, and each row so high that its traces fit.

    Parameters
    ----------
    ecgs : the first decides on the leads, all on the heights
    paper : scale and arrangement
    lines : of text below the title
    labelled : whether beats get labels, which need room above one row

    Raises
    ------
    ValueError
        When a rhythm lead is not there.
    """
    first = ecgs[0]
    names = _names(first, paper)
    most_rows = int(paper.layout.split("x")[0])
    columns = -(-len(names) // most_rows)
    longest_ms = min(1000 * paper.row_s, max(e.duration_ms for e in ecgs))
    runs_on = columns > 1 and first.duration_ms >= columns * 1000 * _LEAST_COLUMN_S
    field_ms = _field_ms(columns, longest_ms, runs_on)
    gap_mm = 0.0 if runs_on else NAME_MM
    wide_mm = paper.mm_per_s * field_ms / 1000
    if not runs_on:
        wide_mm = _whole_squares(wide_mm + gap_mm)
    left_mm = MARGIN_MM + PULSE_MM
    strips = []
    for i, name in enumerate(names):
        column, row = divmod(i, most_rows)
        start_ms = column * field_ms if runs_on else 0.0
        x_mm = left_mm + column * wide_mm + gap_mm
        strips.append(_strip(first, name, start_ms, start_ms + field_ms, x_mm, row))
    rows = min(most_rows, len(names))
    if columns > 1 and longest_ms > field_ms:
        end_ms = 1000 * (columns * wide_mm - gap_mm) / paper.mm_per_s
        for name in _rhythm(first, paper):
            strips.append(_strip(first, name, 0.0, end_ms, left_mm + gap_mm, rows))
            rows += 1
    labelled_row = -1 if not labelled else rows - 1 if rows > most_rows else 0
    head_mm = HEAD_MM + HEAD_LINE_MM * lines
    placed, top_mm = _place_rows(ecgs, strips, rows, paper.mm_per_mv, labelled_row)
    width_mm = max(left_mm + _whole_squares(columns * wide_mm) + MARGIN_MM, _LEAST_WIDTH_MM)
    return Sheet(paper, strips, placed, width_mm, top_mm + head_mm, head_mm, runs_on, labelled_row)


def _names(ecg: ECG, paper: Paper) -> list[str]:
    """What is printed, in order, MLII where II would be; leads of other names come last."""
    turned = paper.cabrera or "-aVR" in ecg.leads
    order = CABRERA if turned else LEADS
    printed = ["-aVR" if turned and lead == "aVR" else lead for lead in ecg.leads]
    places = {name: k for k, name in enumerate(order)}
    return sorted(printed, key=lambda name: places.get(name.removeprefix("ML"), len(order)))


def _rhythm(ecg: ECG, paper: Paper) -> tuple[str, ...]:
    if paper.rhythm is None:
        return ("II",) if "II" in ecg.leads else ()
    for lead in paper.rhythm:
        ecg.lead(lead)  # says which leads there are when it is none of them
    return paper.rhythm


def _strip(ecg: ECG, name: str, start_ms: float, end_ms: float, x_mm: float, row: int) -> Strip:
    there = name in ecg.leads
    lead, sign = (name, 1) if there else (name.removeprefix("-"), -1)
    return Strip(name, lead, sign, start_ms, end_ms, x_mm, row)


def _field_ms(columns: int, longest_ms: float, runs_on: bool) -> float:
    """What one lead shows: its share of the row, to a tenth of a second, or a whole beat."""
    if columns == 1:
        return longest_ms
    if not runs_on:
        return min(longest_ms, 1000 * _FIELD_S)
    return 100.0 * max(1.0, np.floor(longest_ms / columns / 100.0 + 1e-9))


def _whole_squares(length_mm: float) -> float:
    """The next multiple of 5 mm."""
    return float(_SQUARE_MM * np.ceil(length_mm / _SQUARE_MM - 1e-9))


def _place_rows(
    ecgs: Sequence[ECG], strips: Sequence[Strip], rows: int, mm_per_mv: float, labelled_row: int
) -> tuple[list[Row], float]:
    """Every row, the first at the top, and where the grid ends above it."""
    y_mm = FOOT_MM
    placed: list[Row] = []
    for row in reversed(range(rows)):
        up_mm, down_mm = max(_LEAST_MM, mm_per_mv), _LEAST_MM  # the pulse reaches up 1 mV
        for ecg in ecgs:
            for strip in strips:
                if strip.row == row and strip.lead in ecg.leads:
                    v_mv = stretch(ecg, strip, mm_per_mv)[1]
                    up_mm = max(up_mm, mm_per_mv * float(np.nanmax(v_mv, initial=0.0)))
                    down_mm = max(down_mm, -mm_per_mv * float(np.nanmin(v_mv, initial=0.0)))
        down_mm = _whole_squares(min(down_mm, _MOST_MM))
        # The name of the lead may stand above, and labels above that.
        up_mm = _whole_squares(min(up_mm, _MOST_MM) + 2.5) + LABEL_MM * (row == labelled_row)
        placed.insert(0, Row(y_mm + down_mm, up_mm, down_mm))
        y_mm += down_mm + up_mm
    return placed, y_mm


def stretch(ecg: ECG, strip: Strip, mm_per_mv: float) -> tuple[Floats, Floats]:
    """Times in ms and voltages in mV of the part of a lead that a strip shows, as it shows it."""
    shown = (ecg.times_ms >= strip.start_ms) & (ecg.times_ms <= strip.end_ms)
    v_mv = ecg.lead(strip.lead) - level_mv(ecg, strip.lead, mm_per_mv)
    return ecg.times_ms[shown], strip.sign * v_mv[shown]


def level_mv(ecg: ECG, lead: str, mm_per_mv: float) -> float:
    """By how much a lead is moved because it lies far off zero, as without AC coupling; else 0."""
    v_mv = ecg.lead(lead)
    known_mv = v_mv[np.isfinite(v_mv)]
    middle_mv = float(np.median(known_mv)) if known_mv.size else 0.0
    return middle_mv if abs(middle_mv) * mm_per_mv > _SQUARE_MM / 2 else 0.0
