"""Hum: found where it is, taken out with the stated gain and little else."""

import numpy as np
import pytest

from cardiotwin.signals.ecg import ECG
from cardiotwin.signals.mains import mains_hz, notch

FS_HZ = 500.0
SPAN = (np.sqrt(2) - 1) ** 0.5


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


@pytest.mark.parametrize("line_hz", [50.0, 60.0])
def test_a_notch_takes_its_line_and_little_else(line_hz):
    f, h = spectrum(notch(ecg_of(impulse()), line_hz, width_hz=2.0, harmonics=3).samples_mv[0])
    w, expected = 2 * np.pi * f / FS_HZ, np.ones(len(f))
    for k in (1, 2, 3):
        line = 2 * np.pi * k * line_hz / FS_HZ
        away = np.cos(w) - np.cos(line)
        width = np.tan(np.pi * 2.0 / FS_HZ * SPAN) * np.sin(w)
        expected = expected * away**2 / (away**2 + width**2)
    np.testing.assert_allclose(h, expected, rtol=0, atol=1e-8)
    edges = np.interp([line_hz - 1, line_hz + 1], f, h.real)
    np.testing.assert_allclose(edges, np.sqrt(0.5), atol=5e-3)  # the line is warped a little
    assert np.interp(line_hz, f, np.abs(h)) < 1e-3


@pytest.mark.parametrize("line_hz", [50.0, 60.0])
@pytest.mark.parametrize("fs_hz", [250.0, 500.0, 1000.0])
def test_hum_is_found_and_taken_out(rng, line_hz, fs_hz):
    t = np.arange(round(10 * fs_hz)) / fs_hz
    clean = rng.normal(scale=0.02, size=(2, len(t)))
    hum = clean + 0.05 * np.sin(2 * np.pi * line_hz * t)
    assert mains_hz(ecg_of(hum, fs_hz)) == line_hz
    assert mains_hz(ecg_of(clean, fs_hz)) is None
    left = notch(ecg_of(hum, fs_hz)).samples_mv - notch(ecg_of(clean, fs_hz), line_hz).samples_mv
    assert np.abs(left).max() < 1e-3  # 34 dB at the worst sample: noise leaks into the fit


def test_no_hum_leaves_the_ecg_alone(rng):
    ecg = ecg_of(rng.normal(size=(1, 5000)))
    assert notch(ecg) is ecg


def test_an_impossible_notch_is_named():
    with pytest.raises(ValueError, match="a notch needs 0 < width_hz"):
        notch(ecg_of(np.zeros(9)), 300.0)
