"""R peaks: made-up beats with known times, what must not change them, and MIT-BIH."""

import math
from itertools import pairwise

import numpy as np
import pytest
from scipy.signal import butter, sosfiltfilt

from cardiotwin.signals.ecg import ECG
from cardiotwin.signals.kernels.beat_chain import best_chain, peaks_apart
from cardiotwin.signals.r_peaks import Rhythm, r_peaks, r_peaks_of_chunks, rr_ms
from cardiotwin.signals.scores import Score, score_beats
from cardiotwin.signals.steepness import steepness
from cardiotwin.signals.synth import Morphology, synthetic_ecg


def scored(ecg, true_ms, tolerance_ms=20.0, leads=None):
    """Score of the peaks found; 20 ms is a fifth of a QRS."""
    return score_beats(r_peaks(ecg, leads=leads) * 1000 / ecg.fs_hz, true_ms, tolerance_ms)


def one_lead(samples_mv, fs_hz=360.0):
    return ECG(samples_mv=np.asarray(samples_mv)[None], fs_hz=fs_hz, leads=("II",))


def all_found(true_ms):
    return Score(hits=len(true_ms))


@pytest.mark.parametrize("fs_hz", [60.0, 100.0, 125.0, 250.0, 360.0, 500.0, 1000.0])
def test_every_beat_is_found_at_any_rate_of_sampling(fs_hz):
    ecg, truth = synthetic_ecg(fs_hz=fs_hz, rate_per_min=72)
    assert scored(ecg, truth.qrs_peak_ms) == all_found(truth.qrs_peak_ms)
    assert scored(ecg, truth.qrs_peak_ms, leads=["II"]) == all_found(truth.qrs_peak_ms)


@pytest.mark.parametrize("rate_per_min", [20, 25, 40, 60, 120, 180, 220])
@pytest.mark.parametrize("qrs_ms", [92.0, 150.0])
def test_every_beat_is_found_at_any_heart_rate(rate_per_min, qrs_ms):
    morphology = Morphology(qrs_ms=qrs_ms)
    ecg, truth = synthetic_ecg(duration_s=30, rate_per_min=rate_per_min, morphology=morphology)
    assert scored(ecg, truth.qrs_peak_ms, 50, ["II"]) == all_found(truth.qrs_peak_ms)


@pytest.mark.parametrize("lead", ["I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V4", "V6"])
def test_every_lead_alone_shows_every_beat(lead):
    ecg, truth = synthetic_ecg(fs_hz=250, rate_per_min=80)
    assert scored(ecg, truth.qrs_peak_ms, 40, [lead]) == all_found(truth.qrs_peak_ms)


@pytest.mark.parametrize("factor", [0.02, 0.1, 5.0, -1.0, -0.1])
def test_amplitude_and_polarity_do_not_matter(factor):
    ecg, _ = synthetic_ecg(rng=np.random.default_rng(0), noise_mv=0.02, rr_sd=0.1)
    np.testing.assert_array_equal(
        r_peaks(ecg.with_samples(factor * ecg.samples_mv), leads=["II"]),
        r_peaks(ecg, leads=["II"]),
    )


def test_time_reversed_or_offset_the_beats_are_the_same():
    ecg, truth = synthetic_ecg(rate_per_min=75, fs_hz=500)
    shifted = ecg.with_samples(ecg.samples_mv + 3.0)
    np.testing.assert_array_equal(r_peaks(shifted), r_peaks(ecg))
    last_ms = (ecg.samples_mv.shape[1] - 1) * 2.0
    backwards = ecg.with_samples(ecg.samples_mv[:, ::-1])
    assert scored(backwards, last_ms - truth.qrs_peak_ms) == all_found(truth.qrs_peak_ms)


