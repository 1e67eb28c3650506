"""PTB-XL: 21,799 ten-second 12-lead ECGs, as published (Wagner et al. 2020, version 1.0.3)."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from .physionet import years
from .recording import Recording
from .records import Record, described
from .tables import rows

#: The diagnostic superclasses, in the order of the paper's table.
SUPERCLASSES = ("NORM", "MI", "STTC", "CD", "HYP")
#: Folds 1-8 are to train on; 9 and 10, of which humans validated every label, to choose and test.
VALIDATION_FOLD, TEST_FOLD = "9", "10"
_SEXES = {"0": "male", "1": "female"}
_COLUMNS = {100.0: "filename_lr", 500.0: "filename_hr"}
#: Columns of ptbxl_database.csv that a record is made of, and those that it keeps.
_INDEX = ("ecg_id", "patient_id", "age", "sex", "scp_codes", "strat_fold")
_DETAILS = (
    "scp_codes",
    "report",
    "infarction_stadium1",
    "infarction_stadium2",
    "heart_axis",
    "height",
    "weight",
    "device",
    "recording_date",
    "validated_by_human",
    "pacemaker",
)
_STATEMENT = re.compile(r"'([^']+)': ([\d.]+)")  # a code may hold a slash: LAO/LAE


def records(folder: Path, *, fs_hz: float | None = None) -> tuple[Record, ...]:
    """Records that are on disk; each is labelled with its diagnostic superclasses.

    As in the paper's benchmarks, a statement counts whatever its likelihood.

    Parameters
    ----------
    folder
        With ptbxl_database.csv and scp_statements.csv.
    fs_hz
        100 or 500; None takes 100 Hz where that file is there, else 500 Hz.

    Raises
    ------
    OSError
        When an index is missing.
    ValueError
        When the rate is another, or an index is broken.
    """
    if fs_hz is not None and fs_hz not in _COLUMNS:
        msg = f"PTB-XL comes at 100 and 500 Hz, got {fs_hz}; resample with signals.resample"
        raise ValueError(msg)
    columns = list(_COLUMNS.values()) if fs_hz is None else [_COLUMNS[fs_hz]]
    superclass_of = superclasses(folder)
    there = _signals(folder)
    found = []
    for row in rows(folder / "ptbxl_database.csv", (*_INDEX, *columns)):
        stem = next((row[c] for c in columns if row[c] in there), None)
        if stem is not None:
            found.append(_record(row, folder / f"{stem}.hea", superclass_of))
    return tuple(found)


def superclasses(folder: Path) -> dict[str, str]:
    """Diagnostic superclass of each statement that has one."""
    table = rows(folder / "scp_statements.csv", ("", "diagnostic_class"))
    return {row[""]: row["diagnostic_class"] for row in table if row["diagnostic_class"]}


def statements(record: Record) -> dict[str, float]:
    """Likelihood in percent of each SCP-ECG statement; 0 says that none was given."""
    return {code: float(p) for code, p in _STATEMENT.findall(str(record.details["scp_codes"]))}


def load(record: Record) -> Recording:
    """The ECG of a record."""
    return described(record)


def _signals(folder: Path) -> set[str]:
    """Signals that are on disk, named as in the index. Far faster than to ask for each."""
    return set(_walk(folder, "records100")) | set(_walk(folder, "records500"))


def _walk(folder: Path, below: str) -> Iterator[str]:
    for place, _, names in os.walk(folder / below):
        start = Path(place).relative_to(folder).as_posix()
        whole = {name.removesuffix(".dat") for name in names if name.endswith(".dat")}
        yield from (f"{start}/{stem}" for stem in whole if f"{stem}.hea" in names)


def _record(row: dict[str, str], path: Path, superclass_of: dict[str, str]) -> Record:
    codes = {code for code, _ in _STATEMENT.findall(row["scp_codes"])}
    found = {superclass_of[code] for code in codes & superclass_of.keys()}
    return Record(
        name=row["ecg_id"],
        patient=row["patient_id"].removesuffix(".0"),
        path=path,
        labels=tuple(c for c in SUPERCLASSES if c in found),
        fold=row["strat_fold"].removesuffix(".0"),
        age_years=years(row["age"]),  # 300 stands for ages above 89
        sex=_SEXES.get(row["sex"].removesuffix(".0"), ""),
        details={name: row[name] for name in _DETAILS if row.get(name)},
    )
