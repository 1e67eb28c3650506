"""Every data set by its published layout: what is on disk is found, and nobody is on two sides."""

import dataclasses
import re
import sys
from pathlib import Path

import numpy as np
import pytest

from cardiotwin.signals import code15, echonext, ptb_xl
from cardiotwin.signals.datasets import ecg_dataset, ecg_datasets
from cardiotwin.signals.splits import folds_by_patient, official_folds, split_by_patient

from .small_sets import FS_HZ, SMALL_SETS, TWELVE, write_table

SHARES = {"train": 0.5, "validation": 0.2, "test": 0.3}


@pytest.fixture
def small(tmp_path):
    """Function: a small set by its name, and its records."""

    def make(name):
        folder = SMALL_SETS[name](tmp_path / name)
        return folder, {r.name: r for r in ecg_dataset(name).records(folder)}

    return make


def test_every_set_says_what_a_user_must_know():
    for one in ecg_datasets():
        assert one.licence
        assert one.citation
        assert one.source
        assert one.split
        assert one.count > 0


@pytest.mark.parametrize("name", SMALL_SETS)
def test_each_layout_finds_its_small_set_and_no_patient_is_on_two_sides(small, name):
    folder, records = small(name)
    assert ecg_dataset(name).is_in(folder)
    assert len(records) >= 2
    assert len({r.path for r in records.values()} | set(records)) >= len(records)
    for parts in sides_of(list(records.values())):
        people = [{r.patient for r in part} for part in parts]
        assert sum(map(len, people)) == len(set().union(*people))


def sides_of(records):
    yield split_by_patient(records, SHARES).values()
    yield split_by_patient(records, SHARES, stratify=True).values()
    yield folds_by_patient(records, 3)
    if any(r.fold for r in records):
        yield official_folds(records).values()


@pytest.mark.parametrize("name", [n for n in SMALL_SETS if n != "code15"])
def test_each_record_loads_with_what_the_index_knows(small, name):
    _, records = small(name)
    for record in records.values():
        recording = ecg_dataset(name).load(record)
        assert recording.ecg.meta["patient"] == record.patient
        assert recording.meta["record"] == record.name
        assert recording.ecg.samples_mv.shape[1] > 0


@pytest.mark.parametrize("name", SMALL_SETS)
def test_an_index_that_is_not_there_is_an_error_with_its_name(name, tmp_path):
    with pytest.raises(OSError, match=r"\.csv(;| is missing; get)|no folder ECG|\*\.hea; is"):
        ecg_dataset(name).records(tmp_path)
    with pytest.raises(OSError, match=f"nowhere is no folder; give that of {name}, which has"):
        ecg_dataset(name).records(tmp_path / "nowhere")


def test_a_set_that_is_nowhere_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setenv("CARDIOTWIN_DATA", str(tmp_path))
    monkeypatch.setenv("CARDIOTWIN_CACHE", str(tmp_path))
    with pytest.raises(OSError, match=r"that has ecg/mitdb, or run `cardiotwin data fetch mitdb`"):
        ecg_dataset("mitdb").records()
    with pytest.raises(OSError, match=r"that has ecg/clare$"):
        ecg_dataset("clare").records()
    with pytest.raises(ValueError, match="no ECG data set is called 'ptb'; there are mitdb,"):
        ecg_dataset("ptb")


def test_ptb_xl_labels_are_superclasses_and_300_is_over_89(small):
    _, records = small("ptb-xl")
    assert {k: r.labels for k, r in records.items()} == {
        "1": ("NORM",),
        "2": ("MI", "STTC"),
        "3": ("HYP",),
    }
    assert records["2"].age_years == 90
    assert (records["1"].sex, records["2"].sex) == ("female", "male")
    assert records["2"].details["infarction_stadium1"] == "Stadium III"
    assert ptb_xl.statements(records["2"]) == {"IMI": 35.0, "NDT": 100.0}


