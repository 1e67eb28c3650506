"""What a mesh file says, whatever its format: points, triangles, tetrahedra and their arrays."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = Mapping[str, NDArray[Any]]

#: VTK's numbers of the kinds of cells.
LINES = (0, 1, 2, 3, 4)
STRIP, TETRA = 6, 10
POLYGONS = (5, 7, 8, 9)
#: VTK_PIXEL numbers the corners of a square row by row.
PIXEL = 8


@dataclass(frozen=True, eq=False, kw_only=True)
class FileMesh:
    """A mesh as it stands in a file, in the file's unit; indices are checked, nothing else is.

    Attributes
    ----------
    points : (n, 3) float64
    triangles : (k, 3) int32
        Polygons are cut into fans of triangles.
    tets : (m, 4) int32
    point_data, triangle_data, tet_data : mapping of str to (n or k or m, ...)
    texts : mapping of str to list of str
        String arrays of no particular size.
    numbers : mapping of str to array
        Other arrays of no particular size.

    Raises
    ------
    ValueError
        When an index is out of range or an array has another length than it should.
    """

    points: NDArray[np.float64]
    triangles: NDArray[np.int32] = field(default_factory=lambda: np.zeros((0, 3), np.int32))
    tets: NDArray[np.int32] = field(default_factory=lambda: np.zeros((0, 4), np.int32))
    point_data: Arrays = field(default_factory=dict)
    triangle_data: Arrays = field(default_factory=dict)
    tet_data: Arrays = field(default_factory=dict)
    texts: Mapping[str, list[str]] = field(default_factory=dict)
    numbers: Arrays = field(default_factory=dict)

    def __post_init__(self) -> None:
        n = len(self.points)
        for what, cells in (("triangle", self.triangles), ("tetrahedron", self.tets)):
            if cells.size and not 0 <= cells.min() <= cells.max() < n:
                bad = int(((cells < 0) | (cells >= n)).any(axis=1).argmax())
                msg = f"{what} {bad} names points {cells[bad].tolist()}, but there are {n} points"
                raise ValueError(msg)
        for what, arrays, size in (
            ("points", self.point_data, n),
            ("triangles", self.triangle_data, len(self.triangles)),
            ("tetrahedra", self.tet_data, len(self.tets)),
        ):
            wrong = [name for name, values in arrays.items() if len(values) != size]
            if wrong:
                got = len(arrays[wrong[0]])
                msg = f"array {wrong[0]} has {got} values for {size} {what}"
                raise ValueError(msg)


def mesh_of_cells(
    points: NDArray[np.float64],
    connectivity: NDArray[np.int64],
    offsets: NDArray[np.int64],
    kinds: NDArray[np.int64],
    cell_data: Arrays,
    **arrays: Any,
) -> FileMesh:
    """Mesh from VTK's cells; points and lines are left out.

    Parameters
    ----------
    points
        (n, 3).
    connectivity, offsets
        Cell c has the points `connectivity[offsets[c]:offsets[c + 1]]`; c + 1 offsets.
    kinds
        (c,) VTK's number of the kind of each cell.
    cell_data
        Arrays with one row a cell.
    **arrays
        The other arrays of `FileMesh`.

    Raises
    ------
    ValueError
        When the numbers do not fit together, or there are cells other than polygons and tets.
    """
    sizes = np.diff(offsets)
    if len(sizes) != len(kinds) or (sizes < 0).any():
        msg = f"{len(kinds)} cells do not fit {len(offsets)} offsets"
        raise ValueError(msg)
    if len(offsets) and (offsets[0] < 0 or offsets[-1] > len(connectivity)):
        msg = f"cells need {offsets[-1]} point numbers, there are {len(connectivity)}"
        raise ValueError(msg)
    strange = np.setdiff1d(kinds, [*LINES, *POLYGONS, STRIP, TETRA])
    if strange.size:
        msg = f"has cells of VTK type {strange[0]}; convert them to triangles or tetrahedra"
        raise ValueError(msg)
    wrong = [name for name, values in cell_data.items() if len(values) != len(kinds)]
    if wrong:
        msg = f"array {wrong[0]} has {len(cell_data[wrong[0]])} values for {len(kinds)} cells"
        raise ValueError(msg)
    tets = np.flatnonzero(kinds == TETRA)
    if (sizes[tets] != 4).any():
        msg = "a tetrahedron has more or fewer than four points"
        raise ValueError(msg)
    triangles, owner = _fans(connectivity, offsets, kinds)
    corners = offsets[tets][:, None] + np.arange(4)
    return FileMesh(
        points=points,
        triangles=_as_index(triangles),
        tets=_as_index(connectivity[corners]),
        triangle_data={name: values[owner] for name, values in cell_data.items()},
        tet_data={name: values[tets] for name, values in cell_data.items()},
        **arrays,
    )


def _fans(
    connectivity: NDArray[np.int64], offsets: NDArray[np.int64], kinds: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(k, 3) Triangles of polygons and strips, and (k,) the cell each comes from."""
    sizes = np.diff(offsets)
    flat = np.flatnonzero(np.isin(kinds, [*POLYGONS, STRIP]))
    counts = np.maximum(sizes[flat] - 2, 0)
    owner = np.repeat(flat, counts)
    step = np.arange(counts.sum()) - np.repeat(counts.cumsum() - counts, counts)
    first = offsets[owner]
    strip, pixel = kinds[owner] == STRIP, kinds[owner] == PIXEL
    odd = strip & (step % 2 == 1)
    corners = np.stack(
        [
            np.where(strip, first + step, np.where(pixel, first + step, first)),
            np.where(odd, first + step + 2, first + step + 1),
            np.where(odd, first + step + 1, first + step + 2),
        ],
        axis=1,
    )
    turned = pixel & (step == 1)
    corners[turned] = corners[turned][:, [0, 2, 1]]
    return connectivity[corners], owner


def _as_index(cells: NDArray[np.int64]) -> NDArray[np.int32]:
    """The same numbers in 32 bits; what does not fit becomes -1, which no mesh accepts."""
    return np.where((cells < 0) | (cells >= 2**31), -1, cells).astype(np.int32)
