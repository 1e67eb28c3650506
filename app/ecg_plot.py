"""`cardiotwin ecg plot`: a record on millimetre paper, its median beat, or hours on one page."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

import typer

from . import ecg_options as options
from .console import Json, print_result
from .ecg_draw import Lines, Wanted, draw_paper, draw_scroll
from .ecg_file import open_ecg
from .ecg_info import clock_words
from .ecg_options import Filtering, part_of
from .ecg_reading import title_of
from .written import PICTURES, require_ending

if TYPE_CHECKING:
    from ..viz import Paper
    from ..viz.paper_layout import Layout as PaperLayout

Layout = Literal["auto", "3x4", "6x2", "12x1", "beat", "scroll", "rr"]
#: A part no longer than this is drawn on paper unless told otherwise.
_PAPER_S = 30.0


def plot(
    file: options.FileSpec,
    out: Annotated[Path, typer.Option(help="Picture to write, or to replace: .png, .svg or .pdf.")],
    layout: Annotated[
        Layout,
        typer.Option(
            help="Paper of 3x4, 6x2 or 12x1 rows and columns; beat, the median beat, large; "
            "scroll, one lead line below line; rr, the intervals from beat to beat. auto is 3x4 "
            "up to 30 s, and scroll beyond."
        ),
    ] = "auto",
    leads: options.Leads = None,
    start_s: options.StartS = 0.0,
    length_s: options.LengthS = None,
    speed: Annotated[
        float | None,
        typer.Option(help="Of paper, mm/s: 25 or 50.", show_default="25; 100 for the median beat"),
    ] = None,
    gain: Annotated[
        float | None,
        typer.Option(
            help="Of paper, mm/mV: 5, 10 or 20.", show_default="10; 20 for the median beat"
        ),
    ] = None,
    rhythm: Annotated[
        str | None,
        typer.Option(
            help="Leads below the others over the whole width, such as V1,II; or none.",
            show_default="II",
        ),
    ] = None,
    cabrera: Annotated[
        bool, typer.Option("--cabrera", help="Limb leads as aVL, I, -aVR, II, aVF, III.")
    ] = False,
    beats: Annotated[
        bool,
        typer.Option(help="Label beats as the file does; where it does not, tick the R peaks."),
    ] = True,
    waves: Annotated[
        bool | None,
        typer.Option(
            help="Shade P, QRS and T of every lead.", show_default="only in the median beat"
        ),
    ] = None,
    intervals: Annotated[
        bool, typer.Option(help="Write rate, PR, QRS, QT and axes above a paper.")
    ] = True,
    quality: Annotated[bool, typer.Option(help="Mark seconds that cannot be trusted.")] = True,
    line_s: Annotated[
        float | None,
        typer.Option(
            min=0.001, help="Seconds in a line of scroll.", show_default="so that all fits one page"
        ),
    ] = None,
    tachogram: Annotated[
        bool, typer.Option("--tachogram", help="Draw RR intervals below scroll.")
    ] = False,
    title: Annotated[str | None, typer.Option(help="Above it.", show_default="FILE")] = None,
    highpass_hz: options.HighpassHz = None,
    lowpass_hz: options.LowpassHz = None,
    mains: options.Mains = None,
    json: Json = False,
) -> None:
    """Draw a record: on millimetre paper, true to scale, or hours of it on one page.

    Nothing is filtered unless asked for, and then the paper says so. A gap stays empty. A lead
    that lies far off zero is moved, one too tall for its row is cut off; the paper says both.
    """
    require_ending(out, PICTURES)
    source, part = open_ecg(file), part_of(leads, start_s, length_s)
    info = source.info
    if not info.leads:
        msg = f"{file} has no lead of an ECG to draw; it has {', '.join(info.traces) or 'nothing'}"
        raise ValueError(msg)
    part.require_within(info.duration_ms / 1000)
    seconds = min(part.stop_s, info.duration_ms / 1000) - part.start_s
    chosen = ("3x4" if seconds <= _PAPER_S else "scroll") if layout == "auto" else layout
    of_paper = {"speed": speed, "gain": gain, "rhythm": rhythm, "cabrera": cabrera or None}
    of_scroll = {"line-s": line_s, "tachogram": tachogram or None}
    _require_fit(chosen, of_paper | {"waves": waves or None}, of_scroll)
    waves = chosen == "beat" if waves is None else waves
    wanted = Wanted(beats, waves, intervals, quality, title or title_of(source, part))
    filtering = Filtering(highpass_hz, lowpass_hz, mains)
    if chosen in ("scroll", "rr"):
        lines = Lines(line_s, tachogram, only_rr=chosen == "rr")
        drawn = draw_scroll(source, part, filtering, wanted, lines, out)
    else:
        paper = _paper(chosen, speed, gain, rhythm, cabrera)
        drawn = draw_paper(source, part, filtering, wanted, paper, out, beat=chosen == "beat")
    result = {"file": source.name, "out": out, "layout": chosen, "start_s": start_s} | drawn
    words = f"{', '.join(drawn['leads'])}, {clock_words(drawn['length_s'])}"
    print_result(result, f"{out}: {words}", as_json=json)


def _require_fit(chosen: str, of_paper: dict[str, Any], of_scroll: dict[str, Any]) -> None:
    """Raise when an option was given that does nothing in the layout."""
    unfit = (of_paper if chosen in ("scroll", "rr") else {}) | (
        of_scroll if chosen != "scroll" else {}
    )
    given = [f"--{name}" for name, value in unfit.items() if value is not None]
    if given:
        other = "scroll" if given[0][2:] in of_scroll else "3x4"
        msg = f"{', '.join(given)} would do nothing in layout {chosen}; add --layout {other}"
        raise ValueError(msg)


def _paper(
    layout: str, speed: float | None, gain: float | None, rhythm: str | None, cabrera: bool
) -> "Paper":
    """Scale and arrangement; what is not told is usual."""
    from dataclasses import replace

    from ..viz import Paper
    from ..viz.median_beat import LARGE

    paper = LARGE if layout == "beat" else Paper(layout=cast("PaperLayout", layout))
    changes: dict[str, Any] = {"mm_per_s": speed, "mm_per_mv": gain}
    if rhythm is not None:
        told = part_of(None if rhythm == "none" else rhythm, 0.0, None).leads
        changes["rhythm"] = told or ()
    changes = {name: value for name, value in changes.items() if value is not None}
    return replace(paper, cabrera=cabrera, **changes)
