"""Streams give the same batches for any number of workers, and leads find their slot by name."""

from dataclasses import dataclass

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from cardiotwin.learn import RecordStream, TwelveLeads, batches  # noqa: E402
from cardiotwin.signals.datasets import ecg_dataset  # noqa: E402
from cardiotwin.signals.ecg import ECG  # noqa: E402
from cardiotwin.signals.recording import Recording, Trace  # noqa: E402
from cardiotwin.signals.records import Record  # noqa: E402

from ..signals.small_sets import make_ptb_xl  # noqa: E402


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@dataclass(frozen=True)
class Flat:
    """Loads ECGs whose voltage is the number of the record."""

    leads: tuple[str, ...] = ("II", "V1")

    def __call__(self, record):
        """One flat ECG."""
        level_mv = np.full((len(self.leads), 200), float(record.row))
        return Recording(ecg=ECG(samples_mv=level_mv, fs_hz=100.0, leads=self.leads))


def records(count, tmp_path):
    labels = (("NORM",), ("MI", "CD"), ())
    return [
        Record(name=f"{k}", patient=f"{k}", path=tmp_path, row=k, labels=labels[k % 3])
        for k in range(count)
    ]


def stream(tmp_path, count=11, **options):
    transform = TwelveLeads(fs_hz=100.0, duration_s=2.0)
    kept = {"size": 3, "classes": ("MI", "NORM"), "transform": transform} | options
    return RecordStream(records(count, tmp_path), Flat(), **kept)


def test_a_batch_has_slots_by_name_and_labels_in_their_order(tmp_path):
    first = next(batches(stream(tmp_path)))
    assert first.samples_mv.shape == (3, 12, 200)
    assert first.samples_mv.dtype == torch.float32
    assert first.present[0].nonzero().flatten().tolist() == [1, 6]  # II and V1
    assert first.samples_mv[2, [1, 6]].unique().tolist() == [2.0]
    assert first.samples_mv[:, ~first.present[0]].abs().sum() == 0
    assert first.labels.tolist() == [[0, 1], [1, 0], [0, 0]]


def test_one_epoch_has_every_record_once_and_the_last_batch_is_smaller(tmp_path):
    told = stream(tmp_path, shuffle=True)
    sizes = [len(batch.place) for batch in batches(told)]
    assert sizes == [3, 3, 3, 2]
    assert len(told) == 4
    assert sorted(places(told)) == list(range(11))


def places(told, **options):
    return [int(k) for batch in batches(told, **options) for k in batch.place]


def test_the_order_follows_from_seed_and_epoch_alone(tmp_path):
    assert places(stream(tmp_path)) == list(range(11))
    shuffled = places(stream(tmp_path, shuffle=True))
    assert shuffled != list(range(11))
    assert shuffled == places(stream(tmp_path, shuffle=True))
    assert shuffled != places(stream(tmp_path, shuffle=True), epoch=1)
    assert shuffled != places(stream(tmp_path, shuffle=True, seed=1))


@pytest.mark.slow  # three processes that import torch
def test_any_number_of_workers_gives_the_same_batches(tmp_path):
    known = ecg_dataset("ptb-xl")
    small = known.records(make_ptb_xl(tmp_path))
    transform = TwelveLeads(fs_hz=100.0, duration_s=0.2)
    told = RecordStream(small, known.load, size=1, transform=transform, shuffle=True)
    here = list(batches(told, epoch=2))
    assert len(here) == 3
    for workers in (1, 2):
        there = list(batches(told, workers=workers, epoch=2))
        assert len(there) == len(here)
        for one, other in zip(here, there, strict=True):
            assert all(torch.equal(a, b) for a, b in zip(one, other, strict=True))


def test_only_what_is_asked_for_is_read(tmp_path):
    read = []

    def load(record):
        read.append(record.name)
        return Flat()(record)

    told = RecordStream(records(1000, tmp_path), load, size=2)
    seen = batches(told)
    assert not read
    next(seen)
    assert read == ["0", "1"]


