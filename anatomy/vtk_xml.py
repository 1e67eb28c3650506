"""Reader of VTK's XML meshes, .vtp and .vtu: ascii, base64, appended, compressed or not.

Our own, because VTK's reader ends the program on some damaged files, and other readers know only
some of the encodings. The format: VTK User's Guide, 11th edition, section 19.3.
"""

import base64
import lzma
import re
import zlib
from collections.abc import Callable
from typing import Any, NamedTuple
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray

from .file_mesh import POLYGONS, STRIP, FileMesh, mesh_of_cells

TYPES = {
    f"{kind}{bits}": f"{letter}{bits // 8}"
    for kind, letter, widths in (
        ("Int", "i", (8, 16, 32, 64)),
        ("UInt", "u", (8, 16, 32, 64)),
        ("Float", "f", (32, 64)),
    )
    for bits in widths
}
#: Cells of a .vtp in the order in which its cell arrays count them, and VTK's number of the kind.
PARTS = {"Verts": 2, "Lines": 4, "Polys": POLYGONS[1], "Strips": STRIP}
#: VTK cuts arrays into blocks of 32 KiB to 1 MiB.
LARGEST_BLOCK = 2**26


class Encoding(NamedTuple):
    """What the head of the file says about its numbers."""

    order: str
    header: np.dtype[Any]
    unpack: Callable[[bytes, int], bytes] | None
    appended: bytes
    raw: bool


def read_vtk_xml(data: bytes) -> FileMesh:
    """Mesh from the bytes of a .vtp or .vtu file.

    Raises
    ------
    ValueError
        When the bytes are not such a file.
    """
    text, appended, raw = _cut_appended(data)
    root = ElementTree.fromstring(text)
    kind = root.get("type", "")
    body = root.find(kind)
    if root.tag != "VTKFile" or kind not in ("PolyData", "UnstructuredGrid") or body is None:
        msg = f"it holds {kind or root.tag}, not PolyData or an UnstructuredGrid"
        raise ValueError(msg)
    encoding = _encoding(root, appended, raw)
    pieces = [p for p in body.findall("Piece") if int(p.get("NumberOfPoints", 0))]
    if len(pieces) != 1:
        msg = f"it has {len(pieces)} pieces with points; merge them into one"
        raise ValueError(msg)
    return _read_piece(pieces[0], body, encoding)


def _read_piece(
    piece: ElementTree.Element, body: ElementTree.Element, encoding: Encoding
) -> FileMesh:
    points = _section(piece, "Points", encoding)
    if len(points) != 1:
        msg = "it has no points"
        raise ValueError(msg)
    connectivity, offsets, kinds = _cells(piece, encoding)
    texts, numbers = {}, {}
    for element in body.iterfind("FieldData/*"):
        name, values = _array(element, encoding)
        if element.get("type") == "String":
            texts[name] = _texts(values)
        else:
            numbers[name] = values
    return mesh_of_cells(
        np.asarray(next(iter(points.values())), np.float64).reshape(-1, 3),
        connectivity,
        offsets,
        kinds,
        _section(piece, "CellData", encoding),
        point_data=_section(piece, "PointData", encoding),
        texts=texts,
        numbers=numbers,
    )


