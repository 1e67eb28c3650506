"""When a recording began, in the words of several formats."""

from datetime import datetime

import pytest

from cardiotwin.signals.read import read_recording, record_info
from cardiotwin.signals.starts import UNKNOWN_START, start_of
from cardiotwin.signals.write import write_recording


@pytest.mark.parametrize(
    "told",
    ["2020-01-02 03:04:05", "2020-01-02T03:04:05", "3:04:05 2/1/2020", "03:04:05.0 2/1/2020"],
)
def test_dates_of_all_readers_are_understood(told):
    assert start_of({"start": told}) == datetime(2020, 1, 2, 3, 4, 5)


@pytest.mark.parametrize("meta", [{}, {"start": "03:04:05"}, {"start": "long ago"}])
def test_a_start_without_a_day_is_not_known(meta):
    assert start_of(meta) == UNKNOWN_START


@pytest.mark.parametrize("ending", [".edf", ".bdf", ".dcm"])
def test_the_start_of_a_wfdb_record_goes_along(tmp_path, small, ending):
    write_recording(small, tmp_path / "a.hea")
    wfdb = read_recording(tmp_path / "a.hea")
    write_recording(wfdb, tmp_path / f"b{ending}", lossy=True)
    assert record_info(tmp_path / f"b{ending}").meta["start"] == small.meta["start"]
