"""One page about one patient: pictures and tables in a single HTML file."""

import base64
import re
import struct
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

from .figure import write_whole
from .page import html_page

_WIDTH_MM = 182.0  # A4 less its margins
_HEIGHT_MM = 262.0
_ROW_MM = 5.6  # a row of a table
_HEADING_MM = 24.0  # title, and the headings of the tables
_CAPTION_MM = 7.5
_TALLEST_MM = 82.0
_GAP_MM = 5.0

_CSS = """
@page { size: A4; margin: 14mm }
* { box-sizing: border-box }
body { font: 9.5pt/1.4 "Helvetica Neue", Helvetica, Arial, "DejaVu Sans", sans-serif;
  color: #3a3a3f; width: 182mm; margin: 10mm auto; font-variant-numeric: tabular-nums }
h1 { font-size: 17pt; font-weight: 600; letter-spacing: -0.01em; margin: 0 0 4mm;
  padding-bottom: 2mm; border-bottom: 0.4mm solid #6b1f47 }
h2 { font-size: 8pt; font-weight: 600; letter-spacing: 0.06em; text-transform: uppercase;
  color: #8b8b92; margin: 0 0 1mm }
.tables, .row { display: flex; gap: 5mm; justify-content: center; margin-bottom: 2mm }
.tables section { flex: 1 }
table { border-collapse: collapse; width: 100% }
th, td { padding: 0.5mm 0; border-bottom: 0.2mm solid #e4e4e8; vertical-align: top }
th { text-align: left; font-weight: 400; color: #6d6d75; padding-right: 4mm }
td { text-align: right; font-weight: 500 }
figure { margin: 0 }
img { display: block; width: 100% }
figcaption { font-size: 8pt; color: #6d6d75; text-align: center; margin-top: 1mm }
@media print { body { margin: 0 } figure { break-inside: avoid } }
"""


def write_report(
    path: Path | str,
    title: str,
    pictures: Mapping[str, Path | str],
    rows: Sequence[tuple[str, str]],
    *,
    cohort_rows: Sequence[tuple[str, str]] = (),
) -> None:
    """Write one self-contained HTML page that prints on one sheet of A4.

    Parameters
    ----------
    path : the page; it appears whole or not at all
    title : heading
    pictures : caption to .png or .svg file, embedded in this order
    rows : what is known of the patient: name and value with its unit
    cohort_rows : the same of the cohort, beside it

    Raises
    ------
    ValueError
        When a picture is neither PNG nor SVG.
    OSError
        When a picture cannot be read.
    """
    sizes = [(caption, Path(file), aspect_ratio(Path(file))) for caption, file in pictures.items()]
    lines = max(len(rows), len(cohort_rows))
    left_mm = _HEIGHT_MM - _HEADING_MM - _ROW_MM * lines
    body = [f"<h1>{escape(title)}</h1>", '<div class="tables">']
    body += [_table("Patient", rows), _table("Cohort", cohort_rows), "</div>"]
    for row, height_mm in _pack(sizes, left_mm):
        body += ['<div class="row">', *(_figure(*p, height_mm) for p in row), "</div>"]
    page = html_page(title, _CSS, "\n".join(body))
    write_whole(path, lambda part: part.write_text(page, encoding="utf-8"))


def aspect_ratio(picture: Path) -> float:
    """Width over height of a PNG or SVG file."""
    data = picture.read_bytes()
    if data[:8] == b"\x89PNG\r\n\x1a\n":
        width, height = struct.unpack(">II", data[16:24])
        return float(width / height)
    head = re.search(rb'<svg[^>]*viewBox="([^"]+)"', data)
    if picture.suffix.lower() != ".svg" or head is None:
        msg = f"a report takes pictures that are PNG, or SVG with a viewBox; got {picture}"
        raise ValueError(msg)
    _, _, wide, high = (float(number) for number in head[1].split())
    return wide / high


def _pack(
    pictures: Sequence[tuple[str, Path, float]], height_mm: float
) -> list[tuple[list[tuple[str, Path, float]], float]]:
    """Rows of pictures, with the height of each, that together fit the page."""
    rows: list[list[tuple[str, Path, float]]] = []
    for picture in pictures:
        wide = rows and sum(p[2] for p in rows[-1]) + picture[2] > 3.2
        if not rows or wide:
            rows.append([])
        rows[-1].append(picture)
    heights_mm = [
        min(_TALLEST_MM, (_WIDTH_MM - _GAP_MM * (len(r) - 1)) / sum(p[2] for p in r)) for r in rows
    ]
    room_mm = max(height_mm - _CAPTION_MM * len(rows), 30.0)
    shrink = min(1.0, room_mm / max(sum(heights_mm), 1e-9))
    return [(row, tall * shrink) for row, tall in zip(rows, heights_mm, strict=True)]


def _table(heading: str, rows: Sequence[tuple[str, str]]) -> str:
    """Names and values; nothing when there are none."""
    if not rows:
        return ""
    cells = "\n".join(f"<tr><th>{escape(k)}</th><td>{escape(v)}</td></tr>" for k, v in rows)
    return f"<section><h2>{heading}</h2>\n<table>\n{cells}\n</table></section>"


def _figure(caption: str, picture: Path, aspect: float, height_mm: float) -> str:
    """Embedded picture with its caption."""
    kind = "svg+xml" if picture.suffix.lower() == ".svg" else "png"
    data = base64.b64encode(picture.read_bytes()).decode("ascii")
    caption = escape(caption)
    return (
        f'<figure style="width:{aspect * height_mm:.1f}mm">'
        f'<img alt="{caption}" src="data:image/{kind};base64,{data}">'
        f"<figcaption>{caption}</figcaption></figure>"
    )
