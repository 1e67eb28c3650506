"""Durations over the heart: what coupling evens out, and what it must leave alone."""

import numpy as np
import pytest

from cardiotwin.anatomy import ELECTRODES, SURFACES, Heart, VentricularCoordinates
from cardiotwin.anatomy.shapes import box
from cardiotwin.sim.electrotonus import electrotonic_coupling
from cardiotwin.sim.params import Repolarisation
from cardiotwin.sim.repolarisation import ELECTROTONIC_LENGTH_MM, apd_map, gradient_fields
from cardiotwin.sim.tissue import Tissue, healthy

LENGTH_MM = 60.0


def bar(apicobasal, cells=60, **others):
    """A bar of muscle, 60 mm along x, with the given fields of x in 0..1."""
    spacing_mm = LENGTH_MM / cells
    nodes_mm, tets = box((cells, 2, 2), spacing_mm)
    x = nodes_mm[:, 0] / LENGTH_MM
    fields = {"transmural": x, "rotational": 0 * x, "transventricular": 0 * x, **others}
    axes = np.tile(np.float32([1, 0, 0]), (len(tets), 1))
    return Heart(
        name="bar",
        nodes_mm=nodes_mm,
        tets=tets,
        fibres=axes,
        sheets=axes,
        coordinates=VentricularCoordinates(apicobasal=apicobasal(x), **fields),
        segments=np.zeros(len(x), np.int8),
        surfaces=dict.fromkeys(SURFACES, tets[:1, :3]),
        electrodes_mm=np.zeros((len(ELECTRODES), 3)),
    )


def decay(waves, cells=60):
    """By how much a cosine of some half waves along the bar is evened out."""

    def mode(x):
        return np.cos(waves * np.pi * x)

    heart = bar(mode, cells)
    smooth = gradient_fields(heart).apicobasal
    own = mode(heart.nodes_mm[:, 0] / LENGTH_MM)
    own -= np.average(own, weights=heart.node_volumes_mm3)
    weights = heart.node_volumes_mm3
    return (smooth * own * weights).sum() / (own * own * weights).sum()


@pytest.mark.parametrize("waves", [1, 4, 10])
def test_wave_is_evened_out_over_the_electrotonic_length(waves):
    number_per_mm = waves * np.pi / LENGTH_MM
    exact = 1 / (1 + (ELECTROTONIC_LENGTH_MM * number_per_mm) ** 2)
    # 2 %: 1 mm elements, and lumped masses at a wavelength of 12 mm.
    np.testing.assert_allclose(decay(waves), exact, rtol=0.02)


def test_evening_out_converges_with_the_mesh():
    number_per_mm = 6 * np.pi / LENGTH_MM
    exact = 1 / (1 + (ELECTROTONIC_LENGTH_MM * number_per_mm) ** 2)
    errors = [abs(decay(6, cells) - exact) for cells in (20, 40, 80)]
    assert np.log2(errors[0] / errors[1]) > 1.5
    assert np.log2(errors[1] / errors[2]) > 1.5


def test_constant_stays_a_constant():
    heart = bar(lambda x: np.full_like(x, 0.3))
    np.testing.assert_allclose(gradient_fields(heart).apicobasal, 0, atol=1e-12)


def test_fields_average_to_nothing_over_the_muscle():
    heart = bar(lambda x: x**2, rotational=np.linspace(-3, 3, 61 * 9))
    for field in gradient_fields(heart):
        np.testing.assert_allclose(np.average(field, weights=heart.node_volumes_mm3), 0, atol=1e-12)


def test_mean_duration_is_the_one_asked_for():
    heart = bar(lambda x: x**2)
    params = Repolarisation(apd_ms=300.0, apicobasal_ms=60.0, transmural_ms=-40.0)
    apd_ms = apd_map(gradient_fields(heart), params, healthy(len(heart.nodes_mm)))
    np.testing.assert_allclose(np.average(apd_ms, weights=heart.node_volumes_mm3), 300)


