"""Figures of intervals: simulated beats against their activation, real ones against readers.

Run `python benchmarks/signals_intervals.py`; `--quick` takes a few beats of the built-in heart.
"""

import argparse
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import signals_beats as beats

from cardiotwin.anatomy.datasets import find
from cardiotwin.signals import ptb_xl
from cardiotwin.signals.amplitudes import levelled
from cardiotwin.signals.baseline import remove_baseline
from cardiotwin.signals.datasets import ecg_dataset
from cardiotwin.signals.filters import highpass
from cardiotwin.signals.intervals import Intervals, intervals
from cardiotwin.signals.mains import notch
from cardiotwin.signals.median_beat import median_beat
from cardiotwin.signals.qrs_bounds import qrs_bounds_ms
from cardiotwin.signals.r_peaks import r_peaks
from cardiotwin.signals.recording import Marks, Recording

#: The limits of `qrs_bounds` were chosen on the built-in heart with seed 5; these are others.
HEARTS, EACH, SEED = ("dti004", "rodero01", "builtin"), 48, 23
#: Records of PTB-XL at 100 Hz that are measured, beside all at 500 Hz.
PTB_XL_100_HZ = 600
#: 2nd and 98th percentile of 46,129 people of low risk (Mason 2007, J Electrocardiol 40:228).
MASON = {
    "rate_per_min": (48, 98),
    "pr_ms": (113, 212),
    "qrs_ms": (69, 109),
    "qrs_axis_deg": (-40, 91),
    "qt_ms": (325, 452),
    "qtc_bazett_ms": (361, 457),
    "qtc_fridericia_ms": (359, 445),
}
CLASSES = ("NORM", "MI", "STTC", "CD", "HYP")


def chain(strip: beats.Strip) -> tuple[float, float]:
    """Begin and end of the QRS after the begin of the beat, from nothing but the samples."""
    level = notch(remove_baseline(strip.ecg))
    peaks = r_peaks(level)
    beat = median_beat(level, peaks)
    begin_ms, end_ms = qrs_bounds_ms(beat.ecg, beat.r_ms)
    used_ms = peaks[beat.used] * (1000 / level.fs_hz) + beat.shifts_ms[beat.used]
    nearest = np.abs(strip.begins_ms[:, None] - used_ms).argmin(axis=0)
    zero_ms = beat.r_ms + float(np.median(strip.begins_ms[nearest] - used_ms))
    return begin_ms - zero_ms, end_ms - zero_ms


def simulated_qrs(hearts: Sequence[str], each: int) -> dict[str, Any]:
    """Errors of begin, end and duration; the truth is the activation of the working muscle.

    Working muscle is all that is alive outside the infarct and its border zone. Of the border zone
    the last few nodes fire up to 100 ms later, too few and too slowly to be seen on the skin; the
    same figures against these nodes are there as well.
    """
    rows, names, kinds = [], [], []
    for k, case in enumerate(beats.simulated(tuple(hearts), each, SEED)):
        found = chain(beats.strip(case.beat.ecg, np.random.default_rng([SEED, k])))
        rows.append((*found, case.first_ms, case.last_ms, case.last_of_all_ms))
        names.append(case.heart)
        kinds.append("infarct" if case.infarct else "block" if case.block else "healthy")
    begin, end, first, last, last_of_all = np.array(rows).T
    errors = {
        "begin": begin - first,
        "end": end - last,
        "duration": end - begin - (last - first),
        "end_of_all": end - last_of_all,
    }
    figures: dict[str, Any] = {"qrs_cases": len(rows)}
    for group, mask in groups(np.array(names), np.array(kinds)).items():
        figures[f"qrs_{group}"] = {
            what: f"{e[mask].mean():.1f} +- {e[mask].std():.1f}" for what, e in errors.items()
        }
    bias = {what: round(float(e.mean()), 2) for what, e in errors.items()}
    spread = {what: round(float(e.std()), 2) for what, e in errors.items()}
    asked = ("begin", "end", "duration")
    return figures | {
        "qrs_bias_by_border_ms": bias,
        "qrs_sd_by_border_ms": spread,
        "qrs_bias_ms": max((bias[what] for what in asked), key=abs),
        "qrs_sd_ms": max(spread[what] for what in asked),
    }


