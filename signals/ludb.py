"""LUDB: 200 ten-second 12-lead ECGs with the borders of P, QRS and T marked in every lead."""

from pathlib import Path

from .physionet import sex, years
from .recording import Recording
from .records import Record, described
from .tables import rows

#: Columns of ludb.csv that hold diagnoses, one a line.
_DIAGNOSES = (
    "Rhythms",
    "Electric axis of the heart",
    "Conduction abnormalities",
    "Extrasystolies",
    "Hypertrophies",
    "Cardiac pacing",
    "Ischemia",
    "Non-specific repolarization abnormalities",
    "Other states",
)


def records(folder: Path) -> tuple[Record, ...]:
    """Records that are on disk, one of each patient; the rhythm is the first label.

    Raises
    ------
    OSError
        When ludb.csv is missing.
    ValueError
        When it is broken.
    """
    table = rows(folder / "ludb.csv", ("ID", "Sex", "Age", *_DIAGNOSES))
    found = [_record(folder, row) for row in table]
    return tuple(r for r in found if r.path.is_file() and r.path.with_suffix(".dat").is_file())


def load(record: Record) -> Recording:
    """Twelve leads, and marks for each: "(" begin, "p" "N" "t" peak, ")" end of a wave."""
    return described(record)


def _record(folder: Path, row: dict[str, str]) -> Record:
    name = row["ID"].strip()
    cells = [row[column] for column in _DIAGNOSES]
    return Record(
        name=name,
        patient=name,
        path=folder / "data" / f"{name}.hea",
        labels=tuple(line.strip() for cell in cells for line in cell.splitlines() if line.strip()),
        age_years=years(row["Age"]),
        sex=sex(row["Sex"]),
    )