def test_ptb_xl_takes_the_rate_that_is_asked_for(small):
    folder, records = small("ptb-xl")
    assert [r.path.name[6:8] for r in records.values()] == ["lr", "lr", "hr"]
    assert [r.name for r in ptb_xl.records(folder, fs_hz=500)] == ["2", "3"]
    assert ptb_xl.load(ptb_xl.records(folder, fs_hz=500)[0]).ecg.fs_hz == 500
    with pytest.raises(ValueError, match="PTB-XL comes at 100 and 500 Hz, got 250"):
        ptb_xl.records(folder, fs_hz=250)


def test_ptb_xl_leads_have_their_names_and_values(small):
    _, records = small("ptb-xl")
    ecg = ptb_xl.load(records["1"]).ecg
    assert [lead.upper() for lead in ecg.leads] == list(TWELVE)
    assert ecg.fs_hz == FS_HZ
    np.testing.assert_allclose(ecg.lead("V6"), 0.012 * np.arange(20), rtol=1e-12)


def test_a_broken_index_names_its_missing_column(small):
    folder, _ = small("ptb-xl")
    write_table(folder / "ptbxl_database.csv", [{"ecg_id": 1, "filename_lr": "x"}])
    with pytest.raises(ValueError, match=r"ptbxl_database.csv has no column 'patient_id'; get"):
        ecg_dataset("ptb-xl").records(folder)


INDEXES = {
    "ptb-xl": "ptbxl_database.csv",
    "ludb": "ludb.csv",
    "eegmat": "subject-info.csv",
    "echonext": "echonext_metadata_100k.csv",
    "code15": "exams.csv",
}


@pytest.mark.parametrize(("name", "index"), INDEXES.items())
def test_an_index_that_is_damaged_is_an_error_of_one_line_or_a_shorter_set(small, name, index):
    folder, records = small(name)
    whole = (folder / index).read_bytes()
    rng = np.random.default_rng(0)
    for _ in range(60):
        start, stop = sorted(rng.integers(0, len(whole), 2))
        for damaged in (whole[:start], whole[:start] + rng.bytes(9) + whole[stop:]):
            (folder / index).write_bytes(damaged)
            found = records_or_why(name, folder)
            assert "\n" not in found if isinstance(found, str) else len(found) <= len(records)


def records_or_why(name, folder):
    """The records, or the words of the error that a user would see."""
    try:
        return ecg_dataset(name).records(folder)
    except (OSError, ValueError) as error:
        return str(error)


def test_201_and_202_of_mitdb_are_one_man_and_paced_records_are_labelled(small):
    _, records = small("mitdb")
    assert list(records) == ["100", "103", "104", "201", "202"]
    assert records["202"].patient == "201"
    assert {k: r.fold for k, r in records.items()} == {
        "100": "DS2", "103": "DS2", "104": "", "201": "DS1", "202": ""
    }  # fmt: skip
    assert records["202"].details["de_chazal"] == "DS2"
    assert records["104"].labels == ("paced",)
    assert (records["100"].age_years, records["104"].sex) == (69, "female")
    assert np.isnan(records["103"].age_years)


def test_records_cannot_lie_outside_their_set(small):
    folder, _ = small("mitdb")
    (folder / "RECORDS").write_text("../elsewhere/100\n")
    with pytest.raises(ValueError, match="which lies outside the data set"):
        ecg_dataset("mitdb").records(folder)


def test_without_records_the_headers_are_the_index(small):
    folder, records = small("mitdb")
    (folder / "RECORDS").unlink()
    assert {r.name for r in ecg_dataset("mitdb").records(folder)} == set(records)


@pytest.mark.parametrize("name", ["mitdb", "bidmc"])
def test_a_record_with_a_damaged_header_is_left_out_and_named(small, name):
    folder, records = small(name)
    damaged = min(records.values(), key=lambda r: r.name)
    damaged.path.write_bytes(b"\xff junk")
    with pytest.warns(
        UserWarning, match=f"record {damaged.name} is left out: .*{damaged.name}.hea"
    ):
        found = ecg_dataset(name).records(folder)
    assert {r.name for r in found} == set(records) - {damaged.name}


