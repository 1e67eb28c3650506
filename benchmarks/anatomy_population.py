"""Sampled populations: soundness, time, spread beside the published ranges, and their ECGs."""

import time
from collections.abc import Sequence
from typing import Any

import numpy as np
from slice_hearts import r_progression_ok

from cardiotwin import load_heart
from cardiotwin.anatomy.build import build_heart
from cardiotwin.anatomy.deform_modes import DeformableHeart, deformable
from cardiotwin.anatomy.norms import NORMS, SEXES, Population
from cardiotwin.anatomy.sample import SampledHeart, sample_heart
from cardiotwin.anatomy.shape_model import fit_shape_model
from cardiotwin.signals import ECG, qrs_bounds_ms, qrs_duration_ms, qrs_waves
from cardiotwin.sim import prepare, simulate

COUNT, QUICK_COUNT, SEED = 100, 6, 1
#: Normal limits in adults: QRS and frontal axis from Surawicz 2009, the upper QT from Rautaharju
#: 2009 (AHA/ACCF/HRS parts III and IV); the lower QT is a usual one. At 60 beats a minute QT is
#: QTc.
QRS_MS, AXIS_DEG = (70.0, 110.0), (-30.0, 90.0)
QT_MS = {"male": (350.0, 450.0), "female": (350.0, 460.0)}
MEASURES = (
    "lv_cavity_ml",
    "lv_mass_g",
    "rv_cavity_ml",
    "lv_wall_mm",
    "rv_wall_mm",
    "lv_sphericity",
    "lv_length_mm",
)


def quick() -> dict[str, Any]:
    """A few hearts of both populations."""
    base = deformable(load_heart("builtin"))
    figures = population(base, "healthy", QUICK_COUNT)[0]
    return {f"quick_{name}": value for name, value in figures.items()}


def full() -> dict[str, Any]:
    """A hundred hearts of both populations, and a heartbeat of each healthy one."""
    base = deformable(load_heart("builtin"))
    figures, hearts = population(base, "healthy", COUNT)
    infarcted, _ = population(base, "post_infarction", COUNT)
    model = fit_shape_model([h.heart.nodes_mm for h in hearts], base.heart.tets)
    return {
        **figures,
        **{f"{name}_post_infarction": value for name, value in infarcted.items()},
        "sampled_modes_for_95_pct": int(np.searchsorted(np.cumsum(model.explained), 0.95)) + 1,
        "sampled_left_out_mm": round(model.left_out_mm, 3),
        **carried(hearts[0]),
        **ecgs(hearts),
    }


def population(
    base: DeformableHeart, kind: Population, count: int
) -> tuple[dict[str, Any], list[SampledHeart]]:
    """Figures of one population, and its hearts."""
    sample_heart(base, 0, seed=SEED, population=kind)  # compiles what is compiled
    start_s = time.process_time()
    hearts, failed = [], 0
    for index in range(count):
        try:
            hearts.append(sample_heart(base, index, seed=SEED, population=kind))
        except ValueError:
            failed += 1
    cpu_s = (time.process_time() - start_s) / count
    return {
        "sampled_valid": len(hearts),
        "sampled_total": count,
        "sampled_redraws": sum(h.redraws for h in hearts),
        "sampled_cpu_s": round(cpu_s, 2),
        "sampled_min_sj": round(min(h.min_scaled_jacobian for h in hearts), 3),
        "sampled_nearest_pair_mm": round(nearest_pair_mm(hearts), 2),
        "sampled_table": table(hearts, kind),
    }, hearts


def nearest_pair_mm(hearts: Sequence[SampledHeart]) -> float:
    """Least RMS distance between the nodes of two hearts, their middles laid together."""
    flat = np.stack([(h.heart.nodes_mm - h.heart.nodes_mm.mean(axis=0)).ravel() for h in hearts])
    inner = flat @ flat.T
    squares = np.diag(inner)[:, None] + np.diag(inner) - 2 * inner
    np.fill_diagonal(squares, np.inf)
    return float(np.sqrt(max(squares.min(), 0.0) / (flat.shape[1] / 3)))


