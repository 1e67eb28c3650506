"""Phase singularities: planted ones, moving ones, and a spiral wave."""

import numpy as np
import pytest

from cardiotwin.sim.diffusion import triangle_diffusion
from cardiotwin.sim.mitchell_schaeffer import ATRIAL
from cardiotwin.sim.monodomain import solve_monodomain
from cardiotwin.sim.phase import PhaseRecorder, delayed_phase, phase_singularities
from cardiotwin.sim.regions import State


def sheet(cells, spacing_mm):
    """Right triangles over a rectangle in the plane z = 0."""
    number = np.arange((cells[0] + 1) * (cells[1] + 1)).reshape(cells[0] + 1, cells[1] + 1)
    a, b = number[:-1, :-1].ravel(), number[1:, :-1].ravel()
    c, d = number[1:, 1:].ravel(), number[:-1, 1:].ravel()
    nodes_mm = np.zeros((number.size, 3))
    nodes_mm[:, :2] = spacing_mm * np.indices(number.shape).reshape(2, -1).T
    return nodes_mm, np.concatenate([np.c_[a, b, c], np.c_[a, c, d]])


def angle(nodes_mm, centre_mm):
    away = nodes_mm - centre_mm
    return np.arctan2(away[:, 1], away[:, 0])


def test_a_planted_singularity_is_found_in_its_triangle_with_its_sense():
    nodes_mm, triangles = sheet((9, 9), 1.0)
    centre_mm = np.array([4.3, 4.1, 0])
    for sense in (1, -1):
        found, sign = phase_singularities(sense * angle(nodes_mm, centre_mm), triangles)
        assert np.linalg.norm(nodes_mm[triangles[found]].mean(axis=1) - centre_mm) < 0.5
        assert sign.tolist() == [sense]


def test_a_pair_of_opposite_singularities_is_found():
    nodes_mm, triangles = sheet((20, 9), 1.0)
    phase = angle(nodes_mm, (5.3, 4.1, 0)) - angle(nodes_mm, (14.3, 4.1, 0))
    found, sign = phase_singularities(phase, triangles)
    order = np.argsort(nodes_mm[triangles[found]].mean(axis=1)[:, 0])
    assert sign[order].tolist() == [1, -1]


def test_a_smooth_phase_has_none_even_where_it_jumps_by_a_turn():
    nodes_mm, triangles = sheet((20, 9), 1.0)
    phase = np.angle(np.exp(1j * (0.7 * nodes_mm[:, 0] + 0.3 * nodes_mm[:, 1])))
    assert np.ptp(phase) > 6
    assert phase_singularities(phase, triangles)[0].size == 0


def test_the_phase_goes_once_round_in_an_action_potential():
    time_ms = np.arange(0, 400.0)
    voltage_mv = -80 + 100 * ((time_ms > 50) & (time_ms < 250))
    phase = delayed_phase(voltage_mv[20:], voltage_mv[:-20], -40.0)
    assert np.unwrap(phase)[-1] - phase[0] == pytest.approx(2 * np.pi, abs=1e-9)


def test_a_spiral_wave_keeps_one_singularity_until_it_is_over():
    # A plane wave's back meets refractory tissue in one half only (cross-field start): voltage
    # falls along x, the gate is open in one half of y, so the front curls about their crossing.
    nodes_mm, triangles = sheet((60, 60), 0.8)
    tissue = triangle_diffusion(nodes_mm, triangles, None, 0.1)
    x, y = nodes_mm[:, 0] / 48, nodes_mm[:, 1] / 48
    excited = np.where(x < 0.5, 10.0, -80.0)
    gate = np.where(y < 0.5, 0.2, 1.0)
    watcher = PhaseRecorder(triangles, every_ms=2.0, delay_ms=10.0)
    solve_monodomain(
        tissue,
        ATRIAL,
        (),
        duration_ms=300,
        dt_ms=0.2,
        start=State(excited, (gate[None],)),
        frames=[watcher],
    )
    late = [(time_ms, sign) for time_ms, _, sign in watcher.found if time_ms >= 100]
    times_ms = np.array([time_ms for time_ms, _ in late])
    assert set(np.arange(100, 301, 2.0).round(6)) <= set(times_ms.round(6))
    inside = nodes_mm[triangles[[t for ms, t, _ in watcher.found if ms >= 100]]].mean(axis=1)
    assert ((inside[:, :2] > 2) & (inside[:, :2] < 46)).all()


def test_bad_input_is_refused_by_its_words():
    with pytest.raises(ValueError, match="delay_ms must be at least every_ms"):
        PhaseRecorder([[0, 1, 2]], every_ms=2.0, delay_ms=1.0)
    with pytest.raises(ValueError, match="triangles name node 3"):
        phase_singularities(np.zeros(3), [[0, 1, 3]])
