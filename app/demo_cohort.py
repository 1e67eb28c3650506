"""The demo's heart and cohort: the best heart at hand, and what an earlier demo left."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
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
    from ..anatomy.datasets import dataset, find
    from ..files.fetching import fetch
    from ..files.places import data_folder

    if data_folder() is not None and find("dti004"):
        return "dti004"
    if find("rodero01"):
        return "rodero01"
    typer.echo("fetching a real heart, rodero01; --heart builtin needs no network", err=True)
    try:
        with progress_bar("fetching rodero01", unit="kB") as report:
            fetch(dataset("rodero01"), progress=report)
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
    OSError
        When it is no cohort, or the new one cannot be made; what was there stays.
    """
    path = out / "cohort.zarr"
    if path.exists() and not _can_go_on(plan, path):
        _require_own(path)
        with _set_aside(path):
            return _generate(plan, path, workers)
    try:
        return _generate(plan, path, workers)
    except ValueError:  # an interrupted demo left a cohort of an earlier version, or heart
        if not path.exists():
            raise
        _require_own(path)
        with _set_aside(path):
            return _generate(plan, path, workers)


def _generate(plan: "CohortPlan", path: Path, workers: int | None) -> Path:
    from ..cohorts import generate

    _write_record(path, json.dumps(_as_json(plan), indent=1) + "\n")
    with progress_bar(f"patients on {plan.hearts[0]}", unit="patients") as report:
        generate(plan, path, workers=workers, progress=report)
    return path


def _can_go_on(plan: "CohortPlan", path: Path) -> bool:
    """Whether an interrupted demo of the same plan left the cohort; a finished one is made anew."""
    from ..cohorts import cohort_info
    from ..cohorts.commit import damage_of, read_record

    info = cohort_info(path)
    unfinished = info.done + len(info.failed) < info.n
    return (
        unfinished
        and _recorded(path) == _as_json(plan)
        and not damage_of(path, read_record(path, None))
    )


def _require_own(path: Path) -> None:
    """Raise unless a demo made the cohort: the plan in it is the one written down beside it."""
    from ..cohorts import read_plan

    record, stored = _recorded(path), _as_json(read_plan(path))
    if record is None or {**record, "hearts": []} != {**stored, "hearts": []}:
        msg = f"{path} is a cohort that the demo did not make; give another folder with --out"
        raise ValueError(msg)


@contextmanager
def _set_aside(path: Path) -> Iterator[None]:
    """Hide a demo's cohort until another has its place; put it back when none comes."""
    old, record = path.with_name(f".{path.name}.old"), path.with_name(RECORD).read_text("utf-8")
    shutil.rmtree(old, ignore_errors=True)
    path.rename(old)
    try:
        yield
    finally:
        if path.exists():
            shutil.rmtree(old)
        else:
            old.rename(path)
            _write_record(path, record)


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


def _write_record(path: Path, text: str) -> None:
    """Write a plan down beside a cohort."""
    from ..viz.figure import write_whole

    write_whole(path.with_name(RECORD), lambda part: part.write_text(text, encoding="utf-8"))
