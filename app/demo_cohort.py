"""The demo's heart and cohort: the best heart at hand, and what an earlier demo left."""

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from .console import progress_bar

if TYPE_CHECKING:
    from ..cohorts import CohortPlan

#: Beside the cohort: the plan that the demo made it from.
RECORD = "demo.json"


def choose_heart() -> str:
    """A real heart: one of CARDIOTWIN_DATA, else one fetched once; else the built-in one."""
    from ..anatomy.datasets import data_folder, find

    if data_folder() is not None and find("dti004"):
        return "dti004"
    if find("rodero01"):
        return "rodero01"
    from ..anatomy.fetch import fetch

    typer.echo("fetching a real heart, rodero01; --heart builtin needs no network", err=True)
    try:
        with progress_bar("fetching rodero01", unit="kB") as report:
            fetch("rodero01", progress=report)
    except (OSError, ValueError) as error:
        why = " ".join(str(error).split())
        typer.echo(f"no real heart at hand, the built-in one is used: {why}", err=True)
        return "builtin"
    return "rodero01"


def make_cohort(plan: "CohortPlan", out: Path, workers: int | None) -> Path:
    """The cohort of a plan in `out`, where what an earlier demo left makes way.

    Raises
    ------
    ValueError
        When something else than the demo put a cohort there.
    """
    from ..cohorts import generate

    path = out / "cohort.zarr"
    if path.exists() and not _can_go_on(plan, path):
        _remove_own(path)
    _write_record(plan, out)
    with progress_bar("patients", unit="patients") as report:
        try:
            generate(plan, path, workers=workers, progress=report)
        except ValueError:  # an interrupted demo left a cohort of an earlier version, or heart
            if not path.exists():
                raise
            _remove_own(path)
            generate(plan, path, workers=workers, progress=report)
    return path


def _can_go_on(plan: "CohortPlan", path: Path) -> bool:
    """Whether an interrupted demo of the same plan left the cohort; a finished one is made anew."""
    from ..cohorts import cohort_info

    info = cohort_info(path)
    return _recorded(path) == _as_json(plan) and info.done + len(info.failed) < info.n


def _remove_own(path: Path) -> None:
    """Delete the cohort that a demo made; raise when it is not one."""
    from ..cohorts import read_plan

    record, stored = _recorded(path), _as_json(read_plan(path))
    if record is None or {**record, "hearts": []} != {**stored, "hearts": []}:
        msg = f"{path} is a cohort that the demo did not make; give another folder with --out"
        raise ValueError(msg)
    shutil.rmtree(path)


def _recorded(path: Path) -> dict[str, Any] | None:
    """The plan that a demo wrote down beside a cohort."""
    try:
        record = json.loads(path.with_name(RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return record if isinstance(record, dict) else None


def _as_json(plan: "CohortPlan") -> dict[str, Any]:
    from ..cohorts.plan import plan_to_json

    return dict(json.loads(json.dumps(plan_to_json(plan))))


def _write_record(plan: "CohortPlan", out: Path) -> None:
    from ..viz.figure import write_whole

    text = json.dumps(_as_json(plan), indent=1) + "\n"
    write_whole(out / RECORD, lambda part: part.write_text(text, encoding="utf-8"))
