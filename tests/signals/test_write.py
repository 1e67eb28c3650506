"""Round trips through every format: exact where the format can, half a unit where it cannot."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cardiotwin.signals.ecg import ECG
from cardiotwin.signals.read import read_chunks, read_ecg, read_recording, record_info
from cardiotwin.signals.recording import Marks, Recording, Trace
from cardiotwin.signals.write import WRITTEN, write_recording

FINITE = st.floats(-1e6, 1e6, allow_subnormal=False)
LIVELY = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def ecgs(values):
    """ECGs of one to three leads and up to 60 samples."""
    return st.builds(
        lambda samples, fs_hz: ECG(
            samples_mv=samples, fs_hz=fs_hz, leads=("I", "II", "aVR")[: len(samples)]
        ),
        arrays(np.float64, st.tuples(st.integers(1, 3), st.integers(2, 60)), elements=values),
        st.sampled_from([100.0, 125.0, 128.0, 250.0, 257.0, 360.0, 500.0, 1000.0]),
    )


@LIVELY
@given(ecg=ecgs(st.floats(allow_infinity=False)))
def test_npz_gives_back_every_bit(tmp_path, same, ecg):
    write_recording(Recording(ecg=ecg), tmp_path / "a.npz")
    assert same(read_recording(tmp_path / "a.npz"), Recording(ecg=ecg))


@LIVELY
@given(ecg=ecgs(st.floats(allow_infinity=False)), fs_hz=st.floats(0.1, 1e5))
def test_csv_gives_back_every_number_and_rate(tmp_path, ecg, fs_hz):
    for kept in (ecg, replace(ecg, fs_hz=fs_hz)):  # at 1e5 Hz a picosecond is 1e-7 of a sample
        write_recording(Recording(ecg=kept), tmp_path / "a.csv")
        again = read_ecg(tmp_path / "a.csv")
        assert np.array_equal(again.samples_mv, kept.samples_mv, equal_nan=True)
        assert again.fs_hz == pytest.approx(kept.fs_hz, rel=1e-6)
    write_recording(Recording(ecg=ecg), tmp_path / "a.csv")
    assert read_ecg(tmp_path / "a.csv").fs_hz == ecg.fs_hz, "plain rates are exact"


@LIVELY
@given(ecg=ecgs(FINITE), ending=st.sampled_from([".hea", ".edf", ".bdf", ".dcm"]))
def test_whole_numbers_are_within_half_a_unit(tmp_path, ecg, ending):
    path = tmp_path / f"a{ending}"
    write_recording(Recording(ecg=ecg), path)
    again = read_ecg(path)
    assert (again.leads, again.fs_hz) == (ecg.leads, ecg.fs_hz)
    assert again.samples_mv.shape == ecg.samples_mv.shape
    # The unit is the largest sample over 2**15 - 1, widened by what EDF's 7 letters round its
    # range up by, and at least the picovolt at which gains end.
    top = np.abs(ecg.samples_mv).max(axis=1, keepdims=True)
    rounding = top * 1e-4 + 1e-5 if ending in (".edf", ".bdf") else top * 1e-6
    unit = np.maximum((top + rounding) / (2**15 - 1), 1e-9)
    assert (np.abs(again.samples_mv - ecg.samples_mv) <= 0.5001 * unit).all()


@pytest.mark.parametrize("ending", [".hea", ".edf", ".bdf", ".dcm"])
def test_what_was_read_is_written_digit_for_digit(tmp_path, same, small, ending):
    first, second = tmp_path / f"a{ending}", tmp_path / f"b{ending}"
    write_recording(small, first, lossy=True)
    once = read_recording(first)
    write_recording(once, second, lossy=True)
    assert same(read_recording(second), once)
    scales = [k for k in once.meta if k.startswith(("gain", "scale", "sensitivity"))]
    assert scales
    assert all(once.meta[k] == read_recording(second).meta[k] for k in scales)


def test_a_converter_of_known_gain_survives_every_format(tmp_path, rng):
    numbers = rng.integers(-2000, 2000, (2, 250))
    meta = {
        f"{what} {lead}": v
        for lead in ("I", "II")
        for what, v in [("gain", 200.0), ("baseline", 24.0)]
    }
    ecg = ECG(samples_mv=(numbers - 24.0) / 200.0, fs_hz=250.0, leads=("I", "II"), meta=meta)
    for ending in (".hea", ".edf", ".dcm"):
        write_recording(Recording(ecg=ecg, meta=meta), tmp_path / f"a{ending}")
        again = read_ecg(tmp_path / f"a{ending}")
        assert np.abs(again.samples_mv - ecg.samples_mv).max() < 1e-14


def test_wfdb_gives_back_a_negative_gain(tmp_path, same, rng):
    (tmp_path / "a.hea").write_text("a 1 250 40\na.dat 16 -200(5)/mV 16 0 0 0 0 II\n")
    (tmp_path / "a.dat").write_bytes(rng.bytes(80))
    once = read_recording(tmp_path / "a")
    write_recording(once, tmp_path / "b.hea")
    assert same(read_recording(tmp_path / "b"), once)
    assert (tmp_path / "b.dat").read_bytes() == (tmp_path / "a.dat").read_bytes()


def test_wfdb_gives_back_a_lead_and_a_trace_of_one_name(tmp_path):
    ecg = ECG(samples_mv=np.ones((1, 8)), fs_hz=250.0, leads=("II",))
    trace = Trace(name="II", samples=np.full(8, 80.0), fs_hz=250.0, unit="mmHg")
    write_recording(Recording(ecg=ecg, traces={"II": trace}), tmp_path / "a.hea")
    again = read_recording(tmp_path / "a")
    assert again.ecg.lead("II") == pytest.approx(1.0, abs=1e-4)
    assert again.trace("II").samples == pytest.approx(80.0, abs=1e-2)


def test_npz_holds_everything(tmp_path, same, small):
    late = Trace(name="ABP", samples=np.ones(3), fs_hz=62.4725, unit="mmHg", start_ms=12.5)
    whole = replace(small, traces={**small.traces, "ABP": late})
    write_recording(whole, tmp_path / "a.npz")
    again = read_recording(tmp_path / "a.npz")
    assert same(again, whole)
    assert again.meta == whole.meta


def test_wfdb_holds_traces_of_whole_frames_and_marks(tmp_path, small):
    write_recording(small, tmp_path / "a.hea")
    again = read_recording(tmp_path / "a")
    assert (again.traces["RESP"].fs_hz, again.traces["PLETH"].fs_hz) == (125.0, 250.0)
    assert (again.marks["atr"].notes, again.marks["ii"].lead) == (("(AFIB", ""), "II")
    assert (again.meta["age_years"], again.meta["sex"]) == (60.0, "female")
    assert again.meta["start"] == "03:04:05 02/01/2020"


@pytest.mark.parametrize("ending", [".edf", ".bdf"])
def test_edf_holds_marks_patient_and_rates(tmp_path, small, ending):
    write_recording(small, tmp_path / f"a{ending}", lossy=True)
    again = read_recording(tmp_path / f"a{ending}")
    assert again.marks["annotations"].labels == ("(", "+ (AFIB", "N", ")", "N")
    assert again.marks["annotations"].times_ms.tolist() == [36.0, 40.0, 40.0, 44.0, 200.0]
    assert {k: again.meta[k] for k in ("patient", "age_years", "sex", "start")} == {
        "patient": "p7",
        "age_years": 60.0,
        "sex": "female",
        "start": "2020-01-02 03:04:05",
    }


@pytest.mark.parametrize("ending", [".hea", ".csv", ".npz", ".dcm"])
def test_missing_samples_come_back_missing(tmp_path, ending):
    samples = np.array([[0.5, np.nan, -0.5, np.nan], [np.nan] * 4])
    ecg = ECG(samples_mv=samples, fs_hz=250.0, leads=("I", "II"))
    write_recording(Recording(ecg=ecg), tmp_path / f"a{ending}")
    again = read_ecg(tmp_path / f"a{ending}")
    assert np.array_equal(np.isnan(again.samples_mv), np.isnan(samples))


@pytest.mark.parametrize(
    ("ending", "change", "told"),
    [
        (".mp3", {}, "must end in .hea, .edf"),
        (".csv", {}, "cannot hold trace RESP at 125 Hz, marks atr, marks ii; write .npz"),
        (".dcm", {}, "cannot hold trace PLETH, trace RESP"),
        (".edf", {}, "cannot hold which marks belong together"),
        (".edf", {"gap": True}, "I has no value at 8 ms; EDF holds no gaps"),
        (".edf", {"fs_hz": 100 / 3.01}, "resample, or write .npz or .hea"),
        (".edf", {"scale": 1e9}, "8 letters for the largest value"),
        (".edf", {"leads": ("I" * 17, "II", "V1")}, "16 letters for a name"),
        (".dcm", {"fs_hz": 10.0}, "50 to 1000 Hz"),
    ],
)
def test_what_a_format_cannot_hold_is_told_and_nothing_is_written(
    tmp_path, small, ending, change, told
):
    recording = small
    if change:
        samples = small.ecg.samples_mv * change.get("scale", 1.0)
        samples[0, 2] = np.nan if change.get("gap") else samples[0, 2]
        fs_hz, leads = change.get("fs_hz", 250.0), change.get("leads", small.ecg.leads)
        recording = Recording(ecg=ECG(samples_mv=samples, fs_hz=fs_hz, leads=leads))
    with pytest.raises(ValueError, match=told) as caught:
        write_recording(recording, tmp_path / f"a{ending}")
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_a_wfdb_record_has_a_plain_name(tmp_path, small):
    with pytest.raises(ValueError, match="a name of letters"):
        write_recording(small, tmp_path / "my record.hea")


@pytest.mark.parametrize("ending", WRITTEN)
def test_pieces_of_every_format_make_up_the_whole(tmp_path, small, ending):
    path = tmp_path / f"a{ending}"
    write_recording(small, path, lossy=True)
    whole = read_ecg(path).samples_mv
    firsts = []
    for first, piece in read_chunks(path, 0.7, 0.1):
        part = whole[:, first : first + piece.samples_mv.shape[1]]
        assert np.array_equal(piece.samples_mv, part)
        firsts.append(first)
    assert np.diff(firsts).tolist() == [150] * (len(firsts) - 1)
    assert first + piece.samples_mv.shape[1] == whole.shape[1]


@pytest.mark.parametrize("ending", WRITTEN)
def test_the_header_tells_what_the_file_holds(tmp_path, small, ending):
    path = tmp_path / f"a{ending}"
    write_recording(small, path, lossy=True)
    info, whole = record_info(path), read_recording(path)
    assert (info.leads, info.fs_hz, info.samples) == (whole.ecg.leads, 250.0, 1000)
    assert info.duration_ms == 4000.0
    assert list(info.traces) == list(whole.traces)
    assert set(info.marks) == set(whole.marks)
    assert info.meta == whole.meta


def test_traces_alone_are_a_recording_in_wfdb_edf_csv_and_npz(tmp_path):
    trace = Trace(name="PLETH", samples=np.arange(8.0), fs_hz=4.0, unit="NU")
    for ending in (".hea", ".edf", ".csv", ".npz"):
        write_recording(Recording(traces={"PLETH": trace}), tmp_path / f"a{ending}")
        again = read_recording(tmp_path / f"a{ending}")
        assert again.ecg is None
        assert np.allclose(again.trace("PLETH").samples, trace.samples, atol=1e-3)
        with pytest.raises(ValueError, match="has no lead of an ECG; it has PLETH"):
            read_ecg(tmp_path / f"a{ending}")


def test_an_old_file_stays_when_the_new_one_cannot_be_written(tmp_path, small):
    path = tmp_path / "a.edf"
    path.write_bytes(b"old")
    gap = replace(small, ecg=replace(small.ecg, samples_mv=np.full((3, 1000), np.nan)))
    with pytest.raises(ValueError, match="EDF holds no gaps"):
        write_recording(gap, path, lossy=True)
    assert path.read_bytes() == b"old"


def test_marks_of_one_kind_keep_their_durations_in_edf(tmp_path):
    marks = Marks(times_ms=np.array([250.0]), labels=("artefact",), notes=("1.5 s",))
    ecg = ECG(samples_mv=np.ones((1, 500)), fs_hz=250.0, leads=("II",))
    write_recording(Recording(ecg=ecg, marks={"annotations": marks}), tmp_path / "a.edf")
    again = read_recording(tmp_path / "a.edf").marks["annotations"]
    assert (again.labels, again.notes) == (marks.labels, marks.notes)


@pytest.mark.parametrize("ending", WRITTEN)
def test_a_recording_of_no_samples_is_refused(tmp_path, ending):
    nothing = Recording(ecg=ECG(samples_mv=np.zeros((1, 0)), fs_hz=250.0, leads=("II",)))
    with pytest.raises(ValueError, match="a recording of no samples cannot be written"):
        write_recording(nothing, tmp_path / f"a{ending}")
    assert not list(tmp_path.iterdir())


def test_dicom_says_which_names_it_would_cut(tmp_path):
    ecg = ECG(samples_mv=np.zeros((1, 500)), fs_hz=250.0, leads=("a name of many letters",))
    with pytest.raises(ValueError, match="cannot hold name 'a name of many letters'"):
        write_recording(Recording(ecg=ecg), tmp_path / "a.dcm")