def test_gradient_has_its_sign_and_nearly_its_size():
    heart = bar(lambda x: x)
    params = Repolarisation(
        apd_ms=300.0,
        apicobasal_ms=60.0,
        transmural_ms=1e-9,
        transventricular_ms=1e-9,
        anteroposterior_ms=1e-9,
    )
    apd_ms = apd_map(gradient_fields(heart), params, healthy(len(heart.nodes_mm)))
    x = heart.nodes_mm[:, 0]
    difference_ms = apd_ms[x == LENGTH_MM].mean() - apd_ms[x == 0].mean()
    # Each end of the bar is evened out over one length.
    exact_ms = 60 * (1 - 2 * ELECTROTONIC_LENGTH_MM / LENGTH_MM)
    np.testing.assert_allclose(difference_ms, exact_ms, rtol=0.01)


def border_from(heart, first_mm, share=1.0):
    x = heart.nodes_mm[:, 0]
    border = np.where(x > first_mm, share, 0).astype(np.float32)
    return Tissue(core=np.zeros(len(x), bool), border=border)


def test_border_zone_changes_its_own_duration_only_without_coupling():
    heart = bar(lambda x: x)
    tissue = border_from(heart, 40, 0.5)
    fields, params = gradient_fields(heart), Repolarisation(border_apd_ratio=1.4)
    ratio = apd_map(fields, params, tissue) / apd_map(fields, params, healthy(len(tissue.border)))
    np.testing.assert_allclose(ratio, 1 + 0.4 * tissue.border)


def test_border_zone_passes_smoothly_into_healthy_muscle():
    """The closed form of a step, 84 (1 - exp(-d / l) / 2) inside; its integral is kept."""
    heart = bar(lambda x: 0 * x, transmural=np.zeros(61 * 9), cells=60)
    coupling, fields = electrotonic_coupling(heart), gradient_fields(heart)
    tissue, params = border_from(heart, 30), Repolarisation(border_apd_ratio=1.3)
    usual = apd_map(fields, params, healthy(len(tissue.border)), coupling)
    change = apd_map(fields, params, tissue, coupling) - usual
    depth_mm = heart.nodes_mm[:, 0] - 30.5  # the step lies between two nodes
    decay = np.exp(-np.abs(depth_mm) / ELECTROTONIC_LENGTH_MM) / 2
    exact = 0.3 * 280 * np.where(depth_mm > 0, 1 - decay, decay)
    np.testing.assert_allclose(change, exact, atol=1.0)  # 1 mm elements
    mass, sharp = heart.node_volumes_mm3, 0.3 * usual * tissue.border
    np.testing.assert_allclose((mass * change).sum(), (mass * sharp).sum(), rtol=1e-4)


def test_coupling_changes_nothing_in_a_healthy_heart():
    heart = bar(lambda x: x)
    fields, whole = gradient_fields(heart), healthy(len(heart.nodes_mm))
    with_it = apd_map(fields, Repolarisation(), whole, electrotonic_coupling(heart))
    np.testing.assert_array_equal(with_it, apd_map(fields, Repolarisation(), whole))


@pytest.mark.parametrize(("beats_per_min", "factor"), [(60, 1.0), (480 / 8, 1.0), (125, 0.783)])
def test_durations_change_with_the_cube_root_of_the_cycle(beats_per_min, factor):
    heart = bar(lambda x: x)
    fields, whole = gradient_fields(heart), healthy(len(heart.nodes_mm))
    usual = apd_map(fields, Repolarisation(), whole)
    now = apd_map(fields, Repolarisation(beats_per_min=beats_per_min), whole)
    np.testing.assert_allclose(now / usual, factor, rtol=1e-4)  # 0.48 s: 0.783 (Fridericia 1920)


@pytest.mark.parametrize("beats_per_min", [0, -60, 1000, float("nan")])
def test_impossible_heart_rate_is_refused(beats_per_min):
    with pytest.raises(ValueError, match=r"beats_per_min must lie in 20\.\.300, got"):
        Repolarisation(beats_per_min=beats_per_min)


def test_real_heart_spans_what_it_is_asked_for(dti004):
    """Coupling leaves 1 - 2 l/w tanh(w/2l) of a ramp through a wall: .51 for w = 8, l = 2 mm."""
    fields = gradient_fields(dti004)
    for field in fields:
        np.testing.assert_allclose(np.average(field, weights=dti004.node_volumes_mm3), 0, atol=1e-9)
        assert 0.5 < np.ptp(field) < 1.1
