"""ECGs on millimetre paper, true to scale: 25 mm/s and 10 mm/mV in the saved file."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..signals import ECG
from .figure import INK, save_figure, style
from .paper_layout import (
    FOOT_MM,
    HEAD_LINE_MM,
    HEAD_MM,
    LABEL_MM,
    MARGIN_MM,
    Paper,
    Sheet,
    lay_out,
    level_mv,
    stretch,
)
from .paper_marks import Reading, draw_reading

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Dots to the inch of a PNG: ten to the millimetre.
PAPER_DPI = 254.0
#: Colours of the ECG and of the one it is compared with.
TRACE_COLOUR, OTHER_COLOUR = "#1b1b20", "#4a90c2"
FINE_COLOUR, BOLD_COLOUR = "#f8e3df", "#ecbdb5"
_PT_PER_MM = 72 / 25.4
_SHORT = 4  # letters of a name that has room beside its trace


def plot_ecg(
    ecg: ECG,
    *,
    other: ECG | None = None,
    names: tuple[str, str] = ("ECG", "compared with"),
    title: str = "",
    paper: Paper | None = None,
    reading: Reading | None = None,
    path: Path | str | None = None,
) -> "Figure":
    """ECG on millimetre paper, three rows of leads, 25 mm/s and 10 mm/mV unless told otherwise.

    Short records stand whole in every field. Longer ones run on from column to column, as on a
    printed ECG, with lead II as a rhythm strip; of those beyond ten seconds the first ten are
    shown. A gap is left empty on a grey ground.

    Parameters
    ----------
    ecg : leads are placed by name: I II III, then aVR aVL aVF, V1 V2 V3, V4 V5 V6
    other : drawn beneath in a lighter colour, in the leads that both have
    names : of the two, for the legend
    title : printed above
    paper : scale and arrangement
    reading : beats, waves, doubtful seconds and words to be drawn with it
    path : .png, .svg or .pdf to write, if any; one millimetre of paper is one in the file

    Raises
    ------
    ValueError
        When the ECG has no samples, or lacks a rhythm lead that is asked for.

    Examples
    --------
    >>> ecg = ECG(samples_mv=np.zeros((2, 2500)), fs_hz=500.0, leads=("I", "V1"))
    >>> figure = plot_ecg(ecg, paper=Paper(mm_per_s=50.0))
    >>> [round(25.4 * inches) for inches in figure.get_size_inches()]
    [280, 70]
    """
    from matplotlib.figure import Figure

    if not ecg.samples_mv.size:
        msg = f"the ECG has no samples: shape {ecg.samples_mv.shape}"
        raise ValueError(msg)
    paper, reading = paper or Paper(), reading or Reading()
    both = [_first(e, paper.row_s) for e in (ecg, other) if e is not None]
    labelled = reading.beats is not None
    sheet = lay_out(both, paper, lines=len(reading.lines), labelled=labelled)
    with style():
        inches = (sheet.width_mm / 25.4, sheet.height_mm / 25.4)
        figure = Figure(figsize=inches, dpi=PAPER_DPI, facecolor="white")
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set(xlim=(0, sheet.width_mm), ylim=(0, sheet.height_mm))
        axes.set_axis_off()
        _grid(axes, sheet)
        handles = draw_reading(axes, sheet, both[0], reading)
        _pulses(axes, sheet)
        for one, colour in reversed(list(zip(both, (TRACE_COLOUR, OTHER_COLOUR), strict=False))):
            _traces(axes, sheet, one, colour, "ecg" if one is both[0] else "other")
        _words(axes, sheet, title, reading.lines)
        _foot(axes, sheet, _remarks(ecg, sheet, reading.note))
        _legend(axes, sheet, [*handles, *(_lines(names) if other is not None else [])])
    if path is not None:
        save_figure(figure, path, dpi=PAPER_DPI)
    return figure


def _first(ecg: ECG, row_s: float) -> ECG:
    """As much of an ECG as a row can show."""
    return replace(ecg, samples_mv=ecg.samples_mv[:, : int(np.ceil(row_s * ecg.fs_hz)) + 1])


def _grid(axes: "Axes", sheet: Sheet) -> None:
    """Lines every millimetre, bolder every five."""
    from matplotlib.collections import LineCollection

    low_x, high_x = MARGIN_MM, sheet.width_mm - MARGIN_MM
    low_y, high_y = FOOT_MM, sheet.height_mm - sheet.head_mm
    for step_mm, colour, width_mm in ((1.0, FINE_COLOUR, 0.1), (5.0, BOLD_COLOUR, 0.2)):
        xs = np.arange(low_x, high_x + 0.01, step_mm)
        ys = np.arange(low_y, high_y + 0.01, step_mm)
        lines = [[(x, low_y), (x, high_y)] for x in xs]
        lines += [[(low_x, y), (high_x, y)] for y in ys]
        axes.add_collection(
            LineCollection(
                lines,
                colors=colour,
                linewidths=width_mm * _PT_PER_MM,
                zorder=1,
                gid=f"grid-{step_mm:g}mm",
            )
        )


def _pulses(axes: "Axes", sheet: Sheet) -> None:
    """Calibration pulse at the start of each row: 1 mV for 200 ms, or as much as has room."""
    wide_mm = min(0.2 * sheet.paper.mm_per_s, 8.0)
    x = MARGIN_MM + 5.0 + np.array([-4.0, -wide_mm / 2, -wide_mm / 2, wide_mm / 2, wide_mm / 2, 4])
    for row in sheet.rows:
        y = row.baseline_mm + sheet.paper.mm_per_mv * np.array([0, 0, 1, 1, 0, 0])
        axes.plot(x, y, color=TRACE_COLOUR, linewidth=0.2 * _PT_PER_MM, gid="calibration")


def _traces(axes: "Axes", sheet: Sheet, ecg: ECG, colour: str, gid: str) -> None:
    """Every strip of one ECG, none beyond its row."""
    from matplotlib.transforms import Bbox, TransformedBbox

    for strip in sheet.strips:
        if strip.lead not in ecg.leads:
            continue
        times_ms, v_mv = stretch(ecg, strip, sheet.paper.mm_per_mv)
        row = sheet.rows[strip.row]
        (line,) = axes.plot(
            sheet.x_mm(strip, times_ms),
            sheet.y_mm(strip, v_mv),
            color=colour,
            linewidth=0.28 * _PT_PER_MM,
            solid_joinstyle="round",
            gid=f"{gid}-{strip.name}-{strip.row}",
        )
        low_mm, high_mm = row.baseline_mm - row.down_mm, row.baseline_mm + row.up_mm
        box = Bbox([[0.0, low_mm], [sheet.width_mm, high_mm]])
        line.set_clip_box(TransformedBbox(box, axes.transData))
        if strip.start_ms > 0:  # one lead ends here and the next goes on
            y_mm = row.baseline_mm + np.array([-4.0, 4.0])
            axes.plot([strip.x_mm] * 2, y_mm, color=colour, linewidth=0.15 * _PT_PER_MM)


def _words(axes: "Axes", sheet: Sheet, title: str, lines: Sequence[str]) -> None:
    """Names of the leads, title and what stands below it."""
    for strip in sheet.strips:
        row = sheet.rows[strip.row]
        room_mm = LABEL_MM if strip.row == sheet.labelled_row else 0.0
        beside = (strip.x_mm - 1.0, row.baseline_mm + 1.5, "right")
        above = (strip.x_mm + 0.8, row.baseline_mm + row.up_mm - room_mm - 4.5, "left")
        x_mm, y_mm, ha = above if sheet.runs_on or len(strip.name) > _SHORT else beside
        text = axes.text(x_mm, y_mm, strip.name, ha=ha, va="bottom", zorder=1.5)
        text.set(fontsize=8, fontweight="bold", color=INK)
    top_mm = sheet.height_mm - HEAD_MM / 2
    axes.text(MARGIN_MM, top_mm, title, va="center", fontsize=9, gid="title")
    for i, line in enumerate(lines):
        y_mm = top_mm - (i + 1) * HEAD_LINE_MM - 0.5
        axes.text(MARGIN_MM, y_mm, line, va="center", fontsize=7.5, gid="line")


def _remarks(ecg: ECG, sheet: Sheet, note: str) -> list[str]:
    """Scale, and what of the ECG is not shown as it is."""
    paper = sheet.paper
    unit = "SD" if ecg.meta.get("unit") == "z" else "mV"  # some data sets hide the scale
    remarks = [f"{paper.mm_per_s:g} mm/s    {paper.mm_per_mv:g} mm/{unit}", *filter(None, [note])]
    shown_s = max(strip.end_ms for strip in sheet.strips) / 1000
    if ecg.duration_ms > 1000 * shown_s + 1000 / ecg.fs_hz:
        remarks.append(f"first {shown_s:g} s of {ecg.duration_ms / 1000:.4g} s")
    leads = list(dict.fromkeys(strip.lead for strip in sheet.strips))
    shown = _first(ecg, paper.row_s)
    levels = {lead: level_mv(shown, lead, paper.mm_per_mv) for lead in leads}
    remarks += [f"{lead} moved by {-level:+.2f} {unit}" for lead, level in levels.items() if level]
    cut = {
        strip.lead
        for strip in sheet.strips
        if sheet.is_cut(strip, stretch(shown, strip, paper.mm_per_mv)[1])
    }
    if cut:
        remarks.append(f"cut off at the row's edge: {', '.join(le for le in leads if le in cut)}")
    return remarks


def _foot(axes: "Axes", sheet: Sheet, remarks: Sequence[str]) -> None:
    text = axes.text(MARGIN_MM, FOOT_MM / 2, "    ".join(remarks), va="center")
    text.set(fontsize=7.5, gid="scale")


def _lines(names: Sequence[str]) -> "list[Artist]":
    """Which colour is which ECG."""
    from matplotlib.lines import Line2D

    colours = (TRACE_COLOUR, OTHER_COLOUR)
    return [Line2D([], [], color=c, label=n) for c, n in zip(colours, names, strict=True)]


def _legend(axes: "Axes", sheet: Sheet, handles: "Sequence[Artist]") -> None:
    """At the lower right."""
    if not handles:
        return
    axes.legend(
        handles=handles,
        loc="center right",
        bbox_to_anchor=(sheet.width_mm - MARGIN_MM, FOOT_MM / 2),
        bbox_transform=axes.transData,
        ncols=len(handles),
        frameon=False,
        borderpad=0,
        borderaxespad=0,
        handlelength=1.5,
        fontsize=7.5,
    )
