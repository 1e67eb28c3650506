"""What baseline removal takes, and what it leaves: wander goes, ST segments stay."""

import numpy as np
import pytest

from cardiotwin.signals.amplitudes import lead_amplitudes
from cardiotwin.signals.baseline import remove_baseline
from cardiotwin.signals.ecg import ECG
from cardiotwin.signals.filters import high_pass_filter, highpass
from cardiotwin.signals.median_beat import median_beat
from cardiotwin.signals.synth import synthetic_ecg


def st_mv(ecg, truth):
    """ST level of each lead of the median beat, 60 ms after the QRS."""
    peaks = np.round(truth.qrs_peak_ms * ecg.fs_hz / 1000).astype(int)
    beat = median_beat(ecg, peaks, before_ms=250.0, after_ms=400.0)
    return np.array([lead.j60_mv for lead in lead_amplitudes(beat.ecg, beat.r_ms).values()])


@pytest.mark.parametrize("rate_per_min", [40.0, 60.0, 100.0])
def test_st_segments_stay_where_they_are(rate_per_min):
    ecg, truth = synthetic_ecg(rate_per_min=rate_per_min, duration_s=20.0)
    before = st_mv(ecg, truth)
    moved = np.abs(st_mv(remove_baseline(ecg), truth) - before).max()
    assert moved < 0.01  # a tenth of the millimetre that counts as ST elevation
    steeper = np.abs(st_mv(highpass(ecg, 0.67), truth) - before).max()
    assert moved < 0.6 * steeper


def test_wander_goes_and_beats_stay():
    wandering, truth = synthetic_ecg(wander_mv=0.4, duration_s=20.0)
    still, _ = synthetic_ecg(duration_s=20.0)
    error = np.abs(st_mv(remove_baseline(wandering), truth) - st_mv(still, truth)).max()
    assert error < 0.03
    assert np.abs(st_mv(wandering, truth) - st_mv(still, truth)).max() > error


def test_the_gain_is_as_stated():
    made = high_pass_filter(500.0, 0.5, order=4)
    np.testing.assert_allclose(made.gain([0.2, 2 / 3, 1.0]), [0.0016, 0.960, 0.998], atol=6e-4)


def test_a_gap_stays_a_gap(rng):
    samples_mv = rng.normal(size=(2, 4000))
    samples_mv[0, 1000:2000] = np.nan
    ecg = ECG(samples_mv=samples_mv, fs_hz=500.0, leads=("I", "II"))
    out = remove_baseline(ecg).samples_mv
    np.testing.assert_array_equal(np.isnan(out), np.isnan(samples_mv))
