"""Lists of SHA-256 checksums, as `sha256sum` writes them, and the files they are of."""

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from .places import Dataset, Progress

#: The list that data sets of PhysioNet come with.
SUMS = "SHA256SUMS.txt"
_LINE = re.compile(r"([0-9a-fA-F]{64}) [ *]?(.+)")


class Checked(NamedTuple):
    """How the files of a list fared: their paths, in the order of the list."""

    good: tuple[str, ...]
    bad: tuple[str, ...]  #: there, with other bytes
    missing: tuple[str, ...]
    unchecked: tuple[str, ...] = ()  #: records that are there, of whose files no list says more


def read_sums(path: Path) -> dict[str, str]:
    """Checksum of each file of a list, by its path.

    Raises
    ------
    OSError
        When the list cannot be read.
    ValueError
        When a line is not of the form, or leads out of the folder.
    """
    sums = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        found = _LINE.fullmatch(line.strip())
        if line.strip() and (found is None or leads_out(found[2])):
            msg = f"{path}, line {number}: expected a checksum and a path inside, got {line[:80]!r}"
            raise ValueError(msg)
        if found is not None:
            sums[found[2]] = found[1].lower()
    return sums


def leads_out(name: str) -> bool:
    r"""Whether a path from a list or an archive is not one of a file below its folder.

    Examples
    --------
    >>> [leads_out(name) for name in ("data/1.hea", "../1.hea", "/etc/passwd", "C:\\1.hea")]
    [False, True, True, True]
    """
    path = PurePosixPath(name)
    odd = "\\" in name or "\0" in name or ":" in name
    return odd or path.is_absolute() or ".." in path.parts or not path.parts


def sha256_of(path: Path) -> str:
    """Checksum of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check(folder: Path, sums: Mapping[str, str], *, progress: Progress | None = None) -> Checked:
    """Compare the files of a folder with a list.

    Parameters
    ----------
    folder
        Where the paths of the list start.
    sums
        Checksum of each file by its path.
    progress
        Called with the number of files done and in all.

    Raises
    ------
    OSError
        When a file is there and cannot be read.
    """
    good: list[str] = []
    bad: list[str] = []
    missing: list[str] = []
    for k, (name, wanted) in enumerate(sums.items(), start=1):
        path = folder / name
        if not path.is_file():
            missing.append(name)
        else:
            (good if sha256_of(path) == wanted else bad).append(name)
        if progress is not None:
            progress(k, len(sums))
    return Checked(tuple(good), tuple(bad), tuple(missing))


def verify(known: Dataset, folder: Path, *, progress: Progress | None = None) -> Checked:
    """Compare a data set with its list of checksums, with those we know, and with RECORDS.

    A file that RECORDS or the list names may be missing: parts of a set are fine.

    Parameters
    ----------
    known
        The data set; its own checksums go before those of the list in the folder.
    folder
        Where it lies.
    progress
        Called with the number of files done and in all.

    Raises
    ------
    OSError
        When a file is there and cannot be read.
    ValueError
        When the list is broken.
    """
    listed = read_sums(folder / SUMS) if (folder / SUMS).is_file() else {}
    sums = {**listed, **known.sha256}
    found = check(folder, sums, progress=progress)
    index = folder / "RECORDS"
    names = index.read_text(encoding="utf-8").split() if index.is_file() else []
    stems = {name.rsplit(".", 1)[0] for name in sums}
    unlisted = [name for name in names if name not in sums and name not in stems]
    here = {
        name for name in unlisted if any((folder / f"{name}{s}").exists() for s in ("", ".hea"))
    }
    missing = found.missing + tuple(name for name in unlisted if name not in here)
    return found._replace(missing=missing, unchecked=tuple(n for n in unlisted if n in here))
