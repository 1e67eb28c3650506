"""A cohort on disk is plain Zarr that xarray opens, and gives back what was put in."""

import json
import warnings
from dataclasses import fields, replace

import numpy as np
import pytest
import xarray as xr
import zarr

from cardiotwin.cohorts.case import Case
from cardiotwin.cohorts.heart_group import same_heart
from cardiotwin.cohorts.plan import draw_plan
from cardiotwin.cohorts.schema import PLAN_COLUMNS, RESULT_COLUMNS
from cardiotwin.cohorts.store import (
    create_store,
    open_cohort,
    read_cases,
    read_cohort_heart,
    read_plan,
)
from cardiotwin.sim.params import BeatParams

SAMPLES = BeatParams().duration_ms  # at 1 kHz


def test_xarray_opens_it_without_a_warning(tiny_cohort, tiny_heart):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        cohort = xr.open_zarr(tiny_cohort).load()
        heart = xr.open_zarr(tiny_cohort, group="hearts/tiny").load()
        xr.open_zarr(tiny_cohort, consolidated=False)
    n, m = len(tiny_heart.nodes_mm), len(tiny_heart.tets)
    assert dict(cohort.sizes) == {"case": 7, "node": n, "lead": 12, "sample": SAMPLES}
    assert cohort.ecg_mv.dims == ("case", "lead", "sample")
    assert cohort.tissue.dims == ("case", "node")
    assert set(cohort.coords) == {"case", "lead", "time_ms"}
    assert dict(heart.nodes_mm.sizes) == {"node": n, "axis": 3}
    assert dict(heart.tets.sizes) == {"tet": m, "corner": 4}


def test_leads_cases_and_territories_can_be_picked(tiny_cohort):
    cohort = xr.open_zarr(tiny_cohort).load()
    assert cohort.ecg_mv.sel(case=3, lead="V2").shape == (SAMPLES,)
    infarcts = cohort.where(cohort.territory != 0, drop=True)
    assert 0 < infarcts.sizes["case"] < 7
    assert (infarcts.burden > 0).all()
    assert cohort.time_ms.values[[0, -1]].tolist() == [0, SAMPLES - 1]


def test_every_array_has_its_dtype_units_and_meaning(tiny_cohort):
    group = open_cohort(tiny_cohort)
    for column in (*PLAN_COLUMNS, *RESULT_COLUMNS):
        array = group[column.name]
        assert (str(array.dtype), array.metadata.dimension_names) == (column.dtype, column.dims)
        assert array.attrs["units"] == column.units
        assert array.attrs["long_name"]
    assert group["ecg_mv"].attrs["units"] == "mV"
    assert group["cv_fibre_mm_per_ms"].attrs["units"] == "mm/ms"
    assert group["territory"].attrs["flag_meanings"] == "none LAD LCx RCA"
    assert group["tissue"].attrs["flag_values"] == [-1, 0, 1, 2]


def test_a_batch_owns_its_chunks(tiny_cohort):
    group = open_cohort(tiny_cohort)
    assert all(group[column.name].chunks[0] == 2 for column in RESULT_COLUMNS)
    assert len(list((tiny_cohort / "ecg_mv/c").iterdir())) == 4


def test_heart_comes_back_as_it_was(tiny_cohort, tiny_heart):
    heart = read_cohort_heart(tiny_cohort, "tiny")
    assert same_heart(heart, tiny_heart)
    assert (heart.nodes_mm == tiny_heart.nodes_mm).all()
    assert heart.fibres.dtype == np.float32
    moved = replace(heart, electrodes_mm=heart.electrodes_mm + 1)
    assert not same_heart(moved, tiny_heart)


def test_plan_and_rows_come_back_as_they_were(tiny_cohort, tiny_plan):
    assert read_plan(tiny_cohort) == replace(tiny_plan, hearts=("tiny",))
    rows = [replace(row, heart="tiny") for row in draw_plan(tiny_plan)]
    assert list(read_cases(tiny_cohort)) == rows
    assert {f.name for f in fields(Case)} - {"index"} < {c.name for c in PLAN_COLUMNS}


def test_smaller_heart_is_padded(tiny_heart, tiny_plan, tmp_path):
    small = replace(tiny_heart, name="small")
    plan = replace(tiny_plan, hearts=("small.vtu", "tiny.vtu"))
    create_store(tmp_path, plan, (small, tiny_heart))
    group = open_cohort(tmp_path)
    assert group["heart"][:].tolist() == [0, 0, 1, 1, 0, 0, 1]
    assert group["heart"].attrs["flag_meanings"] == "small tiny"
    assert read_cases(tmp_path)[2].heart == "tiny"
    assert (group["tissue"][:] == -1).all()
    assert np.isnan(group["ecg_mv"][:]).all()


def test_nothing_of_the_machine_or_the_day_is_in_it(tiny_cohort, tiny_file):
    for file in tiny_cohort.rglob("*.json"):
        assert "/tmp" not in file.read_text()
        assert tiny_file not in file.read_text()
    attributes = json.loads((tiny_cohort / "zarr.json").read_text())["attributes"]
    assert set(attributes) == {
        "schema",
        "schema_version",
        "package_version",
        "seed",
        "plan",
        "coordinates",
    }


def test_hearts_of_one_name_are_refused(tiny_heart, tiny_plan, tmp_path):
    plan = replace(tiny_plan, hearts=("a.vtu", "b.vtu"))
    with pytest.raises(ValueError, match="hearts must have different names, got tiny, tiny"):
        create_store(tmp_path, plan, (tiny_heart, tiny_heart))


def test_heart_name_that_is_no_folder_is_refused(tiny_heart, tiny_plan, tmp_path):
    with pytest.raises(ValueError, match=r"heart name '\.\./up' may hold only letters"):
        create_store(tmp_path, tiny_plan, (replace(tiny_heart, name="../up"),))


def test_unknown_heart_is_named(tiny_cohort):
    with pytest.raises(ValueError, match="has no heart 'big'; it has tiny"):
        read_cohort_heart(tiny_cohort, "big")


def test_what_is_no_cohort_is_one_line(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no cohort at .*missing\.zarr"):
        open_cohort(tmp_path / "missing.zarr")
    with pytest.raises(OSError, match="is not a cohort"):
        open_cohort(tmp_path)
    later = tmp_path / "later.zarr"
    attributes = {"schema": "cardiotwin-cohort", "schema_version": 9, "package_version": "7.0"}
    zarr.create_group(later, attributes=attributes)
    with pytest.raises(OSError, match=r"has schema version 9, not 1; use cardiotwin 7\.0"):
        open_cohort(later)
