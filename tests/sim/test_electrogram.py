"""Electrograms: closed forms, other roads to the same potential, and electrodes in the muscle."""

import numpy as np
import pytest

from cardiotwin.anatomy import Torso
from cardiotwin.anatomy.coarsen import coarsen
from cardiotwin.anatomy.torso import Shell
from cardiotwin.sim import simulate
from cardiotwin.sim.action_potential import membrane_potential
from cardiotwin.sim.bodies import body_about, require_off_muscle, tet_at
from cardiotwin.sim.electrogram import bipolar, electrogram_weights, electrograms


@pytest.fixture(scope="module")
def cavity_mm(builtin):
    """Four places in the left cavity, 4 mm apart along the long axis."""
    middle = builtin.nodes_mm[builtin.surfaces["lv_endo"]].mean(axis=(0, 1))
    base = builtin.nodes_mm[builtin.surfaces["base"]].mean(axis=(0, 1))
    axis = (base - middle) / np.linalg.norm(base - middle)
    return middle + np.arange(4)[:, None] * 4.0 * axis


def test_far_electrode_sees_the_heart_as_one_dipole(builtin):
    far_mm = builtin.nodes_mm.mean(axis=0) + np.array([[2e4, 0, 0], [0, 2e4, 0]])
    weights = electrogram_weights(builtin, far_mm)
    slope = np.array([0.3, -0.2, 0.9])
    along, across = 0.34 / 0.46, 0.060 / 0.140
    f = builtin.fibres.astype(float)
    gradient = across * slope + (along - across) * (f @ slope)[:, None] * f
    dipole = -(builtin.tet_volumes_mm3[:, None] * gradient).sum(axis=0)
    expected = dipole[:2] / (4 * np.pi * 2e4**2)
    # 1 %: the heart is 100 mm across, at 20 m.
    np.testing.assert_allclose(weights @ (builtin.nodes_mm @ slope), expected, rtol=0.01)


def test_cavity_sees_a_negative_qrs(builtin, builtin_model, cavity_mm):
    """The wave runs away from the blood on all sides (Wilson's cavity potential)."""
    beat = simulate(builtin_model)
    apd_ms = beat.repolarisation_ms - beat.activation_ms
    whole = body_about(builtin, "fitted")
    skin = coarsen(Shell(whole.nodes_mm, whole.triangles), 400)
    for torso in (None, Torso(nodes_mm=skin.nodes_mm, triangles=skin.triangles)):
        waves = electrograms(builtin, cavity_mm[:1], beat.activation_ms, apd_ms, torso=torso)
        assert waves.shape == (1, 600)
        assert waves[0, :100].min() < -3 * waves[0, :100].max()


def test_times_and_frames_give_the_same(builtin, builtin_model, cavity_mm):
    beat = simulate(builtin_model)
    apd_ms = beat.repolarisation_ms - beat.activation_ms
    ours = electrograms(builtin, cavity_mm, beat.activation_ms, apd_ms, duration_ms=300.0)
    v_mv = membrane_potential(beat.activation_ms, apd_ms, np.arange(300.0), dtype=np.float32)
    frames = electrogram_weights(builtin, cavity_mm).astype(np.float32) @ v_mv
    # 0.3 %: frames interpolate action potentials of 0.2 ms and classes of 4 ms linearly.
    np.testing.assert_allclose(ours, frames, atol=3e-3 * np.abs(frames).max())


def test_bipolar_is_the_difference_and_sees_less_of_what_is_far(builtin, cavity_mm):
    weights = electrogram_weights(builtin, cavity_mm)
    pairs = bipolar(weights, np.array([[0, 1], [2, 3]]))
    np.testing.assert_array_equal(pairs, weights[[0, 2]] - weights[[1, 3]])
    assert np.abs(pairs).max() < np.abs(weights).max()


def test_pair_without_an_electrode_is_refused():
    with pytest.raises(ValueError, match="pairs name electrode 4, but they run from 0 to 3"):
        bipolar(np.zeros((4, 5)), np.array([[0, 4]]))


def test_electrode_in_the_muscle_is_refused_by_name(builtin):
    inside_mm = builtin.centres_mm[123]
    says = r"at \(.*\) mm lies inside the myocardium, in tetrahedron 123; move it into the blood"
    with pytest.raises(ValueError, match="electrode V3 " + says):
        require_off_muscle(builtin, inside_mm[None], ("V3",))
    with pytest.raises(ValueError, match="electrode 1 " + says):
        electrogram_weights(builtin, np.vstack([np.zeros(3) + 900, inside_mm]))


def test_a_place_is_found_in_its_tetrahedron_alone(builtin, cavity_mm, rng):
    for tet in rng.integers(0, len(builtin.tets), 20):
        shares = rng.dirichlet(np.ones(4))
        assert tet_at(builtin, shares @ builtin.nodes_mm[builtin.tets[tet]]) == tet
    assert all(tet_at(builtin, place) is None for place in cavity_mm)


def test_places_that_are_no_places_are_refused(builtin):
    with pytest.raises(ValueError, match=r"places_mm must be \(e, 3\) finite.*, got shape \(3,\)"):
        electrogram_weights(builtin, np.zeros(3))


def test_electrode_outside_the_body_is_refused(builtin):
    with pytest.raises(ValueError, match=r"electrode 0 .* lies outside the body"):
        electrogram_weights(builtin, np.full((1, 3), 2000.0), torso=body_about(builtin, "fitted"))
