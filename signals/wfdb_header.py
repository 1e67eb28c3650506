"""Headers of WFDB records (`100.hea`): parsed strictly, and checked before any sample is read.

The format is that of the WFDB Applications Guide, header(5).
"""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from .claims import (
    LONGEST_HEADER,
    require_count,
    require_file,
    require_gain,
    require_inside,
    require_rate,
)

_RECORD = re.compile(
    r"(?P<name>[^\s/]+)(?:/(?P<segments>\d+))?\s+(?P<signals>\d+)"
    r"(?:\s+(?P<fs>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(?:/\S*)?(?:\s+(?P<frames>\d+)(?:\s+(?P<start>.*))?)?)?"
)
_SIGNAL = re.compile(
    r"(?P<file>\S+)\s+(?P<format>\d+)(?:x(?P<per_frame>\d+))?(?::(?P<skew>\d+))?"
    r"(?:\+(?P<offset>\d+))?"
    r"(?:\s+(?P<gain>-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|NaN)(?:\((?P<baseline>-?\d+)\))?"
    r"(?:/(?P<unit>\S+))?(?!\S))?"
    r"(?:\s+(?P<bits>-?\d+)(?!\S))?(?:\s+(?P<zero>-?\d+)(?!\S))?(?:\s+(?P<initial>-?\d+)(?!\S))?"
    r"(?:\s+(?P<checksum>-?\d+)(?!\S))?(?:\s+(?P<block>-?\d+)(?!\S))?(?:\s+(?P<name>.*))?"
)
_SEGMENT = re.compile(r"(?P<name>\S+)\s+(?P<frames>\d+)\b.*")
#: Gain of a signal whose header gives none (header(5)). BIDMC has NaN for a signal that does not
#: change; then the baseline means nothing either, and wfdb reads numbers over 200 as well.
_DEFAULT_GAIN, _DEFAULT_HZ = 200.0, 250.0
#: Longest record; a gap in a multi-segment record counts too. A year at 1 kHz.
_MOST_FRAMES = 2**35
_MOST_PER_FRAME = 4096


class Signal(NamedTuple):
    """One line of a header: where the samples are and what they mean."""

    file: str  #: "~" where a segment only describes others
    format: int
    per_frame: int  #: samples a frame
    skew: int  #: frames by which it comes late in the file
    offset: int  #: bytes before the first sample
    gain: float  #: numbers a unit
    baseline: int  #: number at 0 units
    unit: str
    initial: int  #: first number, for differences (format 8)
    name: str


class Header(NamedTuple):
    """A whole header; a record has either signals or segments."""

    path: Path
    fs_hz: float  #: frames a second
    frames: int  #: 0 where it is not said
    start: str  #: time and date of the first sample, as written
    signals: tuple[Signal, ...]
    segments: tuple[tuple[str, int], ...]  #: name and frames; "~" is a gap
    comments: tuple[str, ...]

    def groups(self) -> Iterator[tuple[str, list[int]]]:
        """Each file of samples with the places of the signals that share it."""
        for name, places in groupby(range(len(self.signals)), lambda k: self.signals[k].file):
            yield name, list(places)


def read_header(path: Path) -> Header:
    """A header, checked: only files beside it, possible rates, gains and counts.

    Raises
    ------
    OSError
        When the file is missing, empty or no header.
    ValueError
        When it claims what cannot be.
    """
    lines, comments = _lines(path)
    record = _RECORD.fullmatch(lines[0]) if lines else None
    if record is None:
        msg = f"{path} is no WFDB header: its first line is {(lines or [''])[0][:60]!r}"
        raise OSError(msg)
    segments, count = int(record["segments"] or -1), int(record["signals"])
    require_count(path, count)
    fs_hz = float(record["fs"] or _DEFAULT_HZ)
    require_rate(path, fs_hz)
    wanted = count if segments < 0 else segments
    if len(lines) - 1 < wanted:
        msg = f"{path} promises {wanted} lines and holds {len(lines) - 1}; fetch it again"
        raise OSError(msg)
    body = lines[1 : wanted + 1]
    header = Header(
        path=path,
        fs_hz=fs_hz,
        frames=_frames(path, record["frames"]),
        start=(record["start"] or "").strip(),
        signals=tuple(_signal(path, line) for line in body) if segments < 0 else (),
        segments=tuple(_segment(path, line) for line in body) if segments >= 0 else (),
        comments=comments,
    )
    for name in {name for name, _ in header.segments} - {"~"}:
        require_inside(path, name + ".hea")
    _require_whole_groups(header)
    return header


