"""Our own files: nothing is trusted that a zip file says of itself."""

import json
import zipfile

import numpy as np
import pytest

from cardiotwin.signals.ecg import ECG
from cardiotwin.signals.npz_files import npz_info, read_npz, write_npz
from cardiotwin.signals.read import read_chunks, read_recording
from cardiotwin.signals.recording import Recording


@pytest.fixture
def path(tmp_path, small):
    write_npz(small, tmp_path / "a.npz")
    return tmp_path / "a.npz"


def rewritten(path, compression=zipfile.ZIP_STORED, **arrays):
    """The file with some members replaced by bytes, or left out where they are None."""
    with zipfile.ZipFile(path) as old:
        members = {n: old.read(n) for n in old.namelist()}
    members |= {f"{name}.npy": data for name, data in arrays.items()}
    with zipfile.ZipFile(path, "w", compression) as new:
        for name, data in members.items():
            if data is not None:
                new.writestr(name, data)
    return path


def header(shape, kind="<f8"):
    """The header of an array of any claimed shape."""
    text = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}}}".ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00v\x00" + text.encode()


def test_numpy_opens_it_without_pickles(path, small):
    with np.load(path, allow_pickle=False) as file:
        assert np.array_equal(file["samples_mv"], small.ecg.samples_mv)
        assert json.loads(str(file["recording"]))["ecg"]["leads"] == ["I", "II", "V1"]


def test_a_compressed_file_reads_alike(path, small, same):
    assert same(read_npz(rewritten(path, zipfile.ZIP_DEFLATED)), small)
    pieces = [piece.samples_mv for _, piece in read_chunks(path, 1.0)]
    assert np.array_equal(np.concatenate(pieces, axis=1), small.ecg.samples_mv)


def test_the_same_recording_gives_the_same_arrays_and_writable_ones(path):
    samples = read_npz(path).ecg.samples_mv
    assert samples.flags.writeable


def test_a_bomb_is_refused_before_it_unpacks(tmp_path):
    zeros = np.zeros((1, 2**24))
    write_npz(Recording(ecg=ECG(samples_mv=zeros, fs_hz=250.0, leads=("II",))), tmp_path / "a.npz")
    path = rewritten(tmp_path / "a.npz", zipfile.ZIP_DEFLATED)
    assert path.stat().st_size < 2**18
    for way in (read_npz, npz_info, lambda p: list(read_chunks(p, 1.0))):
        with pytest.raises(ValueError, match="damaged or hostile"):
            way(path)


@pytest.mark.parametrize(
    ("arrays", "told"),
    [
        ({"samples_mv": header("(3, 1000000000000)")}, "does not fit"),
        ({"samples_mv": header("(3,)") + bytes(24)}, "leads|does not fit|shape"),
        ({"samples_mv": header("(-3, -1000)") + bytes(24000)}, "."),
        ({"samples_mv": header("(3, 1000)", "|O") + bytes(24000)}, "pickled objects"),
        ({"samples_mv": header("(3, 1000)", "<c16") + bytes(48000)}, "does not fit"),
        ({"samples_mv": b"not an array"}, "no archive of cardiotwin, or damaged"),
        ({"samples_mv": None}, "no readable array 'samples_mv'"),
        ({"recording": None}, "no readable array 'recording'"),
        ({"recording": header("()", "<U2") + "[]".encode("utf-32-le")}, "not as cardiotwin writes"),
        ({"recording": header("()", "<U2") + "{x".encode("utf-32-le")}, "damaged"),
    ],
)
def test_what_is_wrong_with_a_file_is_told_in_one_line(path, arrays, told):
    with pytest.raises((OSError, ValueError), match=told) as caught:
        read_recording(rewritten(path, **arrays))
    assert str(caught.value).isprintable()


def test_a_description_with_false_types_or_of_a_later_version_is_told(path):
    with np.load(path) as file:
        about = json.loads(str(file["recording"]))
    for change, told in [
        ({"version": 99}, "newer than this cardiotwin"),
        ({"meta": []}, "not as cardiotwin writes"),
        ({"ecg": {"fs_hz": "fast", "leads": ["I"], "meta": {}}}, "not as cardiotwin writes"),
        ({"traces": [{"name": 1}]}, "not as cardiotwin writes"),
        ({"marks": {"a": 1}}, "not as cardiotwin writes"),
    ]:
        text = json.dumps({**about, **change})
        data = header("()", f"<U{len(text)}") + text.encode("utf-32-le")
        with pytest.raises(OSError, match=told):
            read_npz(rewritten(path, recording=data))


def test_a_file_cut_short_is_told(path):
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(OSError, match="no archive of cardiotwin, or damaged"):
        read_npz(path)
