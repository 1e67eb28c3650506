"""`cardiotwin anatomy check`: say how good a heart is, in a table, a picture or a page."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .console import Json, print_result, print_table, progress_bar
from .heart_options import Spec
from .written import PICTURES, require_ending

if TYPE_CHECKING:
    from ..viz.anatomy_findings import Findings


def check(
    spec: Spec,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Report with pictures of everything: .html. Or a picture of segments and "
            "coordinates: .png, .svg or .pdf."
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Measure a heart: size, tetrahedra, walls, cavities, pose, and what to watch.

    A broken mesh (inverted tetrahedra, NaN, wrong units) is an error, status 2; a mesh with
    warnings is not.
    """
    from ..anatomy import load_heart
    from ..viz.anatomy import plot_anatomy
    from ..viz.anatomy_findings import findings
    from ..viz.anatomy_report import write_anatomy_report

    if out is not None:
        require_ending(out, (".html", *PICTURES))
    with progress_bar(f"checking {spec}", unit="steps") as report:
        report(0, 2)
        heart = load_heart(spec)
        report(1, 2)
        if out is not None and out.suffix.lower() == ".html":
            found = write_anatomy_report(
                heart, out, progress=lambda done, total: report(1 + done, 1 + total)
            )
        else:
            found = findings(heart)
            if out is not None:
                plot_anatomy(heart, path=out)
            report(2, 2)
    if json:
        print_result(_as_json(found, out), "", as_json=True)
    else:
        _print(found, out)


def _as_json(found: "Findings", out: Path | None) -> dict[str, object]:
    """The figures of the mesh under their names, then the clinical measures."""
    measures = {} if found.measures is None else found.measures.as_dict()
    return (
        {"heart": found.heart.name, "out": out}
        | asdict(found.quality)
        | {"measures": measures, "pose_deg": found.pose_deg, "warnings": found.warnings}
    )


def _print(found: "Findings", out: Path | None) -> None:
    """A table of measures, with what is normal where that is known."""
    from ..viz.anatomy_findings import clinical_rows, mesh_rows

    rows = [(r.name, r.value, r.normal) for r in (*mesh_rows(found), *clinical_rows(found))]
    rows.append(("warnings", "\n".join(found.warnings) or "none", ""))
    columns = ("measure", "value", "normal, women / men")
    print_table(f"Anatomy of {found.heart.name}", columns, rows, note=str(out or ""))