def test_fibrillation_and_ventricular_beats_are_found():
    rng = np.random.default_rng(2)
    ecg, truth = synthetic_ecg(rng=rng, af=True, duration_s=60)
    assert scored(ecg, truth.qrs_peak_ms, 20, ["II"]) == all_found(truth.qrs_peak_ms)
    ecg, truth = synthetic_ecg(ventricular=(3, 9, 20), duration_s=60)
    assert scored(ecg, truth.qrs_peak_ms, 60, ["II"]) == all_found(truth.qrs_peak_ms)


def test_mains_wander_and_noise_do_not_hide_beats():
    rng = np.random.default_rng(3)
    ecg, truth = synthetic_ecg(rng=rng, duration_s=60, mains_mv=0.5, wander_mv=1.0, noise_mv=0.1)
    assert scored(ecg, truth.qrs_peak_ms, 20, ["II"]) == all_found(truth.qrs_peak_ms)


def test_the_first_and_the_last_beat_need_no_learning():
    ecg, truth = synthetic_ecg(duration_s=3, rate_per_min=70)
    assert scored(ecg, truth.qrs_peak_ms) == all_found(truth.qrs_peak_ms)


def test_a_single_beat_in_silence_is_one_beat():
    ecg, truth = synthetic_ecg(duration_s=10, rate_per_min=60)
    around = np.abs(ecg.times_ms - truth.qrs_peak_ms[4] - 80) < 420  # from before P to after T
    alone = ecg.with_samples(ecg.samples_mv * around)
    assert scored(alone, truth.qrs_peak_ms[4:5]) == Score(hits=1)
    part = ecg.cut(truth.qrs_peak_ms[4] - 340, truth.qrs_peak_ms[4] + 500)
    assert len(r_peaks(part)) == 1


def test_a_pause_of_six_seconds_stays_empty():
    ecg, truth = synthetic_ecg(duration_s=40, rate_per_min=60)
    first, last = truth.t_offset_ms[16], truth.p_onset_ms[23]
    silent = (ecg.times_ms > first) & (ecg.times_ms < last)
    kept = (truth.qrs_peak_ms < first) | (truth.qrs_peak_ms > last)
    noise = 0.01 * np.random.default_rng(4).standard_normal(ecg.samples_mv.shape)
    paused = ecg.with_samples(np.where(silent, 0.0, ecg.samples_mv) + noise)
    assert scored(paused, truth.qrs_peak_ms[kept], 20, ["II"]) == all_found(truth.qrs_peak_ms[kept])


def test_an_escape_beat_alone_in_a_pause_is_kept():
    ecg, truth = synthetic_ecg(duration_s=40, rate_per_min=60)
    t, samples_mv = ecg.times_ms, ecg.samples_mv.copy()
    for first, last in ((15, 20), (20, 25)):
        silent = (t > truth.t_offset_ms[first]) & (t < truth.p_onset_ms[last])
        samples_mv[:, silent] = 0.0
    true_ms = np.delete(truth.qrs_peak_ms, [16, 17, 18, 19, 21, 22, 23, 24])
    assert scored(ecg.with_samples(samples_mv), true_ms, 20, ["II"]) == all_found(true_ms)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("left", ["white noise", "slow noise", "P waves"])
def test_half_a_minute_of_asystole_has_no_beats(left, seed):
    rng = np.random.default_rng(seed)
    ecg, truth = synthetic_ecg(
        rng=rng, fs_hz=360, duration_s=60, rate_per_min=70, noise_mv=0.005, leads=("II",)
    )
    start, stop = 20 * 360, 50 * 360
    white = rng.standard_normal(stop - start)
    slow = sosfiltfilt(butter(2, [1, 30], "bandpass", fs=360, output="sos"), white)
    p_waves = 0.1 * np.tile(np.append(np.hanning(36), np.zeros(264)), 36)
    samples_mv = ecg.samples_mv.copy()
    samples_mv[0, start:stop] = {
        "white noise": 0.01 * white,
        "slow noise": 0.005 * slow / slow.std(),
        "P waves": 0.01 * white + p_waves,
    }[left]
    found_s = r_peaks(ecg.with_samples(samples_mv)) / ecg.fs_hz
    assert not ((found_s > 20.3) & (found_s < 49.7)).any()
    beats_s = truth.qrs_peak_ms[(truth.qrs_peak_ms < 19_500) | (truth.qrs_peak_ms > 50_500)] / 1000
    assert np.abs(found_s[:, None] - beats_s).min(axis=0).max() < 0.02


