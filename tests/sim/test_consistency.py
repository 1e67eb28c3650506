"""Eikonal and monodomain in the same tissue, with D matched to the speeds on the same mesh."""

import numpy as np
import pytest

from cardiotwin.anatomy.shapes import box
from cardiotwin.sim.conduction import matched_diffusivity_mm2_per_ms
from cardiotwin.sim.diffusion import tet_diffusion
from cardiotwin.sim.eikonal import activation_times
from cardiotwin.sim.mitchell_schaeffer import MitchellSchaeffer, mitchell_schaeffer_cell
from cardiotwin.sim.monodomain import solve_monodomain
from cardiotwin.sim.stimulus import Stimulus

SPEEDS, SPACING_MM, STEP_MS = (0.6, 0.45, 0.35), 0.25, 0.05
#: A sharp front, D / c^2 = 0.45 ms, so that it is slowed little where it is curved.
CELL = mitchell_schaeffer_cell("sharp", MitchellSchaeffer(tau_in_ms=0.15, tau_out_ms=8.0))


@pytest.fixture(scope="module")
def diffusivities():
    return [
        matched_diffusivity_mm2_per_ms(CELL, c, spacing_mm=SPACING_MM, dt_ms=STEP_MS)
        for c in SPEEDS
    ]


def both(cells, axes, diffusivities, sources):
    """Activation by the monodomain, less that of its sources, and by the eikonal equation."""
    nodes_mm, tets = box(cells, SPACING_MM)
    fibres, sheets = (np.tile(axis, (len(tets), 1)) for axis in axes[:2])
    site = np.flatnonzero(sources(nodes_mm))
    operator = tet_diffusion(nodes_mm, tets, fibres, sheets, diffusivities)
    pulse = Stimulus(nodes=site, strength_mv_per_ms=50.0)
    wave = solve_monodomain(operator, CELL, pulse, duration_ms=60.0, dt_ms=STEP_MS)
    times_ms = activation_times(
        nodes_mm, tets, fibres=fibres, sheets=sheets, speeds_mm_per_ms=SPEEDS, sources=site
    )
    return nodes_mm, wave.activation_ms - np.median(wave.activation_ms[site]), times_ms


@pytest.mark.parametrize("direction", [0, 1, 2])
def test_plane_wave_runs_at_the_eikonals_speed(diffusivities, direction):
    axes = np.roll(np.eye(3), direction, axis=1)  # x is fibre, normal or sheet
    nodes_mm, mono_ms, eikonal_ms = both((60, 2, 2), axes, diffusivities, lambda x: x[:, 0] < 1.6)
    middle = (nodes_mm[:, 0] > 5) & (nodes_mm[:, 0] < 13)
    slope = np.polyfit(eikonal_ms[middle], mono_ms[middle], 1)[0]
    assert abs(slope - 1) < 0.01  # D is matched to 0.1 %; the eikonal is exact for planes


def test_wave_from_a_corner_arrives_when_the_eikonal_says(diffusivities):
    """But for its curvature: late by up to 2 D / c^2 ln(R / 1.5 mm) = 1.7 ms at 10 mm."""
    corner = both((40, 24, 12), np.eye(3), diffusivities, lambda x: (x < 1.6).all(axis=1))
    _, mono_ms, eikonal_ms = corner
    late_ms = (mono_ms - eikonal_ms)[eikonal_ms > 0]
    assert np.median(np.abs(late_ms)) < 2
    assert np.percentile(np.abs(late_ms), 95) < 2.5
    assert np.percentile(late_ms, 5) > -0.5  # curvature only ever delays it
