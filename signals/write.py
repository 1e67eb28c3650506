"""Writing recordings: one door for every format."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from .csv_files import lost_in_csv, write_csv
from .dicom_writing import lost_in_dicom, write_dicom
from .edf_writing import lost_in_edf, write_edf
from .npz_files import write_npz
from .recording import Recording
from .wfdb_writing import lost_in_wfdb, write_wfdb


class _Format(NamedTuple):
    write: Callable[[Recording, Path], None]
    lost: Callable[[Recording], list[str]]


def _nothing(recording: Recording) -> list[str]:
    return []


_FORMATS = {
    ".hea": _Format(write_wfdb, lost_in_wfdb),
    ".edf": _Format(write_edf, lost_in_edf),
    ".bdf": _Format(write_edf, lost_in_edf),
    ".csv": _Format(write_csv, lost_in_csv),
    ".npz": _Format(write_npz, _nothing),
    ".dcm": _Format(write_dicom, lost_in_dicom),
}
#: Endings that `write_recording` understands.
WRITTEN = tuple(_FORMATS)


def write_recording(recording: Recording, path: Path | str, *, lossy: bool = False) -> None:
    """Write a recording in the format that the ending names; the file appears whole or not at all.

    `.npz` holds everything, bit for bit. `.csv` holds the numbers exactly. `.hea` (WFDB), `.edf`,
    `.bdf` and `.dcm` hold whole numbers: samples that were read from such a file come back digit
    for digit where the format can state their scale, others at most half a unit away.

    Parameters
    ----------
    recording
    path
        Ends in one of `WRITTEN`.
    lossy
        Write even where the format cannot hold all signals and marks.

    Raises
    ------
    ValueError
        When the ending is unknown, there are no samples, or something would be lost.
    OSError
        When the file cannot be written.

    Examples
    --------
    >>> import numpy as np
    >>> from cardiotwin.signals.ecg import ECG
    >>> ecg = ECG(samples_mv=np.zeros((1, 4)), fs_hz=500.0, leads=("II",))
    >>> write_recording(Recording(ecg=ecg), "beat.mp3")
    Traceback (most recent call last):
        ...
    ValueError: beat.mp3 must end in .hea, .edf, .bdf, .csv, .npz or .dcm
    """
    path = Path(path)
    kind = _FORMATS.get(path.suffix.lower())
    if kind is None:
        msg = f"{path} must end in {', '.join(WRITTEN[:-1])} or {WRITTEN[-1]}"
        raise ValueError(msg)
    ecg = recording.ecg
    if not any(len(t.samples) for t in recording.traces.values()) and not (ecg and ecg.duration_ms):
        msg = f"{path}: a recording of no samples cannot be written"
        raise ValueError(msg)
    lost = [] if lossy else kind.lost(recording)
    if lost:
        more = f" and {len(lost) - 3} more" if len(lost) > 3 else ""
        msg = f"{path} cannot hold {', '.join(lost[:3])}{more}; write .npz, or allow the loss"
        raise ValueError(msg)
    kind.write(recording, path)
