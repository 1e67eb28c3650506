"""A user's own torso and electrodes from files."""

import csv
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from .heart import ELECTRODES, place_of
from .mesh_readers import UNITS, millimetres_in, parse, read_mesh_file
from .repair import merge_points
from .surface import LabelledSurface, wind_outward
from .topology import edge_counts, windings
from .torso import Shell, Torso

#: Axes of a file: to the left, back and head as here, or to the right, front and head.
Frame = Literal["LPS", "RAS"]
_SIGNS: Mapping[str, tuple[float, float, float]] = {"LPS": (1, 1, 1), "RAS": (-1, -1, 1)}
#: Largest extent of a trunk to a whole body, and of the electrodes on it.
_TORSO_MM, _ELECTRODES_MM = (250.0, 2300.0), (150.0, 2000.0)
#: Other names of the electrodes: IEC letters and chest numbers.
_ALIASES = {"L": "LA", "R": "RA", "F": "LL", "N": "RL"} | {f"C{k}": f"V{k}" for k in range(1, 7)}


def read_torso(
    path: str | Path,
    *,
    lungs: Sequence[str | Path] = (),
    units: str | float | None = None,
    frame: Frame = "LPS",
) -> Torso:
    """Closed skin, and perhaps lungs, from .vtp, .vtk, .ply, .stl or .obj files.

    Parameters
    ----------
    path
        Of the skin.
    lungs
        One closed surface a file, in the axes and unit of the skin.
    units
        `mm`, `cm`, `m`, `um`, or the millimetres in one unit; by default the one in which the
        skin has the size of a trunk.
    frame
        `RAS` for files whose x points to the right and y to the front.

    Returns
    -------
    torso : Torso
        In mm, in the axes of `Heart`, wound outward.

    Raises
    ------
    OSError
        When a file cannot be read.
    ValueError
        When one is damaged, open, one-sided or of another size; one line that names the file,
        the place and the remedy.
    """
    signs = _signs(frame)
    points, triangles = _triangles(path)
    factor = _factor(points, _TORSO_MM, units, Path(path).name, "a trunk")
    skin = _closed(points * (factor * signs), triangles, Path(path).name)
    shells = []
    for lung in lungs:
        points, triangles = _triangles(lung)
        shells.append(_closed(points * (factor * signs), triangles, Path(lung).name))
    return Torso(nodes_mm=skin.nodes_mm, triangles=skin.triangles, lungs=tuple(shells))


def read_electrodes(
    path: str | Path, *, units: str | float | None = None, frame: Frame = "LPS"
) -> NDArray[np.float64]:
    """Positions from a .csv file of name, x, y, z, or a .json object of name to [x, y, z].

    Names are those of `ELECTRODES` in any case, or L, R, F, N, C1..C6 (IEC 60601). Electrodes
    that are not in the file are nan. Parameters are those of `read_torso`.

    Returns
    -------
    (10, 3) float64
        In mm, in the order of `ELECTRODES`, in the axes of `Heart`.

    Raises
    ------
    OSError
        When the file cannot be read.
    ValueError
        When it is damaged, or an electrode is unknown, named twice, or not finite.
    """
    path, signs = Path(path), _signs(frame)
    readers: dict[str, Callable[[bytes], list[tuple[str, Any]]]]
    readers = {".csv": _csv_rows, ".json": _json_rows}
    if path.suffix.lower() not in readers:
        msg = f"{path.name}: electrodes are read from {', '.join(readers)}"
        raise ValueError(msg)
    placed = parse(path, lambda data: _named(readers[path.suffix.lower()](data)))
    points = np.array(list(placed.values()))
    factor = _factor(points, _ELECTRODES_MM, units, path.name, "electrodes on a body")
    missing = np.full(3, np.nan)
    return np.array([placed.get(name, missing) for name in ELECTRODES]) * (factor * signs)


def _signs(frame: str) -> NDArray[np.float64]:
    if frame not in _SIGNS:
        msg = f"frame must be LPS or RAS, got {frame!r}"
        raise ValueError(msg)
    return np.array(_SIGNS[frame], np.float64)


