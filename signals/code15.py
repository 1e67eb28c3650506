"""CODE-15 %: 345,779 12-lead ECGs of telehealth, by its published description (Zenodo 4916206).

No file of it was at hand when this was written.
"""

import re
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .ecg import ECG
from .lead_names import LEADS
from .physionet import years
from .recording import Recording
from .records import Record, with_meta
from .tables import rows

FS_HZ = 400.0
#: First-degree AV block, bundle branch blocks, sinus bradycardia, atrial fibrillation, sinus
#: tachycardia.
DIAGNOSES = ("1dAVb", "RBBB", "LBBB", "SB", "AF", "ST")
#: A stored 1 in mV: "represented at the scale 1e-4V", say the authors of its files in the README of
#: antonior92/automatic-ecg-diagnosis. The same sentence has V multiplied by 1000, which would
#: make a 1 a millivolt; so amplitudes may be ten times larger.
MV_PER_UNIT = 0.1
_TRUE = ("true", "1", "1.0")
_INDEX = ("exam_id", "patient_id", "age", "is_male", "trace_file")
_DETAILS = ("normal_ecg", "death", "timey", "nn_predicted_age")


def records(folder: Path) -> tuple[Record, ...]:
    """Records whose part is on disk; labels are the diagnoses, or "normal".

    Raises
    ------
    OSError
        When exams.csv is missing.
    ValueError
        When it is broken.
    """
    parts = {path.name for path in folder.glob("exams_part*.hdf5")}
    table = rows(folder / "exams.csv", (*_INDEX, *DIAGNOSES))
    return tuple(_record(folder, row) for row in table if row["trace_file"] in parts)


def load(record: Record) -> Recording:
    """Twelve leads at 400 Hz, without the zeros that fill short ones up to 4096 samples.

    Raises
    ------
    ValueError
        When h5py is not installed.
    OSError
        When the part cannot be read, or does not have the exam.
    """
    row = _rows(record.path).get(int(record.name))
    if row is None:
        msg = f"{record.path} has no exam {record.name}, which exams.csv puts there"
        raise OSError(msg)
    with _open(record.path) as file:
        stored = np.asarray(file["tracings"][row], dtype=np.float64)
    if stored.ndim != 2 or stored.shape[1] != len(LEADS):
        msg = f"{record.path}: exam {record.name} has shape {stored.shape}, expected (4096, 12)"
        raise OSError(msg)
    ecg = ECG(samples_mv=_unpadded(stored).T * MV_PER_UNIT, fs_hz=FS_HZ, leads=LEADS)
    return with_meta(Recording(ecg=ecg, meta={"source": "CODE-15"}), record)


@lru_cache(maxsize=32)
def _rows(path: Path) -> dict[int, int]:
    """Row of each exam of a part; the last row of a part is empty and has no exam."""
    with _open(path) as file:
        return {int(exam): row for row, exam in enumerate(file["exam_id"][:]) if exam}


def _open(path: Path) -> Any:
    try:
        h5py = import_module("h5py")
    except ImportError as error:
        msg = f"reading {path.name} needs h5py; pip install h5py"
        raise ValueError(msg) from error
    return h5py.File(path, "r")


def _unpadded(stored: NDArray[np.float64]) -> NDArray[np.float64]:
    """(t, 12) Without the rows of zeros at both ends."""
    filled = np.flatnonzero(stored.any(axis=1))
    return stored[filled[0] : filled[-1] + 1] if filled.size else stored


def _record(folder: Path, row: dict[str, str]) -> Record:
    found = tuple(name for name in DIAGNOSES if row[name].strip().lower() in _TRUE)
    normal = ("normal",) if row.get("normal_ecg", "").strip().lower() in _TRUE else ()
    return Record(
        name=re.sub(r"\.0$", "", row["exam_id"]),
        patient=row["patient_id"],
        path=folder / row["trace_file"],
        labels=found or normal,
        age_years=years(row["age"]),
        sex="male" if row["is_male"].strip().lower() in _TRUE else "female",
        details={name: row[name] for name in _DETAILS if row.get(name)},
    )
