"""The lead field: closed forms, a naive twin, invariances, and another program's weights."""

import numpy as np
import pytest

from cardiotwin.anatomy.shapes import box
from cardiotwin.sim.action_potential import action_potentials
from cardiotwin.sim.kernels.lead_field import assemble, scatter, sharpen
from cardiotwin.sim.lead_field import APD_STEP_MS, electrode_potentials, lead_field
from cardiotwin.sim.params import Conductivities
from cardiotwin.sim.templates import FOOT_MS
from cardiotwin.sim.torso import lead_vectors

#: Equal inside and outside and in all directions: half of a step in Vm appears outside.
ISOTROPIC = Conductivities(
    intracellular_fibre_s_per_m=1.0,
    intracellular_cross_s_per_m=1.0,
    extracellular_fibre_s_per_m=1.0,
    extracellular_cross_s_per_m=1.0,
)
ANISOTROPIC = Conductivities()


def plain_lead_field(nodes_mm, tets, fibres, leads, conductivities):
    """The same integral, written with inverse matrices, tet by tet."""
    along, across = conductivities.source_strength
    weights = np.zeros((leads.shape[1], len(nodes_mm)))
    for tet, fibre, lead in zip(tets, fibres.astype(float), leads, strict=True):
        corners = np.column_stack([nodes_mm[tet], np.ones(4)])
        slopes = np.linalg.inv(corners)[:3]  # (3, 4) gradient of each hat function
        volume = abs(np.linalg.det(corners)) / 6
        strength = across * np.eye(3) + (along - across) * np.outer(fibre, fibre)
        weights[:, tet] -= volume * lead @ strength @ slopes / (4 * np.pi)
    return weights


