"""Stimuli: where they reach, when they flow, and what is refused."""

import numpy as np
import pytest

from cardiotwin.sim.stimulus import (
    Currents,
    Stimulus,
    burst,
    check_stimuli,
    nodes_in_ball,
    nodes_in_box,
    pulse_shares,
    s1s2,
)

LINE_MM = np.column_stack([np.arange(5.0), np.zeros((5, 2))])


def test_a_ball_and_a_box_hold_the_nodes_within_them_and_on_their_edge():
    assert nodes_in_ball(LINE_MM, (1, 0, 0), 1.0).tolist() == [0, 1, 2]
    assert nodes_in_box(LINE_MM, (2, -1, 0), (3, 1, 0)).tolist() == [2, 3]


def test_a_stimulus_outside_the_mesh_is_named_with_its_place():
    with pytest.raises(ValueError, match=r"radius 1.0 mm at \(9.0, 0.0, 0.0\) mm lies outside the"):
        nodes_in_ball(LINE_MM, (9, 0, 0), 1.0)
    with pytest.raises(ValueError, match=r"lies outside the mesh, which spans \(0.0, 0.0, 0.0\)"):
        nodes_in_box(LINE_MM, (0, 1, 0), (4, 2, 0))
    with pytest.raises(ValueError, match="it names node 7, but nodes run from 0 to 4"):
        check_stimuli([Stimulus(nodes=np.array([2, 7]))], np.ones(5))


def test_a_stimulus_of_dead_nodes_is_refused():
    mass = np.array([1.0, 1, 0, 0, 1])
    check_stimuli([Stimulus(nodes=np.array([1, 2]))], mass)
    with pytest.raises(ValueError, match="stimulus 1 has only dead nodes"):
        check_stimuli([Stimulus(nodes=np.array([1])), Stimulus(nodes=np.array([2, 3]))], mass)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"nodes": np.array([], int)}, "node indices"),
        ({"nodes": np.array([0.5])}, "node indices"),
        ({"duration_ms": 0.0}, "duration_ms of a stimulus must be positive, got 0.0"),
        ({"times_ms": ()}, "times_ms of a stimulus"),
        ({"times_ms": (np.nan,)}, "times_ms of a stimulus"),
        ({"strength_mv_per_ms": np.inf}, "strength_mv_per_ms must be finite"),
    ],
)
def test_an_impossible_stimulus_is_refused(wrong, words):
    with pytest.raises(ValueError, match=words):
        Stimulus(**{"nodes": np.array([0]), **wrong})


def test_protocols_give_the_times_of_their_pulses():
    assert burst(3, 100.0, 5.0) == (5.0, 105.0, 205.0)
    assert s1s2(3, 500.0, 250.0) == (0.0, 500.0, 1000.0, 1250.0)
    for wrong in (lambda: burst(0, 100), lambda: burst(2, 0), lambda: s1s2(2, 500, 0)):
        with pytest.raises(ValueError, match=r"above 0|must be positive"):
            wrong()


@pytest.mark.parametrize("dt_ms", [0.05, 0.03, 0.7, 5.0])
def test_the_charge_of_a_pulse_does_not_depend_on_the_time_step(dt_ms):
    pulses = Stimulus(nodes=np.array([0]), times_ms=(0.33, 4.2), duration_ms=2.0)
    shares = pulse_shares(pulses, 100 if dt_ms > 0.1 else 1000, dt_ms)
    # Shares are rounded to 1e-9.
    assert shares.sum() * dt_ms == pytest.approx(4.0, abs=1e-6)
    assert shares.max() <= 1


def test_currents_change_only_where_a_pulse_begins_or_ends():
    a = Stimulus(nodes=np.array([0, 1, 1]), times_ms=(0.0, 3.0), duration_ms=1.0)
    b = Stimulus(nodes=np.array([1]), times_ms=(0.5,), strength_mv_per_ms=10.0, duration_ms=1.0)
    currents = Currents([a, b], 3, 50, 0.1)
    assert [currents.next_change(k) for k in (0, 5, 10, 15, 30, 40)] == [5, 10, 15, 30, 40, 50]
    strength = a.strength_mv_per_ms
    assert currents.at(0).tolist() == [strength, strength, 0]
    assert currents.at(7).tolist() == [strength, strength + 10, 0]
    assert currents.at(20).tolist() == [0, 0, 0]


def test_a_run_without_stimuli_has_no_current():
    currents = Currents([], 3, 10, 0.1)
    assert currents.next_change(0) == 10
    assert currents.at(0).tolist() == [0, 0, 0]
