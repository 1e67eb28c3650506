"""Samples as whole numbers: those they came from, and the finest there are."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cardiotwin.signals.digits import (
    Scale,
    finest_scale,
    nearest_numbers,
    told_scale,
    whole_numbers,
)


@given(
    numbers=arrays(np.int64, 20, elements=st.integers(-(2**15) + 1, 2**15 - 1)),
    gain=st.floats(1e-3, 1e6),
    baseline=st.integers(-(2**15), 2**15),
)
def test_numbers_that_became_samples_are_found_again(numbers, gain, baseline):
    samples = (numbers - baseline) / gain
    assert whole_numbers(samples, Scale(gain, baseline), 16).tolist() == numbers.tolist()


@given(
    samples=arrays(np.float64, 20, elements=st.floats(-1e6, 1e6)), bits=st.sampled_from([16, 24])
)
def test_the_finest_scale_loses_half_a_unit_and_uses_the_range(samples, bits):
    scale = finest_scale(samples, bits, "II")
    numbers = nearest_numbers(samples, scale, bits)
    again = (numbers - scale.baseline) / scale.gain
    # Half a unit, and what float64 leaves of numbers as large as the baseline.
    assert np.abs(again - samples).max() <= 0.5001 / scale.gain + 1e-9 * np.abs(samples).max()
    assert np.abs(numbers).max() < 2 ** (bits - 1)


def test_samples_between_numbers_or_out_of_range_are_not_whole():
    scale = Scale(200.0, 1024.0)
    assert whole_numbers(np.array([0.0, 0.005]), scale, 16).tolist() == [1024, 1025]
    assert whole_numbers(np.array([0.0025]), scale, 16) is None
    assert whole_numbers(np.array([200.0]), scale, 16) is None
    assert whole_numbers(np.array([200.0]), scale, 24).tolist() == [41024]


def test_missing_samples_get_the_number_that_is_spared_for_them():
    samples = np.array([np.nan, 1.0])
    assert whole_numbers(samples, Scale(10.0, 0.0), 16).tolist() == [-(2**15), 10]
    assert nearest_numbers(samples, Scale(10.0, 0.0), 16).tolist() == [-(2**15), 10]
    assert whole_numbers(np.array([-32768.0]), Scale(1.0, 0.0), 16) is None
    assert whole_numbers(np.array([-32768.0]), Scale(1.0, 0.0), 16, spare_least=False) is not None


def test_flat_empty_and_missing_signals_have_a_scale():
    for samples in (np.zeros(3), np.full(3, 7.5), np.array([]), np.full(2, np.nan)):
        scale = finest_scale(samples, 16, "II")
        numbers = nearest_numbers(samples, scale, 16)
        there = ~np.isnan(samples)
        assert np.allclose(((numbers - scale.baseline) / scale.gain)[there], samples[there])


def test_an_infinite_sample_has_no_number():
    with pytest.raises(ValueError, match="II is infinite somewhere"):
        finest_scale(np.array([np.inf]), 16, "II")


def test_a_scale_is_told_by_gain_and_baseline_together():
    meta = {"gain II": 200.0, "baseline II": 1024.0, "gain V1": 100.0, "gain I": "high"}
    assert told_scale(meta, "II") == Scale(200.0, 1024.0)
    assert told_scale(meta, "V1") is None
    assert told_scale(meta, "I") is None
