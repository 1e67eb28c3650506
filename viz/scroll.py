"""Hours of one lead on one page, line below line, beats in the colours of their classes."""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .figure import INK, PALE_INK, save_figure, style
from .paper_marks import CLASS_COLOURS
from .scroll_page import (
    LEFT_MM,
    RIGHT_MM,
    SCROLL_DPI,
    TACHOGRAM_MM,
    WIDE_MM,
    Page,
    draw_spans,
    draw_times,
    lay_out,
    line_seconds,
)
from .tachogram import draw_tachogram
from .thinned import Floats, Thinned

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ..signals.beat_classes import Beats
    from ..signals.recording import Marks

#: Lines longer than this show no shapes but a band, which is pale so that rare beats stand out.
_CROWDED_MS, _CROWDED = 180_000.0, "#c4c4ca"
_GAP_COLOUR, _DOUBT_COLOUR = "#f0dfb8", "#e2def2"
#: Reach of a beat before and after its R peak.
_BEFORE_MS, _AFTER_MS = 150.0, 350.0


def plot_scroll(
    trace: Thinned,
    *,
    beats: "Beats | None" = None,
    rhythms: "Marks | None" = None,
    doubtful_ms: Floats | None = None,
    line_s: float | None = None,
    start_s: float = 0.0,
    title: str = "",
    tachogram: bool = False,
    path: Path | str | None = None,
) -> "Figure":
    """One lead of a long record, line below line.

    Each line is labelled with its time at the left and its heart rate at the right. Beats that
    are not normal have the colour of their class, gaps and doubtful
    seconds lie on a ground of their own.

    Parameters
    ----------
    trace : from `thin`, with bins of at most `1000 line_s / COLUMNS` ms
    beats : R peaks and their classes, of the whole record
    rhythms : where a rhythm begins and its name, in labels or notes
    doubtful_ms : (k, 2) begin and end of stretches of poor quality
    line_s : length of a line; by default such that the page has at most 60
    start_s : time of day at which the record starts, or 0 for time that has passed
    title : printed above
    tachogram : whether RR intervals are drawn below
    path : .png, .svg or .pdf to write, if any

    Raises
    ------
    ValueError
        When nothing is there to draw, or the page would have more than 240 lines.
    """
    from matplotlib.figure import Figure

    page = lay_out(trace.duration_ms, line_s or line_seconds(trace.duration_ms), tachogram)
    width_mm = LEFT_MM + WIDE_MM + RIGHT_MM
    with style():
        inches = (width_mm / 25.4, page.height_mm / 25.4)
        figure = Figure(figsize=inches, dpi=SCROLL_DPI, facecolor="white")
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set(xlim=(0, width_mm), ylim=(0, page.height_mm))
        axes.set_axis_off()
        draw_times(axes, page, start_s)
        handles = []
        if doubtful_ms is not None:
            handles = draw_spans(axes, page, doubtful_ms, _DOUBT_COLOUR, "doubtful")
        handles += draw_spans(axes, page, trace.gaps_ms, _GAP_COLOUR, "gap")  # whatever is said
        mm_per_mv = _trace(axes, page, trace, beats)
        if beats is not None:
            handles = _counts(beats) + handles
            _rates(axes, page, beats)
        if rhythms is not None:
            _name_rhythms(axes, page, rhythms)
        _head(axes, page, title, mm_per_mv, handles)
        if tachogram and beats is not None and len(beats.times_ms) > 1:
            low, high = 11.0 / page.height_mm, (TACHOGRAM_MM - 4.0) / page.height_mm
            box = (LEFT_MM / width_mm, low, WIDE_MM / width_mm, high - low)
            draw_tachogram(figure.add_axes(box), beats, trace.duration_ms)
    if path is not None:
        save_figure(figure, path, dpi=SCROLL_DPI)
    return figure


def _trace(axes: "Axes", page: Page, trace: Thinned, beats: "Beats | None") -> float:
    """The trace, and above it what belongs to beats of each class; mm to the mV."""
    line = page.line_of(trace.times_ms)
    middle_mv, low_mv, high_mv = _reach(trace.v_mv, line, page.lines)
    mm_per_mv = 0.92 * page.line_mm / max(high_mv - low_mv, 1e-6)
    above_mm = mm_per_mv * (trace.v_mv - middle_mv[line] - low_mv) + 0.04 * page.line_mm
    above_mm = np.clip(above_mm, -page.line_mm, 2 * page.line_mm)
    x_mm, y_mm = page.x_mm(trace.times_ms), page.bottom_mm(line) + above_mm
    turns = np.flatnonzero(np.diff(line)) + 1  # the pen is lifted there
    classes = _classes_of_points(trace.times_ms, beats)
    for name in ("", *CLASS_COLOURS):
        shown = y_mm if name == "" else np.where(classes == name, y_mm, np.nan)
        if name == "N" or np.isnan(shown).all():
            continue
        axes.plot(
            np.insert(x_mm, turns, np.nan),
            np.insert(shown, turns, np.nan),
            color=CLASS_COLOURS.get(name, _CROWDED if page.line_ms > _CROWDED_MS else INK),
            linewidth=0.45 if name else 0.35,
            solid_joinstyle="round",
            gid=f"trace-{name or 'all'}",
        )
    return mm_per_mv


