"""One page to judge a heart by: verdict, figures, mesh, labels, coordinates, fibres, torso."""

import base64
import io
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from ..anatomy import Heart
from .anatomy import anatomy_rows, anatomy_scene, levels_scene
from .anatomy_findings import Findings, Row, clinical_rows, findings, mesh_rows, sources
from .bullseye import plot_bullseye
from .fibres import draw_fibres
from .figure import style, write_whole
from .helix import draw_helix
from .labels import draw_labels
from .mesh_plots import draw_jacobians
from .page import html_page
from .torso import draw_torso

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_CSS = """
* { box-sizing: border-box }
body { font: 14px/1.45 "Helvetica Neue", Helvetica, Arial, "DejaVu Sans", sans-serif;
  color: #3a3a3f; max-width: 1040px; margin: 28px auto; padding: 0 20px;
  font-variant-numeric: tabular-nums }
h1 { font-size: 26px; font-weight: 600; letter-spacing: -0.01em; margin: 0 0 14px }
h2 { font-size: 12px; font-weight: 600; letter-spacing: 0.06em; text-transform: uppercase;
  color: #8b8b92; margin: 34px 0 8px; border-top: 1px solid #e4e4e8; padding-top: 14px }
.verdict { border-left: 6px solid #4f8a5b; background: #f1f7f2; padding: 12px 18px }
.verdict.odd { border-color: #e59a2f; background: #fdf6ea }
.verdict strong { font-size: 17px; font-weight: 600 }
.verdict ul { margin: 6px 0 0; padding-left: 20px }
.tables { display: flex; flex-wrap: wrap; gap: 28px; align-items: flex-start }
.tables section { flex: 1 1 380px }
.row { display: grid; grid-template-columns: repeat(auto-fit, minmax(300px, 1fr));
  column-gap: 28px }
.row figure { display: grid; grid-row: span 2; grid-template-rows: subgrid }
table { border-collapse: collapse; width: 100% }
caption { text-align: left; color: #8b8b92; font-size: 12px; padding-bottom: 4px }
th, td { padding: 3px 0; border-bottom: 1px solid #ececf0; vertical-align: top }
th { text-align: left; font-weight: 400; color: #6d6d75; padding-right: 12px }
td { text-align: right; font-weight: 500; white-space: nowrap }
td.out { color: #b26a00 }
td.normal { color: #8b8b92; font-weight: 400; padding-left: 16px }
figure { margin: 0 0 10px }
figure.small { max-width: 700px; margin: 0 auto }
img { display: block; width: 100%; height: auto }
figcaption, .note { font-size: 12px; color: #6d6d75; margin-top: 4px }
@media print { body { margin: 0; max-width: none } figure, tr { break-inside: avoid } }
"""


class _Picture(NamedTuple):
    """What to draw, under which heading, with what words below."""

    heading: str
    draw: "Callable[[], Figure]"
    caption: str
    size: Literal["wide", "small", "row"] = "wide"


def write_anatomy_report(
    heart: Heart,
    path: Path | str,
    *,
    dpi: int = 130,
    progress: Callable[[int, int], None] | None = None,
) -> Findings:
    """Write one self-contained HTML page to judge a heart by.

    Parameters
    ----------
    heart : the anatomy
    path : the page; it appears whole or not at all
    dpi : dots to the inch of its pictures; 130 is sharp on a screen and a third of print's work
    progress : called with the pictures done and all pictures

    Returns
    -------
    what the page says first: figures and warnings

    Raises
    ------
    OSError
        When the page cannot be written.
    """
    found = findings(heart)
    pictures = list(_pictures(found, dpi))
    parts = [_head(found)]
    for done, (heading, shown) in enumerate(_grouped(pictures, dpi)):
        if progress is not None:
            progress(done, len(pictures))
        parts.append(heading + shown)
    page = html_page(f"Anatomy of {heart.name}", _CSS, "\n".join(parts))
    write_whole(path, lambda part: part.write_text(page, encoding="utf-8"))
    if progress is not None:
        progress(len(pictures), len(pictures))
    return found