def groups(names: np.ndarray, kinds: np.ndarray) -> dict[str, np.ndarray]:
    """Which cases belong to each heart, and to each kind of patient."""
    of_heart = {name: names == name for name in dict.fromkeys(names.tolist())}
    return of_heart | {kind: kinds == kind for kind in dict.fromkeys(kinds.tolist())}


def simulated_qrs_full() -> dict[str, Any]:
    """Three hearts, 48 patients each."""
    return simulated_qrs(HEARTS, EACH)


def simulated_qrs_quick() -> dict[str, Any]:
    """Twelve patients on one heart: too few for a standard deviation to be judged by."""
    figures = simulated_qrs(("dti004" if find("dti004") else "builtin",), 12)
    return {f"{k}_of_12": figures[k] for k in ("qrs_bias_ms", "qrs_sd_ms")}


def baseline_st() -> dict[str, Any]:
    """Largest error of an ST level, 60 ms after the QRS, over leads: mean over 16 patients, uV."""
    ways = {
        "remove_baseline": remove_baseline,
        "two_poles_0.67_hz": lambda ecg: highpass(ecg, 0.67),
        "none": lambda ecg: ecg,
    }
    errors: dict[str, list[float]] = {way: [] for way in ways}
    for k, case in enumerate(beats.simulated(("builtin",), 16, SEED)):
        noisy = beats.strip(case.beat.ecg, np.random.default_rng([SEED, k]))
        truth = st_of_beat(case)
        for way, operate in ways.items():
            level = operate(noisy.ecg)
            errors[way].append(float(np.abs(st_of_strip(level, noisy, case) - truth).max()))
    return {
        "baseline_st_error_uv": {w: round(1000 * float(np.mean(e)), 1) for w, e in errors.items()}
    }


def st_of_beat(case: beats.Simulated) -> np.ndarray:
    """(12,) ST level of the simulated beat itself, 60 ms after its last activation, mV."""
    ecg = case.beat.ecg
    return ecg.samples_mv[:, round((case.last_of_all_ms + 60) * ecg.fs_hz / 1000)]


def st_of_strip(level: Any, noisy: beats.Strip, case: beats.Simulated) -> np.ndarray:
    """(12,) The same of the median beat of a record, with its beats where they were put."""
    peaks = np.round((noisy.begins_ms + 40) * level.fs_hz / 1000).astype(int)
    beat = median_beat(level, peaks, before_ms=250.0)
    begin_ms = beat.r_ms - 40
    place = round((begin_ms + case.last_of_all_ms + 60) * level.fs_hz / 1000)
    return levelled(beat.ecg, begin_ms).samples_mv[:, place]


def ludb_qrs() -> dict[str, Any]:
    """QRS of LUDB's 12-lead records, ours against its readers' borders.

    Readers marked each lead by itself. The begin over leads is the third earliest of the leads'
    medians, the end the third latest, as CSE takes an outermost border only with company; beside
    it the median lead.
    """
    dataset = ecg_dataset("ludb")
    records = () if dataset.locate() is None else dataset.records()
    rows = [row for record in records if (row := ludb_row(dataset.load(record)))]
    if not rows:
        return {"ludb_qrs_ms": None}
    ours, agreed, middle = (np.array([row[k] for row in rows]) for k in range(3))
    shown = {"records": len(rows), "ours_median": round(float(np.median(np.ptp(ours, axis=1))), 1)}
    for name, theirs in (("third_lead", agreed), ("median_lead", middle)):
        error = ours - theirs
        shown[f"{name}_median"] = round(float(np.median(np.ptp(theirs, axis=1))), 1)
        for what, e in (("begin", error[:, 0]), ("end", error[:, 1])):
            shown[f"{name}_{what}"] = f"{e.mean():.1f} +- {e.std():.1f}"
    return {"ludb_qrs_ms": shown}


