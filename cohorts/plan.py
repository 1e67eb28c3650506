"""Which patients a cohort has: every number that each of them needs, drawn before any is made."""

from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np

from ..sim import Conduction
from . import population
from .case import NO_INFARCT, TERRITORIES, Case
from .distribution import Bounded

_TRIES = 10_000


@dataclass(frozen=True, kw_only=True)
class CohortPlan:
    """What a cohort is made of; the same plan gives the same cohort, byte for byte.

    Case `k` depends on the plan and on `k`, not on `n`: case 5 of 10 is case 5 of 200.
    Hearts take turns every `batch` cases, so that a worker prepares few of them.

    Attributes
    ----------
    hearts : tuple of str
        What `anatomy.load_heart` takes: names of data sets, "builtin", or paths of .vtu files.
    n : int
        Number of cases.
    seed : int
    batch : int
        Cases that are written, and on failure redone, together.
    healthy_share : float
        Chance that a case has no infarct.
    lad_share, lcx_share, rca_share : float
        Chance of this artery, if the beds of all three can hold the infarct that was drawn.
    burden ... electrode_shift_mm : Bounded
        Distributions of the numbers of the same name in `Case`; the electrodes are shifted
        alike along each axis. Where the defaults come from stands in `population.py`.

    Raises
    ------
    ValueError
        One line that names the field, its value and what would do.
    """

    hearts: tuple[str, ...] = ("builtin",)
    n: int = 8
    seed: int = 0
    batch: int = 4
    healthy_share: float = 0.1
    lad_share: float = population.LAD_SHARE
    lcx_share: float = population.LCX_SHARE
    rca_share: float = population.RCA_SHARE
    burden: Bounded = population.BURDEN
    transmurality: Bounded = population.TRANSMURALITY
    border_mm: Bounded = population.BORDER_MM
    border_speed_ratio: Bounded = population.BORDER_SPEED_RATIO
    border_apd_ratio: Bounded = population.BORDER_APD_RATIO
    cv_fibre_mm_per_ms: Bounded = population.CV_FIBRE_MM_PER_MS
    cv_endocardium_mm_per_ms: Bounded = population.CV_ENDOCARDIUM_MM_PER_MS
    apd_ms: Bounded = population.APD_MS
    apicobasal_ms: Bounded = population.APICOBASAL_MS
    transmural_ms: Bounded = population.TRANSMURAL_MS
    transventricular_ms: Bounded = population.TRANSVENTRICULAR_MS
    anteroposterior_ms: Bounded = population.ANTEROPOSTERIOR_MS
    electrode_shift_mm: Bounded = population.ELECTRODE_SHIFT_MM

    def __post_init__(self) -> None:
        _check_counts(self)
        _check_hearts(self)
        _check_shares(self)
        _check_positive(self)
        _check_inside(self)

    def heart_of(self, index: int) -> str:
        """The heart of a case."""
        return self.hearts[(index // self.batch) % len(self.hearts)]

    @property
    def batches(self) -> int:
        """Number of batches, the last one perhaps not full."""
        return -(-self.n // self.batch)

    def cases_of(self, batch: int) -> range:
        """Indices of the cases in a batch."""
        return range(batch * self.batch, min((batch + 1) * self.batch, self.n))


def draw_plan(plan: CohortPlan) -> tuple[Case, ...]:
    """(k,) The row of every case."""
    return tuple(draw_case(plan, index) for index in range(plan.n))


def draw_case(plan: CohortPlan, index: int) -> Case:
    """The row of one case, from the plan and its index alone.

    Examples
    --------
    >>> plan = CohortPlan(hearts=("builtin",), n=10, seed=7)
    >>> draw_case(plan, 5) == draw_plan(plan)[5]
    True
    """
    of_case = np.random.SeedSequence(plan.seed, spawn_key=(index,))
    of_row, of_infarct = of_case.spawn(2)
    rng = np.random.default_rng(of_row)
    territory, burden, transmurality, border_mm = _draw_infarct(plan, rng)
    cv_fibre = plan.cv_fibre_mm_per_ms.draw(rng)
    scale = cv_fibre / Conduction().cv_fibre_mm_per_ms
    x_mm, y_mm, z_mm = (plan.electrode_shift_mm.draw(rng) for _ in range(3))
    return Case(
        index=index,
        seed=int(of_infarct.generate_state(1, np.uint64)[0] >> np.uint64(1)),
        heart=plan.heart_of(index),
        territory=territory,
        target_burden=burden,
        target_transmurality=transmurality,
        border_mm=border_mm,
        border_speed_ratio=plan.border_speed_ratio.draw(rng),
        border_apd_ratio=plan.border_apd_ratio.draw(rng),
        cv_fibre_mm_per_ms=cv_fibre,
        cv_sheet_mm_per_ms=Conduction().cv_sheet_mm_per_ms * scale,
        cv_normal_mm_per_ms=Conduction().cv_normal_mm_per_ms * scale,
        cv_endocardium_mm_per_ms=plan.cv_endocardium_mm_per_ms.draw(rng),
        apd_ms=plan.apd_ms.draw(rng),
        apicobasal_ms=plan.apicobasal_ms.draw(rng),
        transmural_ms=plan.transmural_ms.draw(rng),
        transventricular_ms=plan.transventricular_ms.draw(rng),
        anteroposterior_ms=plan.anteroposterior_ms.draw(rng),
        electrode_x_mm=x_mm,
        electrode_y_mm=y_mm,
        electrode_z_mm=z_mm,
    )


def _draw_infarct(plan: CohortPlan, rng: np.random.Generator) -> tuple[str, float, float, float]:
    """Territory, burden, transmurality and border width; burden keeps its own distribution."""
    if rng.random() < plan.healthy_share:
        return NO_INFARCT, 0.0, 0.0, 0.0
    burden = plan.burden.draw(rng)
    for _ in range(_TRIES):
        transmurality = plan.transmurality.draw(rng)
        if transmurality > population.largest_transmurality(burden):
            continue
        room = [population.LARGEST_EXTENT[t] * transmurality >= burden for t in TERRITORIES[1:]]
        weights = np.multiply(room, (plan.lad_share, plan.lcx_share, plan.rca_share))
        if weights.sum() > 0:
            territory = str(rng.choice(TERRITORIES[1:], p=weights / weights.sum()))
            return territory, burden, transmurality, plan.border_mm.draw(rng)
    msg = (
        f"no artery holds a burden of {burden:.3f} at the planned transmurality and shares; "
        "lower burden, raise transmurality or lad_share"
    )
    raise ValueError(msg)


def plan_to_json(plan: CohortPlan) -> dict[str, Any]:
    """The plan as plain numbers, strings, lists and mappings; `plan_from_json` goes back."""
    return {**asdict(plan), "hearts": list(plan.hearts)}


def plan_from_json(values: dict[str, Any]) -> CohortPlan:
    """The plan that `plan_to_json` wrote."""
    read: dict[str, Any] = {
        k: Bounded(**v) if isinstance(v, dict) else v for k, v in values.items()
    }
    read["hearts"] = tuple(values["hearts"])
    return CohortPlan(**read)


def difference(plan: CohortPlan, other: CohortPlan) -> str:
    """First field in which two plans differ, with both values; empty when they are equal."""
    for f in fields(plan):
        ours, theirs = getattr(plan, f.name), getattr(other, f.name)
        if ours != theirs:
            return f"{f.name} is {_short(ours)}, there {_short(theirs)}"
    return ""


def _short(value: object) -> str:
    if isinstance(value, Bounded):
        return f"{value.mean:g} +- {value.sd:g} in {value.low:g}..{value.high:g}"
    return ",".join(value) if isinstance(value, tuple) else str(value)


def _check_counts(plan: CohortPlan) -> None:
    for name, least in (("n", 1), ("batch", 1), ("seed", 0)):
        if getattr(plan, name) < least:
            msg = f"{name} must be at least {least}, got {getattr(plan, name)}"
            raise ValueError(msg)


def _check_hearts(plan: CohortPlan) -> None:
    if not plan.hearts:
        msg = "hearts must name at least one heart, such as builtin"
        raise ValueError(msg)
    if len(set(plan.hearts)) != len(plan.hearts):
        msg = f"hearts must be different, got {', '.join(plan.hearts)}"
        raise ValueError(msg)
    if plan.batches < len(plan.hearts):
        msg = (
            f"n must be at least {(len(plan.hearts) - 1) * plan.batch + 1} for {len(plan.hearts)} "
            f"hearts that take turns every {plan.batch} cases, got {plan.n}; lower batch"
        )
        raise ValueError(msg)


def _check_inside(plan: CohortPlan) -> None:
    for name in ("burden", "transmurality"):
        drawn = getattr(plan, name)
        if drawn.low <= 0 or drawn.high >= 1:
            msg = (
                f"{name} must lie strictly between 0 and 1, got {drawn.low}..{drawn.high}; "
                "healthy cases come from healthy_share"
            )
            raise ValueError(msg)


def _check_positive(plan: CohortPlan) -> None:
    """Speeds, durations, widths and ratios cannot be negative; differences and shifts can."""
    names = ("border_mm", "border_speed_ratio", "border_apd_ratio", "apd_ms")
    for name in (*names, "cv_fibre_mm_per_ms", "cv_endocardium_mm_per_ms"):
        low = getattr(plan, name).low
        if low <= 0:
            msg = f"{name} must be positive, got {low} as its low limit"
            raise ValueError(msg)


def _check_shares(plan: CohortPlan) -> None:
    if not 0 <= plan.healthy_share <= 1:
        msg = f"healthy_share must lie in 0..1, got {plan.healthy_share}"
        raise ValueError(msg)
    shares = (plan.lad_share, plan.lcx_share, plan.rca_share)
    if min(shares) < 0 or abs(sum(shares) - 1) > 1e-9:
        msg = f"lad_share, lcx_share and rca_share must be positive with sum 1, got {shares}"
        raise ValueError(msg)
