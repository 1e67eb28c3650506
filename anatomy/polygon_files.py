"""Readers of .ply, .stl and .obj: triangles with what labels these formats can carry."""

import itertools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .file_mesh import POLYGONS, FileMesh, mesh_of_cells

PLY_TYPES = {
    **dict.fromkeys(("char", "int8"), "i1"),
    **dict.fromkeys(("uchar", "uint8"), "u1"),
    **dict.fromkeys(("short", "int16"), "i2"),
    **dict.fromkeys(("ushort", "uint16"), "u2"),
    **dict.fromkeys(("int", "int32"), "i4"),
    **dict.fromkeys(("uint", "uint32"), "u4"),
    **dict.fromkeys(("float", "float32"), "f4"),
    **dict.fromkeys(("double", "float64"), "f8"),
}
PLY_ORDERS = {"binary_little_endian": "<", "binary_big_endian": ">", "ascii": ""}
#: Name of the label array of formats that name groups of triangles.
GROUP = "group"
#: Bytes before the triangles of a binary .stl, and of each triangle.
STL_HEAD, STL_TRIANGLE = 84, 50


def read_ply(data: bytes) -> FileMesh:
    """Mesh from the bytes of a .ply file, ascii or binary, with its vertex and face properties.

    Turk 1994, "The PLY polygon file format".

    Raises
    ------
    ValueError
        When the bytes are not such a file.
    """
    head, end, body = data.partition(b"end_header")
    lines = [line.split() for line in head.decode("ascii", "replace").splitlines()]
    if not end or lines[:1] != [["ply"]]:
        msg = "it does not begin like a .ply file"
        raise ValueError(msg)
    style = next((w[1] for w in lines if w[:1] == ["format"] and len(w) > 1), "")
    if style not in PLY_ORDERS:
        msg = f"its format must be one of {', '.join(PLY_ORDERS)}, got {style!r}"
        raise ValueError(msg)
    body = body[body.index(b"\n") + 1 :]
    tables: dict[str, dict[str, Any]] = {}
    tokens = body.split() if style == "ascii" else []
    for name, count, columns in _ply_elements(lines):
        if not 0 <= count <= len(data):
            msg = f"it announces {count} of {name}, more than its size allows"
            raise ValueError(msg)
        if style == "ascii":
            tables[name], used = _ply_table(tokens, count, columns)
            tokens = tokens[used:]
        else:
            tables[name], used = _ply_binary(body, count, columns, PLY_ORDERS[style])
            body = body[used:]
    return _ply_mesh(tables.get("vertex", {}), tables.get("face", {}))


def _ply_elements(lines: list[list[str]]) -> list[tuple[str, int, list[list[str]]]]:
    """Name, count and properties of each element; a property is its words but for the first."""
    elements: list[tuple[str, int, list[list[str]]]] = []
    for words in lines:
        if words[:1] == ["element"]:
            elements.append((words[1], int(words[2]), []))
        elif words[:1] == ["property"]:
            types = words[2:4] if words[1] == "list" else words[1:2]
            if any(t not in PLY_TYPES for t in types) or not elements:
                msg = f"it has the unknown property {' '.join(words)!r}"
                raise ValueError(msg)
            elements[-1][2].append(words[1:])
    return elements


def _ply_binary(
    body: bytes, count: int, columns: list[list[str]], order: str
) -> tuple[dict[str, Any], int]:
    """Columns of an element's rows by name, and the bytes they take; lists have one length."""
    fields: list[tuple[str, Any, tuple[int, ...]]] = []
    at = 0
    for words in columns:
        if words[0] == "list":
            counter = np.dtype(order + PLY_TYPES[words[1]])
            length = int(np.frombuffer(body[at:], counter, 1)[0]) if count else 0
            if not 0 <= length <= len(body):
                msg = f"it has a list of {length} values"
                raise ValueError(msg)
            fields.append((f"#{words[-1]}", counter, ()))
            fields.append((words[-1], np.dtype(order + PLY_TYPES[words[2]]), (length,)))
        else:
            fields.append((words[-1], np.dtype(order + PLY_TYPES[words[0]]), ()))
        at = np.dtype(fields).itemsize
    row = np.dtype(fields)
    rows = np.frombuffer(body, row, count) if row.itemsize and count else np.zeros(count, row)
    for name in (row.names or ())[:]:
        if name.startswith("#") and (rows[name] != rows[name][:1]).any():
            msg = "its faces have different numbers of corners; save it as triangles"
            raise ValueError(msg)
    return {n: rows[n] for n in row.names or () if not n.startswith("#")}, row.itemsize * count


