"""Reaction-eikonal against the arrival times it is given, and against a resolved wave."""

import numpy as np
import pytest

from cardiotwin.anatomy.shapes import box
from cardiotwin.sim.cells import cell_model
from cardiotwin.sim.diffusion import tet_diffusion
from cardiotwin.sim.kernels.reaction_eikonal import foot
from cardiotwin.sim.monodomain import solve_monodomain
from cardiotwin.sim.reaction_eikonal import solve_reaction_eikonal, travelling_charge
from cardiotwin.sim.stimulus import Stimulus

CELL = cell_model("bueno-orovio-epi")
#: With a third less of the slow outward current: 55 ms longer.
LONG = CELL.with_parameters(tau_so1=1.3 * CELL.parameters.tau_so1)
LENGTH_MM, DIFFUSIVITY = 24.0, 0.117


def bar(spacing_mm):
    """A bar along x, its cells, and where each node lies along it."""
    nodes_mm, tets = box((round(LENGTH_MM / spacing_mm), 1, 1), spacing_mm)
    fibres = np.tile([1.0, 0, 0], (len(tets), 1))
    x_mm = nodes_mm[:, 0]
    far = x_mm >= LENGTH_MM / 2 - 1e-9
    operator = tet_diffusion(nodes_mm, tets, fibres, None, (DIFFUSIVITY, DIFFUSIVITY))
    return operator, [(CELL, ~far), (LONG, far)], x_mm


@pytest.fixture(scope="module")
def resolved():
    """Places along the bar, and when the resolved wave activates and leaves them."""
    operator, cells, x_mm = bar(0.15)
    site = Stimulus(nodes=np.flatnonzero(x_mm < 1.01), strength_mv_per_ms=50.0)
    wave = solve_monodomain(operator, cells, site, duration_ms=480.0, dt_ms=0.025)
    along, first = np.unique(x_mm.round(6), return_index=True)
    return along, wave.activation_ms[first], wave.repolarisation_ms[first]


def coarse(resolved, spacing_mm, *, coupled):
    """Differences in activation and repolarisation from the resolved wave, and x."""
    along, activation_ms, repolarisation_ms = resolved
    operator, cells, x_mm = bar(spacing_mm)
    arrival_ms = np.interp(x_mm, along, activation_ms)
    wave = solve_reaction_eikonal(
        operator, cells, arrival_ms, duration_ms=480.0, coupled=coupled, dt_ms=0.05
    )
    late = wave.repolarisation_ms - np.interp(x_mm, along, repolarisation_ms)
    return wave.activation_ms - arrival_ms, late, x_mm


@pytest.mark.parametrize("coupled", [True, False])
@pytest.mark.parametrize("spacing_mm", [1.0, 2.0])
def test_cells_activate_when_the_eikonal_says(resolved, spacing_mm, coupled):
    early, _, _ = coarse(resolved, spacing_mm, coupled=coupled)
    assert np.abs(early).max() < 0.1  # two steps


def test_repolarisation_is_that_of_resolved_tissue_at_a_tenth_of_its_resolution(resolved):
    _, late, x_mm = coarse(resolved, 1.0, coupled=True)
    away = np.abs(x_mm - LENGTH_MM / 2) > 2
    assert np.abs(late[away]).max() < 2
    # The step of 55 ms lies somewhere between two nodes: half an element of a slope of 10 ms/mm.
    assert np.abs(late).max() < 6


def test_without_coupling_repolarisation_stays_sharp(resolved):
    """What diffusion is for: 55 ms apart, neighbours pull each other by half of that."""
    _, late, _ = coarse(resolved, 1.0, coupled=False)
    assert np.abs(late).max() > 20


def test_coarse_monodomain_alone_gets_the_wave_wrong(resolved):
    """Why the foot is needed: at 1 mm the resolved wave takes 30 ms, this one twice that."""
    _, activation_ms, _ = resolved
    operator, cells, x_mm = bar(1.0)
    site = Stimulus(nodes=np.flatnonzero(x_mm < 1.01), strength_mv_per_ms=50.0)
    wave = solve_monodomain(operator, cells, site, duration_ms=100.0, dt_ms=0.05)
    end = x_mm == LENGTH_MM
    assert wave.activation_ms[end].min() > activation_ms[-1] + 20


def test_all_nodes_at_once_are_one_cell_each():
    """Without gradients diffusion has nothing to do."""
    operator, _, x_mm = bar(2.0)
    still = np.full(len(x_mm), 7.0)
    waves = [
        solve_reaction_eikonal(operator, CELL, still, duration_ms=400.0, coupled=c, dt_ms=0.05)
        for c in (True, False)
    ]
    for wave in waves:
        np.testing.assert_allclose(wave.activation_ms, 7.0, atol=0.06)  # one step
        assert np.ptp(wave.repolarisation_ms) < 1e-6
    np.testing.assert_allclose(waves[0].apd90_ms, waves[1].apd90_ms, atol=1e-6)


