"""Gaps, flat lines and clipped peaks: found where they were made, and nowhere else."""

import numpy as np
import pytest

from cardiotwin.signals import ECG, LEADS
from cardiotwin.signals.gaps import emptied, filled, flat, gaps_ms, saturated
from cardiotwin.signals.quality import quality
from cardiotwin.signals.synth import synthetic_ecg

HR = "records500/00000/00539_hr.dat"


def one_lead(values, fs_hz=500.0):
    return ECG(samples_mv=np.array([values], dtype=float), fs_hz=fs_hz, leads=("II",))


def digitised(ecg, step_mv, top_mv=np.inf):
    steps = np.round(np.clip(ecg.samples_mv, -top_mv, top_mv) / step_mv)
    return ecg.with_samples(steps * step_mv)


def test_gaps_are_told_per_lead_in_time(rng):
    ecg, _ = synthetic_ecg(rng=rng, noise_mv=0.01, leads=("I", "II", "V1"))
    samples_mv = ecg.samples_mv.copy()
    samples_mv[1, :50] = np.nan
    samples_mv[1, 300] = np.nan
    samples_mv[2, -10:] = np.nan
    found = gaps_ms(ecg.with_samples(samples_mv))
    assert found.keys() == {"II", "V1"}
    assert found["II"].tolist() == [[0.0, 100.0], [600.0, 602.0]]
    assert found["V1"].tolist() == [[9980.0, 10_000.0]]


def test_line_runs_from_bank_to_bank_and_holds_at_the_ends():
    ecg = one_lead([np.nan, np.nan, 1, np.nan, np.nan, np.nan, 5, 2, np.nan])
    assert filled(ecg).samples_mv[0].tolist() == [1, 1, 1, 2, 3, 4, 5, 2, 2]


def test_baseline_does_not_start_at_the_height_of_an_r_peak(rng):
    ecg, truth = synthetic_ecg(rng=rng, noise_mv=0.01, leads=("V5",))
    samples_mv = ecg.samples_mv.copy()
    peak = round(truth.qrs_peak_ms[4] * 0.5)
    samples_mv[0, peak + 1 : peak + 400] = np.nan
    holed = ecg.with_samples(samples_mv)
    assert filled(holed, by="line").lead("V5")[peak + 1] > 1
    inside = filled(holed, by="baseline").lead("V5")[peak + 1 : peak + 400]
    assert np.abs(inside).max() < 0.05


@pytest.mark.parametrize("by", ["line", "baseline"])
def test_filling_changes_only_gaps_and_emptying_takes_it_back(by, rng):
    ecg, _ = synthetic_ecg(rng=rng, noise_mv=0.05)
    holes = rng.random(ecg.samples_mv.shape) < 0.3
    holed = ecg.with_samples(np.where(holes, np.nan, ecg.samples_mv))
    whole = filled(holed, by=by)
    assert not whole.has_gaps
    np.testing.assert_array_equal(whole.samples_mv[~holes], ecg.samples_mv[~holes])
    np.testing.assert_array_equal(emptied(whole, holed).samples_mv, holed.samples_mv)
    assert filled(ecg, by=by) is ecg


def test_a_lead_without_samples_becomes_zero():
    assert filled(one_lead([np.nan] * 4), by="baseline").samples_mv.tolist() == [[0, 0, 0, 0]]


def test_unfit_questions_are_refused():
    ecg = one_lead([np.nan, 1])
    with pytest.raises(ValueError, match="filled by 'line' or 'baseline', got 'spline'"):
        filled(ecg, by="spline")
    with pytest.raises(ValueError, match=r"same leads and length, got \(1, 2\) and \(1, 1\)"):
        emptied(ecg, one_lead([1]))


@pytest.mark.parametrize("fs_hz", [125.0, 360.0, 500.0])
def test_flat_lines_are_found_to_the_sample(fs_hz, rng):
    ecg, _ = synthetic_ecg(rng=rng, fs_hz=fs_hz, noise_mv=0.01, leads=("I", "II"))
    samples_mv = ecg.samples_mv.copy()
    part = slice(round(3 * fs_hz), round(5.5 * fs_hz))
    samples_mv[1, part] = 0.2
    expected = np.zeros(samples_mv.shape, dtype=bool)
    expected[1, part] = True
    np.testing.assert_array_equal(flat(ecg.with_samples(samples_mv)), expected)


def test_neither_a_gap_nor_a_short_rest_is_flat():
    assert not flat(one_lead([np.nan] * 1000)).any()
    assert not flat(one_lead([1.0, 0.0] * 5 + [0.0] * 490)).any()  # 980 ms
    assert flat(one_lead([1.0, 0.0] * 5 + [0.0] * 500)).sum() == 501


