"""Bounds of the QRS of whole beats: P and T beside it, noise, sloping ST, pacing spikes."""

import numpy as np
import pytest

from cardiotwin.signals.ecg import ECG
from cardiotwin.signals.lead_names import LEADS
from cardiotwin.signals.qrs_bounds import qrs_bounds_ms
from cardiotwin.signals.synth import Morphology, synthetic_ecg

FS_HZ = 500.0


def one_beat(**options):
    """The third beat of a made-up ECG from 350 ms before R, with the truth on its clock."""
    ecg, truth = synthetic_ecg(**options)
    start = round((truth.qrs_peak_ms[2] - 350) * FS_HZ / 1000)
    shift = start * 1000 / FS_HZ
    beat = ecg.with_samples(ecg.samples_mv[:, start : start + 500])
    return beat, truth.qrs_onset_ms[2] - shift, truth.qrs_offset_ms[2] - shift


@pytest.mark.parametrize("qrs_ms", [60.0, 92.0, 120.0, 160.0])
def test_the_bounds_of_a_known_beat_are_found(qrs_ms):
    beat, begin_ms, end_ms = one_beat(morphology=Morphology(qrs_ms=qrs_ms))
    found = qrs_bounds_ms(beat, r_ms=350.0)
    # Waves that begin as a raised cosine hide their first few ms below 7 % of the speed.
    np.testing.assert_allclose(found, (begin_ms, end_ms), atol=0.06 * qrs_ms)


def test_a_p_wave_and_its_absence_make_no_difference():
    beat, *_ = one_beat()
    begin = round((350 - 120) * FS_HZ / 1000)
    samples_mv = beat.samples_mv.copy()
    samples_mv[:, :begin] = 0
    without = ECG(samples_mv=samples_mv, fs_hz=FS_HZ, leads=LEADS)
    np.testing.assert_allclose(qrs_bounds_ms(without), qrs_bounds_ms(beat), atol=0.01)


def test_scale_and_polarity_and_a_constant_make_no_difference(rng):
    beat, *_ = one_beat(noise_mv=0.005, rng=rng)
    other = beat.with_samples(-0.3 * beat.samples_mv + 5)
    np.testing.assert_allclose(qrs_bounds_ms(other), qrs_bounds_ms(beat), atol=1e-6)


def test_what_is_left_of_noise_in_a_median_beat_moves_the_bounds_by_little(rng):
    clean, *_ = one_beat()
    found = []
    for _ in range(40):
        noisy = clean.with_samples(clean.samples_mv + rng.normal(scale=0.01, size=(12, 500)))
        found.append(qrs_bounds_ms(noisy, r_ms=350.0))
    away = np.array(found) - qrs_bounds_ms(clean, r_ms=350.0)
    assert np.abs(away.mean(axis=0)).max() < 4  # the limits rise with the noise: bounds draw in
    assert away.std(axis=0).max() < 4


def test_a_sloping_st_segment_is_not_qrs():
    beat, _, end_ms = one_beat()
    t = beat.times_ms
    slope = np.interp(t, [end_ms, end_ms + 130, 600, 999], [0, 0.4, 0, 0])
    sloping = beat.with_samples(beat.samples_mv + slope * np.linspace(-1, 1, 12)[:, None])
    np.testing.assert_allclose(qrs_bounds_ms(sloping, 350.0), qrs_bounds_ms(beat, 350.0), atol=4)


def test_a_late_wave_in_some_leads_is_qrs():
    beat, _, end_ms = one_beat()
    late = 0.25 * np.exp(-(((beat.times_ms - end_ms - 28) / 9) ** 2))
    right = np.array([name in ("V1", "V2", "aVR") for name in LEADS])
    found = qrs_bounds_ms(beat.with_samples(beat.samples_mv + np.outer(right, late)), 350.0)
    assert found[1] == pytest.approx(end_ms + 28 + 2 * 9, abs=6)  # two widths behind its middle


def test_the_spike_of_a_pacemaker_does_not_hide_the_qrs():
    beat, _, end_ms = one_beat(morphology=Morphology(qrs_ms=160.0))
    samples_mv = beat.samples_mv.copy()
    spike = round((qrs_bounds_ms(beat)[0] - 4) * FS_HZ / 1000)
    samples_mv[:, spike] += 3.0
    found = qrs_bounds_ms(beat.with_samples(samples_mv), 350.0)
    assert found[0] == pytest.approx(spike * 1000 / FS_HZ, abs=14)  # it begins with the spike
    assert found[1] == pytest.approx(end_ms, abs=12)


def test_leads_with_gaps_do_not_count():
    beat, *_ = one_beat()
    samples_mv = beat.samples_mv.copy()
    samples_mv[3, 10] = np.nan
    rest = beat.select([name for name in LEADS if name != "aVR"])
    assert qrs_bounds_ms(beat.with_samples(samples_mv)) == qrs_bounds_ms(rest)


@pytest.mark.parametrize("fs_hz", [250.0, 360.0, 1000.0])
def test_the_sampling_rate_makes_little_difference(fs_hz):
    ecg, truth = synthetic_ecg(fs_hz=fs_hz)
    start_ms = truth.qrs_peak_ms[2] - 350
    first = round(start_ms * fs_hz / 1000)
    beat = ecg.with_samples(ecg.samples_mv[:, first : first + round(fs_hz)])
    found = np.array(qrs_bounds_ms(beat)) + first * 1000 / fs_hz - truth.qrs_onset_ms[2]
    beat, begin_ms, _ = one_beat()
    np.testing.assert_allclose(found, np.array(qrs_bounds_ms(beat)) - begin_ms, atol=2)


def test_mistakes_are_named():
    beat, *_ = one_beat()
    with pytest.raises(ValueError, match=r"r_ms must lie within the beat of 1000 ms, got 1000.0"):
        qrs_bounds_ms(beat, 1000.0)
    gone = beat.with_samples(np.full((12, 500), np.nan))
    with pytest.raises(ValueError, match="the ECG is flat"):
        qrs_bounds_ms(gone)
