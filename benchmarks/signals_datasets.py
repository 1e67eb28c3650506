"""Data sets: whether splits are disjoint, how fast records are indexed and streamed, checksums.

    python benchmarks/signals_datasets.py

Needs CARDIOTWIN_DATA, and torch for the stream; what is not at hand is None.
"""

import csv
import json
import shutil
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from cardiotwin.files.checksums import verify
from cardiotwin.signals.datasets import EcgDataset, ecg_datasets
from cardiotwin.signals.splits import folds_by_patient, official_folds, split_by_patient

SHARES = {"train": 0.7, "validation": 0.15, "test": 0.15}
#: Records of PTB-XL in one timed pass of the stream.
STREAMED = 600
TURNS = 3


def at_hand() -> list[EcgDataset]:
    return [d for d in ecg_datasets() if d.find() is not None]


def splits_disjoint() -> dict[str, Any]:
    """Whether no patient is in two parts: by hash, stratified, in folds, and as published."""
    found = {}
    for data_set in at_hand():
        records = data_set.records()
        parts = [split_by_patient(records, SHARES, stratify=s) for s in (False, True)]
        parts.append(dict(enumerate(folds_by_patient(records, 5))))
        if any(r.fold for r in records):
            parts.append(official_folds(records))
        found[data_set.name] = all(_disjoint(p) for p in parts)
    return {"splits_disjoint": all(found.values()) if found else None, "splits_of": found}


def _disjoint(parts: dict[Any, Any]) -> bool:
    people = [{r.patient for r in part} for part in parts.values()]
    return sum(map(len, people)) == len(set().union(*people))


def index_time() -> dict[str, Any]:
    """CPU seconds to index PTB-XL: as it lies here, and with empty files for all 21,799 records."""
    known = {d.name: d for d in at_hand()}
    if "ptb-xl" not in known:
        return {"ptbxl_index_cpu_s": None, "ptbxl_index_full_cpu_s": None}
    here = known["ptb-xl"].locate()
    with tempfile.TemporaryDirectory() as folder:
        full = Path(folder)
        for name in ("ptbxl_database.csv", "scp_statements.csv"):
            shutil.copy(here / name, full)
        with (here / "ptbxl_database.csv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                stem = full / row["filename_lr"]
                stem.parent.mkdir(parents=True, exist_ok=True)
                stem.with_suffix(".hea").touch()
                stem.with_suffix(".dat").touch()
        return {
            "ptbxl_index_cpu_s": _cpu_s(known["ptb-xl"], here),
            "ptbxl_index_full_cpu_s": _cpu_s(known["ptb-xl"], full),
        }


def _cpu_s(data_set: EcgDataset, folder: Path) -> float:
    times = []
    for _ in range(TURNS):
        start = time.process_time()
        data_set.records(folder)
        times.append(time.process_time() - start)
    return median(times)


def stream_rates() -> dict[str, Any]:
    """Records a second, by the clock, that PTB-XL at 100 Hz streams with 0, 1 and 2 workers.

    And the CPU time of a record, which other work on the machine does not change.
    """
    names = {w: f"stream_records_per_s_{w}_workers" for w in (0, 1, 2)}
    nothing = dict.fromkeys((*names.values(), "stream_cpu_ms_per_record"))
    known = {d.name: d for d in at_hand()}
    try:
        from cardiotwin.learn import RecordStream, batches
    except ImportError:
        return nothing
    if "ptb-xl" not in known:
        return nothing
    records = known["ptb-xl"].records()[:STREAMED]
    stream = RecordStream(records, known["ptb-xl"].load, size=20, shuffle=True)
    rates: dict[int, list[float]] = {w: [] for w in names}
    cpu_ms = []
    for _ in range(TURNS):
        for workers in names:
            seen = batches(stream, workers=workers)
            next(seen)  # workers have started
            start, cpu = time.perf_counter(), time.process_time()
            count = sum(len(batch.place) for batch in seen)
            rates[workers].append(count / (time.perf_counter() - start))
            if not workers:
                cpu_ms.append(1000.0 * (time.process_time() - cpu) / count)
    found = {names[w]: median(r) for w, r in rates.items()}
    return found | {"stream_cpu_ms_per_record": median(cpu_ms)}


def checksums() -> dict[str, Any]:
    """Good, bad, missing and unchecked files or records of each set at hand."""
    found = {}
    for data_set in at_hand():
        checked = verify(data_set, data_set.locate())
        found[data_set.name] = {name: len(part) for name, part in checked._asdict().items()}
    return {"verified": found or None}


QUICK = (splits_disjoint, index_time)
FULL = (*QUICK, stream_rates, checksums)

if __name__ == "__main__":
    print(json.dumps({k: v for part in FULL for k, v in part().items()}, indent=1))
