"""A whole heart in the tissue solver: an infarct blocks, its border slows."""

import numpy as np
import pytest

from cardiotwin.sim.mitchell_schaeffer import VENTRICULAR, front_velocity_mm_per_ms
from cardiotwin.sim.monodomain import solve_monodomain
from cardiotwin.sim.muscle import diffusivity_scale, heart_diffusion
from cardiotwin.sim.stimulus import Stimulus, nodes_in_ball
from cardiotwin.sim.tissue import Tissue, healthy

#: Fast enough for fronts of several edges of the heart's mesh.
DIFFUSIVITY = (2.0, 1.0)


def infarct(heart):
    """Core within 12 mm of a place in the left free wall, border within 20 mm."""
    place_mm = heart.nodes_mm[np.argmax(heart.nodes_mm[:, 0])]
    distance_mm = np.linalg.norm(heart.nodes_mm - place_mm, axis=1)
    core = distance_mm < 12
    return Tissue(core=core, border=((distance_mm < 20) & ~core).astype(np.float32))


def apex_beat(heart, tissue):
    operator = heart_diffusion(heart, DIFFUSIVITY, tissue)
    apex_mm = heart.nodes_mm[np.argmin(heart.coordinates.apicobasal)]
    site = Stimulus(nodes=nodes_in_ball(heart.nodes_mm, apex_mm, 6.0), strength_mv_per_ms=50.0)
    wave = solve_monodomain(operator, VENTRICULAR, site, duration_ms=200, dt_ms=0.1, substeps=2)
    return operator, apex_mm, wave


def test_a_wave_reaches_every_node_no_faster_than_along_the_fibres(builtin):
    operator, apex_mm, wave = apex_beat(builtin, healthy(len(builtin.nodes_mm)))
    assert operator.mass.sum() == pytest.approx(builtin.node_volumes_mm3.sum())
    assert np.isfinite(wave.activation_ms).all()
    distance_mm = np.linalg.norm(builtin.nodes_mm - apex_mm, axis=1)
    fastest = front_velocity_mm_per_ms(VENTRICULAR.parameters, DIFFUSIVITY[0])
    # The stimulus lifts a ball of 6 mm at once, and its neighbours by diffusion of some mm.
    far = distance_mm > 30
    speed = (distance_mm[far] - 10) / wave.activation_ms[far]
    assert speed.max() < fastest
    assert speed.max() > 0.6 * fastest


def test_the_core_stays_silent_and_what_lies_behind_is_later(builtin):
    tissue = infarct(builtin)
    _, _, ill = apex_beat(builtin, tissue)
    _, _, well = apex_beat(builtin, None)
    assert np.isinf(ill.activation_ms[tissue.core]).all()
    reached = np.isfinite(ill.activation_ms)
    assert reached[tissue.labels == 0].all()
    assert (ill.activation_ms[reached] - well.activation_ms[reached]).max() > 5


def test_the_border_slows_by_the_square_of_its_speed(builtin):
    tissue = infarct(builtin)
    scale = diffusivity_scale(builtin, tissue, 0.5)
    corners = builtin.tets
    assert (scale[tissue.core[corners].any(axis=1)] == 0).all()
    assert (scale[(tissue.border[corners] == 1).all(axis=1)] == 0.25).all()
    assert (scale[(tissue.labels[corners] == 0).all(axis=1)] == 1).all()


def test_bad_input_is_refused_by_its_words(builtin):
    with pytest.raises(ValueError, match="tissue has 3 nodes, builtin has"):
        heart_diffusion(builtin, DIFFUSIVITY, healthy(3))
    with pytest.raises(ValueError, match="border_speed_ratio must be positive, got 0"):
        diffusivity_scale(builtin, healthy(len(builtin.nodes_mm)), 0.0)
