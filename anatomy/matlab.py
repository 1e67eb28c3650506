"""Sparse matrices from MATLAB files of level 5 (before 7.3).

`scipy.io.loadmat` reads more, but a damaged file can crash the interpreter there. Format: MATLAB,
"MAT-File Format", 2023, chapter 1.
"""

import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_matrix

#: Number formats by their code, less the byte order.
_NUMBERS = {
    1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"
}  # fmt: skip
_MATRIX, _COMPRESSED, _SPARSE_CLASS = 14, 15, 5
#: Where the elements begin, and the most that one of them may hold once it is decompressed.
_HEADER_BYTES, _MOST_BYTES = 128, 1 << 28


def read_matlab_sparse(path: Path) -> csc_matrix:
    """The one sparse matrix in a MATLAB file.

    Raises
    ------
    OSError
        When there is no such file.
    ValueError
        When it is damaged, of another format, or does not hold just one sparse matrix.
    """
    content = path.read_bytes()
    order = {b"IM": "<", b"MI": ">"}.get(content[126:128])
    if order is None:
        msg = f"{path} is no MATLAB file of level 5; save it with savemat, or with -v6 or -v7"
        raise ValueError(msg)
    try:
        found = list(_sparse(content[_HEADER_BYTES:], order))
    except (ValueError, IndexError, TypeError, OverflowError, MemoryError, zlib.error) as error:
        msg = f"{path} is damaged ({' '.join(str(error).split())}); copy it again"
        raise ValueError(msg) from error
    if len(found) != 1:
        msg = f"{path} must hold one sparse matrix, got {len(found)}"
        raise ValueError(msg)
    return found[0]


def _sparse(content: bytes, order: str) -> Iterator[csc_matrix]:
    """Every sparse matrix among the elements, its indices checked."""
    for kind, data in _elements(content, order):
        if kind == _COMPRESSED:
            yield from _sparse(zlib.decompressobj().decompress(data, _MOST_BYTES), order)
        if kind != _MATRIX:
            continue
        parts = list(_elements(data, order))
        if _array(parts[0], order)[0] & 0xFF != _SPARSE_CLASS:
            continue
        shape, rows, starts, values = (_array(parts[k], order) for k in (1, 3, 4, 5))
        used = int(starts[-1])  # room may be left for more
        matrix = csc_matrix(
            (values[:used].astype(np.float64), rows[:used], starts), shape=tuple(shape.tolist())
        )
        matrix.check_format(full_check=True)
        yield matrix


def _elements(content: bytes, order: str) -> Iterator[tuple[int, bytes]]:
    """Code and data of each element; a small one has both in eight bytes."""
    at = 0
    while at + 8 <= len(content):
        code, size = (int(x) for x in np.frombuffer(content, f"{order}u4", 2, at))
        small = code >> 16
        if small:
            yield code & 0xFFFF, content[at + 4 : at + 4 + small]
            at += 8
            continue
        if at + 8 + size > len(content):
            msg = f"an element of {size} bytes is cut short"
            raise ValueError(msg)
        yield code, content[at + 8 : at + 8 + size]
        at += 8 + size + (-size % 8 if code != _COMPRESSED else 0)


def _array(element: tuple[int, bytes], order: str) -> NDArray[np.generic]:
    code, data = element
    if code not in _NUMBERS:
        msg = f"number format {code} is unknown"
        raise ValueError(msg)
    return np.frombuffer(data, order + _NUMBERS[code])
