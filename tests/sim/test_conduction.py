"""Conduction velocity of cables and of activation maps."""

import numpy as np
import pytest

from cardiotwin.anatomy.shapes import box
from cardiotwin.sim.conduction import (
    cable,
    cable_velocity_mm_per_ms,
    local_velocity_mm_per_ms,
    matched_diffusivity_mm2_per_ms,
)
from cardiotwin.sim.mitchell_schaeffer import (
    VENTRICULAR,
    MitchellSchaeffer,
    front_velocity_mm_per_ms,
    mitchell_schaeffer_cell,
)

FRONT = mitchell_schaeffer_cell("front", MitchellSchaeffer(tau_close_ms=1e6))


def test_a_cable_is_finite_differences():
    fibre = cable(2.0, 0.5, 0.1)
    assert fibre.mass.tolist() == [0.25, 0.5, 0.5, 0.5, 0.25]
    expected = np.diag([-0.8] * 5) + np.diag([0.4] * 4, 1) + np.diag([0.4] * 4, -1)
    expected[0, 1] = expected[-1, -2] = 0.8
    assert fibre.matrix().toarray() == pytest.approx(expected)


def test_a_fine_cable_has_the_fronts_closed_form_speed():
    exact = front_velocity_mm_per_ms(FRONT.parameters, 0.1)
    got = cable_velocity_mm_per_ms(FRONT, 0.1, spacing_mm=0.05, dt_ms=0.005)
    # Second order in space: 5e-4 at 0.05 mm; first in time.
    assert got == pytest.approx(exact, rel=2e-3)


@pytest.mark.parametrize("spacing_mm", [0.1, 0.4])
def test_the_matched_diffusivity_gives_the_wanted_speed(spacing_mm):
    diffusivity = matched_diffusivity_mm2_per_ms(VENTRICULAR, 0.5, spacing_mm=spacing_mm)
    got = cable_velocity_mm_per_ms(VENTRICULAR, diffusivity, spacing_mm=spacing_mm)
    assert got == pytest.approx(0.5, rel=1e-3)


def test_a_coarse_mesh_needs_a_larger_diffusivity_for_the_same_speed():
    fine, coarse = (
        matched_diffusivity_mm2_per_ms(VENTRICULAR, 0.5, spacing_mm=spacing_mm)
        for spacing_mm in (0.1, 0.4)
    )
    assert coarse > fine


def test_the_speed_of_a_plane_wave_in_any_direction_is_found_in_every_element(rng):
    direction = rng.standard_normal(3)
    direction /= np.linalg.norm(direction)
    nodes_mm, tets = box((3, 3, 3), 0.7)
    times_ms = nodes_mm @ direction / 0.6
    assert local_velocity_mm_per_ms(nodes_mm, tets, times_ms) == pytest.approx(0.6)


def test_on_a_surface_the_speed_is_that_along_it():
    corners_mm = [[0.0, 0, 0], [1, 0, 1], [0, 1, 0]]
    speed = local_velocity_mm_per_ms(corners_mm, [[0, 1, 2]], [0.0, 2.0, 0.0])
    assert speed == pytest.approx(np.sqrt(2) / 2)


def test_elements_without_activation_have_no_speed_and_those_activated_at_once_no_end():
    nodes_mm = np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 0]])
    times_ms = [1.0, 1.0, 1.0, np.inf]
    speed = local_velocity_mm_per_ms(nodes_mm, [[0, 1, 2], [1, 3, 2]], times_ms)
    assert np.isinf(speed[0])
    assert np.isnan(speed[1])


def test_bad_input_is_refused_by_its_words():
    with pytest.raises(ValueError, match="a cable needs positive lengths"):
        cable(10.0, 0.0, 0.1)
    with pytest.raises(ValueError, match="a cable needs positive lengths"):
        cable(0.5, 0.3, 0.1)
    with pytest.raises(ValueError, match="no wave of mitchell-schaeffer runs along a cable at 2"):
        cable_velocity_mm_per_ms(VENTRICULAR, 0.001, spacing_mm=2.0)
    with pytest.raises(ValueError, match="velocity_mm_per_ms must be positive, got -1"):
        matched_diffusivity_mm2_per_ms(VENTRICULAR, -1.0, spacing_mm=0.2)
    with pytest.raises(ValueError, match="elements must have shape"):
        local_velocity_mm_per_ms(np.zeros((3, 3)), [[0, 1]], np.zeros(3))
