"""Hearts in the csv layout of Camps' Cardiac-Digital-Twin, public repository of 2024 and 2025."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .foreign_tets import heart_of_tets
from .heart import ELECTRODES, Heart
from .mesh_readers import in_millimetres, millimetres_in, parse
from .topology import boundary_triangles

#: The files keep centimetres.
UNITS = "cm"
#: Endings of each file, the newest first; a heart needs those of `NEEDED`.
ENDINGS: Mapping[str, tuple[str, ...]] = {
    "tetra": ("_tetra",),
    "lv": ("_boundarynodefield_lvendo", "_boundarynodefield_ep-lvnodes", "_lvendo", "_lvnodes"),
    "rv": ("_boundarynodefield_rvendo", "_boundarynodefield_ep-rvnodes", "_rvendo", "_rvnodes"),
    "fibre": ("_nodefield_fibre", "_fibre"),
    "sheet": ("_nodefield_sheet", "_sheet"),
    "axes": ("_nodefield_fibre-sheet-normal",),
    "ab": ("_nodefield_ab", "_nodefield_cobiveco-ab", "_ab"),
    "tm": ("_nodefield_tm", "_nodefield_cobiveco-tm", "_tm"),
    "tv": ("_nodefield_tv", "_nodefield_cobiveco-tv", "_tv"),
    "rt": ("_nodefield_rt", "_nodefield_cobiveco-rt", "_rt"),
    "rvlv": ("_nodefield_rvlv", "_rvlv"),
    "aprt": ("_nodefield_aprt", "_aprt"),
}
NEEDED = ("tetra", "lv", "rv")
#: Least share of the nodes of an endocardium that lie on the boundary of the right mesh.
ON_BOUNDARY = 0.9


def read_camps(folder: str | Path, *, units: str | float | None = None) -> Heart:
    """Heart from a folder of `NAME_xyz.csv`, `NAME_tetra.csv` and lists of endocardial nodes.

    Fibres, sheets and electrodes are taken where there are files of them. Coordinates are made
    anew, in the convention of `Heart`; `read_camps_fields` reads those of the files.

    Parameters
    ----------
    folder
        Holds the files of one heart (`DTI004_coarse/`), or one such folder. Electrodes
        (`DTI004_electrode_xyz.csv`) may lie beside them or one folder up. Tetrahedra and lists of
        nodes may count from 0 or from 1.
    units
        `mm`, `cm`, `m`, `um`, or the millimetres in one unit; cm, as Camps has it, without.

    Raises
    ------
    OSError
        When the folder or a file is missing.
    ValueError
        When a file is damaged or the files do not fit together; one line that names it.
    """
    nodes, stem = _nodes(Path(folder))
    n = len(nodes)
    missing = [kind for kind in NEEDED if _path(stem, kind) is None]
    if missing:
        wanted = " or ".join(f"{stem.name}{ending}.csv" for ending in ENDINGS[missing[0]])
        msg = f"no file {wanted} in {stem.parent}"
        raise FileNotFoundError(msg)
    tets = _from_zero(_table(stem, "tetra", 4), n, f"{stem.name}_tetra.csv")
    axes = {kind: _table(stem, kind, 3) for kind in ("fibre", "sheet") if _path(stem, kind)}
    if not axes and _path(stem, "axes"):
        axes = dict(zip(("fibre", "sheet"), np.hsplit(_table(stem, "axes", 9), 3), strict=False))
    for kind, rows in axes.items():
        if len(rows) != n:
            msg = f"{stem.name}: {kind} has {len(rows)} rows for {n} nodes"
            raise ValueError(msg)
    return heart_of_nodes(
        in_millimetres(nodes, f"{stem.name}_xyz.csv", units, usual=UNITS),
        tets,
        {
            "lv_endo": _endocardium(stem, "lv", tets, n),
            "rv_endo": _endocardium(stem, "rv", tets, n),
        },
        name=stem.name,
        fibres=axes.get("fibre"),
        sheets=axes.get("sheet"),
        electrodes_mm=_electrodes(stem, millimetres_in(UNITS if units is None else units)),
    )


def is_camps(folder: str | Path) -> bool:
    """Whether a folder, or one in it, has points of a heart in this layout."""
    return bool(_point_files(Path(folder)))


def read_camps_fields(folder: str | Path) -> dict[str, NDArray[np.float64]]:
    """Fields of the files at nodes, (n,) each, in Camps' convention, by their short names.

    `ab` 0 apex to 1 base, `tm` 1 endocardium to 0 epicardium, `tv` 0 left to 1 right, `rt` 0 to 1
    about the axis, `rvlv` 0 left to 1 right, `aprt` 0 posterior to 1 anterior.

    Raises
    ------
    OSError
        When the folder or its points are missing.
    ValueError
        When a file is damaged or has not one value a node.
    """
    nodes, stem = _nodes(Path(folder))
    fields = {}
    for kind in ("ab", "tm", "tv", "rt", "rvlv", "aprt"):
        if _path(stem, kind):
            fields[kind] = _table(stem, kind, 1)[:, 0]
            if len(fields[kind]) != len(nodes) or not np.isfinite(fields[kind]).all():
                msg = f"{stem.name}: {kind} has not one finite value for each of {len(nodes)} nodes"
                raise ValueError(msg)
    return fields


def heart_of_nodes(
    nodes_mm: NDArray[np.float64],
    tets: NDArray[np.int32],
    endocardia: Mapping[str, NDArray[np.int64]],
    *,
    name: str,
    fibres: NDArray[np.floating] | None,
    sheets: NDArray[np.floating] | None,
    electrodes_mm: NDArray[np.float64] | None,
) -> Heart:
    """Heart from node lists of `lv_endo` and `rv_endo`; the base is found by its shape.

    Raises
    ------
    ValueError
        As `heart_of_tets`.
    """
    boundary = boundary_triangles(tets)
    inside = {s: np.isin(boundary, nodes).all(axis=1) for s, nodes in endocardia.items()}
    inside["rv_endo"] &= ~inside["lv_endo"]
    return heart_of_tets(
        nodes_mm,
        tets,
        name=name,
        surfaces={s: boundary[mine] for s, mine in inside.items()},
        fibres=fibres,
        sheets=sheets,
        electrodes_mm=electrodes_mm,
    )


def _nodes(folder: Path) -> tuple[NDArray[np.float64], Path]:
    """(n, 3) Points as in the file, and the folder and prefix of all files."""
    if not folder.is_dir():
        msg = f"no such folder: {folder}"
        raise FileNotFoundError(msg)
    found = _point_files(folder)
    if len(found) != 1:
        what = f"{len(found)} files" if found else "no file"
        msg = f"{folder} has {what} *_xyz.csv; give the folder of one heart"
        raise FileNotFoundError(msg)
    stem = found[0].with_name(found[0].name.removesuffix("_xyz.csv"))
    return parse(found[0], lambda data: _csv(data, 3)), stem


def _point_files(folder: Path) -> list[Path]:
    """Files of points of hearts in a folder and its folders; those of electrodes are none."""
    paths = sorted([*folder.glob("*_xyz.csv"), *folder.glob("*/*_xyz.csv")])
    return [path for path in paths if not path.name.endswith("_electrode_xyz.csv")]


def _path(stem: Path, kind: str) -> Path | None:
    """File of one kind, under whichever name it has."""
    paths = (stem.with_name(f"{stem.name}{ending}.csv") for ending in ENDINGS[kind])
    return next((path for path in paths if path.is_file()), None)


def _table(stem: Path, kind: str, width: int) -> NDArray[np.float64]:
    path = _path(stem, kind)
    if path is None:
        msg = f"no file {stem.name}{ENDINGS[kind][0]}.csv in {stem.parent}"
        raise FileNotFoundError(msg)
    return parse(path, lambda data: _csv(data, width))


def _csv(data: bytes, width: int) -> NDArray[np.float64]:
    """(rows, width) Numbers between commas; one row, or one column, may stand for the other."""
    lines = [line.split(",") for line in data.decode("ascii").splitlines() if line.strip()]
    if len(lines) == 1 and width == 1:
        lines = [[word] for word in lines[0]]
    wrong = [i for i, words in enumerate(lines) if len(words) != width]
    if wrong:
        msg = f"line {wrong[0] + 1} has {len(lines[wrong[0]])} numbers instead of {width}"
        raise ValueError(msg)
    return np.array(lines).astype(np.float64)


def _indices(values: NDArray[np.float64], n: int, name: str) -> NDArray[np.int64]:
    if not ((values >= 0) & (values <= n) & (values == np.round(values))).all():
        wrong = values[~((values >= 0) & (values <= n) & (values == np.round(values)))].flat[0]
        msg = f"{name}: {wrong:g} is no node; there are {n}"
        raise ValueError(msg)
    return values.astype(np.int64)


def _from_zero(values: NDArray[np.float64], n: int, name: str) -> NDArray[np.int32]:
    """Tetrahedra counted from 0, whichever number the file counts from.

    Raises
    ------
    ValueError
        When it uses neither the first node of the one way of counting nor the last of the other.
    """
    tets = _indices(values, n, name)
    low, high = tets.min(), tets.max()
    if low > 0 and high == n:
        return (tets - 1).astype(np.int32)
    if low == 0 and high < n:
        return tets.astype(np.int32)
    msg = f"{name}: names nodes {low} to {high} of {n}; count all of them from 0 or from 1"
    raise ValueError(msg)


def _endocardium(stem: Path, kind: str, tets: NDArray[np.int32], n: int) -> NDArray[np.int64]:
    """Nodes of an endocardium, counted from 0: of both ways, that which lies on the boundary."""
    name = f"{stem.name}_{kind}endo.csv"
    nodes = _indices(_table(stem, kind, 1)[:, 0], n, name)
    outer = np.unique(boundary_triangles(tets))
    shares = [np.isin(nodes - first, outer).mean() for first in (1, 0)]
    if max(shares) < ON_BOUNDARY:
        msg = (
            f"{name}: only {max(shares):.0%} of its nodes lie on the boundary; "
            "it belongs to another mesh"
        )
        raise ValueError(msg)
    return nodes - 1 if shares[0] >= shares[1] else nodes


def _electrodes(stem: Path, factor: float) -> NDArray[np.float64] | None:
    """(10, 3) Electrodes in mm, from beside the files or one folder up; None without a file."""
    paths = [p for f in (stem.parent, stem.parent.parent) for p in f.glob("*_electrode_xyz.csv")]
    mine = [
        p for p in sorted(paths) if stem.name.startswith(p.name.removesuffix("_electrode_xyz.csv"))
    ]
    if not mine:
        return None
    rows = parse(mine[0], lambda data: _csv(data, 3))
    if rows.shape != (len(ELECTRODES), 3) or not (np.abs(rows) < 1e4).all():
        msg = f"{mine[0].name}: must be {len(ELECTRODES)} rows of x, y, z: {', '.join(ELECTRODES)}"
        raise ValueError(msg)
    return rows * factor
