"""One door to every mesh format: the bytes of a file in, a mesh or one plain line out."""

import lzma
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from .file_mesh import FileMesh
from .heart import check_size
from .polygon_files import read_obj, read_ply, read_stl
from .vtk_legacy import read_vtk_legacy
from .vtk_xml import read_vtk_xml

FORMATS: dict[str, Callable[[bytes], FileMesh]] = {
    ".vtp": read_vtk_xml,
    ".vtu": read_vtk_xml,
    ".vtk": read_vtk_legacy,
    ".ply": read_ply,
    ".stl": read_stl,
    ".obj": read_obj,
}
#: What a reader of bytes may trip over when they are not what they should be; a ParseError of XML
#: is a SyntaxError.
DAMAGE = (
    ArithmeticError,
    LookupError,
    MemoryError,
    SyntaxError,
    TypeError,
    ValueError,
    lzma.LZMAError,
    zlib.error,
)
#: Millimetres in each unit of length.
UNITS = {"mm": 1.0, "cm": 10.0, "m": 1000.0, "um": 1e-3}
T = TypeVar("T")


def read_mesh_file(path: str | Path) -> FileMesh:
    """Mesh from a .vtp, .vtu, .vtk, .ply, .stl or .obj file, in the unit of the file.

    Raises
    ------
    OSError
        When the file cannot be read.
    ValueError
        When it is of another format or damaged; one line that names it.
    """
    path = Path(path)
    if path.suffix.lower() not in FORMATS:
        msg = f"{path.name}: a mesh is read from {', '.join(FORMATS)}"
        raise ValueError(msg)
    return parse(path, FORMATS[path.suffix.lower()])


def parse(path: Path, read: Callable[[bytes], T]) -> T:
    """What a reader of bytes makes of a file; all that it trips over becomes one line.

    Raises
    ------
    OSError
        When the file cannot be read.
    ValueError
        When it is empty or damaged.
    """
    if not path.is_file():
        msg = f"no such file: {path}"
        raise FileNotFoundError(msg)
    data = path.read_bytes()
    if not data.strip():
        msg = f"{path.name} is empty"
        raise ValueError(msg)
    try:
        with np.errstate(over="raise", invalid="raise"):
            return read(data)
    except DAMAGE as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        msg = f"{path.name} is damaged or no {path.suffix} file: {reason}"
        raise ValueError(msg) from error


def millimetres_in(units: str | float) -> float:
    """Millimetres in one unit of length.

    Raises
    ------
    ValueError
        When it is neither a known name nor a positive number.
    """
    if isinstance(units, str) and units in UNITS:
        return UNITS[units]
    if isinstance(units, str) or not 0 < units < np.inf:
        msg = f"units must be one of {', '.join(UNITS)} or a number of mm, got {units!r}"
        raise ValueError(msg)
    return float(units)


def in_millimetres(
    points: NDArray[np.float64], name: str, units: str | float | None, usual: str = "mm"
) -> NDArray[np.float64]:
    """(n, 3) Points in mm, once they are sure to be finite and of the size of a heart.

    Parameters
    ----------
    points
        (n, 3) in some unit.
    name
        Used in messages.
    units
        `mm`, `cm`, `m`, `um`, or the millimetres in one unit; None for the usual one.
    usual
        The unit that the format is known for.

    Raises
    ------
    ValueError
        When the result is not the size of a heart; the message says which unit would do.

    Examples
    --------
    >>> in_millimetres(np.array([[0.0, 0, 0], [9, 9, 9]]), "a heart", "cm")[1].tolist()
    [90.0, 90.0, 90.0]
    """
    units = usual if units is None else units
    factor = millimetres_in(units)
    # A heart in micrometres is 3e5 across; squares of these must not overflow.
    bad = np.flatnonzero(~(np.abs(points) < 1e9).all(axis=1))
    if bad.size:
        place = points[bad[0]].tolist()
        msg = f"{name}: {bad.size} points are not finite or far off, the first is {bad[0]}: {place}"
        raise ValueError(msg)
    if not len(points):
        msg = f"{name} has no points"
        raise ValueError(msg)
    wrong = _size_error(points * factor, name)
    if wrong:
        fitting = [unit for unit, mm in UNITS.items() if not _size_error(points * mm, name)]
        remedy = f"say units={fitting[0]!r}" if fitting else "say units= the mm in one unit"
        msg = f"{wrong} (read as {units}; {remedy})"
        raise ValueError(msg)
    return points * factor


def _size_error(points_mm: NDArray[np.float64], name: str) -> str:
    """What `check_size` has to say; nothing when the size is that of a heart."""
    try:
        check_size(points_mm, name)
    except ValueError as error:
        return str(error)
    return ""