def table(hearts: Sequence[SampledHeart], kind: Population) -> list[dict[str, Any]]:
    """One row a measure and sex: the sample beside what is published."""
    rows = []
    for name in MEASURES:
        for sex in SEXES:
            values = np.array([getattr(h.measures, name) for h in hearts if h.sex == sex])
            norm = NORMS[kind][sex].get(name)
            if not len(values):
                continue
            row: dict[str, Any] = {"measure": name, "sex": sex, "n": len(values)}
            row |= {"mean": values.mean(), "sd": values.std()}
            row |= {"least": values.min(), "most": values.max()}
            row = {k: round(v, 3) if isinstance(v, float) else v for k, v in row.items()}
            if norm:
                row |= {"published": [round(norm.low, 2), round(norm.high, 2)]}
                row |= {"inside": np.mean([norm.holds(v) for v in values]), "source": norm.source}
            rows.append(row)
    return rows


def carried(sample: SampledHeart) -> dict[str, Any]:
    """Coordinates and fibres that moved with the nodes, against those found anew on the mesh."""
    heart = sample.heart
    anew = build_heart(heart.nodes_mm, heart.tets, heart.surfaces, name="anew")
    figures = {}
    for short, name in (("ab", "apicobasal"), ("tm", "transmural"), ("tv", "transventricular")):
        off = getattr(heart.coordinates, name) - getattr(anew.coordinates, name)
        figures[f"carried_{short}_median"] = round(float(np.median(np.abs(off))), 4)
    turn = np.angle(np.exp(1j * (heart.coordinates.rotational - anew.coordinates.rotational)))
    along = np.abs(np.einsum("ij,ij->i", heart.fibres, anew.fibres)).clip(0, 1)
    figures["carried_rt_median_deg"] = round(float(np.degrees(np.median(np.abs(turn)))), 2)
    figures["carried_fibre_median_deg"] = round(float(np.degrees(np.median(np.arccos(along)))), 2)
    return figures


def ecgs(hearts: Sequence[SampledHeart]) -> dict[str, Any]:
    """QRS, frontal axis, R progression and QT of a healthy beat, and the share that is normal."""
    beats = [simulate(prepare(h.heart)).ecg for h in hearts]
    qrs = np.array([qrs_duration_ms(ecg) for ecg in beats])
    axis = np.array([frontal_axis_deg(ecg) for ecg in beats])
    qt = np.array([qt_ms(ecg) for ecg in beats])
    limits = np.array([QT_MS[h.sex] for h in hearts])
    return {
        "sampled_qrs_ms": spread(qrs),
        "sampled_qrs_normal": share((qrs >= QRS_MS[0]) & (qrs <= QRS_MS[1])),
        "sampled_axis_deg": spread(axis),
        "sampled_axis_normal": share((axis >= AXIS_DEG[0]) & (axis <= AXIS_DEG[1])),
        "sampled_r_progression_normal": share(np.array([r_progression_ok(e) for e in beats])),
        "sampled_qt_ms": spread(qt),
        "sampled_qt_normal": share((qt >= limits[:, 0]) & (qt <= limits[:, 1])),
    }


def spread(values: np.ndarray) -> dict[str, float]:
    """Mean, standard deviation, least and most."""
    found = {"mean": values.mean(), "sd": values.std(), "least": values.min(), "most": values.max()}
    return {name: round(float(value), 1) for name, value in found.items()}


def share(normal: np.ndarray) -> float:
    """Part of the hearts for which it is so."""
    return round(float(np.mean(normal)), 3)


def frontal_axis_deg(ecg: ECG) -> float:
    """Direction of the net QRS in the frontal plane: 0 to the left, 90 down."""
    net = {name: wave.net_mv for name, wave in qrs_waves(ecg).items()}
    return float(np.degrees(np.arctan2((net["II"] + net["III"]) / np.sqrt(3), net["I"])))


def qt_ms(ecg: ECG) -> float:
    """From the begin of the QRS to where the T wave's steepest fall would reach zero.

    Of the root mean square over the leads, by the tangent method (Lepeschkin 1952).
    """
    begin_ms, end_ms = qrs_bounds_ms(ecg)
    strength = np.sqrt((ecg.samples_mv**2).mean(axis=0))
    step_ms = 1000.0 / ecg.fs_hz
    late = int((end_ms + 60.0) / step_ms)
    peak = late + int(np.argmax(strength[late:]))
    slope = np.diff(strength[peak:]) / step_ms
    steepest = int(np.argmin(slope))
    zero_ms = (peak + steepest) * step_ms - strength[peak + steepest] / slope[steepest]
    return float(zero_ms - begin_ms)
