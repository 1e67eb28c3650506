"""Headers of EDF, EDF+ and BDF files, checked before the library that reads them sees the file.

The format is that of Kemp et al. 1992 (EDF), Kemp and Olivan 2003 (EDF+) and BioSemi (BDF).
"""

import math
import re
from pathlib import Path
from typing import NamedTuple

from .channels import Field
from .claims import require_count, require_file, require_rate

#: Widths of the fields that each signal has, in order.
WIDTHS = {
    "name": 16,
    "transducer": 80,
    "unit": 8,
    "low": 8,
    "high": 8,
    "digital_low": 8,
    "digital_high": 8,
    "filter": 80,
    "per_record": 8,
    "reserved": 32,
}
#: Before the number of samples in the reserved field of a signal that we padded.
LENGTH = "samples="
#: Before the age in the field of the patient, in a subfield behind the four of EDF+ (2.1.3 allows
#: more): where an age is known, a date of birth often is not.
AGE = "age_years="
_MARKS = ("EDF Annotations", "BDF Annotations")


class EdfSignal(NamedTuple):
    """One signal of the file."""

    name: str
    transducer: str
    unit: str
    low: float  #: in the unit, at digital_low
    high: float
    digital_low: int
    digital_high: int
    filter: str
    per_record: int  #: samples in a data record
    length: int  #: samples in all, where that is told; else 0


class EdfHeader(NamedTuple):
    """A whole header."""

    path: Path
    kind: str  #: "EDF" or "BDF"
    patient: str
    recording: str
    start: str  #: date and time
    records: int
    record_s: float  #: duration of a data record
    signals: tuple[EdfSignal, ...]  #: marks left out
    has_marks: bool

    def fields(self) -> list[Field]:
        """What the header says of each channel."""
        return [
            Field(s.name, s.unit, s.per_record / self.record_s, self._length(s))
            for s in self.signals
        ]

    def _length(self, s: EdfSignal) -> int:
        stored = s.per_record * self.records
        return s.length if 0 < s.length <= stored else stored


def read_edf_header(path: Path) -> EdfHeader:
    """The header of an EDF or BDF file.

    Raises
    ------
    OSError
        When the file is missing, no such file, cut short or discontinuous.
    ValueError
        When the header claims what cannot be.
    """
    size = require_file(path)
    head, body = _halves(path)
    signals = _signals(path, body, len(body) // 256)
    records = int(_number(path, head[236:244], "the number of data records"))
    record_s = _number(path, head[244:252], "the duration of a data record")
    width = 3 if head[0] == 0xFF else 2
    record_bytes = width * sum(s.per_record for s in signals)
    _require_length(path, size, 256 + len(body), records, record_bytes)
    voltages = tuple(s for s in signals if s.name not in _MARKS)
    if not voltages:
        msg = f"{path} holds marks only, no signal"
        raise ValueError(msg)
    for s in voltages:
        require_rate(path, s.per_record / record_s if record_s > 0 else math.inf, f" ({s.name!r})")
        _require_scale(path, s)
    return EdfHeader(
        path=path,
        kind="BDF" if width == 3 else "EDF",
        patient=_text(head[8:88]),
        recording=_text(head[88:168]),
        start=_text(head[168:184]),
        records=records,
        record_s=record_s,
        signals=voltages,
        has_marks=len(voltages) < len(signals),
    )


def told_age(patient: str) -> float | None:
    """The age that we wrote into the field of the patient; None where there is none.

    Examples
    --------
    >>> told_age("p7 F X X age_years=60"), told_age("p7 F X X")
    (60.0, None)
    """
    found = re.search(rf" {AGE}(\d+(\.\d+)?)$", patient)
    return float(found[1]) if found else None


def _halves(path: Path) -> tuple[bytes, bytes]:
    """The 256 bytes of the file, and the 256 of each signal."""
    with path.open("rb") as file:
        head = file.read(256)
        if len(head) < 256 or head[:8] not in (b"0       ", b"\xffBIOSEMI"):
            msg = f"{path} is no EDF or BDF file: it starts with {head[:8]!r}"
            raise OSError(msg)
        count = int(_number(path, head[252:256], "the number of signals"))
        require_count(path, count)
        body = file.read(256 * count)
    if len(body) < 256 * count:
        msg = f"{path} ends within its header; fetch it again"
        raise OSError(msg)
    if head[192:197] in (b"EDF+D", b"BDF+D"):
        msg = f"{path} is discontinuous ({head[192:197].decode()}); split it at its gaps first"
        raise OSError(msg)
    return head, body


def _signals(path: Path, body: bytes, count: int) -> list[EdfSignal]:
    """Signals from the columns of the header."""
    columns: dict[str, list[bytes]] = {}
    at = 0
    for name, width in WIDTHS.items():
        columns[name] = [body[at + k * width : at + (k + 1) * width] for k in range(count)]
        at += width * count
    return [
        EdfSignal(
            name=_text(columns["name"][k]),
            transducer=_text(columns["transducer"][k]),
            unit=_text(columns["unit"][k]),
            low=_number(path, columns["low"][k], "a physical minimum"),
            high=_number(path, columns["high"][k], "a physical maximum"),
            digital_low=int(_number(path, columns["digital_low"][k], "a digital minimum")),
            digital_high=int(_number(path, columns["digital_high"][k], "a digital maximum")),
            filter=_text(columns["filter"][k]),
            per_record=int(_number(path, columns["per_record"][k], "samples in a data record")),
            length=_length(_text(columns["reserved"][k])),
        )
        for k in range(count)
    ]


def _length(text: str) -> int:
    told = text.removeprefix(LENGTH)
    return int(told) if told != text and told.isdecimal() else 0


def _text(data: bytes) -> str:
    return data.decode("latin-1").strip(" \0")


def _number(path: Path, data: bytes, what: str) -> float:
    text = _text(data)
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or "_" in text:
        msg = f"{path} gives {text!r} for {what}"
        raise ValueError(msg)
    return value


def _require_length(path: Path, size: int, header: int, records: int, record: int) -> None:
    """Raise unless the file is as long as its header says."""
    if record <= 0 or records < 1:
        msg = f"{path} states {records} data records of {record} bytes; it was not closed properly"
        raise ValueError(msg)
    if size < header + records * record:
        has = (size - header) // record
        msg = f"{path} ends after {has} of {records} data records; fetch it again"
        raise OSError(msg)


def _require_scale(path: Path, s: EdfSignal) -> None:
    """Raise unless numbers can become physical values."""
    if s.low == s.high or s.digital_low >= s.digital_high or s.per_record < 1:
        msg = (
            f"{path} maps {s.digital_low}..{s.digital_high} to {s.low:g}..{s.high:g} for "
            f"{s.name!r} with {s.per_record} samples a data record; no voltage can be read"
        )
        raise ValueError(msg)