def test_noise_a_hundred_times_as_high_for_half_a_minute_does_not_hide_beats_after_it():
    rng = np.random.default_rng(9)
    ecg, truth = synthetic_ecg(rng=rng, duration_s=120, noise_mv=0.01, leads=("II",))
    loud = (ecg.times_ms > 30_000) & (ecg.times_ms < 60_000)
    noise = 20.0 * loud * rng.standard_normal(len(loud))
    found_ms = r_peaks(ecg.with_samples(ecg.samples_mv + noise)) * 2.0
    later_ms = truth.qrs_peak_ms[truth.qrs_peak_ms > 70_000]
    assert score_beats(found_ms[found_ms > 69_500], later_ms, 20) == all_found(later_ms)


@pytest.mark.parametrize("qrs_ms", [92.0, 150.0])
def test_beats_of_20_microvolts_are_found_and_of_volts_for_millivolts_none(qrs_ms):
    ecg, truth = synthetic_ecg(morphology=Morphology(qrs_ms=qrs_ms), leads=("II",))
    small = ecg.samples_mv * (0.02 / np.ptp(ecg.samples_mv))
    assert scored(ecg.with_samples(small), truth.qrs_peak_ms, 50) == all_found(truth.qrs_peak_ms)
    assert len(r_peaks(ecg.with_samples(ecg.samples_mv / 1000))) == 0


def test_beats_that_shrink_tenfold_at_once_are_not_lost():
    ecg, truth = synthetic_ecg(duration_s=60, rate_per_min=70)
    size = np.where(ecg.times_ms < 30_400, 1.0, 0.1)
    assert scored(ecg.with_samples(ecg.samples_mv * size), truth.qrs_peak_ms, 150).misses <= 3


def test_silence_has_no_beats():
    for samples_mv in (np.zeros(5000), np.full(5000, 3.0), np.full(5000, np.nan)):
        assert len(r_peaks(one_lead(samples_mv))) == 0
    steps = 0.005 * (np.random.default_rng(0).random(50_000) < 0.01)  # one bit flickers
    assert len(r_peaks(one_lead(steps))) == 0


@pytest.mark.parametrize("kind", ["white", "muscle", "random walk", "quantised", "mains"])
def test_steady_noise_has_less_than_six_beats_a_minute(kind):
    """A twelfth of what a heart does; the other detectors take noise for 60 and more."""
    minutes = 5
    white = np.random.default_rng(5).standard_normal(360 * 60 * minutes)
    muscle = butter(2, [20, 150], "bandpass", fs=360, output="sos")
    noise = {
        "white": white,
        "muscle": sosfiltfilt(muscle, white),
        "random walk": np.cumsum(white),
        "quantised": 0.005 * np.round(0.8 * white),
        "mains": np.sin(2 * np.pi * 50 * np.arange(len(white)) / 360),
    }[kind]
    assert len(r_peaks(one_lead(noise))) < 6 * minutes


@pytest.mark.parametrize("samples", [0, 1, 2, 3, 10, 40])
def test_records_shorter_than_a_beat_have_none(samples):
    ecg, _ = synthetic_ecg(fs_hz=250, duration_s=1)
    assert r_peaks(ecg.with_samples(ecg.samples_mv[:, :samples] * 0)).tolist() == []


def test_no_beat_is_found_in_a_gap_and_none_lost_beside_it():
    ecg, truth = synthetic_ecg(duration_s=20, rate_per_min=60)
    gap = (ecg.times_ms > 5_700) & (ecg.times_ms < 8_600)
    outside = ~np.isin(np.round(truth.qrs_peak_ms / 2), np.flatnonzero(gap))
    holed = ecg.with_samples(np.where(gap, np.nan, ecg.samples_mv))
    assert scored(holed, truth.qrs_peak_ms[outside]) == all_found(truth.qrs_peak_ms[outside])


