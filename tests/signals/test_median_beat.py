"""Median beats of records made of one known beat, moved by known fractions of a sample."""

import numpy as np
import pytest

from cardiotwin.signals.ecg import ECG
from cardiotwin.signals.median_beat import median_beat
from cardiotwin.signals.synth import synthetic_ecg

FS_HZ = 500.0
GAINS = np.array([1.0, -0.4, 0.7])


def wave(t_ms):
    """A QRS and a T wave, smooth enough to be read between samples."""
    parts = [(-0.2, -22, 7), (1.2, 0, 9), (-0.35, 24, 8), (0.3, 260, 45)]
    return sum(a * np.exp(-(((t_ms - m) / s) ** 2)) for a, m, s in parts)


def ectopic(t_ms):
    return -1.5 * np.exp(-(((t_ms - 10) / 45) ** 2)) + 0.5 * np.exp(-(((t_ms - 300) / 70) ** 2))


def record(r_ms, shapes=None, noise_mv=0.0, rng=None):
    """An ECG of three leads whose beats stand exactly at `r_ms`, and its rounded R peaks."""
    t_ms = np.arange(0, r_ms[-1] + 900, 1000 / FS_HZ)
    shapes = shapes or [wave] * len(r_ms)
    x = sum(shape(t_ms - r) for shape, r in zip(shapes, r_ms, strict=True))
    samples_mv = GAINS[:, None] * x
    if rng is not None:
        samples_mv = samples_mv + rng.normal(scale=noise_mv, size=samples_mv.shape)
    ecg = ECG(samples_mv=samples_mv, fs_hz=FS_HZ, leads=("I", "V1", "V5"))
    return ecg, np.round(r_ms * FS_HZ / 1000).astype(int)


def jittered(rng, k=20):
    return 600 + 900 * np.arange(k) + rng.uniform(-20, 20, size=k)


def truth_of(beat, late_ms):
    """The known beat on the clock of a median beat whose R peaks were marked so much early."""
    return GAINS[:, None] * wave(beat.ecg.times_ms - beat.r_ms - late_ms)


def test_beats_moved_by_fractions_of_a_sample_give_back_the_beat(rng):
    r_ms = jittered(rng)
    ecg, peaks = record(r_ms)
    beat = median_beat(ecg, peaks)
    late_ms = r_ms - peaks * 1000 / FS_HZ
    assert beat.count == len(peaks)
    np.testing.assert_allclose(beat.shifts_ms, late_ms - late_ms.mean(), atol=1e-3)
    error = np.abs(beat.ecg.samples_mv - truth_of(beat, late_ms.mean())).max()
    assert error < 1e-4  # quintic splines of a wave of 18 ms at 500 Hz
    unaligned = np.median([ecg.samples_mv[0, p - 50 : p + 50] for p in peaks], axis=0)
    exact = wave(np.arange(-100, 100, 1000 / FS_HZ) - late_ms.mean())
    assert np.abs(unaligned - exact).max() > 50 * error


def test_peaks_that_were_marked_ten_ms_off_do_not_matter(rng):
    r_ms = jittered(rng)
    ecg, peaks = record(r_ms)
    off = rng.integers(-8, 9, size=len(peaks))
    moved, plain = median_beat(ecg, peaks + off), median_beat(ecg, peaks)
    late_ms = (r_ms - (peaks + off) * 1000 / FS_HZ).mean()
    np.testing.assert_allclose(moved.ecg.samples_mv, truth_of(moved, late_ms), atol=1e-4)
    assert moved.count == plain.count


def test_noise_falls_with_the_square_root_of_the_number_of_beats(rng):
    left = []
    counts = np.array([8, 32, 128])
    for k in counts:
        r_ms = jittered(rng, k)
        ecg, peaks = record(r_ms, noise_mv=0.05, rng=rng)
        beat = median_beat(ecg, peaks)
        late_ms = (r_ms - peaks * 1000 / FS_HZ).mean()
        left.append((beat.ecg.samples_mv - truth_of(beat, late_ms)).std())
    order = np.polyfit(np.log(counts), np.log(left), 1)[0]
    assert order == pytest.approx(-0.5, abs=0.06)
    # A median of normal values is sqrt(pi / 2) less sure than their mean.
    assert left[-1] == pytest.approx(0.05 * np.sqrt(np.pi / 2 / 128), rel=0.1)


