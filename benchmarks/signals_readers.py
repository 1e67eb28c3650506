"""Readers beside wfdb and pyedflib: every staged record equal byte for byte, and the time of each.

`python benchmarks/signals_readers.py` prints its figures, with `--quick` those of a few records;
the fuzzer is signals_fuzz.py.
"""

import json
import os
import sys
import warnings
from collections.abc import Callable
from functools import cache
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

import numpy as np

from cardiotwin.signals.read import read_marks, read_recording
from cardiotwin.signals.recording import Recording

#: The last long run of signals_fuzz.py.
FUZZED = Path(__file__).parent / "results" / "signals_fuzz.json"
#: Records of each set in the quick part.
FEW = 4
#: Records of each set that are timed.
TIMED = 12


def folder() -> Path | None:
    """Where the data sets are; None when they are not at hand."""
    told = os.environ.get("CARDIOTWIN_DATA")
    return Path(told) / "ecg" if told and (Path(told) / "ecg").is_dir() else None


@cache
def records() -> dict[str, list[Path]]:
    """Headers or files of every staged record, by set."""
    ecg = folder()
    if ecg is None:
        return {}
    sets = {
        "mitdb": "mitdb/*.hea",
        "ptbxl100": "ptb-xl/records100/*/*.hea",
        "ptbxl500": "ptb-xl/records500/*/*.hea",
        "bidmc": "bidmc/*.hea",
        "ludb": "ludb/data/*.hea",
        "eegmat": "eegmat/*.edf",
    }
    return {name: sorted(ecg.glob(pattern)) for name, pattern in sets.items()}


def exact(path: Path) -> bool:
    """Whether a record is, byte for byte, what the reference library reads."""
    ours = read_recording(path)
    same = _same_as_pyedflib if path.suffix == ".edf" else _same_as_wfdb
    return same(path, ours)


def _rows(recording: Recording) -> dict[str, np.ndarray[Any, Any]]:
    """Samples of every lead and trace, by name without case."""
    leads = recording.ecg.leads if recording.ecg else ()
    rows = dict(zip(leads, recording.ecg.samples_mv if recording.ecg else (), strict=True))
    rows |= {name: trace.samples for name, trace in recording.traces.items()}
    return {name.lower(): row for name, row in rows.items()}


def _same_as_wfdb(path: Path, ours: Recording) -> bool:
    import wfdb

    theirs = wfdb.rdrecord(str(path.with_suffix("")), smooth_frames=False)
    rows = _rows(ours)
    # Where BIDMC has the gain NaN, wfdb takes the rest of the line for the name.
    names = [name.split(" ")[-1] if ")/" in name else name for name in theirs.sig_name]
    names = [name.strip(" ,").lower() for name in names]
    same = len(rows) == len(names) and all(
        rows[name].tobytes() == samples.tobytes()
        for name, samples in zip(names, theirs.e_p_signal, strict=True)
    )
    for ending, marks in ours.marks.items():
        there = wfdb.rdann(str(path.with_suffix("")), ending)
        notes = [note.rstrip("\0") for note in there.aux_note]
        same &= np.array_equal(marks.times_ms, there.sample * (1000.0 / theirs.fs))
        same &= list(marks.labels) == there.symbol
        same &= list(marks.notes or [""] * len(notes)) == notes
    return same


def _same_as_pyedflib(path: Path, ours: Recording) -> bool:
    import pyedflib

    with pyedflib.EdfReader(str(path)) as theirs:
        rows = _rows(ours)
        return len(rows) == theirs.signals_in_file and all(
            rows[name.lower()].tobytes() == theirs.readSignal(k).tobytes()
            for k, name in enumerate(theirs.getSignalLabels())
        )


def _told(path: Path) -> bool:
    """Whether a record is exact; one that cannot be read is not, and says so on stderr."""
    try:
        return exact(path)
    except (OSError, ValueError, KeyError) as error:
        print(f"{path.name}: {error}", file=sys.stderr)
        return False


def exactness(few: int | None = None) -> dict[str, Any]:
    """How many records are exact, of all or of the first few of each set."""
    if not records():
        return {"readers_exact": None, "readers_records": None}
    sets = {name: paths[:few] for name, paths in records().items()}
    right = {name: sum(map(_told, paths)) for name, paths in sets.items()}
    return {
        "readers_exact": all(right[name] == len(paths) > 0 for name, paths in sets.items()),
        "readers_records": {name: f"{right[name]} of {len(paths)}" for name, paths in sets.items()},
    }


def exact_on_a_few() -> dict[str, Any]:
    """The first records of each set."""
    return exactness(FEW)


def exact_on_all() -> dict[str, Any]:
    """Every staged record."""
    return exactness()


def speed() -> dict[str, Any]:
    """CPU milliseconds a record, marks included, beside the reference library, in turns."""
    if not records():
        return {"readers_ms": None}
    return {"readers_ms": [_speed(name, paths[:TIMED]) for name, paths in records().items()]}


def _speed(name: str, paths: list[Path]) -> dict[str, Any]:
    times: dict[str, list[float]] = {"ours": [], "reference": []}
    for path in [paths[0], *paths]:  # the first once more: it finds caches cold
        times["ours"].append(_cpu_ms(lambda p=path: read_recording(p)))
        times["reference"].append(_cpu_ms(lambda p=path: _reference(p)))
    ours, reference = (median(times[k][1:]) for k in ("ours", "reference"))
    return {"set": name, "ours": ours, "reference": reference, "ratio": reference / ours}


def _cpu_ms(work: Callable[[], Any]) -> float:
    start = process_time()
    work()
    return 1e3 * (process_time() - start)


def _reference(path: Path) -> None:
    """What wfdb or pyedflib does for the same: all samples, all marks."""
    if path.suffix == ".edf":
        import pyedflib

        with pyedflib.EdfReader(str(path)) as file:
            for k in range(file.signals_in_file):
                file.readSignal(k)
            file.readAnnotations()
        return
    import wfdb

    record = str(path.with_suffix(""))
    wfdb.rdrecord(record, smooth_frames=False)
    for ending in read_marks(path):
        wfdb.rdann(record, ending)


def fuzzing() -> dict[str, Any]:
    """The last long run of the fuzzer, as it was kept."""
    if not FUZZED.exists():
        return {"fuzz_executions": None, "fuzz_findings": None}
    kept = json.loads(FUZZED.read_text())
    return {name: kept[name] for name in ("fuzz_executions", "fuzz_findings")}


QUICK = (exact_on_a_few, speed, fuzzing)
FULL = (exact_on_all, speed, fuzzing)

if __name__ == "__main__":
    warnings.simplefilter("ignore")  # wfdb uses pandas in ways that pandas warns of
    for part in QUICK if "--quick" in sys.argv else FULL:
        for key, value in part().items():
            print(f"{key:18} {value}")
