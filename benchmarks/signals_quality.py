"""Quality index against noise of known size and against what readers of PTB-XL remarked.

Also how well exchanged arm electrodes are found, and how much of twelve real leads one dipole
holds. `python benchmarks/signals_quality.py` prints its figures.
"""

import csv
import json
import os
import re
from functools import cache
from itertools import pairwise
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

import numpy as np
from scipy.stats import mannwhitneyu

from cardiotwin.signals import ECG, LEADS
from cardiotwin.signals.electrode_swap import arms_swapped, with_arms_swapped
from cardiotwin.signals.leads import einthoven_residual_mv
from cardiotwin.signals.quality import quality, quality_of_chunks
from cardiotwin.signals.read import read_ecg
from cardiotwin.signals.synth import synthetic_ecg
from cardiotwin.signals.vectorcardiogram import twelve_leads_of, vectorcardiogram

#: Signal to noise as in the MIT-BIH Noise Stress Test Database (Moody 1984): an eighth of the
#: squared height of the QRS over the power of the noise.
SNR_DB = (24, 18, 12, 6, 0)
#: Bands of the noise, and the power of the frequency that its amplitude falls with.
NOISES_HZ = {"muscle": (20.0, 150.0, 0), "motion": (1.0, 12.0, 1), "wander": (0.05, 0.5, 0)}
#: Columns of remarks in the index of PTB-XL, and the fault that should see them.
REMARKS = {"static_noise": "noise", "baseline_drift": "wander"}


def speed() -> dict[str, Any]:
    """CPU time of ten seconds of twelve leads."""
    rng = np.random.default_rng(0)
    short = synthetic_ecg(rng=rng, noise_mv=0.01).ecg
    quality(short)
    costs_ms = []
    for _ in range(25):
        start = process_time()
        quality(short)
        costs_ms.append((process_time() - start) * 1000)
    return {"quality_cpu_ms": round(median(costs_ms), 2)}


def day() -> dict[str, Any]:
    """CPU time of 24 hours of two leads at 250 Hz, chunk by chunk."""
    rng = np.random.default_rng(0)
    leads = ("MLII", "V1")
    chunk = synthetic_ecg(rng=rng, noise_mv=0.01, fs_hz=250.0, duration_s=600.0, leads=leads).ecg
    start = process_time()
    found = quality_of_chunks(chunk for _ in range(144))
    assert found.score.shape == (2, 86_400)
    return {"quality_day_cpu_s": round(process_time() - start, 1)}


def leads_of_one_dipole() -> dict[str, Any]:
    """Twelve leads to X, Y, Z and back by Dower's matrices, on PTB-XL at 500 Hz."""
    strips = _ptb_xl_strips()
    if not strips:
        return {"dower_correlation": None, "dower_rms_mv": None, "einthoven_residual_mv": None}
    alike, apart, residual = [], [], []
    for ecg in strips:
        x = ecg.samples_mv - np.median(ecg.samples_mv, axis=1, keepdims=True)
        whole = ecg.with_samples(x)
        back = twelve_leads_of(vectorcardiogram(whole, method="dower")).samples_mv
        alike += [np.corrcoef(a, b)[0, 1] for a, b in zip(x, back, strict=True)]
        apart += list(np.sqrt(((x - back) ** 2).mean(axis=1)))
        residual.append(einthoven_residual_mv(ecg).max())
    return {
        "dower_correlation": round(float(np.median(alike)), 3),
        "dower_rms_mv": round(float(np.median(apart)), 3),
        "einthoven_residual_mv": round(float(np.max(residual)), 4),
    }


def noise_of_known_size() -> dict[str, Any]:
    """AUROC of clean strips against the same with noise, and the mean score, by kind and SNR."""
    strips = _ptb_xl_strips() + _mitdb_strips()
    if not strips:
        return {"quality_auroc": None, "quality_score": None, "quality_falls": None}
    rng = np.random.default_rng(0)
    clean = np.concatenate([quality(ecg).score.mean(axis=1) for ecg in strips])
    auroc: dict[str, dict[str, float]] = {}
    score: dict[str, dict[str, float]] = {"clean": {"": round(float(clean.mean()), 3)}}
    for kind in (*NOISES_HZ, "mains"):
        auroc[kind], score[kind] = {}, {}
        for snr in SNR_DB:
            noisy = [quality(noised(ecg, kind, snr, rng)).score.mean(axis=1) for ecg in strips]
            found = np.concatenate(noisy)
            auroc[kind][str(snr)] = round(separation(clean, found), 3)
            score[kind][str(snr)] = round(float(found.mean()), 3)
    falls = all(a > b for row in score.values() for a, b in pairwise(row.values()))
    return {"quality_auroc": auroc, "quality_score": score, "quality_falls": falls}


