"""EchoNext: 100,000 12-lead ECGs with what echocardiography found, by its published description.

Restricted by PhysioNet: no file of it was at hand when this was written.
"""

from collections import Counter
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .ecg import ECG
from .lead_names import LEADS
from .physionet import sex, years
from .recording import Recording
from .records import Record, with_meta
from .tables import rows

FS_HZ = 250.0
SAMPLES = 2500
#: Columns of the array of tabular features, in its order; scaled and filled in by the authors.
FEATURES = (
    "sex",
    "age_at_ecg",
    "ventricular_rate",
    "atrial_rate",
    "pr_interval",
    "qrs_duration",
    "qt_corrected",
)
#: What echocardiography found; the last is any of the others. 0 also stands for "never measured".
FLAGS = (
    "lvef_lte_45_flag",
    "lvwt_gte_13_flag",
    "aortic_stenosis_moderate_or_greater_flag",
    "aortic_regurgitation_moderate_or_greater_flag",
    "mitral_regurgitation_moderate_or_greater_flag",
    "tricuspid_regurgitation_moderate_or_greater_flag",
    "pulmonary_regurgitation_moderate_or_greater_flag",
    "rv_systolic_dysfunction_moderate_or_greater_flag",
    "pericardial_effusion_moderate_large_flag",
    "pasp_gte_45_flag",
    "tr_max_gte_32_flag",
    "shd_moderate_or_greater_flag",
)
_INDEX = ("ecg_key", "patient_key", "split", "age_at_ecg", "sex")
#: Names of the index in versions 1.1.0 and 1.0.0.
_INDEXES = ("echonext_metadata_100k.csv", "EchoNext_metadata_100k.csv")


def records(folder: Path) -> tuple[Record, ...]:
    """Records whose array is on disk; labels are the flags that are set, the fold is the split.

    The k-th row of a split in the index is the k-th row of the array of that split.

    Raises
    ------
    OSError
        When the index is missing.
    ValueError
        When it is broken.
    """
    index = next((folder / name for name in _INDEXES if (folder / name).is_file()), None)
    if index is None:
        msg = f"{folder} has no {_INDEXES[0]}; get it from physionet.org/content/echonext"
        raise FileNotFoundError(msg)
    found, counts = [], Counter[str]()
    for row in rows(index, (*_INDEX, *FLAGS)):
        split = row["split"]
        found.append(_record(folder, row, counts[split]))
        counts[split] += 1
    there = {split for split in counts if _waveforms(folder, split).is_file()}
    return tuple(record for record in found if record.fold in there)


def load(record: Record) -> Recording:
    """Twelve leads at 250 Hz, standardised by the authors over the whole set: no mV.

    `meta["unit"]` of the ECG is "z", and its `samples_mv` are standard deviations.

    Raises
    ------
    OSError
        When the array has another shape than 12 leads of 2500 samples, or no such row.
    """
    stored = _rows(record.path)
    if record.row >= len(stored):
        msg = f"{record.path} has {len(stored)} rows, fewer than the index says; fetch it again"
        raise OSError(msg)
    one = np.asarray(stored[record.row], dtype=np.float64).squeeze()
    if sorted(one.shape) != [len(LEADS), SAMPLES]:
        msg = f"{record.path}: a record has shape {one.shape}, expected (2500, 12)"
        raise OSError(msg)
    samples = one if one.shape[0] == len(LEADS) else one.T
    ecg = ECG(samples_mv=samples, fs_hz=FS_HZ, leads=LEADS, meta={"unit": "z"})
    return with_meta(Recording(ecg=ecg, meta={"source": "EchoNext"}), record)


def features(record: Record) -> NDArray[np.float64]:
    """(7,) `FEATURES` of a record, as its authors scaled them.

    Raises
    ------
    OSError
        When the array is missing or too short.
    """
    path = record.path.with_name(f"EchoNext_{record.fold}_tabular_features.npy")
    stored = _rows(path)
    if record.row >= len(stored) or stored.shape[1:] != (len(FEATURES),):
        msg = f"{path} has shape {stored.shape}, expected a row of 7 for each record"
        raise OSError(msg)
    return np.asarray(stored[record.row], dtype=np.float64)


@lru_cache(maxsize=8)
def _rows(path: Path) -> NDArray[np.float64]:
    """The array of a file, of which only what is used is read."""
    try:
        stored: NDArray[np.float64] = np.load(path, mmap_mode="r", allow_pickle=False)
    except (ValueError, EOFError) as error:
        msg = f"{path} is damaged: {error}; fetch it again"
        raise OSError(msg) from error
    return stored


def _waveforms(folder: Path, split: str) -> Path:
    return folder / f"EchoNext_{split}_waveforms.npy"


def _record(folder: Path, row: dict[str, str], number: int) -> Record:
    return Record(
        name=row["ecg_key"],
        patient=row["patient_key"],
        path=_waveforms(folder, row["split"]),
        row=number,
        labels=tuple(flag for flag in FLAGS if row[flag].strip() in ("1", "1.0", "True")),
        fold=row["split"],
        age_years=years(row["age_at_ecg"]),
        sex=sex(row["sex"]),
        details={name: row[name] for name in FEATURES[2:] if row.get(name)},
    )
