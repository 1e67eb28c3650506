"""Whether a cohort on disk is what docs/store.md says, and what is in it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..anatomy import Heart
from ..sim import BORDER, CORE
from .case import TERRITORIES
from .commit import Failure, damage_of, read_failures, read_record
from .heart_group import read_array
from .plan import CohortPlan
from .schema import (
    ACHIEVED_COLUMNS,
    DONE,
    FAILED,
    MISSING,
    NO_TISSUE,
    PLAN_COLUMNS,
    RESULT_COLUMNS,
)
from .store import heart_names, open_cohort, read_cohort_heart, read_plan

#: Longest time that muscle may take to be activated or to recover: a beat at 30 a minute.
_LATEST_MS = 2000.0
#: Burden is stored in double precision, its recomputation sums in another order.
_BURDEN_TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class CohortInfo:
    """What is in a cohort; percentiles are the 10th, 50th and 90th of cases with an infarct."""

    path: Path
    n: int
    done: int
    failed: tuple[Failure, ...]
    seed: int
    package_version: str
    hearts: dict[str, int]
    territories: dict[str, int]
    burden_p10_p50_p90: tuple[float, ...]
    transmurality_p10_p50_p90: tuple[float, ...]
    size_bytes: int


def cohort_info(path: str | Path) -> CohortInfo:
    """Counts, hearts, territories, infarct sizes and size on disk.

    Raises
    ------
    OSError
        When there is no cohort at `path`.
    """
    path = Path(path)
    group, plan = open_cohort(path), read_plan(path)
    status = read_array(group, "status")
    for batch in range(plan.batches):
        if read_record(path, batch) is None:  # a run may be writing it, or have died doing so
            status[plan.cases_of(batch)] = MISSING
    has_infarct = (status == DONE) & (read_array(group, "territory") > 0)
    return CohortInfo(
        path=path,
        n=plan.n,
        done=int((status == DONE).sum()),
        failed=read_failures(path, plan),
        seed=plan.seed,
        package_version=str(group.attrs["package_version"]),
        hearts=_counts(read_array(group, "heart"), heart_names(group)),
        territories=_counts(read_array(group, "territory"), TERRITORIES),
        burden_p10_p50_p90=_percentiles(read_array(group, "burden")[has_infarct]),
        transmurality_p10_p50_p90=_percentiles(read_array(group, "transmurality")[has_infarct]),
        size_bytes=sum(file.stat().st_size for file in path.rglob("*") if file.is_file()),
    )


def _counts(codes: NDArray[np.integer[Any]], names: tuple[str, ...]) -> dict[str, int]:
    return {name: int((codes == code).sum()) for code, name in enumerate(names)}


def _percentiles(values: NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(np.percentile(values, [10, 50, 90]).tolist()) if values.size else ()


def check_cohort(
    path: str | Path, *, progress: Callable[[int, int], None] | None = None
) -> tuple[str, ...]:
    """All that is wrong with a cohort, one line each; empty when it is sound and complete.

    `progress` is called with the cases looked at so far, and all there are.
    """
    path = Path(path)
    try:
        open_cohort(path)
        plan = read_plan(path)
    except (OSError, ValueError, TypeError, KeyError) as error:
        return (" ".join(str(error).split()),)
    problems = [f"{name}: missing or changed" for name in damage_of(path, read_record(path, None))]
    problems += _layout_problems(path, plan)
    if not problems:
        problems += _batch_problems(path, plan, progress)
    return tuple(problems)


def _layout_problems(path: Path, plan: CohortPlan) -> Iterator[str]:
    """Arrays that are missing or have the wrong dimensions, type or length."""
    group: Any = open_cohort(path)
    for column in (*PLAN_COLUMNS, *RESULT_COLUMNS):
        if column.name not in group:
            yield f"{column.name}: array is missing"
            continue
        array = group[column.name]
        found = (array.metadata.dimension_names, str(array.dtype), array.shape[0])
        expected = (column.dims, column.dtype, plan.n)
        if found != expected:
            yield f"{column.name}: dims, dtype and cases are {found}, should be {expected}"
    for name in heart_names(group):
        try:
            read_cohort_heart(path, name)
        except (ValueError, KeyError, OSError) as error:
            yield f"hearts/{name}: {error}"


def _batch_problems(
    path: Path, plan: CohortPlan, progress: Callable[[int, int], None] | None
) -> Iterator[str]:
    """Batches that are not committed or damaged, then cases whose values cannot be."""
    hearts: dict[str, Heart] = {}
    for batch in range(plan.batches):
        cases = plan.cases_of(batch)
        if progress:
            progress(cases.start, plan.n)
        record = read_record(path, batch)
        if record is None:
            yield f"cases {cases[0]}..{cases[-1]}: not made yet; run the same command to finish"
            continue
        damaged = damage_of(path, record)
        yield from (f"{name}: missing or changed; run the same command to redo" for name in damaged)
        if not damaged:
            name = plan.heart_of(cases[0])
            if name not in hearts:
                hearts = {name: read_cohort_heart(path, name)}
            yield from _case_problems(path, cases, hearts[name], record)


def _case_problems(path: Path, cases: range, heart: Heart, record: dict[str, Any]) -> Iterator[str]:
    group: Any = open_cohort(path)
    names = [column.name for column in RESULT_COLUMNS] + ["territory"]
    values = {name: group[name][cases.start : cases.stop] for name in names}
    reasons = {failure["case"] for failure in record["failures"]}
    for row, case in enumerate(cases):
        one = {name: array[row] for name, array in values.items()}
        yield from (f"case {case}: {p}" for p in case_problems(one, heart, case in reasons))


def case_problems(one: dict[str, Any], heart: Heart, has_reason: bool) -> Iterator[str]:
    """What cannot be in the values of one case.

    Parameters
    ----------
    one
        Value of each result column and of `territory`.
    heart
        The heart of the case.
    has_reason
        Whether the commit record says why the case failed.
    """
    if one["status"] not in (DONE, FAILED) or (one["status"] == FAILED) != has_reason:
        yield f"status is {one['status']}, the commit record says otherwise"
        return
    n = len(heart.nodes_mm)
    end = n if one["status"] == DONE else 0
    if (one["tissue"][end:] != NO_TISSUE).any() or not np.isnan(one["activation_ms"][end:]).all():
        yield f"values beyond the {end} nodes it has"
    if one["status"] == DONE:
        trimmed = {k: v[:n] if np.shape(v) == one["tissue"].shape else v for k, v in one.items()}
        yield from _tissue_problems(trimmed, heart)
        yield from _beat_problems(trimmed, heart)


def _tissue_problems(one: dict[str, Any], heart: Heart) -> Iterator[str]:
    tissue, border = one["tissue"], one["border"]
    outside = int(((tissue != 0) & ~heart.is_lv).sum())
    if outside:
        yield f"{outside} nodes of core or border lie outside the left ventricle"
    if not ((tissue >= 0) & (tissue <= CORE)).all():
        yield "tissue holds other values than 0, 1 and 2"
    if not ((border >= 0) & (border <= 1)).all() or ((border > 0) != (tissue == BORDER)).any():
        yield "border is not in 0..1, or not above 0 exactly where tissue is 1"
    for column in ACHIEVED_COLUMNS:
        if not 0 <= one[column.name] <= 1 and one["territory"] != 0:
            yield f"{column.name} is {one[column.name]}, not in 0..1"
    if (one["territory"] == 0) != (tissue == 0).all():
        yield f"territory {TERRITORIES[one['territory']]} does not go with its tissue"
    burden = burden_of(heart, tissue == CORE)
    if abs(burden - one["burden"]) > _BURDEN_TOLERANCE:
        yield f"burden is {one['burden']:.6f}, its core makes {burden:.6f}"


def burden_of(heart: Heart, core: NDArray[np.bool_]) -> float:
    """Share of the left ventricle's volume that is core."""
    volumes = heart.node_volumes_mm3 * heart.is_lv
    return float(volumes[core].sum() / volumes.sum())