def remarks_of_readers() -> dict[str, Any]:
    """AUROC of leads that readers of PTB-XL remarked on against those of records without remark."""
    rows = _index()
    if not rows:
        return {"quality_remarks_auroc": None}
    spoken = [*REMARKS, "burst_noise", "electrodes_problems"]
    found: dict[str, list[float]] = {f"{kind}{side}": [] for kind in REMARKS for side in "+-"}
    for row, ecg in rows:
        faults = quality(ecg)
        quiet = not any(row[kind].strip() for kind in spoken)
        for kind, fault in REMARKS.items():
            worst = faults.fault(fault).mean(axis=1)
            named = remarked(row[kind])
            found[f"{kind}+"] += [w for lead, w in zip(LEADS, worst, strict=True) if lead in named]
            found[f"{kind}-"] += list(worst) if quiet else []
    return {
        "quality_remarks_auroc": {
            kind: round(separation(-np.array(found[f"{kind}-"]), -np.array(found[f"{kind}+"])), 3)
            for kind in REMARKS
        }
    }


def exchanged_arms() -> dict[str, Any]:
    """How many of PTB-XL are taken for exchanged as they are, and with their arms exchanged."""
    rows = _index()
    if not rows:
        return {"arm_swap_sensitivity": None, "arm_swap_specificity": None}
    found = np.array([[arms_swapped(ecg), arms_swapped(with_arms_swapped(ecg))] for _, ecg in rows])
    false, hit = found.mean(axis=0)
    return {
        "arm_swap_sensitivity": round(float(hit), 4),
        "arm_swap_specificity": round(1 - float(false), 4),
    }


def separation(high: np.ndarray[Any, Any], low: np.ndarray[Any, Any]) -> float:
    """Probability that one of `high` is above one of `low`: the AUROC."""
    return float(mannwhitneyu(high, low).statistic) / (len(high) * len(low))


def noised(ecg: ECG, kind: str, snr_db: float, rng: np.random.Generator) -> ECG:
    """The ECG with noise of its own in each lead, at this ratio of signal to noise."""
    x = ecg.samples_mv
    high, low = np.percentile(x - np.median(x, axis=1, keepdims=True), [99.8, 0.2], axis=1)
    rms_mv = (high - low) / np.sqrt(8) * 10 ** (-snr_db / 20)
    if kind == "mains":
        phase = 2 * np.pi * (50 * ecg.times_ms / 1000 + rng.uniform(size=(len(x), 1)))
        return ecg.with_samples(x + rms_mv[:, None] * np.sqrt(2) * np.sin(phase))
    low_hz, high_hz, fall = NOISES_HZ[kind]
    f = np.fft.rfftfreq(x.shape[1], 1 / ecg.fs_hz)
    gain = ((f >= low_hz) & (f <= high_hz)) / np.maximum(f, low_hz) ** fall
    noise = np.fft.irfft(np.fft.rfft(rng.normal(size=x.shape), axis=1) * gain, x.shape[1], axis=1)
    return ecg.with_samples(x + rms_mv[:, None] * noise / noise.std(axis=1, keepdims=True))


def remarked(text: str) -> set[str]:
    """Leads named in a remark such as "I-AVR", "alles" (all) or "v2, V4-6"."""
    text = text.upper()
    if "ALLES" in text or "NOISE" in text:
        return set(LEADS)
    names = [lead.upper() for lead in LEADS]
    found: set[str] = set()
    for part in re.split(r"[,;/ ]+", text):
        first, _, last = part.strip("?").partition("-")
        last = f"V{last}" if last.isdigit() else last or first
        if first in names and last in names:
            found |= set(LEADS[names.index(first) : names.index(last) + 1])
    return found


def _folder(name: str) -> Path | None:
    told = os.environ.get("CARDIOTWIN_DATA")
    folder = Path(told) / "ecg" / name if told else None
    return folder if folder is not None and folder.is_dir() else None


@cache
def _index() -> list[tuple[dict[str, str], ECG]]:
    """Rows of the index of PTB-XL whose 100 Hz record is here, and the record."""
    folder = _folder("ptb-xl")
    if folder is None:
        return []
    with (folder / "ptbxl_database.csv").open(encoding="utf-8", newline="") as file:
        rows = [(row, folder / f"{row['filename_lr']}.hea") for row in csv.DictReader(file)]
    return [(row, read_ecg(path).select(LEADS)) for row, path in rows if path.is_file()]


@cache
def _ptb_xl_strips() -> list[ECG]:
    """The records of PTB-XL that are here at 500 Hz."""
    folder = _folder("ptb-xl")
    paths = sorted((folder / "records500").glob("*/*.hea")) if folder else []
    return [read_ecg(path).select(LEADS) for path in paths]


@cache
def _mitdb_strips() -> list[ECG]:
    """Four strips of ten seconds of the first lead of each record of MIT-BIH."""
    folder = _folder("mitdb")
    paths = sorted(folder.glob("*.hea")) if folder else []
    strips = []
    for path in paths:
        ecg = read_ecg(path)
        lead = ecg.select(["MLII" if "MLII" in ecg.leads else ecg.leads[0]])
        strips += [lead.cut(at * 1000.0, (at + 10) * 1000.0) for at in (200, 600, 1000, 1400)]
    return strips


QUICK = (speed, leads_of_one_dipole)
FULL = (*QUICK, day, noise_of_known_size, remarks_of_readers, exchanged_arms)

if __name__ == "__main__":
    print(json.dumps({k: v for part in FULL for k, v in part().items()}, indent=1))
