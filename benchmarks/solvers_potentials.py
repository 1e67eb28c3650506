"""Figures of potentials: boundary elements, the ECG stage, a virtual patient, bodies compared.

`python benchmarks/solvers_potentials.py` prints them. Those on DTI004 need CARDIOTWIN_DATA.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from slice_cohorts import patient_time
from slice_hearts import model

from cardiotwin.anatomy import Torso
from cardiotwin.sim import Beat, BeatParams, SimModel, healthy, prepare, simulate
from cardiotwin.sim.action_potential import action_potentials
from cardiotwin.sim.beat import lead_weights, twelve_lead_ecg
from cardiotwin.sim.lead_field import electrode_potentials
from cardiotwin.sim.torso import lead_vectors
from cardiotwin.sim.volume_conductor import BodyConductivities, volume_conductor

sys.path.append(str(Path(__file__).parents[1] / "tests" / "sim"))
import spheres  # the closed forms that the tests use

#: Depth of the dipole under the middle of the sphere of 100 mm, and its direction.
DEPTHS_MM, DIPOLE = (0.0, 30.0, 60.0), np.array([0.6, 0.0, 0.8])
PLACES = 400


def directions() -> NDArray[np.float64]:
    """(PLACES, 3) Unit vectors, the same in every run."""
    points = np.random.default_rng(0).normal(size=(PLACES, 3))
    return np.asarray(points / np.linalg.norm(points, axis=1, keepdims=True))


def relative_rms(ours: NDArray[np.float64], exact: NDArray[np.float64]) -> float:
    """Root mean square of the difference over that of the exact values."""
    return float(np.sqrt(np.mean((ours - exact) ** 2) / np.mean(exact**2)))


def sphere_errors(nodes: int) -> list[float]:
    """Error of each depth on an insulated sphere, read at places that are no middles."""
    skin, at = spheres.ball(nodes), directions()
    body = volume_conductor(Torso(nodes_mm=skin.nodes_mm, triangles=skin.triangles))
    points_mm = np.array([[0.0, 0.0, depth] for depth in DEPTHS_MM])
    seen = lead_vectors(points_mm, spheres.RADIUS_MM * at, body) @ DIPOLE
    exact = [spheres.concentric(DIPOLE, depth, at) for depth in DEPTHS_MM]
    return [relative_rms(ours, e) for ours, e in zip(seen, exact, strict=True)]


def boundary_elements() -> dict[str, Any]:
    """The worst of three depths at 500, 2,000 triangles, its order, and a lung of 1/5."""
    coarse, fine = max(sphere_errors(252)), max(sphere_errors(1002))
    skin, lung, at = spheres.ball(1002), spheres.ball(502, 30.0, (0.0, 0.0, 50.0)), directions()
    body = volume_conductor(
        Torso(nodes_mm=skin.nodes_mm, triangles=skin.triangles, lungs=(lung,)),
        BodyConductivities(torso_s_per_m=0.2, lung_s_per_m=0.04),
    )
    seen = lead_vectors(np.array([[0.0, 0.0, -30.0]]), spheres.RADIUS_MM * at, body)[0, :, 2]
    exact = spheres.eccentric(-30.0, at, ball_mm=30.0, middle_mm=50.0, conductivity=0.2)
    return {
        "bem_rel_500": round(coarse, 5),
        "bem_rel_2000": round(fine, 5),
        "bem_order": round(float(np.log(coarse / fine) / np.log(np.sqrt(1000 / 250))), 2),
        "bem_two_spheres_rel": round(relative_rms(seen, exact), 5),
        "bem_reciprocity": reciprocity(),
    }


def reciprocity() -> float:
    """Lead vectors of electrodes against a forward solution for every unit dipole."""
    skin, lung = spheres.ball(252), spheres.ball(130, 30.0, (0.0, 0.0, 50.0))
    body = volume_conductor(Torso(nodes_mm=skin.nodes_mm, triangles=skin.triangles, lungs=(lung,)))
    electrodes_mm = spheres.RADIUS_MM * directions()[:9]
    points_mm = np.random.default_rng(1).uniform(-30.0, 10.0, (20, 3))
    ours = lead_vectors(points_mm, electrodes_mm, body)
    forward = body.forward(points_mm, electrodes_mm)
    return float(np.abs(ours - forward).max() / np.abs(ours).max())


def cpu_ms(work: Callable[[], object], times: int = 21) -> float:
    """Median CPU time of a call, after one that compiles."""
    work()
    spent = []
    for _ in range(times):
        start = time.process_time()
        work()
        spent.append(1e3 * (time.process_time() - start))
    return statistics.median(spent)


def ecg_stage() -> dict[str, Any]:
    """CPU time of `twelve_lead_ecg` on DTI004 at 1 kHz, and its error against W @ Vm."""
    ready = model("dti004")
    if ready is None:
        return {"ecg_ms": None, "ecg_rel_err": None}
    params, tissue = BeatParams(), healthy(len(ready.heart.nodes_mm))
    beat = simulate(ready)
    apd_ms = beat.repolarisation_ms - beat.activation_ms
    spent = cpu_ms(lambda: twelve_lead_ecg(ready, params, tissue, beat.activation_ms, apd_ms))
    return {"ecg_ms": round(spent, 2), "ecg_rel_err": round(ecg_error(ready, beat), 6)}


def ecg_error(ready: SimModel, beat: Beat, duration_ms: float = 600.0) -> float:
    """Largest difference from every node's own action potential at every sample, over the peak.

    Activation is rounded to 0.1 ms, so that the action potentials of nodes are samples of the
    family at their own durations, taken from -activation on.
    """
    activation_ms = np.round(beat.activation_ms, 1)
    apd_ms = beat.repolarisation_ms - beat.activation_ms
    weights = lead_weights(ready, ~np.isfinite(activation_ms), BeatParams().conductivities)
    fast = electrode_potentials(
        weights, activation_ms, apd_ms, duration_ms=duration_ms, fs_hz=1000.0
    )
    slow = np.zeros_like(fast)
    for start_ms in np.unique(activation_ms):
        nodes = np.flatnonzero(activation_ms == start_ms)
        slow += weights[:, nodes] @ action_potentials(
            apd_ms[nodes], duration_ms, 1.0, start_ms=-start_ms
        )
    return float(np.abs(fast - slow).max() / np.abs(slow).max())


def bodies() -> dict[str, Any]:
    """Leads of the healthy beat on DTI004 in other bodies, against the homogeneous torso's."""
    ready = model("dti004")
    if ready is None:
        return {"bodies": None}
    usual = simulate(ready).ecg
    rows = []
    for name, body in (("infinite", None), ("lungs", "lungs"), ("organs", "organs")):
        other = simulate(prepare(ready.heart, body)).ecg  # type: ignore[arg-type]
        for lead in usual.leads:
            one, two = usual.lead(lead), other.lead(lead)
            rows.append(
                {
                    "body": name,
                    "lead": lead,
                    "correlation": round(float(np.corrcoef(one, two)[0, 1]), 3),
                    "gain": round(float(one @ two / (one @ one)), 3),
                }
            )
    return {"bodies": rows}


def patient() -> dict[str, Any]:
    """CPU time of one virtual patient on DTI004."""
    return patient_time()


QUICK = (boundary_elements, ecg_stage, patient)
FULL = (*QUICK, bodies)

if __name__ == "__main__":
    print(json.dumps({k: v for part in FULL for k, v in part().items()}, indent=1))