def _beat_problems(one: dict[str, Any], heart: Heart) -> Iterator[str]:
    activation, repolarisation, core = (
        one["activation_ms"],
        one["repolarisation_ms"],
        one["tissue"] == CORE,
    )
    reached = np.isfinite(activation)
    if not np.isfinite(one["ecg_mv"]).all():
        yield "ecg_mv is not finite"
    if np.isnan(activation).any() or np.isnan(repolarisation).any():
        yield "activation_ms or repolarisation_ms is NaN at a node"
    if reached[core].any():
        yield f"{int(reached[core].sum())} nodes of the core are activated"
    stranded = _stranded(heart, ~core, reached)
    if stranded:
        yield f"{stranded} living nodes beside activated ones are never activated"
    if (reached != np.isfinite(repolarisation)).any():
        yield "repolarisation_ms is finite where activation_ms is not, or the other way round"
    late = reached & ~(
        (activation >= 0) & (activation < repolarisation) & (repolarisation < _LATEST_MS)
    )
    if late.any():
        yield f"{int(late.sum())} nodes break 0 <= activation < repolarisation < {_LATEST_MS:g} ms"


def _stranded(heart: Heart, living: NDArray[np.bool_], reached: NDArray[np.bool_]) -> int:
    """Living nodes that were not reached though a living tetrahedron joins them to one that was."""
    tets = heart.tets[living[heart.tets].all(axis=1)]
    mixed = tets[reached[tets].any(axis=1) & ~reached[tets].all(axis=1)]
    return len(np.unique(mixed[~reached[mixed]]))
