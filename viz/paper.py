"""ECGs on millimetre paper, true to scale: 25 mm/s and 10 mm/mV in the saved file."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..signals import ECG
from .figure import INK, save_figure, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MM_PER_S = 25.0
MM_PER_MV = 10.0
#: Dots to the inch of a PNG: ten to the millimetre.
PAPER_DPI = 254.0
#: Columns of longer records hold this much.
COLUMN_S = 2.5
#: Colours of the ECG and of the one it is compared with.
TRACE_COLOUR, OTHER_COLOUR = "#1b1b20", "#4a90c2"
FINE_COLOUR, BOLD_COLOUR = "#f8e3df", "#ecbdb5"

_ORDER = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
_ROWS = 3
_MARGIN_MM = 5.0
_HEAD_MM = 10.0  # title
_FOOT_MM = 10.0  # scale
_PULSE_MM = 10.0  # calibration pulse, left of each row
_NAME_MM = 8.0  # name of a lead, left of it when it does not run on from another
_LEAST_MM = 10.0  # height of half a row
_PT_PER_MM = 72 / 25.4


class _Strip(NamedTuple):
    """A stretch of one lead: what it shows and where it starts on the paper."""

    lead: str
    start_ms: float
    end_ms: float
    x_mm: float
    row: int


class _Sheet(NamedTuple):
    """Where everything is on the paper, y upwards."""

    strips: list[_Strip]
    baselines_mm: list[float]
    width_mm: float
    height_mm: float
    runs_on: bool


def plot_ecg(
    ecg: ECG,
    *,
    other: ECG | None = None,
    names: tuple[str, str] = ("ECG", "compared with"),
    title: str = "",
    path: Path | str | None = None,
) -> "Figure":
    """ECG on millimetre paper, three rows of leads, 25 mm/s and 10 mm/mV.

    Records of up to 2.5 s stand whole in every field. Longer ones run on from column to column,
    as on a printed ECG, when they are long enough for it, with lead II as a rhythm strip.

    Parameters
    ----------
    ecg : leads are placed by name: I II III, then aVR aVL aVF, V1 V2 V3, V4 V5 V6
    other : drawn beneath in a lighter colour, in the leads that both have
    names : of the two, for the legend
    title : printed above
    path : .png, .svg or .pdf to write, if any; one millimetre of paper is one in the file

    Raises
    ------
    ValueError
        When the ECG has no samples.
    """
    from matplotlib.figure import Figure

    if not ecg.samples_mv.size:
        msg = f"the ECG has no samples: shape {ecg.samples_mv.shape}"
        raise ValueError(msg)
    both = [ecg] if other is None else [ecg, other]
    sheet = _lay_out(both)
    with style():
        inches = (sheet.width_mm / 25.4, sheet.height_mm / 25.4)
        figure = Figure(figsize=inches, dpi=PAPER_DPI, facecolor="white")
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set(xlim=(0, sheet.width_mm), ylim=(0, sheet.height_mm))
        axes.set_axis_off()
        _grid(axes, sheet)
        _pulses(axes, sheet)
        for one, colour in reversed(list(zip(both, (TRACE_COLOUR, OTHER_COLOUR), strict=False))):
            _traces(axes, sheet, one, colour, "ecg" if one is ecg else "other")
        _words(axes, sheet, title, () if other is None else names)
    if path is not None:
        save_figure(figure, path, dpi=PAPER_DPI)
    return figure


def _lay_out(ecgs: Sequence[ECG]) -> _Sheet:
    """Place every strip, and each row so high that its traces fit."""
    first = ecgs[0]
    leads = sorted(first.leads, key=lambda n: _ORDER.index(n) if n in _ORDER else len(_ORDER))
    columns = -(-len(leads) // _ROWS)
    longest_ms = max(e.duration_ms for e in ecgs)
    field_ms = min(longest_ms, 1000 * COLUMN_S)
    runs_on = columns > 1 and first.duration_ms >= columns * 1000 * COLUMN_S
    gap_mm = 0.0 if runs_on else _NAME_MM
    wide_mm = MM_PER_S * field_ms / 1000
    if not runs_on:
        wide_mm = _whole_squares(wide_mm + gap_mm)
    left_mm = _MARGIN_MM + _PULSE_MM
    strips = []
    for i, lead in enumerate(leads):
        column, row = divmod(i, _ROWS)
        start_ms = column * field_ms if runs_on else 0.0
        x_mm = left_mm + column * wide_mm + gap_mm
        strips.append(_Strip(lead, start_ms, start_ms + field_ms, x_mm, row))
    rows = min(_ROWS, len(leads))
    if longest_ms > field_ms and "II" in leads:
        end_ms = 1000 * (columns * wide_mm - gap_mm) / MM_PER_S
        strips.append(_Strip("II", 0.0, end_ms, left_mm + gap_mm, rows))
        rows += 1
    baselines_mm, height_mm = _place_rows(ecgs, strips, rows)
    width_mm = left_mm + _whole_squares(columns * wide_mm) + _MARGIN_MM
    return _Sheet(strips, baselines_mm, max(width_mm, 75.0), height_mm, runs_on)


def _whole_squares(length_mm: float) -> float:
    """The next multiple of 5 mm."""
    return float(5 * np.ceil(length_mm / 5 - 1e-9))


def _place_rows(
    ecgs: Sequence[ECG], strips: Sequence[_Strip], rows: int
) -> tuple[list[float], float]:
    """Baseline of each row, on a bold line, and the height of the sheet."""
    y_mm = _FOOT_MM
    baselines_mm: list[float] = []
    for row in reversed(range(rows)):
        up_mm = down_mm = _LEAST_MM
        for ecg in ecgs:
            for strip in strips:
                if strip.row == row and strip.lead in ecg.leads:
                    _, v_mv = _stretch(ecg, strip)
                    up_mm = max(up_mm, MM_PER_MV * float(np.nanmax(v_mv, initial=0.0)))
                    down_mm = max(down_mm, -MM_PER_MV * float(np.nanmin(v_mv, initial=0.0)))
        y_mm += _whole_squares(down_mm)
        baselines_mm.insert(0, y_mm)
        y_mm += _whole_squares(up_mm + 2.5)  # the name of the lead may stand above
    return baselines_mm, y_mm + _HEAD_MM


def _stretch(ecg: ECG, strip: _Strip) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Times in ms and voltages in mV of the part of a lead that a strip shows."""
    shown = (ecg.times_ms >= strip.start_ms) & (ecg.times_ms <= strip.end_ms)
    return ecg.times_ms[shown], ecg.lead(strip.lead)[shown]