def test_lost_samples_do_not_hide_beats_and_no_peak_lies_on_one():
    ecg, truth = synthetic_ecg(duration_s=20)
    lost = np.random.default_rng(6).random(ecg.samples_mv.shape[1]) < 0.2
    lead = ecg.select(["II"])
    holed = lead.with_samples(np.where(lost, np.nan, lead.samples_mv))
    assert scored(holed, truth.qrs_peak_ms) == all_found(truth.qrs_peak_ms)
    assert not lost[r_peaks(holed)].any()


@pytest.mark.parametrize("bad", ["dead", "noise", "gap", "railing"])
def test_one_bad_lead_among_good_ones_does_no_harm(bad):
    rng = np.random.default_rng(7)
    ecg, truth = synthetic_ecg(rng=rng, duration_s=60, leads=("II", "V5"), noise_mv=0.02)
    samples_mv, t = ecg.samples_mv.copy(), ecg.times_ms
    samples_mv[1] = {
        "dead": np.zeros_like(t),
        "noise": 2.0 * rng.standard_normal(len(t)),
        "gap": np.full_like(t, np.nan),
        "railing": np.where(np.sin(t / 4_000) > 0, 5.0, -5.0),
    }[bad]
    assert scored(ecg.with_samples(samples_mv), truth.qrs_peak_ms) == all_found(truth.qrs_peak_ms)


def test_leads_that_fail_in_turn_are_read_together():
    ecg, truth = synthetic_ecg(duration_s=60, leads=("II", "V5"))
    first = ecg.times_ms < 30_000
    samples_mv = np.where([~first, first], np.nan, ecg.samples_mv)
    assert scored(ecg.with_samples(samples_mv), truth.qrs_peak_ms) == all_found(truth.qrs_peak_ms)


@pytest.mark.parametrize("chunk_s", [7.3, 60.0, 900.0, 1390.0])
def test_chunks_of_any_length_give_the_peaks_of_the_whole(chunk_s):
    rng = np.random.default_rng(8)
    ecg, truth = synthetic_ecg(
        rng=rng, fs_hz=100, duration_s=1400, rr_sd=0.1, noise_mv=0.1, leads=("II", "V2")
    )
    size = round(chunk_s * ecg.fs_hz)
    starts = range(0, ecg.samples_mv.shape[1], size)
    chunks = [ecg.with_samples(ecg.samples_mv[:, at : at + size]) for at in starts]
    whole = r_peaks(ecg)
    np.testing.assert_array_equal(r_peaks_of_chunks(chunks), whole)
    assert scored(ecg, truth.qrs_peak_ms) == all_found(truth.qrs_peak_ms)  # seams included


def test_rr_is_the_time_from_beat_to_beat():
    assert rr_ms(np.array([0, 500, 1100]), 500).tolist() == [1000.0, 1200.0]
    assert rr_ms(np.array([7]), 500).tolist() == []


def test_unfit_input_is_refused():
    ecg, _ = synthetic_ecg(fs_hz=250, duration_s=2, leads=("I", "II"))
    with pytest.raises(ValueError, match="V9"):
        r_peaks(ecg, leads=["V9"])
    with pytest.raises(ValueError, match="at least 50, got 25"):
        r_peaks(ecg.with_samples(ecg.samples_mv, fs_hz=25.0))
    with pytest.raises(ValueError, match="same leads and rate: I, II at 250 Hz, then II at 250 Hz"):
        r_peaks_of_chunks([ecg, ecg.select(["II"])])


