"""The ECG type: time, leads by name, and what it refuses in which words."""

import numpy as np
import pytest

from cardiotwin.signals import ECG, LEADS


@pytest.fixture
def ecg(rng):
    return ECG(samples_mv=rng.normal(size=(12, 250)), fs_hz=500.0, leads=LEADS)


def test_time_starts_at_zero_and_steps_with_the_rate(ecg):
    assert ecg.duration_ms == 500.0
    assert ecg.times_ms[0] == 0
    np.testing.assert_allclose(np.diff(ecg.times_ms), 2.0)
    assert ecg.times_ms[-1] == 498.0


def test_lead_is_found_by_name(ecg):
    np.testing.assert_array_equal(ecg.lead("aVF"), ecg.samples_mv[5])


def test_unknown_lead_is_named_beside_the_known_ones(ecg):
    with pytest.raises(ValueError, match="no lead 'V7'; this ECG has I, II, III, aVR"):
        ecg.lead("V7")


@pytest.mark.parametrize("shape", [(11, 250), (250,), (250, 12)])
def test_rows_are_leads(shape):
    with pytest.raises(ValueError, match=r"samples_mv must have shape \(12 leads, samples\), got"):
        ECG(samples_mv=np.zeros(shape), fs_hz=500.0, leads=LEADS)


@pytest.mark.parametrize("fs_hz", [0.0, -500.0, np.nan, np.inf])
def test_rate_is_positive(fs_hz):
    with pytest.raises(ValueError, match=f"fs_hz must be positive, got {fs_hz}"):
        ECG(samples_mv=np.zeros((1, 5)), fs_hz=fs_hz, leads=("I",))


def test_two_leads_of_one_name_are_refused():
    with pytest.raises(ValueError, match="leads must have different names, got I, I"):
        ECG(samples_mv=np.zeros((2, 5)), fs_hz=500.0, leads=("I", "I"))
