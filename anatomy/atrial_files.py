"""Left atria on disk and by name: readers of real ones, and a .vtp that reads back the same."""

import lzma
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..files.places import cache_folder, data_folder
from ..files.whole_files import whole_file
from .atrial_build import build_atrium
from .atrium import ATRIAL_PARTS, Surface
from .datasets import datasets
from .file_mesh import FileMesh
from .mesh_readers import UNITS, read_mesh_file
from .surface import as_polydata
from .topology import boundary_triangles

#: Files, the better first, in which each known atrium lies in a data folder.
ATRIA: dict[str, tuple[str, ...]] = {
    **{f"la_kruse_0{k}": (f"atria/la_kruse/patient_0{k}.npz",) for k in range(1, 6)},
    "rodero01": (
        "hearts/rodero01/la_1.5mm.npz",
        "hearts/rodero01/rodero_01_fullheart_2.0mm.vtu",
    ),
    "strocchi01": ("atria/strocchi01/la.npz",),
}
#: Names a user's array of tags may have, in order of preference.
TAG_ARRAYS = ("tag", "tags", "part", "region", "elemTag", "group")
#: Rodero's number of the inside of the left atrium's wall.
RODERO_ENDOCARDIUM = 3
OPENING = "opening_"


def load_atrium(spec: str) -> Surface:
    """Left atrium by name or from a file.

    Parameters
    ----------
    spec
        A name from `ATRIA`, or the path of a file for `read_atrium`.

    Raises
    ------
    OSError
        When the data of a known atrium, or the file, are not there.
    ValueError
        When the name is not known or the data are broken.
    """
    if spec in ATRIA:
        return read_known_atrium(spec)
    if not Path(spec).suffix:
        msg = f"unknown atrium {spec!r}; use {', '.join(ATRIA)} or the path of a .vtp, .vtk or .ply"
        raise ValueError(msg)
    return read_atrium(spec)


def read_known_atrium(name: str) -> Surface:
    """One of `ATRIA`, from the data folder or the cache.

    Two of them are walls of tetrahedra, of which the endocardium is taken: the fast, smooth side,
    where the blood is and catheters measure. That also leaves out the torn septal cut of
    strocchi01, which is not a manifold.

    Raises
    ------
    OSError
        When it is not on this machine.
    ValueError
        When the file is damaged.
    """
    roots = [root for root in (data_folder(), cache_folder()) if root is not None]
    places = [root / file for root in roots for file in ATRIA[name]]
    path = next((place for place in places if place.is_file()), None)
    if path is None:
        msg = (
            f"{name} is not on this machine; set CARDIOTWIN_DATA to a folder with {ATRIA[name][0]}"
        )
        if name in {d.name for d in datasets() if d.origin is not None}:
            msg += f", or run `cardiotwin data fetch {name}`"
        raise OSError(msg)
    try:
        if path.suffix == ".vtu":
            heart = read_mesh_file(path)
            inside = heart.triangle_data["_surface-id"] == RODERO_ENDOCARDIUM
            return build_atrium(heart.points, heart.triangles[inside], name=name)
        with np.load(path, allow_pickle=False) as file:
            triangles, tags = _endocardium(file)
            return build_atrium(file["points_mm"], triangles, tags, name=name)
    except (KeyError, EOFError, zipfile.BadZipFile, lzma.LZMAError, zlib.error) as error:
        msg = f"{path.name} is damaged: {' '.join(str(error).split())}; copy it again"
        raise ValueError(msg) from error


def _endocardium(file: Any) -> tuple[NDArray[np.int32], NDArray[np.uint8] | None]:
    if "tris" in file:
        return file["tris"], file["tag"]
    if "surf_id" in file:
        return file["surf_tris"][file["surf_id"] == RODERO_ENDOCARDIUM], None
    boundary = boundary_triangles(file["tets"])
    return boundary[(file["trans"][boundary] < 0.5).all(axis=1)], None


def read_atrium(
    path: str | Path,
    *,
    tag_array: str | None = None,
    meaning: Mapping[int, str] | None = None,
    units: str = "mm",
) -> Surface:
    """Left atrium from a .vtp, .vtk, .ply, .stl or .obj file of triangles.

    Parameters
    ----------
    path
        If `write_atrium` wrote it, the same atrium comes back. Of any other file fibres are made
        anew by the rule.
    tag_array
        Name of the array, one value a triangle, that says which part it is; the first of
        `TAG_ARRAYS` that the file has without.
    meaning
        Part in `ATRIAL_PARTS` of each of its values; their places in it without.
    units
        `mm`, `cm`, `m` or `um`.

    Raises
    ------
    OSError
        When there is no such file.
    ValueError
        When it is damaged, has no triangles, lacks the array, or is not a left atrium.
    """
    path = Path(path)
    mesh = read_mesh_file(path)
    if units not in UNITS:
        msg = f"units must be one of {', '.join(UNITS)}, got {units!r}"
        raise ValueError(msg)
    if not len(mesh.triangles):
        msg = f"{path.name}: has no triangles; an atrium is read from its surface"
        raise ValueError(msg)
    if any(key.startswith(OPENING) for key in mesh.numbers):
        return _as_written(mesh, path.name)
    tags = _tags(mesh, path.name, tag_array, meaning)
    return build_atrium(mesh.points * UNITS[units], mesh.triangles, tags, name=path.name)


