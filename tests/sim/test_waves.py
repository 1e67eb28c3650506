"""Activation and repolarisation times from voltages with known crossings, and the plain twins."""

import numpy as np
import pytest

from cardiotwin.sim.kernels.waves import gather, scatter, watch
from cardiotwin.sim.waves import Waves


def follow(voltages_mv, dt_ms, rest_mv=-80.0, threshold_mv=-40.0):
    """Waves over given voltages (t, n)."""
    n = voltages_mv.shape[1]
    waves = Waves(voltages_mv[0], np.full(n, rest_mv), threshold_mv)
    for k, now in enumerate(voltages_mv[1:], 1):
        # The voltage now is the mean of the two that are given.
        waves.watch(now - 0.3, now + 0.3, dt_ms, k * dt_ms, 0, n)
        waves.make_room()
    return waves.beats


def trapezoid(times_ms, start_ms, plateau_ms, top_mv):
    """Up in 2 ms, a plateau, down in 50 ms."""
    corners_ms = start_ms + np.array([0.0, 2.0, 2.0 + plateau_ms, 52.0 + plateau_ms])
    return np.interp(times_ms, corners_ms, [-80.0, top_mv, top_mv, -80.0])


def test_times_of_straight_flanks_are_exact():
    times_ms = 0.5 * np.arange(800)
    starts_ms, tops_mv = np.array([10.1, 33.33, 77.7]), np.array([20.0, 0.0, 40.0])
    cases = np.stack([starts_ms, [200, 100, 50], tops_mv], axis=1)
    voltages = np.stack([trapezoid(times_ms, *case) for case in cases], axis=1)
    beats = follow(voltages, 0.5)
    up_ms = starts_ms + 2 * 40 / (tops_mv + 80)
    down_ms = starts_ms + 2 + np.array([200, 100, 50]) + 0.9 * 50
    assert beats[:, 0, 0] == pytest.approx(up_ms, abs=1e-9)
    assert beats[:, 1, 0] == pytest.approx(down_ms, abs=1e-9)
    assert np.isinf(beats[:, :, 1:]).all()


def test_any_number_of_beats_is_kept():
    times_ms = 0.5 * np.arange(4200)
    starts_ms = 20 + 300.0 * np.arange(7)
    voltages = np.max([trapezoid(times_ms, s, 100, 10.0) for s in starts_ms], axis=0)[:, None]
    beats = follow(voltages, 0.5)[0]
    assert beats[0, :7] == pytest.approx(starts_ms + 2 * 40 / 90, abs=1e-9)
    assert beats[1, :7] == pytest.approx(starts_ms + 102 + 45, abs=1e-9)


def test_a_beat_before_the_last_is_over_leaves_that_without_an_end():
    voltages = np.interp(
        np.arange(0, 100, 0.5),
        [10, 12, 50, 52, 60, 62, 80, 90],
        [-80, 20, 20, -50, -50, 20, 20, -80],
    )
    beats = follow(voltages[:, None], 0.5)[0]
    assert np.isfinite(beats[0, :2]).all()
    assert np.isinf(beats[1, 0])
    assert beats[1, 1] == pytest.approx(89)


@pytest.mark.parametrize("dip_mv", [-41.0, -70.0])
def test_a_pulse_from_which_a_node_falls_back_before_it_fires_is_one_beat(dip_mv):
    corners_ms = [10, 12, 13, 18, 20, 100, 150]
    voltages = np.interp(np.arange(0, 200, 0.5), corners_ms, [-80, -10, -10, dip_mv, 20, 20, -80])
    beats = follow(voltages[:, None], 0.5)[0]
    assert beats[0, 0] == pytest.approx(10 + 2 * 40 / 70)
    assert beats[1, 0] == pytest.approx(145)
    assert np.isinf(beats[:, 1:]).all()


def test_a_failed_pulse_and_the_wave_soon_after_are_two_beats():
    corners_ms = [10, 12, 13, 15, 25, 27, 100, 150]
    voltages = np.interp(np.arange(0, 200, 0.5), corners_ms, [-80, -10, -10, -80, -80, 20, 20, -80])
    beats = follow(voltages[:, None], 0.5)[0]
    assert beats[0, :2] == pytest.approx([10 + 2 * 40 / 70, 25 + 2 * 40 / 100])
    assert beats[1, :2] == pytest.approx([13 + 0.9 * 2, 145])


def test_a_cell_that_starts_above_the_threshold_is_not_activated():
    assert np.isinf(follow(np.linspace(20, -80, 50)[:, None], 1.0)).all()


def plain_watch(v, w, dt_ms, time_ms, threshold, rest, past, beats):
    """One node after the other, in words."""
    for i in range(len(v)):
        now, was = (v[i] + w[i]) / 2, past[0, i]
        past[0, i] = now
        done = int(np.isfinite(beats[i, 0]).sum())
        if was < threshold <= now:
            up_ms = time_ms - dt_ms * (now - threshold) / (now - was)
            if np.isinf(past[1, i]) or up_ms - beats[i, 0, done - 1] >= 40.0:
                past[1, i] = now
                if done < beats.shape[2]:
                    beats[i, 0, done] = up_ms
            else:
                past[1, i] = max(past[1, i], now)
        elif np.isfinite(past[1, i]):
            past[1, i] = max(past[1, i], now)
            level = rest[i] + 0.1 * (past[1, i] - rest[i])
            if now <= level:
                past[1, i] = -np.inf
                beats[i, 1, done - 1] = time_ms - dt_ms * (level - now) / (was - now)


@pytest.mark.parametrize("kernel", [watch, watch.py_func])
def test_the_kernel_is_its_plain_twin(kernel, rng):
    n, steps = (300, 150) if kernel is watch else (5, 100)
    rest = rng.uniform(-90, -70, n)
    voltages = rng.uniform(-90, 30, (steps, n))
    states = [(np.stack([rest, np.full(n, -np.inf)]), np.full((n, 2, 9), np.inf)) for _ in range(2)]
    for k in range(1, steps):
        given = (voltages[k], voltages[k - 1], 0.5, 0.5 * k, -40.0, rest)
        for part in ((0, n // 3), (n // 3, n)):
            kernel(*given, *states[0], *part)
        plain_watch(*given, *states[1])
    assert np.isfinite(states[1][1]).any()
    for got, expected in zip(*states, strict=True):
        assert got == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("one", [gather, gather.py_func])
@pytest.mark.parametrize("other", [scatter, scatter.py_func])
def test_gather_and_scatter_are_each_others_reverse(one, other, rng):
    values, nodes = rng.standard_normal(9), np.array([1, 4, 5, 8])
    packed, back = np.zeros(4), np.zeros(9)
    one(values, nodes, packed, 1, 3)
    assert packed.tolist() == [0, values[4], values[5], 0]
    other(packed, nodes, back, 1, 3)
    assert np.flatnonzero(back).tolist() == [4, 5]
    assert (back[[4, 5]] == values[[4, 5]]).all()
