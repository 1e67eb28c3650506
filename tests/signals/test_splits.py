"""Splits keep patients together, and stay when records are added."""

from pathlib import Path

import pytest

from cardiotwin.signals.records import Record
from cardiotwin.signals.splits import folds_by_patient, official_folds, split_by_patient

SHARES = {"train": 0.7, "validation": 0.1, "test": 0.2}


def people(count, each=3, **more):
    return [
        Record(name=f"{p}.{k}", patient=f"p{p}", path=Path("x"), **more)
        for p in range(count)
        for k in range(each)
    ]


def part_of(parts):
    return {r.patient: name for name, part in parts.items() for r in part}


def test_every_record_is_in_one_part_and_keeps_its_order():
    records = people(200)
    parts = split_by_patient(records, SHARES)
    assert list(parts) == list(SHARES)
    assert sorted(r.name for part in parts.values() for r in part) == sorted(
        r.name for r in records
    )
    assert parts["train"] == tuple(r for r in records if r in parts["train"])


def test_shares_are_met_as_by_chance():
    parts = split_by_patient(people(4000, each=1), SHARES)
    for name, share in SHARES.items():  # four standard deviations of a binomial
        assert len(parts[name]) == pytest.approx(
            4000 * share, abs=4 * (4000 * share * (1 - share)) ** 0.5
        )


def test_added_records_move_nobody():
    few = part_of(split_by_patient(people(100), SHARES))
    many = part_of(split_by_patient(people(1000, each=1)[::-1], SHARES))
    assert all(many[patient] == part for patient, part in few.items())


def test_a_known_draw_stays_for_ever():
    parts = part_of(split_by_patient(people(8), SHARES))
    assert [parts[f"p{k}"] for k in range(8)] == KNOWN


#: By the first 48 bits of SHA-256 of "0:p0" ... "0:p7"; a change would move patients of users.
KNOWN = ["validation", "test", "train", "validation", "train", "train", "test", "train"]


def test_another_seed_is_another_draw():
    first, second = (part_of(split_by_patient(people(100), SHARES, seed=s)) for s in (0, 1))
    assert first != second


def test_stratified_parts_have_the_shares_of_each_label():
    records = people(100, labels=("NORM",)) + [
        Record(name=f"r{k}", patient=f"r{k}", path=Path("x"), labels=("MI", "NORM"))
        for k in range(20)
    ]
    parts = split_by_patient(records, SHARES, stratify=True)
    counts = {n: len({r.patient for r in p if r.labels[0] == "MI"}) for n, p in parts.items()}
    assert counts == {"train": 14, "validation": 2, "test": 4}
    assert len({r.patient for r in parts["train"]}) == 84


def test_folds_are_disjoint_and_whole():
    records = people(50)
    folds = folds_by_patient(records, 5)
    assert sum(map(len, folds)) == len(records)
    assert len(set().union(*({r.patient for r in f} for f in folds))) == 50
    assert sum(len({r.patient for r in f}) for f in folds) == 50


def test_official_folds_are_checked():
    ten = [*people(2, fold="10"), Record(name="a", patient="a", path=Path("x"), fold="9")]
    assert list(official_folds(ten)) == ["9", "10"]
    with pytest.raises(ValueError, match="patient p0 is in folds 10 and 9"):
        official_folds([*ten, Record(name="b", patient="p0", path=Path("x"), fold="9")])
    with pytest.raises(ValueError, match="come without official folds; use split_by_patient"):
        official_folds(people(3))


@pytest.mark.parametrize("shares", [{}, {"a": 0.5}, {"a": 1.5, "b": -0.5}, {"a": float("nan")}])
def test_shares_that_are_no_shares_are_refused(shares):
    with pytest.raises(ValueError, match="shares must be positive and add up to 1"):
        split_by_patient(people(3), shares)


def test_one_fold_is_no_cross_validation():
    with pytest.raises(ValueError, match="count must be at least 2, got 1"):
        folds_by_patient(people(3), 1)
