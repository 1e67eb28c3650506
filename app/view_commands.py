"""`cardiotwin view`: one patient of a cohort, in a window or a file."""

from pathlib import Path
from typing import Annotated

import typer

from .cohort_commands import Cohort
from .console import Json, print_result, progress_bar
from .patient_files import Picture, write_mesh, write_picture
from .written import PICTURES, require_ending


def view(
    cohort: Cohort,
    case: Annotated[int, typer.Option(help="Which patient, from 0.")] = 0,
    what: Annotated[Picture, typer.Option(help="What the picture shows.")] = Picture.SCAR,
    out: Annotated[
        Path | None,
        typer.Option(help="Picture (.png, .svg, .pdf) or mesh for ParaView (.vtu)."),
    ] = None,
    json: Json = False,
) -> None:
    """Look at one patient of a cohort: the scar, the activation, the bullseye or the ECG.

    Without --out a window opens, in which the heart can be turned and cut.
    """
    from .stored_patient import read_patient

    if out is not None:
        require_ending(out, (*PICTURES, ".vtu"))
    with progress_bar(f"patient {case}", unit="steps") as report:
        report(0, 2)
        patient, heart = read_patient(cohort, case)
        report(1, 2)
        if out is not None and out.suffix.lower() == ".vtu":
            write_mesh(out, heart, patient.tissue, patient.beat)
        else:
            title = f"Patient {case} of {cohort.name}, {heart.name}, {patient.case.territory}"
            write_picture(what, out, heart, patient.tissue, patient.beat, title=title)
        report(2, 2)
    achieved = patient.achieved._asdict()
    result = {"case": case, "heart": heart.name, "territory": patient.case.territory, **achieved}
    text = f"{out}: case {case}" if out else f"case {case}"
    text += f", {heart.name}, {patient.case.territory}, core {patient.achieved.burden:.1%}"
    print_result(result | {"out": out}, text, as_json=json)
