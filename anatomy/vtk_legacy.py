"""Reader of VTK's legacy meshes, .vtk: polygons or an unstructured grid, ascii or binary.

The format: VTK User's Guide, 11th edition, section 19.3, "Simple Legacy Formats".
"""

from typing import Any
from urllib.parse import unquote

import numpy as np
from numpy.typing import NDArray

from .file_mesh import POLYGONS, STRIP, FileMesh, mesh_of_cells

TYPES = {
    "bit": "u1",
    "char": "i1",
    "signed_char": "i1",
    "unsigned_char": "u1",
    "short": "i2",
    "unsigned_short": "u2",
    "int": "i4",
    "unsigned_int": "u4",
    "long": "i8",
    "unsigned_long": "u8",
    "vtkidtype": "i4",  # VTK writes its own index type as int
    "vtktypeint64": "i8",
    "vtktypeint32": "i4",
    "vtktypeuint8": "u1",
    "float": "f4",
    "double": "f8",
}
#: Sections of cells, and VTK's number of the kind; CELL_TYPES gives it for CELLS.
PARTS = {"VERTICES": 2, "LINES": 4, "POLYGONS": POLYGONS[1], "TRIANGLE_STRIPS": STRIP, "CELLS": -1}
#: Arrays of a fixed number of components.
WIDTHS = {"VECTORS": 3, "NORMALS": 3, "TENSORS": 9, "GLOBAL_IDS": 1, "PEDIGREE_IDS": 1}


class _Reader:
    """A place in the bytes, which moves on as lines and arrays are read."""

    def __init__(self, data: bytes) -> None:
        lines = data.split(b"\n", 4)
        if len(lines) < 5 or not lines[0].startswith(b"# vtk DataFile"):
            msg = "it does not begin like a legacy .vtk file"
            raise ValueError(msg)
        style = lines[2].strip().upper()
        if style not in (b"ASCII", b"BINARY"):
            msg = f"its third line must be ASCII or BINARY, got {style[:20]!r}"
            raise ValueError(msg)
        self.data = data
        self.at = sum(len(line) + 1 for line in lines[:3])
        self.binary = style == b"BINARY"

    def words(self) -> list[str]:
        """Words of the next line that has any; none at the end."""
        while self.at < len(self.data):
            line = self.line().decode("ascii", "replace").split()
            if line:
                return line
        return []

    def line(self) -> bytes:
        end = self.data.find(b"\n", self.at)
        end = len(self.data) if end < 0 else end
        line = self.data[self.at : end]
        self.at = end + 1
        return line

    def numbers(self, kind: str, count: int) -> NDArray[Any]:
        """The next numbers; VTK writes binary ones with the high byte first."""
        if kind.lower() not in TYPES:
            msg = f"it has an array of the unknown type {kind}"
            raise ValueError(msg)
        dtype = np.dtype(TYPES[kind.lower()])
        if not 0 <= count <= len(self.data):
            msg = f"it announces {count} numbers, more than its size allows"
            raise ValueError(msg)
        if self.binary:
            end = self.at + count * dtype.itemsize
            if end > len(self.data):
                msg = "it ends within an array"
                raise ValueError(msg)
            values = np.frombuffer(self.data[self.at : end], dtype.newbyteorder(">"))
            self.at = end
            return values.astype(dtype)
        words = self.data[self.at :].split(None, count)
        if len(words) < count:
            msg = "it ends within an array"
            raise ValueError(msg)
        rest = len(words[count]) if len(words) > count else 0
        self.at = len(self.data) - rest
        return np.array(words[:count]).astype(dtype)

    def texts(self, count: int) -> list[str]:
        """The next strings; a binary one has its length in front, of 1 to 8 bytes."""
        if not 0 <= count <= len(self.data):
            msg = f"it announces {count} strings, more than its size allows"
            raise ValueError(msg)
        if not self.binary:
            return [unquote(self.line().decode("utf-8", "replace").strip()) for _ in range(count)]
        found = []
        for _ in range(count):
            width = {3: 1, 2: 2, 1: 4, 0: 8}[self.data[self.at] >> 6]
            head = int.from_bytes(self.data[self.at : self.at + width], "big")
            size = head & (2 ** (8 * width - 2) - 1)
            found.append(self.data[self.at + width :][:size].decode("utf-8", "replace"))
            self.at += width + size
        return found


