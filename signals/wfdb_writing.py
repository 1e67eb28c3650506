"""Writing WFDB records: the samples, the marks, and last the header that names them.

wfdb's wrsamp is not used: it refuses negative gains and two signals of one name, which it reads.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..files.whole_files import whole_file
from .digits import Scale, finest_scale, nearest_numbers, told_scale, whole_numbers
from .recording import Recording
from .wfdb_marks import write_marks


class _Signal(NamedTuple):
    """What becomes one line of the header."""

    name: str
    unit: str
    fs_hz: float
    samples: NDArray[np.float64]


class _Stored(NamedTuple):
    """A signal as numbers."""

    scale: Scale
    numbers: NDArray[np.int64]  #: (frames, samples a frame)


def write_wfdb(recording: Recording, path: Path) -> None:
    """Write a record: header, samples and one file of marks for each kind.

    Samples that were read from a WFDB file come back digit for digit. Others are stored in 16
    bits with the largest gain that fits them, at most half a unit away.

    Parameters
    ----------
    recording
    path
        The header, such as `100.hea`; the other files lie beside it.

    Raises
    ------
    ValueError
        When the name is none for a record, a sample is infinite, or nothing can be held.
    """
    signals = _held(recording)
    if not signals or not re.fullmatch(r"[-\w]+", path.stem, re.ASCII):
        msg = f"{path.name}: a WFDB record needs a signal, and a name of letters, digits, _ and -"
        raise ValueError(msg)
    rate = min(s.fs_hz for s in signals)
    bits, stored = _stored(signals, rate, recording.meta)
    frames = len(stored[0].numbers)
    header = [f"{path.stem} {len(signals)} {_plain(rate)} {frames}{_start(recording.meta)}"]
    header += [_line(path, s, x, bits) for s, x in zip(signals, stored, strict=True)]
    header += [f"# {line}" for line in _comments(recording.meta)]
    with whole_file(path) as part:
        part.write_text("\n".join(header) + "\n", encoding="utf-8")
        for name, marks in recording.marks.items():
            write_marks(marks, path.with_suffix(f".{name}"), rate)
        with whole_file(path.with_suffix(".dat")) as data:
            data.write_bytes(_packed(np.concatenate([x.numbers for x in stored], axis=1), bits))


def lost_in_wfdb(recording: Recording) -> list[str]:
    """What a WFDB record cannot hold of a recording, in words."""
    held = {s.name for s in _held(recording)}
    return [
        f"trace {t.name} ({t.fs_hz:g} Hz, {len(t.samples)} samples from {t.start_ms:g} ms on)"
        for t in recording.traces.values()
        if t.name not in held
    ]


def _held(recording: Recording) -> list[_Signal]:
    """Signals that make up whole frames together."""
    ecg = recording.ecg
    signals = []
    if ecg is not None:
        rows = zip(ecg.leads, ecg.samples_mv, strict=True)
        signals = [_Signal(name, "mV", ecg.fs_hz, row) for name, row in rows]
    for t in recording.traces.values():
        new = _Signal(t.name, t.unit, t.fs_hz, t.samples)
        if t.start_ms == 0 and _in_frames([*signals, new]):
            signals.append(new)
    return signals


def _in_frames(signals: Sequence[_Signal]) -> bool:
    """Whether every signal has a whole number of samples for each of the slowest."""
    slowest = min(signals, key=lambda s: s.fs_hz)
    ratios = [round(s.fs_hz / slowest.fs_hz) for s in signals]
    return all(
        s.fs_hz == slowest.fs_hz * ratio and len(s.samples) == len(slowest.samples) * ratio
        for s, ratio in zip(signals, ratios, strict=True)
    )


def _stored(
    signals: Sequence[_Signal], rate: float, meta: Mapping[str, str | float]
) -> tuple[int, list[_Stored]]:
    """Bits a number, the same for all, and the numbers: as they were read, where that is known."""
    told = [told_scale(meta, s.name) for s in signals]
    needed = [
        next((b for b in (16, 24, 32) if t and whole_numbers(s.samples, t, b) is not None), 0)
        for s, t in zip(signals, told, strict=True)
    ]
    bits = max(16, *needed)
    stored = []
    for s, t, known in zip(signals, told, needed, strict=True):
        scale = t if t and known else finest_scale(s.samples, bits, s.name)
        numbers = nearest_numbers(s.samples, scale, bits)
        stored.append(_Stored(scale, numbers.reshape(-1, round(s.fs_hz / rate))))
    return bits, stored


def _line(path: Path, s: _Signal, x: _Stored, bits: int) -> str:
    """A line of the header: file, format, gain(baseline)/unit, bits, zero, first, checksum."""
    per_frame = x.numbers.shape[1]
    form = f"{bits}x{per_frame}" if per_frame > 1 else str(bits)
    unit = re.sub(r"\s", "_", s.unit) or "NU"
    gain = f"{_plain(x.scale.gain)}({round(x.scale.baseline)})/{unit}"
    flat = x.numbers.ravel()
    first = int(flat[0]) if flat.size else 0
    checksum = (int(flat.sum()) + 2**15) % 2**16 - 2**15
    name = " ".join(s.name.split())
    return f"{path.stem}.dat {form} {gain} {bits} 0 {first} {checksum} 0 {name}"


def _packed(numbers: NDArray[np.int64], bits: int) -> bytes:
    """Numbers as little-endian bytes."""
    if bits == 24:
        return numbers.astype("<i4").view(np.uint8).reshape(-1, 4)[:, :3].tobytes()
    return numbers.astype(f"<i{bits // 8}").tobytes()


def _plain(value: float) -> str:
    return repr(float(value)).removesuffix(".0")


def _start(meta: Mapping[str, str | float]) -> str:
    """Time and date for the first line, where they are known."""
    told = str(meta.get("start", ""))
    if re.fullmatch(r"\d+:\d+:\d+(\.\d+)?( \d+/\d+/\d+)?", told):
        return f" {told}"
    try:
        return f" {datetime.fromisoformat(told):%H:%M:%S %d/%m/%Y}"
    except ValueError:
        return ""


def _comments(meta: Mapping[str, str | float]) -> list[str]:
    """Comments as they were read; else what is known of the patient, as `facts` reads it."""
    if "comments" in meta:
        return str(meta["comments"]).splitlines()
    told = {"age": "age_years", "sex": "sex", "diagnoses": "diagnoses"}
    known = {short: meta[name] for short, name in told.items() if name in meta}
    return [f"<{n}>: {v:g}" if isinstance(v, float) else f"<{n}>: {v}" for n, v in known.items()]
