"""What R-peak detectors are tried on: ECGs with the times of their beats, noise, and scoring."""

from collections.abc import Callable, Iterable
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfiltfilt

from cardiotwin.signals.beat_classes import beats_of
from cardiotwin.signals.datasets import ecg_dataset
from cardiotwin.signals.ecg import ECG
from cardiotwin.signals.recording import Marks, Recording
from cardiotwin.signals.scores import Score, match_beats

#: An ECG and the name of one of its leads in, samples of the R peaks out.
Detector = Callable[[ECG, str], NDArray[np.int64]]
TOLERANCES_MS = (150, 50)
#: The slow wander, motion of electrodes, and muscle: bands in Hz, and share of the power.
NOISE = (((0.05, 0.5), 0.3), ((0.5, 10.0), 0.6), ((20.0, 100.0), 0.1))


class Case(NamedTuple):
    """One record and its beats."""

    name: str
    fold: str
    ecg: ECG
    lead: str  #: that a detector of one lead is given
    true_ms: NDArray[np.float64]
    hidden_ms: NDArray[np.float64]  #: (r, 2) stretches in which beats are not marked


@cache
def mitdb() -> tuple[Case, ...]:
    """The 48 records; the lead is MLII, else the first. None when they are not at hand."""
    return tuple(
        _mitdb_case(record.name, record.fold, ecg_dataset("mitdb").load(record))
        for record in _records("mitdb")
    )


def ludb() -> Iterable[Case]:
    """Lead II with the beats marked in it; the first and the last of a strip are not marked."""
    for record in _records("ludb"):
        recording = ecg_dataset("ludb").load(record)
        marks = recording.marks["ii"]
        assert recording.ecg is not None
        true_ms = marks.times_ms[np.array(marks.labels) == "N"]
        ends = (true_ms[0] - 150.0, true_ms[-1] + 150.0)
        hidden_ms = np.array([(-np.inf, ends[0]), (ends[1], np.inf)])
        yield Case(record.name, "", recording.ecg, "II", true_ms, hidden_ms)


def ptb_xl(count: int) -> Iterable[ECG]:
    """The first of the records at 100 Hz."""
    for record in _records("ptb-xl")[:count]:
        ecg = ecg_dataset("ptb-xl").load(record).ecg
        assert ecg is not None
        yield ecg


def _records(name: str) -> tuple:
    try:
        return ecg_dataset(name).records()
    except OSError:
        return ()


def _mitdb_case(name: str, fold: str, recording: Recording) -> Case:
    ecg, marks = recording.ecg, recording.marks["atr"]
    assert ecg is not None
    lead = "MLII" if "MLII" in ecg.leads else ecg.leads[0]
    return Case(name, fold, ecg, lead, beats_of(marks).times_ms, _flutter_ms(marks))


def _flutter_ms(marks: Marks) -> NDArray[np.float64]:
    """(r, 2) From each [ to its ]."""
    labels = np.array(marks.labels)
    ends = [marks.times_ms[labels == bracket] for bracket in "[]"]
    return np.stack(ends, axis=1)


def scores(found: NDArray[np.int64], case: Case, *, hide: bool = True) -> NDArray[np.object_]:
    """(tolerances,) Scores; with `hide`, nothing in a stretch without marks counts."""
    found_ms, true_ms = found * (1000.0 / case.ecg.fs_hz), case.true_ms
    hidden_ms = case.hidden_ms if hide else np.empty((0, 2))
    out = []
    for tolerance_ms in TOLERANCES_MS:
        pairs = match_beats(found_ms, true_ms, tolerance_ms)
        extra = np.delete(found_ms, pairs[:, 0])
        inside = ((extra[:, None] > hidden_ms[:, 0]) & (extra[:, None] < hidden_ms[:, 1])).any(1)
        extras = int((~inside).sum())
        out.append(Score(len(pairs), len(true_ms) - len(pairs), extras))
    return np.array(out, dtype=object)


def percent(pooled: Iterable[Score]) -> dict[str, float]:
    """F1 at each tolerance."""
    return {
        f"f1_{ms}": round(100 * score.f1, 3)
        for ms, score in zip(TOLERANCES_MS, pooled, strict=True)
    }


def with_noise(case: Case, snr_db: float, rng: np.random.Generator) -> Case:
    """Noise from end to end, measured as the MIT-BIH Noise Stress Test Database does.

    Signal: an eighth of the squared height of the median QRS, peak to peak (the power of a sine
    as high). Noise: wander, movement of electrodes in bursts, and muscle.
    """
    ecg, lead = case.ecg, case.ecg.lead(case.lead)
    at = np.round(case.true_ms * ecg.fs_hz / 1000).astype(int)
    reach = round(0.05 * ecg.fs_hz)
    at = at[(at >= reach) & (at < len(lead) - reach)]
    qrs_mv = lead[at[:, None] + np.arange(-reach, reach + 1)]
    power_mv2 = np.median(np.ptp(qrs_mv, axis=1)) ** 2 / 8 / 10 ** (snr_db / 10)
    noise = np.zeros_like(lead)
    for (low_hz, high_hz), share in NOISE:
        band = butter(2, [low_hz, high_hz], "bandpass", fs=ecg.fs_hz, output="sos")
        part = sosfiltfilt(band, rng.standard_normal(len(lead)))
        if low_hz == 0.5:  # electrodes move now and then
            slow = butter(2, 0.1, fs=ecg.fs_hz, output="sos")
            part *= np.exp(1.5 * _unit(sosfiltfilt(slow, rng.standard_normal(len(lead)))))
        noise += np.sqrt(share) * _unit(part)
    noisy = lead + np.sqrt(power_mv2) * _unit(noise)
    return case._replace(ecg=ECG(samples_mv=noisy[None], fs_hz=ecg.fs_hz, leads=(case.lead,)))


def _unit(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return x / x.std()