def read_vtk_legacy(data: bytes) -> FileMesh:
    """Mesh from the bytes of a legacy .vtk file.

    Raises
    ------
    ValueError
        When the bytes are not such a file.
    """
    reader = _Reader(data)
    points = np.zeros((0, 3))
    connectivity, ends, kinds = [np.zeros(0, np.int64)], [np.zeros(1, np.int64)], []
    arrays: dict[str, dict[str, Any]] = {"CELL_DATA": {}, "POINT_DATA": {}, "": {}}
    texts: dict[str, list[str]] = {}
    place, size = "", 0
    while words := reader.words():
        key = words[0].upper()
        if key == "DATASET" and words[1].upper() not in ("POLYDATA", "UNSTRUCTURED_GRID"):
            msg = f"it holds {words[1]}, not POLYDATA or an UNSTRUCTURED_GRID"
            raise ValueError(msg)
        if key == "POINTS":
            points = reader.numbers(words[2], 3 * int(words[1])).astype(float).reshape(-1, 3)
        elif key in PARTS:
            start = sum(len(c) for c in connectivity)
            numbers, last = _cells(reader, int(words[1]), int(words[2]))
            connectivity.append(numbers)
            ends.append(last + start)
            kinds.append(np.full(len(last), PARTS[key], np.int64))
        elif key == "CELL_TYPES":
            kinds = [reader.numbers("int", int(words[1])).astype(np.int64)]
        elif key in ("CELL_DATA", "POINT_DATA"):
            place, size = key, int(words[1])
        elif key == "METADATA":
            while reader.at < len(data) and reader.line().strip():
                pass
        elif key not in ("DATASET", "FIELD"):
            arrays[place].update(_attribute(reader, words, size))
        elif key == "FIELD":
            _field(reader, int(words[2]), arrays[place], texts)
    return mesh_of_cells(
        points,
        np.concatenate(connectivity),
        np.concatenate(ends),
        np.concatenate(kinds or [np.zeros(0, np.int64)]),
        arrays["CELL_DATA"],
        point_data=arrays["POINT_DATA"],
        texts=texts,
        numbers=arrays[""],
    )


def _cells(reader: _Reader, count: int, size: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Point numbers of the cells of a section, and where each cell ends in them."""
    start = reader.at
    words = reader.words()
    if words and words[0].upper() == "OFFSETS":  # version 5
        ends = reader.numbers(words[1], count).astype(np.int64)[1:]
        words = reader.words()
        numbers = reader.numbers(words[1], size).astype(np.int64)
        if len(ends) and ends[-1] != size:
            msg = f"its cells end at {ends[-1]} of {size} point numbers"
            raise ValueError(msg)
        return numbers, ends
    reader.at = start
    listed = reader.numbers("int", size).astype(np.int64)
    heads = np.zeros(count, np.int64)
    at = 0
    for cell in range(count):
        heads[cell] = at
        at += 1 + max(int(listed[at]), 0)
    if at != size:
        msg = f"its cells need {at} numbers, it announces {size}"
        raise ValueError(msg)
    inside = np.ones(size, bool)
    inside[heads] = False
    return listed[inside], np.cumsum(listed[heads])


def _attribute(reader: _Reader, words: list[str], size: int) -> dict[str, NDArray[Any]]:
    """One array of the older kind: SCALARS, VECTORS and their like."""
    key = words[0].upper()
    if key == "SCALARS":
        width = int(words[3]) if len(words) > 3 else 1
        start = reader.at
        if reader.words()[:1] != ["LOOKUP_TABLE"]:
            reader.at = start
        return {words[1]: _shaped(reader.numbers(words[2], size * width), width)}
    if key in WIDTHS:
        return {words[1]: _shaped(reader.numbers(words[2], size * WIDTHS[key]), WIDTHS[key])}
    if key == "TEXTURE_COORDINATES":
        width = int(words[2])
        return {words[1]: _shaped(reader.numbers(words[3], size * width), width)}
    if key in ("LOOKUP_TABLE", "COLOR_SCALARS"):
        count = 4 * int(words[2]) if key == "LOOKUP_TABLE" else size * int(words[2])
        reader.numbers("unsigned_char" if reader.binary else "float", count)
        return {}
    msg = f"it has a section {key[:30]!r}, which is not of a mesh"
    raise ValueError(msg)


def _field(
    reader: _Reader, count: int, arrays: dict[str, Any], texts: dict[str, list[str]]
) -> None:
    """Add the arrays of a FIELD section."""
    for _ in range(count):
        words = reader.words()
        if words and words[0].upper() == "METADATA":
            while reader.at < len(reader.data) and reader.line().strip():
                pass
            words = reader.words()
        if len(words) != 4:
            msg = f"a field array must be announced by 4 words, got {words}"
            raise ValueError(msg)
        width, rows = int(words[1]), int(words[2])
        if words[3].lower() == "string":
            texts[unquote(words[0])] = reader.texts(width * rows)
        else:
            values = reader.numbers(words[3], width * rows)
            arrays[unquote(words[0])] = _shaped(values, width)


def _shaped(values: NDArray[Any], width: int) -> NDArray[Any]:
    return values.reshape(-1, width) if width > 1 else values
