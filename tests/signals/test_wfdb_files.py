"""WFDB records against wfdb itself, byte for byte, and against headers that lie."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cardiotwin.signals.read import read_chunks, read_ecg, read_recording, record_info
from cardiotwin.signals.wfdb_files import read_wfdb
from cardiotwin.signals.wfdb_record import open_record

FORMATS = (8, 16, 24, 32, 61, 80, 160, 212, 310, 311)


def put(folder, text, name="a.hea", **files):
    """A header, and its files beside it."""
    (folder / name).write_text(text)
    for stem, data in files.items():
        (folder / f"{stem}.dat").write_bytes(data)
    return folder / name


def rows_of(recording):
    """Samples of all signals, in the order of the file where names sort so."""
    rows = {name: t.samples for name, t in recording.traces.items()}
    if recording.ecg is not None:
        rows |= dict(zip(recording.ecg.leads, recording.ecg.samples_mv, strict=True))
    return [rows[name] for name in sorted(rows)]


def agrees(wfdb, path, **span):
    theirs = wfdb.rdrecord(str(path.with_suffix("")), smooth_frames=False, **span).e_p_signal
    ours = rows_of(read_wfdb(path))
    return len(ours) == len(theirs) and all(
        a.tobytes() == b.tobytes() for a, b in zip(ours, theirs, strict=True)
    )


@pytest.mark.parametrize("number", FORMATS)
@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    seed=st.integers(0, 2**32 - 1),
    frames=st.integers(1, 9),
    signals=st.integers(1, 3),
    per_frame=st.integers(1, 3),
    offset=st.integers(0, 5),
)
def test_every_format_reads_as_wfdb_reads_it(
    wfdb, tmp_path, number, seed, frames, signals, per_frame, offset
):
    numbers = np.random.default_rng(seed).integers(0, 256, 300, dtype=np.uint8)
    if number == 311:  # two bits of each block are unused, and wfdb takes one of them for a sample
        numbers[offset + 3 :: 4] &= 0x3F
    lines = [
        f"a.dat {number}x{per_frame if k else 1}+{offset} {150 + k}.5({k - 1})/NU 12 0 7 0 0 s{k}"
        for k in range(signals)
    ]
    path = put(tmp_path, "\n".join([f"a {signals} 100 {frames}", *lines]), a=numbers.tobytes())
    assert agrees(wfdb, path)


@pytest.mark.parametrize(("number", "kind"), [(508, "PCM_S8"), (516, "PCM_16"), (524, "PCM_24")])
def test_flac_reads_as_wfdb_reads_it(wfdb, tmp_path, rng, number, kind):
    import soundfile

    numbers = rng.integers(-100, 100, (70, 2)).astype(np.int32) << (32 - (number - 500))
    soundfile.write(tmp_path / "a.flac", numbers, 100, kind, format="FLAC")
    head = f"a 2 100 70\na.dat {number} 200/NU 8 0 0 0 0 s0\na.dat {number} 200/NU 8 0 0 0 0 s1\n"
    path = put(tmp_path, head, a=(tmp_path / "a.flac").read_bytes())
    assert agrees(wfdb, path)


def test_skewed_signals_are_aligned_as_wfdb_aligns_them(wfdb, tmp_path, rng):
    data = rng.integers(0, 256, 80, dtype=np.uint8).tobytes()
    path = put(tmp_path, "a 2 100 20\na.dat 16 200/NU\na.dat 16:3 200/NU\n", a=data)
    theirs = wfdb.rdrecord(str(path.with_suffix(""))).p_signal
    ours = rows_of(read_wfdb(path))
    assert np.array_equal(np.stack(ours, axis=1), theirs, equal_nan=True)
    assert np.isnan(ours[1][-3:]).all()


@pytest.mark.parametrize(
    "head",
    ["a/2 2 100 40\nb 20\nc 20\n", "a/4 2 100 50\nl 0\nb 20\n~ 10\nd 20\n"],
    ids=["the same signals", "other signals and a gap"],
)
def test_segments_join_as_in_wfdb(wfdb, tmp_path, rng, head):
    data = {k: rng.integers(0, 256, 80, dtype=np.uint8).tobytes() for k in "bcd"}
    put(tmp_path, "l 2 100 0\n~ 0 200/NU 0 0 0 0 0 s0\n~ 0 200/NU 0 0 0 0 0 s1\n", "l.hea")
    both = "{0} 2 100 20\n{0}.dat 16 200/NU 16 0 0 0 0 s0\n{0}.dat 16 100/NU 16 0 0 0 0 s1\n"
    for stem in "bc":
        put(tmp_path, both.format(stem), f"{stem}.hea", **{stem: data[stem]})
    put(tmp_path, "d 1 100 20\nd.dat 16 300/NU 16 0 0 0 0 s1\n", "d.hea", d=data["d"])
    path = put(tmp_path, head)
    theirs = wfdb.rdrecord(str(path.with_suffix(""))).p_signal
    ours = np.stack(rows_of(read_wfdb(path)), axis=1)
    assert np.array_equal(ours, theirs, equal_nan=True)
    assert np.isnan(ours[20:30]).any() == ("~" in head)


def test_a_layout_that_names_a_signal_twice_gets_it_twice(tmp_path):
    put(tmp_path, "l 2 100 0\n" + "~ 0 200/mV 0 0 0 0 0 II\n" * 2, "l.hea")
    put(tmp_path, "b 1 100 2\nb.dat 16 200/mV 16 0 0 0 0 II\n", "b.hea", b=b"\1\0\2\0")
    path = put(tmp_path, "a/2 2 100 2\nl 0\nb 2\n")
    assert read_ecg(path).samples_mv.tolist() == [[0.005, 0.01]] * 2


def test_pieces_of_a_record_of_segments_are_the_whole(tmp_path, rng):
    put(tmp_path, "b 1 100 20\nb.dat 16 200/mV 16 0 0 0 0 II\n", "b.hea", b=rng.bytes(40))
    path = put(tmp_path, "a/3 1 100 53\nb 20\n~ 13\nb 20\n")
    whole = read_ecg(path).samples_mv
    assert np.isnan(whole[0, 20:33]).all()
    for first, piece in read_chunks(path, 0.07, 0.02):
        part = whole[:, first : first + piece.samples_mv.shape[1]]
        assert np.array_equal(piece.samples_mv, part, equal_nan=True)
    assert first + piece.samples_mv.shape[1] == 53


@pytest.mark.parametrize("number", FORMATS)
def test_pieces_that_begin_anywhere_in_a_block_are_the_whole(tmp_path, rng, number):
    lines = [f"a.dat {number}x{k + 1}:{2 * k}+1 200/mV 12 0 7 0 0 V{k + 1}" for k in range(3)]
    path = put(tmp_path, "\n".join(["a 3 100 31", *lines]), a=rng.bytes(31 * 6 * 4 + 1))
    record = open_record(path)
    whole = record.read(range(3), 0, 31)
    assert [np.isnan(c.samples[-1]) for c in whole] == [False, True, True], "skewed beyond the end"
    for first in range(30):
        for channel, piece in zip(whole, record.read(range(3), first, first + 2), strict=True):
            rate = round(piece.field.fs_hz / 100)
            part = channel.samples[first * rate : (first + 2) * rate]
            assert np.array_equal(piece.samples, part, equal_nan=True)


def test_a_damaged_compressed_file_is_told_in_one_line(tmp_path):
    path = put(tmp_path, "a 1 100 70\na.dat 516 200/mV 16 0 0 0 0 II\n", a=b"fLaC\n\0" * 9)
    with pytest.raises(OSError, match=r"a\.hea cannot be decoded by wfdb: .") as caught:
        read_recording(path)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("name", ["a*b[1]?{2}", "~", "%20 #", "http:", "file:"])
def test_the_name_of_the_folder_means_nothing(tmp_path, name):
    (tmp_path / name).mkdir()
    path = put(tmp_path / name, "a 1 100 2\na.dat 16 200/mV 16 0 0 0 0 II\n", a=bytes(4))
    assert read_ecg(path).samples_mv.tolist() == [[0.0, 0.0]]


def test_a_folder_that_would_be_a_chain_of_urls_is_refused(tmp_path):
    (tmp_path / "simplecache::data:x").mkdir()
    text = "a 1 100 2\na.dat 16 200/mV 16 0 0 0 0 II\n"
    path = put(tmp_path / "simplecache::data:x", text, a=bytes(4))
    with pytest.raises(ValueError, match="a folder with '::' in its path"):
        read_ecg(path)


def test_the_invalid_number_of_each_format_becomes_nan(tmp_path):
    for bits in (16, 32):
        data = np.array([5, -(2 ** (bits - 1)), 7], f"<i{bits // 8}").tobytes()
        put(tmp_path, f"a 1 100 3\na.dat {bits} 200/mV 16 0 0 0 0 II\n", a=data)
        assert np.isnan(read_ecg(tmp_path / "a").lead("II")).tolist() == [False, True, False]


def test_leads_have_a_name_and_a_voltage_and_all_else_is_a_trace(tmp_path):
    names = [("II,", "mV"), ("AVR", "uV"), ("PLETH", "NU"), ("RESP", "mV"), ("II", "mmHg")]
    lines = [f"a.dat 16 100/{unit} 16 0 0 0 0 {name}" for name, unit in names]
    path = put(tmp_path, "\n".join(["a 5 100 2", *lines]), a=np.arange(10, dtype="<i2").tobytes())
    recording = read_recording(path)
    assert recording.ecg.leads == ("II", "aVR")
    assert recording.ecg.samples_mv.tolist() == [[0.0, 0.05], [0.01 / 1000, 0.06 / 1000]]
    assert list(recording.traces) == ["PLETH", "RESP", "II"]


def test_leads_of_another_rate_become_traces(tmp_path):
    names = [("I", 1), ("II", 1), ("V1", 2)]
    lines = [f"a.dat 16x{rate} 100/mV 16 0 0 0 0 {name}" for name, rate in names]
    path = put(tmp_path, "\n".join(["a 3 100 2", *lines]), a=bytes(16))
    recording = read_recording(path)
    assert recording.ecg.leads == ("I", "II")
    assert (recording.traces["V1"].fs_hz, len(recording.traces["V1"].samples)) == (200.0, 4)


def test_a_unit_that_cannot_be_printed_is_read_with_question_marks(tmp_path):
    path = put(tmp_path, "a 1 100 2\na.dat 16 100/m\x7fV\0 16 0 0 0 0 PLETH\n", a=bytes(4))
    assert read_recording(path).traces["PLETH"].unit == "m?V"


def test_two_leads_of_one_name_are_told_apart(tmp_path):
    line = "a.dat 16 100/mV 16 0 0 0 0 ECG\n"
    path = put(tmp_path, f"a 2 100 2\n{line}{line}", a=bytes(8))
    assert read_ecg(path).leads == ("ECG", "ECG (2)")


def test_a_length_that_is_not_told_follows_from_the_file(wfdb, tmp_path):
    path = put(tmp_path, "a 2 100\na.dat 212 200/NU\na.dat 212 200/NU\n", a=bytes(range(60)))
    assert agrees(wfdb, path)


def test_comments_tell_age_sex_and_diagnoses(tmp_path):
    for comments, age_years, sex in [
        ("# 69 M 1085 1629 x1", 69.0, "male"),
        ("#<age>: 51\n#<sex>: F\n#<diagnoses>:\n#Sinus rhythm.", 51.0, "female"),
        ("#<age>: 88 <sex>: M <location>: micu", 88.0, "male"),
        ("# age: >89\n# sex: female", 89.0, "female"),
        ("# -1 F 0 0 x1", None, "female"),
    ]:
        path = put(tmp_path, f"a 1 100 2\na.dat 16 200/mV\n{comments}\n", a=bytes(4))
        meta = record_info(path).meta
        assert (meta.get("age_years"), meta["sex"]) == (age_years, sex)
    put(tmp_path, "a 1 100 2\na.dat 16 200/mV\n#<diagnoses>:\n#AF.\n#LVH.\n", a=bytes(4))
    assert record_info(path).meta["diagnoses"] == "AF.; LVH."


@pytest.mark.parametrize(
    "name", ["../b.dat", "/etc/hosts", "~b.dat", "sub/b.dat", "..", "http://x/b.dat", "c:b.dat"]
)
def test_a_header_that_names_a_file_elsewhere_is_refused(tmp_path, name):
    path = put(tmp_path, f"a 1 100 2\n{name} 16 200/mV 16 0 0 0 0 II\n")
    with pytest.raises(ValueError, match="only files beside it are read") as caught:
        read_recording(path)
    assert "\n" not in str(caught.value)
    put(tmp_path, f"a/1 1 100 2\n{name.removesuffix('.dat')} 2\n")
    with pytest.raises(ValueError, match="only files beside it are read"):
        read_recording(path)


def test_a_link_out_of_the_folder_is_refused_and_one_within_is_followed(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "secret").write_bytes(bytes(4))
    path = put(tmp_path / "in", "a 1 100 2\na.dat 16 200/mV 16 0 0 0 0 II\n", b=bytes(4))
    (tmp_path / "in/a.dat").symlink_to(tmp_path / "secret")
    with pytest.raises(ValueError, match="only files beside it are read"):
        read_recording(path)
    (tmp_path / "in/a.dat").unlink()
    (tmp_path / "in/a.dat").symlink_to("b.dat")
    assert read_ecg(path).leads == ("II",)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a 1 100 1000000000000\na.dat 16 200/mV\n", "claims 1000000000000 samples"),
        ("a 1 100 3\na.dat 16 200/mV\n", "ends after 2 of the 3 samples that a.hea promises"),
        ("a 1000000 100 2\na.dat 16 200/mV\n", "states 1000000 signals"),
        ("a 1 1e99 2\na.dat 16 200/mV\n", r"states 1e\+99 samples a second"),
        ("a 1 0 2\na.dat 16 200/mV\n", "states 0 samples a second"),
        ("a 1 -5 2\na.dat 16 200/mV\n", "is no WFDB header"),
        ("a 1 100 2\na.dat 16 1e-99/mV\n", "a gain of 1e-99"),
        ("a 1 100 2\na.dat 17 200/mV\n", "format 17, which is unknown"),
        ("a 1 100\na.dat 516 200/mV\n", "format 516, without a length"),
        ("a 1 100 2\na.dat 8 1/mV 8 0 -99999999999\n", "out of range"),
        ("a 2 100 2\na.dat 16 200/mV\n", "promises 2 lines and holds 1"),
        ("a 1 100 2\nb.dat 16 200/mV\n", "b.dat, which a.hea names, is missing"),
        ("a 1 100 2\na.dat 16x9999 200/mV\n", "9999 samples a frame"),
        ("a/1 1 100 2\nb 2\n", "b.hea, which a.hea names, is missing"),
        ("a/1 1 100 2\na 2\n", "has segments itself"),
        ("a/1 1 100 30\n~ 30\n", "is one gap"),
        ("a 3 100 1\na.dat 80 1/mV\nb.dat 80 1/mV\na.dat 80 1/mV\n", "not in one block"),
        ("\0\1\2\3 binary", "is no WFDB header"),
        ("", "is empty"),
    ],
)
def test_a_header_that_lies_is_told_in_one_line(tmp_path, text, told):
    path = put(tmp_path, text, a=bytes(4))
    for way in (read_recording, record_info, lambda p: list(read_chunks(p, 1.0))):
        with pytest.raises((OSError, ValueError), match=told) as caught:
            way(path)
        assert str(caught.value).isprintable()


def test_a_segment_may_come_again_with_no_samples(tmp_path, rng):
    put(tmp_path, "b 1 100 20\nb.dat 16 200/mV 16 0 0 0 0 II\n", "b.hea", b=rng.bytes(40))
    path = put(tmp_path, "a/2 1 100 20\nb 20\nb 0\n")
    assert read_ecg(path).samples_mv.shape == (1, 20)


def test_differences_add_up_from_any_first_number(tmp_path):
    path = put(tmp_path, "a 1 100 3\na.dat 8 1/mV 8 0 -2000000000 0 0 II\n", a=b"\1\1\1")
    assert read_ecg(path).lead("II").tolist() == [-1999999999, -1999999998, -1999999997]


def test_a_gap_of_years_takes_no_memory_until_it_is_read(tmp_path):
    put(tmp_path, "b 1 100 2\nb.dat 16 200/mV 16 0 0 0 0 II\n", "b.hea", b=bytes(4))
    path = put(tmp_path, "a/2 1 100 9000000002\nb 2\n~ 9000000000\n")
    assert record_info(path).samples == 9_000_000_002
    with pytest.raises(ValueError, match="damaged or hostile"):
        read_recording(path)
    first, piece = next(read_chunks(path, 1.0))
    assert (first, piece.samples_mv.shape) == (0, (1, 100))


def test_a_header_without_samples_says_which_file_is_missing(tmp_path):
    path = put(tmp_path, "a 1 100 2\na.dat 16 200/mV 16 0 0 0 0 II\n")
    with pytest.raises(FileNotFoundError, match=r"a\.dat, which a\.hea names, is missing"):
        read_ecg(path)


def test_staged_records_equal_wfdb_byte_for_byte(wfdb, data_folder):
    ecg = data_folder / "ecg"
    found = [ecg / "mitdb/114.hea", ecg / "ludb/data/1.hea"]
    found += sorted((ecg / "ptb-xl").glob("records*/00000/*.hea"))[:2]
    for path in found:
        theirs = wfdb.rdrecord(str(path.with_suffix("")), smooth_frames=False)
        ours = read_ecg(path)
        for name, samples in zip(theirs.sig_name, theirs.e_p_signal, strict=True):
            lead = next(x for x in ours.leads if x.lower() == name.lower())
            assert ours.lead(lead).tobytes() == samples.tobytes()