def _pictures(found: Findings, dpi: int) -> Iterator[_Picture]:
    """All pictures of the page in order, each drawn only when asked."""
    heart = found.heart
    yield _Picture(
        "Mesh and wall",
        partial(draw_jacobians, heart),
        "Shape of the tetrahedra. Left of the dotted line they make solves slow.",
        size="row",
    )
    if found.measures is not None:
        thickness_mm = np.array(found.measures.segment_wall_mm)
        yield _Picture(
            "Mesh and wall",
            partial(plot_bullseye, thickness_mm, label="Wall thickness (mm), median"),
            "Wall thickness of each AHA segment.",
            size="row",
        )
    yield _Picture(
        "Mesh and wall",
        partial(draw_helix, heart),
        "Helix angle of the fibres through the wall: median and middle half.",
        size="row",
    )
    yield _Picture(
        "Surfaces",
        partial(draw_labels, heart, dpi=dpi),
        "Every valve belongs to the base, the whole of each cavity to its endocardium.",
    )
    scene = anatomy_scene(heart, dpi=dpi)
    for name, draw in anatomy_rows(scene).items():
        yield _Picture("Segments and coordinates", draw, _CAPTIONS[name])
    cuts = anatomy_rows(levels_scene(heart, dpi=dpi))
    for name in ("AHA segments", "Transmural"):
        yield _Picture("Through the wall", cuts[name], _CUT_CAPTIONS[name])
    yield _Picture(
        "Fibres",
        partial(draw_fibres, heart, dpi=dpi),
        "Streaks run along the fibres. Right-handed (blue, violet) on the endocardium, "
        "circumferential in mid-wall, left-handed (green, yellow) on the epicardium.",
    )
    if found.torso is not None:
        yield _Picture(
            "Torso and electrodes",
            partial(draw_torso, heart, found.torso, dpi=dpi),
            "A parametric body through the chest electrodes; hollow marks lie behind it. Limb "
            "electrodes may lie off its skin: they stand for the far body.",
            size="small",
        )


_CAPTIONS = {
    "AHA segments": "AHA segments of the left ventricle; the right ventricle has none.",
    "Apicobasal": "0 at the apex, 1 at the base.",
    "Transmural": "0 on the endocardium, 1 on the epicardium and on the right side of the septum.",
    "Rotational (degrees)": "0 in the middle of the septum, positive towards the anterior wall.",
    "Transventricular": "0 in the left ventricle with the septum, 1 in the right.",
}
_CUT_CAPTIONS = {
    "AHA segments": "Six segments at the base and in the middle, four towards the apex.",
    "Transmural": "Lines a tenth of the wall apart: evenly spaced where the coordinate is linear.",
}


def _head(found: Findings) -> str:
    """Title, verdict with its warnings, and both tables."""
    odd = " odd" if found.warnings else ""
    listed = "".join(f"<li>{escape(line)}</li>" for line in found.warnings)
    tables = _table("Mesh", mesh_rows(found))
    clinical = clinical_rows(found)
    if clinical:
        tables += _table("Anatomy; normal range of women / men", clinical)
    return (
        f"<h1>Anatomy of {escape(found.heart.name)}</h1>\n"
        f'<div class="verdict{odd}"><strong>{escape(found.verdict)}</strong>'
        f"{f'<ul>{listed}</ul>' if listed else ''}</div>\n"
        f'<h2>Figures</h2><div class="tables">{tables}</div>\n'
        f'<p class="note">Ranges of healthy adults: {escape("; ".join(sources()))}. A figure '
        "in amber lies outside both.</p>"
    )


def _table(caption: str, rows: Sequence[Row]) -> str:
    """Names, values and, where a table has them, ranges."""
    ranged = any(row.normal for row in rows)
    lines = [
        f"<tr><th>{escape(row.name)}</th>"
        f'<td class="{"out" if row.is_odd else "in"}">{escape(row.value)}</td>'
        + (f'<td class="normal">{escape(row.normal)}</td>' if ranged else "")
        + "</tr>"
        for row in rows
    ]
    body = "\n".join(lines)
    return f"<section><table><caption>{escape(caption)}</caption>\n{body}\n</table></section>"


def _grouped(pictures: Sequence[_Picture], dpi: int) -> Iterator[tuple[str, str]]:
    """Heading where a new one begins, and the figure; narrow figures share a row."""
    before = None
    for i, picture in enumerate(pictures):
        first = picture.heading != before
        last = i + 1 == len(pictures) or pictures[i + 1].heading != picture.heading
        heading = f"<h2>{escape(picture.heading)}</h2>" if first else ""
        opened = '<div class="row">' if first and picture.size == "row" else ""
        closed = "</div>" if last and picture.size == "row" else ""
        before = picture.heading
        yield heading + opened, _figure(picture, dpi) + closed


def _figure(picture: _Picture, dpi: int) -> str:
    """The picture, drawn and embedded."""
    page = io.BytesIO()
    with style():
        picture.draw().savefig(page, format="png", dpi=dpi, metadata={"Software": None})
    data = base64.b64encode(page.getvalue()).decode("ascii")
    caption = escape(picture.caption)
    return (
        f'<figure class="{picture.size}"><img alt="{caption}" src="data:image/png;base64,{data}">'
        f"<figcaption>{caption}</figcaption></figure>"
    )
