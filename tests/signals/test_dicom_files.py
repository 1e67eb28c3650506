"""DICOM waveforms against pydicom, its own example, and files that lie."""

import tracemalloc
from io import BytesIO

import numpy as np
import pytest

from cardiotwin.signals.dicom_files import read_dicom
from cardiotwin.signals.dicom_writing import write_dicom
from cardiotwin.signals.ecg import ECG
from cardiotwin.signals.lead_names import LEADS
from cardiotwin.signals.read import read_ecg, read_recording
from cardiotwin.signals.recording import Marks, Recording

pydicom = pytest.importorskip("pydicom")
multiplex_array = pytest.importorskip("pydicom.waveforms").multiplex_array


@pytest.fixture
def example():
    return pydicom.data.get_testdata_file("waveform_ecg.dcm", download=False)


@pytest.fixture
def path(tmp_path, rng):
    ecg = ECG(samples_mv=rng.normal(size=(12, 500)), fs_hz=500.0, leads=LEADS)
    marks = {"r": Marks(times_ms=np.array([100.0, 900.0]), labels=("N", "V"), lead="II")}
    meta = {"patient": "p7", "age_years": 61.0, "sex": "male", "start": "2020-01-02 03:04:05"}
    write_dicom(Recording(ecg=ecg, marks=marks, meta=meta), tmp_path / "a.dcm")
    return tmp_path / "a.dcm"


def test_a_device_s_file_is_read_as_pydicom_reads_it(example):
    recording = read_recording(example)
    theirs = pydicom.dcmread(example).waveform_array(0).T / 1000  # its channels are in uV
    assert recording.ecg.samples_mv.tobytes() == np.ascontiguousarray(theirs).tobytes()
    assert (recording.ecg.leads, recording.ecg.fs_hz) == (LEADS, 1000.0)
    meta = recording.meta
    assert meta["group"] == "RHYTHM, 1 of 2", "the longer of the two"
    assert meta["filters"] == "high pass 0.05 Hz, low pass 300 Hz"
    assert (meta["age_years"], meta["sex"], meta["start"]) == (
        42.0,
        "female",
        "2013-01-25 10:59:19",
    )
    assert "NORMALE" in meta["statements"]


def test_pydicom_reads_what_we_write(path):
    file = pydicom.dcmread(path)
    ours = read_ecg(path)
    assert np.array_equal(file.waveform_array(0).T / 1000, ours.samples_mv)
    assert file.SOPClassUID == pydicom.uid.TwelveLeadECGWaveformStorage
    sources = [
        c.ChannelSourceSequence[0] for c in file.WaveformSequence[0].ChannelDefinitionSequence
    ]
    assert [(s.CodeValue, s.CodingSchemeDesignator) for s in sources][:3] == [
        ("2:1", "MDC"),
        ("2:2", "MDC"),
        ("2:61", "MDC"),
    ]
    assert (file.PatientAge, file.PatientSex, file.PatientID) == ("061Y", "M", "p7")


def test_the_same_recording_gives_the_same_bytes(path, tmp_path):
    once = read_recording(path)
    write_dicom(once, tmp_path / "b.dcm")
    write_dicom(once, tmp_path / "c.dcm")
    assert (tmp_path / "b.dcm").read_bytes() == (tmp_path / "c.dcm").read_bytes()


def test_marks_come_back_at_their_samples_and_leads(path):
    marks = read_recording(path).marks["annotations 1 II"]
    assert (marks.times_ms.tolist(), marks.labels, marks.lead) == ([100.0, 900.0], ("N", "V"), "II")


def rewritten(path, change):
    file = pydicom.dcmread(path)
    change(file)
    file.save_as(path)
    return path


def first(file):
    return file.WaveformSequence[0]


