"""A plan gives every case its numbers, alone and in any company."""

from dataclasses import asdict, replace

import numpy as np
import pytest

from cardiotwin.cohorts.distribution import Bounded
from cardiotwin.cohorts.plan import (
    CohortPlan,
    difference,
    draw_case,
    draw_plan,
    plan_from_json,
    plan_to_json,
)

PLAN = CohortPlan(hearts=("a", "b"), n=40, seed=7)


def test_a_case_does_not_depend_on_how_many_there_are():
    assert draw_plan(PLAN)[:10] == draw_plan(replace(PLAN, n=10))
    assert draw_case(PLAN, 5) == draw_plan(PLAN)[5]


def test_cases_differ_from_each_other_and_between_seeds():
    rows = draw_plan(PLAN) + draw_plan(replace(PLAN, seed=8))
    assert len({row.seed for row in rows}) == len(rows)
    assert len({row.cv_fibre_mm_per_ms for row in rows}) == len(rows)


def test_hearts_take_turns_every_batch():
    hearts = [row.heart for row in draw_plan(PLAN)]
    assert hearts[:10] == ["a"] * 4 + ["b"] * 4 + ["a"] * 2


def test_burden_and_transmurality_are_those_of_emidec():
    rows = [row for row in draw_plan(CohortPlan(n=3000)) if row.territory != "none"]
    burden = np.array([row.target_burden for row in rows])
    # 67 patients: 20.8 +- 11.4 %, p10 6.8, median 20.5, p90 37.2, so the standard error of the
    # mean is 1.4 %; the plan ends at 37 %, what the bed of one artery holds
    assert burden.mean() == pytest.approx(0.208, abs=0.014)
    assert burden.std() == pytest.approx(0.114, abs=0.01)
    assert np.percentile(burden, [10, 50, 90]) == pytest.approx([0.068, 0.205, 0.372], abs=0.02)
    assert burden.max() < 0.37
    transmurality = np.array([row.target_transmurality for row in rows])
    assert transmurality.mean() == pytest.approx(0.62, abs=0.03)


def test_every_artery_has_small_infarcts_and_the_lad_most_of_all():
    rows = [row for row in draw_plan(CohortPlan(n=3000)) if row.territory != "none"]
    shares = {t: np.mean([row.territory == t for row in rows]) for t in ("LAD", "LCx", "RCA")}
    # standard error of a share is at most 0.01
    assert shares == pytest.approx({"LAD": 0.65, "LCx": 0.11, "RCA": 0.24}, abs=0.03)
    small = {row.territory for row in rows if row.target_burden < 0.08}
    assert small == {"LAD", "LCx", "RCA"}


def test_a_healthy_case_has_no_infarct():
    rows = draw_plan(replace(PLAN, healthy_share=1.0))
    assert {(row.territory, row.target_burden, row.border_mm) for row in rows} == {("none", 0, 0)}


def test_row_gives_the_parameters_of_its_beat():
    row = draw_case(PLAN, 3)
    params = row.beat_params
    assert params.conduction.cv_fibre_mm_per_ms == row.cv_fibre_mm_per_ms
    assert params.repolarisation.transmural_ms == row.transmural_ms
    assert params.repolarisation.border_apd_ratio == row.border_apd_ratio


def test_plan_survives_json():
    assert plan_from_json(plan_to_json(PLAN)) == PLAN
    assert set(plan_to_json(PLAN)) == set(asdict(PLAN))


def test_difference_names_the_first_field_that_differs():
    assert difference(PLAN, PLAN) == ""
    assert difference(PLAN, replace(PLAN, seed=8)) == "seed is 7, there 8"
    other = replace(PLAN, burden=Bounded(mean=0.1, sd=0.05, low=0.02, high=0.3))
    assert difference(other, PLAN) == (
        "burden is 0.1 +- 0.05 in 0.02..0.3, there 0.208 +- 0.114 in 0.03..0.37"
    )


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"n": 0}, "n must be at least 1, got 0"),
        ({"seed": -1}, "seed must be at least 0, got -1"),
        ({"batch": 0}, "batch must be at least 1, got 0"),
        ({"hearts": ()}, "hearts must name at least one heart"),
        ({"hearts": ("a", "a")}, "hearts must be different, got a, a"),
        ({"n": 4}, "n must be at least 5 for 2 hearts"),
        ({"healthy_share": 1.5}, r"healthy_share must lie in 0\.\.1, got 1\.5"),
        ({"lad_share": 0.9}, "lad_share, lcx_share and rca_share must be positive with sum 1"),
        (
            {"burden": Bounded(mean=0.0, sd=0.0, low=0.0, high=0.5)},
            "burden must lie strictly between 0 and 1",
        ),
        (
            {"burden": Bounded(mean=1.0, sd=0.0, low=0.5, high=1.0)},
            "burden must lie strictly between 0 and 1",
        ),
        (
            {"cv_fibre_mm_per_ms": Bounded(mean=0.1, sd=0.1, low=-0.5, high=0.5)},
            "cv_fibre_mm_per_ms must be positive",
        ),
    ],
)
def test_impossible_plan_is_one_line(changes, words):
    with pytest.raises(ValueError, match=words) as error:
        replace(PLAN, **changes)
    assert "\n" not in str(error.value)


def test_infarct_that_no_artery_holds_is_refused():
    thin = Bounded(mean=0.25, sd=0.0, low=0.25, high=0.25)
    large = Bounded(mean=0.5, sd=0.0, low=0.5, high=0.5)
    with pytest.raises(ValueError, match=r"no artery holds a burden of 0\.500"):
        draw_plan(replace(PLAN, healthy_share=0.0, burden=large, transmurality=thin))


def test_bounded_stays_within_its_limits_and_has_its_moments(rng):
    drawn = np.array([PLAN.border_mm.draw(rng) for _ in range(4000)])
    assert drawn.min() > 2
    assert drawn.max() < 8
    # standard error of the mean is 1.5 / sqrt(4000) = 0.024
    assert drawn.mean() == pytest.approx(4.5, abs=0.08)
    assert drawn.std() == pytest.approx(1.5, abs=0.08)


@pytest.mark.parametrize(
    ("mean", "sd", "words"),
    [(2.0, 0.1, r"mean must lie in 0\.0\.\.1\.0, got 2\.0"), (0.5, 0.6, "sd must lie in 0..0.5")],
)
def test_bounded_that_cannot_be_is_refused(mean, sd, words):
    with pytest.raises(ValueError, match=words):
        Bounded(mean=mean, sd=sd, low=0.0, high=1.0)