def _triangles(path: str | Path) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Points and triangles of a file, in its unit."""
    mesh = read_mesh_file(path)
    if not len(mesh.triangles):
        msg = f"{Path(path).name} has no triangles; a torso is a closed surface"
        raise ValueError(msg)
    return mesh.points, mesh.triangles


def _factor(
    points: NDArray[np.float64],
    span_mm: tuple[float, float],
    units: str | float | None,
    name: str,
    what: str,
) -> float:
    """Millimetres in the file's unit: the one given, or the one that makes it a body's size."""
    if not (np.abs(points) < 1e9).all():
        msg = f"{name}: points are not finite or far off; correct them in the source"
        raise ValueError(msg)
    extent = float(np.ptp(points, axis=0).max()) if len(points) else 0.0
    fitting = [u for u, mm in UNITS.items() if span_mm[0] <= extent * mm <= span_mm[1]]
    factor = millimetres_in(units) if units is not None else UNITS[fitting[0]] if fitting else 0.0
    if not span_mm[0] <= extent * factor <= span_mm[1]:
        remedy = f"; units {fitting[0]} would do" if fitting else ""
        msg = f"{name}: is {extent:.4g} across, {what} {span_mm[0]:g} to {span_mm[1]:g} mm{remedy}"
        raise ValueError(msg)
    return factor


def _closed(nodes_mm: NDArray[np.float64], triangles: NDArray[np.int32], name: str) -> Shell:
    """The surface wound outward, once it is sure to close and to be one."""
    labels = np.zeros(len(triangles), np.int8)
    surface = LabelledSurface(name=name, nodes_mm=nodes_mm, triangles=triangles, labels=labels)
    if (edge_counts(triangles)[1] != 2).any():  # each triangle of a .stl has points of its own
        surface = merge_points(surface)
    edges, counts = edge_counts(surface.triangles)
    if (counts != 2).any():
        place = place_of(surface.nodes_mm[edges[counts != 2][0]].mean(axis=0))
        msg = (
            f"{name}: {int((counts != 2).sum())} edges do not have two triangles, the first at "
            f"{place}; close the holes and remove extra sheets, e.g. with pymeshfix"
        )
        raise ValueError(msg)
    used, renumbered = np.unique(surface.triangles, return_inverse=True)
    triangles = renumbered.reshape(-1, 3).astype(np.int32)
    surface = replace(surface, nodes_mm=surface.nodes_mm[used], triangles=triangles)
    bodies = int(windings(triangles)[1].max()) + 1
    if bodies > 1:
        msg = f"{name}: holds {bodies} separate surfaces; give skin and lungs a file each"
        raise ValueError(msg)
    return Shell(surface.nodes_mm, wind_outward(surface))


def _csv_rows(data: bytes) -> list[tuple[str, Any]]:
    """Name and coordinates of each line; a heading is one whose coordinates are no numbers."""
    lines = [[cell.strip() for cell in row] for row in csv.reader(data.decode().splitlines())]
    lines = [row for row in lines if any(row)]
    if lines and len(lines[0]) >= 4 and lines[0][0].lower() in {"name", "electrode", "lead", ""}:
        lines = lines[1:]
    for number, row in enumerate(lines, start=1):
        if len(row) != 4:
            msg = f"entry {number} has {len(row)} columns; a line is name,x,y,z"
            raise ValueError(msg)
    return [(row[0], row[1:]) for row in lines]


def _json_rows(data: bytes) -> list[tuple[str, Any]]:
    """Name and coordinates of each member of an object."""
    content = json.loads(data, object_pairs_hook=list)
    if not isinstance(content, list) or not all(isinstance(m, tuple) for m in content):
        msg = 'it must be one object of names, such as {"V1": [x, y, z]}'
        raise ValueError(msg)
    return content


def _named(rows: Iterable[tuple[str, Any]]) -> dict[str, NDArray[np.float64]]:
    """Positions by the names of `ELECTRODES`."""
    placed: dict[str, NDArray[np.float64]] = {}
    for given, place in rows:
        name = _ALIASES.get(given.upper(), given.upper())
        if name not in ELECTRODES:
            msg = f"unknown electrode {given!r}; use {', '.join(ELECTRODES)}"
            raise ValueError(msg)
        if name in placed:
            msg = f"electrode {name} is there twice"
            raise ValueError(msg)
        at = np.array([float(value) for value in place])
        if at.shape != (3,) or not np.isfinite(at).all():
            msg = f"electrode {name} must have three finite coordinates, got {place}"
            raise ValueError(msg)
        placed[name] = at
    if not placed:
        msg = "it names no electrode"
        raise ValueError(msg)
    return placed