def test_scp_codes_and_labels_name_leads_and_the_baseline_counts(path):
    def change(file):
        channels = first(file).ChannelDefinitionSequence
        channels[0].ChannelSourceSequence[0].CodeValue = "5.6.3-9-61"
        channels[2].ChannelSourceSequence[0].CodeValue = "2:999"
        channels[2].ChannelLabel = "Lead I (E.)"
        channels[1].ChannelSensitivity = "2"
        channels[1].ChannelSensitivityCorrectionFactor = "1.5"
        channels[1].ChannelBaseline = "30"

    numbers = multiplex_array(pydicom.dcmread(path), 0)[:, 1]
    ecg = read_ecg(rewritten(path, change))
    assert ecg.leads[:3] == ("III", "II", "I")
    assert np.allclose(ecg.lead("II"), (numbers * 3.0 + 30.0) / 1000)


def test_a_unit_that_is_no_voltage_makes_a_trace(path):
    def change(file):
        channel = first(file).ChannelDefinitionSequence[0]
        channel.ChannelSensitivityUnitsSequence[0].CodeValue = "mm[Hg]"

    recording = read_recording(rewritten(path, change))
    assert len(recording.ecg.leads) == 11
    assert recording.trace("I").unit == "mm[Hg]"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda f: setattr(first(f), "NumberOfWaveformSamples", 4_000_000_000), "and has"),
        (lambda f: setattr(first(f), "NumberOfWaveformSamples", 0), "states 0 samples"),
        (lambda f: setattr(first(f), "NumberOfWaveformChannels", 60_000), "states 60000 signals"),
        (lambda f: setattr(first(f), "NumberOfWaveformChannels", 11), "defines 12 of 11"),
        (lambda f: setattr(first(f), "SamplingFrequency", "0"), "states 0 samples a second"),
        (lambda f: setattr(first(f), "SamplingFrequency", "1e300"), "samples a second"),
        (lambda f: setattr(first(f), "WaveformSampleInterpretation", "MB"), "which no ECG has"),
        (lambda f: delattr(first(f), "WaveformData"), "or damaged"),
        (lambda f: delattr(f, "WaveformSequence"), "without waveforms"),
        (
            lambda f: setattr(first(f).ChannelDefinitionSequence[0], "ChannelSensitivity", "1e200"),
            "no voltage is so",
        ),
    ],
)
def test_a_file_that_lies_is_told_in_one_line(path, change, told):
    with pytest.raises((OSError, ValueError), match=told) as caught:
        read_recording(rewritten(path, change))
    assert str(caught.value).isprintable()


def test_a_deflated_file_is_refused_as_it_may_unpack_to_any_size(path):
    file = pydicom.dcmread(path)
    file.file_meta.TransferSyntaxUID = pydicom.uid.DeflatedExplicitVRLittleEndian
    file.save_as(path)
    with pytest.raises(OSError, match="deflated; save it as explicit little endian"):
        read_recording(path)


def test_a_length_of_gigabytes_allocates_nothing(path):
    data = bytearray(path.read_bytes())
    at = data.index(b"\x00\x54\x10\x10OW") + 8
    data[at : at + 4] = (2**32 - 2).to_bytes(4, "little")
    path.write_bytes(bytes(data))
    tracemalloc.start()
    read_dicom(path)
    assert tracemalloc.get_traced_memory()[1] < 2**24
    tracemalloc.stop()


def test_text_is_no_dicom_file(tmp_path):
    (tmp_path / "a.dcm").write_text("hello " * 100)
    with pytest.raises(OSError, match="is no DICOM file"):
        read_dicom(tmp_path / "a.dcm")


def test_implicit_little_endian_is_read(path):
    before = read_ecg(path).samples_mv
    file = pydicom.dcmread(path)
    file.file_meta.TransferSyntaxUID = pydicom.uid.ImplicitVRLittleEndian
    with BytesIO() as out:
        pydicom.dcmwrite(out, file, implicit_vr=True, little_endian=True)
        path.write_bytes(out.getvalue())
    assert np.array_equal(read_ecg(path).samples_mv, before)
