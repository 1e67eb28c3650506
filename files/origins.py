"""Where data sets on the web come from: single files with a list of checksums, or zips."""

from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from shutil import rmtree
from typing import ClassVar
from urllib.parse import quote

from .archives import unpack
from .checksums import SUMS, check, read_sums
from .downloads import download
from .places import Progress

#: Where files are until they are whole; it goes when the data set is.
_SCRATCH = ".incoming"


@dataclass(frozen=True, kw_only=True)
class ListedFiles:
    """The files that a list of checksums names, one by one.

    Attributes
    ----------
    mirrors
        Addresses of the folder, each with a final slash; the first that answers is used.
    limit_mb
        No file may be larger.
    only
        Patterns of the paths that are wanted.
    """

    unit: ClassVar[str] = "files"

    mirrors: tuple[str, ...]
    limit_mb: float
    only: tuple[str, ...] = ("*",)

    def bring(self, folder: Path, progress: Progress) -> None:
        """Put the files into a folder; progress counts files."""
        if not (folder / SUMS).is_file():
            self._bring_one(folder, SUMS, None)
        sums = {
            name: sha256
            for name, sha256 in _listed(folder / SUMS).items()
            if any(fnmatch(name, pattern) for pattern in self.only)
        }
        for k, (name, sha256) in enumerate(sums.items()):
            progress(k, len(sums))
            if not (folder / name).is_file():  # a file only has its name when it is whole
                self._bring_one(folder, name, sha256)
        progress(len(sums), len(sums))
        rmtree(folder / _SCRATCH, ignore_errors=True)

    def _bring_one(self, folder: Path, name: str, sha256: str | None) -> None:
        urls = [mirror + quote(name) for mirror in self.mirrors]
        download(urls, folder / name, folder / _SCRATCH, sha256=sha256, limit_mb=self.limit_mb)


@dataclass(frozen=True, kw_only=True)
class Archives:
    """One or several zips, and files that lie beside them.

    Attributes
    ----------
    mirrors
        Addresses of the folder, each with a final slash.
    zips
        Names of the zips; files in them have their own CRC, and a list of checksums that is
        among them is checked.
    beside
        Names of the other files.
    limit_mb
        Neither a download nor what comes out of a zip may be larger.
    """

    unit: ClassVar[str] = "kB"

    mirrors: tuple[str, ...]
    zips: tuple[str, ...]
    limit_mb: float
    beside: tuple[str, ...] = ()

    def bring(self, folder: Path, progress: Progress) -> None:
        """Put the files into a folder; progress counts kilobytes of one download at a time."""
        scratch = folder / _SCRATCH
        for name in self.beside:
            if not (folder / name).is_file():
                self._bring_one(name, folder / name, scratch, progress)
        for name in self.zips:
            done = scratch / f"{name}.done"
            if not done.exists():
                packed = scratch / name
                if not packed.is_file():
                    self._bring_one(name, packed, scratch / "parts", progress)
                _unpack_or_drop(packed, folder, self.limit_mb)
                packed.unlink()
                done.touch()
        _require_sums(folder)
        rmtree(scratch, ignore_errors=True)

    def _bring_one(self, name: str, path: Path, scratch: Path, progress: Progress) -> None:
        urls = [mirror + quote(name) for mirror in self.mirrors]
        download(urls, path, scratch, limit_mb=self.limit_mb, progress=progress)


def _listed(sums: Path) -> dict[str, str]:
    """A list of checksums; one that is none is thrown away, so that the next try gets another."""
    try:
        return read_sums(sums)
    except ValueError as error:
        sums.unlink()
        raise OSError(str(error)) from error


def _unpack_or_drop(packed: Path, folder: Path, limit_mb: float) -> None:
    """Unpack a zip; one that is damaged or harmful is thrown away."""
    try:
        unpack(packed, folder, limit_mb=limit_mb)
    except OSError as error:
        if error.errno is None:  # not the disk's fault
            packed.unlink()
        raise
    except ValueError as error:
        packed.unlink()
        raise OSError(str(error)) from error


def _require_sums(folder: Path) -> None:
    """Raise when files from a zip are not as its own list says; the next try starts anew."""
    if (folder / SUMS).is_file():
        checked = check(folder, _listed(folder / SUMS))
        if wrong := checked.bad + checked.missing:
            rmtree(folder / _SCRATCH)
            msg = f"{len(wrong)} files of the zip are not as {SUMS} says, such as {wrong[0]}"
            raise OSError(msg)
