"""Arrays in a zip file, read without trusting what it says of their sizes."""

import json
import math
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any, NamedTuple, Self
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from .claims import LONGEST_HEADER, require_file, require_room, told_of

_WHAT = "is no archive of cardiotwin, or damaged"


class _Member(NamedTuple):
    """An array whose header is read; its data come next in the stream."""

    stream: IO[bytes]
    shape: tuple[int, ...]
    kind: np.dtype[Any]


class Archive:
    """An open file of arrays: float64 and text only, no pickles.

    Raises
    ------
    OSError
        When the file is missing or no such archive.
    ValueError
        When it claims more than it can hold.
    """

    def __init__(self, path: Path) -> None:
        size = require_file(path)
        self.path = path
        with told_of(path, _WHAT):
            self._zip = ZipFile(path)
        self._members = {i.filename.removesuffix(".npy"): i for i in self._zip.infolist()}
        require_room(path, sum(i.file_size for i in self._members.values()) / 8, size)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._zip.close()

    def shape(self, name: str) -> tuple[int, ...]:
        """Shape of an array, without its data."""
        with self._open(name) as member:
            return member.shape

    def array(self, name: str) -> NDArray[np.float64]:
        """One array of float64."""
        with self._open(name, np.dtype("<f8")) as member:
            values = np.empty(math.prod(member.shape))
            _fill(member.stream, values)
        return values.reshape(member.shape)

    def blocks(self, name: str, count: int) -> Iterator[NDArray[np.float64]]:
        """An array (rows, t) in blocks (rows, count), each row streamed on its own."""
        with ExitStack() as opened:
            kind = np.dtype("<f8")
            rows, total = opened.enter_context(self._open(name, kind, dimensions=2)).shape
            members = [opened.enter_context(self._open(name, kind)) for _ in range(rows)]
            with told_of(self.path, _WHAT):
                for row, member in enumerate(members):
                    member.stream.seek(row * total * 8, 1)
            for first in range(0, total, count):
                block = np.empty((rows, min(count, total - first)))
                for into, member in zip(block, members, strict=True):
                    with told_of(self.path, _WHAT):
                        _fill(member.stream, into)
                yield block

    def json(self, name: str) -> Any:
        """What an array of one string describes."""
        with self._open(name) as member:
            if member.kind.kind != "U" or member.shape != () or member.kind.itemsize > _TEXT:
                msg = f"{self.path} has no readable description; it is none of cardiotwin's"
                raise OSError(msg)
            text = np.frombuffer(member.stream.read(member.kind.itemsize), member.kind)
            return json.loads(str(text[0]))

    @contextmanager
    def _open(
        self, name: str, kind: np.dtype[Any] | None = None, dimensions: int | None = None
    ) -> Iterator[_Member]:
        """A member, its header read and checked against the room it has in the zip file."""
        info = self._members.get(name)
        if info is None or info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            msg = f"{self.path} has no readable array {name!r}; it is none of cardiotwin's"
            raise OSError(msg)
        with told_of(self.path, _WHAT), self._zip.open(info) as stream:
            version = npy.read_magic(stream)
            read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
            shape, by_column, found = read(stream)
            if found.hasobject:
                msg = f"{self.path} holds pickled objects in {name!r}; they are never loaded"
                raise ValueError(msg)
            room = info.file_size - stream.tell()
            fits = math.prod(shape) * found.itemsize == room and not by_column
            if not fits or (kind or found) != found or len(shape) != (dimensions or len(shape)):
                msg = f"{self.path} holds {found} {shape} in {name!r}, which does not fit"
                raise OSError(msg)
            yield _Member(stream, shape, found)


#: Bytes of the description: JSON as text of 4 bytes a character.
_TEXT = 64 * LONGEST_HEADER


def _fill(stream: IO[bytes], values: NDArray[np.float64]) -> None:
    """Read into an array, piece by piece."""
    room = values.view(np.uint8)
    at = 0
    while at < len(room):
        piece = stream.read(min(LONGEST_HEADER, len(room) - at))
        if not piece:
            msg = "it ends too early"
            raise EOFError(msg)
        room[at : at + len(piece)] = np.frombuffer(piece, np.uint8)
        at += len(piece)