def _cells(
    piece: ElementTree.Element, encoding: Encoding
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Point numbers of all cells, where each cell's begin, and VTK's number of its kind."""
    none = np.zeros(0, np.int64)
    connectivity, ends, kinds = [none], [np.zeros(1, np.int64)], [none]
    for part in (*PARTS, "Cells"):
        arrays = _section(piece, part, encoding)
        if "offsets" not in arrays or "connectivity" not in arrays:
            continue
        start = sum(len(c) for c in connectivity)
        connectivity.append(arrays["connectivity"].ravel().astype(np.int64))
        ends.append(arrays["offsets"].ravel().astype(np.int64) + start)
        if len(ends[-1]) and ends[-1][-1] != start + len(connectivity[-1]):
            msg = f"{part} end at {ends[-1][-1] - start} of {len(connectivity[-1])} point numbers"
            raise ValueError(msg)
        known = np.full(len(ends[-1]), PARTS.get(part, -1))
        kinds.append(np.asarray(arrays.get("types", known), np.int64).ravel())
    return np.concatenate(connectivity), np.concatenate(ends), np.concatenate(kinds)


def _section(piece: ElementTree.Element, name: str, encoding: Encoding) -> dict[str, NDArray[Any]]:
    """Number arrays of one section of a piece, by name."""
    elements = [e for e in piece.iterfind(f"{name}/*") if e.get("type") != "String"]
    return dict(_array(e, encoding) for e in elements)


def _array(element: ElementTree.Element, encoding: Encoding) -> tuple[str, NDArray[Any]]:
    """Name and values of one array; (k, components) when it has more than one component."""
    name = element.get("Name", "")
    kind = element.get("type", "")
    if kind != "String" and kind not in TYPES:
        msg = f"array {name} is of the unknown type {kind}"
        raise ValueError(msg)
    dtype = np.dtype(encoding.order + TYPES.get(kind, "u1"))
    style = element.get("format", "ascii")
    if style == "ascii":
        values = np.array((element.text or "").split()).astype(dtype)
    else:
        values = np.frombuffer(_payload(element, style, encoding), dtype)
    values = values.astype(dtype.newbyteorder("="))
    width = int(element.get("NumberOfComponents", 1))
    return name, values.reshape(-1, width) if width > 1 else values


def _payload(element: ElementTree.Element, style: str, encoding: Encoding) -> bytes:
    """Bytes of one array, decoded and unpacked."""
    if style == "appended":
        stored = encoding.appended[int(element.get("offset", 0)) :]
        if not encoding.raw:
            stored = stored.split(b"<")[0]
    else:
        stored = "".join((element.text or "").split()).encode("ascii")
    plain = style == "appended" and encoding.raw
    return _raw(stored, encoding) if plain else _base64(stored, encoding)


def _raw(stored: bytes, encoding: Encoding) -> bytes:
    width = encoding.header.itemsize
    if encoding.unpack is None:
        return _exactly(stored[width:], _integers(stored, 1, encoding)[0])
    blocks = _integers(stored, 1, encoding)[0]
    head = _integers(stored, 3 + min(blocks, len(stored)), encoding)
    return _unpack(stored[(3 + blocks) * width :], head, encoding)


def _base64(stored: bytes, encoding: Encoding) -> bytes:
    """As `_raw`; the head is encoded by itself, but for some writers of plain arrays."""
    width = encoding.header.itemsize
    if encoding.unpack is None:
        size = -(-width // 3) * 4
        head = base64.b64decode(stored[:size])
        rest = stored[size:] if stored[:size].endswith(b"=") else stored
        body = _decode(rest)
        count = _integers(head, 1, encoding)[0]
        return _exactly(body if rest is not stored else body[width:], count)
    blocks = _integers(base64.b64decode(stored[: 4 * width]), 1, encoding)[0]
    size = -(-(3 + min(blocks, len(stored))) * width // 3) * 4
    sizes = _integers(base64.b64decode(stored[:size]), 3 + blocks, encoding)
    return _unpack(_decode(stored[size:]), sizes, encoding)


def _decode(stored: bytes) -> bytes:
    """Base64 up to the end of its stream; other arrays may follow in an appended section."""
    end = stored.find(b"=")
    whole = stored if end < 0 else stored[: end + 1 + (stored[end + 1 : end + 2] == b"=")]
    return base64.b64decode(whole[: len(whole) // 4 * 4])


def _unpack(stored: bytes, head: list[int], encoding: Encoding) -> bytes:
    """The compressed blocks one after the other; all of one size but for the last."""
    if encoding.unpack is None or max(head[1:3], default=0) > LARGEST_BLOCK:
        msg = f"a compressed block of {head[1]} bytes is too large to be one"
        raise ValueError(msg)
    ends = np.cumsum([0, *head[3:]])
    sizes = [head[1]] * head[0]
    if head[0] and head[2]:
        sizes[-1] = head[2]
    blocks = [
        _exactly(encoding.unpack(stored[a:b], size), size)
        for a, b, size in zip(ends[:-1].tolist(), ends[1:].tolist(), sizes, strict=True)
    ]
    return b"".join(blocks)


def _integers(stored: bytes, count: int, encoding: Encoding) -> list[int]:
    """The first numbers of an array's head."""
    return np.frombuffer(stored, encoding.header, count).tolist()


def _exactly(stored: bytes, size: int) -> bytes:
    if len(stored) < size:
        msg = f"an array ends after {len(stored)} of {size} bytes"
        raise ValueError(msg)
    return stored[:size]


def _texts(values: NDArray[np.uint8]) -> list[str]:
    """Strings from characters that end in zero each."""
    return [
        t.decode("utf-8", "replace") for t in values.astype(np.uint8).tobytes().split(b"\0")[:-1]
    ]


def _cut_appended(data: bytes) -> tuple[bytes, bytes, bool]:
    """XML without the appended section, the section's bytes, and whether they are not base64."""
    start = re.search(rb"<AppendedData[^>]*>\s*_", data)
    if start is None:
        return data, b"", False
    return data[: start.start()] + b"</VTKFile>", data[start.end() :], b'"raw"' in start[0]


def _encoding(root: ElementTree.Element, appended: bytes, raw: bool) -> Encoding:
    order = ">" if root.get("byte_order") == "BigEndian" else "<"
    header = "u8" if root.get("header_type") == "UInt64" else "u4"
    packer = root.get("compressor")
    known: dict[str | None, Callable[[bytes, int], bytes] | None] = {
        None: None,
        "vtkZLibDataCompressor": lambda b, size: zlib.decompressobj().decompress(b, size),
        "vtkLZMADataCompressor": lambda b, size: lzma.LZMADecompressor().decompress(b, size),
    }
    if packer not in known:
        msg = f"it is compressed by {packer}; save it with zlib or without compression"
        raise ValueError(msg)
    return Encoding(order, np.dtype(order + header), known[packer], appended, raw)