def _lines(path: Path) -> tuple[list[str], tuple[str, ...]]:
    """Lines with content, and comments."""
    size = require_file(path)
    if size > LONGEST_HEADER:
        msg = f"{path} has {size} bytes; a header has at most {LONGEST_HEADER}"
        raise OSError(msg)
    lines = [line.strip() for line in _text(path.read_bytes()).splitlines()]
    comments = [line.strip("# \t") for line in lines if line.startswith("#")]
    content = [line for line in lines if line and not line.startswith("#")]
    return content, tuple(c for c in comments if c)


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _frames(path: Path, text: str | None) -> int:
    if len(text or "") > 15 or int(text or 0) > _MOST_FRAMES:
        msg = f"{path} claims {(text or '')[:20]} samples a signal; it is damaged or hostile"
        raise ValueError(msg)
    return int(text or 0)


def _segment(path: Path, line: str) -> tuple[str, int]:
    found = _SEGMENT.fullmatch(line)
    if found is None:
        require_inside(path, line.split()[0])
        msg = f"{path} has the line {line[:60]!r}, which names no segment"
        raise OSError(msg)
    return found["name"], _frames(path, found["frames"])


def _signal(path: Path, line: str) -> Signal:
    found = _SIGNAL.fullmatch(line)
    if found is None:
        require_inside(path, line.split()[0])
        msg = f"{path} has the line {line[:60]!r}, which describes no signal"
        raise OSError(msg)
    calibrated = found["gain"] != "NaN"
    signal = Signal(
        file=found["file"],
        format=_whole(path, found["format"]),
        per_frame=_whole(path, found["per_frame"], 1),
        skew=_whole(path, found["skew"]),
        offset=_whole(path, found["offset"]),
        gain=float((calibrated and found["gain"]) or 0.0) or _DEFAULT_GAIN,
        baseline=_whole(path, found["baseline"] or found["zero"]) if calibrated else 0,
        unit=found["unit"] or "mV",
        initial=_whole(path, found["initial"]),
        name=(found["name"] or "").strip(),
    )
    if signal.file != "~":
        require_inside(path, signal.file)
    require_gain(path, signal.gain, signal.name or signal.file)
    if not 0 < signal.per_frame <= _MOST_PER_FRAME:
        msg = f"{path} states {signal.per_frame} samples a frame; at most {_MOST_PER_FRAME} are"
        raise ValueError(msg)
    return signal


def _whole(path: Path, text: str | None, default: int = 0) -> int:
    if len(text or "") > 12 or not -(2**31) <= int(text or 0) < 2**31:
        msg = f"{path} holds the number {(text or '')[:20]}, which is out of range"
        raise ValueError(msg)
    return int(text) if text else default


def _require_whole_groups(header: Header) -> None:
    """Signals of one file follow each other and share its format and offset."""
    seen: Sequence[str] = [name for name, _ in header.groups() if name != "~"]
    for name, places in header.groups():
        shared = {(header.signals[k].format, header.signals[k].offset) for k in places}
        if seen.count(name) > 1 or (len(shared) > 1 and name != "~"):
            msg = f"{header.path}: signals in {name} are not in one block of one format"
            raise ValueError(msg)
