"""A WFDB record as one run of frames: of one segment, or of several with gaps between them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from .channels import Channel, Field
from .claims import require_inside, require_room
from .wfdb_header import Header, Signal, read_header
from .wfdb_segment import read_segment, require_files


class Part(NamedTuple):
    """One segment on the clock of the record, or a gap."""

    header: Header | None  #: None in a gap
    frames: int  #: that its files hold
    first: int
    last: int  #: excluded


@dataclass(frozen=True)
class WfdbRecord:
    """A record whose headers are read and checked, and whose samples are not yet read."""

    header: Header
    signals: tuple[Signal, ...]  #: of the record as a whole
    parts: tuple[Part, ...]
    size: int  #: bytes of all files of samples

    @property
    def frames(self) -> int:
        """Length of the record."""
        return self.parts[-1].last

    def fields(self) -> list[Field]:
        """What the record says of each of its channels."""
        fs_hz, frames = self.header.fs_hz, self.frames
        return [
            Field(s.name, s.unit, fs_hz * s.per_frame, frames * s.per_frame) for s in self.signals
        ]

    def read(self, places: Sequence[int], first: int, last: int) -> list[Channel]:
        """Some channels between two frames; nan where a sample or a whole segment is missing."""
        wanted = [self.signals[k] for k in places]
        count = (last - first) * sum(s.per_frame for s in wanted)
        require_room(self.header.path, count, self.size)
        fields = [self.fields()[k] for k in places]
        if not self.header.segments:
            read = read_segment(self.header, places, first, last, self.frames)
            return [Channel(f, read[k]) for f, k in zip(fields, places, strict=True)]
        samples = [np.full((last - first) * s.per_frame, np.nan) for s in wanted]
        for part in self.parts:
            start, stop = max(first, part.first), min(last, part.last)
            if part.header is None or start >= stop:
                continue
            there = self._places_in(part.header, places)
            span = (start - part.first, stop - part.first)
            read = read_segment(part.header, there.values(), *span, part.frames)
            for into, signal, k in zip(samples, wanted, places, strict=True):
                if k in there:
                    rate = signal.per_frame
                    into[(start - first) * rate : (stop - first) * rate] = read[there[k]]
        return [Channel(f, s) for f, s in zip(fields, samples, strict=True)]

    def _places_in(self, segment: Header, places: Sequence[int]) -> dict[int, int]:
        """Place in a segment of each channel that it has: by order, or by name where they vary."""
        if not self.varies:
            return {k: k for k in places}
        names = [s.name for s in segment.signals]
        return {k: names.index(n) for k in places if (n := self.signals[k].name) in names}

    @property
    def varies(self) -> bool:
        """Whether segments have different signals; then an empty first one lists them all."""
        return bool(self.header.segments) and self.header.segments[0][1] == 0


def open_record(path: Path) -> WfdbRecord:
    """A record, with its headers checked against each other and against its files.

    Raises
    ------
    OSError
        When a file is missing or shorter than promised.
    ValueError
        When a header names files elsewhere, or claims what cannot be.
    """
    header = read_header(path)
    if header.segments:
        return _joined(header)
    frames, size = require_files(header)
    return WfdbRecord(header, header.signals, (Part(header, frames, 0, frames),), size)


def _joined(header: Header) -> WfdbRecord:
    """A record of several segments."""
    names = dict.fromkeys(name for name, _ in header.segments if name != "~")
    segments = {name: _segment(header, name) for name in names}
    if not segments:
        msg = f"{header.path} is one gap; it has no signals"
        raise ValueError(msg)
    layout = next(iter(segments.values()))
    filled = {name for name, frames in header.segments if frames}
    held = {n: require_files(s) for n, s in segments.items() if n in filled}
    parts, end = [], 0
    for name, frames in header.segments:
        if frames and name != "~" and held[name][0] < frames:
            msg = f"{header.path} says that {name} has {frames} samples; it has {held[name][0]}"
            raise OSError(msg)
        parts.append(Part(segments.get(name), held.get(name, (0, 0))[0], end, end + frames))
        end += frames
    record = WfdbRecord(
        header, layout.signals, tuple(parts), sum(size for _, size in held.values())
    )
    for name in held:
        _require_alike(record, segments[name])
    return record


def _segment(header: Header, name: str) -> Header:
    file = require_inside(header.path, name + ".hea")
    if not file.exists():
        msg = f"{file}, which {header.path.name} names, is missing; fetch it too"
        raise FileNotFoundError(msg)
    segment = read_header(file)
    if segment.segments:
        msg = f"{file} has segments itself, as a segment of {header.path.name} must not"
        raise ValueError(msg)
    return segment


def _require_alike(record: WfdbRecord, segment: Header) -> None:
    """Raise unless the signals of a segment are those of the record, in the same units."""
    if not record.varies and len(segment.signals) != len(record.signals):
        msg = f"{segment.path} has {len(segment.signals)} signals, others {len(record.signals)}"
        raise ValueError(msg)
    for k, there in record._places_in(segment, range(len(record.signals))).items():
        ours, theirs = record.signals[k], segment.signals[there]
        if (ours.unit, ours.per_frame) != (theirs.unit, theirs.per_frame):
            msg = f"{segment.path} has {theirs.name} in another unit or at another rate"
            raise ValueError(msg)
