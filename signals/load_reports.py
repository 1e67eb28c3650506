"""What CLARE and CL-Drive share: an ECG a session, beside the load felt every ten seconds.

Both come from one laboratory and cannot be passed on; their layout is taken from what they and
their users published, and no file of them was at hand when this was written.
"""

import csv
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .ecg import ECG
from .recording import Marks, Recording
from .records import Record, with_meta
from .tables import rows

#: Of the Shimmer unit that recorded both.
FS_HZ = 512.0
#: Columns in mV, and the leads that they are: LA-RA is I and LL-RA is II by definition.
LEADS_OF = {"ECG LA-RA CAL": "I", "ECG LL-RA CAL": "II", "ECG Vx-RL CAL": "Vx"}
REPORT_EVERY_S = 10.0
#: Name of the marks that hold the reports, each at the begin of its ten seconds.
REPORTS = "load"


@dataclass(frozen=True, kw_only=True)
class LoadReports:
    """One layout: folders ECG/<participant>/ and Labels/<participant>.csv.

    Attributes
    ----------
    source
        Name of the data set.
    session
        Pattern of the files of a participant, with the number of the session.
    column
        Name of the column of its reports, with that number.
    """

    source: str
    session: str
    column: str

    def records(self, folder: Path) -> tuple[Record, ...]:
        """Sessions that are on disk; the label is the session.

        Raises
        ------
        OSError
            When there is no folder ECG.
        """
        ecgs = _folder(folder, "ecg")
        if ecgs is None:
            msg = f"{folder} has no folder ECG; put the files of {self.source} there"
            raise FileNotFoundError(msg)
        people = sorted((p for p in ecgs.iterdir() if p.is_dir()), key=lambda p: _number(p.name))
        return tuple(record for person in people for record in self._of_person(person))

    def load(self, record: Record) -> Recording:
        """Leads I, II and Vx, and the reports from 1 to 9 as the marks "load".

        Raises
        ------
        OSError
            When a column is missing or the file holds no numbers.
        """
        ecg = _read_ecg(record.path)
        reports = self._reports(record)
        marks = {} if reports is None else {REPORTS: reports}
        return with_meta(Recording(ecg=ecg, marks=marks, meta={"source": self.source}), record)

    def _of_person(self, folder: Path) -> list[Record]:
        found = {m[1]: p for p in folder.glob("*.csv") if (m := re.fullmatch(self.session, p.name))}
        person = re.sub(r"\D+", "", folder.name).lstrip("0") or folder.name
        return [
            Record(
                name=f"{person}-{session}",
                patient=person,
                path=found[session],
                labels=(self.column.format(session),),
                details={"session": session},
            )
            for session in sorted(found, key=int)
        ]

    def _reports(self, record: Record) -> Marks | None:
        """Reports of a session; None where there are none."""
        folders = record.path.parents[2]
        labels = _folder(folders, "labels") or _folder(folders, "label")
        fits = [] if labels is None else [p for p in labels.glob("*.csv") if _is_of(p, record)]
        if not fits:
            return None
        column = self.column.format(record.details["session"])
        felt = [(k, row.get(column, "").strip()) for k, row in enumerate(rows(min(fits), ()))]
        said = [(k, text) for k, text in felt if text]
        times_ms = np.array([k * REPORT_EVERY_S * 1000.0 for k, _ in said])
        return Marks(times_ms=times_ms, labels=tuple(re.sub(r"\.0$", "", t) for _, t in said))


CLARE = LoadReports(
    source="CLARE",
    session=r"ecg_data_experiment_(\d+)(?:_processed)?\.csv",
    column="level_{}",
)
CL_DRIVE = LoadReports(
    source="CL-Drive",
    session=r"ecg_data_level_(\d+)(?:_processed)?\.csv",
    column="lvl_{}",
)


def _folder(root: Path, name: str) -> Path | None:
    """A folder by its name in whatever case."""
    return next((p for p in sorted(root.iterdir()) if p.is_dir() and p.name.lower() == name), None)


def _number(name: str) -> tuple[int, str]:
    return int(re.sub(r"\D", "", name) or 0), name


def _is_of(path: Path, record: Record) -> bool:
    """Whether a file of reports is of the participant."""
    return re.sub(r"\D+", "", path.stem).lstrip("0") == record.patient


def _read_ecg(path: Path) -> ECG:
    with path.open(encoding="utf-8-sig", newline="") as file:
        header = next(csv.reader(file), [])
        columns = [k for k, name in enumerate(header) if name.strip() in LEADS_OF]
        if not columns:
            msg = f"{path} has none of the columns {', '.join(LEADS_OF)}"
            raise OSError(msg)
        try:
            samples: NDArray[np.float64] = np.loadtxt(
                file, delimiter=",", usecols=columns, ndmin=2, converters=_number_or_gap
            )
        except ValueError as error:
            msg = f"{path} holds something else than numbers: {error}"
            raise OSError(msg) from error
    leads = tuple(LEADS_OF[header[k].strip()] for k in columns)
    return ECG(samples_mv=samples.T.copy(), fs_hz=FS_HZ, leads=leads)


def _number_or_gap(cell: str) -> float:
    return float(cell) if cell.strip() else float("nan")
