"""R peaks: MIT-BIH, LUDB and PTB-XL beside other detectors, noise, two leads, a day, CPU time.

`python benchmarks/signals_r_peaks.py` prints its figures. They need CARDIOTWIN_DATA with
ecg/mitdb, ecg/ludb and ecg/ptb-xl; r_peak_rivals.py says how to install the rivals. F1 is in
percent, pooled over beats, in one-to-one pairs. On MIT-BIH all 109,494 beats count, and all that
is found counts, also in the two minutes of ventricular flutter in record 207, whose waves have
no marks of beats; "without_flutter" leaves those out. Every detector is measured the same way.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from r_peak_cases import Case, Detector, ludb, mitdb, percent, ptb_xl, scores, with_noise
from r_peak_rivals import rivals

from cardiotwin.signals.beat_classes import beats_of, classes_at
from cardiotwin.signals.beats import beat_windows
from cardiotwin.signals.datasets import ecg_dataset
from cardiotwin.signals.ecg import ECG
from cardiotwin.signals.r_peaks import r_peaks, r_peaks_of_chunks
from cardiotwin.signals.read import read_chunks
from cardiotwin.signals.scores import Score, score_beats

#: An easy, a changing and a noisy record for the quick part.
SOME = ("100", "203", "108")
#: The two that the Noise Stress Test Database adds noise to.
STRESSED = ("118", "119")
SNR_DB = (24, 18, 12, 6, 0)
PTB_XL_RECORDS = 500
NOTHING = np.array([Score(), Score()], dtype=object)


def one_lead(ecg: ECG, lead: str) -> NDArray[np.int64]:
    return r_peaks(ecg, leads=[lead])


def all_leads(ecg: ECG, lead: str) -> NDArray[np.int64]:
    return r_peaks(ecg)


class Trial(NamedTuple):
    """Scores at each tolerance, over records, and what they cost."""

    pooled: NDArray[np.object_]
    marked: NDArray[np.object_]  #: only where beats are marked
    folds: dict[str, NDArray[np.object_]]
    cpu_s_per_hour: float


def tried(detector: Detector, cases: Iterable[Case]) -> Trial:
    pooled, marked, cpu_s, hours = NOTHING, NOTHING, 0.0, 0.0
    folds: dict[str, NDArray[np.object_]] = {}
    for case in cases:
        start = time.process_time()
        found = detector(case.ecg, case.lead)
        cpu_s += time.process_time() - start
        hours += case.ecg.duration_ms / 3.6e6
        whole = scores(found, case, hide=False)
        pooled, marked = pooled + whole, marked + scores(found, case)
        folds[case.fold] = folds.get(case.fold, NOTHING) + whole
    return Trial(pooled, marked, folds, round(cpu_s / max(hours, 1e-9), 3))


def warm() -> None:
    """Compile, and import what imports late."""
    rng = np.random.default_rng(0)
    ecg = ECG(samples_mv=rng.standard_normal((1, 7200)), fs_hz=360.0, leads=("II",))
    for detector in (one_lead, *rivals().values()):
        detector(ecg, "II")
    score_beats([1.0], [1.0], 1.0)


def some() -> dict[str, Any]:
    """Three records of MIT-BIH."""
    cases = [case for case in mitdb() if case.name in SOME]
    if not cases:
        return {"rpeak_some": None}
    one_lead(cases[0].ecg, cases[0].lead)
    trial = tried(one_lead, cases)
    return {"rpeak_some": {**percent(trial.pooled), "cpu_s_per_hour": trial.cpu_s_per_hour}}


def arrhythmia() -> dict[str, Any]:
    """All of MIT-BIH: one lead, both leads, and the rivals on the one."""
    keys = ("f1_150", "f1_50", "cpu_s_per_hour", "by_half", "without_flutter")
    if not mitdb():
        others = ("rpeak_two_leads", "rpeak_rivals")
        return dict.fromkeys([*(f"rpeak_{key}" for key in keys), *others])
    warm()
    trial, both = tried(one_lead, mitdb()), tried(all_leads, mitdb())
    f1 = percent(trial.pooled)
    return {
        "rpeak_f1_150": f1["f1_150"],
        "rpeak_f1_50": f1["f1_50"],
        "rpeak_cpu_s_per_hour": trial.cpu_s_per_hour,
        "rpeak_by_half": {fold or "others": percent(s) for fold, s in trial.folds.items()},
        "rpeak_without_flutter": percent(trial.marked),
        "rpeak_two_leads": {**percent(both.pooled), "cpu_s_per_hour": both.cpu_s_per_hour},
        "rpeak_rivals": {name: _row(tried(d, mitdb())) for name, d in rivals().items()},
    }


def _row(trial: Trial) -> dict[str, float]:
    without = percent(trial.marked)["f1_150"]
    return {
        **percent(trial.pooled),
        "without_flutter_f1_150": without,
        "cpu_s_per_hour": trial.cpu_s_per_hour,
    }


def short_strips() -> dict[str, Any]:
    """LUDB: lead II, where beats are marked; all twelve leads beside it."""
    cases = list(ludb())
    if not cases:
        return {"rpeak_ludb": None}
    detectors = {"ours": one_lead, "ours, 12 leads": all_leads, **rivals()}
    return {"rpeak_ludb": {name: percent(tried(d, cases).marked) for name, d in detectors.items()}}


def unmarked_strips() -> dict[str, Any]:
    """PTB-XL at 100 Hz has no marks of beats: how well what is found in II and in V5 agrees."""
    ecgs = list(ptb_xl(PTB_XL_RECORDS))
    if not ecgs:
        return {"rpeak_ptbxl": None}
    detectors = {"ours": one_lead, **rivals()}
    figures = {
        name: {"f1_50_ii_v5": _agreement([(d(e, "II"), d(e, "V5")) for e in ecgs])}
        for name, d in detectors.items()
    }
    figures["ours"]["f1_50_ii_12_leads"] = _agreement(
        [(one_lead(e, "II"), r_peaks(e)) for e in ecgs]
    )
    return {"rpeak_ptbxl": {"records": len(ecgs), **figures}}


def _agreement(pairs: Iterable[tuple[NDArray[np.int64], NDArray[np.int64]]]) -> float:
    pooled = sum((score_beats(one * 10.0, other * 10.0, 50) for one, other in pairs), Score())
    return round(100 * pooled.f1, 2)


def noise() -> dict[str, Any]:
    """F1 at 150 ms under noise from end to end, at each ratio in dB."""
    cases = [case for case in mitdb() if case.name in STRESSED]
    if not cases:
        return {"rpeak_noise": None}
    detectors = {"ours": one_lead, **rivals()}
    figures: dict[str, dict[str, float]] = {}
    for snr_db in SNR_DB:
        rng = np.random.default_rng(snr_db)
        noisy = [with_noise(case, snr_db, rng) for case in cases]
        figures[str(snr_db)] = {
            name: percent(tried(d, noisy).pooled)["f1_150"] for name, d in detectors.items()
        }
    return {"rpeak_noise": figures}


def windows() -> dict[str, Any]:
    """CPU seconds to read all of MIT-BIH, find its beats, cut and classify their windows."""
    if not mitdb():
        return {"mitdb_48_s": None}
    dataset, start = ecg_dataset("mitdb"), time.process_time()
    for record in dataset.records():
        recording = dataset.load(record)
        ecg = recording.ecg
        lead = "MLII" if "MLII" in ecg.leads else ecg.leads[0]
        peaks = r_peaks(ecg, leads=[lead])
        found = beat_windows(ecg, peaks)
        classes = classes_at(beats_of(recording.marks["atr"]), peaks * (1000.0 / ecg.fs_hz))
        assert len(found) == len(classes)
    return {"mitdb_48_s": round(time.process_time() - start, 1)}


def day() -> dict[str, Any]:
    """Memory and CPU time of 24 hours, all 48 half-hours in a row, from one WFDB file."""
    keys = ("day_s", "day_peak_gib", "day_beats")
    if not mitdb():
        return dict.fromkeys(keys)
    with tempfile.TemporaryDirectory() as folder:
        header = Path(folder) / "day.hea"
        with header.with_suffix(".dat").open("wb") as file:
            for case in mitdb():
                file.write(np.round(case.ecg.samples_mv.T * 200).astype("<i2").tobytes())
        samples = 650_000 * len(mitdb())
        signals = [f"day.dat 16 200/mV 16 0 0 0 0 {name}" for name in ("MLII", "V1")]
        header.write_text("\n".join([f"day 2 360 {samples}", *signals, ""]))
        code = f"import signals_r_peaks as s; s.child({str(header)!r})"
        here = str(Path(__file__).parent)
        run = subprocess.run(
            [sys.executable, "-c", code], cwd=here, capture_output=True, text=True, check=True
        )
    return dict(zip(keys, json.loads(run.stdout), strict=True))


def child(header: str) -> None:
    """In a process of its own, so that its peak memory is that of the day alone.

    `ru_maxrss` would be that of the parent, which Linux hands on.
    """
    warm_up = ECG(samples_mv=np.zeros((2, 9)), fs_hz=360.0, leads=("MLII", "V1"))
    r_peaks(warm_up)
    start = time.process_time()
    peaks = r_peaks_of_chunks(chunk for _, chunk in read_chunks(header, 60.0))
    cpu_s = time.process_time() - start
    status = Path("/proc/self/status").read_text().splitlines()
    peak_gib = int(next(line.split()[1] for line in status if line.startswith("VmHWM"))) / 2**20
    print(json.dumps([round(cpu_s, 1), round(peak_gib, 3), len(peaks)]))


QUICK = (some,)
FULL = (arrhythmia, short_strips, unmarked_strips, noise, windows, day)

if __name__ == "__main__":
    figures: dict[str, Any] = {}
    for part in FULL:
        figures |= part()
    print(json.dumps(figures, indent=1))
