"""Hearts on disk: one `.vtu` that ParaView opens and that reads back to the same heart."""

import logging
import os
import warnings
from collections.abc import Mapping
from dataclasses import fields as fields_of
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .heart import SURFACES, Heart, VentricularCoordinates

if TYPE_CHECKING:
    import pyvista

COORDINATES = tuple(f.name for f in fields_of(VentricularCoordinates))


def write_heart(
    heart: Heart, path: str | Path, fields: Mapping[str, NDArray[Any]] | None = None
) -> None:
    """Write a heart to a `.vtu` file, whole or not at all.

    Parameters
    ----------
    heart
        Its surfaces become triangle cells with the cell array `surface`, whose value is the
        place in `SURFACES` plus one; tetrahedra have 0 there.
    path
        Ends in `.vtu`.
    fields
        (n,) arrays to show on it, such as an activation map. They are not read back.

    Raises
    ------
    ValueError
        When the ending is not `.vtu`.
    OSError
        When the file cannot be written.
    """
    path = Path(path)
    if path.suffix != ".vtu":
        msg = f"a heart is written as .vtu, got {path.name}"
        raise ValueError(msg)
    if not path.parent.is_dir():
        msg = f"no such folder: {path.parent}"
        raise OSError(msg)
    part = path.with_name(f".{path.stem}.{os.getpid()}.part.vtu")
    text = vtu_text(heart_grid(heart, fields))
    try:
        part.write_bytes(text)
        part.replace(path)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error
    finally:
        part.unlink(missing_ok=True)


def vtu_text(grid: "pyvista.UnstructuredGrid") -> bytes:
    """The file's content, made in memory: on a full disk VTK's own writing ends the program."""
    from vtkmodules.vtkIOXML import vtkXMLUnstructuredGridWriter

    writer = vtkXMLUnstructuredGridWriter()
    writer.SetInputData(grid)
    writer.SetDataModeToBinary()
    writer.WriteToOutputStringOn()
    writer.Write()
    return bytes(writer.GetOutputString(), "ascii")


def heart_grid(
    heart: Heart, fields: Mapping[str, NDArray[Any]] | None = None
) -> "pyvista.UnstructuredGrid":
    """Heart as the grid that ParaView shows: tetrahedra, surfaces, and an array a quantity."""
    import pyvista

    triangles = np.concatenate([heart.surfaces[s] for s in SURFACES])
    sizes = [len(heart.surfaces[s]) for s in SURFACES]
    grid = pyvista.UnstructuredGrid(
        {pyvista.CellType.TETRA: heart.tets, pyvista.CellType.TRIANGLE: triangles},
        heart.nodes_mm,
    )
    skin = np.zeros((len(triangles), 3), np.float32)
    labels = np.repeat(np.arange(len(SURFACES) + 1), [len(heart.tets), *sizes])
    grid.cell_data["surface"] = labels.astype(np.int8)
    grid.cell_data["fibre"] = np.concatenate([heart.fibres, skin])
    grid.cell_data["sheet"] = np.concatenate([heart.sheets, skin])
    for name in COORDINATES:
        grid.point_data[name] = getattr(heart.coordinates, name)
    grid.point_data["aha_segment"] = heart.segments
    for name, values in (fields or {}).items():
        grid.point_data[name] = values
    grid.field_data["electrodes_mm"] = heart.electrodes_mm
    grid.field_data["name"] = [heart.name]
    return grid


def read_heart(path: str | Path) -> Heart:
    """Read a heart that `write_heart` wrote.

    Raises
    ------
    OSError
        When there is no such file.
    ValueError
        When it is not a heart: wrong ending, no tetrahedra, or an array is missing.
    """
    import pyvista

    path = Path(path)
    if path.suffix != ".vtu":
        msg = f"a heart is read from .vtu, got {path.name}"
        raise ValueError(msg)
    if not path.is_file():
        msg = f"no such file: {path}"
        raise OSError(msg)
    grid = read_quietly(path)
    if not isinstance(grid, pyvista.UnstructuredGrid) or not grid.n_cells:
        msg = f"{path.name} is not a .vtu mesh, or it is damaged"
        raise ValueError(msg)
    require_arrays(grid, path.name)
    tets, triangles = cells_of(grid, "TETRA"), cells_of(grid, "TRIANGLE")
    surface = grid.cell_data["surface"]
    solid, skin = surface == 0, surface[surface > 0]
    return Heart(
        name=str(grid.field_data["name"][0]),
        nodes_mm=np.array(grid.points, np.float64),
        tets=np.array(tets, np.int32),
        fibres=np.array(grid.cell_data["fibre"][solid], np.float32),
        sheets=np.array(grid.cell_data["sheet"][solid], np.float32),
        coordinates=VentricularCoordinates(
            **{c: np.array(grid.point_data[c], np.float64) for c in COORDINATES}
        ),
        segments=np.array(grid.point_data["aha_segment"], np.int8),
        surfaces={s: np.array(triangles[skin == k + 1], np.int32) for k, s in enumerate(SURFACES)},
        electrodes_mm=np.array(grid.field_data["electrodes_mm"], np.float64),
    )


def read_quietly(path: Path) -> Any:
    """What pyvista reads; of a damaged file an empty grid, without VTK's pages on stderr."""
    import pyvista

    disabled = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with pyvista.vtk_verbosity("off"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return pyvista.read(path)
    finally:
        logging.disable(disabled)


def require_arrays(grid: "pyvista.UnstructuredGrid", name: str) -> None:
    """Raise when a `.vtu` lacks what makes a mesh a heart."""
    wanted = {
        "cell": (grid.cell_data, ("surface", "fibre", "sheet")),
        "point": (grid.point_data, (*COORDINATES, "aha_segment")),
        "field": (grid.field_data, ("electrodes_mm", "name")),
    }
    missing = [
        f"{kind} array {a}"
        for kind, (data, names) in wanted.items()
        for a in names
        if a not in data
    ]
    parts = {"tetrahedra": "TETRA", "surface triangles": "TRIANGLE"}
    missing = [part for part, kind in parts.items() if not len(cells_of(grid, kind))] + missing
    if missing:
        remedy = "make one with `cardiotwin anatomy build`"
        msg = f"{name} is not a heart: it lacks {missing[0]}; {remedy}"
        raise ValueError(msg)


def cells_of(grid: "pyvista.UnstructuredGrid", kind: str) -> NDArray[np.int32]:
    """(k, 3 or 4) Node numbers of all cells of one kind, in their order."""
    import pyvista

    cells: Mapping[Any, Any] = grid.cells_dict
    return np.array(cells.get(pyvista.CellType[kind], []), np.int32)
