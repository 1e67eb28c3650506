"""Bodies by name, what lungs and blood change, and bodies that cannot be."""

from dataclasses import replace

import numpy as np
import pytest

from cardiotwin.anatomy import Torso
from cardiotwin.sim import move_electrodes, prepare, simulate
from cardiotwin.sim.beat import ecg_of_frames
from cardiotwin.sim.bodies import CAVITY_TRIANGLES, body_about
from cardiotwin.sim.volume_conductor import BodyConductivities


@pytest.fixture(scope="module")
def organs(builtin):
    return body_about(builtin, "organs")


def test_bodies_by_name_hold_what_they_say(builtin, organs):
    fitted, lungs = body_about(builtin, "fitted"), body_about(builtin, "lungs")
    assert [len(b.lungs) for b in (fitted, lungs, organs)] == [0, 2, 2]
    assert [len(b.cavities) for b in (fitted, lungs, organs)] == [0, 0, 2]
    assert all(len(c.triangles) <= CAVITY_TRIANGLES for c in organs.cavities)


@pytest.mark.slow
def test_organs_that_conduct_as_the_torso_change_nothing(builtin, builtin_model, organs):
    alike = BodyConductivities(torso_s_per_m=0.2, lung_s_per_m=0.2, blood_s_per_m=0.2)
    same = simulate(prepare(builtin, organs, alike)).ecg.samples_mv
    usual = simulate(builtin_model).ecg.samples_mv
    np.testing.assert_allclose(same, usual, atol=1e-9)


@pytest.mark.slow
def test_organs_change_leads_by_tens_of_percent_and_keep_their_shape(
    builtin, builtin_model, organs
):
    model = prepare(builtin, organs)
    # Next to an ellipsoid of blood that conducts three times as well no field is more than three
    # times what it was, and next to a ball of lung not more than 3 / (2 + 0.2) times.
    ours, usual = (np.linalg.norm(m.lead_vectors, axis=2) for m in (model, builtin_model))
    assert (ours / usual).max() < 3 * 3 / 2.2
    ours, usual = simulate(model).ecg, simulate(builtin_model).ecg
    # Blood strengthens what runs through the wall and weakens what runs along it (Brody 1956),
    # so V1 to V3, where these cancel, take another shape; leads that the wave runs towards do not.
    for name in ("I", "II", "V5", "V6"):
        assert np.corrcoef(ours.lead(name), usual.lead(name))[0, 1] > 0.9, name
    change = np.abs(ours.samples_mv - usual.samples_mv).max() / np.ptp(usual.samples_mv)
    assert 0.02 < change < 0.6
    with pytest.raises(ValueError, match="a body with the heart's blood cannot be moved"):
        move_electrodes(model, np.ones(3))


def test_unknown_body_is_refused(builtin):
    with pytest.raises(ValueError, match="no body 'thorax'; choose fitted, lungs, organs"):
        prepare(builtin, "thorax")


def test_open_skin_is_refused_with_its_place(builtin):
    torso = body_about(builtin, "fitted")
    holed = Torso(nodes_mm=torso.nodes_mm, triangles=torso.triangles[1:])
    with pytest.raises(ValueError, match=r"skin is not closed.*: 3 edges, the first at \("):
        prepare(builtin, holed)


def test_heart_outside_the_skin_is_refused_with_its_place(builtin):
    torso = body_about(builtin, "fitted")
    away = Torso(nodes_mm=torso.nodes_mm + 200.0, triangles=torso.triangles)
    with pytest.raises(ValueError, match=r"the heart sticks out of the torso; .* the first at \("):
        prepare(builtin, away)


@pytest.mark.parametrize(
    ("away_mm", "words"),
    [(400.0, "nodes of the first lung lie outside the skin"), (0.0, "lie in the first lung")],
)
def test_lungs_that_cross_skin_or_heart_are_refused(builtin, organs, away_mm, words):
    lung, wall_mm = organs.lungs[0], builtin.nodes_mm[builtin.surfaces["epi"][0, 0]]
    small_mm = 0.2 * (lung.nodes_mm - lung.nodes_mm.mean(axis=0))
    there = lung._replace(nodes_mm=small_mm + wall_mm + np.array([away_mm, 0, 0]))
    with pytest.raises(ValueError, match=words):
        prepare(builtin, replace(organs, cavities=(), lungs=(there,)))


def test_electrode_in_the_muscle_is_refused_by_name(builtin):
    electrodes_mm = builtin.electrodes_mm.copy()
    electrodes_mm[6] = builtin.centres_mm[50]
    with pytest.raises(ValueError, match=r"electrode V3 at \(.* lies inside the myocardium"):
        prepare(replace(builtin, electrodes_mm=electrodes_mm), None)


def test_frames_of_another_heart_or_not_finite_are_refused(builtin, builtin_model):
    with pytest.raises(ValueError, match=r"v_mv must be \(n, t\) with \d+ nodes of builtin"):
        ecg_of_frames(builtin_model, np.zeros((7, 2)), 1000.0)
    v_mv = np.zeros((len(builtin.nodes_mm), 2))
    v_mv[9, 1] = np.nan
    with pytest.raises(ValueError, match="v_mv is not finite at node 9, frame 1"):
        ecg_of_frames(builtin_model, v_mv, 1000.0)
