"""openCARP meshes: .pts, .elem, .lon and surfaces, read and written.

The format: openCARP user manual (Plank 2021), "Mesh format"; points are in micrometres.
"""

import warnings
from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..files.whole_files import whole_file
from .foreign_tets import heart_of_tets
from .heart import SURFACES, Heart
from .mesh_readers import in_millimetres, parse
from .surface_names import surface_named

UM_PER_MM = 1000.0
#: Points of each kind of element. Solids other than tetrahedra would leave a gap if left out.
CORNERS = {"Tt": 4, "Tr": 3, "Ln": 2, "cnn": 2, "Qd": 4, "Hx": 8, "Oc": 6, "Pr": 6, "Py": 5}
SOLIDS = ("Hx", "Oc", "Pr", "Py")
#: Region of the elements in what we write.
LV_TAG, RV_TAG = 1, 2


@dataclass(frozen=True, eq=False, kw_only=True)
class CarpMesh:
    """Tetrahedra of an openCARP mesh, in mm.

    Attributes
    ----------
    name : str
    nodes_mm : (n, 3) float64
    tets : (m, 4) int32
    tags : (m,) int32
        Region of each tetrahedron, 0 where the file has none.
    fibres, sheets : (m, 3) float64 or None
        As in the `.lon` file: not always of length one, null in what does not conduct.
    surfaces : mapping of str to (k, 3) int32
        From `.surf` files whose names say lv_endo, rv_endo, epi or base.
    """

    name: str
    nodes_mm: NDArray[np.float64]
    tets: NDArray[np.int32]
    tags: NDArray[np.int32]
    fibres: NDArray[np.float64] | None = None
    sheets: NDArray[np.float64] | None = None
    surfaces: Mapping[str, NDArray[np.int32]] = field(default_factory=dict)


def read_opencarp(path: str | Path, *, units: str | float | None = None) -> CarpMesh:
    """Tetrahedra, region tags, fibres and surfaces of an openCARP mesh.

    Parameters
    ----------
    path
        `heart`, `heart.pts` or `heart.elem` for the files `heart.pts`, `heart.elem`, and, where
        they exist, `heart.lon` and surfaces such as `heart.lv_endo.surf` or `heart_epi.surf`.
    units
        `mm`, `cm`, `m`, `um`, or the millimetres in one unit; um, as openCARP has it, without.

    Raises
    ------
    OSError
        When a file cannot be read.
    ValueError
        When one is damaged, the files do not fit together, or the size is not that of a heart;
        one line names the file.

    Warns
    -----
    UserWarning
        When elements other than tetrahedra are left out.
    """
    stem = _stem(Path(path))
    points = parse(_file(stem, ".pts"), _points)
    kinds, corners, tags = parse(_file(stem, ".elem"), lambda data: _elements(data, len(points)))
    is_tet = kinds == "Tt"
    _report_left_out(stem.name, kinds)
    lon = _file(stem, ".lon")
    axes = parse(lon, lambda data: _axes(data, len(kinds))) if lon.is_file() else None
    return CarpMesh(
        name=stem.name,
        nodes_mm=in_millimetres(points, f"{stem.name}.pts", units, usual="um"),
        tets=corners[is_tet],
        tags=tags[is_tet],
        fibres=None if axes is None else axes[is_tet, :3],
        sheets=None if axes is None or axes.shape[1] < 6 else axes[is_tet, 3:],
        surfaces=_surfaces(stem, len(points)),
    )


def read_opencarp_heart(path: str | Path, *, units: str | float | None = None) -> Heart:
    """Heart from an openCARP mesh; what its files do not say is made, see `heart_of_tets`.

    Parameters
    ----------
    path, units
        As in `read_opencarp`.

    Raises
    ------
    OSError
        When a file cannot be read.
    ValueError
        As `read_opencarp`; also when it is not sure which surface is which.
    """
    mesh = read_opencarp(path, units=units)
    return heart_of_tets(
        mesh.nodes_mm,
        mesh.tets,
        name=mesh.name,
        surfaces=mesh.surfaces,
        fibres=mesh.fibres,
        sheets=mesh.sheets,
    )


def write_opencarp(heart: Heart, path: str | Path) -> None:
    """Write a heart as `.pts` (um), `.elem`, `.lon` and one `.surf` for each of its surfaces.

    Elements are tagged 1 in the left and 2 in the right ventricle. All files are written before
    the first takes its name. Electrodes and coordinates have no place in the format.

    Parameters
    ----------
    heart
        Any heart.
    path
        `heart`, `heart.pts` or `heart.elem` for `heart.pts` and the others beside it.

    Raises
    ------
    OSError
        When a file cannot be written; the old ones are then as they were.
    """
    stem = _stem(Path(path))
    tags = np.where(heart.is_lv[heart.tets].sum(axis=1) >= 2, LV_TAG, RV_TAG)
    with ExitStack() as written:  # none has its name before all are written

        def part(ending: str) -> Path:
            return written.enter_context(whole_file(_file(stem, ending)))

        _write(part(".pts"), heart.nodes_mm * UM_PER_MM, "%.6f")
        _write(part(".elem"), np.column_stack([heart.tets, tags]), "Tt %d %d %d %d %d")
        axes = np.column_stack([heart.fibres, heart.sheets])
        _write(part(".lon"), axes, "%.9g", header="2")
        for name in SURFACES:
            _write(part(f".{name}.surf"), heart.surfaces[name], "Tr %d %d %d")


