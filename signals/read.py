"""Reading recordings: one door for every format."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from .csv_files import csv_chunks, csv_info, read_csv
from .dicom_files import dicom_chunks, dicom_info, read_dicom
from .ecg import ECG
from .edf_files import edf_chunks, edf_info, read_edf
from .info import RecordInfo
from .npz_files import npz_chunks, npz_info, read_npz
from .recording import Marks, Recording
from .wfdb_files import read_wfdb, wfdb_chunks, wfdb_info, wfdb_marks


class _Format(NamedTuple):
    read: Callable[[Path], Recording]
    info: Callable[[Path], RecordInfo]
    chunks: Callable[[Path, float, float], Iterator[tuple[int, ECG]]]


_FORMATS = {
    ".hea": _Format(read_wfdb, wfdb_info, wfdb_chunks),
    ".edf": _Format(read_edf, edf_info, edf_chunks),
    ".bdf": _Format(read_edf, edf_info, edf_chunks),
    ".csv": _Format(read_csv, csv_info, csv_chunks),
    ".npz": _Format(read_npz, npz_info, npz_chunks),
    ".dcm": _Format(read_dicom, dicom_info, dicom_chunks),
}
#: First bytes of a file whose name does not tell.
_SIGNS = {b"0       ": ".edf", b"\xffBIOSEMI": ".bdf", b"PK\x03\x04": ".npz"}


def read_recording(path: Path | str) -> Recording:
    """Everything a file holds: the ECG in mV, other signals in their units, marks.

    Parameters
    ----------
    path
        A WFDB record (`100`, `100.hea` or `100.dat`), or a file in EDF, BDF, CSV, NPZ or DICOM.

    Raises
    ------
    OSError
        When a file is missing, cut short, unreadable or of no known format.
    ValueError
        When what it holds cannot be: rates, gains, sizes, files elsewhere.

    Examples
    --------
    >>> read_recording("no_such_record")
    Traceback (most recent call last):
        ...
    FileNotFoundError: no_such_record does not exist, nor does no_such_record.hea
    """
    path, kind = _found(path)
    return kind.read(path)


def read_ecg(path: Path | str) -> ECG:
    """The ECG of a file: its leads, in mV; nan where a sample is missing.

    Raises
    ------
    OSError, ValueError
        As `read_recording`, and when there is no lead of an ECG.
    """
    recording = read_recording(path)
    if recording.ecg is None:
        raise ValueError(_no_lead(path, list(recording.traces)))
    return recording.ecg


def read_chunks(
    path: Path | str, chunk_s: float, overlap_s: float = 0.0
) -> Iterator[tuple[int, ECG]]:
    """The ECG of a long record piece by piece, in memory for one piece.

    Parameters
    ----------
    path
        As for `read_recording`.
    chunk_s
        Length of a piece; the last may be shorter.
    overlap_s
        How much of a piece the next one repeats.

    Yields
    ------
    int, ECG
        Place of the first sample of the piece in the record, and the piece.

    Raises
    ------
    OSError, ValueError
        As `read_ecg`; and ValueError unless 0 <= overlap_s < chunk_s.
    """
    path, kind = _found(path)
    empty = True
    for piece in kind.chunks(path, chunk_s, overlap_s):
        empty = False
        yield piece
    if empty:
        raise ValueError(_no_lead(path, list(kind.info(path).traces)))


def record_info(path: Path | str) -> RecordInfo:
    """What a file holds, from its headers alone.

    Raises
    ------
    OSError, ValueError
        As `read_recording`.
    """
    path, kind = _found(path)
    return kind.info(path)


def read_marks(path: Path | str) -> dict[str, Marks]:
    """The marks of a file; those of a WFDB record are read without its samples.

    Raises
    ------
    OSError, ValueError
        As `read_recording`.
    """
    path, kind = _found(path)
    return wfdb_marks(path) if path.suffix == ".hea" else dict(kind.read(path).marks)


def _no_lead(path: Path | str, traces: list[str]) -> str:
    names = [*traces[:8], f"{len(traces) - 8} more"] if len(traces) > 8 else traces
    return f"{path} has no lead of an ECG; it has {', '.join(names)[:300] or 'no sample'}"


def _found(path: Path | str) -> tuple[Path, _Format]:
    """The file to read, and how."""
    path = Path(path)
    header = path.with_name(path.name + ".hea")
    if path.suffix.lower() == ".dat" and path.with_suffix(".hea").exists():
        header = path.with_suffix(".hea")
    if path.suffix.lower() not in _FORMATS and header.exists():
        path = header
    if not path.exists():
        msg = f"{path} does not exist, nor does {header.name}"
        raise FileNotFoundError(msg)
    if path.is_dir():
        msg = f"{path} is a folder; give one record"
        raise OSError(msg)
    suffix = path.suffix.lower()
    if suffix not in _FORMATS:
        with path.open("rb") as file:
            start = file.read(132)
        suffix = next((s for sign, s in _SIGNS.items() if start.startswith(sign)), "")
        suffix = ".dcm" if start.endswith(b"DICM") else suffix
    if suffix not in _FORMATS:
        msg = f"{path} is of no format that is read here: {', '.join(_FORMATS)}"
        raise OSError(msg)
    return path, _FORMATS[suffix]
