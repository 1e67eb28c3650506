"""`cardiotwin anatomy check`: say how good a heart is, in a table, a picture or a page."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .console import Json, Report, print_result, print_table, progress_bar
from .heart_options import Frame, Labels, Pose, Rv, Spec, Units
from .written import PICTURES, require_ending

if TYPE_CHECKING:
    from ..anatomy import Heart
    from ..viz.anatomy_findings import Findings

#: Loading a heart takes about as long as so many pictures of the report.
_LOADING = 8


def check(
    spec: Spec,
    out: Annotated[
        Path | None,
        typer.Option(
            help="Report with pictures of everything: .html. Or a picture of segments and "
            "coordinates: .png, .svg or .pdf."
        ),
    ] = None,
    labels: Labels = None,
    frame: Frame = None,
    units: Units = None,
    rv: Rv = None,
    pose: Pose = None,
    json: Json = False,
) -> None:
    """Measure a heart: size, tetrahedra, walls, cavities, pose, and what to watch.

    A broken mesh (inverted tetrahedra, NaN, wrong units) is an error, status 2; a mesh with
    warnings is not.
    """
    from ..anatomy import FileOptions, load_heart

    if out is not None:
        require_ending(out, (".html", *PICTURES))
    options = FileOptions(labels=labels, frame=frame, units=units, rv=rv, pose=pose)
    with progress_bar(f"checking {spec}", unit="steps") as report:
        report(0, _LOADING)
        heart = load_heart(spec, options)
        found = _look_at(heart, out, lambda done, n: report(_LOADING + done, _LOADING + n))
    if json:
        print_result(_as_json(found, out), "", as_json=True)
    else:
        _print(found, out)


def _look_at(heart: "Heart", out: Path | None, report: Report) -> "Findings":
    """Measure the heart, and draw what is asked for."""
    from ..viz.anatomy import plot_anatomy
    from ..viz.anatomy_findings import findings
    from ..viz.anatomy_report import write_anatomy_report

    if out is not None and out.suffix.lower() == ".html":
        return write_anatomy_report(heart, out, progress=report)
    report(0, 2)
    found = findings(heart)
    report(1, 2)
    if out is not None:
        plot_anatomy(heart, path=out)
    report(2, 2)
    return found


def _as_json(found: "Findings", out: Path | None) -> dict[str, object]:
    """The figures of the mesh under their names, then the clinical measures."""
    measures = {} if found.measures is None else found.measures.as_dict()
    return (
        {"heart": found.heart.name, "out": out}
        | asdict(found.quality)
        | {"measures": measures, "pose_deg": found.pose_deg, "warnings": found.warnings}
    )


def _print(found: "Findings", out: Path | None) -> None:
    """A table of measures, with what is normal where that is known, and the warnings below."""
    from ..viz.anatomy_findings import clinical_rows, mesh_rows

    rows = [(r.name, r.value, r.normal) for r in (*mesh_rows(found), *clinical_rows(found))]
    notes = [f"warning: {line}" for line in found.warnings] or ["no warnings"]
    columns = ("measure", "value", "normal, women / men")
    note = "\n".join([*notes, str(out or "")]).rstrip()
    print_table(f"Anatomy of {found.heart.name}", columns, rows, note=note)
