"""Tables of text: what names and times mean, and what is wrong with others."""

import numpy as np
import pytest

from cardiotwin.signals.csv_files import csv_chunks, csv_info, read_csv, write_csv
from cardiotwin.signals.ecg import ECG
from cardiotwin.signals.read import read_chunks, read_ecg, read_recording
from cardiotwin.signals.recording import Recording


def put(folder, text):
    data = text if isinstance(text, bytes) else text.encode()
    (folder / "a.csv").write_bytes(data)
    return folder / "a.csv"


@pytest.mark.parametrize(
    ("head", "unit_mv"),
    [
        ("II_mV", 1.0),
        ("II (uV)", 1e-3),
        ("lead II [V]", 1e3),
        ("ii_uV", 1e-3),
        ("II (\u00b5V)", 1e-3),
    ],
)
def test_the_unit_stands_in_the_name(tmp_path, head, unit_mv):
    ecg = read_ecg(put(tmp_path, f"time_ms,{head}\n0,8\n4,-16\n"))
    assert (ecg.leads, ecg.fs_hz) == (("II",), 250.0)
    assert ecg.samples_mv.tolist() == [[8 * unit_mv, -16 * unit_mv]]


def test_plain_names_need_a_unit_and_a_rate_from_the_caller(tmp_path):
    path = put(tmp_path, "I,II\n1000,2\n3,4\n")
    recording = read_csv(path, fs_hz=100.0, unit="uV")
    assert recording.ecg.samples_mv.tolist() == [[1.0, 0.003], [0.002, 0.004]]
    assert csv_info(path, fs_hz=100.0).samples == 2
    assert len(list(csv_chunks(path, 0.01, 0.0, fs_hz=100.0))) == 2
    with pytest.raises(ValueError, match="no column time_ms or time_s; give fs_hz"):
        read_recording(path)


def test_spreadsheets_with_decimal_commas_are_read(tmp_path):
    ecg = read_ecg(put(tmp_path, "\ufefftime_s;I_mV;II_mV\r\n0;1,5;\r\n0,002;-2,5;3\r\n"))
    assert np.array_equal(ecg.samples_mv, [[1.5, -2.5], [np.nan, 3.0]], equal_nan=True)
    assert ecg.fs_hz == 500.0


@pytest.mark.parametrize("fs_hz", [100.0, 128.0, 257.0, 360.0, 500.0, 512.0, 1000.0])
def test_rounded_times_give_the_plain_rate(tmp_path, fs_hz):
    for digits in (3, 4, 6):
        rows = "".join(f"{k / fs_hz:.{digits}f},0\n" for k in range(5000))
        assert read_ecg(put(tmp_path, "time_s,II_mV\n" + rows)).fs_hz == fs_hz


@pytest.mark.parametrize("fs_hz", [1000 / 3, 1000 / 7, 62.5, 360_000 / 1001, 333.33])
def test_rates_that_are_fractions_come_back_exactly(tmp_path, fs_hz):
    ecg = ECG(samples_mv=np.zeros((1, 3000)), fs_hz=fs_hz, leads=("II",))
    write_csv(Recording(ecg=ecg), tmp_path / "a.csv")
    assert read_ecg(tmp_path / "a.csv").fs_hz == fs_hz


@pytest.mark.parametrize("gap", ["", " ", "NA", " NA", "nan", "NaN"])
def test_gaps_are_written_in_many_ways(tmp_path, gap):
    ecg = read_ecg(put(tmp_path, f"time_ms,I_mV,II_mV\n0,{gap},1\n4,2,{gap}\n"))
    assert np.array_equal(ecg.samples_mv, [[np.nan, 2], [1, np.nan]], equal_nan=True)


def test_columns_that_are_no_leads_are_traces_in_their_units(tmp_path):
    recording = read_recording(
        put(tmp_path, "time_s,PLETH (NU),II_mV,RESP [pm]\n0,1,2,3\n1,4,5,6\n")
    )
    assert {k: t.unit for k, t in recording.traces.items()} == {"PLETH": "NU", "RESP": "pm"}
    assert recording.trace("RESP").samples.tolist() == [3.0, 6.0]


def test_many_blocks_are_one_table(tmp_path):
    rows = "".join(f"{2 * k},{k / 8}\n" for k in range(200_000))
    path = put(tmp_path, "time_ms,II_mV\n" + rows)
    assert path.stat().st_size > 2**21
    whole = read_ecg(path)
    assert np.array_equal(whole.lead("II"), np.arange(200_000) / 8)
    for first, piece in read_chunks(path, 100.0, 1.0):
        assert np.array_equal(piece.lead("II"), whole.lead("II")[first : first + 50_000])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is empty"),
        ("time_ms,II_mV\n", "has names and no numbers"),
        ("0,1\n4,2\n", "its first line must name the columns"),
        ("time_ms\n0\n4\n", "holds times only"),
        ("time_ms,II_mV\n0,1\n4,2\n20,3\n", "jumps in time at row 2"),
        ("time_ms,II_mV\n0,1\n4\n8,1\n", "a.csv: row 2 needs 2 cells, has 1$"),
        ("time_ms,II_mV\n0,1,7\n4,2,7\n", "row 1 needs 2 cells, has 3"),
        ("time_ms,II_mV\n0,1\n4,x\n", "a.csv: 'x' in row 2, column II is no number; leave"),
        ("time_ms,II_mV\n0,1\n4,1_0\n", "'1_0' in row 2, column II is no number"),
        ("time_ms,II_mV\n0,1\n4,-inf\n", "a.csv: '-inf' in row 2, column II is infinite; leave"),
        ("time_ms,II_mV\n0,1\n4,1e999\n", "'1e999' in row 2, column II is infinite"),
        ("time_ms,II_mV\n0,1\n1e308,1\n8,1\n", "jumps in time at row 2"),
        ("time_ms,II_mV\n\x1c\n", "has names and no numbers"),
        ("time_ms,II_mV\n5,1\n5,2\n", "has 2 rows from 5 to 5 ms; give fs_hz"),
        ("time_ms,II_mV\nnan,1\nnan,2\n", "give fs_hz"),
        ("time,II_mV\n0,1\n4,2\n", "name the column time_ms or time_s"),
        ("time_ms,II_mV\n0," + "1" * 2**21, "a line of more than"),
        (b"time_ms,II_mV\n0,\xff\xfe\n", "is no text in UTF-8"),
        (b"\x00\x01\x02", "is no text in UTF-8"),
        ("time_ms," + ",".join(f"c{k}" for k in range(600)) + "\n0\n", "states 601 signals"),
    ],
)
def test_what_is_wrong_with_a_table_is_told_in_one_line(tmp_path, text, told):
    with pytest.raises((OSError, ValueError), match=told) as caught:
        read_recording(put(tmp_path, text))
    assert str(caught.value).isprintable()