def ludb_row(record: Recording) -> tuple[Any, Any, Any] | None:
    """Begin and end after R: ours, the third lead's and the median lead's; None without marks."""
    if record.ecg is None:
        return None
    level = remove_baseline(record.ecg)
    peaks = r_peaks(level)
    beat = median_beat(level, peaks)
    ours = np.array(qrs_bounds_ms(beat.ecg, beat.r_ms)) - beat.r_ms
    used_ms = peaks[beat.used] * (1000 / level.fs_hz) + beat.shifts_ms[beat.used]
    leads = [b for marks in record.marks.values() if (b := lead_bounds(marks, used_ms)) is not None]
    if len(leads) < 6:
        return None
    begins, ends = np.sort(np.array(leads), axis=0).T
    return ours, (begins[2], ends[-3]), (np.median(begins), np.median(ends))


def lead_bounds(marks: Marks, used_ms: np.ndarray) -> np.ndarray | None:
    """Medians of begin and end of the QRS after R, over the beats that were marked and used."""
    found = []
    for k in range(1, len(marks.labels) - 1):
        if marks.labels[k - 1 : k + 2] == ("(", "N", ")"):
            away = marks.times_ms[k - 1 : k + 2] - used_ms[:, None]
            near = away[np.abs(away[:, 1]).argmin()]
            if abs(near[1]) < 100:
                found.append(near[[0, 2]])
    return np.median(found, axis=0) if found else None


def intervals_norm() -> dict[str, Any]:
    """What is measured on PTB-XL, by superclass: percentiles 2, 50 and 98.

    There is no truth here. `intervals_norm` has the records read as normal at 100 Hz, and how many
    of them lie within the ranges of Mason 2007, where 96 % of his lie; medians of the other
    classes, and of the few records that are here at 500 Hz, are beside it.
    """
    dataset = ecg_dataset("ptb-xl")
    folder = dataset.find()
    if folder is None:
        return {"intervals_norm": None}
    figures: dict[str, Any] = {}
    for fs_hz, most in ((100.0, PTB_XL_100_HZ), (500.0, None)):
        records = ptb_xl.records(folder, fs_hz=fs_hz)[:most]
        start, found = time.process_time(), []
        for record in records:
            ecg = dataset.load(record).ecg
            if ecg is not None:
                found.append((record.labels, intervals(ecg)))
        spent_s = (time.process_time() - start) / max(1, len(records))
        figures[f"intervals_cpu_s_{fs_hz:.0f}_hz"] = round(spent_s, 3)
        for name in CLASSES:
            chosen = [one for labels, one in found if name in labels]
            figures[f"intervals_{name.lower()}_{fs_hz:.0f}_hz"] = percentiles(chosen)
            if (name, fs_hz) == ("NORM", 100.0):
                figures["intervals_norm"] = percentiles(chosen) | {
                    f"{key}_within_mason": round(within(chosen, key), 3) for key in MASON
                }
    return figures


def within(found: Sequence[Intervals], name: str) -> float:
    """Share of the records that have the measurement whose value lies in Mason's range."""
    low, high = MASON[name]
    values = np.array([getattr(one, name) for one in found])
    values = values[np.isfinite(values)]
    return float(np.mean((values >= low) & (values <= high)))


def percentiles(found: Sequence[Intervals]) -> dict[str, str]:
    """Each measurement's 2nd, 50th and 98th percentile."""
    names = ("rate_per_min", "pr_ms", "qrs_ms", "qt_ms", "qtc_bazett_ms", "qtc_fridericia_ms")
    axes = ("p_axis_deg", "qrs_axis_deg", "t_axis_deg")
    shown = {"n": str(len(found))}
    for name in (*names, *axes):
        values = [getattr(one, name) for one in found]
        shown[name] = "/".join(f"{v:.0f}" for v in np.nanpercentile(values, (2, 50, 98)))
    return shown


QUICK = (simulated_qrs_quick,)
FULL = (simulated_qrs_full, baseline_st, ludb_qrs, intervals_norm)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    for part in QUICK if parser.parse_args().quick else FULL:
        for name, value in part().items():
            print(f"{name:28} {value}")