def test_another_rate_and_length_are_brought_to_those_asked_for():
    ecg = ECG(samples_mv=np.ones((1, 3000)), fs_hz=500.0, leads=("V5",))
    samples_mv, present = TwelveLeads(fs_hz=250.0, duration_s=10.0)(Recording(ecg=ecg))
    assert samples_mv.shape == (12, 2500)
    np.testing.assert_allclose(samples_mv[10, :1490], 1.0, atol=1e-4)
    assert not samples_mv[:, 1500:].any()
    samples_mv, _ = TwelveLeads(fs_hz=250.0, duration_s=2.0)(Recording(ecg=ecg))
    assert samples_mv.shape == (12, 500)
    assert present.sum() == 1


def test_gaps_are_zeros():
    gappy = ECG(samples_mv=np.array([[1.0, np.nan, 3.0]]), fs_hz=100.0, leads=("I",))
    samples_mv, _ = TwelveLeads(fs_hz=100.0, duration_s=0.03)(Recording(ecg=gappy))
    assert samples_mv[0].tolist() == [1.0, 0.0, 3.0]


def test_a_stand_in_fills_a_slot_that_is_empty_and_no_other():
    holter = ECG(samples_mv=np.array([[1.0], [2.0]]), fs_hz=100.0, leads=("MLII", "V1"))
    transform = TwelveLeads(fs_hz=100.0, duration_s=0.01, stand_ins={"MLII": "II"})
    assert transform(Recording(ecg=holter))[0][[1, 6], 0].tolist() == [1.0, 2.0]
    both = ECG(samples_mv=np.array([[1.0], [2.0]]), fs_hz=100.0, leads=("MLII", "II"))
    assert transform(Recording(ecg=both))[0][1, 0] == 2.0


def test_limb_leads_can_be_derived():
    two = ECG(samples_mv=np.array([[1.0], [3.0]]), fs_hz=100.0, leads=("I", "II"))
    samples_mv, present = TwelveLeads(fs_hz=100.0, duration_s=0.01, derive=True)(Recording(ecg=two))
    assert samples_mv[:6, 0].tolist() == [1.0, 3.0, 2.0, -2.0, -0.5, 2.5]
    assert present.tolist() == [True] * 6 + [False] * 6


def test_a_record_without_an_ecg_is_named(tmp_path):
    def load(_):
        trace = Trace(name="PLETH", samples=np.ones(3), fs_hz=1.0, unit="NU")
        return Recording(traces={"PLETH": trace}, meta={"record": "7"})

    with pytest.raises(ValueError, match="record 7 has no ECG"):
        next(batches(RecordStream(records(1, tmp_path), load)))


def test_a_transform_of_the_users_own_streams_other_signals(tmp_path):
    def load(record):
        trace = Trace(name="PLETH", samples=np.full(3, record.row), fs_hz=1.0, unit="NU")
        return Recording(traces={"PLETH": trace})

    def ppg(recording):
        return recording.trace("PLETH").samples[None].astype(np.float32), np.ones(1, dtype=bool)

    told = RecordStream(records(2, tmp_path), load, transform=ppg)
    assert next(batches(told)).samples_mv.tolist() == [[[0, 0, 0]], [[1, 1, 1]]]


def test_nothing_to_stream_and_odd_settings_are_refused(tmp_path):
    with pytest.raises(ValueError, match="there are no records to stream"):
        RecordStream([], Flat())
    with pytest.raises(ValueError, match="size must be at least 1, got 0"):
        stream(tmp_path, size=0)
    with pytest.raises(ValueError, match=r"must be positive, got 0\.0 and 10"):
        TwelveLeads(fs_hz=0.0)


@pytest.mark.parametrize("name", ["mitdb", "ptb-xl", "ludb", "bidmc", "eegmat"])
def test_every_real_set_streams(data_folder, name):
    known = ecg_dataset(name)
    stand_ins = {"MLII": "II", "ECG ECG": "I"}
    told = RecordStream(
        known.records(data_folder / "ecg" / name)[:2],
        known.load,
        size=2,
        transform=TwelveLeads(fs_hz=125.0, duration_s=8.0, stand_ins=stand_ins),
    )
    (batch,) = batches(told)
    assert batch.samples_mv.shape == (2, 12, 1000)
    assert batch.samples_mv.isfinite().all()
    assert (batch.samples_mv.abs().amax((1, 2)) > 0.1).all()
