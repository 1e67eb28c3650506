"""EDF and BDF against pyedflib, and headers that lie."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from cardiotwin.signals.ecg import ECG
from cardiotwin.signals.edf_files import edf_info, read_edf
from cardiotwin.signals.edf_writing import write_edf
from cardiotwin.signals.read import read_chunks, read_ecg, read_recording
from cardiotwin.signals.recording import Recording

#: Where fields of the header of one signal start, and how long they are.
PLACES = {
    "version": (0, 8),
    "kind": (192, 5),
    "records": (236, 8),
    "duration": (244, 8),
    "signals": (252, 4),
    "low": (256 + 104, 8),
    "high": (256 + 112, 8),
    "digital_low": (256 + 120, 8),
    "count": (256 + 216, 8),
}


@pytest.fixture
def path(tmp_path, rng):
    ecg = ECG(samples_mv=rng.normal(size=(1, 7750)), fs_hz=250.0, leads=("II",))
    write_edf(Recording(ecg=ecg), tmp_path / "a.edf")
    return tmp_path / "a.edf"


def changed(path, **fields):
    data = bytearray(path.read_bytes())
    for name, text in fields.items():
        start, length = PLACES[name]
        data[start : start + length] = text.encode().ljust(length)
    path.write_bytes(bytes(data))
    return path


def write_with_pyedflib(path, rng, labels, rates, dimension="uV", kind="FILETYPE_EDFPLUS"):
    import pyedflib

    writer = pyedflib.EdfWriter(str(path), len(labels), getattr(pyedflib, kind))
    with writer:
        for k, (label, rate) in enumerate(zip(labels, rates, strict=True)):
            writer.setSignalHeader(
                k,
                {
                    "label": label,
                    "dimension": dimension,
                    "sample_frequency": rate,
                    "physical_min": -5000.0,
                    "physical_max": 5000.0,
                    "digital_min": -32768,
                    "digital_max": 32767,
                    "transducer": "",
                    "prefilter": "",
                },
            )
        writer.writeSamples([rng.normal(0, 800, 8 * rate) for rate in rates])
        writer.writeAnnotation(1.25, 0.5, "flutter")
        writer.writeAnnotation(3.0, -1, "end")


@pytest.mark.parametrize("kind", ["FILETYPE_EDFPLUS", "FILETYPE_BDFPLUS"])
def test_what_pyedflib_writes_is_read_as_pyedflib_reads_it(tmp_path, rng, kind):
    import pyedflib

    path = tmp_path / ("a.edf" if "EDF" in kind else "a.bdf")
    write_with_pyedflib(path, rng, ["EKG II", "Resp", "ECG V1"], [256, 32, 256], kind=kind)
    ours = read_edf(path)
    with pyedflib.EdfReader(str(path)) as file:
        theirs = [file.readSignal(k) for k in range(3)]
        onsets, _, texts = file.readAnnotations()
    assert ours.ecg.leads == ("II", "V1")
    assert ours.ecg.lead("II").tobytes() == (theirs[0] / 1000).tobytes(), "uV become mV"
    assert ours.ecg.lead("V1").tobytes() == (theirs[2] / 1000).tobytes()
    assert ours.trace("Resp").samples.tobytes() == theirs[1].tobytes()
    assert (ours.trace("Resp").fs_hz, ours.trace("Resp").unit) == (32.0, "uV")
    marks = ours.marks["annotations"]
    assert (marks.labels, marks.notes) == (tuple(texts), ("0.5 s", ""))
    assert marks.times_ms.tolist() == (onsets * 1000).tolist()
    assert edf_info(path).marks == ("annotations",)


def test_pyedflib_reads_what_we_write(tmp_path, rng, small):
    import pyedflib

    write_edf(small, tmp_path / "a.edf")
    ours = read_ecg(tmp_path / "a.edf").samples_mv
    with pyedflib.EdfReader(str(tmp_path / "a.edf")) as file:
        assert file.getSignalLabels() == ["I", "II", "V1", "PLETH", "RESP"]
        assert [file.getSampleFrequency(k) for k in range(5)] == [250.0] * 4 + [125.0]
        assert ours[0].tobytes() == file.readSignal(0).tobytes()
        assert file.readAnnotations()[2].tolist() == ["(", "+ (AFIB", "N", ")", "N"]


@pytest.mark.parametrize("count", [1, 2, 7, 249, 251, 650])
def test_a_length_that_fills_no_data_record_comes_back(tmp_path, rng, count):
    for fs_hz in (250.0, 360.0):
        ecg = ECG(samples_mv=rng.normal(size=(2, count)), fs_hz=fs_hz, leads=("I", "II"))
        write_edf(Recording(ecg=ecg), tmp_path / "a.edf")
        again = read_ecg(tmp_path / "a.edf")
        assert (again.fs_hz, again.samples_mv.shape) == (fs_hz, (2, count))
        pieces = [piece.samples_mv for _, piece in read_chunks(tmp_path / "a.edf", 0.5)]
        assert np.array_equal(np.concatenate(pieces, axis=1), again.samples_mv)


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"version": "1"}, "is no EDF or BDF file"),
        ({"records": "99999999"}, "ends after 31 of 99999999 data records"),
        ({"records": "-1"}, "states -1 data records"),
        ({"records": "many"}, "gives 'many' for the number of data records"),
        ({"duration": "0"}, "states inf samples a second"),
        ({"duration": "-1"}, "states inf samples a second"),
        ({"duration": "nan"}, "gives 'nan'"),
        ({"duration": "1e-300"}, "samples a second"),
        ({"signals": "9999"}, "states 9999 signals"),
        ({"signals": "0"}, "states 0 signals"),
        ({"signals": "100"}, "ends within its header"),
        ({"low": "1", "high": "1"}, "no voltage can be read"),
        ({"digital_low": "40000"}, "no voltage can be read"),
        ({"count": "99999999"}, "ends after 0 of 31 data records"),
        ({"count": "-250"}, "was not closed properly"),
        ({"kind": "EDF+D"}, r"is discontinuous \(EDF\+D\); split it"),
    ],
)
def test_a_header_that_lies_is_told_in_one_line(path, fields, told):
    for way in (read_recording, edf_info, lambda p: list(read_chunks(p, 1.0))):
        with pytest.raises((OSError, ValueError), match=told) as caught:
            way(changed(path, **fields))
        assert str(caught.value).isprintable()


def test_a_file_can_be_read_again_after_an_error(path):
    whole = path.read_bytes()
    path.write_bytes(whole[:-10])
    with pytest.raises(OSError, match="ends after 30 of 31 data records"):
        read_edf(path)
    path.write_bytes(whole)
    for _ in range(2):
        assert read_edf(path).ecg.leads == ("II",)


def test_threads_may_read_one_file_at_once(path):
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: read_edf(path).ecg.samples_mv, range(40)))
    assert all(np.array_equal(samples, found[0]) for samples in found)


def test_a_file_is_free_between_its_pieces(path):
    for first, piece in read_chunks(path, 10.0):
        whole = read_ecg(path).samples_mv
        assert np.array_equal(piece.samples_mv, whole[:, first : first + 2500])


def test_eegmat_has_its_label_age_and_sex(data_folder):
    ecg = read_ecg(data_folder / "ecg/eegmat/Subject00_1.edf")
    assert (ecg.leads, ecg.fs_hz) == (("ECG ECG",), 500.0)
    assert (ecg.meta["sex"], ecg.meta["age_years"]) == ("male", 20.0)
