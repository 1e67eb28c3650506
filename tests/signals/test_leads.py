"""Twelve leads: Einthoven's and Goldberger's laws, Wilson's terminal, and what they cannot see."""

import numpy as np
import pytest

from cardiotwin.signals import LEADS, twelve_leads

ELECTRODES = ("LA", "RA", "LL", "V1", "V2", "V3", "V4", "V5", "V6")


@pytest.fixture
def potentials_mv(rng):
    return {name: rng.normal(size=40) for name in ELECTRODES}


@pytest.fixture
def leads(potentials_mv):
    return dict(zip(LEADS, twelve_leads(potentials_mv), strict=True))


def test_limb_leads_obey_einthoven(leads):
    np.testing.assert_allclose(leads["I"] + leads["III"], leads["II"], atol=1e-12)


def test_augmented_leads_obey_goldberger(leads):
    total = leads["aVR"] + leads["aVL"] + leads["aVF"]
    np.testing.assert_allclose(total, 0, atol=1e-12)
    np.testing.assert_allclose(leads["aVR"], -(leads["I"] + leads["II"]) / 2, atol=1e-12)
    np.testing.assert_allclose(leads["aVL"], leads["I"] - leads["II"] / 2, atol=1e-12)
    np.testing.assert_allclose(leads["aVF"], leads["II"] - leads["I"] / 2, atol=1e-12)


def test_chest_leads_are_against_the_mean_of_the_limbs(leads, potentials_mv):
    wilson = (potentials_mv["LA"] + potentials_mv["RA"] + potentials_mv["LL"]) / 3
    for name in LEADS[6:]:
        np.testing.assert_allclose(leads[name], potentials_mv[name] - wilson, atol=1e-12)


def test_potential_of_the_whole_body_is_not_seen(potentials_mv, rng):
    drift = rng.normal(size=40)
    lifted = {name: values + drift for name, values in potentials_mv.items()}
    np.testing.assert_allclose(twelve_leads(lifted), twelve_leads(potentials_mv), atol=1e-12)


def test_twelve_leads_hold_eight_independent_ones(rng):
    many = {name: rng.normal(size=200) for name in ELECTRODES}
    assert np.linalg.matrix_rank(twelve_leads(many)) == 8


def test_right_leg_does_not_matter(potentials_mv):
    with_rl = {**potentials_mv, "RL": np.full(40, 9.0)}
    np.testing.assert_array_equal(twelve_leads(with_rl), twelve_leads(potentials_mv))


def test_missing_electrodes_are_named(potentials_mv):
    del potentials_mv["LL"], potentials_mv["V3"]
    with pytest.raises(ValueError, match="twelve leads need nine electrodes; LL, V3 missing"):
        twelve_leads(potentials_mv)
