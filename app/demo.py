"""`cardiotwin demo`: a small cohort, one of its patients in pictures, and a report."""

import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .console import Json, Report, print_result, progress_bar
from .patient_files import Picture, write_mesh, write_picture
from .written import require_folder

if TYPE_CHECKING:
    from ..anatomy import Heart
    from ..cohorts import Patient
    from ..signals import ECG

#: A scar that shows: an artery whose infarcts change the ECG, most of the wall.
_CLEAR_ARTERIES, _CLEAR_TRANSMURALITY = ("LAD", "RCA"), 0.6
_CAPTIONS = {
    Picture.SCAR: "Infarct core and border zone",
    Picture.ACTIVATION: "Activation, a line every 10 ms",
    Picture.BULLSEYE: "Share of each AHA segment",
    Picture.ECG: "12-lead ECG; lighter: the same patient without the infarct",
}


def demo(
    out: Annotated[Path, typer.Option(help="Folder for all that the demo makes.")] = Path("demo"),
    n: Annotated[int, typer.Option(help="Virtual patients.")] = 24,
    seed: Annotated[int, typer.Option(help="The same seed gives the same patients.")] = 7,
    heart: Annotated[
        str | None,
        typer.Option(
            help="builtin, a heart of `cardiotwin data list`, or a .vtu file; by default dti004 "
            "of CARDIOTWIN_DATA, else rodero01, fetched once, else builtin."
        ),
    ] = None,
    workers: Annotated[
        int | None, typer.Option(help="Processes; one for each core by default.")
    ] = None,
    json: Json = False,
) -> None:
    """Make a cohort of virtual patients, show the clearest infarct among them, write a report.

    Takes about a minute. An interrupted demo goes on; a finished one is made anew.
    """
    from ..cohorts import CohortPlan
    from .demo_cohort import choose_heart, make_cohort

    start_s = time.monotonic()
    plan = CohortPlan(hearts=(heart or choose_heart(),), n=n, seed=seed)
    require_folder(out)
    out.mkdir(parents=True, exist_ok=True)
    cohort = make_cohort(plan, out, workers)
    with progress_bar("pictures", unit="pictures") as report:
        case = show_clearest(cohort, out, report)
    seconds = time.monotonic() - start_s
    files = {"cohort": cohort, "report": out / "report.html", "mesh": out / "patient.vtu"}
    files |= {what.value: out / f"{what}.png" for what in Picture}
    result = {"heart": plan.hearts[0], "n": n, "case": case, "seconds": seconds, **files}
    print_result(result, what_next(out, cohort, case, seconds), as_json=json)


def show_clearest(cohort: Path, out: Path, report: Report) -> int:
    """Write pictures, mesh and report of the clearest infarct in a cohort; which case it is."""
    from .demo_report import write_demo_report
    from .stored_patient import read_patient

    case, total = clearest(cohort), len(Picture) + 2
    report(0, total)
    patient, heart = read_patient(cohort, case)
    healthy = without_infarct(patient, heart)
    report(1, total)
    for done, what in enumerate(Picture, start=2):
        write_picture(
            what,
            out / f"{what}.png",
            heart,
            patient.tissue,
            patient.beat,
            title=f"Virtual patient {case} on {heart.name}",
            healthy=healthy,
        )
        report(done, total)
    write_mesh(out / "patient.vtu", heart, patient.tissue, patient.beat)
    pictures = {_CAPTIONS[what]: out / f"{what}.png" for what in Picture}
    write_demo_report(out / "report.html", cohort, patient, pictures, healthy)
    report(total, total)
    return case


def clearest(cohort: Path) -> int:
    """The case whose infarct is largest, among those of a clear artery through most of the wall.

    Raises
    ------
    ValueError
        When no case has an infarct.
    """
    import numpy as np

    from ..cohorts import open_cohort, read_cases
    from ..cohorts.heart_group import read_array

    group = open_cohort(cohort)
    burden = np.nan_to_num(read_array(group, "burden"))
    arteries = np.array([case.territory for case in read_cases(cohort)])
    deep = read_array(group, "transmurality") >= _CLEAR_TRANSMURALITY
    rank = burden + np.isin(arteries, _CLEAR_ARTERIES) + deep
    case = int(np.where(burden > 0, rank, -1.0).argmax())
    if not burden[case] > 0:
        msg = f"no patient of {cohort} has an infarct; take a larger --n or another --seed"
        raise ValueError(msg)
    return case


def without_infarct(patient: "Patient", heart: "Heart") -> "ECG":
    """ECG of the same patient before the infarct."""
    from ..cohorts import NO_INFARCT, prepare_patients, simulate_case

    before = replace(patient.case, territory=NO_INFARCT)
    return simulate_case(before, prepare_patients(heart)).beat.ecg


def what_next(out: Path, cohort: Path, case: int, seconds: float) -> str:
    """Where everything lies, and what to try next."""
    pictures = ", ".join(f"{what}.png" for what in Picture)
    return "\n".join(
        (
            f"{out / 'report.html'}  one page about patient {case}: open it in a browser",
            f"{out}/  {pictures}",
            f"{out / 'patient.vtu'}  the same patient for ParaView",
            f"{cohort}  the cohort: xarray.open_zarr reads it",
            f"Made in {seconds:.0f} s. Next:",
            f"  cardiotwin cohort info {cohort}",
            f"  cardiotwin view {cohort} --case {case}",
            "  cardiotwin sim --territory RCA --burden 0.15 --out patient",
        )
    )
