"""Gain and delay of every filter, measured on impulses and tones, against the closed form."""

import numpy as np
import pytest

from cardiotwin.signals.ecg import ECG
from cardiotwin.signals.filters import (
    bandpass,
    high_pass_filter,
    highpass,
    low_pass_filter,
    lowpass,
)
from cardiotwin.signals.mains import notch, notch_filter

FS_HZ = 500.0


def ecg_of(samples_mv, fs_hz=FS_HZ):
    rows = np.atleast_2d(samples_mv)
    return ECG(samples_mv=rows, fs_hz=fs_hz, leads=tuple(f"lead {k}" for k in range(len(rows))))


def impulse(n=40_001):
    x = np.zeros(n)
    x[n // 2] = 1
    return x


def spectrum(response):
    """Frequencies and transfer function of a response to an impulse in the middle.

    The ends, which a notch touches with the tone that it takes off there, are left out.
    """
    n = len(response)
    f = np.fft.rfftfreq(n, 1 / FS_HZ)
    inside = np.where(np.abs(np.arange(n) - n // 2) < n // 4, response, 0)
    return f, np.fft.rfft(np.roll(inside, -(n // 2)))


def warped(f, cutoff_hz):
    return np.tan(np.pi * f / FS_HZ) / np.tan(np.pi * cutoff_hz / FS_HZ)


@pytest.mark.parametrize(("cutoff_hz", "order"), [(0.67, 2), (5.0, 1), (40.0, 4)])
def test_a_high_pass_has_the_stated_gain_and_no_delay(cutoff_hz, order):
    f, h = spectrum(highpass(ecg_of(impulse()), cutoff_hz, order=order).samples_mv[0])
    w = warped(f[1:], cutoff_hz)
    exact = 1 / (1 + (np.sqrt(2) - 1) * w ** (-2 * order))
    np.testing.assert_allclose(h[1:], exact, rtol=0, atol=1e-8)  # real and positive: zero phase
    assert abs(h[0]) < 1e-8


@pytest.mark.parametrize(("cutoff_hz", "order"), [(40.0, 4), (150.0, 4), (20.0, 1)])
def test_a_low_pass_has_the_stated_gain_and_no_delay(cutoff_hz, order):
    f, h = spectrum(lowpass(ecg_of(impulse()), cutoff_hz, order=order).samples_mv[0])
    exact = 1 / (1 + (np.sqrt(2) - 1) * warped(f, cutoff_hz) ** (2 * order))
    np.testing.assert_allclose(h, exact, rtol=0, atol=1e-8)


@pytest.mark.parametrize(
    "made", [high_pass_filter(FS_HZ, 0.67), low_pass_filter(FS_HZ, 40.0), notch_filter(FS_HZ, 50.0)]
)
def test_gain_and_delay_are_told_as_they_are(made):
    f, h = spectrum(made.apply(ecg_of(impulse())).samples_mv[0])
    some = slice(40, None, 997)
    np.testing.assert_allclose(made.gain(f[some]), np.abs(h[some]), rtol=0, atol=1e-8)
    assert not made.delay_ms(f[some]).any()


def test_a_causal_filter_looks_back_only_and_is_as_late_as_it_says():
    made = low_pass_filter(FS_HZ, 40.0, order=4, causal=True)
    response = made.apply(ecg_of(impulse(4001))).samples_mv[0]
    assert np.abs(response[:2000]).max() == 0
    # A 10 Hz tone under a slow bell: the bell arrives late by the group delay.
    t = np.arange(20_000) / FS_HZ
    bell = np.exp(-(((t - 20) / 2) ** 2))
    out = made.apply(ecg_of(bell * np.cos(2 * np.pi * 10 * t))).samples_mv[0]
    late_ms = 1000 * ((t * out**2).sum() / (out**2).sum() - 20)
    assert late_ms == pytest.approx(made.delay_ms(10.0), abs=0.05)
    # Slow waves: the first coefficient of the Butterworth polynomial of order 4, bilinear.
    slow_ms = 2.613126 / (2 * np.tan(np.pi * 40 / FS_HZ)) * 1000 / FS_HZ
    assert made.delay_ms(0.1) == pytest.approx(slow_ms, rel=1e-4)
    assert made.gain(40.0) == pytest.approx(np.sqrt(0.5))


def test_a_band_is_what_both_of_its_sides_leave(rng):
    ecg = ecg_of(rng.normal(size=(2, 3000)))
    both = lowpass(highpass(ecg, 0.5), 40.0)
    np.testing.assert_array_equal(bandpass(ecg, 0.5, 40.0).samples_mv, both.samples_mv)


@pytest.mark.parametrize("n", [1, 2, 3, 20, 300])
def test_a_record_shorter_than_the_filter_comes_out_finite(rng, n):
    ecg = ecg_of(rng.normal(size=n))
    for out in (highpass(ecg, 0.05), lowpass(ecg, 5.0), notch(ecg, 50.0)):
        assert np.isfinite(out.samples_mv).all()
        assert out.samples_mv.shape == (1, n)


def test_a_constant_passes_low_and_not_high():
    ecg = ecg_of(np.full(700, 2.5))
    np.testing.assert_allclose(lowpass(ecg, 30.0).samples_mv, 2.5, rtol=0, atol=1e-10)
    assert np.abs(highpass(ecg, 0.05).samples_mv).max() < 1e-6


def test_a_gap_parts_two_pieces_and_a_lost_sample_does_not(rng):
    x = rng.normal(size=4000)
    long, lost = x.copy(), x.copy()
    long[1000:2000] = np.nan
    lost[1000] = np.nan
    out = lowpass(ecg_of(np.stack([long, lost])), 40.0).samples_mv
    first = lowpass(ecg_of(x[:1000]), 40.0).samples_mv[0]
    np.testing.assert_allclose(out[0, :1000], first, rtol=0, atol=1e-9)
    np.testing.assert_array_equal(np.isnan(out[0]), np.isnan(long))
    np.testing.assert_array_equal(np.isnan(out[1]), np.isnan(lost))
    whole = lowpass(ecg_of(x), 40.0).samples_mv[0]
    far = np.abs(np.arange(4000) - 1000) > 100
    np.testing.assert_allclose(out[1][far], whole[far], rtol=0, atol=1e-6)


@pytest.mark.parametrize("cutoff_hz", [0.0, 250.0, -1.0, np.nan])
def test_an_impossible_cutoff_is_named(cutoff_hz):
    with pytest.raises(ValueError, match=r"cutoff_hz must lie between 0 and 250.0 Hz"):
        highpass(ecg_of(np.zeros(9)), cutoff_hz)


def test_other_mistakes_are_named():
    ecg = ecg_of(np.zeros(9))
    with pytest.raises(ValueError, match=r"low_hz must be below high_hz, got 40.0 and 1.0"):
        bandpass(ecg, 40.0, 1.0)
    with pytest.raises(ValueError, match=r"this filter is for 250.0 Hz, the ECG has 500.0"):
        low_pass_filter(250.0, 40.0).apply(ecg)
    with pytest.raises(ValueError, match="order must be at least 1"):
        lowpass(ecg, 40.0, order=0)


def test_a_record_of_no_samples_passes():
    assert bandpass(ecg_of(np.empty(0)), 1.0, 40.0).samples_mv.shape == (1, 0)