def test_an_ectopic_every_fourth_beat_changes_nothing(rng):
    r_ms = jittered(rng, 24)
    ecg, peaks = record(r_ms)
    shapes = [ectopic if k % 4 == 3 else wave for k in range(24)]
    mixed, _ = record(r_ms, shapes)
    usual = np.array([shape is wave for shape in shapes])
    reach = {"before_ms": 300.0, "after_ms": 600.0}
    beat, alone = median_beat(mixed, peaks, **reach), median_beat(ecg, peaks[usual], **reach)
    np.testing.assert_array_equal(beat.used, usual)
    np.testing.assert_allclose(beat.ecg.samples_mv, alone.ecg.samples_mv, atol=1e-4)


def test_premature_beats_of_a_whole_ecg_stay_out(rng):
    ecg, truth = synthetic_ecg(duration_s=30.0, ventricular=(3, 9, 17), noise_mv=0.01, rng=rng)
    peaks = np.round(truth.qrs_peak_ms * ecg.fs_hz / 1000).astype(int)
    beat = median_beat(ecg, peaks)
    assert not beat.used[np.array(truth.labels) == "V"].any()
    assert beat.count >= len(peaks) - 5


def test_a_noisy_beat_and_one_with_a_gap_stay_out(rng):
    ecg, peaks = record(jittered(rng), noise_mv=0.01, rng=rng)
    samples_mv = ecg.samples_mv.copy()
    samples_mv[:, peaks[4] - 40 : peaks[4] + 40] += rng.normal(scale=0.12, size=(3, 80))
    samples_mv[1, peaks[7] + 60] = np.nan
    beat = median_beat(ECG(samples_mv=samples_mv, fs_hz=FS_HZ, leads=ecg.leads), peaks)
    assert np.flatnonzero(~beat.used).tolist() == [4, 7]
    assert np.isnan(beat.shifts_ms[[4, 7]]).all()


def test_a_lead_that_is_off_most_of_the_time_is_left_out_and_the_others_count(rng):
    ecg, peaks = record(jittered(rng))
    samples_mv = ecg.samples_mv.copy()
    samples_mv[2, : peaks[12]] = np.nan
    beat = median_beat(ECG(samples_mv=samples_mv, fs_hz=FS_HZ, leads=ecg.leads), peaks)
    assert beat.count == len(peaks)
    assert np.isnan(beat.ecg.lead("V5")).all()
    np.testing.assert_allclose(beat.ecg.lead("I"), median_beat(ecg, peaks).ecg.lead("I"), atol=1e-4)


def test_the_window_is_what_was_asked_for(rng):
    ecg, peaks = record(jittered(rng))
    beat = median_beat(ecg, peaks, before_ms=100.0, after_ms=300.0)
    assert beat.ecg.samples_mv.shape == (3, 201)
    assert beat.r_ms == 100.0


def test_one_beat_is_its_own_median(rng):
    ecg, peaks = record(np.array([900.0]))
    beat = median_beat(ecg, peaks)
    assert beat.count == 1
    np.testing.assert_allclose(beat.ecg.samples_mv, truth_of(beat, 0.0), atol=1e-9)


def test_no_beat_is_named():
    ecg, peaks = record(np.array([900.0]))
    for few in (peaks[:0], np.array([3])):
        with pytest.raises(ValueError, match=f"no whole beat among {len(few)} R peaks"):
            median_beat(ecg, few)
    gone = ECG(samples_mv=ecg.samples_mv * np.nan, fs_hz=FS_HZ, leads=ecg.leads)
    with pytest.raises(ValueError, match="no whole beat among 1 R peaks"):
        median_beat(gone, peaks)
