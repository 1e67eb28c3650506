"""Tones, constants, gaps and lengths through the resampler, against what they must become."""

import numpy as np
import pytest

from cardiotwin.signals.ecg import ECG
from cardiotwin.signals.resample import PASS_SHARE, STOP_DB, resample

PAIRS = [(360.0, 500.0), (257.0, 500.0), (125.0, 100.0), (1000.0, 100.0), (500.0, 257.0)]


def ecg_of(samples_mv, fs_hz):
    rows = np.atleast_2d(samples_mv)
    return ECG(samples_mv=rows, fs_hz=fs_hz, leads=tuple(f"lead {k}" for k in range(len(rows))))


def tone(f_hz, fs_hz, seconds=10):
    return np.sin(2 * np.pi * f_hz * np.arange(round(seconds * fs_hz)) / fs_hz + 0.3)


def amplitude_and_delay_ms(x, f_hz, fs_hz):
    """Of a tone whose phase was 0.3 rad, away from the ends of the record."""
    t = np.arange(len(x)) / fs_hz
    inside = (t > 1) & (t < t[-1] - 1)
    w = 2 * np.pi * f_hz * t[inside]
    a, b = np.linalg.lstsq(np.stack([np.sin(w), np.cos(w)], axis=1), x[inside], rcond=None)[0]
    return np.hypot(a, b), (0.3 - np.arctan2(b, a)) / (2 * np.pi * f_hz) * 1000


@pytest.mark.parametrize(("old_hz", "new_hz"), PAIRS)
@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, PASS_SHARE])
def test_a_tone_in_the_pass_band_keeps_size_and_time(old_hz, new_hz, share):
    f_hz = share * min(old_hz, new_hz) / 2
    out = resample(ecg_of(tone(f_hz, old_hz), old_hz), new_hz).samples_mv[0]
    amplitude, delay_ms = amplitude_and_delay_ms(out, f_hz, new_hz)
    assert amplitude == pytest.approx(1, abs=2e-4)  # twice the ripple of an 80 dB window
    assert abs(delay_ms) < 1e-5


@pytest.mark.parametrize(("old_hz", "new_hz"), [p for p in PAIRS if p[1] < p[0]])
@pytest.mark.parametrize("times", [1.0, 1.1, 1.24])
def test_a_tone_beyond_the_new_nyquist_is_gone(old_hz, new_hz, times):
    out = resample(ecg_of(tone(times * new_hz / 2, old_hz), old_hz), new_hz).samples_mv[0]
    inside = out[round(new_hz) : -round(new_hz)]
    assert np.abs(inside).max() < 2 * 10 ** (-STOP_DB / 20)


@pytest.mark.parametrize(("old_hz", "new_hz"), PAIRS)
def test_a_constant_and_a_ramp_keep_their_values_to_the_last_sample(old_hz, new_hz):
    n = round(3 * old_hz)
    rows = np.stack([np.full(n, 0.7), np.arange(n) / old_hz])
    out = resample(ecg_of(rows, old_hz), new_hz)
    np.testing.assert_allclose(out.samples_mv[0], 0.7, rtol=0, atol=1e-13)
    np.testing.assert_allclose(out.samples_mv[1], out.times_ms / 1000, rtol=0, atol=1e-5)


@pytest.mark.parametrize(("old_hz", "new_hz"), PAIRS)
@pytest.mark.parametrize("n", [1, 2, 7, 1001])
def test_all_samples_that_start_within_the_record_are_there(old_hz, new_hz, n):
    out = resample(ecg_of(np.ones(n), old_hz), new_hz)
    assert out.fs_hz == new_hz
    assert 0 <= out.duration_ms - n * 1000 / old_hz < 1000 / new_hz
    assert np.isfinite(out.samples_mv).all()


def test_resampling_is_linear(rng):
    x, y = rng.normal(size=(2, 700))
    a, b, both = (resample(ecg_of(v, 360.0), 500.0).samples_mv[0] for v in (x, y, 2 * x - 3 * y))
    np.testing.assert_allclose(both, 2 * a - 3 * b, rtol=0, atol=1e-12)


def test_up_and_down_again_gives_back_what_lies_in_the_pass_band(rng):
    x = sum(tone(f, 360.0) * a for f, a in zip((3, 17, 51, 130), rng.normal(size=4), strict=True))
    there = resample(ecg_of(x, 360.0), 1000.0)
    back = resample(there, 360.0).samples_mv[0]
    inside = slice(360, -360)
    np.testing.assert_allclose(back[inside], x[inside], rtol=0, atol=1e-3)


def test_the_same_rate_gives_the_same_samples(rng):
    ecg = ecg_of(rng.normal(size=100), 250.0)
    assert resample(ecg, 250.0).samples_mv is ecg.samples_mv


@pytest.mark.parametrize("new_hz", [500.0, 100.0, 1000.0])
def test_a_gap_stays_where_it_is_and_does_not_spread(new_hz):
    x = tone(3.0, 360.0)
    x[1000:1100] = np.nan
    out = resample(ecg_of(np.stack([x, tone(3.0, 360.0)]), 360.0), new_hz)
    t_old = out.times_ms * 360 / 1000
    missing = np.isnan(out.samples_mv[0])
    np.testing.assert_array_equal(missing, (t_old >= 1000 - 1e-9) & (t_old < 1100 - 1e-9))
    exact = np.sin(2 * np.pi * 3 * out.times_ms / 1000 + 0.3)
    assert np.abs(out.samples_mv[0] - exact)[~missing].max() < 0.02  # at the banks of the gap
    assert not np.isnan(out.samples_mv[1]).any()


def test_a_lost_sample_between_two_new_ones_is_not_forgotten():
    x = np.ones(500)
    x[203] = np.nan
    out = resample(ecg_of(x, 500.0), 100.0).samples_mv[0]
    assert np.flatnonzero(np.isnan(out)).tolist() == [40]


def test_a_lead_that_is_missing_altogether_stays_missing():
    out = resample(ecg_of(np.full(50, np.nan), 360.0), 500.0)
    assert np.isnan(out.samples_mv).all()
    assert out.samples_mv.shape == (1, 70)


def test_an_odd_ratio_is_off_by_less_than_a_hundredth_of_a_ms_in_an_hour():
    fs_hz = 249.99371
    n = 20_000
    f_hz = 5.0
    x = np.sin(2 * np.pi * f_hz * np.arange(n) / fs_hz + 0.3)
    out = resample(ecg_of(x, fs_hz), 500.0).samples_mv[0]
    _, delay_ms = amplitude_and_delay_ms(out, f_hz, 500.0)
    assert abs(delay_ms) < 0.01 * (n / fs_hz) / 3600 + 1e-6


@pytest.mark.parametrize("fs_hz", [0.0, -100.0, np.nan, np.inf])
def test_an_impossible_rate_is_named(fs_hz):
    with pytest.raises(ValueError, match="fs_hz must be positive"):
        resample(ecg_of(np.ones(9), 100.0), fs_hz)


def test_rates_too_far_apart_are_named():
    with pytest.raises(ValueError, match=r"from 1000000.0 to 1.0 Hz: the rates are too far apart"):
        resample(ecg_of(np.ones(9), 1e6), 1.0)


def test_a_record_of_no_samples_has_none_at_any_rate():
    empty = resample(ecg_of(np.empty(0), 500.0), 100.0)
    assert (empty.fs_hz, empty.duration_ms) == (100.0, 0.0)
