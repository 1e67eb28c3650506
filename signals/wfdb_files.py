"""WFDB records (PhysioNet): a text header, files of samples, files of marks."""

import re
from collections.abc import Iterator
from glob import escape
from pathlib import Path

from .channels import Channel, ecg_of, leads_of, mv_per_unit, places_of, recording_of
from .chunks import ranges
from .claims import require_inside
from .ecg import ECG
from .info import RecordInfo, info_of
from .recording import Marks, Recording
from .wfdb_comments import facts
from .wfdb_header import Header, read_header
from .wfdb_marks import read_marks
from .wfdb_record import WfdbRecord, open_record

#: Endings of files beside a header that hold no marks.
_NO_MARKS = re.compile(
    r"hea|dat|mat|csv|tsv|txt|json|xml|edf|bdf|npz|npy|dcm|png|jpe?g|svg|pdf|md|html?|zip|gz"
    r"|flac|xws|bak|part|py|parquet|h5|hdf5"
)
#: Annotators of PhysioNet: a file of theirs that cannot be read is an error, not a stray file.
_ANNOTATOR = re.compile(r"atr|ari|aha|ecg|qrs|[gwx]qrs|ann|man|breath|pu\d?|q\dc|st[abc]|apn")


def read_wfdb(path: Path) -> Recording:
    """A whole record: leads in mV, other signals in their units, all marks.

    Parameters
    ----------
    path
        The header, `100.hea`.

    Raises
    ------
    OSError
        When a file is missing, cut short or unreadable.
    ValueError
        When the header names files elsewhere, or claims what cannot be.
    """
    record = open_record(path)
    return recording_of(
        record.read(range(len(record.signals)), 0, record.frames),
        marks=_marks(record.header),
        meta=_meta(record),
    )


def wfdb_info(path: Path) -> RecordInfo:
    """What a record holds, from its headers."""
    record = open_record(path)
    names = [p.suffix[1:] for p in _mark_files(path)]
    return info_of(path, "WFDB", record.fields(), marks=names, meta=_meta(record))


def wfdb_chunks(path: Path, chunk_s: float, overlap_s: float) -> Iterator[tuple[int, ECG]]:
    """Pieces of the ECG, read one by one; each with the place of its first sample."""
    record = open_record(path)
    leads, meta = leads_of(record.fields()), _meta(record)
    if not leads:
        return
    lead, rate = record.fields()[leads[0]], record.signals[leads[0]].per_frame
    for first, last in ranges(lead.length, lead.fs_hz, chunk_s, overlap_s):
        frame = first // rate
        channels = record.read(leads, frame, -(-last // rate))
        piece = slice(first - frame * rate, last - frame * rate)
        yield first, ecg_of([Channel(c.field, c.samples[piece]) for c in channels], meta)


def wfdb_marks(path: Path) -> dict[str, Marks]:
    """All marks of a record, without its samples."""
    return _marks(read_header(path))


def _marks(header: Header) -> dict[str, Marks]:
    return {f.suffix[1:]: read_marks(f, header.fs_hz) for f in _mark_files(header.path)}


def _meta(record: WfdbRecord) -> dict[str, str | float]:
    """Facts from the comments, and the gain and baseline by which leads can be written back."""
    header = record.header
    meta: dict[str, str | float] = {"record": header.path.stem, "source": "WFDB"}
    if header.start:
        meta["start"] = header.start
    meta |= facts(header.comments)
    fields = record.fields()
    leads = leads_of(fields)
    for name, k in places_of(fields).items():
        signal = record.signals[k]
        meta[f"gain {name}"] = signal.gain / (mv_per_unit(signal.unit) if k in leads else 1.0)
        meta[f"baseline {name}"] = float(signal.baseline)
    return meta


def _mark_files(path: Path) -> list[Path]:
    """Files beside a header that look like marks: even in length, with two zeros at the end."""
    files = []
    for file in sorted(path.parent.glob(f"{escape(path.stem)}.*")):
        if file.stem != path.stem or _NO_MARKS.fullmatch(file.suffix[1:].lower()):
            continue
        if file.is_file() and (_ANNOTATOR.fullmatch(file.suffix[1:]) or _ends_like_marks(file)):
            files.append(require_inside(path, file.name))
    return files


def _ends_like_marks(file: Path) -> bool:
    size = file.stat().st_size
    if size < 2 or size % 2:
        return False
    with file.open("rb") as data:
        data.seek(size - 2)
        return data.read() == b"\0\0"
