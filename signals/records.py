"""One record of a data set, known from its index and not yet read."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from .read import read_recording
from .recording import Recording

#: Stands for the ages above 89 that data sets hide, written 300, "90+" or ">89".
OVER_89_YEARS = 90.0


@dataclass(frozen=True, kw_only=True)
class Record:
    """What the index of a data set says of one record.

    Attributes
    ----------
    name
        Unique in its data set.
    patient
        The same for every record of one person: records are split by it.
    path
        The file to read: a header, an EDF file, or the array that `row` points into.
    row
        Which row of an array that holds many records.
    labels
        What the record shows, in the words of the data set; the first speaks for it.
    fold
        Part of the official split, such as "test" or "10"; empty where there is none.
    age_years
        `OVER_89_YEARS` where only that much is known; nan where nothing is.
    sex
        "female", "male" or empty.
    details
        What else the index says, by the names of its columns.
    """

    name: str
    patient: str
    path: Path
    row: int = 0
    labels: tuple[str, ...] = ()
    fold: str = ""
    age_years: float = float("nan")
    sex: str = ""
    details: Mapping[str, str | float] = field(default_factory=dict)

    @property
    def meta(self) -> dict[str, str | float]:
        """What a `Recording` of it says of patient and visit."""
        known: dict[str, str | float] = {"record": self.name, "patient": self.patient}
        if self.age_years == self.age_years:  # not nan
            known["age_years"] = self.age_years
        if self.sex:
            known["sex"] = self.sex
        return known


class Layout(Protocol):
    """How a data set lies on disk: one module for each."""

    def records(self, folder: Path) -> tuple[Record, ...]:
        """Every record that the index names and the folder holds, without reading signals.

        Raises
        ------
        OSError
            When the index is missing.
        ValueError
            When the index is broken.
        """

    def load(self, record: Record) -> Recording:
        """Signals, marks and what is known of the patient.

        Raises
        ------
        OSError
            When a file is missing or broken.
        """


def described(record: Record) -> Recording:
    """The file of a record, with what its index knows of the patient."""
    return with_meta(read_recording(record.path), record)


def with_meta(recording: Recording, record: Record) -> Recording:
    """The recording, with what the index knows; the index goes before the file."""
    ecg = recording.ecg
    return replace(
        recording,
        ecg=None if ecg is None else replace(ecg, meta={**ecg.meta, **record.meta}),
        meta={**recording.meta, **record.meta},
    )
