"""Figures on real hearts: the healthy beat, the reference lead field, infarcts' Q waves."""

import os
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from cardiotwin import load_heart
from cardiotwin.anatomy.datasets import find
from cardiotwin.cohorts.infarct import InfarctTarget, draw_infarct, prepare_infarcts
from cardiotwin.signals import (
    ECG,
    pathological_q,
    poor_r_progression,
    qrs_duration_ms,
    qrs_waves,
)
from cardiotwin.sim import SimModel, prepare, simulate
from cardiotwin.sim.lead_field import lead_field
from cardiotwin.sim.params import Conductivities
from cardiotwin.sim.torso import lead_vectors

HEARTS = {"dti004": "dti004", "rodero": "rodero01"}
OTHER_HEARTS = {"builtin": "builtin", "bivme": "bivme_patient1"}
#: Large transmural infarcts: most of the bed of a proximal occlusion.
ANTERIOR = InfarctTarget(territory="LAD", burden=0.30, transmurality=0.85)
INFERIOR = InfarctTarget(territory="RCA", burden=0.25, transmurality=0.85)
SMALLER_ANTERIOR = InfarctTarget(territory="LAD", burden=0.25, transmurality=0.85)
SMALLER_INFERIOR = InfarctTarget(territory="RCA", burden=0.20, transmurality=0.85)
DRAWS = 50


@cache
def model(name: str) -> SimModel | None:
    """A heart ready to beat; None when its data are not at hand."""
    return prepare(load_heart(name)) if name == "builtin" or find(name) else None


def r_progression_ok(ecg: ECG) -> bool:
    """V1 net negative, V5 and V6 net positive, transition in V3 to V5, I and II net positive."""
    net = {name: w.net_mv for name, w in qrs_waves(ecg).items()}
    chest = [net[f"V{k}"] for k in range(1, 7)]
    first_positive = next((k + 1 for k, v in enumerate(chest) if v > 0), 7)
    return (
        net["V1"] < 0
        and net["V5"] > 0
        and net["V6"] > 0
        and 3 <= first_positive <= 5
        and net["I"] > 0
        and net["II"] > 0
    )


def t_wave_ok(ecg: ECG) -> bool:
    """T upright in I, II and V4 to V6, negative in aVR; the larger deflection after 160 ms."""
    after = ecg.times_ms > 160
    t = {name: ecg.lead(name)[after] for name in ecg.leads}
    up = {name: v.max() > -v.min() for name, v in t.items()}
    return all(up[n] for n in ("I", "II", "V4", "V5", "V6")) and not up["aVR"]


def healthy() -> dict[str, Any]:
    """The healthy beat of both hearts."""
    figures: dict[str, Any] = {}
    progression, t_waves, r_ii = [], [], []
    for key, name in HEARTS.items():
        ready = model(name)
        if ready is None:
            figures |= {f"last_activation_{key}_ms": None, f"qrs_{key}_ms": None}
            continue
        beat = simulate(ready)
        figures[f"last_activation_{key}_ms"] = round(beat.last_activation_ms, 2)
        figures[f"qrs_{key}_ms"] = qrs_duration_ms(beat.ecg)
        progression.append(r_progression_ok(beat.ecg))
        t_waves.append(t_wave_ok(beat.ecg))
        r_ii.append(qrs_waves(beat.ecg)["II"].r_mv)
        figures[f"r_lead_ii_{key}_mv"] = round(r_ii[-1], 3)
    both = len(r_ii) == len(HEARTS)
    return figures | {
        "r_progression_ok": all(progression) if both else None,
        "t_wave_ok": all(t_waves) if both else None,
        "r_lead_ii_mv": min(r_ii) if both else None,
    }


