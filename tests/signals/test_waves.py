"""QRS waves of hand-made beats, where every number is known."""

from statistics import NormalDist

import numpy as np
import pytest

from cardiotwin.signals import (
    ECG,
    LEADS,
    pathological_q,
    poor_r_progression,
    qrs_bounds_ms,
    qrs_duration_ms,
    qrs_waves,
)


def triangle(t, start, width, height):
    """A wave of this height, from `start` over `width` ms."""
    return height * np.clip(1 - np.abs(2 * (t - start) / width - 1), 0, None)


def beat(waves, fs_hz=1000.0):
    """An ECG of which each lead has the given (start, width, height) waves; others an R of 1 mV."""
    t = np.arange(0, 500, 1000 / fs_hz)
    rows = []
    for name in LEADS:
        row = np.zeros_like(t)
        for wave in waves.get(name, [(20, 60, 1.0)]):
            row = row + triangle(t, *wave)
        rows.append(row)
    return ECG(samples_mv=np.array(rows), fs_hz=fs_hz, leads=LEADS)


def spread_ms(share):
    """How far a Gaussian of 3 ms moves the place where the slope of a corner falls to a share."""
    return 3 * NormalDist().inv_cdf(1 - share)


@pytest.mark.parametrize("fs_hz", [500.0, 1000.0])
def test_bounds_are_those_of_the_wave(fs_hz):
    begin, end = qrs_bounds_ms(beat({}, fs_hz))
    # Within a sample: the Gaussian is sampled, and the crossing a straight line.
    assert begin == pytest.approx(20 - spread_ms(0.07), abs=500 / fs_hz)
    assert end == pytest.approx(80 + spread_ms(0.10), abs=500 / fs_hz)


def test_a_t_wave_is_not_part_of_the_qrs():
    plain = qrs_duration_ms(beat({}))
    ecg = beat({name: [(20, 60, 1.0), (250, 150, 0.4)] for name in LEADS})
    assert qrs_duration_ms(ecg) == pytest.approx(plain, abs=1e-9)


def test_q_r_and_s_are_read_off():
    w = qrs_waves(beat({"II": [(20, 30, -0.4), (50, 30, 1.2), (80, 20, -0.3)]}))["II"]
    assert w.q_mv == pytest.approx(0.4, abs=0.03)
    assert w.q_ms == pytest.approx(30, abs=4)
    assert w.r_mv == pytest.approx(1.2, abs=0.05)
    assert w.s_mv == pytest.approx(0.4, abs=0.03)
    assert w.net_mv == pytest.approx(0.8, abs=0.08)


def test_an_s_wave_is_no_q_wave():
    w = qrs_waves(beat({"II": [(20, 30, 1.0), (50, 40, -1.0)]}))["II"]
    assert w.q_mv == 0
    assert not w.is_qs


Q35, Q25, QS = [(20, 37, -0.3), (57, 30, 1.0)], [(20, 24, -0.3), (44, 30, 1.0)], [(20, 60, -1.0)]


@pytest.mark.parametrize(
    ("waves", "group", "found"),
    [
        ({"II": Q35, "aVF": Q35}, "inferior", True),
        ({"III": Q35}, "inferior", False),  # one lead is not enough
        ({"II": Q25, "III": Q25}, "inferior", False),  # too narrow
        ({"III": QS, "aVF": QS}, "inferior", True),
        ({"II": Q35, "aVF": Q35}, "anterior", False),
        ({"V2": Q25}, "anterior", True),  # 20 ms are enough in V2 and V3
        ({"V1": QS}, "anterior", False),  # normal in V1 alone
        ({"V4": QS}, "anterior", False),
        ({"V4": QS, "V5": Q35}, "anterior", True),
    ],
)
def test_the_universal_definition_is_applied_lead_by_lead(waves, group, found):
    assert pathological_q(beat(waves), group) is found


def heights(*r_mv):
    return {f"V{k + 1}": [(20, 40, r), (60, 40, -1.0)] for k, r in enumerate(r_mv)}


@pytest.mark.parametrize(
    ("r_mv", "poor"),
    [
        ((0.2, 0.5, 0.9, 1.5), False),
        ((0.1, 0.15, 0.25, 0.6), True),
        ((0.2, 0.6, 0.5, 0.7), True),
        ((0.2, 0.6, 0.8, 0.4), True),
    ],
)
def test_r_waves_have_to_grow_across_the_chest(r_mv, poor):
    assert poor_r_progression(beat(heights(*r_mv))) is poor


def test_a_flat_ecg_is_named():
    with pytest.raises(ValueError, match="the ECG is flat"):
        qrs_bounds_ms(ECG(samples_mv=np.zeros((12, 300)), fs_hz=1000.0, leads=LEADS))


def test_an_unknown_group_is_named():
    with pytest.raises(ValueError, match="unknown lead group 'septal'"):
        pathological_q(beat({}), "septal")
