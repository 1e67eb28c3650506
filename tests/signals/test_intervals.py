"""Intervals and axes of beats whose waves are known to the digit."""

from itertools import combinations

import numpy as np
import pytest

from cardiotwin.signals.delineation import Delineation
from cardiotwin.signals.ecg import ECG
from cardiotwin.signals.intervals import Intervals, beat_intervals, frontal_axis_deg, intervals
from cardiotwin.signals.lead_names import LEADS
from cardiotwin.signals.leads import derive_leads
from cardiotwin.signals.median_beat import median_beat
from cardiotwin.signals.synth import Morphology, synthetic_ecg

FS_HZ = 500.0
#: Directions of the frontal leads in Einthoven's triangle.
DEGREES = {"I": 0, "II": 60, "III": 120, "aVF": 90}


def measured(**known):
    usual = dict.fromkeys(
        ("p_ms", "pr_ms", "qrs_ms", "qt_ms", "p_axis_deg", "qrs_axis_deg", "t_axis_deg"), np.nan
    )
    return Intervals(**({"beats": 1, "rr_ms": 1000.0} | usual | known))


def test_corrected_qt_follows_the_four_formulas():
    at_75 = measured(rr_ms=800.0, qt_ms=360.0)
    assert at_75.rate_per_min == 75
    assert at_75.qtc_bazett_ms == pytest.approx(360 / 0.8**0.5)
    assert at_75.qtc_fridericia_ms == pytest.approx(360 / 0.8 ** (1 / 3))
    assert at_75.qtc_framingham_ms == pytest.approx(360 + 154 * 0.2)
    assert at_75.qtc_hodges_ms == pytest.approx(360 + 1.75 * 15)


def test_all_corrections_agree_at_60_a_minute():
    at_60 = measured(qt_ms=400.0)
    found = [getattr(at_60, f"qtc_{name}_ms") for name in ("bazett", "fridericia", "framingham")]
    assert [*found, at_60.qtc_hodges_ms] == pytest.approx([400] * 4)


def dipole_beat(degrees, area_mv=1.0):
    """A QRS whose vector points one way, as I and II see it."""
    t = np.arange(0, 600, 1000 / FS_HZ)
    bump = area_mv * np.exp(-(((t - 200) / 15) ** 2))
    rows = [bump * np.cos(np.radians(DEGREES[name] - degrees)) for name in DEGREES]
    return ECG(samples_mv=np.array(rows), fs_hz=FS_HZ, leads=tuple(DEGREES))


@pytest.mark.parametrize("degrees", range(-179, 181, 30))
def test_the_axis_is_where_the_vector_points(degrees):
    axis = frontal_axis_deg(dipole_beat(degrees), 150.0, 250.0)
    assert axis == pytest.approx(degrees, abs=1e-9)


@pytest.mark.parametrize("pair", list(combinations(LEADS[:6], 2)))
def test_any_two_limb_leads_give_the_axis(pair):
    beat = derive_leads(dipole_beat(-35).select(["I", "II"]))
    assert frontal_axis_deg(beat.select(pair), 150.0, 250.0) == pytest.approx(-35, abs=1e-9)


def test_the_axis_of_p_is_that_over_its_ends():
    ecg = dipole_beat(40)
    tilted = ecg.with_samples(ecg.samples_mv + np.linspace(0, 3, ecg.samples_mv.shape[1]))
    assert frontal_axis_deg(tilted, 100.0, 300.0, over_ends=True) == pytest.approx(40, abs=0.1)


@pytest.mark.parametrize(
    ("ecg", "begin_ms", "end_ms"),
    [
        (dipole_beat(40), np.nan, 250.0),
        (dipole_beat(40), 250.0, 150.0),
        (dipole_beat(40), 150.0, 900.0),
        (dipole_beat(40, area_mv=0.001), 150.0, 250.0),
        (dipole_beat(40).select(["I"]), 150.0, 250.0),
    ],
)
def test_no_axis_without_a_wave_or_its_leads(ecg, begin_ms, end_ms):
    assert np.isnan(frontal_axis_deg(ecg, begin_ms, end_ms))


