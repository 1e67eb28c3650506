"""Heights of the waves of a known beat in each lead."""

import numpy as np
import pytest

from cardiotwin.signals.amplitudes import lead_amplitudes
from cardiotwin.signals.lead_names import LEADS
from cardiotwin.signals.median_beat import median_beat
from cardiotwin.signals.synth import synthetic_ecg

FS_HZ = 500.0


def median_of(**options):
    ecg, truth = synthetic_ecg(**options)
    peaks = np.round(truth.qrs_peak_ms * ecg.fs_hz / 1000).astype(int)
    return median_beat(ecg, peaks), truth


def test_amplitudes_are_those_over_the_level_before_the_qrs():
    beat, truth = median_of()
    ecg = beat.ecg.with_samples(beat.ecg.samples_mv + 0.7)
    shift = truth.qrs_peak_ms[2] - beat.r_ms
    t_ms = truth.t_onset_ms[2] - shift, truth.t_offset_ms[2] - shift
    found = lead_amplitudes(ecg, beat.r_ms, t_ms)
    assert tuple(found) == LEADS
    at_r = round(beat.r_ms * FS_HZ / 1000)
    peak_t = round((truth.t_peak_ms[2] - shift) * FS_HZ / 1000)
    for name in ("I", "II", "V5"):
        assert found[name].qrs.r_mv == pytest.approx(beat.ecg.lead(name)[at_r], abs=0.03)
        assert found[name].t_mv == pytest.approx(beat.ecg.lead(name)[peak_t], abs=0.01)
        assert found[name].j60_mv == pytest.approx(0, abs=0.01)  # nothing before T begins


def test_st_levels_are_read_60_and_80_ms_after_the_qrs():
    beat, _ = median_of()
    t = beat.ecg.times_ms
    plain = lead_amplitudes(beat.ecg, beat.r_ms)["V2"]
    step = np.interp(t, [beat.r_ms + 46, beat.r_ms + 66, beat.r_ms + 300], [0, 0.3, 0.3])
    raised = lead_amplitudes(beat.ecg.with_samples(beat.ecg.samples_mv + step), beat.r_ms)["V2"]
    assert raised.j60_mv - plain.j60_mv == pytest.approx(0.3, abs=0.02)
    assert raised.j80_mv - plain.j80_mv == pytest.approx(0.3, abs=0.02)
    assert np.isnan(plain.t_mv)


def test_what_lies_beyond_the_beat_is_missing():
    ecg, truth = synthetic_ecg()
    peaks = np.round(truth.qrs_peak_ms * ecg.fs_hz / 1000).astype(int)
    beat = median_beat(ecg, peaks, after_ms=110.0)
    assert np.isnan(lead_amplitudes(beat.ecg, beat.r_ms)["II"].j80_mv)