def _reach(v_mv: Floats, line: NDArray[np.int64], lines: int) -> tuple[Floats, float, float]:
    """(lines,) Median of each line, and how far usual lines reach below and above it."""
    middle_mv, low_mv, high_mv = np.zeros(lines), np.full(lines, np.nan), np.full(lines, np.nan)
    for k in range(lines):
        known_mv = v_mv[(line == k) & np.isfinite(v_mv)]
        if known_mv.size:
            middle_mv[k] = np.median(known_mv)
            low_mv[k], high_mv[k] = np.quantile(known_mv, (0.002, 0.998)) - middle_mv[k]
    if np.isnan(low_mv).all():
        return middle_mv, -0.5, 0.5
    return middle_mv, float(np.nanmedian(low_mv)), float(np.nanmedian(high_mv))


def _classes_of_points(times_ms: Floats, beats: "Beats | None") -> NDArray[np.str_]:
    """(points,) Class of the beat that a point belongs to; "" between beats."""
    if beats is None or not len(beats.times_ms):
        return np.full(len(times_ms), "")
    nearest = np.searchsorted((beats.times_ms[1:] + beats.times_ms[:-1]) / 2, times_ms)
    away_ms = times_ms - beats.times_ms[nearest]
    within = (away_ms >= -_BEFORE_MS) & (away_ms <= _AFTER_MS)
    return np.where(within, np.array(beats.classes)[nearest], "")


def _counts(beats: "Beats") -> "list[Artist]":
    """A colour for each class of beats that there is, and how many."""
    from matplotlib.lines import Line2D

    counts = Counter(beats.classes)
    return [
        Line2D([], [], color=CLASS_COLOURS[name], linewidth=1.2, label=f"{name} {counts[name]}")
        for name in CLASS_COLOURS
        if counts[name]
    ]


def _rates(axes: "Axes", page: Page, beats: "Beats") -> None:
    """Beats a minute at the right of each line, from its median RR interval within the line."""
    rr_ms, line = np.diff(beats.times_ms), page.line_of(beats.times_ms)
    for k in range(0, page.lines, page.labelled_every):
        within_ms = rr_ms[(line[1:] == k) & (line[:-1] == k)]
        if len(within_ms):
            rate = 60_000 / float(np.median(within_ms))
            y_mm = float(page.bottom_mm(k)) + page.line_mm / 2
            text = axes.text(LEFT_MM + WIDE_MM + 2, y_mm, f"{rate:.0f}", va="center")
            text.set(fontsize=5.5, color=PALE_INK, gid="rate")


def _name_rhythms(axes: "Axes", page: Page, rhythms: "Marks") -> None:
    """Where each rhythm begins."""
    for time_ms, name in zip(rhythms.times_ms, rhythms.notes or rhythms.labels, strict=True):
        if name:
            x_mm = float(page.x_mm(time_ms))
            low_mm = float(page.bottom_mm(page.line_of(time_ms)))
            ends = [low_mm, low_mm + page.line_mm]
            axes.plot([x_mm] * 2, ends, color="#7a5aa6", linewidth=0.5)
            text = axes.text(x_mm + 0.5, ends[1], name.lstrip("("), va="top", fontsize=4.5)
            text.set(color="#7a5aa6", gid="rhythm")


def _head(axes: "Axes", page: Page, title: str, mm_per_mv: float, handles: "list[Artist]") -> None:
    """Title, legend, and a bar for scale."""
    y_mm = page.height_mm - 5.0
    axes.text(LEFT_MM, y_mm, title, va="center", fontsize=9, gid="title")
    bar_mm = mm_per_mv  # of 1 mV
    x_mm = LEFT_MM + WIDE_MM + RIGHT_MM - 3.0
    low_mm = page.height_mm - 2.0 - bar_mm
    axes.plot([x_mm] * 2, [low_mm, low_mm + bar_mm], color=INK, linewidth=1.0, gid="bar")
    axes.text(x_mm - 1.2, low_mm + bar_mm / 2, "1 mV", va="center", ha="right", fontsize=5.5)
    if handles:
        axes.legend(
            handles=handles,
            loc="center right",
            bbox_to_anchor=(LEFT_MM + WIDE_MM, y_mm),
            bbox_transform=axes.transData,
            ncols=len(handles),
            frameon=False,
            borderpad=0,
            borderaxespad=0,
            handlelength=1.5,
            fontsize=7,
        )