@pytest.mark.parametrize("fs_hz", [125.0, 250.0, 360.0, 500.0, 1000.0])
@pytest.mark.parametrize("noise_mv", [0.0, 0.003, 0.02])
def test_clipped_peaks_are_found_and_whole_ones_are_not(fs_hz, noise_mv, rng):
    ecg, truth = synthetic_ecg(rng=rng, fs_hz=fs_hz, noise_mv=noise_mv, leads=("V5", "V2", "I"))
    for step_mv in (0.001, 0.005):
        assert not saturated(digitised(ecg, step_mv)).any()
    clipped = digitised(ecg, 0.005, top_mv=0.6)  # V5 is 1.3 mV high, V2 0.7 mV deep, I less
    found = saturated(clipped)
    assert not (found[0] & (clipped.lead("V5") < clipped.lead("V5").max())).any()
    # Noise takes some samples off the ceiling, but not the whole of any peak.
    reach = np.abs(ecg.times_ms - truth.qrs_peak_ms[:, None]) < 15
    assert (found[0] & reach).any(axis=1).all()
    if noise_mv == 0:
        assert found[0].sum() == (clipped.lead("V5") == clipped.lead("V5").max()).sum()
    assert not found[2].any()


@pytest.mark.parametrize("end", ["top", "bottom"])
def test_peaks_cut_off_for_two_samples_in_beat_after_beat_are_found(end, rng):
    """As in BIDMC at 125 Hz, where one cut R wave alone could be a narrow one."""
    ecg, truth = synthetic_ecg(
        rng=rng, fs_hz=125.0, duration_s=30.0, rr_sd=0.05, noise_mv=0.02, leads=("V5",)
    )
    whole = digitised(ecg, 0.005)
    assert not saturated(whole).any()
    cut = digitised(ecg, 0.005, top_mv=1.0)  # of 1.3 mV
    upwards = saturated(cut)
    assert (upwards == (cut.samples_mv == cut.samples_mv.max())).all()
    reach = np.abs(ecg.times_ms - truth.qrs_peak_ms[:, None]) < 15
    assert (upwards[0] & reach).any(axis=1).all()
    if end == "bottom":
        np.testing.assert_array_equal(saturated(cut.with_samples(-cut.samples_mv)), upwards)


@pytest.mark.parametrize("rate_per_min", [60.0, 70.0, 75.0])
@pytest.mark.parametrize("fs_hz", [100.0, 125.0, 360.0])
def test_beats_without_noise_end_at_one_height_and_are_not_cut_off(rate_per_min, fs_hz):
    ecg, _ = synthetic_ecg(fs_hz=fs_hz, duration_s=60.0, rate_per_min=rate_per_min)
    for step_mv in (1e-6, 0.001, 0.005):
        assert not saturated(digitised(ecg, step_mv)).any()


def test_a_lead_pinned_to_its_range_is_saturated_and_a_constant_one_is_not(rng):
    pinned = np.concatenate([rng.normal(scale=0.1, size=100), np.full(100, 5.0)])
    assert np.flatnonzero(saturated(one_lead(pinned))[0]).tolist() == list(range(100, 200))
    assert not saturated(one_lead(np.full(200, 5.0))).any()
    assert not saturated(one_lead(np.full(200, np.nan))).any()
    assert not saturated(one_lead([1, 1, 1, 1, np.nan, 2, 2, 2, 2])).any()


@pytest.mark.parametrize("samples", [0, 1, 2, 3])
def test_short_records_pass(samples):
    ecg = ECG(samples_mv=np.zeros((2, samples)), fs_hz=500.0, leads=("I", "II"))
    for finder in (flat, saturated):
        assert finder(ecg).shape == (2, samples)
    assert gaps_ms(ecg) == {}
    assert filled(ecg).samples_mv.shape == (2, samples)
    none = ECG(samples_mv=np.zeros((0, samples)), fs_hz=500.0, leads=())
    assert saturated(none).shape == flat(none).shape == (0, samples)


def test_real_records_are_free_of_clipping_until_they_are_clipped(data_folder):
    stored = np.fromfile(data_folder / "ecg" / "ptb-xl" / HR, dtype="<i2").reshape(-1, 12).T
    ecg = ECG(samples_mv=stored / 1000, fs_hz=500.0, leads=LEADS)
    assert not saturated(ecg).any()
    assert not flat(ecg).any()
    top = 0.5 * ecg.samples_mv.max(axis=1, keepdims=True)
    clipped = np.minimum(ecg.samples_mv, np.round(top, 3))
    found = saturated(ecg.with_samples(clipped))
    high = np.isin(LEADS, ("I", "II", "V4", "V5", "V6"))
    assert found[high].any(axis=1).all()
    assert not (found & (clipped < top - 1e-3)).any()


def test_cut_r_waves_of_bidmc_are_found(data_folder):
    from cardiotwin.signals.datasets import ecg_dataset

    dataset = ecg_dataset("bidmc")
    record = next(r for r in dataset.records() if r.name == "bidmc01")
    ecg = dataset.load(record).ecg.select(["II"])
    at_top = ecg.samples_mv == ecg.samples_mv.max()
    assert at_top.sum() == 1535  # in 729 beats
    assert saturated(ecg)[at_top].all()
    found = quality(ecg)
    named = ["saturated" in found.reasons("II", second) for second in range(480)]
    assert np.mean(named) > 0.9
