"""Annotation files of WFDB (`100.atr`), read and written: marks with labels and notes.

The format is that of the MIT annotation files: pairs of bytes with a code in the upper 6 bits
and a number in the lower 10 (WFDB Applications Guide, annot(5)). wfdb is not used for them: its
rdann never returns from some notes and drops those at the first sample, and its wrann writes no
empty file, no time before the record, and a note too long as marks that are not there.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..files.whole_files import whole_file
from .claims import LONGEST_HEADER, require_file
from .lead_names import canonical_lead
from .recording import Marks

_SKIP, _NUM, _SUB, _CHAN, _AUX = 59, 60, 61, 62, 63
_NOTE = 22
#: Symbol of each code (WFDB's ecgcodes.h, as wfdb writes them).
_CODES = [*range(1, 15), 16, *range(18, 42)]
SYMBOLS = dict(zip(_CODES, 'NLRaVFJASEj/Q~|sT*D"=pB^t+u?![]en@xf()r', strict=True))
_RATE = re.compile(r"## time resolution: (\d+\.?\d*)")
_CUSTOM = re.compile(r"(\d+) (\S+) .+")


class _Mark(NamedTuple):
    sample: int
    code: int
    note: str


def read_marks(path: Path, fs_hz: float) -> Marks:
    """Marks of one annotation file.

    Parameters
    ----------
    path
        Such as `100.atr`. Where its ending is the name of a lead (`1.avr`), the marks belong
        to that lead.
    fs_hz
        Frames a second of the record; a rate that the file itself states comes first.

    Raises
    ------
    OSError
        When the file is missing, empty, cut short or larger than any real one.
    """
    size = require_file(path)
    if size > 4 * LONGEST_HEADER:
        msg = f"{path} has {size} bytes, more than marks of a month; it is no annotation file"
        raise OSError(msg)
    found = list(_marks(path))
    symbols = dict(SYMBOLS)
    while found and found[0].sample == 0 and found[0].code == _NOTE:
        if not found[0].note.startswith("## "):
            custom = _CUSTOM.fullmatch(found[0].note)
            if custom is None:
                break
            symbols[int(custom[1])] = custom[2]
        elif (rate := _RATE.match(found[0].note)) and float(rate[1]) > 0:
            fs_hz = float(rate[1])
        found.pop(0)
    found = sorted((m for m in found if m.code), key=lambda m: m.sample)
    notes = tuple(m.note for m in found)
    lead = canonical_lead(path.suffix[1:])
    return Marks(
        times_ms=np.array([m.sample for m in found], np.float64) * (1000.0 / fs_hz),
        labels=tuple(symbols.get(m.code, str(m.code)) for m in found),
        notes=notes if any(notes) else (),
        lead=lead if re.fullmatch(r"I{1,3}|aV[RLF]|V[1-6]", lead) else "",
    )


def _marks(path: Path) -> Iterator[_Mark]:
    """Marks as they stand in the file, definitions included."""
    data = path.read_bytes()
    words = np.frombuffer(data, "<u2", len(data) // 2).tolist()
    place, sample = 0, 0
    try:
        while words[place]:
            while words[place] >> 10 == _SKIP:
                jump = (words[place + 1] << 16) + words[place + 2]
                sample += jump - (jump >> 31 << 32)
                place += 3
            sample += words[place] & 1023
            code, note = words[place] >> 10, ""
            place += 1
            while (field := words[place] >> 10) in (_NUM, _SUB, _CHAN, _AUX):
                if field == _AUX:
                    length = words[place] & 1023
                    text = data[2 * place + 2 : 2 * place + 2 + length]
                    note = text.decode("latin-1").rstrip("\0")
                    place += (length + 1) // 2
                place += 1
            yield _Mark(sample, code, note)
    except IndexError:
        msg = f"{path} ends in the middle of its marks; fetch it again"
        raise OSError(msg) from None


def write_marks(marks: Marks, path: Path, fs_hz: float) -> None:
    """Write one annotation file.

    A label without a code of its own becomes a note mark (`"`) with the label as its note, as is
    the custom. Where a time is not that of a frame, the file states a resolution of its own.

    Parameters
    ----------
    marks
    path
        Such as `100.atr`.
    fs_hz
        Frames a second of the record.

    Raises
    ------
    ValueError
        When a note is too long, or two marks are too far apart.
    """
    resolution, samples = _resolved(marks.times_ms, fs_hz)
    words = bytearray()
    if resolution != fs_hz:
        words += _encoded(0, _NOTE, f"## time resolution: {resolution:g}")
    codes = {symbol: code for code, symbol in SYMBOLS.items()}
    before = 0
    notes = marks.notes or ("",) * len(marks.labels)
    for sample, label, note in zip(samples.tolist(), marks.labels, notes, strict=True):
        code = codes.get(label, _NOTE)
        told = note if label in codes else " ".join(filter(None, [label, note]))
        words += _encoded(sample - before, code, told)
        before = sample
    with whole_file(path) as part:
        part.write_bytes(bytes(words) + b"\0\0")


def _resolved(times_ms: NDArray[np.float64], fs_hz: float) -> tuple[float, NDArray[np.int64]]:
    """Samples a second, and samples, that give the times: frames, else tenths of milliseconds."""
    for rate in (fs_hz, 1e3, 1e4):
        samples = np.rint(times_ms * rate / 1e3)
        if (np.abs(samples - times_ms * rate / 1e3) < 1e-6).all():
            break
    return rate, samples.astype(np.int64)


def _encoded(step: int, code: int, note: str) -> bytes:
    """One mark as bytes."""
    words = []
    if not -(2**31) <= step < 2**31:
        msg = f"a mark lies {step} samples after the one before; an annotation file holds 2**31"
        raise ValueError(msg)
    if not 0 <= step < 1024:
        words = [_SKIP << 10, step >> 16 & 0xFFFF, step & 0xFFFF]
        step = 0
    words.append(code << 10 | step)
    data = note.encode("latin-1", errors="replace")
    if len(data) > 255:
        msg = f"the note {note[:40]!r} has {len(data)} letters; an annotation file holds 255"
        raise ValueError(msg)
    if data:
        words.append(_AUX << 10 | len(data))
    return np.array(words, "<u2").tobytes() + data + b"\0" * (len(data) % 2)
