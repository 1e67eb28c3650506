"""A cohort on disk: one Zarr group that xarray opens (docs/store.md)."""

import warnings
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import zarr

from ..anatomy import Heart
from ..signals import LEADS
from ..sim import BeatParams
from .case import TERRITORIES, Case
from .heart_group import read_array, read_heart_group, write_heart_group, write_whole
from .plan import CohortPlan, draw_plan, plan_from_json, plan_to_json
from .schema import PLAN_COLUMNS, RESULT_COLUMNS, SCHEMA, SCHEMA_VERSION, STATUS, Column

_TISSUES = ("missing", "healthy", "border", "core")


def open_cohort(path: str | Path) -> zarr.Group:
    """The root group of a cohort.

    Raises
    ------
    OSError
        When there is nothing at `path`, it is not a cohort, or a later version wrote it.
    """
    path = Path(path)
    if not path.exists():
        msg = f"no cohort at {path}; make one with cardiotwin cohort generate"
        raise FileNotFoundError(msg)
    try:
        group = zarr.open_group(path, mode="r")
        attributes: dict[str, Any] = dict(group.attrs)
    except Exception:  # zarr raises KeyError, ValueError, TypeError and its own on foreign files
        attributes = {}
    if attributes.get("schema") != SCHEMA:
        msg = f"{path} is not a cohort; choose a path that does not exist yet, or a cohort"
        raise OSError(msg)
    if attributes.get("schema_version") != SCHEMA_VERSION:
        version, writer = attributes.get("schema_version"), attributes.get("package_version")
        msg = f"{path} has schema version {version}, not {SCHEMA_VERSION}; use cardiotwin {writer}"
        raise OSError(msg)
    return group


def read_plan(path: str | Path) -> CohortPlan:
    """The plan that a cohort was made from; its hearts are names, not files."""
    values: Any = open_cohort(path).attrs["plan"]
    return plan_from_json(values)


def read_cohort_heart(path: str | Path, name: str) -> Heart:
    """A heart as the cohort holds it.

    Raises
    ------
    ValueError
        When the cohort has no heart of that name.
    """
    group = open_cohort(path)
    names = heart_names(group)
    if name not in names:
        msg = f"{path} has no heart {name!r}; it has {', '.join(names)}"
        raise ValueError(msg)
    return read_heart_group(zarr.open_group(Path(path) / "hearts" / name, mode="r"), name)


def heart_names(group: zarr.Group) -> tuple[str, ...]:
    """Names of the hearts, in the order of their codes."""
    plan: Any = group.attrs["plan"]
    return tuple(plan["hearts"])


def read_cases(path: str | Path) -> tuple[Case, ...]:
    """(k,) The row of every case, as it stands in the store."""
    group = open_cohort(path)
    columns = {column.name: read_array(group, column.name).tolist() for column in PLAN_COLUMNS}
    columns["index"] = columns.pop("case")
    columns["heart"] = [heart_names(group)[code] for code in columns["heart"]]
    columns["territory"] = [TERRITORIES[code] for code in columns["territory"]]
    names = [f.name for f in fields(Case)]
    rows = zip(*(columns[name] for name in names), strict=True)
    return tuple(Case(**dict(zip(names, row, strict=True))) for row in rows)


def create_store(folder: Path, plan: CohortPlan, hearts: tuple[Heart, ...]) -> None:
    """Fill an empty folder with all of a cohort but its results.

    Raises
    ------
    ValueError
        When two hearts have the same name.
    """
    names = [heart.name for heart in hearts]
    if len(set(names)) != len(names):
        msg = f"hearts must have different names, got {', '.join(names)}"
        raise ValueError(msg)
    root = zarr.create_group(folder, zarr_format=3, attributes=_attributes(plan, names))
    _write_plan_columns(root, plan, names)
    _write_axes(root)
    nodes = max(len(heart.nodes_mm) for heart in hearts)
    for column in RESULT_COLUMNS:
        _create_results(root, column, plan, nodes, names)
    parent = root.create_group("hearts")
    for heart in hearts:
        write_heart_group(parent, heart)
        _consolidate(folder, f"hearts/{heart.name}")
    root.create_group("commits")
    _consolidate(folder)


def _consolidate(folder: Path, group: str | None = None) -> None:
    """Gather the metadata at the top, without which `xarray.open_zarr` warns."""
    with warnings.catch_warnings():  # zarr warns that Zarr 3 does not specify this yet
        warnings.simplefilter("ignore")
        zarr.consolidate_metadata(folder, path=group)


def _attributes(plan: CohortPlan, names: list[str]) -> dict[str, Any]:
    from .. import __version__

    return {
        "schema": SCHEMA,
        "schema_version": SCHEMA_VERSION,
        "package_version": __version__,
        "seed": plan.seed,
        "plan": {**plan_to_json(plan), "hearts": names},
        "coordinates": "time_ms",
    }


def _column_attributes(column: Column, names: list[str]) -> dict[str, Any]:
    """Units, meaning and, for codes, what each stands for (CF conventions, section 3.5)."""
    meanings = {"heart": names, "territory": TERRITORIES, "status": STATUS, "tissue": _TISSUES}
    attributes: dict[str, Any] = {"units": column.units, "long_name": column.meaning}
    if column.name in meanings:
        first = -1 if column.name == "tissue" else 0
        codes = meanings[column.name]
        attributes["flag_values"] = list(range(first, first + len(codes)))
        attributes["flag_meanings"] = " ".join(codes)
    return attributes


def _write_plan_columns(root: zarr.Group, plan: CohortPlan, names: list[str]) -> None:
    cases = draw_plan(plan)
    codes = {"heart": plan.hearts, "territory": TERRITORIES}
    for column in PLAN_COLUMNS:
        field = "index" if column.name == "case" else column.name
        values = [getattr(case, field) for case in cases]
        if field in codes:
            values = [codes[field].index(value) for value in values]
        array = root.create_array(
            column.name,
            shape=(plan.n,),
            chunks=(plan.n,),
            dtype=column.dtype,
            fill_value=column.fill,
            dimension_names=column.dims,
            attributes=_column_attributes(column, names),
            config={"write_empty_chunks": True},
        )
        array[:] = np.array(values, column.dtype)


def samples(params: BeatParams) -> int:
    """Number of samples of a simulated ECG."""
    return round(params.duration_ms * params.fs_hz / 1000)


def _write_axes(root: zarr.Group) -> None:
    params = BeatParams()
    write_whole(root, "lead", np.array(LEADS, object), ("lead",))
    times_ms = np.arange(samples(params)) * (1000.0 / params.fs_hz)
    write_whole(root, "time_ms", times_ms, ("sample",))


def _create_results(
    root: zarr.Group, column: Column, plan: CohortPlan, nodes: int, names: list[str]
) -> None:
    sizes = {"case": plan.n, "lead": len(LEADS), "sample": samples(BeatParams()), "node": nodes}
    root.create_array(
        column.name,
        shape=tuple(sizes[dim] for dim in column.dims),
        chunks=(plan.batch, *(sizes[dim] for dim in column.dims[1:])),
        dtype=column.dtype,
        fill_value=column.fill,
        dimension_names=column.dims,
        attributes=_column_attributes(column, names),
    )
