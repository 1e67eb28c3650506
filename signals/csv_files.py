"""CSV files of signals: one column a channel, with its unit in the name, and the time.

A header names the columns: `II_mV`, `I (uV)`, `PLETH [NU]`, or `II` with a unit given by the
caller. A first column `time_ms` or `time_s` gives the rate; without one the caller gives it. A
cell that is empty or says NA or nan is a missing sample. Commas, semicolons and tabs separate.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..files.whole_files import whole_file
from .channels import Channel, ecg_of, leads_of, recording_of
from .chunks import chunk_samples, rechunked
from .csv_table import open_table
from .ecg import ECG
from .info import RecordInfo, info_of
from .recording import Recording


def read_csv(path: Path, *, fs_hz: float | None = None, unit: str = "mV") -> Recording:
    """A whole file.

    Parameters
    ----------
    path
    fs_hz
        Samples a second where no column tells the time.
    unit
        Of the columns that name none.

    Raises
    ------
    OSError
        When the file is missing or no table of text.
    ValueError
        When a cell is no number, a line has more or fewer cells than the header, or the rate is
        not told.
    """
    table = open_table(path, fs_hz, unit)
    data = np.concatenate(list(table.blocks()), axis=1)
    channels = [Channel(f, row) for f, row in zip(table.fields, data, strict=True)]
    return recording_of(channels, meta=_meta(path))


def csv_info(path: Path, *, fs_hz: float | None = None, unit: str = "mV") -> RecordInfo:
    """What a file holds, from its header, its first and its last line."""
    return info_of(path, "CSV", open_table(path, fs_hz, unit).fields, meta=_meta(path))


def csv_chunks(
    path: Path, chunk_s: float, overlap_s: float, *, fs_hz: float | None = None, unit: str = "mV"
) -> Iterator[tuple[int, ECG]]:
    """Pieces of the ECG, streamed; each with the place of its first sample."""
    table = open_table(path, fs_hz, unit)
    leads = leads_of(table.fields)
    if not leads:
        return
    sizes = chunk_samples(table.fs_hz, chunk_s, overlap_s)
    for first, rows in rechunked((block[leads] for block in table.blocks()), *sizes):
        channels = [Channel(table.fields[k], row) for k, row in zip(leads, rows, strict=True)]
        yield first, ecg_of(channels, _meta(path))


def write_csv(recording: Recording, path: Path) -> None:
    """Write the ECG, and traces at its rate, so that every number reads back exactly."""
    columns = _columns(recording)
    times_ms = _clock(recording)
    with whole_file(path) as part, part.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerow(["time_ms", *columns])
        for time_ms, *row in np.stack([times_ms, *columns.values()], axis=1).tolist():
            # Picoseconds: so many digits that the rate follows from two rows.
            file.write(f"{time_ms:.9f}," + ",".join("" if v != v else repr(v) for v in row) + "\n")


def lost_in_csv(recording: Recording) -> list[str]:
    """Traces and marks that a CSV file cannot hold, in words."""
    held = _columns(recording)
    traces = [t for t in recording.traces.values() if f"{t.name} ({t.unit})" not in held]
    return [f"trace {t.name} at {t.fs_hz:g} Hz" for t in traces] + [
        f"marks {name}" for name in recording.marks
    ]


def _meta(path: Path) -> dict[str, str | float]:
    return {"record": path.stem, "source": "CSV"}


def _clock(recording: Recording) -> NDArray[np.float64]:
    if recording.ecg is not None:
        return recording.ecg.times_ms
    return next(iter(recording.traces.values())).times_ms


def _columns(recording: Recording) -> dict[str, NDArray[np.float64]]:
    """Columns by the names under which they read back."""
    times_ms = _clock(recording)
    columns: dict[str, NDArray[np.float64]] = {}
    if recording.ecg is not None:
        rows = zip(recording.ecg.leads, recording.ecg.samples_mv, strict=True)
        columns |= {f"{name}_mV": row for name, row in rows}
    for trace in recording.traces.values():
        if np.array_equal(trace.times_ms, times_ms):
            columns[f"{trace.name} ({trace.unit})"] = trace.samples
    return columns
