"""Our own files of signals (`.npz`): every sample exact, every mark, all that is known.

A zip file of plain numpy arrays, never pickles. `recording` holds JSON: the version, rates, names,
units, labels and meta. `samples_mv` (leads, t) is the ECG, `trace_0` (t,) ... the other signals,
`marks_0` (k,) ... the times of marks, in ms.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..files.whole_files import whole_file
from .channels import Field
from .chunks import chunk_samples, rechunked
from .ecg import ECG
from .info import RecordInfo
from .npz_archive import Archive
from .recording import Marks, Recording, Trace

_VERSION = 1
#: What is kept of a trace beside its samples.
_TRACE = ("name", "fs_hz", "unit", "start_ms")
#: Samples of each lead that a stream reads at once.
_BLOCK = 2**16


def write_npz(recording: Recording, path: Path) -> None:
    """Write a recording whole; it reads back bit for bit."""
    ecg = recording.ecg
    about = {
        "version": _VERSION,
        "meta": dict(recording.meta),
        "ecg": ecg and {"fs_hz": ecg.fs_hz, "leads": ecg.leads, "meta": dict(ecg.meta)},
        "traces": [{name: getattr(t, name) for name in _TRACE} for t in recording.traces.values()],
        "marks": [
            {"name": name, "labels": m.labels, "notes": m.notes, "lead": m.lead}
            for name, m in recording.marks.items()
        ],
    }
    arrays: dict[str, Any] = {"recording": np.array(json.dumps(about))}
    if ecg is not None:
        arrays["samples_mv"] = np.ascontiguousarray(ecg.samples_mv, "<f8")
    arrays |= {f"trace_{k}": t.samples for k, t in enumerate(recording.traces.values())}
    arrays |= {f"marks_{k}": m.times_ms for k, m in enumerate(recording.marks.values())}
    with whole_file(path) as part, part.open("wb") as file:
        np.savez(file, **arrays)


def read_npz(path: Path) -> Recording:
    """A whole recording.

    Raises
    ------
    OSError
        When the file is missing, damaged or not one of ours.
    ValueError
        When it holds a pickle, or claims more than it has.
    """
    with Archive(path) as file:
        about = _about(file)
        return Recording(
            ecg=about["ecg"] and _ecg(about["ecg"], file.array("samples_mv")),
            traces={
                t["name"]: Trace(samples=file.array(f"trace_{k}"), **{f: t[f] for f in _TRACE})
                for k, t in enumerate(about["traces"])
            },
            marks={
                m["name"]: Marks(
                    times_ms=file.array(f"marks_{k}"),
                    labels=tuple(m["labels"]),
                    notes=tuple(m["notes"]),
                    lead=m["lead"],
                )
                for k, m in enumerate(about["marks"])
            },
            meta=about["meta"],
        )


def _ecg(about: dict[str, Any], samples_mv: NDArray[np.float64]) -> ECG:
    return ECG(
        samples_mv=samples_mv, fs_hz=about["fs_hz"], leads=tuple(about["leads"]), meta=about["meta"]
    )


def npz_info(path: Path) -> RecordInfo:
    """What a file holds, without its samples."""
    with Archive(path) as file:
        about = _about(file)
        ecg = about["ecg"]
        return RecordInfo(
            path=path,
            kind="NPZ",
            leads=tuple(ecg["leads"]) if ecg else (),
            fs_hz=ecg["fs_hz"] if ecg else 0.0,
            samples=file.shape("samples_mv")[-1] if ecg else 0,
            traces={
                t["name"]: Field(t["name"], t["unit"], t["fs_hz"], file.shape(f"trace_{k}")[0])
                for k, t in enumerate(about["traces"])
            },
            marks=tuple(m["name"] for m in about["marks"]),
            meta=about["meta"],
        )


def npz_chunks(path: Path, chunk_s: float, overlap_s: float) -> Iterator[tuple[int, ECG]]:
    """Pieces of the ECG, streamed; each with the place of its first sample."""
    with Archive(path) as file:
        ecg = _about(file)["ecg"]
        if not ecg:
            return
        sizes = chunk_samples(ecg["fs_hz"], chunk_s, overlap_s)
        for first, samples_mv in rechunked(file.blocks("samples_mv", _BLOCK), *sizes):
            yield first, _ecg(ecg, samples_mv)


def _about(file: Archive) -> dict[str, Any]:
    """The JSON of a file, checked."""
    about = file.json("recording")
    try:
        if about["version"] > _VERSION:
            msg = f"{file.path} is of version {about['version']}, newer than this cardiotwin reads"
            raise OSError(msg)
        _require_types(about)
    except (KeyError, TypeError, AttributeError):
        msg = f"{file.path} has a description that is not as cardiotwin writes it"
        raise OSError(msg) from None
    return about


def _require_types(about: dict[str, Any]) -> None:
    """Raise unless the description has the types that the recording needs."""
    described: list[tuple[Any, type | tuple[type, ...]]] = [(about["meta"], dict)]
    ecg = about["ecg"]
    number = (int, float)
    if ecg is not None:
        described += [(ecg["fs_hz"], number), (ecg["leads"], list), (ecg["meta"], dict)]
        described += [(name, str) for name in ecg["leads"]]
    for t in about["traces"]:
        described += [(t["name"], str), (t["unit"], str)]
        described += [(t["fs_hz"], number), (t["start_ms"], number)]
    for m in about["marks"]:
        described += [(m["name"], str), (m["lead"], str)]
        described += [(text, str) for text in (*m["labels"], *m["notes"])]
    for meta in [about["meta"], *([ecg["meta"]] if ecg else [])]:
        described += [(value, (str, *number)) for value in meta.values()]
    for value, kind in described:
        if not isinstance(value, kind) or isinstance(value, bool):
            msg = f"expected {kind}"
            raise TypeError(msg)