def _as_written(mesh: FileMesh, name: str) -> Surface:
    """The atrium that `write_atrium` wrote."""
    missing = [array for array in ("tag", "fibre") if array not in mesh.triangle_data]
    if missing:
        msg = f"{name}: lacks the array {missing[0]}; write it again with write_atrium"
        raise ValueError(msg)
    openings = {k: v for k, v in mesh.numbers.items() if k.startswith(OPENING)}
    tags, fibres = (np.asarray(mesh.triangle_data[array]) for array in ("tag", "fibre"))
    wrong = [k for k, v in {"tag": tags, **openings}.items() if v.dtype.kind not in "iu"]
    if wrong or not np.isin(tags, range(len(ATRIAL_PARTS))).all():
        what = wrong[0] if wrong else "tag"
        msg = f"{name}: array {what} does not hold what write_atrium writes there; write it again"
        raise ValueError(msg)
    try:
        return Surface(
            name=mesh.texts.get("name", [name])[0],
            nodes_mm=mesh.points,
            triangles=mesh.triangles,
            tags=tags.astype(np.int8),
            openings={k.removeprefix(OPENING): v.astype(np.int32) for k, v in openings.items()},
            fibres=fibres.astype(np.float32),
        )
    except ValueError as error:
        msg = f"{name}: is not an atrium as write_atrium writes it: {error}"
        raise ValueError(msg) from error


def _tags(
    mesh: FileMesh, name: str, tag_array: str | None, meaning: Mapping[int, str] | None
) -> NDArray[np.int64] | None:
    """(k,) Index into `ATRIAL_PARTS`, None where the file has no such array and none is asked."""
    wanted = TAG_ARRAYS if tag_array is None else (tag_array,)
    found = next((array for array in wanted if array in mesh.triangle_data), None)
    if found is None:
        if tag_array is None and meaning is None:
            return None
        have = ", ".join(mesh.triangle_data) or "none"
        msg = f"{name}: has no array {' or '.join(wanted)} on its triangles; it has {have}"
        raise ValueError(msg)
    values = np.asarray(mesh.triangle_data[found])
    if values.ndim != 1 or not np.isfinite(values).all() or (values != np.round(values)).any():
        msg = f"{name}: array {found} must hold one whole number a triangle"
        raise ValueError(msg)
    parts = dict(enumerate(ATRIAL_PARTS)) if meaning is None else dict(meaning)
    strange = [int(value) for value in np.unique(values) if int(value) not in parts]
    if strange:
        told = ", ".join(f"{k} {v}" for k, v in parts.items())
        msg = f"{name}: value {strange[0]} of {found} is none of {told}; give `meaning`"
        raise ValueError(msg)
    unknown = [part for part in parts.values() if part not in ATRIAL_PARTS]
    if unknown:
        msg = f"{unknown[0]!r} is no part of an atrium; parts are {', '.join(ATRIAL_PARTS)}"
        raise ValueError(msg)
    return np.array([ATRIAL_PARTS.index(parts[int(value)]) for value in values])


def write_atrium(
    atrium: Surface, path: str | Path, fields: Mapping[str, NDArray[Any]] | None = None
) -> None:
    """Write an atrium to a `.vtp` file that ParaView opens, whole or not at all.

    Parameters
    ----------
    atrium
        Tags and fibres become cell arrays, openings and the name field arrays.
    path
        Ends in `.vtp`.
    fields
        (n,) arrays to show on it. They are not read back.

    Raises
    ------
    ValueError
        When the ending is not `.vtp`.
    OSError
        When the file cannot be written.
    """
    path = Path(path)
    if path.suffix != ".vtp":
        msg = f"an atrium is written as .vtp, got {path.name}"
        raise ValueError(msg)
    with whole_file(path) as part:
        part.write_bytes(_vtp_text(atrium, fields or {}))


def _vtp_text(atrium: Surface, fields: Mapping[str, NDArray[Any]]) -> bytes:
    from vtkmodules.vtkIOXML import vtkXMLPolyDataWriter

    mesh = as_polydata(atrium.nodes_mm, atrium.triangles)
    mesh.cell_data["tag"] = atrium.tags
    mesh.cell_data["fibre"] = atrium.fibres
    for name, values in fields.items():
        mesh.point_data[name] = values
    for name, nodes in atrium.openings.items():
        mesh.field_data[f"{OPENING}{name}"] = nodes
    mesh.field_data["name"] = [atrium.name]
    writer = vtkXMLPolyDataWriter()
    writer.SetInputData(mesh)
    writer.SetDataModeToBinary()
    writer.WriteToOutputStringOn()
    writer.Write()
    return bytes(writer.GetOutputString(), "ascii")
