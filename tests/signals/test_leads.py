"""Twelve leads: Einthoven's and Goldberger's laws, Wilson's terminal, the slots."""

from itertools import combinations

import numpy as np
import pytest

from cardiotwin.signals import ECG, LEADS, twelve_leads
from cardiotwin.signals.leads import (
    CABRERA,
    cabrera,
    derive_leads,
    einthoven_residual_mv,
    reorder,
    twelve_slots,
)

LIMB = LEADS[:6]
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


@pytest.fixture
def ecg(potentials_mv):
    return ECG(samples_mv=twelve_leads(potentials_mv), fs_hz=500.0, leads=LEADS)


@pytest.mark.parametrize("pair", list(combinations(LIMB, 2)))
def test_any_two_limb_leads_give_all_six(ecg, pair):
    derived = derive_leads(ecg.select(pair))
    assert derived.leads[:2] == pair
    assert set(derived.leads) == set(LIMB)
    np.testing.assert_allclose(
        derived.select(LIMB).samples_mv, ecg.select(LIMB).samples_mv, atol=1e-12
    )


def test_leads_from_one_and_two_leave_no_residual_at_all(rng):
    two = ECG(samples_mv=rng.normal(size=(2, 1000)), fs_hz=500.0, leads=("II", "I"))
    assert einthoven_residual_mv(derive_leads(two)).max() == 0


def test_present_leads_are_never_changed(ecg):
    wrong = ECG(samples_mv=ecg.samples_mv + 1, fs_hz=500.0, leads=LEADS)
    assert derive_leads(wrong) is wrong
    chest = ecg.select(("V1", "aVL"))
    assert derive_leads(chest) is chest


def test_a_gap_in_the_source_is_a_gap_in_what_follows(ecg):
    two = ecg.select(("I", "II"))
    samples_mv = two.samples_mv.copy()
    samples_mv[0, 3] = np.nan
    derived = derive_leads(ECG(samples_mv=samples_mv, fs_hz=500.0, leads=two.leads))
    assert np.flatnonzero(np.isnan(derived.lead("aVF"))).tolist() == [3]
    assert np.flatnonzero(np.isnan(einthoven_residual_mv(derived))).tolist() == [3]


def test_negative_avr_alone_does_not_make_a_pair(ecg):
    both = np.stack([ecg.lead("aVR"), -ecg.lead("aVR")])
    same = ECG(samples_mv=both, fs_hz=500.0, leads=("aVR", "-aVR"))
    assert derive_leads(same) is same
    with_ii = ECG(
        samples_mv=np.stack([-ecg.lead("aVR"), ecg.lead("II")]), fs_hz=500.0, leads=("-aVR", "II")
    )
    np.testing.assert_allclose(derive_leads(with_ii).lead("I"), ecg.lead("I"), atol=1e-12)


def test_residual_is_what_one_lead_is_off(ecg):
    samples_mv = ecg.samples_mv.copy()
    samples_mv[2, 7] += 0.25
    off = ECG(samples_mv=samples_mv, fs_hz=500.0, leads=LEADS)
    residual = einthoven_residual_mv(off)
    assert residual[7] == pytest.approx(0.25)
    assert np.delete(residual, 7).max() < 1e-12
    with pytest.raises(ValueError, match="a residual needs three limb leads; this ECG has I, V1"):
        einthoven_residual_mv(ecg.select(("I", "V1")))


def test_reorder_puts_the_named_leads_first_and_loses_none(ecg):
    mixed = ecg.select(("V3", "aVF", "I"))
    extra = ECG(
        samples_mv=np.vstack([mixed.samples_mv, mixed.samples_mv[:1]]),
        fs_hz=500.0,
        leads=(*mixed.leads, "MLII"),
    )
    assert reorder(extra).leads == ("I", "aVF", "V3", "MLII")
    np.testing.assert_array_equal(reorder(extra).lead("V3"), ecg.lead("V3"))
    assert reorder(ecg.select(LEADS[::-1])).leads == LEADS


