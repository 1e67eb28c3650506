"""The record that a command of `cardiotwin ecg` is about: a file, or one of a data set."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from .ecg_options import Filtering, Part

if TYPE_CHECKING:
    from ..signals import ECG
    from ..signals.beat_classes import Beats
    from ..signals.info import RecordInfo
    from ..signals.recording import Marks, Recording

#: Pieces in which a record is gone through.
CHUNK_S = 60.0


@dataclass(frozen=True, kw_only=True)
class EcgFile:
    """A record that is there.

    Attributes
    ----------
    name : str
        As the user wrote it.
    path : Path
    stored : Recording or None
        What a data set made of it; None for a file, which is read when it is needed.
    """

    name: str
    path: Path
    stored: "Recording | None" = None

    @cached_property
    def info(self) -> "RecordInfo":
        """What its headers say, and the index of its data set."""
        from ..signals.read import record_info

        return record_info(self.path) if self.stored is None else _info(self.stored, self.path)

    def recording(self) -> "Recording":
        """All of it."""
        from ..signals.read import read_recording

        return read_recording(self.path) if self.stored is None else self.stored

    @cached_property
    def marks(self) -> "Mapping[str, Marks]":
        """Its marks, without its signals."""
        from ..signals.read import read_marks

        if self.stored is not None:
            return self.stored.marks
        return read_marks(self.path) if self.info.marks else {}

    def chunks(self, part: Part, filtering: Filtering) -> "Iterator[tuple[int, ECG]]":
        """The ECG piece by piece, cut to a part and filtered; the first piece starts at 0."""
        from ..signals.overlap import by_chunks

        pieces = self._cut(part)
        first = next(pieces, None)
        if first is None:
            return
        filtering = filtering.settled(first)
        margin_ms = filtering.margin_ms(first.fs_hz)
        place = 0
        for piece in by_chunks(_with(first, pieces), filtering.apply, margin_ms):
            yield place, piece
            place += piece.samples_mv.shape[1]

    def ecg(self, part: Part) -> "ECG":
        """A part of the ECG in one piece.

        Raises
        ------
        ValueError
            When there is nothing in it.
        """
        import numpy as np

        pieces = list(self._cut(part))
        if not pieces:
            msg = f"{self.name}: no sample from {part.start_s:g} s on"
            raise ValueError(msg)
        samples_mv = np.concatenate([piece.samples_mv for piece in pieces], axis=1)
        return pieces[0].with_samples(samples_mv)

    def _cut(self, part: Part) -> "Iterator[ECG]":
        for index, chunk in self._pieces():
            start_ms = index * 1000 / chunk.fs_hz
            if start_ms >= 1000 * part.stop_s:
                return
            if start_ms + chunk.duration_ms <= 1000 * part.start_s:
                continue
            kept = chunk.cut(1000 * part.start_s - start_ms, 1000 * part.stop_s - start_ms)
            yield kept if part.leads is None else kept.select(part.leads)

    def _pieces(self) -> "Iterator[tuple[int, ECG]]":
        """The whole ECG; none when there is none."""
        from ..signals.read import read_chunks

        if self.stored is None:
            yield from read_chunks(self.path, CHUNK_S)
        elif self.stored.ecg is not None:
            yield 0, self.stored.ecg


def _with(first: "ECG", others: "Iterator[ECG]") -> "Iterator[ECG]":
    yield first
    yield from others


def _info(recording: "Recording", path: Path) -> "RecordInfo":
    """What the headers of a recording would say."""
    from ..signals.channels import Field
    from ..signals.info import RecordInfo

    ecg = recording.ecg
    traces = recording.traces.items()
    return RecordInfo(
        path=path,
        kind=str(recording.meta.get("source", "")),
        leads=() if ecg is None else ecg.leads,
        fs_hz=0.0 if ecg is None else ecg.fs_hz,
        samples=0 if ecg is None else ecg.samples_mv.shape[1],
        traces={name: Field(name, t.unit, t.fs_hz, len(t.samples)) for name, t in traces},
        marks=tuple(recording.marks),
        meta=recording.meta,
    )


def open_ecg(spec: str) -> EcgFile:
    """The record of a path, or of a data set's name, a colon and a record's name.

    Raises
    ------
    OSError
        When a data set is not on this machine. Whether a file is there shows when it is read.
    ValueError
        When there is no such data set or record.
    """
    data_set, colon, record = spec.partition(":")
    if not colon or "/" in data_set or Path(spec).exists():
        return EcgFile(name=Path(spec).name, path=Path(spec))
    return _of_data_set(data_set, record)


def _of_data_set(name: str, word: str) -> EcgFile:
    """A record by its name, as its data set writes it or without leading zeros, or by its file."""
    from ..signals.datasets import ecg_dataset

    data_set = ecg_dataset(name)
    records = data_set.records()
    plain = word.lstrip("0")
    fits = [r for r in records if r.name == word or r.path.stem == word]
    fits = fits or [r for r in records if r.name.lstrip("0") == plain]
    if not fits:
        some = ", ".join(r.name for r in records[:3])
        msg = f"{name} has no record {word!r} here; it has {len(records)}, such as {some}"
        raise ValueError(msg)
    record = fits[0]
    return EcgFile(name=f"{name}:{record.name}", path=record.path, stored=data_set.load(record))


def marked_beats(marks: "Mapping[str, Marks]") -> "tuple[str, Beats] | None":
    """The reference beats of a record, and the name of the marks that have them.

    `atr` goes before others; of others, the marks with the most beats. Borders of waves, as in
    LUDB, are no reference: their N is the peak of any QRS.
    """
    from ..signals.beat_classes import beats_of

    found = {name: beats_of(some) for name, some in marks.items() if "(" not in some.labels}
    found = {name: beats for name, beats in found.items() if len(beats.times_ms)}
    if not found:
        return None
    best = max(found, key=lambda name: (name == "atr", len(found[name].times_ms)))
    return best, found[best]
