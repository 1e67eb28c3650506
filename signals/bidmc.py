"""BIDMC: eight minutes of ECG, PPG and respiration of 53 stays in intensive care."""

import re
from dataclasses import replace
from pathlib import Path

from .physionet import legible, listed, patient_of
from .read import read_recording
from .recording import Recording, Trace
from .records import Record, described
from .wfdb_header import read_header

#: What the monitor worked out once a second has this before its name, as RESP is also a signal.
NUMERIC = "numeric "


def records(folder: Path) -> tuple[Record, ...]:
    """Records that are on disk and have a legible header, which names the subject.

    Several may be of one.

    Raises
    ------
    OSError
        When it is no folder of records.
    """
    names = listed(folder, (".hea", ".dat"))
    return legible(folder, (name for name in names if not name.endswith("n")), _record)


def load(record: Record) -> Recording:
    """The leads there are, PLETH and RESP, the marks "breath", and the numerics where they lie."""
    recording = described(record)
    beside = record.path.with_name(f"{record.name}n.hea")
    if not beside.is_file():
        return recording
    slow = read_recording(beside).traces.values()
    numerics = {name: replace(t, name=name) for t in slow if (name := NUMERIC + t.name)}
    traces: dict[str, Trace] = {**recording.traces, **numerics}
    return replace(recording, traces=traces)


def _record(folder: Path, name: str) -> Record:
    path = folder / f"{name}.hea"
    age_years, sex = patient_of(path)
    text = "\n".join(read_header(path).comments)
    subject = re.search(r"/(s\d{5})/", text)  # of MIMIC II
    ward = re.search(r"<location>: (\w+)", text)
    return Record(
        name=name,
        patient=subject[1] if subject else name,
        path=path,
        age_years=age_years,
        sex=sex,
        details={"ward": ward[1]} if ward else {},
    )
