"""What is safely on disk: a batch counts when its record names the checksums of its files."""

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import zarr

from .plan import CohortPlan
from .schema import RESULT_COLUMNS

_FOLDER = "commits"
_CREATION = "creation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A case that could not be made, and why."""

    case: int
    reason: str


def batch_files(path: Path, batch: int) -> list[Path]:
    """The chunk of every result column that holds a batch."""
    return [
        path / column.name / "c" / "/".join([str(batch)] + ["0"] * (len(column.dims) - 1))
        for column in RESULT_COLUMNS
    ]


def write_batch(
    path: Path, plan: CohortPlan, batch: int, values: Mapping[str, Any], failures: list[Failure]
) -> None:
    """Write the chunks of a batch, then its commit record."""
    cases = plan.cases_of(batch)
    with zarr.config.set({"array.write_empty_chunks": True}):
        group: Any = zarr.open_group(path, mode="r+")
        for column in RESULT_COLUMNS:
            group[column.name][cases.start : cases.stop] = values[column.name]
    written = batch_files(path, batch)
    for file in written:
        _sync(file)
    record = {
        "cases": list(cases),
        "failures": [{"case": f.case, "reason": f.reason} for f in failures],
        "sha256": _checksums(path, written),
    }
    _write_record(path, _batch_name(batch), record)


def write_creation_record(path: Path) -> None:
    """Record the checksums of all that was written when a cohort was created."""
    files = sorted(file for file in path.rglob("*") if file.is_file())
    for file in files:
        _sync(file)
    _write_record(path, _CREATION, {"sha256": _checksums(path, files)})


def is_committed(path: Path, batch: int) -> bool:
    """Whether a batch has a record and all its files are as the record says."""
    return damage_of(path, read_record(path, batch)) == []


def read_record(path: Path, batch: int | None) -> dict[str, Any] | None:
    """The commit record of a batch, or of the creation; None without a readable one."""
    name = _CREATION if batch is None else _batch_name(batch)
    try:
        record = json.loads((path / _FOLDER / f"{name}.json").read_text())
    except (FileNotFoundError, ValueError):
        return None
    return record if isinstance(record, dict) and isinstance(record.get("sha256"), dict) else None


def damage_of(path: Path, record: Mapping[str, Any] | None) -> list[str]:
    """Names of the files that are missing or differ from a commit record."""
    if record is None:
        return ["commit record"]
    return [name for name, sum_ in record["sha256"].items() if _sha256(path / name) != sum_]


def read_failures(path: str | Path, plan: CohortPlan) -> tuple[Failure, ...]:
    """Cases that could not be made, in order."""
    records = (read_record(Path(path), batch) for batch in range(plan.batches))
    return tuple(Failure(**f) for record in records if record for f in record["failures"])


def remove_unfinished(path: Path, batches: Iterable[int]) -> None:
    """Delete what interrupted or damaged batches left, and nothing else."""
    for batch in batches:
        for file in [*batch_files(path, batch), path / _FOLDER / f"{_batch_name(batch)}.json"]:
            file.unlink(missing_ok=True)
    folders = [path / column.name for column in RESULT_COLUMNS]
    for partial in [p for folder in folders for p in folder.rglob("*.partial")]:
        partial.unlink()  # zarr writes a chunk under this name, then renames it
    for partial in (path / _FOLDER).glob("*.part"):
        partial.unlink()


def _batch_name(batch: int) -> str:
    return f"batch-{batch:05d}"


def _write_record(path: Path, name: str, record: Mapping[str, Any]) -> None:
    """Put a record in place in one step, on disk before it has its name."""
    final = path / _FOLDER / f"{name}.json"
    partial = final.with_suffix(".part")
    partial.write_text(json.dumps(record, indent=1, sort_keys=True) + "\n")
    _sync(partial)
    partial.replace(final)
    _sync(final.parent)


def _checksums(path: Path, files: Iterable[Path]) -> dict[str, str | None]:
    return {file.relative_to(path).as_posix(): _sha256(file) for file in files}


def _sha256(file: Path) -> str | None:
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return None


def _sync(file: Path) -> None:
    handle = os.open(file, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
