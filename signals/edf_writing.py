"""Writing EDF, EDF+ (where there are marks) and BDF files."""

import math
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..files.whole_files import whole_file
from .digits import Scale, nearest_numbers, told_scale, whole_numbers
from .edf_header import AGE, LENGTH, WIDTHS
from .recording import Marks, Recording
from .starts import UNKNOWN_START, start_of

#: A data record may have no more bytes (EDF, Kemp et al. 1992).
_LONGEST_RECORD = 61440
#: Durations of a data record that are tried, in s.
_RECORDS_S = (
    *("1", "2", "3", "4", "5", "6", "8", "10", "0.5", "0.25", "0.2", "0.1"),
    *("0.05", "0.04", "0.025", "0.02", "0.01", "0.008", "0.005", "0.004", "0.002", "0.001"),
)


class _Signal(NamedTuple):
    """One signal, scaled."""

    name: str
    unit: str
    fs_hz: float
    bounds: tuple[str, str, int, int]  #: physical and digital minimum and maximum
    numbers: NDArray[np.int64]


def write_edf(recording: Recording, path: Path) -> None:
    """Write a file, in 16 bits (`.edf`) or 24 (`.bdf`).

    Samples that were read from an EDF file come back digit for digit; others are at most half
    a unit away, where the largest sample of a signal fills the range.

    Parameters
    ----------
    recording
    path
        Ends in `.edf` or `.bdf`.

    Raises
    ------
    ValueError
        When a sample is missing, or a rate, name or size is none that the format has.
    """
    bits = 24 if path.suffix.lower() == ".bdf" else 16
    signals = [_signal(*told, recording.meta, bits) for told in _held(recording)]
    if not signals:
        msg = f"{path.name}: no signal starts at 0 ms, as each must in an EDF file"
        raise ValueError(msg)
    records, record_s = _records(path, signals)
    counts = [round(s.fs_hz * float(record_s)) for s in signals]
    marks = [m for m in recording.marks.values() if m.labels]
    tals = _tals(marks, records, record_s) if marks else []
    marks_bytes = len(tals[0]) if tals else 0
    header = _header(recording, signals, counts, (records, record_s), marks_bytes, bits)
    blocks = [
        _packed(s.numbers, records * k, bits // 8).reshape(records, -1)
        for s, k in zip(signals, counts, strict=True)
    ]
    if tals:
        blocks.append(np.frombuffer(b"".join(tals), np.uint8).reshape(records, -1))
    with whole_file(path) as part:
        part.write_bytes(header + np.concatenate(blocks, axis=1).tobytes())


def lost_in_edf(recording: Recording) -> list[str]:
    """Signals, and what is told of marks, that an EDF file cannot hold, in words."""
    held = {name for name, *_ in _held(recording)}
    lost = [f"trace {name} (of another span)" for name in recording.traces if name not in held]
    if any(m.lead for m in recording.marks.values()) or len(recording.marks) > 1:
        lost.append("which marks belong together")
    return lost


def _held(recording: Recording) -> list[tuple[str, str, float, NDArray[np.float64]]]:
    """Name, unit, rate and samples of each signal that spans the same time as the first."""
    ecg = recording.ecg
    found: list[tuple[str, str, float, NDArray[np.float64]]] = []
    if ecg is not None:
        rows = zip(ecg.leads, ecg.samples_mv, strict=True)
        found = [(name, "mV", ecg.fs_hz, row) for name, row in rows]
    for t in recording.traces.values():
        span_s = len(found[0][3]) / found[0][2] if found else len(t.samples) / t.fs_hz
        if t.start_ms == 0 and abs(len(t.samples) - span_s * t.fs_hz) < 1e-6:
            found.append((t.name, t.unit, t.fs_hz, t.samples))
    return found


def _signal(
    name: str,
    unit: str,
    fs_hz: float,
    samples: NDArray[np.float64],
    meta: Mapping[str, str | float],
    bits: int,
) -> _Signal:
    """A signal with the scale it was read with, or the finest."""
    if len(name) > 16 or len(unit) > 8 or not (name + unit).isascii():
        msg = f"{name!r} in {unit!r}: EDF has 16 letters for a name and 8 for a unit, all ASCII"
        raise ValueError(msg)
    if not np.isfinite(samples).all():
        k = int(np.argmax(~np.isfinite(samples)))
        msg = f"{name} has no value at {k / fs_hz * 1e3:g} ms; EDF holds no gaps, so fill it first"
        raise ValueError(msg)
    told = _told(meta, name, unit, bits)
    if told is not None:
        numbers = whole_numbers(samples, _scale(told), bits, spare_least=False)
        if numbers is not None:
            return _Signal(name, unit, fs_hz, told, numbers)
    top = 2 ** (bits - 1) - 1
    high = _above(float(np.abs(samples).max(initial=0.0)), name)
    bounds = ("-" + high[:7], high[:7], -top, top)
    return _Signal(name, unit, fs_hz, bounds, nearest_numbers(samples, _scale(bounds), bits))


def _told(
    meta: Mapping[str, str | float], name: str, unit: str, bits: int
) -> tuple[str, str, int, int] | None:
    """Bounds with which a signal was read from an EDF or a WFDB file, where EDF can state them."""
    told = str(meta.get(f"scale {name}", "")).split(" ")
    wfdb = told_scale(meta, name)
    if wfdb is not None:
        ends = [repr((n - wfdb.baseline) / wfdb.gain) for n in (-(2**15), 2**15 - 1)]
        told = [*ends, str(-(2**15)), str(2**15 - 1), unit]
    if len(told) != 5 or told[4] != unit or max(map(len, told)) > 8:
        return None
    low, high = int(told[2]), int(told[3])
    return (told[0], told[1], low, high) if -low <= 2 ** (bits - 1) > high else None


def _scale(bounds: tuple[str, str, int, int]) -> Scale:
    low, high = float(bounds[0]), float(bounds[1])
    gain = (bounds[3] - bounds[2]) / (high - low)
    return Scale(gain, bounds[3] - high * gain)


def _above(value: float, name: str) -> str:
    """The least number of at most 7 letters that is not below a value."""
    if value > 9_999_999:
        msg = f"{name} reaches {value:g}; EDF has 8 letters for the largest value"
        raise ValueError(msg)
    for decimals in (5, 4, 3, 2, 1, 0):
        text = f"{math.ceil(value * 10**decimals) / 10**decimals:.{decimals}f}"
        if len(text) <= 7:
            return text if float(text) else "1"
    return f"{math.ceil(value)}"


def _records(path: Path, signals: Sequence[_Signal]) -> tuple[int, str]:
    """Number of data records, and the duration of each in s, that give every rate exactly.

    Where the signals do not fill the last record it is padded, the less the better, but records
    shorter than 0.1 s are the last resort.
    """
    span_s = len(signals[0].numbers) / signals[0].fs_hz
    fit = [d for d in _RECORDS_S if _fits(signals, d)]
    if not fit:
        msg = (
            f"{path.name}: EDF needs whole samples in a data record of 1 ms to 10 s, which "
            f"{signals[0].fs_hz!r} Hz does not give; resample, or write .npz or .hea"
        )
        raise ValueError(msg)
    counts = {d: math.ceil(round(span_s / float(d), 9)) for d in fit}
    best = min(fit, key=lambda d: (float(d) < 0.1, counts[d] * float(d) - span_s, counts[d]))
    return counts[best], best


def _fits(signals: Sequence[_Signal], record_s: str) -> bool:
    """Whether a data record of that duration has whole samples of each signal, and few enough."""
    counts = [round(s.fs_hz * float(record_s)) for s in signals]
    exact = all(
        k > 0 and k / float(record_s) == s.fs_hz for k, s in zip(counts, signals, strict=True)
    )
    return exact and 2 * sum(counts) <= _LONGEST_RECORD


def _tals(marks: Sequence[Marks], records: int, record_s: str) -> list[bytes]:
    """Of each data record its time and the marks within it (EDF+, 2.2.2), all equally long."""
    length = float(record_s)
    found = [
        (float(t), label, note)
        for m in marks
        for t, label, note in zip(
            m.times_ms, m.labels, m.notes or ("",) * len(m.labels), strict=True
        )
    ]
    lists = [bytearray(f"{_onset(k * length)}\x14\x14\0".encode()) for k in range(records)]
    for t, label, note in sorted(found):
        k = min(max(int(t / 1e3 / length), 0), records - 1)
        duration = f"\x15{note[:-2]}" if re.fullmatch(r"\d+(\.\d+)? s", note) else ""
        text = label if duration else " ".join(filter(None, [label, note]))
        text = re.sub(r"[\x00\x14\x15]", " ", text)
        lists[k] += f"{_onset(t / 1e3)}{duration}\x14{text}\x14\0".encode()
    longest = max(map(len, lists))
    return [bytes(data).ljust(longest + -longest % 6, b"\0") for data in lists]


def _onset(seconds: float) -> str:
    return f"{seconds:+.7f}".rstrip("0").rstrip(".")


def _packed(numbers: NDArray[np.int64], count: int, width: int) -> NDArray[np.uint8]:
    """(count, width) Numbers as little-endian bytes, the last one repeated to that count."""
    padded = np.pad(numbers, (0, count - len(numbers)), "edge")
    return padded.astype("<i4").view(np.uint8).reshape(-1, 4)[:, :width]


def _header(
    recording: Recording,
    signals: Sequence[_Signal],
    counts: Sequence[int],
    records: tuple[int, str],
    marks_bytes: int,
    bits: int,
) -> bytes:
    """The header: general fields, then the fields of the signals, column by column."""
    kind, width = ("BDF", 3) if bits == 24 else ("EDF", 2)
    rows = [
        (s.name, "", s.unit, *map(str, s.bounds), "", str(k), _length(s, k * records[0]))
        for s, k in zip(signals, counts, strict=True)
    ]
    if marks_bytes:
        top = 2 ** (bits - 1)
        limits = ("-1", "1", str(-top), str(top - 1))
        rows.append((f"{kind} Annotations", "", "", *limits, "", str(marks_bytes // width), ""))
    start = _start(recording.meta)
    general = [
        ("" if kind == "BDF" else "0", 8),
        (_patient(recording.meta), 80),
        (f"Startdate {start:%d-%b-%Y} X X X".upper().replace("STARTDATE", "Startdate"), 80),
        (f"{start:%d.%m.%y%H.%M.%S}", 16),
        (str(256 * (len(rows) + 1)), 8),
        (f"{kind}+C" if marks_bytes else "24BIT" if kind == "BDF" else "", 44),
        (str(records[0]), 8),
        (records[1], 8),
        (str(len(rows)), 4),
    ]
    columns = [(text, w) for k, w in enumerate(WIDTHS.values()) for text in (r[k] for r in rows)]
    data = "".join(text.ljust(w) for text, w in [*general, *columns]).encode("ascii", "replace")
    return b"\xffBIOSEMI" + data[8:] if kind == "BDF" else data


def _length(s: _Signal, stored: int) -> str:
    """How many samples there are, where padding follows them; our reader leaves it out."""
    return f"{LENGTH}{len(s.numbers)}" if len(s.numbers) < stored else ""


def _patient(meta: Mapping[str, str | float]) -> str:
    """Code, sex, birthdate and name of the patient, X where they are not known; and the age."""
    code = re.sub(r"\s", "_", str(meta.get("patient", "X")))[:50] or "X"
    sex = {"female": "F", "male": "M"}.get(str(meta.get("sex")), "X")
    age = f" {AGE}{meta['age_years']:g}" if isinstance(meta.get("age_years"), int | float) else ""
    return f"{code} {sex} X X{age}"[:80]


def _start(meta: Mapping[str, str | float]) -> datetime:
    """Start of the recording; the first day that EDF has where it is not known or has no place."""
    start = start_of(meta)
    return start if 1985 <= start.year < 2085 else UNKNOWN_START