def best_by_trying_all(p, times, heights, evidence, rr):
    """Largest sum over every subset of the candidates."""

    def worth(chain):
        total = sum(evidence[j] for j in chain)
        for i, j in pairwise(chain):
            apart = times[j] - times[i]
            if apart < p.refractory_s:
                return -np.inf
            apart = min(apart, p.reach_s)
            total -= p.pause_cost * min(1.0, math.log(max(1.0, apart / (p.pause * rr[j]))))
            total -= p.uneven_cost * min(1.0, abs(math.log(apart / rr[j])))
            if apart < p.t_wave_s and heights[j] < p.t_wave_share * heights[i]:
                total -= 1 + math.log(p.t_wave_share * heights[i] / heights[j])
        return total

    k = len(times)
    subsets = ([j for j in range(k) if mask >> j & 1] for mask in range(1, 2**k))
    return max((worth(chain), chain) for chain in subsets)


@pytest.mark.parametrize("seed", range(20))
def test_the_chain_is_the_best_of_all_subsets(seed):
    rng = np.random.default_rng(seed)
    p = Rhythm(reach_s=2.0)
    times = np.cumsum(rng.exponential(0.25, 10))
    heights, rr = rng.uniform(0.1, 1.0, 10), rng.uniform(0.3, 1.0, 10)
    evidence = np.log(heights / 0.35)
    score, before = np.empty(10), np.empty(10, np.int64)
    end = best_chain(p, times, heights, evidence, rr, score, before)
    found = []
    while end >= 0:
        found.append(end)
        end = before[end]
    total, chain = best_by_trying_all(p, times, heights, evidence, rr)
    assert max(score) == pytest.approx(total)
    assert found[::-1] == chain
    plain_score, plain_before = np.empty(10), np.empty(10, np.int64)
    best_chain.py_func(p, times, heights, evidence, rr, plain_score, plain_before)
    np.testing.assert_allclose(plain_score, score, rtol=1e-12)
    np.testing.assert_array_equal(plain_before, before)


def test_no_chain_where_all_evidence_is_against_it():
    k = np.arange(3.0)
    assert best_chain(Rhythm(), k, k + 1, -k - 1, k + 1, k.copy(), np.empty(3, np.int64)) == -1


def test_of_two_near_peaks_the_higher_counts():
    height = np.array([0, 1, 0, 2, 0, 0, 0, 3, 3, 0, np.nan, 1, np.nan])
    peaks = np.empty(7, np.int64)
    assert peaks[: peaks_apart(height, 3, peaks)].tolist() == [3, 7]
    assert peaks[: peaks_apart.py_func(height, 1, peaks)].tolist() == [1, 3, 7]


def test_height_is_about_one_in_a_qrs_and_little_between():
    ecg, truth = synthetic_ecg(duration_s=30)
    seen = steepness(ecg.samples_mv, ecg.fs_hz)
    at = np.round(truth.qrs_peak_ms / 2).astype(int)
    assert seen.height[at] == pytest.approx(np.ones(len(at)), abs=0.2)
    assert np.median(seen.height) < 0.2
    assert (seen.floor < seen.level / 5).all()


#: Records of MIT-BIH: an easy one, paced, baseline wander, small and changing beats.
SOME = ("100", "104", "108", "201", "228")


def test_hard_records_of_mit_bih(data_folder):
    from cardiotwin.signals.beat_classes import beats_of
    from cardiotwin.signals.mitdb import load, records

    wide, narrow = Score(), Score()
    for record in records(data_folder / "ecg" / "mitdb"):
        if record.name in SOME:
            recording = load(record)
            lead = "MLII" if "MLII" in recording.ecg.leads else recording.ecg.leads[0]
            found_ms = r_peaks(recording.ecg, leads=[lead]) * 1000 / recording.ecg.fs_hz
            true_ms = beats_of(recording.marks["atr"]).times_ms
            wide += score_beats(found_ms, true_ms, 150)
            narrow += score_beats(found_ms, true_ms, 50)
    assert wide.hits + wide.misses == 10_281
    assert wide.f1 > 0.99  # measured 0.9924
    assert narrow.f1 > 0.98
