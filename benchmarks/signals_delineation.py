"""Delineation: borders on LUDB beside neurokit2, P waves in fibrillation, CPU time.

`python benchmarks/signals_delineation.py` prints its figures. Those on real ECGs need
CARDIOTWIN_DATA with ecg/ludb and ecg/ptb-xl; the rival needs `pip install neurokit2`. R peaks are
those of `r_peaks`, for the rival too. Every figure on LUDB is out of fold: of each patient by a
network that never saw them (delineation_folds.py; five folds by patient; kept in the cache folder,
trained there first when it is empty: about 1 CPU-minute each).
"""

import json
import time
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any

import delineation_data
import numpy as np
from delineation_data import Case
from numpy.typing import NDArray

from cardiotwin.signals.datasets import ecg_dataset
from cardiotwin.signals.delineation import Delineation, delineate
from cardiotwin.signals.r_peaks import r_peaks
from cardiotwin.signals.scores import Score, match_beats
from cardiotwin.signals.synth import synthetic_ecg

TOLERANCE_MS = 150.0
SEEDS = (0, 1, 2)
BORDERS = ("p_onset", "p_offset", "qrs_onset", "qrs_offset", "t_onset", "t_offset")
KIND_OF = {"p": "p", "N": "qrs", "t": "t"}
#: Column of the rival's table for each border.
NEUROKIT = {
    "p_onset": "ECG_P_Onsets",
    "p_offset": "ECG_P_Offsets",
    "qrs_onset": "ECG_R_Onsets",
    "qrs_offset": "ECG_R_Offsets",
    "t_onset": "ECG_T_Onsets",
    "t_offset": "ECG_T_Offsets",
}
#: Neither trained on nor looked at while anything was chosen.
TEST_FOLD = 10
TURNS = 15

#: Times of each border in ms, nan where there is none.
Borders = dict[str, NDArray[np.float64]]


class Tally:
    """Scores and errors of each border, summed over leads and patients."""

    def __init__(self) -> None:
        self.scores = dict.fromkeys(BORDERS, Score())
        self.errors_ms: dict[str, list[NDArray[np.float64]]] = {name: [] for name in BORDERS}

    def add(self, case: Case, found: Sequence[Borders]) -> None:
        """Found borders of each lead; outside the annotated part, what matches none is left out."""
        for row, marks in enumerate(case.marks):
            first_ms, last_ms = marks.times_ms[0], marks.times_ms[-1]
            true_ms = _true_borders(case, row)
            for name in BORDERS:
                times_ms = found[row][name][np.isfinite(found[row][name])]
                pairs = match_beats(times_ms, true_ms[name], TOLERANCE_MS)
                extra = np.delete(times_ms, pairs[:, 0])
                extras = int(((extra >= first_ms) & (extra <= last_ms)).sum())
                misses = len(true_ms[name]) - len(pairs)
                self.scores[name] += Score(len(pairs), misses, extras)
                error_ms = times_ms[pairs[:, 0]] - true_ms[name][pairs[:, 1]]
                self.errors_ms[name].append(error_ms)

    def f1(self) -> dict[str, float]:
        """Of each border."""
        return {name: round(score.f1, 4) for name, score in self.scores.items()}

    def macro(self) -> float:
        """Mean F1 of the six borders."""
        return float(np.mean([score.f1 for score in self.scores.values()]))

    def ms(self) -> dict[str, dict[str, float]]:
        """Found less marked, over the pairs."""
        errors_ms = {name: np.concatenate(parts) for name, parts in self.errors_ms.items()}
        return {
            name: {"mean": round(float(e.mean()), 1), "sd": round(float(e.std()), 1)}
            for name, e in errors_ms.items()
        }


def _true_borders(case: Case, row: int) -> Borders:
    waves = delineation_data.waves(case.marks[row])
    return {
        f"{KIND_OF[kind]}_{side}": np.array([t for t in times if np.isfinite(t)])
        for kind in KIND_OF
        for side, times in (
            ("onset", [w.onset_ms for w in waves if w.kind == kind]),
            ("offset", [w.offset_ms for w in waves if w.kind == kind]),
        )
    }


def _borders(found: Delineation) -> list[Borders]:
    return [
        {name: getattr(found, f"{name}_ms")[row] for name in BORDERS}
        for row in range(len(found.leads))
    ]


def _tally(cases: Sequence[Case], find: Callable[[Case], list[Borders]]) -> Tally:
    tally = Tally()
    for case in cases:
        tally.add(case, find(case))
    return tally


