"""Maps of the skin: the same potentials as the electrodes', and zero on the whole."""

from dataclasses import replace

import numpy as np
import pytest

from cardiotwin.sim import Tissue, prepare, simulate
from cardiotwin.sim.action_potential import membrane_potential
from cardiotwin.sim.beat import ecg_of_frames
from cardiotwin.sim.bodies import body_about
from cardiotwin.sim.body_map import body_map, dipole_cells
from cardiotwin.sim.params import Conductivities

TIMES_MS = np.array([20.0, 40.0, 60.0, 250.0])


@pytest.fixture(scope="module")
def v_mv(builtin_model):
    beat = simulate(builtin_model)
    apd_ms = beat.repolarisation_ms - beat.activation_ms
    return membrane_potential(beat.activation_ms, apd_ms, TIMES_MS)


def test_cells_hold_the_dipole_of_the_whole_muscle(builtin):
    cells = dipole_cells(builtin, Conductivities(), np.ones(len(builtin.tets), bool))
    slope = np.array([0.3, -0.2, 0.9])
    along, across = Conductivities().source_strength
    f = builtin.fibres.astype(float)
    gradient = across * slope + (along - across) * (f @ slope)[:, None] * f
    dipole = -(builtin.tet_volumes_mm3[:, None] * gradient).sum(axis=0)
    ours = (cells.moments @ (builtin.nodes_mm @ slope)).reshape(-1, 3).sum(axis=0)
    np.testing.assert_allclose(ours, dipole, rtol=1e-6)


def test_electrodes_put_on_nodes_read_the_map(builtin, v_mv):
    torso = body_about(builtin, "fitted")
    nodes = np.linspace(200, 640, 10).astype(int)
    moved = replace(builtin, electrodes_mm=torso.nodes_mm[nodes])
    ecg = ecg_of_frames(prepare(moved, torso), v_mv, 1000.0)
    at_nodes = body_map(builtin, torso, v_mv)[nodes]
    wilson = at_nodes[:3].mean(axis=0)
    # 1 %: 4 mm cubes here, a 5 mm grid there.
    scale = np.abs(at_nodes).max()
    np.testing.assert_allclose(ecg.samples_mv[6:], at_nodes[4:] - wilson, atol=0.01 * scale)


def test_skin_is_zero_on_the_whole_and_at_rest(builtin, v_mv):
    torso = body_about(builtin, "fitted")
    rest = np.full((len(builtin.nodes_mm), 1), -84.0)
    potentials = body_map(builtin, torso, np.hstack([v_mv, rest]))
    areas = np.bincount(torso.triangles.ravel(), np.repeat(torso.areas_mm2 / 3, 3))
    mean = areas @ potentials / areas.sum()
    np.testing.assert_allclose(mean, 0, atol=0.02 * np.abs(potentials).max())
    np.testing.assert_allclose(potentials[:, -1], 0, atol=1e-9)


def test_dead_muscle_is_silent(builtin, v_mv):
    torso = body_about(builtin, "fitted")
    n = len(builtin.nodes_mm)
    dead = Tissue(core=np.ones(n, bool), border=np.zeros(n, np.float32))
    with pytest.raises(ValueError, match="every node is dead"):
        body_map(builtin, torso, v_mv, tissue=dead)
    half = Tissue(core=np.arange(n) % 2 == 0, border=np.zeros(n, np.float32))
    loud = np.where(half.core[:, None], np.nan, v_mv)
    assert np.isfinite(body_map(builtin, torso, loud, tissue=half)).all()


def test_potentials_of_another_heart_are_refused(builtin):
    with pytest.raises(ValueError, match=r"v_mv must be \(n, t\) with \d+ nodes, got \(7, 2\)"):
        body_map(builtin, body_about(builtin, "fitted"), np.zeros((7, 2)))