def _write(path: Path, rows: NDArray[np.generic], line: str, header: str | None = None) -> None:
    np.savetxt(path, rows, line, header=header or str(len(rows)), comments="")


def _stem(path: Path) -> Path:
    return path.with_suffix("") if path.suffix in (".pts", ".elem", ".lon") else path


def _file(stem: Path, ending: str) -> Path:
    return stem.with_name(stem.name + ending)


def _points(data: bytes) -> NDArray[np.float64]:
    """(n, 3) from a count and as many lines."""
    words = data.split()
    count = int(words[0])
    if len(words) != 1 + 3 * count:
        msg = f"{count} points need {3 * count} numbers, it has {len(words) - 1}"
        raise ValueError(msg)
    return np.array(words[1:]).astype(np.float64).reshape(-1, 3)


def _elements(data: bytes, n: int) -> tuple[NDArray[np.str_], NDArray[np.int32], NDArray[np.int32]]:
    """Kind (e,), the first four corners (e, 4) and tag (e,) of each element."""
    lines = [line.split() for line in data.decode("ascii").splitlines() if line.strip()]
    count = int(lines[0][0])
    if count != len(lines) - 1:
        msg = f"it announces {count} elements and has {len(lines) - 1}"
        raise ValueError(msg)
    rows = []
    for i, words in enumerate(lines[1:]):
        size = CORNERS.get(words[0], 0)
        if not size or len(words) not in (size + 1, size + 2):
            msg = f"element {i} is {' '.join(words)[:60]!r}, not a kind, its points and a tag"
            raise ValueError(msg)
        corners = [int(w) for w in words[1 : size + 1]]
        if min(corners) < 0 or max(corners) >= n:
            msg = f"element {i} names points {corners}, but there are {n}"
            raise ValueError(msg)
        tag = int(words[size + 1]) if len(words) == size + 2 else 0
        rows.append([*[*corners, -1, -1][:4], tag])
    table = np.array(rows, np.int64).reshape(-1, 5)
    if (np.abs(table) >= 2**31).any():
        msg = "it has a tag that is no region number"
        raise ValueError(msg)
    kinds = np.array([words[0] for words in lines[1:]])
    return kinds, table[:, :4].astype(np.int32), table[:, 4].astype(np.int32)


def _report_left_out(name: str, kinds: NDArray[np.str_]) -> None:
    """Warn of elements that are no tetrahedra; refuse solids, which would leave a gap."""
    counts = Counter(kinds.tolist())
    solid = [kind for kind in SOLIDS if counts[kind]]
    if solid or not counts["Tt"]:
        have = ", ".join(f"{count} {kind}" for kind, count in counts.items())
        msg = f"{name}.elem: has {have}; convert all solid elements to tetrahedra (Tt)"
        raise ValueError(msg)
    left = ", ".join(f"{count} {kind}" for kind, count in counts.items() if kind != "Tt")
    if left:
        msg = f"{name}.elem: {left} elements are left out, as they have no volume"
        warnings.warn(msg, stacklevel=3)


def _axes(data: bytes, m: int) -> NDArray[np.float64]:
    """(m, 3) or (m, 6) from the number of axes and as many lines as there are elements."""
    words = data.split()
    width = 3 * int(words[0])
    if width not in (3, 6) or len(words) != 1 + width * m:
        msg = f"{m} elements need 1 or 2 axes of 3 numbers each, it has {len(words) - 1} numbers"
        raise ValueError(msg)
    return np.array(words[1:]).astype(np.float64).reshape(m, width)


def _surfaces(stem: Path, n: int) -> dict[str, NDArray[np.int32]]:
    """Triangles of the `.surf` files beside the mesh, by the surface that their name means."""
    found: dict[str, list[NDArray[np.int32]]] = {}
    for path in sorted(stem.parent.glob("*.surf")):
        rest = path.stem.removeprefix(stem.name)
        surface = surface_named(rest)
        if rest != path.stem and not rest[:1].isalnum() and surface is not None:
            found.setdefault(surface, []).append(parse(path, lambda data: _triangles(data, n)))
    return {surface: np.concatenate(parts) for surface, parts in found.items()}


def _triangles(data: bytes, n: int) -> NDArray[np.int32]:
    kinds, corners, _ = _elements(data, n)
    if (kinds != "Tr").any():
        msg = "a surface must be of triangles (Tr)"
        raise ValueError(msg)
    return corners[:, :3]
