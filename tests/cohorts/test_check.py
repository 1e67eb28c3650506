"""A sound cohort has no problems, and each way of being unsound has its line."""

import json

import numpy as np
import pytest

from cardiotwin.cohorts.check import burden_of, case_problems, check_cohort, cohort_info
from cardiotwin.cohorts.schema import RESULT_COLUMNS
from cardiotwin.cohorts.store import open_cohort


@pytest.fixture
def infarcted(tiny_cohort):
    """Values of the first case with an infarct."""
    group = open_cohort(tiny_cohort)
    k = int(np.flatnonzero(group["territory"][:])[0])
    return {name: group[name][k] for name in [c.name for c in RESULT_COLUMNS] + ["territory"]}


def test_sound_cohort_has_no_problems(tiny_cohort):
    assert check_cohort(tiny_cohort) == ()


def test_info_counts_what_is_there(tiny_cohort):
    info = cohort_info(tiny_cohort)
    assert (info.n, info.done, info.failed, info.seed) == (7, 7, (), 7)
    assert info.hearts == {"tiny": 7}
    assert sum(info.territories.values()) == 7
    p10, p50, p90 = info.burden_p10_p50_p90
    assert 0 < p10 < p50 < p90 < 0.52
    assert info.size_bytes > 1e5


def test_info_counts_only_what_is_committed(cohort_copy):
    (cohort_copy / "commits/batch-00000.json").unlink()
    assert cohort_info(cohort_copy).done == 5


def test_recomputed_burden_is_the_recorded_one(tiny_heart, infarcted):
    assert infarcted["burden"] > 0
    assert burden_of(tiny_heart, infarcted["tissue"] == 2) == pytest.approx(
        float(infarcted["burden"]), abs=1e-12
    )


def activate_core(one, heart):
    one["activation_ms"][one["tissue"] == 2] = 50


def strand_a_node(one, heart):
    one["activation_ms"][np.flatnonzero(~heart.is_lv)[0]] = np.inf


def scar_the_right_ventricle(one, heart):
    one["tissue"][~heart.is_lv] = 1


def lose_the_border(one, heart):
    one["border"][:] = 0


def overstate_burden(one, heart):
    one["burden"] = one["burden"] + 0.01


def break_the_ecg(one, heart):
    one["ecg_mv"][3, 7] = np.nan


def recover_before_activation(one, heart):
    one["repolarisation_ms"] = one["repolarisation_ms"] - 1000


def call_it_healthy(one, heart):
    one["territory"] = 0


def lose_a_time(one, heart):
    one["activation_ms"][0] = np.nan


def fail_without_reason(one, heart):
    one["status"] = 2


@pytest.mark.parametrize(
    ("tamper", "words"),
    [
        (activate_core, "nodes of the core are activated"),
        (strand_a_node, "1 living nodes beside activated ones are never activated"),
        (scar_the_right_ventricle, "nodes of core or border lie outside the left ventricle"),
        (lose_the_border, "border is not in 0..1, or not above 0 exactly where tissue is 1"),
        (overstate_burden, "burden is "),
        (break_the_ecg, "ecg_mv is not finite"),
        (recover_before_activation, "nodes break 0 <= activation < repolarisation < 2000 ms"),
        (call_it_healthy, "territory none does not go with its tissue"),
        (lose_a_time, "is NaN at a node"),
        (fail_without_reason, "status is 2, the commit record says otherwise"),
    ],
)
def test_what_cannot_be_is_said(tamper, words, infarcted, tiny_heart):
    assert list(case_problems(infarcted, tiny_heart, has_reason=False)) == []
    tamper(infarcted, tiny_heart)
    assert any(words in problem for problem in case_problems(infarcted, tiny_heart, False))


def test_missing_and_damaged_batches_are_said(cohort_copy):
    (cohort_copy / "commits/batch-00003.json").unlink()
    (cohort_copy / "tissue/c/0/0").unlink()
    assert check_cohort(cohort_copy) == (
        "tissue/c/0/0: missing or changed; run the same command to redo",
        "cases 6..6: not made yet; run the same command to finish",
    )


def test_changed_metadata_is_said(cohort_copy):
    file = cohort_copy / "ecg_mv/zarr.json"
    file.write_text(file.read_text().replace("mV", "uV"))
    assert check_cohort(cohort_copy) == ("ecg_mv/zarr.json: missing or changed",)


def test_array_of_another_type_is_said(cohort_copy):
    root = cohort_copy / "zarr.json"
    metadata = json.loads(root.read_text())
    metadata["consolidated_metadata"]["metadata"]["ecg_mv"]["data_type"] = "float64"
    root.write_text(json.dumps(metadata))
    problems = check_cohort(cohort_copy)
    assert problems[0] == "zarr.json: missing or changed"
    assert problems[1].startswith("ecg_mv: dims, dtype and cases are")


def test_what_is_no_cohort_is_one_line(tmp_path):
    (problem,) = check_cohort(tmp_path)
    assert "is not a cohort" in problem
    with pytest.raises(OSError, match="no cohort at"):
        cohort_info(tmp_path / "missing.zarr")
