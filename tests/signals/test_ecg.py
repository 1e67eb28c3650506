"""The ECG type: time, leads by name, and what it refuses in which words."""

import itertools

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


def test_a_lead_has_one_name_however_it_is_spelt(rng):
    samples_mv = rng.normal(size=(4, 5))
    ecg = ECG(samples_mv=samples_mv, fs_hz=500.0, leads=("i", "ii", "AVR", "Lead V1"))
    assert ecg.leads == ("I", "II", "aVR", "V1")
    np.testing.assert_array_equal(ecg.lead("avr"), samples_mv[2])
    assert ecg.select(("v1", "MDC_ECG_LEAD_II")).leads == ("V1", "II")
    with pytest.raises(ValueError, match="different names, but AVR and aVR are both aVR"):
        ECG(samples_mv=samples_mv, fs_hz=500.0, leads=("AVR", "II", "aVR", "V1"))
    with pytest.raises(ValueError, match="different names, but I and i are both I"):
        ecg.select(("I", "i"))


def test_names_that_are_not_known_and_second_leads_of_a_name_stay(rng):
    names = ("ECG ECG", "mcl1", "aVR", "aVR (2)", "ECG", "ECG (2)", "")
    ecg = ECG(samples_mv=rng.normal(size=(7, 5)), fs_hz=500.0, leads=names)
    assert ecg.leads == names
    np.testing.assert_array_equal(ecg.lead("AVR (2)"), ecg.samples_mv[3])


def test_text_is_not_a_tuple_of_names():
    with pytest.raises(ValueError, match="leads must be a tuple of names, got the text 'II'"):
        ECG(samples_mv=np.zeros((2, 5)), fs_hz=500.0, leads="II")


def test_infinite_samples_are_refused_with_their_place_and_nan_is_a_gap():
    samples_mv = np.zeros((12, 250))
    samples_mv[4, 50] = -np.inf
    with pytest.raises(ValueError, match="infinite in lead aVL at 100 ms; write nan"):
        ECG(samples_mv=samples_mv, fs_hz=500.0, leads=LEADS)
    samples_mv[4, 50] = np.nan
    assert ECG(samples_mv=samples_mv, fs_hz=500.0, leads=LEADS).has_gaps


def test_what_readers_give_becomes_what_the_type_says():
    ecg = ECG(samples_mv=np.ones((1, 5), dtype=np.float32), fs_hz=500.0, leads=["II"])
    assert ecg.samples_mv.dtype == np.float64
    assert ecg.leads == ("II",)


def test_float64_samples_are_not_copied(rng):
    samples_mv = rng.normal(size=(1, 5))
    assert ECG(samples_mv=samples_mv, fs_hz=500.0, leads=("II",)).samples_mv is samples_mv


@pytest.mark.parametrize(
    ("unit", "factor"), [("V", 1e-3), ("mV", 1.0), ("uV", 1e3), ("\u00b5V", 1e3), ("UV", 1e3)]
)
def test_units_become_millivolts(unit, factor):
    ecg = ECG.from_samples([[1.5 * factor]], unit=unit, fs_hz=500.0, leads=["I"])
    assert ecg.samples_mv[0, 0] == pytest.approx(1.5, rel=1e-15)


def test_units_that_are_no_voltage_are_refused():
    with pytest.raises(ValueError, match="unknown unit of voltage 'mmHg'; choose V, mV, uV or nV"):
        ECG.from_samples([[1.0]], unit="mmHg", fs_hz=500.0, leads=("I",))


def test_select_takes_leads_by_name_in_the_order_asked(ecg):
    two = ecg.select(("V6", "I"))
    np.testing.assert_array_equal(two.samples_mv, ecg.samples_mv[[11, 0]])
    assert ecg.select(()).samples_mv.shape == (0, 250)
    with pytest.raises(ValueError, match="leads must have different names, got I, I"):
        ecg.select(("I", "I"))


@pytest.mark.parametrize("fs_hz", [100.0, 125.0, 250.0, 256.0, 360.0, 500.0, 999.0])
def test_cuts_that_touch_share_no_sample_and_lose_none(fs_hz, rng):
    ecg = ECG(samples_mv=rng.normal(size=(1, 1000)), fs_hz=fs_hz, leads=("II",))
    at_ms = np.sort(rng.uniform(0, ecg.duration_ms, size=9))
    # Half of the cuts fall on samples, where rounding could go either way.
    at_ms[::2] = np.round(at_ms[::2] * fs_hz / 1000) / fs_hz * 1000
    ends = [0.0, *at_ms, ecg.duration_ms]
    parts = [ecg.cut(a, b).samples_mv for a, b in itertools.pairwise(ends)]
    np.testing.assert_array_equal(np.hstack(parts), ecg.samples_mv)


def test_cut_keeps_the_times_asked_for(ecg):
    part = ecg.cut(100.0, 200.0)
    np.testing.assert_array_equal(part.samples_mv, ecg.samples_mv[:, 50:100])
    assert (part.leads, part.fs_hz) == (ecg.leads, ecg.fs_hz)
    np.testing.assert_array_equal(ecg.cut(-np.inf, np.inf).samples_mv, ecg.samples_mv)
    assert ecg.cut(900.0, 1000.0).duration_ms == 0
    assert ecg.cut(100.0, 100.0).duration_ms == 0


@pytest.mark.parametrize("times", [(200.0, 100.0), (np.nan, 100.0), (0.0, np.nan)])
def test_cut_backwards_is_refused(ecg, times):
    with pytest.raises(ValueError, match="the stop must not lie before the start, got"):
        ecg.cut(*times)


def test_parts_put_behind_each_other_are_the_whole(ecg):
    joined = ecg.cut(0.0, 123.0).then(ecg.cut(123.0, 500.0))
    np.testing.assert_array_equal(joined.samples_mv, ecg.samples_mv)
    with pytest.raises(ValueError, match="same leads and rate: I, V1 at 500 Hz, then V1, I at 500"):
        ecg.select(("I", "V1")).then(ecg.select(("V1", "I")))
    with pytest.raises(ValueError, match="then I at 250 Hz"):
        ecg.select(("I",)).then(ecg.select(("I",)).with_samples(np.zeros((1, 2)), fs_hz=250.0))


def test_with_samples_keeps_everything_else(ecg):
    twice = ecg.with_samples(np.repeat(ecg.samples_mv, 2, axis=1), fs_hz=1000.0)
    assert (twice.duration_ms, twice.leads) == (ecg.duration_ms, ecg.leads)
    assert ecg.with_samples(-ecg.samples_mv).fs_hz == ecg.fs_hz


def test_one_sample_and_none_are_ecgs():
    for samples in (0, 1):
        ecg = ECG(samples_mv=np.zeros((2, samples)), fs_hz=500.0, leads=("I", "II"))
        assert ecg.times_ms.shape == (samples,)
        assert not ecg.has_gaps
        assert ecg.cut(0.0, 1.0).samples_mv.shape == (2, samples)


def test_a_lead_has_a_printable_name():
    with pytest.raises(ValueError, match=r"names of leads must be printable, got 'my\\nx'"):
        ECG(samples_mv=np.zeros((1, 3)), fs_hz=500.0, leads=("my\nx",))