def test_cabrera_runs_through_the_frontal_plane(ecg):
    turned = cabrera(ecg)
    assert turned.leads == CABRERA
    np.testing.assert_allclose(turned.lead("-aVR"), -ecg.lead("aVR"), atol=1e-12)
    # A dipole that turns by 30 degrees more peaks one lead further.
    degrees = np.arange(-30, 121, 30)
    i, ii = np.cos(np.radians(degrees)), np.cos(np.radians(degrees - 60))
    # Augmented leads of Goldberger are shorter by root 3 / 2.
    dipole = ECG(samples_mv=np.stack([i, ii]), fs_hz=1.0, leads=("I", "II"))
    gain = np.array([2 / np.sqrt(3), 1, 2 / np.sqrt(3), 1, 2 / np.sqrt(3), 1])
    assert (cabrera(dipole).samples_mv * gain[:, None]).argmax(axis=0).tolist() == list(range(6))
    with pytest.raises(ValueError, match="needs two limb leads; this ECG has V1"):
        cabrera(ecg.select(("V1",)))


def test_leads_find_their_slot_by_name(ecg):
    three = ECG(samples_mv=ecg.samples_mv[[7, 3, 0]], fs_hz=500.0, leads=("v2", "AVR", "I"))
    samples_mv, present = twelve_slots(three)
    assert [name for name, here in zip(LEADS, present, strict=True) if here] == ["I", "aVR", "V2"]
    np.testing.assert_array_equal(samples_mv[present], ecg.samples_mv[[0, 3, 7]])
    assert not samples_mv[~present].any()


def test_a_second_lead_of_a_name_fills_no_slot(ecg):
    two = ECG(samples_mv=ecg.samples_mv[[3, 4]], fs_hz=500.0, leads=("aVR", "aVR (2)"))
    samples_mv, present = twelve_slots(two)
    assert present.tolist() == [name == "aVR" for name in LEADS]
    np.testing.assert_array_equal(samples_mv[3], ecg.lead("aVR"))


def test_leads_in_any_spelling_give_what_follows_from_them(ecg):
    two = ECG(samples_mv=ecg.samples_mv[:2], fs_hz=500.0, leads=("i", "ii"))
    np.testing.assert_allclose(derive_leads(two).lead("AVF"), ecg.lead("aVF"), atol=1e-12)
    assert derive_leads(two, ("AVF",)).leads == ("I", "II", "aVF")
    assert reorder(ecg, ("avf", "v2")).leads[:2] == ("aVF", "V2")


def test_mlii_takes_the_slot_of_ii_only_when_asked_and_free(ecg):
    holter = ECG(samples_mv=ecg.samples_mv[[1, 6]], fs_hz=360.0, leads=("MLII", "V1"))
    assert not twelve_slots(holter)[1][1]
    samples_mv, present = twelve_slots(holter, mlii_as_ii=True)
    assert present[1]
    np.testing.assert_array_equal(samples_mv[1], ecg.lead("II"))
    both = ECG(samples_mv=ecg.samples_mv[[6, 1]], fs_hz=360.0, leads=("MLII", "II"))
    np.testing.assert_array_equal(twelve_slots(both, mlii_as_ii=True)[0][1], ecg.lead("II"))


@pytest.mark.parametrize("leads", [("ECG", "X"), ("aVR (2)",), ()])
def test_slots_refuse_what_fits_none(leads):
    ecg = ECG(samples_mv=np.zeros((len(leads), 5)), fs_hz=500.0, leads=leads)
    with pytest.raises(ValueError, match="slots need a lead that is one of the twelve"):
        twelve_slots(ecg)


def test_one_sample_and_none_pass(ecg):
    for samples in (0, 1):
        short = ECG(samples_mv=ecg.samples_mv[:, :samples], fs_hz=500.0, leads=LEADS)
        assert cabrera(short).samples_mv.shape == (12, samples)
        assert twelve_slots(short)[0].shape == (12, samples)
        assert einthoven_residual_mv(short).shape == (samples,)