def _grid(axes: "Axes", sheet: _Sheet) -> None:
    """Lines every millimetre, bolder every five."""
    from matplotlib.collections import LineCollection

    low_x, high_x = _MARGIN_MM, sheet.width_mm - _MARGIN_MM
    low_y, high_y = _FOOT_MM, sheet.height_mm - _HEAD_MM
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


def _pulses(axes: "Axes", sheet: _Sheet) -> None:
    """Calibration pulse at the start of each row: 1 mV for 200 ms."""
    x = _MARGIN_MM + np.array([1.0, 2.5, 2.5, 7.5, 7.5, 9.0])
    for baseline_mm in sheet.baselines_mm:
        y = baseline_mm + MM_PER_MV * np.array([0, 0, 1, 1, 0, 0])
        axes.plot(x, y, color=TRACE_COLOUR, linewidth=0.2 * _PT_PER_MM, gid="calibration")


def _traces(axes: "Axes", sheet: _Sheet, ecg: ECG, colour: str, gid: str) -> None:
    """Every strip of one ECG."""
    for strip in sheet.strips:
        if strip.lead not in ecg.leads:
            continue
        times_ms, v_mv = _stretch(ecg, strip)
        axes.plot(
            strip.x_mm + MM_PER_S * (times_ms - strip.start_ms) / 1000,
            sheet.baselines_mm[strip.row] + MM_PER_MV * v_mv,
            color=colour,
            linewidth=0.28 * _PT_PER_MM,
            solid_joinstyle="round",
            gid=f"{gid}-{strip.lead}-{strip.row}",
        )
        if strip.start_ms > 0:  # one lead ends here and the next goes on
            y_mm = sheet.baselines_mm[strip.row] + np.array([-4.0, 4.0])
            axes.plot([strip.x_mm] * 2, y_mm, color=colour, linewidth=0.15 * _PT_PER_MM)


def _words(axes: "Axes", sheet: _Sheet, title: str, names: Sequence[str]) -> None:
    """Names of the leads, title, scale and legend."""
    for strip in sheet.strips:
        beside = (strip.x_mm - 1.0, sheet.baselines_mm[strip.row] + 1.5, "right")
        above = (strip.x_mm + 0.8, sheet.baselines_mm[strip.row] + _LEAST_MM + 0.5, "left")
        x_mm, y_mm, ha = above if sheet.runs_on else beside
        text = axes.text(x_mm, y_mm, strip.lead, ha=ha, va="bottom", zorder=1.5)
        text.set(fontsize=8, fontweight="bold", color=INK)
    top_mm = sheet.height_mm - _HEAD_MM / 2
    axes.text(_MARGIN_MM, top_mm, title, va="center", fontsize=9)
    scale = f"{MM_PER_S:g} mm/s    {MM_PER_MV:g} mm/mV"
    axes.text(_MARGIN_MM, _FOOT_MM / 2, scale, va="center", fontsize=7.5)
    if names:
        _legend(axes, sheet, names)


def _legend(axes: "Axes", sheet: _Sheet, names: Sequence[str]) -> None:
    """Which colour is which ECG, at the lower right."""
    from matplotlib.lines import Line2D

    colours = (TRACE_COLOUR, OTHER_COLOUR)
    axes.legend(
        handles=[Line2D([], [], color=c, label=n) for c, n in zip(colours, names, strict=True)],
        loc="center right",
        bbox_to_anchor=(sheet.width_mm - _MARGIN_MM, _FOOT_MM / 2),
        bbox_transform=axes.transData,
        ncols=2,
        frameon=False,
        borderpad=0,
        borderaxespad=0,
        handlelength=1.5,
        fontsize=7.5,
    )