@pytest.mark.parametrize("name", ["mitchell-schaeffer", "fenton-karma-br", "ten-tusscher-epi"])
def test_every_kind_of_cell_can_be_started(name):
    cell = cell_model(name)
    operator, _, x_mm = bar(2.0)
    arrival_ms = 5 + x_mm / 0.6
    wave = solve_reaction_eikonal(operator, cell, arrival_ms, duration_ms=60.0, dt_ms=0.02)
    np.testing.assert_allclose(wave.activation_ms, arrival_ms, atol=0.1)  # a few steps


def test_node_that_no_wave_reaches_stays_at_rest_without_coupling():
    operator, _, x_mm = bar(2.0)
    arrival_ms = np.where(x_mm > 12, np.inf, x_mm)
    wave = solve_reaction_eikonal(operator, CELL, arrival_ms, duration_ms=30.0, coupled=False)
    np.testing.assert_array_equal(np.isinf(wave.activation_ms), x_mm > 12)
    np.testing.assert_allclose(wave.v_mv[x_mm > 12], CELL.rest_mv, atol=0.1)


def test_node_activated_at_the_very_start_gets_its_foot_at_once():
    operator, _, x_mm = bar(2.0)
    wave = solve_reaction_eikonal(operator, CELL, x_mm / 0.8, duration_ms=20.0, dt_ms=0.02)
    assert wave.activation_ms[x_mm == 0].max() < 0.1


@pytest.mark.parametrize(
    ("times_ms", "words"),
    [
        (np.zeros(3), r"activation_ms must have shape \(52,\)"),
        (np.full(52, np.inf), "finite nowhere"),
        (np.where(np.arange(52) == 5, np.nan, 0.0), "nan at node 5"),
        (np.where(np.arange(52) == 7, -np.inf, 0.0), "-inf at node 7"),
    ],
)
def test_impossible_arrival_times_are_refused(times_ms, words):
    operator, cells, _ = bar(2.0)
    with pytest.raises(ValueError, match=words):
        solve_reaction_eikonal(operator, cells, times_ms, duration_ms=10.0)


def test_duration_must_be_positive():
    operator, cells, x_mm = bar(2.0)
    with pytest.raises(ValueError, match="duration_ms and threads must be positive, got -1"):
        solve_reaction_eikonal(operator, cells, x_mm, duration_ms=-1)


def test_implicit_and_explicit_diffusion_agree():
    operator, cells, x_mm = bar(1.0)
    explicit, implicit = (
        solve_reaction_eikonal(
            operator, cells, x_mm / 0.8, duration_ms=420.0, dt_ms=0.05, method=method
        )
        for method in ("explicit", "crank-nicolson")
    )
    np.testing.assert_allclose(implicit.activation_ms, explicit.activation_ms, atol=0.01)
    # 0.05 ms, one step: both err by dt squared.
    np.testing.assert_allclose(implicit.repolarisation_ms, explicit.repolarisation_ms, atol=0.05)


def test_threads_change_nothing():
    operator, cells, x_mm = bar(0.5)
    one, two = (
        solve_reaction_eikonal(
            operator, cells, x_mm / 0.8, duration_ms=40.0, dt_ms=0.05, threads=threads
        ).v_mv
        for threads in (1, 2)
    )
    np.testing.assert_array_equal(one, two)


def test_foot_gives_the_whole_charge_however_long_the_steps(rng):
    charge_mv = travelling_charge(CELL)
    activation, total = rng.uniform(0, 20, 5), {}
    for dt_ms in (0.02, 0.3):
        current, given = np.zeros(5), np.zeros(5)
        for k in range(round(30 / dt_ms)):
            begin, end = (k * dt_ms if k else -np.inf), (k + 1) * dt_ms
            axes = np.array([-5.0, 0.02, dt_ms])
            foot(activation, np.arange(5), charge_mv, axes, begin, end, current)
            given += current * dt_ms
        total[dt_ms] = given
        np.testing.assert_allclose(given, charge_mv[-1], rtol=1e-12)


def test_kernel_runs_without_numba(rng):
    activation, charge = np.array([1.0, np.inf, 3.0, -2.0]), np.cumsum(rng.uniform(0, 1, 9))
    nodes, axes = np.array([0, 1, 3]), np.array([-1.0, 0.5, 0.2])
    fast, plain = np.full((2, 4), 7.0)
    foot(activation, nodes, charge, axes, 1.1, 1.3, fast)
    getattr(foot, "py_func", foot)(activation, nodes, charge, axes, 1.1, 1.3, plain)
    np.testing.assert_allclose(plain, fast, rtol=1e-12)
    assert fast[2] == 7.0
    assert fast[1] == 0.0
