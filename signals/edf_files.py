"""EDF, EDF+ and BDF files: read through pyedflib after their headers have been checked."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np

from .channels import Channel, ecg_of, leads_of, places_of, recording_of
from .chunks import ranges
from .claims import told_of
from .ecg import ECG
from .edf_header import EdfHeader, read_edf_header, told_age
from .info import RecordInfo, info_of
from .recording import Marks, Recording
from .starts import UNKNOWN_START

#: pyedflib keeps one table of open files for all threads, and no file is open in it twice.
_ONE_AT_A_TIME = Lock()
#: Where day, month, year, hour, minute and second stand in "dd.mm.yyhh.mm.ss".
_TIME_PLACES = (0, 3, 6, 8, 11, 14)


def read_edf(path: Path) -> Recording:
    """A whole file: leads in mV, other signals in their units and at their own rates, marks.

    Raises
    ------
    OSError
        When the file is missing, cut short, discontinuous or unreadable.
    ValueError
        When its header claims what cannot be.
    """
    header = read_edf_header(path)
    with _opened(header, marks=True) as file:
        counts = [field.length for field in header.fields()]
        channels = _read(header, file, range(len(counts)), [(0, count) for count in counts])
        marks = _marks(file)
    return recording_of(channels, marks=marks, meta=_meta(header))


def edf_info(path: Path) -> RecordInfo:
    """What a file holds, from its header."""
    header = read_edf_header(path)
    marks = ("annotations",) if header.has_marks else ()
    return info_of(path, header.kind, header.fields(), marks=marks, meta=_meta(header))


def edf_chunks(path: Path, chunk_s: float, overlap_s: float) -> Iterator[tuple[int, ECG]]:
    """Pieces of the ECG, read one by one; each with the place of its first sample."""
    header = read_edf_header(path)
    fields = header.fields()
    leads = leads_of(fields)
    if not leads:
        return
    first_lead = fields[leads[0]]
    for span in ranges(first_lead.length, first_lead.fs_hz, chunk_s, overlap_s):
        with _opened(header, marks=False) as file:
            channels = _read(header, file, leads, [span] * len(leads))
        yield span[0], ecg_of(channels, _meta(header))


@contextmanager
def _opened(header: EdfHeader, *, marks: bool) -> Iterator[Any]:
    """The file as pyedflib opens it; its complaints become one line."""
    import pyedflib

    mode = pyedflib.READ_ALL_ANNOTATIONS if marks else pyedflib.DO_NOT_READ_ANNOTATIONS
    with _ONE_AT_A_TIME, told_of(header.path, "is refused by pyedflib"):
        try:
            file = pyedflib.EdfReader(str(header.path), mode)
        except OSError as error:
            raise OSError(str(error).removeprefix(f"{header.path}: ")) from None
        try:
            yield file
        finally:
            file.close()


def _read(
    header: EdfHeader, file: Any, places: Sequence[int], spans: Sequence[tuple[int, int]]
) -> list[Channel]:
    """Some channels, each between two of its samples."""
    labels = file.getSignalLabels()
    channels = []
    for k, (first, last) in zip(places, spans, strict=True):
        if len(labels) != len(header.signals) or file.getNSamples()[k] < last:
            msg = f"{header.path} is read differently by pyedflib; its header is damaged"
            raise OSError(msg)
        channels.append(Channel(header.fields()[k], file.readSignal(k, first, last - first)))
    return channels


def _marks(file: Any) -> dict[str, Marks]:
    """Annotations of an EDF+ file; a duration is told in the note."""
    found = sorted(file.read_annotation(), key=lambda mark: mark[0])
    if not found:
        return {}
    notes = tuple(f"{float(_text(s)):g} s" if _text(s) else "" for _, s, _ in found)
    return {
        "annotations": Marks(
            times_ms=np.array([onset for onset, _, _ in found], np.float64) / 1e4,  # of 100 ns
            labels=tuple(_text(text) for _, _, text in found),
            notes=notes if any(notes) else (),
        )
    }


def _text(data: bytes | str) -> str:
    return data if isinstance(data, str) else data.decode("utf-8", errors="replace").strip("\0")


def _meta(header: EdfHeader) -> dict[str, str | float]:
    """Record, start, what an EDF+ file says of the patient, and each signal's scale.

    Names of patients are left out.
    """
    meta: dict[str, str | float] = {"record": header.path.stem, "source": header.kind}
    start = _start(header.start)
    if start and start != UNKNOWN_START:
        meta["start"] = start.isoformat(sep=" ")
    patient = re.fullmatch(r"(\S+) ([MFX]) (X|\d\d-[A-Z]{3}-\d{4}) \S.*", header.patient)
    if patient:
        meta |= {"patient": patient[1]} if patient[1] != "X" else {}
        meta |= {"sex": "female" if patient[2] == "F" else "male"} if patient[2] != "X" else {}
        told = told_age(header.patient)
        age_years = _age_years(patient[3], start) if told is None else told
        meta |= {"age_years": age_years} if age_years is not None else {}
    for name, k in places_of(header.fields()).items():
        s = header.signals[k]
        meta[f"scale {name}"] = f"{s.low!r} {s.high!r} {s.digital_low} {s.digital_high} {s.unit}"
    return meta


def _start(text: str) -> datetime | None:
    """Date and time; two digits of a year from 85 on mean the last century (EDF+, 2.1.3)."""
    try:
        day, month, year, hour, minute, second = (int(text[k : k + 2]) for k in _TIME_PLACES)
        return datetime(year + (1900 if year >= 85 else 2000), month, day, hour, minute, second)
    except ValueError:
        return None


def _age_years(born: str, start: datetime | None) -> float | None:
    """Age at the start of the recording; None where a date is missing or false."""
    try:
        birthday = datetime.strptime(born, "%d-%b-%Y")
    except ValueError:
        return None
    if start is None or start < birthday:
        return None
    return float((start - birthday).days * 100 // 36525)