def _ply_table(
    tokens: list[bytes], count: int, columns: list[list[str]]
) -> tuple[dict[str, Any], int]:
    """As `_ply_binary`, from words; the count is of words."""
    lengths, width = [], 0
    for words in columns:
        length = int(tokens[width]) if words[0] == "list" and count else 0
        lengths.append((width, length) if words[0] == "list" else (width, -1))
        width += 1 + max(length, 0)
    if count * width > len(tokens):
        msg = f"it ends after {len(tokens)} of {count * width} numbers"
        raise ValueError(msg)
    rows = np.array(tokens[: count * width]).reshape(count, width).astype(np.float64)
    table = {}
    for words, (at, length) in zip(columns, lengths, strict=True):
        if length >= 0 and (rows[:, at] != length).any():
            msg = "its faces have different numbers of corners; save it as triangles"
            raise ValueError(msg)
        kind = PLY_TYPES[words[2] if length >= 0 else words[0]]
        values = rows[:, at + 1 : at + 1 + length] if length >= 0 else rows[:, at]
        table[words[-1]] = _whole(values) if kind[0] in "iu" else values
    return table, count * width


def _whole(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """Whole numbers as such; what is none is refused."""
    if not (np.abs(values) < 2**53).all() or (values != np.round(values)).any():
        msg = "it has a fraction where a whole number belongs"
        raise ValueError(msg)
    return values.astype(np.int64)


def _ply_mesh(vertex: dict[str, Any], face: dict[str, Any]) -> FileMesh:
    corners = next((face.pop(k) for k in ("vertex_indices", "vertex_index") if k in face), None)
    if not {"x", "y", "z"} <= vertex.keys() or corners is None:
        msg = "it has no vertices with x, y, z or no faces with vertex_indices"
        raise ValueError(msg)
    count, width = corners.shape
    return mesh_of_cells(
        np.stack([np.asarray(vertex.pop(axis), np.float64) for axis in "xyz"], axis=1),
        corners.astype(np.int64).ravel(),
        np.arange(count + 1) * width,
        np.full(count, POLYGONS[1]),
        face,
        point_data=vertex,
    )


def read_stl(data: bytes) -> FileMesh:
    """Mesh from the bytes of an .stl file, binary or ascii; equal corners become one point.

    Raises
    ------
    ValueError
        When the bytes are not such a file.
    """
    count = int.from_bytes(data[80:STL_HEAD], "little")
    if len(data) >= STL_HEAD and len(data) == STL_HEAD + STL_TRIANGLE * count:
        row = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
        corners = np.frombuffer(data, row, count, STL_HEAD)["corners"].reshape(-1, 3)
        groups: dict[str, NDArray[Any]] = {}
    elif data.lstrip().startswith(b"solid") and b"facet" in data:
        corners, groups = _ascii_stl(data)
    else:
        msg = f"its size does not fit {count} binary triangles and it is not an ascii .stl"
        raise ValueError(msg)
    points, index = np.unique(corners, axis=0, return_inverse=True)
    triangles = index.reshape(-1, 3).astype(np.int32)
    return FileMesh(points=points.astype(np.float64), triangles=triangles, triangle_data=groups)


def _ascii_stl(data: bytes) -> tuple[NDArray[np.float64], dict[str, NDArray[Any]]]:
    """(3 k, 3) Corners, and the solid that each triangle belongs to, if there are several."""
    corners, names, solid = [], [], ""
    for line in data.decode("utf-8", "replace").splitlines():
        words = line.split()
        if words[:1] == ["solid"]:
            solid = " ".join(words[1:])
        elif words[:1] == ["vertex"]:
            corners.append([float(w) for w in words[1:4]])
            names.append(solid)
    points = np.array(corners, np.float64).reshape(-1, 3)
    if len(points) % 3 or data.count(b"endfacet") * 3 != len(points):
        msg = f"it has {len(points)} corners, not three for each facet"
        raise ValueError(msg)
    several = len(set(names)) > 1
    return points, {GROUP: np.array(names[::3])} if several else {}


def read_obj(data: bytes) -> FileMesh:
    """Mesh from the bytes of an .obj file; `g`, `o` or `usemtl` name the groups of its faces.

    Raises
    ------
    ValueError
        When the bytes are not such a file.
    """
    points: list[list[float]] = []
    faces: list[list[int]] = []
    names, group = [], ""
    for line in data.decode("utf-8", "replace").splitlines():
        words = line.split()
        if not words:
            continue
        if words[0] == "v":
            points.append([float(w) for w in words[1:4]])
        elif words[0] == "f":
            corners = [int(w.split("/")[0]) for w in words[1:]]
            faces.append([c - 1 if c > 0 else len(points) + c for c in corners])
            names.append(group)
        elif words[0] in ("g", "o", "usemtl"):
            group = " ".join(words[1:])
    if not points or not faces or min(map(len, faces)) < 3:
        msg = "it has no points, no faces, or a face of two corners"
        raise ValueError(msg)
    several = len(set(names)) > 1
    return mesh_of_cells(
        np.array(points, np.float64).reshape(-1, 3),
        np.array(list(itertools.chain(*faces)), np.int64),
        np.cumsum([0, *map(len, faces)]),
        np.full(len(faces), POLYGONS[1]),
        {GROUP: np.array(names)} if several else {},
    )
