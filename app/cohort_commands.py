"""`cardiotwin cohort`: make virtual patients by the hundred, look into a cohort, check it."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .console import Json, print_result, print_table, progress_bar

if TYPE_CHECKING:
    from ..cohorts import CohortInfo, Failure, Summary

app = typer.Typer(
    rich_markup_mode="markdown",
    help="Cohorts: make virtual patients by the hundred, look into a cohort, check it.",
    epilog="Example: cardiotwin cohort generate --n 8 --out c.zarr",
)

Cohort = Annotated[Path, typer.Argument(help="A cohort that `cohort generate` made.")]
#: Status of `check` when it finds something.
_UNSOUND = 1
#: So many of the cases that could not be made does `info` name.
_SHOWN_FAILURES = 5


@app.command(
    epilog="Example: cardiotwin cohort generate --hearts dti004,rodero01 --n 200 --out c.zarr"
)
def generate(
    out: Annotated[Path, typer.Option(help="Folder of the cohort, by convention *.zarr.")],
    hearts: Annotated[
        str,
        typer.Option(help="Separated by commas: builtin, names of `data list`, .vtu files."),
    ] = "builtin",
    n: Annotated[int, typer.Option(help="Virtual patients.")] = 8,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes.")] = 0,
    healthy_share: Annotated[float, typer.Option(help="Chance of having no infarct.")] = 0.1,
    batch: Annotated[int, typer.Option(help="Patients that are written together.")] = 4,
    workers: Annotated[
        int | None, typer.Option(help="Processes.", show_default="one for each core")
    ] = None,
    json: Json = False,
) -> None:
    """Make a cohort: infarct, activation, repolarisation and 12 leads of every patient.

    Sizes and sites of infarcts, speeds and durations are drawn from what is known of patients.
    The result is a Zarr group that xarray.open_zarr reads. Stopped at any moment, the same
    command goes on where it was.
    """
    from ..cohorts import CohortPlan
    from ..cohorts import generate as generate_cohort

    names = tuple(name.strip() for name in hearts.split(",") if name.strip())
    plan = CohortPlan(hearts=names, n=n, seed=seed, healthy_share=healthy_share, batch=batch)
    with progress_bar("patients", unit="patients") as report:
        summary = generate_cohort(plan, out, workers=workers, progress=report)
    result = {
        "out": out,
        "n": summary.n,
        "new": summary.new,
        "failed": summary.failed,
    }
    print_result(result, _made(out, summary), as_json=json)


def _made(out: Path, summary: "Summary") -> str:
    """What a run made, and what it could not."""
    text = f"{out}: {summary.n} patients, {summary.new} of them new"
    if summary.failed:
        first = summary.failed[0]
        text += f"; {len(summary.failed)} could not be made (case {first.case}: {first.reason})"
    return f"{text}\nNext: cardiotwin cohort info {out}"


@app.command(epilog="Example: cardiotwin cohort info c.zarr")
def info(cohort: Cohort, json: Json = False) -> None:
    """Say what is in a cohort: hearts, arteries, infarct sizes, and what is not made yet."""
    from ..cohorts import cohort_info

    found = cohort_info(cohort)
    if json:
        print_result(asdict(found), "", as_json=True)
        return
    print_table(f"Cohort {cohort}", ("what", "value"), _rows(found))


def _rows(found: "CohortInfo") -> list[tuple[str, str]]:
    """Lines of the table."""
    left = found.n - found.done - len(found.failed)
    return [
        ("patients", f"{found.done} of {found.n}" + (f", {left} not made yet" if left else "")),
        ("failed", _failures(found.failed)),
        ("hearts", _counts(found.hearts)),
        ("occluded arteries", _counts(found.territories)),
        ("infarct core", _spread(found.burden_p10_p50_p90, "of the left ventricle")),
        ("transmurality", _spread(found.transmurality_p10_p50_p90, "of the wall at the scar")),
        ("seed", str(found.seed)),
        ("made by", f"cardiotwin {found.package_version}"),
        ("on disk", f"{found.size_bytes / 1e6:.1f} MB"),
    ]


def _failures(failed: "tuple[Failure, ...]") -> str:
    """The first few of the cases that could not be made, and how many more."""
    lines = [f"case {f.case}: {f.reason}" for f in failed[:_SHOWN_FAILURES]]
    if len(failed) > _SHOWN_FAILURES:
        lines.append(f"and {len(failed) - _SHOWN_FAILURES} more; --json lists them all")
    return "\n".join(lines) or "none"


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items() if count) or "none"


def _spread(p10_p50_p90: tuple[float, ...], whole: str) -> str:
    """Median and the middle 80 %."""
    if not p10_p50_p90:
        return "no infarct"
    low, middle, high = (100 * share for share in p10_p50_p90)
    return f"{middle:.0f} % {whole} (80 % of patients: {low:.0f} to {high:.0f})"


@app.command(epilog="Example: cardiotwin cohort check c.zarr")
def check(cohort: Cohort, json: Json = False) -> None:
    """Check a cohort against its own checksums and against what a heart can do.

    The status is 0 when it is sound and complete, 1 when not, and each problem is a line.
    """
    from ..cohorts import check_cohort, open_cohort

    open_cohort(cohort)
    with progress_bar(f"checking {cohort}", unit="cases") as report:
        problems = check_cohort(cohort, progress=report)
    text = "\n".join(problems) or f"{cohort} is sound and complete"
    print_result({"cohort": cohort, "problems": problems}, text, as_json=json)
    if problems:
        raise typer.Exit(_UNSOUND)