def known_waves(truth, beat, k=2):
    """The truth about beat k on the clock of its median beat, as a delineation of one lead."""
    shift = truth.qrs_peak_ms[k] - beat.r_ms
    names = [f"{w}_{part}_ms" for w in ("p", "qrs", "t") for part in ("onset", "peak", "offset")]
    return Delineation(
        leads=("II",), **{n: getattr(truth, n)[k].reshape(1, 1) - shift for n in names}
    )


def median_of(**options):
    ecg, truth = synthetic_ecg(**options)
    peaks = np.round(truth.qrs_peak_ms * ecg.fs_hz / 1000).astype(int)
    return median_beat(ecg, peaks), truth


def test_intervals_are_the_distances_between_the_borders():
    m = Morphology(p_ms=100, pr_ms=170, qrs_ms=100, qt_ms=410)
    beat, truth = median_of(morphology=m)
    found = beat_intervals(beat, 1000.0, known_waves(truth, beat))
    assert found.beats == beat.count
    assert found.p_ms == pytest.approx(100)
    assert found.pr_ms == pytest.approx(170, abs=4)  # a raised cosine begins slowly
    assert found.qrs_ms == pytest.approx(100, abs=6)
    assert found.qt_ms == pytest.approx(410, abs=4)


def test_without_p_there_is_no_pr_and_the_rest_is_there(rng):
    beat, truth = median_of(af=True, rng=rng)
    found = beat_intervals(beat, 1000.0, known_waves(truth, beat))
    assert np.isnan([found.p_ms, found.pr_ms, found.p_axis_deg]).all()
    assert np.isfinite([found.qrs_ms, found.qt_ms, found.qrs_axis_deg, found.t_axis_deg]).all()


def test_a_whole_record_is_measured_from_its_samples_alone(rng):
    ecg, _ = synthetic_ecg(rate_per_min=75.0, noise_mv=0.02, wander_mv=0.2, rng=rng)
    found = intervals(ecg)
    root = np.sqrt(0.8)
    assert found.rate_per_min == pytest.approx(75, abs=0.2)
    assert found.qrs_ms == pytest.approx(92, abs=8)
    # The network was trained on real waves, whose borders are softer than a raised cosine's.
    assert found.pr_ms == pytest.approx(160 * root, abs=20)
    assert found.qt_ms == pytest.approx(396 * root, abs=25)
    assert abs(found.qrs_axis_deg - found.t_axis_deg) < 45


def test_fibrillation_has_no_pr(rng):
    ecg, _ = synthetic_ecg(af=True, rate_per_min=90.0, noise_mv=0.01, rng=rng)
    found = intervals(ecg)
    assert np.isnan([found.p_ms, found.pr_ms, found.p_axis_deg]).all()
    assert found.qrs_ms == pytest.approx(92, abs=12)


def test_mistakes_are_named():
    ecg, _ = synthetic_ecg()
    with pytest.raises(ValueError, match="intervals need two R peaks or more, got 1"):
        intervals(ecg, np.array([500]))
    beat, truth = median_of()
    waves = known_waves(truth, beat)
    two = {name: np.repeat(getattr(waves, name), 2, axis=1) for name in vars(waves) if "ms" in name}
    with pytest.raises(ValueError, match="waves must be of the one median beat, got 2 beats"):
        beat_intervals(beat, 1000.0, Delineation(leads=("II",), **two))


def test_real_records_give_what_a_cardiologist_expects(data_folder):
    from cardiotwin.signals.datasets import ecg_dataset

    dataset = ecg_dataset("ludb")
    found = [intervals(dataset.load(record).ecg) for record in dataset.records()[:8]]
    assert all(40 < one.rate_per_min < 130 for one in found)
    assert 80 < np.median([one.qrs_ms for one in found]) < 110
    assert 360 < np.median([one.qtc_fridericia_ms for one in found]) < 460