def test_odd_cells_of_ludb_are_clean(small):
    _, records = small("ludb")
    one = records["1"]
    assert (one.age_years, one.sex) == (51, "female")
    assert one.labels == (
        "Sinus bradycardia", "Left ventricular overload", "Left ventricular hypertrophy"
    )  # fmt: skip
    assert records["2"].age_years == 90
    assert "3" not in records


def test_subjects_of_bidmc_have_several_records_and_numerics_have_names_of_their_own(small):
    _, records = small("bidmc")
    assert [r.patient for r in records.values()] == ["s03386", "s03386", "s09483"]
    assert (records["bidmc06"].age_years, records["bidmc06"].sex) == (90, "female")
    assert np.isnan(records["bidmc08"].age_years)
    recording = ecg_dataset("bidmc").load(records["bidmc06"])
    assert recording.ecg.leads == ("II",)
    assert set(recording.traces) == {"RESP", "PLETH", "numeric HR", "numeric RESP"}
    assert recording.trace("numeric HR").fs_hz == 1
    assert set(ecg_dataset("bidmc").load(records["bidmc07"]).traces) == {"RESP", "PLETH"}


def test_eegmat_says_which_task_and_how_well_was_counted(small):
    _, records = small("eegmat")
    assert {k: r.labels for k, r in records.items()} == {
        "Subject00_1": ("rest",), "Subject00_2": ("arithmetic",), "Subject01_1": ("rest",)
    }  # fmt: skip
    assert [r.details["count_quality"] for r in records.values()] == ["bad", "bad", "good"]


def test_rows_of_echonext_are_counted_within_their_split(small):
    folder, records = small("echonext")
    assert list(records) == ["e0", "e1", "e2"]  # there is no array of no_split
    assert [(r.fold, r.row) for r in records.values()] == [("train", 0), ("val", 0), ("train", 1)]
    assert records["e0"].labels == ("lvef_lte_45_flag", "shd_moderate_or_greater_flag")
    stored = np.load(folder / "EchoNext_train_waveforms.npy")
    ecg = echonext.load(records["e2"]).ecg
    np.testing.assert_array_equal(ecg.lead("aVL"), stored[1, 0, :, 4])
    assert (ecg.fs_hz, ecg.meta["unit"]) == (250, "z")
    np.testing.assert_array_equal(echonext.features(records["e2"]), np.arange(7, 14))


@pytest.mark.parametrize("shape", [(2, 2500, 12), (2, 12, 2500), (2, 1, 12, 2500)])
def test_arrays_of_echonext_may_have_leads_first_or_last(small, shape):
    folder, records = small("echonext")
    echonext._rows.cache_clear()
    values = np.arange(np.prod(shape), dtype=float).reshape(shape)
    np.save(folder / "EchoNext_train_waveforms.npy", values)
    one = values[1].squeeze()
    wanted = one if one.shape[0] == 12 else one.T
    np.testing.assert_array_equal(echonext.load(records["e2"]).ecg.samples_mv, wanted)


@pytest.mark.parametrize(("shape", "said"), [((1, 2500, 12), "has 1 rows"), ((2, 99, 12), "shape")])
def test_arrays_of_echonext_that_do_not_fit_are_refused(small, shape, said):
    folder, records = small("echonext")
    echonext._rows.cache_clear()
    np.save(folder / "EchoNext_train_waveforms.npy", np.zeros(shape))
    with pytest.raises(OSError, match=said):
        echonext.load(records["e2"])


def test_code15_lists_without_h5py_and_says_when_it_needs_it(small, monkeypatch):
    _, records = small("code15")
    assert {k: (r.patient, r.labels) for k, r in records.items()} == {
        "100": ("7", ("normal",)), "101": ("7", ("AF",))
    }  # fmt: skip
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(ValueError, match=r"reading exams_part0.hdf5 needs h5py; pip install h5py"):
        code15.load(records["100"])