def other_hearts() -> dict[str, Any]:
    """The same beat on the built-in heart, and on one that had no part in fitting it."""
    figures: dict[str, Any] = {}
    for key, name in OTHER_HEARTS.items():
        ready = model(name)
        if ready is None:
            figures[f"normal_{key}"] = None
            continue
        beat = simulate(ready)
        figures |= {
            f"last_activation_{key}_ms": round(beat.last_activation_ms, 2),
            f"qrs_{key}_ms": qrs_duration_ms(beat.ecg),
            f"r_lead_ii_{key}_mv": round(qrs_waves(beat.ecg)["II"].r_mv, 3),
            f"normal_{key}": r_progression_ok(beat.ecg) and t_wave_ok(beat.ecg),
        }
    return figures


def lead_field_error() -> dict[str, Any]:
    """Our weights in an infinite medium against the reference's, largest over largest."""
    folder = os.environ.get("CARDIOTWIN_DATA")
    path = Path(folder or ".") / "hearts/dti004_reference/lead_field_weights.npz"
    ready = model("dti004")
    if not path.is_file() or ready is None:
        return {"leadfield_rel": None}
    heart = ready.heart
    reference = np.load(path)["W"]
    half = Conductivities(
        intracellular_fibre_s_per_m=1.0,
        intracellular_cross_s_per_m=1.0,
        extracellular_fibre_s_per_m=1.0,
        extracellular_cross_s_per_m=1.0,
    )
    vectors = lead_vectors(heart.nodes_mm[heart.tets].mean(axis=1), heart.electrodes_mm)
    weights = lead_field(heart.nodes_mm, heart.tets, heart.fibres, vectors, half)
    # Theirs: source strength 1 (ours here is 1/2), no 1/(4 pi), lengths in cm, over the volume.
    volume_cm3 = heart.tet_volumes_mm3.sum() / 1000
    ours = 2 * 4 * np.pi * weights / volume_cm3
    return {"leadfield_rel": float(np.abs(ours - reference).max() / np.abs(reference).max())}


def q_rates() -> dict[str, Any]:
    """Share of large transmural infarcts with Q waves or lost R waves where the wards see them.

    The rule: `signals.pathological_q` in the inferior leads; in the anterior ones
    `signals.pathological_q`, or R waves lost by `signals.poor_r_progression`. The lower rate of
    the two hearts counts, and no healthy heart may fulfil a rule. `smaller` is the same with
    infarcts a fifth smaller, to show how far the rate leans on their size.
    """
    figures: dict[str, Any] = {"q_inferior_rate": None, "q_anterior_rate": None}
    ready = {key: model(name) for key, name in HEARTS.items()}
    if None in ready.values():
        return figures
    for group, large, smaller in (
        ("inferior", INFERIOR, SMALLER_INFERIOR),
        ("anterior", ANTERIOR, SMALLER_ANTERIOR),
    ):
        for key, heart in ready.items():
            figures[f"q_{group}_rate_{key}"] = rate(heart, large, group)
            figures[f"q_{group}_rate_smaller_{key}"] = rate(heart, smaller, group)
        figures[f"q_{group}_rate"] = min(figures[f"q_{group}_rate_{key}"] for key in HEARTS)
    beats = [simulate(heart).ecg for heart in ready.values()]
    healthy_seen = sum(seen(ecg, group) for ecg in beats for group in ("inferior", "anterior"))
    return figures | {"q_in_healthy": healthy_seen}


def rate(ready: SimModel, target: InfarctTarget, group: str) -> float:
    """Share of drawn infarcts that fulfil the rule of a group of leads."""
    infarcts = prepare_infarcts(ready.heart, ready)
    hits = 0
    for seed in range(DRAWS):
        infarct = draw_infarct(infarcts, target, np.random.default_rng(seed))
        hits += seen(simulate(ready, tissue=infarct.tissue).ecg, group)
    return hits / DRAWS


def seen(ecg: ECG, group: str) -> bool:
    """Whether the rule of a territory is fulfilled."""
    lost = group == "anterior" and poor_r_progression(ecg)
    return pathological_q(ecg, group) or lost
