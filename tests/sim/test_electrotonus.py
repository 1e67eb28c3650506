"""Electrotonic coupling: how far it reaches, in which directions, and what it leaves alone."""

import numpy as np
import pytest

from cardiotwin.anatomy import ELECTRODES, SURFACES, Heart, VentricularCoordinates
from cardiotwin.anatomy.shapes import box
from cardiotwin.sim.electrotonus import ELECTROTONIC_LENGTH_MM, TOLERANCE, electrotonic_coupling
from cardiotwin.sim.params import Conductivities

ALONG, ACROSS = Conductivities().monodomain_s_per_m
LENGTHS_MM = {
    "fibre": ELECTROTONIC_LENGTH_MM,
    "cross": ELECTROTONIC_LENGTH_MM * np.sqrt(ACROSS / ALONG),
}


def bar(direction, cells=(60, 2, 2), spacing_mm=1.0):
    """A bar along x whose fibres run along it or across."""
    nodes_mm, tets = box(cells, spacing_mm)
    along, across = np.tile(np.float32(np.eye(3)[:2, None]), (1, len(tets), 1))
    still = np.zeros(len(nodes_mm))
    return Heart(
        name="bar",
        nodes_mm=nodes_mm,
        tets=tets,
        fibres=along if direction == "fibre" else across,
        sheets=across if direction == "fibre" else along,
        coordinates=VentricularCoordinates(
            apicobasal=still, transmural=still, rotational=still, transventricular=still
        ),
        segments=np.zeros(len(nodes_mm), np.int8),
        surfaces=dict.fromkeys(SURFACES, tets[:1, :3]),
        electrodes_mm=np.zeros((len(ELECTRODES), 3)),
    )


def test_conductivities_of_two_spaces_in_series():
    assert pytest.approx(0.34 * 0.12 / 0.46) == ALONG
    assert pytest.approx(0.060 * 0.080 / 0.14) == ACROSS


@pytest.mark.parametrize("direction", ["fibre", "cross"])
@pytest.mark.parametrize("waves", [1, 5])
def test_cosine_is_evened_out_by_its_wavelength(direction, waves):
    heart = bar(direction, (120, 2, 2), 0.5)
    number_per_mm = waves * np.pi / 60
    cosine = np.cos(number_per_mm * heart.nodes_mm[:, 0])
    exact = cosine / (1 + (LENGTHS_MM[direction] * number_per_mm) ** 2)
    smooth = electrotonic_coupling(heart).smooth(cosine)
    np.testing.assert_allclose(smooth, exact, atol=0.005)  # 0.5 mm elements, lumped mass


@pytest.mark.parametrize("direction", ["fibre", "cross"])
def test_step_becomes_two_exponentials(direction):
    """The closed form in one dimension: 1 - exp(-x / l) / 2 behind the step, exp(x / l) / 2."""
    heart, length_mm = bar(direction, (240, 1, 1), 0.25), LENGTHS_MM[direction]
    x = heart.nodes_mm[:, 0] - 30.125  # the step lies between two nodes
    smooth = electrotonic_coupling(heart).smooth((x > 0).astype(float))
    decay = np.exp(-np.abs(x) / length_mm) / 2
    exact = np.where(x > 0, 1 - decay, decay)
    np.testing.assert_allclose(smooth, exact, atol=2e-3)  # the bar's ends are 9 lengths away


def test_smoothing_converges_with_the_mesh():
    def error(cells):
        heart = bar("fibre", (cells, 1, 1), 60 / cells)
        cosine = np.cos(6 * np.pi * heart.nodes_mm[:, 0] / 60)
        exact = cosine / (1 + (LENGTHS_MM["fibre"] * 6 * np.pi / 60) ** 2)
        return np.abs(electrotonic_coupling(heart).smooth(cosine) - exact).max()

    coarse, fine = error(30), error(60)
    assert 1.7 < np.log2(coarse / fine) < 2.3


def test_mean_over_the_muscle_is_kept(rng):
    heart = bar("cross", (15, 6, 4), 4.0)
    field = rng.uniform(0, 100, len(heart.nodes_mm))
    smooth = electrotonic_coupling(heart).smooth(field)
    mass = heart.node_volumes_mm3
    np.testing.assert_allclose(
        np.average(smooth, weights=mass), np.average(field, weights=mass), rtol=TOLERANCE
    )
    assert np.ptp(smooth) < 0.8 * np.ptp(field)


def test_dead_wall_keeps_both_sides_apart():
    heart = bar("fibre")
    x = heart.nodes_mm[:, 0]
    core = (x > 29) & (x < 32)
    field = np.where(x >= 32, 80.0, 0.0)
    smooth = electrotonic_coupling(heart).smooth(field, core)
    np.testing.assert_allclose(smooth[x <= 29], 0, atol=0.01)
    np.testing.assert_allclose(smooth[x >= 32], 80, atol=0.01)
    np.testing.assert_array_equal(smooth[core], field[core])


def test_dead_wall_is_the_end_of_a_shorter_bar():
    whole, half = bar("fibre", (120, 2, 2)), bar("fibre", (60, 2, 2))
    x = whole.nodes_mm[:, 0]
    cosine = np.cos(3 * np.pi * x / 60)
    cut = electrotonic_coupling(whole).smooth(cosine, x > 60)
    alone = electrotonic_coupling(half).smooth(cosine[x <= 60])
    np.testing.assert_allclose(cut[x <= 60], alone, atol=2 * TOLERANCE)


def test_equal_conductivities_smooth_alike_in_all_directions(rng):
    even = Conductivities(
        intracellular_fibre_s_per_m=0.1,
        intracellular_cross_s_per_m=0.1,
        extracellular_fibre_s_per_m=0.2,
        extracellular_cross_s_per_m=0.2,
    )
    field = rng.uniform(0, 100, 61 * 9)
    along, across = (electrotonic_coupling(bar(d), even).smooth(field) for d in ("fibre", "cross"))
    np.testing.assert_allclose(along, across, atol=1e-9)
