"""Parts of a data set such that no patient is in two of them."""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from math import isclose

import numpy as np

from .records import Record


def split_by_patient(
    records: Sequence[Record],
    shares: Mapping[str, float],
    *,
    seed: int = 0,
    stratify: bool = False,
) -> dict[str, tuple[Record, ...]]:
    """Parts of given shares of the patients, drawn by a hash of each patient.

    A patient's part depends on patient, shares and seed alone, so that it stays when records are
    added, and is the same on every machine. The shares are then met as by chance.

    Parameters
    ----------
    records
        In any order; each part keeps it.
    shares
        Share of each part by its name; they add up to 1.
    seed
        Another draw.
    stratify
        Draw within the patients of each label, the first that they have, and meet the shares as
        closely as whole patients can. Added patients may then move others.

    Returns
    -------
    dict of str to tuple of Record
        One for each share, in that order; a part may be empty.

    Raises
    ------
    ValueError
        When the shares do not add up to 1 or one is negative.

    Examples
    --------
    >>> from pathlib import Path
    >>> people = [Record(name=f"{k}", patient=f"p{k % 50}", path=Path("x")) for k in range(100)]
    >>> parts = split_by_patient(people, {"train": 0.8, "test": 0.2})
    >>> {name: len(part) for name, part in parts.items()}
    {'train': 76, 'test': 24}
    """
    if min(shares.values(), default=-1.0) < 0 or not isclose(sum(shares.values()), 1.0):
        msg = f"shares must be positive and add up to 1, got {dict(shares)}"
        raise ValueError(msg)
    names, ends = list(shares), np.cumsum(list(shares.values()))
    ends[-1] = 1.0
    places = _places(records, seed, stratify)
    part_of = {p: names[int(np.searchsorted(ends, u, side="right"))] for p, u in places.items()}
    return {name: tuple(r for r in records if part_of[r.patient] == name) for name in names}


def folds_by_patient(
    records: Sequence[Record], count: int, *, seed: int = 0, stratify: bool = False
) -> tuple[tuple[Record, ...], ...]:
    """Equal parts for cross-validation, as `split_by_patient` draws them.

    Raises
    ------
    ValueError
        When there are fewer than two.
    """
    if count < 2:
        msg = f"count must be at least 2, got {count}"
        raise ValueError(msg)
    shares = {str(k): 1.0 / count for k in range(count)}
    return tuple(split_by_patient(records, shares, seed=seed, stratify=stratify).values())


def official_folds(records: Sequence[Record]) -> dict[str, tuple[Record, ...]]:
    """Records of each fold that their data set publishes; those without a fold are left out.

    Raises
    ------
    ValueError
        When no record has one, or a patient is in two.
    """
    folds: dict[str, list[Record]] = defaultdict(list)
    fold_of: dict[str, str] = {}
    for record in records:
        if record.fold:
            folds[record.fold].append(record)
            first = fold_of.setdefault(record.patient, record.fold)
            if first != record.fold:
                msg = f"patient {record.patient} is in folds {first} and {record.fold}"
                raise ValueError(msg)
    if not folds:
        msg = "these records come without official folds; use split_by_patient"
        raise ValueError(msg)
    return {name: tuple(folds[name]) for name in sorted(folds, key=lambda f: (len(f), f))}


def _places(records: Sequence[Record], seed: int, stratify: bool) -> dict[str, float]:
    """Place of each patient in 0..1, uniform over all, or over those of the same label."""
    drawn = {r.patient: _draw(r.patient, seed) for r in records}
    if not stratify:
        return drawn
    label_of: dict[str, str] = {}
    for record in sorted(records, key=lambda r: r.name):
        label_of.setdefault(record.patient, record.labels[0] if record.labels else "")
    ranked: dict[str, list[str]] = defaultdict(list)
    for patient in sorted(drawn, key=lambda p: (drawn[p], p)):
        ranked[label_of[patient]].append(patient)
    return {p: (k + 0.5) / len(same) for same in ranked.values() for k, p in enumerate(same)}


def _draw(patient: str, seed: int) -> float:
    """A number in 0..1 that only patient and seed decide."""
    digest = hashlib.sha256(f"{seed}:{patient}".encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48
