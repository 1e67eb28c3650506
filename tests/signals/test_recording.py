"""Several signals on one clock: cutting keeps together what happened together."""

import itertools

import numpy as np
import pytest

from cardiotwin.signals import ECG
from cardiotwin.signals.recording import Marks, Recording, Trace


def clocked(fs_hz, start_ms, duration_ms):
    """Samples whose values are their own times."""
    return start_ms + np.arange(round(duration_ms * fs_hz / 1000)) * 1000.0 / fs_hz


@pytest.fixture
def recording():
    ecg = ECG(samples_mv=clocked(360.0, 0.0, 10_000.0)[None], fs_hz=360.0, leads=("II",))
    ppg = Trace(name="PLETH", samples=clocked(125.0, 0.0, 10_000.0), fs_hz=125.0, unit="NU")
    late = Trace(
        name="RESP",
        samples=clocked(25.0, 1500.0, 6000.0),
        fs_hz=25.0,
        unit="ohm",
        start_ms=1500.0,
    )
    beats = Marks(
        times_ms=np.arange(100.0, 10_000.0, 700.0),
        labels=("N", "V") * 7 + ("N",),
        notes=tuple("abcdefghijklmno"),
    )
    return Recording(ecg=ecg, traces={"PLETH": ppg, "RESP": late}, marks={"atr": beats})


@pytest.mark.parametrize("span", [(2000.0, 5000.0), (1234.5, 8765.4), (0.0, 700.0), (9990.0, 2e4)])
def test_cut_moves_all_signals_by_the_same_time(recording, span):
    part = recording.cut(*span)
    moved = part.ecg.lead("II") - part.ecg.times_ms
    assert 0 <= moved[0] - span[0] < 1000 / 360
    np.testing.assert_allclose(moved, moved[0], atol=1e-9)
    for trace in part.traces.values():
        np.testing.assert_allclose(trace.samples - trace.times_ms, moved[0], atol=1e-9)
        assert ((trace.samples >= span[0]) & (trace.samples < span[1])).all()
    kept = recording.marks["atr"].times_ms
    kept = kept[(kept >= span[0]) & (kept < span[1])]
    np.testing.assert_allclose(part.marks["atr"].times_ms + moved[0], kept)


def test_cuts_that_touch_lose_nothing(recording):
    ends = [0.0, 1000.0, 1000.0 * 1001 / 360, 3300.0, 10_000.0]
    parts = [recording.cut(a, b) for a, b in itertools.pairwise(ends)]
    for name, trace in recording.traces.items():
        joined = np.concatenate([part.trace(name).samples for part in parts])
        np.testing.assert_array_equal(joined, trace.samples)
    labels = sum((part.marks["atr"].labels for part in parts), ())
    assert labels == recording.marks["atr"].labels
    assert sum((part.marks["atr"].notes for part in parts), ()) == tuple("abcdefghijklmno")


def test_marks_on_samples_stay_with_them():
    times_ms = np.arange(1000) * 1000 / 360
    ecg = ECG(samples_mv=np.arange(1000.0)[None], fs_hz=360.0, leads=("II",))
    marks = Marks(times_ms=np.arange(1000) / 0.36, labels=("N",) * 1000)
    for k in range(1, 1000, 37):
        part = Recording(ecg=ecg, marks={"atr": marks}).cut(0.0, times_ms[k])
        assert len(part.marks["atr"].labels) == part.ecg.samples_mv.shape[1] == k


def test_common_time_runs_from_the_last_start_to_the_first_end(recording):
    assert recording.common_ms == (1500.0, 7500.0)
    part = recording.cut(*recording.common_ms)
    # The ECG starts at 1500 ms, the PPG with its next sample at 1504.
    assert part.common_ms == pytest.approx((4.0, 6000.0))
    early = Trace(name="X", samples=np.zeros(5), fs_hz=1.0, unit="", start_ms=-9000.0)
    apart = Recording(ecg=recording.ecg, traces={"X": early})
    assert apart.common_ms == (0.0, 0.0)


def test_without_an_ecg_the_clock_starts_with_the_cut(recording):
    part = Recording(traces=recording.traces).cut(2001.0, 3000.0)
    assert part.trace("PLETH").start_ms == pytest.approx(7.0)  # its first sample was at 2008 ms
    assert part.trace("PLETH").samples[0] == 2008.0


def test_marks_of_some_labels(recording):
    beats = recording.marks["atr"].only({"V"})
    np.testing.assert_allclose(beats.times_ms, np.arange(800.0, 10_000.0, 1400.0))
    assert beats.notes == tuple("bdfhjln")
    assert recording.marks["atr"].only(()).labels == ()


def test_trace_is_found_by_name(recording):
    assert recording.trace("RESP").fs_hz == 25.0
    with pytest.raises(ValueError, match="no trace 'ABP'; this recording has PLETH, RESP"):
        recording.trace("ABP")
    with pytest.raises(ValueError, match="this recording has no trace but the ECG"):
        Recording(ecg=recording.ecg).trace("ABP")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"samples": np.zeros((2, 5))}, r"samples of PLETH must have shape \(t,\), got \(2, 5\)"),
        ({"fs_hz": 0.0}, "fs_hz of PLETH must be positive, got 0.0"),
        ({"start_ms": np.nan}, "start_ms of PLETH must be finite, got nan"),
        ({"samples": np.array([0.0, np.inf])}, "PLETH is infinite at 8 ms; write nan"),
    ],
)
def test_unfit_traces_are_refused(wrong, words):
    fit = {"name": "PLETH", "samples": np.zeros(5), "fs_hz": 125.0, "unit": "NU"}
    with pytest.raises(ValueError, match=words):
        Trace(**{**fit, **wrong})


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"labels": ("N",)}, r"1 labels need as many times, got \(2,\)"),
        ({"notes": ("x",)}, "2 labels need as many notes or none, got 1"),
        ({"times_ms": np.array([2.0, 1.0])}, "times_ms of marks must be finite and in order"),
        ({"times_ms": np.array([1.0, np.nan])}, "times_ms of marks must be finite and in order"),
    ],
)
def test_unfit_marks_are_refused(wrong, words):
    fit = {"times_ms": np.array([1.0, 2.0]), "labels": ("N", "N")}
    with pytest.raises(ValueError, match=words):
        Marks(**{**fit, **wrong})


def test_nothing_is_no_recording():
    with pytest.raises(ValueError, match="a recording needs an ECG or a trace"):
        Recording()


def test_a_trace_has_a_printable_name():
    with pytest.raises(ValueError, match="name and unit must be printable"):
        Trace(name="RESP\n", samples=np.zeros(3), fs_hz=125.0, unit="NU")
