"""Hearts on disk: one `.vtu` that ParaView opens and that reads back to the same heart."""

from collections.abc import Mapping
from dataclasses import fields as fields_of
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..files.whole_files import whole_file
from .file_mesh import FileMesh
from .foreign_tets import heart_of_tets
from .heart import ELECTRODES, SURFACES, Heart, VentricularCoordinates
from .mesh_readers import in_millimetres, read_mesh_file
from .surface_names import Meaning, triangle_labels
from .topology import boundary_triangles

if TYPE_CHECKING:
    import pyvista

COORDINATES = tuple(f.name for f in fields_of(VentricularCoordinates))
#: Largest size of each coordinate; measured transmural depths may run a little over.
SPAN = dict.fromkeys(COORDINATES, 1.1) | {"rotational": np.pi + 1e-6}
#: How far from one the length of a direction in single precision may be.
UNIT_TOLERANCE = 1e-3
#: Names under which others keep fibres and sheets.
FIBRES = ("fibre", "fibres", "fiber", "fibers", "f0", "fibre_direction", "fiber_direction")
SHEETS = ("sheet", "sheets", "s0", "sheet_direction")


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
    with whole_file(path) as part:
        part.write_bytes(vtu_text(heart_grid(heart, fields)))


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


def read_heart(
    path: str | Path,
    *,
    labels: Meaning | None = None,
    array: str | None = None,
    units: str | float | None = None,
) -> Heart:
    """Read a heart that `write_heart` wrote, or make one of somebody else's tetrahedra.

    A file of ours comes back to the bit. Of others, surfaces are taken from tagged triangles or
    from tags at points, fibres from arrays of common names; what is not there is made, see
    `heart_of_tets`.

    Parameters
    ----------
    path
        A `.vtu` or legacy `.vtk` file with tetrahedra.
    labels, array
        Meaning of the tags, and the array that holds them, as in `read_surface`.
    units
        `mm`, `cm`, `m`, `um`, or the millimetres in one unit; mm without.

    Raises
    ------
    OSError
        When the file cannot be read.
    ValueError
        When it is not a heart: wrong ending, damaged, no tetrahedra, of another size, or it is
        not sure which surface is which. One line names the file, the place and the remedy.
    """
    path = Path(path)
    if path.suffix not in (".vtu", ".vtk"):
        msg = f"a heart is read from .vtu, got {path.name}"
        raise ValueError(msg)
    mesh = read_mesh_file(path)
    if not len(mesh.tets):
        msg = f"{path.name} is not a heart: it lacks tetrahedra; make one with `anatomy build`"
        raise ValueError(msg)
    try:
        if labels is None and array is None and units is None and _is_ours(mesh):
            return _our_heart(mesh, path)
        return _made_heart(mesh, path, labels, array, units)
    except ValueError as error:
        msg = str(error) if path.name in str(error) else f"{path.name}: {error}"
        raise ValueError(msg) from None


def _is_ours(mesh: FileMesh) -> bool:
    return (
        {"surface", "fibre", "sheet"} <= mesh.tet_data.keys()
        and {*COORDINATES, "aha_segment"} <= mesh.point_data.keys()
        and mesh.numbers.get("electrodes_mm", np.zeros(0)).shape == (len(ELECTRODES), 3)
        and len(mesh.texts.get("name", [])) == 1
        and len(mesh.triangles) > 0
    )


def _our_heart(mesh: FileMesh, path: Path) -> Heart:
    """Heart from all the arrays that `write_heart` wrote.

    Raises
    ------
    ValueError
        When an array holds what no heart has.
    """
    skin = mesh.triangle_data["surface"]
    segments = mesh.point_data["aha_segment"]
    for what, values, low, high in (
        ("surface", skin, 1, len(SURFACES)),
        ("surface of tets", mesh.tet_data["surface"], 0, 0),
        ("aha_segment", segments, 0, 17),
        *((c, mesh.point_data[c], -SPAN[c], SPAN[c]) for c in COORDINATES),
    ):
        if values.ndim != 1 or not ((values >= low) & (values <= high)).all():
            msg = f"array {what} must lie in {low:g} to {high:g}; the file is damaged"
            raise ValueError(msg)
    for what in ("fibre", "sheet"):
        length = np.linalg.norm(mesh.tet_data[what].reshape(len(mesh.tets), -1), axis=1)
        if not (np.abs(length - 1) < UNIT_TOLERANCE).all():
            worst = int((~(np.abs(length - 1) < UNIT_TOLERANCE)).argmax())
            msg = f"{what} of tet {worst} has length {length[worst]:.3g}; it must be a direction"
            raise ValueError(msg)
    return Heart(
        name=mesh.texts["name"][0],
        nodes_mm=in_millimetres(mesh.points, path.name, None),
        tets=mesh.tets,
        fibres=mesh.tet_data["fibre"].astype(np.float32),
        sheets=mesh.tet_data["sheet"].astype(np.float32),
        coordinates=VentricularCoordinates(
            **{c: mesh.point_data[c].astype(np.float64) for c in COORDINATES}
        ),
        segments=segments.astype(np.int8),
        surfaces={s: mesh.triangles[skin == k + 1] for k, s in enumerate(SURFACES)},
        electrodes_mm=mesh.numbers["electrodes_mm"].astype(np.float64),
    )


def _made_heart(
    mesh: FileMesh,
    path: Path,
    labels: Meaning | None,
    array: str | None,
    units: str | float | None,
) -> Heart:
    """Heart from tetrahedra and whatever arrays of common names there are."""
    nodes_mm = in_millimetres(mesh.points, path.name, units)
    if not len(mesh.triangles):
        mesh = replace(mesh, triangles=boundary_triangles(mesh.tets), triangle_data={})
    found = triangle_labels(mesh, labels, array, strict=False)
    surfaces = (
        {}
        if found is None
        else {s: mesh.triangles[found == k] for k, s in enumerate(SURFACES) if (found == k).any()}
    )
    electrodes_mm = mesh.numbers.get("electrodes_mm", np.zeros(0))
    return heart_of_tets(
        nodes_mm,
        mesh.tets,
        name=path.stem,
        surfaces=surfaces,
        fibres=_axes(mesh, FIBRES),
        sheets=_axes(mesh, SHEETS),
        electrodes_mm=electrodes_mm if electrodes_mm.shape == (len(ELECTRODES), 3) else None,
    )


def _axes(mesh: FileMesh, names: tuple[str, ...]) -> NDArray[np.floating] | None:
    """(m, 3) or (n, 3) Vectors of the first array with one of the names."""
    for name in names:
        for data in (mesh.tet_data, mesh.point_data):
            for key, values in data.items():
                if key.lower() == name and values.shape[1:] == (3,):
                    return values
    return None
