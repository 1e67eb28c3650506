"""What a worker process does: create a cohort, or make its patients batch by batch."""

import errno
import functools
import multiprocessing
import os
import signal
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np

from ..anatomy import load_heart
from .case import Case
from .commit import Failure, write_batch, write_creation_record
from .heart_group import same_heart
from .lock import locked
from .patient import Patient, PatientModel, prepare_patients, simulate_case
from .plan import CohortPlan
from .schema import ACHIEVED_COLUMNS, DONE, FAILED, RESULT_COLUMNS
from .store import create_store, heart_names, open_cohort, read_cases, read_cohort_heart

#: The one heart that this process holds ready; a second would double its memory.
_ready: dict[tuple[Path, str], PatientModel] = {}
_held = ExitStack()


def start_worker() -> None:
    """Die with the parent, and at once when the user presses Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_follow, args=(parent,), daemon=True).start()


def _follow(parent: Any) -> None:
    parent.join()
    os._exit(1)


def create(folder: Path, plan: CohortPlan) -> None:
    """Fill an empty folder with a cohort that has no patients yet."""
    hearts = tuple(load_heart(spec) for spec in plan.hearts)
    create_store(folder, plan, hearts)
    write_creation_record(folder)


def check_hearts(path: Path, plan: CohortPlan) -> None:
    """Raise a one-line `ValueError` when the plan's hearts are not those of the cohort."""
    names = heart_names(open_cohort(path))
    for name, spec in zip(names, plan.hearts, strict=False):
        heart = load_heart(spec)
        if heart.name != name:
            msg = f"{path} is a cohort from another plan: heart is {heart.name}, there {name}"
            raise ValueError(msg)
        if not same_heart(heart, read_cohort_heart(path, name)):
            msg = f"{path} is a cohort from another plan: heart {name} is another mesh there"
            raise ValueError(msg)


def make_batch(path: Path, plan: CohortPlan, batch: int) -> list[Failure]:
    """Make the patients of one batch and commit them; what failed comes back with its reason."""
    _hold(path)
    cases = [read_cases(path)[k] for k in plan.cases_of(batch)]
    values, failures = run_cases(cases, _model(path, cases[0].heart), _shapes(path))
    write_batch(path, plan, batch, values, failures)
    return failures


@functools.cache
def _hold(path: Path) -> None:
    """Lock the cohort against the next run until this process ends."""
    _held.enter_context(locked(path / "commits", shared=True))


def _model(path: Path, name: str) -> PatientModel:
    if (path, name) not in _ready:
        _ready.clear()
        _ready[path, name] = prepare_patients(read_cohort_heart(path, name))
    return _ready[path, name]


def _shapes(path: Path) -> dict[str, tuple[int, ...]]:
    """Shape of one case in every result column."""
    group: Any = open_cohort(path)
    return {column.name: group[column.name].shape[1:] for column in RESULT_COLUMNS}


def run_cases(
    cases: list[Case], model: PatientModel, shapes: dict[str, tuple[int, ...]]
) -> tuple[dict[str, Any], list[Failure]]:
    """Result columns of some cases, and why those that failed did."""
    values = {
        column.name: np.full((len(cases), *shapes[column.name]), column.fill, column.dtype)
        for column in RESULT_COLUMNS
    }
    failures = []
    for row, case in enumerate(cases):
        try:
            patient = simulate_case(case, model)
        except (ValueError, ArithmeticError, RuntimeError) as error:
            values["status"][row] = FAILED
            failures.append(Failure(case=case.index, reason=_one_line(error)))
        else:
            _fill(values, row, patient)
    return values, failures


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__


def _fill(values: dict[str, Any], row: int, patient: Patient) -> None:
    tissue, beat, n = patient.tissue, patient.beat, len(patient.tissue.core)
    values["status"][row] = DONE
    for column in ACHIEVED_COLUMNS:
        values[column.name][row] = getattr(patient.achieved, column.name)
    values["ecg_mv"][row] = beat.ecg.samples_mv
    values["tissue"][row, :n] = tissue.labels
    values["border"][row, :n] = _half(tissue.border)
    values["activation_ms"][row, :n] = beat.activation_ms
    values["repolarisation_ms"][row, :n] = beat.repolarisation_ms


def _half(border: Any) -> Any:
    """Border fractions in half precision, none so small that it vanishes."""
    smallest = np.finfo(np.float16).smallest_subnormal
    return np.where(border > 0, np.maximum(border.astype(np.float16), smallest), np.float16(0))


def disk_is_full(error: OSError) -> bool:
    """Whether a write failed for want of room."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
