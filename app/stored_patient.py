"""One patient of a cohort on disk, as if it had just been simulated."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..anatomy import Heart
    from ..cohorts import Patient


def read_patient(path: Path, case: int) -> "tuple[Patient, Heart]":
    """A case of a cohort, and its heart.

    Raises
    ------
    ValueError
        When there is no such case, or it is not made or failed; the message says why.
    OSError
        When there is no cohort at `path`.
    """
    from ..cohorts import Achieved, Patient, open_cohort, read_cases, read_cohort_heart, read_plan

    group: Any = open_cohort(path)
    plan = read_plan(path)
    if not 0 <= case < plan.n:
        msg = f"{path} has cases 0 to {plan.n - 1}, got {case}"
        raise ValueError(msg)
    _require_done(path, case, int(group["status"][case]))
    row = read_cases(path)[case]
    heart = read_cohort_heart(path, row.heart)
    tissue, beat = _results(group, case, len(heart.nodes_mm))
    achieved = Achieved(*(float(group[name][case]) for name in Achieved._fields))
    return Patient(case=row, tissue=tissue, achieved=achieved, beat=beat), heart


def _require_done(path: Path, case: int, status: int) -> None:
    """Raise what would do when a case has no results."""
    from ..cohorts import read_failures, read_plan
    from ..cohorts.schema import FAILED, MISSING

    if status == MISSING:
        msg = f"case {case} of {path} is not made yet; run the same cohort generate to finish it"
        raise ValueError(msg)
    if status == FAILED:
        reasons = {f.case: f.reason for f in read_failures(path, read_plan(path))}
        msg = f"case {case} of {path} has no patient: {reasons.get(case, 'it failed')}"
        raise ValueError(msg)


def _results(group: Any, case: int, n: int) -> Any:
    """Tissue and beat of a case, in the types that a simulation returns."""
    import numpy as np

    from ..signals import ECG
    from ..sim import CORE, Beat, Tissue

    times_ms = np.asarray(group["time_ms"][:])
    ecg = ECG(
        samples_mv=np.asarray(group["ecg_mv"][case], np.float64),
        fs_hz=1000.0 / (times_ms[1] - times_ms[0]),
        leads=tuple(map(str, group["lead"][:])),
    )
    tissue = Tissue(
        core=np.asarray(group["tissue"][case, :n]) == CORE,
        border=np.asarray(group["border"][case, :n], np.float32),
    )
    beat = Beat(
        activation_ms=np.asarray(group["activation_ms"][case, :n], np.float64),
        repolarisation_ms=np.asarray(group["repolarisation_ms"][case, :n], np.float64),
        ecg=ecg,
    )
    return tissue, beat
