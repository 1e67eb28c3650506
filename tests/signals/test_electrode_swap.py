"""Exchanged arm electrodes: the exchange is its own inverse, and is seen where V6 tells of it."""

import numpy as np
import pytest

from cardiotwin.signals import ECG, LEADS, twelve_leads
from cardiotwin.signals.electrode_swap import arm_agreement, arms_swapped, with_arms_swapped
from cardiotwin.signals.leads import cabrera, einthoven_residual_mv
from cardiotwin.signals.synth import synthetic_ecg


@pytest.fixture
def ecg(rng):
    return synthetic_ecg(rng=rng, noise_mv=0.02, wander_mv=0.3).ecg


def test_swapped_leads_are_those_of_swapped_electrodes(rng):
    potentials_mv = {
        name: rng.normal(size=40) for name in ("LA", "RA", "LL", "V1", "V2", "V3", "V4", "V5", "V6")
    }
    ecg = ECG(samples_mv=twelve_leads(potentials_mv), fs_hz=500.0, leads=LEADS)
    swapped = {**potentials_mv, "LA": potentials_mv["RA"], "RA": potentials_mv["LA"]}
    found = with_arms_swapped(ecg)
    np.testing.assert_allclose(found.samples_mv, twelve_leads(swapped), atol=1e-12)
    turned = with_arms_swapped(cabrera(ecg))
    np.testing.assert_allclose(turned.samples_mv, cabrera(found).samples_mv, atol=1e-12)


def test_twice_swapped_is_as_before_and_obeys_einthoven(ecg):
    once = with_arms_swapped(ecg)
    assert einthoven_residual_mv(once).max() < 1e-12
    np.testing.assert_allclose(with_arms_swapped(once).samples_mv, ecg.samples_mv, atol=1e-12)


def test_two_limb_leads_are_enough_and_one_is_not(ecg):
    two = with_arms_swapped(ecg.select(("II", "aVL", "V1")))
    whole = with_arms_swapped(ecg)
    np.testing.assert_allclose(
        two.samples_mv, whole.select(("II", "aVL", "V1")).samples_mv, atol=1e-12
    )
    with pytest.raises(ValueError, match="no lead 'III'; this ECG has II"):
        with_arms_swapped(ecg.select(("II",)))


@pytest.mark.parametrize("fs_hz", [100.0, 500.0])
def test_the_swap_is_seen_and_its_absence_too(fs_hz, rng):
    ecg = synthetic_ecg(rng=rng, fs_hz=fs_hz, noise_mv=0.02, wander_mv=0.3).ecg
    assert arm_agreement(ecg) > 0.8
    assert not arms_swapped(ecg)
    assert arms_swapped(with_arms_swapped(ecg))
    assert arm_agreement(with_arms_swapped(ecg)) == pytest.approx(-arm_agreement(ecg))


def test_gain_and_gaps_do_not_matter(ecg):
    louder = ecg.with_samples(10 * ecg.samples_mv + 3)
    assert arm_agreement(louder) == pytest.approx(arm_agreement(ecg), abs=1e-6)
    samples_mv = ecg.samples_mv.copy()
    samples_mv[0, 1000:1500] = np.nan
    samples_mv[11, 3000:3800] = np.nan
    assert arm_agreement(ecg.with_samples(samples_mv)) == pytest.approx(
        arm_agreement(ecg), abs=0.05
    )


def test_what_cannot_be_told_is_nan_and_not_swapped(ecg):
    for silent in (np.zeros((12, 500)), np.full((12, 500), np.nan), np.zeros((12, 0))):
        nothing = ecg.with_samples(silent)
        assert np.isnan(arm_agreement(nothing))
        assert not arms_swapped(nothing)
    with pytest.raises(ValueError, match="no lead 'V6'"):
        arms_swapped(ecg.select(("I", "II")))
