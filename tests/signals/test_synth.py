"""Made-up ECGs: what is told of them is true to the sample, and they obey the laws of leads."""

import numpy as np
import pytest

from cardiotwin.signals import LEADS
from cardiotwin.signals.synth import Morphology, synthetic_ecg


def between(truth, name):
    return zip(getattr(truth, f"{name}_onset_ms"), getattr(truth, f"{name}_offset_ms"), strict=True)


@pytest.mark.parametrize("fs_hz", [100.0, 360.0, 500.0, 1000.0])
def test_voltage_is_zero_outside_the_waves_and_nowhere_else(fs_hz):
    ecg, truth = synthetic_ecg(fs_hz=fs_hz, rate_per_min=70.0, ventricular=(4,))
    inside = np.zeros(ecg.samples_mv.shape[1], dtype=bool)
    for wave in ("p", "qrs", "t"):
        for onset, offset in between(truth, wave):
            inside |= (ecg.times_ms > onset) & (ecg.times_ms < offset)
    busy = np.abs(ecg.samples_mv).max(axis=0) > 0
    assert not busy[~inside].any()
    # At the very edge the raised cosine is below rounding: less than a tenth of a ms.
    assert (busy[inside]).mean() > 0.99


def test_waves_peak_where_it_is_told():
    ecg, truth = synthetic_ecg(fs_hz=2000.0)
    for wave, lead in (("p", "II"), ("qrs", "V5"), ("t", "V3")):
        x = ecg.lead(lead)
        onsets, peaks = getattr(truth, f"{wave}_onset_ms"), getattr(truth, f"{wave}_peak_ms")
        for onset, peak, (_, offset) in zip(onsets, peaks, between(truth, wave), strict=True):
            part = (ecg.times_ms >= onset) & (ecg.times_ms <= offset)
            found = ecg.times_ms[part][np.argmax(x[part])]
            assert abs(found - peak) <= 0.5  # one sample


def test_leads_obey_einthoven_and_goldberger_under_noise_too(rng):
    ecg, _ = synthetic_ecg(rng=rng, noise_mv=0.05, wander_mv=0.3, mains_mv=0.1)
    np.testing.assert_allclose(ecg.lead("I") + ecg.lead("III"), ecg.lead("II"), atol=1e-12)
    total = ecg.lead("aVR") + ecg.lead("aVL") + ecg.lead("aVF")
    np.testing.assert_allclose(total, 0, atol=1e-12)


def test_intervals_are_those_of_the_morphology_and_shrink_with_the_root_of_rr():
    m = Morphology(pr_ms=180.0, qrs_ms=110.0, qt_ms=420.0)
    slow = synthetic_ecg(morphology=m, rate_per_min=60.0).truth
    fast = synthetic_ecg(morphology=m, rate_per_min=240.0).truth
    for truth, root in ((slow, 1.0), (fast, 0.5)):
        np.testing.assert_allclose(truth.qrs_onset_ms - truth.p_onset_ms, 180.0 * root)
        np.testing.assert_allclose(truth.qrs_offset_ms - truth.qrs_onset_ms, 110.0)
        np.testing.assert_allclose(truth.t_offset_ms - truth.qrs_onset_ms, 420.0 * root)


def test_beats_come_at_the_rate_and_stand_whole_in_the_record(rng):
    ecg, truth = synthetic_ecg(rng=rng, duration_s=300.0, rate_per_min=80.0, rr_sd=0.05)
    rr = np.diff(truth.qrs_peak_ms)
    # 400 intervals of 5 % spread: their mean is within 0.25 % (one sigma) of 750 ms.
    assert abs(rr.mean() - 750.0) < 6.0
    assert 0.03 < rr.std() / rr.mean() < 0.06
    assert truth.p_onset_ms[0] >= 0
    assert truth.t_offset_ms[-1] <= ecg.duration_ms


def test_ventricular_beats_come_early_wide_and_without_p():
    _, truth = synthetic_ecg(ventricular=(3,))
    assert truth.labels[3] == "V"
    rr = np.diff(truth.qrs_onset_ms)
    np.testing.assert_allclose(rr[2:4], [650.0, 1350.0])
    assert np.isnan(truth.p_onset_ms[3])
    assert truth.qrs_offset_ms[3] - truth.qrs_onset_ms[3] == pytest.approx(150.0)


def test_fibrillation_has_no_p_irregular_beats_and_f_waves(rng):
    ecg, truth = synthetic_ecg(rng=rng, af=True, duration_s=60.0, rate_per_min=90.0)
    assert np.isnan(truth.p_onset_ms).all()
    rr = np.diff(truth.qrs_peak_ms)
    assert rr.std() / rr.mean() > 0.12
    gap = (ecg.times_ms > truth.t_offset_ms[4]) & (ecg.times_ms < truth.qrs_onset_ms[5])
    assert np.ptp(ecg.lead("V1")[gap]) > 0.04


def test_same_seed_gives_the_same_bytes_and_randomness_needs_a_seed():
    def make():
        return synthetic_ecg(rng=np.random.default_rng(3), noise_mv=0.1, rr_sd=0.1).ecg.samples_mv

    assert make().tobytes() == make().tobytes()
    with pytest.raises(ValueError, match="are random: give an rng"):
        synthetic_ecg(noise_mv=0.1)


def test_any_leads_any_length():
    assert synthetic_ecg(leads=("X", "MLII", "V2")).ecg.leads == ("X", "MLII", "V2")
    both = synthetic_ecg(leads=("II", "MLII")).ecg.samples_mv
    np.testing.assert_array_equal(both[0], both[1])
    assert synthetic_ecg(duration_s=0.0).ecg.samples_mv.shape == (12, 0)
    assert synthetic_ecg(duration_s=0.3).truth.labels == ()
    with pytest.raises(ValueError, match="no lead 'V9'"):
        synthetic_ecg(leads=("V9",))
    with pytest.raises(ValueError, match=r"rate_per_min must lie in 0..300"):
        synthetic_ecg(rate_per_min=0.0)


def test_amplitudes_are_those_of_an_adult():
    ecg, _ = synthetic_ecg()
    height = dict(zip(LEADS, ecg.samples_mv.max(axis=1), strict=True))
    assert 0.8 < height["II"] < 1.6
    assert 0.8 < height["V5"] < 2.0
    assert ecg.lead("V2").min() < -0.5
    assert ecg.lead("aVR").min() < -0.5
