"""Simulated beats made into records of ten seconds, and what the simulator knows about them."""

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from scipy.interpolate import CubicSpline
from slice_hearts import model

from cardiotwin.cohorts import CohortPlan, InfarctTarget, draw_infarct, draw_plan, prepare_infarcts
from cardiotwin.cohorts.case import NO_INFARCT, Case
from cardiotwin.signals import ECG, LEADS
from cardiotwin.signals.leads import derive_leads
from cardiotwin.sim import (
    HEALTHY_ROOTS,
    Beat,
    Tissue,
    healthy,
    move_electrodes,
    root_nodes,
    simulate,
)
from cardiotwin.sim.params import RootSite

FS_HZ, DURATION_MS = 500.0, 10_000.0
#: Of white noise below 100 Hz and drift in each of eight leads, root mean square; of wander and of
#: hum, amplitude. Resting ECGs of hospitals are as noisy.
NOISE_MV, WANDER_MV, HUM_MV = 0.015, 0.15, 0.01
#: P wave: begin and end before the QRS, and height in the standard leads.
P_MS = (-165.0, -60.0)
P_MV = (0.06, 0.11, 0.05, -0.085, 0.005, 0.08, 0.04, 0.06, 0.06, 0.06, 0.05, 0.05)
#: How far roots are moved: apicobasal, rotational, ms. One case in six each has only the roots of
#: the right or of the left ventricle: a bundle branch block.
ROOT_STEP = (0.08, 0.2, 2.0)


class Simulated(NamedTuple):
    """One simulated patient."""

    heart: str
    beat: Beat
    infarct: bool
    block: bool  #: of a bundle branch
    first_ms: float  #: activation
    last_ms: float  #: activation of the last muscle outside the infarct and its border zone
    last_of_all_ms: float  #: the same, border zone included


class Strip(NamedTuple):
    """A record, and where its beats begin."""

    ecg: ECG
    begins_ms: np.ndarray


def simulated(hearts: tuple[str, ...], each: int, seed: int) -> Iterator[Simulated]:
    """Patients on each heart that is at hand: speeds, root sites, electrodes, infarcts vary."""
    for name in hearts:
        ready = model(name)
        if ready is None:
            continue
        infarcts = prepare_infarcts(ready.heart, ready)
        plan = CohortPlan(hearts=(name,), n=each, seed=seed, healthy_share=0.4)
        for case in draw_plan(plan):
            tissue = healthy(len(ready.heart.nodes_mm))
            if case.territory != NO_INFARCT:
                target = InfarctTarget(
                    territory=case.territory,
                    burden=case.target_burden,
                    transmurality=case.target_transmurality,
                    border_mm=case.border_mm,
                )
                tissue = draw_infarct(infarcts, target, np.random.default_rng(case.seed)).tissue
            shift_mm = np.array([case.electrode_x_mm, case.electrode_y_mm, case.electrode_z_mm])
            roots = moved_roots(case)
            if tissue.core[root_nodes(ready.heart, roots)].all():
                continue  # nothing is left to start a beat
            params = replace(case.beat_params, roots=roots)
            beat = simulate(move_electrodes(ready, shift_mm), params, tissue)
            yield patient(name, beat, tissue, len(roots) < len(HEALTHY_ROOTS))


def moved_roots(case: Case) -> tuple[RootSite, ...]:
    """Root sites of a case, each moved at random; without one side in a bundle branch block."""
    rng = np.random.default_rng(case.seed + 1)
    side = {0: "rv", 1: "lv"}.get(case.index % 6, "")
    return tuple(
        replace(
            root,
            apicobasal=float(np.clip(root.apicobasal + up, 0.1, 0.95)),
            rotational=root.rotational + float(turn),
            time_ms=max(0.0, root.time_ms + float(late)),
        )
        for root, (up, turn, late) in zip(
            HEALTHY_ROOTS, rng.normal(size=(len(HEALTHY_ROOTS), 3)) * ROOT_STEP, strict=True
        )
        if root.wall.startswith(side)
    )


def patient(heart: str, beat: Beat, tissue: Tissue, block: bool) -> Simulated:
    """A beat with the times that its ECG should tell."""
    reached = np.isfinite(beat.activation_ms)
    times = beat.activation_ms
    return Simulated(
        heart=heart,
        beat=beat,
        infarct=bool(tissue.core.any()),
        block=block,
        first_ms=float(times[reached].min()),
        last_ms=float(times[reached & (tissue.border == 0)].max()),
        last_of_all_ms=float(times[reached].max()),
    )


def strip(beat: ECG, rng: np.random.Generator) -> Strip:
    """Ten seconds of a beat at 500 Hz, at 57 to 80 a minute, with P waves, noise, wander, hum."""
    rr_ms = rng.uniform(750, 1050)
    begins_ms = np.arange(350.0, DURATION_MS - beat.duration_ms - 150, rr_ms)
    begins_ms = begins_ms + rng.normal(scale=15, size=len(begins_ms))
    t_ms = np.arange(round(DURATION_MS * FS_HZ / 1000)) * (1000 / FS_HZ)
    rest = round(30 * beat.fs_hz / 1000)
    whole = np.pad(beat.samples_mv, ((0, 0), (rest, 0)))
    own_ms = (np.arange(whole.shape[1]) - rest) * (1000 / beat.fs_hz)
    curve, last = CubicSpline(own_ms, whole, axis=1), whole[:, -1:]
    clean = np.zeros((len(LEADS), len(t_ms)))
    for begin_ms in begins_ms:
        after = t_ms - begin_ms
        inside = (after >= own_ms[0]) & (after <= own_ms[-1])
        clean[:, inside] += curve(after[inside])
        late = after > own_ms[-1]
        clean[:, late] += last * np.exp(-(after[late] - own_ms[-1]) / 40)
        clean += np.outer(P_MV, bump((after - P_MS[0]) / (P_MS[1] - P_MS[0])))
    return Strip(ECG(samples_mv=clean + noise(t_ms, rng), fs_hz=FS_HZ, leads=LEADS), begins_ms)


def bump(share: np.ndarray) -> np.ndarray:
    """A raised cosine over 0 to 1."""
    return np.where((share > 0) & (share < 1), 0.5 - 0.5 * np.cos(2 * np.pi * share), 0.0)


def noise(t_ms: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(12, t) Noise that obeys Einthoven: eight leads with their own, the others follow."""
    f_hz = np.fft.rfftfreq(len(t_ms), 1 / FS_HZ)
    colour = np.sqrt(1 / (1 + (f_hz / 100) ** 2) + 1 / np.maximum(f_hz, 0.5))
    own = np.fft.irfft(np.fft.rfft(rng.normal(size=(8, len(t_ms)))) * colour, len(t_ms))
    own *= NOISE_MV / own.std(axis=1, keepdims=True)
    phase = rng.uniform(0, 2 * np.pi, size=(8, 4))
    for k, (cycles_hz, share) in enumerate(((0.1, 0.5), (0.23, 0.4), (0.4, 0.2))):
        own += WANDER_MV * share * np.sin(2 * np.pi * cycles_hz * t_ms / 1000 + phase[:, [k]])
    own += HUM_MV * np.sin(2 * np.pi * 50 * t_ms / 1000 + phase[:, [3]])
    eight = ("I", "II", *LEADS[6:])
    ecg = derive_leads(ECG(samples_mv=own, fs_hz=FS_HZ, leads=eight))
    return ecg.select(LEADS).samples_mv
