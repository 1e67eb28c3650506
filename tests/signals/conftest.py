"""Fixtures of the readers: reference libraries, and a small recording with everything in it."""

import warnings

import numpy as np
import pytest

from cardiotwin.signals.ecg import ECG
from cardiotwin.signals.recording import Marks, Recording, Trace


@pytest.fixture
def wfdb():
    with warnings.catch_warnings():  # it uses pandas in ways that pandas warns of
        warnings.simplefilter("ignore")
        yield pytest.importorskip("wfdb")


@pytest.fixture
def small(rng):
    """Three leads, a trace at their rate and one at half of it, marks with notes."""
    leads = ("I", "II", "V1")
    ecg = ECG(samples_mv=rng.normal(size=(3, 1000)), fs_hz=250.0, leads=leads)
    traces = {
        "PLETH": Trace(name="PLETH", samples=rng.normal(size=1000), fs_hz=250.0, unit="NU"),
        "RESP": Trace(name="RESP", samples=rng.normal(size=500), fs_hz=125.0, unit="pm"),
    }
    marks = {
        "atr": Marks(times_ms=np.array([40.0, 200.0]), labels=("+", "N"), notes=("(AFIB", "")),
        "ii": Marks(times_ms=np.array([36.0, 40.0, 44.0]), labels=("(", "N", ")"), lead="II"),
    }
    meta = {"age_years": 60.0, "sex": "female", "patient": "p7", "start": "2020-01-02 03:04:05"}
    return Recording(ecg=ecg, traces=traces, marks=marks, meta=meta)


def same(a, b):
    """Whether two recordings hold the same samples and marks, bit for bit."""
    leads = (a.ecg is None) == (b.ecg is None) and (
        a.ecg is None
        or (
            a.ecg.leads == b.ecg.leads
            and a.ecg.fs_hz == b.ecg.fs_hz
            and a.ecg.samples_mv.tobytes() == b.ecg.samples_mv.tobytes()
        )
    )
    traces = a.traces.keys() == b.traces.keys() and all(
        (t.fs_hz, t.unit, t.start_ms) == (b.traces[k].fs_hz, b.traces[k].unit, b.traces[k].start_ms)
        and t.samples.tobytes() == b.traces[k].samples.tobytes()
        for k, t in a.traces.items()
    )
    marks = a.marks.keys() == b.marks.keys() and all(
        (m.labels, m.notes, m.lead) == (b.marks[k].labels, b.marks[k].notes, b.marks[k].lead)
        and np.array_equal(m.times_ms, b.marks[k].times_ms)
        for k, m in a.marks.items()
    )
    return leads and traces and marks


@pytest.fixture(name="same", scope="session")
def _same():
    return same
