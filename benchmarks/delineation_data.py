"""Examples for delineation: LUDB with its marks in five folds, PTB-XL with a rhythm to each record.

Both pass through the same detector and the same preparation as any other ECG.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cardiotwin.signals.datasets import ecg_dataset
from cardiotwin.signals.delineation import network_input
from cardiotwin.signals.ecg import ECG
from cardiotwin.signals.ptb_xl import statements
from cardiotwin.signals.r_peaks import r_peaks
from cardiotwin.signals.recording import Marks
from cardiotwin.signals.resample import resample
from cardiotwin.signals.splits import folds_by_patient
from cardiotwin.signals.wave_net import INPUT_HZ

FOLDS = 5
#: Classes of the network; 0 is nothing, `UNKNOWN` is not scored.
CLASS_OF = {"p": 1, "N": 2, "t": 3}
UNKNOWN = -1
#: Marks an R peak where nothing else is known.
R_PEAK = 4
#: Examples are kept at this rate, so that they can be stretched and shifted finely.
FINE_HZ = 500.0
#: Ten seconds.
LENGTH = 5000
#: Half of the place left open where a wave lacks one of its borders.
_OPEN_MS = 120.0
#: Other rhythms, in which a P wave is in doubt.
_DOUBTFUL = frozenset({"AFIB", "AFLT", "PACE", "SVTAC", "PSVT", "SVARR", "2AVB", "3AVB"})


class Wave(NamedTuple):
    """One wave as marked; a missing border is nan."""

    kind: str
    onset_ms: float
    peak_ms: float
    offset_ms: float


class Case(NamedTuple):
    """A patient of LUDB."""

    name: str
    fold: int
    ecg: ECG
    peaks: NDArray[np.int64]  #: found by `r_peaks`, without help from the marks
    marks: tuple[Marks, ...]  #: of each lead


class Examples(NamedTuple):
    """Leads as the network sees them, at `FINE_HZ`."""

    leads: NDArray[np.float32]  # (n, LENGTH)
    classes: NDArray[np.int8]  # (n, LENGTH)
    folds: NDArray[np.int64]  # (n,)


def waves(marks: Marks) -> list[Wave]:
    """Each wave with its borders; some in LUDB lack one."""
    labels, times_ms = ("", *marks.labels, ""), np.pad(marks.times_ms, 1)
    return [
        Wave(
            label,
            float(times_ms[k - 1]) if labels[k - 1] == "(" else float("nan"),
            float(times_ms[k]),
            float(times_ms[k + 1]) if labels[k + 1] == ")" else float("nan"),
        )
        for k, label in enumerate(labels)
        if label in CLASS_OF
    ]


@lru_cache(maxsize=1)
def ludb_cases() -> tuple[Case, ...]:
    """Every patient at hand; folds are drawn by patient, each with its share of each rhythm."""
    dataset = ecg_dataset("ludb")
    parts = folds_by_patient(dataset.records(), FOLDS, stratify=True)
    cases = []
    for fold, records in enumerate(parts):
        for record in records:
            recording = dataset.load(record)
            ecg = recording.ecg
            assert ecg is not None
            marks = tuple(recording.marks[lead.lower()] for lead in ecg.leads)
            cases.append(Case(record.name, fold, ecg, r_peaks(ecg), marks))
    return tuple(cases)


def ludb_examples(cases: Iterable[Case]) -> Examples:
    """Every lead; what lies before the first mark and after the last is unknown."""
    leads, classes, folds = [], [], []
    for case in cases:
        leads.append(_fine(case.ecg, case.peaks))
        classes.append(np.array([_classes(marks) for marks in case.marks]))
        folds.append(np.full(len(case.marks), case.fold))
    return Examples(np.concatenate(leads), np.concatenate(classes), np.concatenate(folds))


def ptb_xl_records(*, fibrillating: bool, folds: Iterable[int]) -> list[Any]:
    """Records with atrial fibrillation (AFIB), or normal ones in sinus rhythm (NORM and SR)."""
    wanted = {str(fold) for fold in folds}
    found = []
    for record in ecg_dataset("ptb-xl").records():
        codes = statements(record).keys()
        if record.fold in wanted and (
            "AFIB" in codes if fibrillating else {"NORM", "SR"} <= codes and not codes & _DOUBTFUL
        ):
            found.append(record)
    return found


def ptb_xl_ecg(record: Any) -> ECG:
    ecg = ecg_dataset("ptb-xl").load(record).ecg
    assert ecg is not None
    return ecg


def ptb_xl_examples(records: Iterable[Any]) -> Examples:
    """Every lead; only the R peaks are known."""
    leads, classes = [], []
    for record in records:
        ecg = ptb_xl_ecg(record)
        peaks = r_peaks(ecg)
        if not len(peaks):
            continue
        leads.append(_fine(ecg, peaks))
        row = np.full(LENGTH, UNKNOWN, np.int8)
        for place in np.round(peaks * (FINE_HZ / ecg.fs_hz)).astype(int):
            row[max(place - 2, 0) : place + 3] = R_PEAK
        classes.append(np.tile(row, (len(ecg.leads), 1)))
    rows = np.concatenate(leads)
    return Examples(rows, np.concatenate(classes), np.full(len(rows), UNKNOWN))


def _fine(ecg: ECG, peaks: NDArray[np.int64]) -> NDArray[np.float32]:
    seen, _ = network_input(ecg, peaks)
    whole = resample(ECG(samples_mv=seen, fs_hz=INPUT_HZ, leads=ecg.leads), FINE_HZ).samples_mv
    return np.pad(whole, ((0, 0), (0, LENGTH)), mode="edge")[:, :LENGTH].astype(np.float32)


def _classes(marks: Marks) -> NDArray[np.int8]:
    out = np.full(LENGTH, UNKNOWN, np.int8)
    place = FINE_HZ / 1000.0
    out[round(marks.times_ms[0] * place) : round(marks.times_ms[-1] * place) + 1] = 0
    for kind, onset_ms, peak_ms, offset_ms in waves(marks):
        cut = np.array([onset_ms, offset_ms])
        begin, end = np.where(np.isnan(cut), peak_ms + np.array([-_OPEN_MS, _OPEN_MS]), cut) * place
        begin, middle, end = (round(float(x)) for x in (max(begin, 0.0), peak_ms * place, end))
        out[begin : end + 1] = CLASS_OF[kind]
        if np.isnan(onset_ms):
            out[begin:middle] = UNKNOWN
        if np.isnan(offset_ms):
            out[middle + 1 : end + 1] = UNKNOWN
    return out
