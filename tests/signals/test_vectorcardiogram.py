"""Vectorcardiograms: the published matrices fit each other, and a dipole comes back as it was."""

import numpy as np
import pytest

from cardiotwin.signals import ECG, LEADS
from cardiotwin.signals.leads import einthoven_residual_mv
from cardiotwin.signals.synth import synthetic_ecg
from cardiotwin.signals.vectorcardiogram import (
    AXES,
    DOWER,
    INVERSE_DOWER,
    KORS,
    loop_plane,
    magnitude_mv,
    twelve_leads_of,
    vectorcardiogram,
)


@pytest.fixture
def vcg(rng):
    return ECG(samples_mv=rng.normal(size=(3, 200)), fs_hz=500.0, leads=AXES)


def test_inverse_dower_is_the_least_squares_inverse_to_the_printed_digits():
    # Three decimals are printed: half a unit of the last.
    np.testing.assert_allclose(INVERSE_DOWER, np.linalg.pinv(DOWER), atol=5.1e-4)


def test_kors_sees_the_dipole_of_dower_within_its_torso():
    # Two torsos: 3 to 11 % in size, some cross-talk from Y into Z (0.38, as the matrices say).
    product = KORS @ DOWER
    np.testing.assert_allclose(np.diag(product), 1.0, atol=0.12)
    assert np.abs(product - np.diag(np.diag(product))).max() < 0.4


def test_a_dipole_comes_back_from_the_twelve_leads(vcg):
    back = vectorcardiogram(twelve_leads_of(vcg), method="dower")
    # Eight leads with weights of up to 0.9, each rounded to 5e-4.
    np.testing.assert_allclose(back.samples_mv, vcg.samples_mv, atol=5e-3)


def test_twelve_leads_of_a_dipole_obey_einthoven(vcg):
    ecg = twelve_leads_of(vcg)
    assert ecg.leads == LEADS
    assert einthoven_residual_mv(ecg).max() < 1e-12


@pytest.mark.parametrize("method", ["kors", "dower"])
def test_the_transform_is_linear_and_takes_leads_by_name(method, rng):
    one, two = (
        ECG(samples_mv=rng.normal(size=(12, 50)), fs_hz=500.0, leads=LEADS) for _ in range(2)
    )
    both = one.with_samples(2 * one.samples_mv - 3 * two.samples_mv)
    expected = 2 * vectorcardiogram(one, method=method).samples_mv
    expected -= 3 * vectorcardiogram(two, method=method).samples_mv
    np.testing.assert_allclose(
        vectorcardiogram(both, method=method).samples_mv, expected, atol=1e-12
    )
    mixed = one.select(LEADS[::-1])
    np.testing.assert_array_equal(
        vectorcardiogram(mixed, method=method).samples_mv,
        vectorcardiogram(one, method=method).samples_mv,
    )


def test_any_two_limb_leads_will_do():
    ecg = synthetic_ecg().ecg
    fewer = ecg.select(("aVF", "III", *LEADS[6:]))
    np.testing.assert_allclose(
        vectorcardiogram(fewer).samples_mv, vectorcardiogram(ecg).samples_mv, atol=1e-12
    )


def test_missing_leads_and_unknown_methods_are_named():
    ecg = synthetic_ecg().ecg
    with pytest.raises(ValueError, match="no lead 'V2'; this ECG has I, II, V1"):
        vectorcardiogram(ecg.select(("I", "II", "V1")))
    with pytest.raises(ValueError, match="unknown method 'frank'; choose kors, dower"):
        vectorcardiogram(ecg, method="frank")
    with pytest.raises(ValueError, match="no lead 'X'"):
        magnitude_mv(ecg)


def test_magnitude_does_not_change_when_the_heart_turns(vcg):
    turn, _ = np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))
    turned = vcg.with_samples(turn @ vcg.samples_mv)
    np.testing.assert_allclose(magnitude_mv(turned), magnitude_mv(vcg), rtol=1e-12)
    shuffled = vcg.select(("Z", "X", "Y"))
    np.testing.assert_allclose(magnitude_mv(shuffled), magnitude_mv(vcg), rtol=1e-15)


@pytest.mark.parametrize("sense", [1, -1])
def test_plane_of_a_turned_ellipse_is_found_with_its_sense(sense, rng):
    turn = sense * np.linspace(0, 2 * np.pi, 200, endpoint=False)
    axes, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    axes[:, 2] = np.cross(axes[:, 0], axes[:, 1])
    v = axes[:, :2] @ np.stack([2 * np.cos(turn), 0.5 * np.sin(turn)]) + 0.7
    plane = loop_plane(ECG(samples_mv=v, fs_hz=500.0, leads=AXES))
    np.testing.assert_allclose(plane.normal, sense * axes[:, 2], atol=1e-9)
    assert plane.planarity == pytest.approx(1.0)


def test_noise_in_all_directions_has_no_plane(rng):
    ball = ECG(samples_mv=rng.normal(size=(3, 10_000)), fs_hz=500.0, leads=AXES)
    assert loop_plane(ball).planarity == pytest.approx(2 / 3, abs=0.02)


@pytest.mark.parametrize("samples_mv", [np.zeros((3, 9)), np.ones((3, 2)), np.full((3, 9), np.nan)])
def test_what_is_no_loop_has_no_plane(samples_mv):
    with pytest.raises(ValueError, match="a loop needs three different samples without a gap"):
        loop_plane(ECG(samples_mv=samples_mv, fs_hz=500.0, leads=AXES))


def test_real_leads_come_back_from_three_as_well_as_one_dipole_can(data_folder):
    found = []
    for path in sorted((data_folder / "ecg" / "ptb-xl" / "records500").glob("*/*.dat")):
        stored = np.fromfile(path, dtype="<i2").reshape(-1, 12).T / 1000
        ecg = ECG(samples_mv=stored, fs_hz=500.0, leads=LEADS)
        back = twelve_leads_of(vectorcardiogram(ecg, method="dower"))
        found.append(
            [np.corrcoef(a, b)[0, 1] for a, b in zip(stored, back.samples_mv, strict=True)]
        )
    # Measured: 0.95 over leads and records; 0.78 in aVL, which is small.
    assert np.median(found) > 0.9
    assert np.median(found, axis=0).min() > 0.7