def test_code15_drops_the_zeros_around_a_short_ecg(small):
    h5py = pytest.importorskip("h5py")
    folder, records = small("code15")
    tracings = np.zeros((3, 4096, 12), dtype=np.float32)
    tracings[1, 648:-648] = np.arange(1, 13)
    with h5py.File(folder / "exams_part0.hdf5", "w") as file:
        file["exam_id"] = [100, 101, 0]
        file["tracings"] = tracings
    code15._rows.cache_clear()
    ecg = code15.load(records["101"]).ecg
    assert ecg.samples_mv.shape == (12, 2800)
    np.testing.assert_allclose(ecg.lead("V6"), 1.2)  # a stored 1 is 0.1 mV
    missing = dataclasses.replace(records["101"], name="999")
    with pytest.raises(OSError, match="has no exam 999"):
        code15.load(missing)


@pytest.mark.parametrize("name", ["clare", "cl-drive"])
def test_leads_of_a_shimmer_are_named_by_their_electrodes_and_gaps_stay(small, name):
    _, records = small(name)
    assert list(records) == ["1-1", "1-2", "12-1", "12-2"]
    recording = ecg_dataset(name).load(records["1-1"])
    assert recording.ecg.fs_hz == 512
    assert set(recording.ecg.leads) == {"I", "II"}
    assert recording.ecg.lead("II")[7] == 7
    assert np.isnan(recording.ecg.lead("I")[5])
    assert recording.ecg.lead("I")[6] == 12
    reports = recording.marks["load"]
    assert (reports.times_ms.tolist(), reports.labels) == ([0, 10_000], ("3", "7"))
    assert ecg_dataset(name).load(records["1-2"]).marks["load"].labels == ("5",)


def test_the_steps_of_the_page_on_data_run(capsys):
    page = (Path(__file__).parents[2] / "docs/data.md").read_text(encoding="utf-8")
    exec("\n".join(re.findall(r"```python\n(.*?)```", page, re.S)), {})
    assert capsys.readouterr().out == "100 DS2 69.0 ('MLII',)\n"


def test_the_page_on_data_names_every_set():
    page = (Path(__file__).parents[2] / "docs/data.md").read_text(encoding="utf-8")
    for one in ecg_datasets():
        people = f"{one.patients:,}" if one.patients else "fewer"
        assert re.search(rf"\| `{one.name}` \| .* \| {one.count:,} / {people} \|", page)


def test_real_sets_have_the_numbers_that_their_notes_state(data_folder):
    wanted = {"mitdb": (48, 47), "ludb": (150, 150), "bidmc": (47, 40), "eegmat": (60, 30)}
    for name, counts in wanted.items():
        records = ecg_dataset(name).records(data_folder / "ecg" / name)
        assert (len(records), len({r.patient for r in records})) == counts


def test_real_ptb_xl_has_the_superclasses_that_its_notes_state(data_folder):
    records = ptb_xl.records(data_folder / "ecg/ptb-xl", fs_hz=100)
    counts = {name: sum(name in r.labels for r in records) for name in ptb_xl.SUPERCLASSES}
    assert counts == {"NORM": 1136, "MI": 592, "STTC": 607, "CD": 524, "HYP": 306}
    assert sum(not r.labels for r in records) == 49
    assert sum(r.age_years == 90 for r in records) == 31
    assert sum("infarction_stadium1" in r.details for r in records) == 609


@pytest.mark.parametrize("name", ["mitdb", "ptb-xl", "ludb", "bidmc", "eegmat"])
def test_no_real_patient_is_on_two_sides(data_folder, name):
    for parts in sides_of(ecg_dataset(name).records(data_folder / "ecg" / name)):
        people = [{r.patient for r in part} for part in parts]
        assert sum(map(len, people)) == len(set().union(*people))
