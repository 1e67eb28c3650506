"""EEG in mental arithmetic: the ECG of 36 subjects, three minutes at rest, one at work.

Rest always came first, so load, order and time cannot be told apart; and the two differ in length.
"""

from pathlib import Path

from .physionet import listed, sex, years
from .recording import Recording
from .records import Record, described
from .tables import rows

REST, ARITHMETIC = "rest", "arithmetic"
_TASKS = {"1": REST, "2": ARITHMETIC}
_QUALITY = {"0": "bad", "1": "good"}


def records(folder: Path) -> tuple[Record, ...]:
    """Records that are on disk, labelled "rest" or "arithmetic".

    `details["count_quality"]` says whether the subject counted well, "good" or "bad".

    Raises
    ------
    OSError
        When subject-info.csv is missing.
    ValueError
        When it is broken.
    """
    table = rows(folder / "subject-info.csv", ("Subject",))
    subjects = {row["Subject"].strip(): row for row in table}
    return tuple(_record(folder, name, subjects) for name in listed(folder, (".edf",)))


def load(record: Record) -> Recording:
    """The lead "ECG ECG"; in the full set, the EEG as traces."""
    return described(record)


def _record(folder: Path, name: str, subjects: dict[str, dict[str, str]]) -> Record:
    subject, _, task = name.rpartition("_")
    known = subjects.get(subject, {})
    quality = _QUALITY.get(known.get("Count quality", "").strip())
    details: dict[str, str | float] = {"count_quality": quality} if quality else {}
    if known.get("Number of subtractions"):
        details["subtractions"] = float(known["Number of subtractions"])
    return Record(
        name=name,
        patient=subject,
        path=folder / f"{name}.edf",
        labels=(_TASKS[task],) if task in _TASKS else (),
        age_years=years(known.get("Age", "")),
        sex=sex(known.get("Gender", "")),
        details=details,
    )