def ludb() -> dict[str, Any]:
    """Borders in all twelve leads of every patient at hand, out of fold, by three seeds."""
    names = ("ludb_f1_macro", "ludb_f1", "ludb_ms", "ludb_seeds", "ludb_f1_macro_lead_alone")
    if not _at_hand("ludb") or not _at_hand("ptb-xl"):
        return dict.fromkeys(names)
    from delineation_folds import out_of_fold_weights  # needs torch

    cases = delineation_data.ludb_cases()
    weights = {
        (seed, fold): out_of_fold_weights(seed, fold)
        for seed in SEEDS
        for fold in range(delineation_data.FOLDS)
    }

    def together(case: Case, seed: int) -> list[Borders]:
        return _borders(delineate(case.ecg, case.peaks, weights=weights[seed, case.fold]))

    def alone(case: Case) -> list[Borders]:
        net = weights[0, case.fold]
        leads = [case.ecg.select([lead]) for lead in case.ecg.leads]
        return [_borders(delineate(lead, case.peaks, weights=net))[0] for lead in leads]

    tallies = [_tally(cases, lambda case, s=seed: together(case, s)) for seed in SEEDS]
    macros = [tally.macro() for tally in tallies]
    return {
        "ludb_f1_macro": round(macros[0], 4),
        "ludb_f1": tallies[0].f1(),
        "ludb_ms": tallies[0].ms(),
        "ludb_seeds": {"mean": round(float(np.mean(macros)), 4), "least": round(min(macros), 4)}
        | {"most": round(max(macros), 4), "seeds": len(SEEDS), "patients": len(cases)},
        "ludb_f1_macro_lead_alone": round(_tally(cases, alone).macro(), 4),
    }


def ludb_rivals() -> dict[str, Any]:
    """The same for neurokit2's wavelet delineator, with the same R peaks."""
    try:
        import neurokit2  # noqa: F401
    except ImportError:
        return {"ludb_rivals": None}
    if not _at_hand("ludb"):
        return {"ludb_rivals": None}
    tally = _tally(delineation_data.ludb_cases(), _neurokit)
    found = {"macro": round(tally.macro(), 4), "f1": tally.f1(), "ms": tally.ms()}
    return {"ludb_rivals": {"neurokit2 dwt": found}}


def _neurokit(case: Case) -> list[Borders]:
    import neurokit2

    rate = int(case.ecg.fs_hz)
    found = []
    for lead in case.ecg.samples_mv:
        clean = neurokit2.ecg_clean(lead, sampling_rate=rate)
        _, waves = neurokit2.ecg_delineate(clean, case.peaks, sampling_rate=rate, method="dwt")
        columns = {name: np.array(waves[column], float) for name, column in NEUROKIT.items()}
        found.append({name: column * 1000.0 / rate for name, column in columns.items()})
    return found


def p_waves() -> dict[str, Any]:
    """Share of beats given a P wave over leads, in fibrillation and in normal sinus rhythm.

    By the network in the package, which was trained on folds 1 to 8 of PTB-XL; the figures of
    fold 10 are therefore the honest ones. The first beat, whose P wave may lie before the record,
    is left out.
    """
    names = ("af_false_p_rate", "sr_p_rate", "af_false_p_rate_all_folds", "sr_p_rate_all_folds")
    if not _at_hand("ptb-xl"):
        return dict.fromkeys((*names, "p_records"))
    folds = ([TEST_FOLD], [TEST_FOLD], range(1, 11), range(1, 11))
    counts = [_p_count(name.startswith("af"), f) for name, f in zip(names, folds, strict=True)]
    rates = {name: round(p / beats, 4) for name, (p, beats, _) in zip(names, counts, strict=True)}
    return {**rates, "p_records": {name: n for name, (_, _, n) in zip(names, counts, strict=True)}}


def _p_count(fibrillating: bool, folds: Sequence[int] | range) -> tuple[int, int, int]:
    """P waves, beats, records."""
    p = beats = 0
    records = delineation_data.ptb_xl_records(fibrillating=fibrillating, folds=folds)
    for record in records:
        ecg = delineation_data.ptb_xl_ecg(record)
        found = delineate(ecg, r_peaks(ecg)).over_leads()
        p += int(np.isfinite(found.p_peak_ms[0, 1:]).sum())
        beats += max(found.p_peak_ms.shape[1] - 1, 0)
    return p, beats, len(records)


def cpu_ms() -> dict[str, Any]:
    """CPU time for ten seconds of twelve leads, R peaks given."""
    ecg, truth = synthetic_ecg(rate_per_min=75.0)
    peaks = np.round(truth.qrs_peak_ms * ecg.fs_hz / 1000).astype(np.int64)
    delineate(ecg, peaks)
    times = []
    for _ in range(TURNS):
        start = time.process_time()
        delineate(ecg, peaks)
        times.append(1000 * (time.process_time() - start))
    return {"delineation_cpu_ms": round(median(times), 1)}


def _at_hand(name: str) -> bool:
    try:
        return bool(ecg_dataset(name).records())
    except OSError:
        return False


QUICK = (cpu_ms,)
FULL = (cpu_ms, ludb, ludb_rivals, p_waves)

if __name__ == "__main__":
    for part in FULL:
        print(json.dumps(part(), indent=1), flush=True)
