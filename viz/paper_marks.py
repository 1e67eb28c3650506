"""What was read off an ECG, drawn on its paper: beats, waves, gaps, doubtful seconds, intervals."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..signals import ECG
from ..signals.stretches import runs
from .figure import INK, PALE_INK
from .paper_layout import LABEL_MM, Floats, Sheet, Strip

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

    from ..signals.beat_classes import Beats
    from ..signals.delineation import Delineation

#: Bands of the waves: colour, name, and the fields of a delineation that bound them.
WAVES = (
    ("#56b4e9", "P", "p_onset_ms", "p_offset_ms"),
    ("#e69f00", "QRS", "qrs_onset_ms", "qrs_offset_ms"),
    ("#3fb488", "T", "t_onset_ms", "t_offset_ms"),
)
#: Of beats by their AAMI class (ANSI/AAMI EC57); told apart without colour vision.
CLASS_COLOURS = {"N": INK, "S": "#0072b2", "V": "#d55e00", "F": "#b0489a", "Q": "#00795a"}
#: Seconds of lower quality than this are marked.
DOUBTFUL = 0.5
GAP_COLOUR, DOUBT_COLOUR = "#d9d9de", "#b4b4ba"
_ALPHA = {"gap": 0.8, "T": 0.2}  # of bands; green looks heavier than it is
_RIM_MM = 0.75  # between a band and the edge of its row


@dataclass(frozen=True, eq=False, kw_only=True)
class Reading:
    """What is known of an ECG, to be drawn with it; its clock is that of the ECG.

    Attributes
    ----------
    beats : Beats or None
        Codes are written above one row in the colour of their class; an empty one is a tick.
    waves : Delineation or None
        Borders of P, QRS and T in its leads.
    quality : (leads, seconds) or None
        0 useless to 1 good, of each lead of the ECG in each second.
    borders_ms : tuple of float
        Times at which a broken line crosses every row; nan for none.
    lines : tuple of str
        Below the title: patient, intervals, whatever must be read with the traces.
    note : str
        Beside the scale: filters.
    """

    beats: "Beats | None" = None
    waves: "Delineation | None" = None
    quality: Floats | None = None
    borders_ms: tuple[float, ...] = ()
    lines: tuple[str, ...] = ()
    note: str = ""


def draw_reading(axes: "Axes", sheet: Sheet, ecg: ECG, reading: Reading) -> "list[Artist]":
    """Draw everything that belongs to the traces; handles of what needs a legend."""
    handles = []
    if reading.waves is not None:
        for colour, name, onset, offset in WAVES:
            pairs = (getattr(reading.waves, onset), getattr(reading.waves, offset))
            spans = _spans(sheet, reading.waves.leads, *pairs)
            handles.append(_bands(axes, sheet, spans, colour, name, edges=True))
    if reading.quality is not None:
        spans = _doubtful(sheet, ecg, reading.quality)
        handles.append(_bands(axes, sheet, spans, DOUBT_COLOUR, "doubtful", hatch="////"))
    handles.append(_bands(axes, sheet, _gaps(sheet, ecg), GAP_COLOUR, "gap"))  # over all else
    if reading.beats is not None and sheet.labelled_row >= 0:
        _label_beats(axes, sheet, reading.beats)
    _draw_borders(axes, sheet, reading.borders_ms)
    return [handle for handle in handles if handle is not None]


def _bands(
    axes: "Axes",
    sheet: Sheet,
    spans: Iterator[tuple[Strip, float, float]],
    colour: str,
    name: str,
    *,
    hatch: str | None = None,
    edges: bool = False,
) -> "Artist | None":
    """Boxes as high as their row, behind the traces, and their entry in the legend."""
    from matplotlib.collections import PolyCollection
    from matplotlib.patches import Patch

    boxes = []
    for strip, start_ms, end_ms in spans:
        row = sheet.rows[strip.row]
        room_mm = LABEL_MM if strip.row == sheet.labelled_row else 0.0
        low_mm = row.baseline_mm - row.down_mm + _RIM_MM
        high_mm = row.baseline_mm + row.up_mm - room_mm - _RIM_MM
        x0, x1 = sheet.x_mm(strip, np.array([start_ms, end_ms]))
        boxes.append([(x0, low_mm), (x0, high_mm), (x1, high_mm), (x1, low_mm)])
    if not boxes:
        return None
    hatched = bool(hatch)
    look: dict[str, Any] = {
        "facecolor": "none" if hatched else colour,
        "edgecolor": colour,
        "alpha": None if hatched else _ALPHA.get(name, 0.25),
        "linewidth": 0.4 if edges else 0.0,
        "hatch": hatch,
    }
    axes.add_collection(PolyCollection(boxes, zorder=1.2, gid=f"band-{name}", **look))
    return Patch(label=name, **look)


def _spans(
    sheet: Sheet, leads: Sequence[str], onsets_ms: Floats, offsets_ms: Floats
) -> Iterator[tuple[Strip, float, float]]:
    """The parts of intervals, (leads, k) from onset to offset, that the strips show."""
    for strip in (s for s in sheet.strips if s.lead in leads):
        lead = leads.index(strip.lead)
        for start_ms, end_ms in zip(onsets_ms[lead], offsets_ms[lead], strict=True):
            if start_ms < strip.end_ms and end_ms > strip.start_ms:  # False where one is nan
                yield strip, max(start_ms, strip.start_ms), min(end_ms, strip.end_ms)


def _doubtful(sheet: Sheet, ecg: ECG, quality: Floats) -> Iterator[tuple[Strip, float, float]]:
    """Seconds that are better not relied on."""
    starts_ms = np.where(quality < DOUBTFUL, 1000.0 * np.arange(quality.shape[1]), np.nan)
    return _spans(sheet, ecg.leads, starts_ms, np.minimum(starts_ms + 1000.0, ecg.duration_ms))


def _gaps(sheet: Sheet, ecg: ECG) -> Iterator[tuple[Strip, float, float]]:
    """Stretches without samples, from the last sample before to the first after."""
    step_ms = 1000.0 / ecg.fs_hz
    for strip in sheet.strips:
        for start, stop in runs(np.isnan(ecg.lead(strip.lead))).tolist():
            start_ms, end_ms = max(start - 1, 0) * step_ms, stop * step_ms
            if start_ms < strip.end_ms and end_ms > strip.start_ms:
                yield strip, max(start_ms, strip.start_ms), min(end_ms, strip.end_ms)


def _draw_borders(axes: "Axes", sheet: Sheet, borders_ms: tuple[float, ...]) -> None:
    """Broken lines through every strip that shows their time."""
    for strip in sheet.strips:
        row = sheet.rows[strip.row]
        ends_mm = [row.baseline_mm - row.down_mm, row.baseline_mm + row.up_mm]
        for time_ms in borders_ms:
            if strip.start_ms <= time_ms <= strip.end_ms:
                x_mm = float(sheet.x_mm(strip, np.array(time_ms)))
                line = axes.plot([x_mm] * 2, ends_mm, color=PALE_INK, linewidth=0.5, zorder=1.3)[0]
                line.set(linestyle=(0, (4, 3)), gid="border")


def _label_beats(axes: "Axes", sheet: Sheet, beats: "Beats") -> None:
    """Its code above each R peak, or a tick."""
    row = sheet.rows[sheet.labelled_row]
    y_mm = row.baseline_mm + row.up_mm - LABEL_MM / 2
    for strip in (s for s in sheet.strips if s.row == sheet.labelled_row):
        shown = (beats.times_ms >= strip.start_ms) & (beats.times_ms < strip.end_ms)
        xs_mm = sheet.x_mm(strip, beats.times_ms)
        for i in np.flatnonzero(shown):
            text = axes.text(xs_mm[i], y_mm, beats.codes[i] or "\u25be", ha="center", va="center")
            colour = CLASS_COLOURS.get(beats.classes[i], PALE_INK)
            text.set(fontsize=7, color=colour, gid="beat")