def random_fibres(rng, m):
    fibres = rng.normal(size=(m, 3))
    return (fibres / np.linalg.norm(fibres, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture
def muscle(rng):
    """A shaken block with random fibres and four electrodes: arguments of `lead_field`."""
    nodes_mm, tets = box((3, 4, 2), 2.0)
    nodes_mm += rng.uniform(-0.3, 0.3, nodes_mm.shape)
    electrodes_mm = rng.normal(size=(4, 3)) * 40 + [0, 0, 80]
    leads = lead_vectors(nodes_mm[tets].mean(axis=1), electrodes_mm)
    return {
        "nodes_mm": nodes_mm,
        "tets": tets,
        "fibres": random_fibres(rng, len(tets)),
        "lead_vectors": leads,
        "conductivities": ANISOTROPIC,
    }


# The weights


def test_kernel_equals_its_plain_twin(muscle):
    # 1e-6: fibres are single precision.
    np.testing.assert_allclose(
        lead_field(**muscle), plain_lead_field(*muscle.values()), rtol=1e-6, atol=1e-15
    )


def test_muscle_at_one_potential_is_not_seen(muscle, rng):
    active = rng.random(len(muscle["tets"])) < 0.5
    for live in (None, active):
        weights = lead_field(**muscle, active=live)
        np.testing.assert_allclose(weights.sum(axis=1), 0, atol=1e-12 * np.abs(weights).sum())


def test_block_with_a_linear_potential_is_one_dipole(muscle):
    nodes_mm, tets = box((4, 3, 2), 2.0)
    slope, lead = np.array([0.7, -1.1, 0.4]), np.array([2e-4, 5e-4, -1e-4])
    fibre = np.float32([0.6, 0.8, 0])
    weights = lead_field(
        nodes_mm,
        tets,
        np.tile(fibre, (len(tets), 1)),
        np.tile(lead, (len(tets), 1, 1)),
        ANISOTROPIC,
    )
    along, across = ANISOTROPIC.source_strength
    strength = across * np.eye(3) + (along - across) * np.outer(fibre, fibre)
    dipole = -8 * 6 * 4 * strength @ slope  # volume 192 mm3
    np.testing.assert_allclose(weights @ (nodes_mm @ slope), dipole @ lead / (4 * np.pi), rtol=1e-6)


def test_double_layer_is_seen_under_its_solid_angle():
    # A flat front of 60 x 60 mm, 100 mV high, 20 mm from the electrode, isotropic: k/4pi * angle.
    nodes_mm, tets = box((30, 30, 2), 2.0)
    electrode_mm = np.array([[30.0, 30, 22]])
    leads = lead_vectors(nodes_mm[tets].mean(axis=1), electrode_mm)
    weights = lead_field(nodes_mm, tets, np.zeros((len(tets), 3), np.float32), leads, ISOTROPIC)
    v_mv = np.where(nodes_mm[:, 2] < 1, 100.0, np.where(nodes_mm[:, 2] < 3, 50.0, 0.0))
    a, d = 30.0, 20.0
    angle = 4 * np.arcsin(a * a / (a * a + d * d))
    # 2 %: the front is 4 mm thick and the lead vector is taken at centroids.
    np.testing.assert_allclose(weights @ v_mv, 0.5 * 100 * angle / (4 * np.pi), rtol=0.02)


def test_wave_towards_the_electrode_is_positive():
    nodes_mm, tets = box((4, 4, 4), 2.0)
    leads = lead_vectors(nodes_mm[tets].mean(axis=1), np.array([[4.0, 4, 60]]))
    weights = lead_field(nodes_mm, tets, np.zeros((len(tets), 3), np.float32), leads, ISOTROPIC)
    assert weights @ (nodes_mm[:, 2] < 4).astype(float) > 0


def test_rotation_and_units_change_nothing(muscle, rng):
    weights = lead_field(**muscle)
    q, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    q *= np.linalg.det(q)
    turned = {
        **muscle,
        "nodes_mm": muscle["nodes_mm"] @ q.T,
        "fibres": muscle["fibres"] @ q.T.astype(np.float32),
        "lead_vectors": muscle["lead_vectors"] @ q.T,
    }
    np.testing.assert_allclose(lead_field(**turned), weights, rtol=1e-5, atol=1e-12)
    in_cm = {
        **muscle,
        "nodes_mm": muscle["nodes_mm"] / 10,
        "lead_vectors": muscle["lead_vectors"] * 100,
    }
    np.testing.assert_allclose(lead_field(**in_cm), weights, rtol=1e-12, atol=1e-18)


def test_weights_are_linear_in_the_source_strength(muscle):
    weights = lead_field(**{**muscle, "conductivities": ISOTROPIC})
    strong = Conductivities(
        intracellular_fibre_s_per_m=3.0,
        intracellular_cross_s_per_m=3.0,
        extracellular_fibre_s_per_m=1.0,
        extracellular_cross_s_per_m=1.0,
    )
    np.testing.assert_allclose(
        lead_field(**{**muscle, "conductivities": strong}),
        weights * 0.75 / 0.5,
        rtol=1e-9,
        atol=1e-18,
    )


def test_silent_tets_are_left_out(muscle):
    active = np.arange(len(muscle["tets"])) % 3 > 0
    parts = [lead_field(**muscle, active=live) for live in (active, ~active)]
    np.testing.assert_allclose(parts[0] + parts[1], lead_field(**muscle), atol=1e-15)


# The beat


@pytest.fixture
def beat(rng):
    """Weights that add up to zero, activation on samples, durations on the classes."""
    weights = rng.normal(size=(3, 50))
    weights -= weights.mean(axis=1, keepdims=True)
    return (
        weights,
        rng.integers(0, 90, 50).astype(float),
        240 + APD_STEP_MS * rng.integers(0, 9, 50),
    )


def plain_potentials(weights, activation_ms, apd_ms, duration_ms, fs_hz):
    """Membrane potential of every node at every sample, then one product."""
    step_ms = 1000 / fs_hz
    samples = round(duration_ms / step_ms)
    rise = np.zeros((len(activation_ms), samples))
    for node, (start_ms, own_ms) in enumerate(zip(activation_ms, apd_ms, strict=True)):
        if np.isfinite(start_ms):
            rise[node] = action_potentials(
                np.array([own_ms]), duration_ms, step_ms, start_ms=-start_ms
            )[0, :samples]
    return weights @ rise


@pytest.mark.parametrize("fs_hz", [250.0, 500.0, 1000.0, 2000.0])
def test_beat_on_samples_and_classes_equals_its_plain_twin(beat, fs_hz):
    weights, activation_ms, apd_ms = beat
    activation_ms = np.round(activation_ms / 4) * 4
    apd_ms[[0, 1]] = 240, 272  # both ends of the classes
    fast = electrode_potentials(weights, activation_ms, apd_ms, duration_ms=500, fs_hz=fs_hz)
    slow = plain_potentials(weights, activation_ms, apd_ms, 500, fs_hz)
    np.testing.assert_allclose(fast, slow, atol=1e-10 * np.abs(slow).max())


@pytest.mark.parametrize("fs_hz", [250.0, 1000.0, 4000.0])
def test_any_beat_equals_its_plain_twin(beat, rng, fs_hz):
    weights, _, _ = beat
    activation_ms, apd_ms = rng.uniform(-3, 90, 50), rng.uniform(180, 370, 50)
    fast = electrode_potentials(weights, activation_ms, apd_ms, duration_ms=500, fs_hz=fs_hz)
    slow = plain_potentials(weights, activation_ms, apd_ms, 500, fs_hz)
    # Asked is 0.1 % on a heart (benchmarks/solvers_potentials.py: 0.02 %); so few nodes average
    # nothing out.
    assert np.abs(fast - slow).max() < 2e-3 * np.abs(slow).max()


def test_samples_at_a_low_rate_are_every_other_one_of_a_high_rate(beat):
    weights, activation_ms, apd_ms = beat
    high, low = (
        electrode_potentials(weights, activation_ms, apd_ms, duration_ms=500, fs_hz=fs_hz)
        for fs_hz in (1000.0, 250.0)
    )
    np.testing.assert_allclose(low, high[:, ::4], atol=1e-12 * np.abs(high).max())


def test_classes_far_apart_in_time_do_not_wrap_round(beat):
    weights, _, apd_ms = beat
    activation_ms = np.linspace(0.0, 480.0, 50)
    fast = electrode_potentials(weights, activation_ms, apd_ms, duration_ms=500, fs_hz=1000)
    slow = plain_potentials(weights, activation_ms, apd_ms, 500, 1000)
    assert np.abs(fast - slow).max() < 2e-3 * np.abs(slow).max()


def test_node_never_reached_stays_at_rest(beat):
    weights, activation_ms, apd_ms = beat
    activation_ms[:25] = np.inf
    some = electrode_potentials(weights, activation_ms, apd_ms, duration_ms=500, fs_hz=1000)
    rest = electrode_potentials(
        weights[:, 25:], activation_ms[25:], apd_ms[25:], duration_ms=500, fs_hz=1000
    )
    np.testing.assert_allclose(some, rest, atol=1e-9)
    silent = electrode_potentials(weights, np.full(50, np.inf), apd_ms, duration_ms=500, fs_hz=1000)
    np.testing.assert_array_equal(silent, np.zeros((3, 500)))


def test_activation_after_the_end_is_not_seen(beat):
    weights, activation_ms, apd_ms = beat
    activation_ms[0] = 500.1 + FOOT_MS  # what comes before it is the foot of its upstroke
    apd_ms[0] = 5000.0
    late = electrode_potentials(weights, activation_ms, apd_ms, duration_ms=500, fs_hz=1000)
    activation_ms[0] = np.inf
    never = electrode_potentials(weights, activation_ms, apd_ms, duration_ms=500, fs_hz=1000)
    np.testing.assert_array_equal(late, never)


def test_potential_is_back_at_zero_when_all_muscle_is_at_rest(beat):
    fast = electrode_potentials(*beat, duration_ms=600, fs_hz=1000)
    assert np.abs(fast[:, -50:]).max() < 0.01 * np.abs(fast).max()


def test_kernels_run_without_numba(muscle, beat, rng):
    weights, activation_ms, apd_ms = beat
    activation_ms[3] = np.inf
    by_node = np.ascontiguousarray(weights.T)
    strength, work = np.array([0.7, 0.4]), np.empty((3, 4))
    live = np.ones(len(muscle["tets"]), bool)
    block = (muscle["nodes_mm"], muscle["tets"], muscle["fibres"], live, muscle["lead_vectors"])
    wave = (by_node, activation_ms, apd_ms)
    missing = rng.normal(size=(10, 5, 7))
    for compiled, arguments, shape in (
        (assemble, (*block, strength, work), (len(muscle["nodes_mm"]), 4)),
        (scatter, (*wave, np.array([0.0, 1.0, 236, 4]), np.empty(4)), (12, 100, 3)),
        (sharpen, (*wave, np.array([1.0, 240, 4]), 3, missing), (100, 3)),
    ):
        fast, plain = np.zeros(shape), np.zeros(shape)
        compiled(*arguments, fast)
        getattr(compiled, "py_func", compiled)(*arguments, plain)
        np.testing.assert_allclose(plain, fast, rtol=1e-6, atol=1e-12)


# Another program on a real heart (see PROVENANCE.md of the data set)
