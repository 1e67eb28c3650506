"""Results of long work on records, kept on disk under the content that they follow from."""

import hashlib
import json
import zipfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..files.places import cache_folder
from ..files.whole_files import whole_file

#: Part of every key: results of an earlier way to work are not taken for those of this one.
VERSION = 1
#: The results that were used last stay; they are weighed once in about sixteen writes.
LIMIT_MB = 4000.0
Arrays = dict[str, NDArray[np.generic]]
Settings = Mapping[str, str | float | int | bool | None]


def cached(
    files: tuple[Path, ...],
    settings: Settings,
    work: Callable[[], Arrays],
    *,
    folder: Path | None = None,
) -> Arrays:
    """What `work` returns, from the cache where it was done before on the same bytes.

    Any number of processes may use one cache: each result appears whole or not at all, and equal
    keys hold equal results. A result that cannot be read is worked out again.

    Parameters
    ----------
    files
        All that the result depends on; their bytes are the key, not their names.
    settings
        Every parameter of the work, its name among them, such as {"work": "median beat"}.
    work
        Called without arguments when there is no result; its arrays are stored by name.
    folder
        Of the cache; None takes `records` in the package's cache folder.

    Raises
    ------
    OSError
        When a file cannot be read, or the cache not be written.
    """
    root = cache_folder() / "records" if folder is None else folder
    path = root / f"{_key(files, settings)}.npz"
    found = _read(path)
    if found is not None:
        with suppress(OSError):
            path.touch()  # the time of its last use
        return found
    made = work()
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as part, part.open("wb") as file:
        np.savez(file, allow_pickle=False, **made)
    if path.name.startswith("0"):
        trim(LIMIT_MB, root)
    return made


def size_mb(folder: Path | None = None) -> float:
    """Megabytes that all results take."""
    return sum(size for _, size, _ in _by_last_use(folder)) / 1e6


def trim(limit_mb: float, folder: Path | None = None) -> float:
    """Remove the results that were not used for longest; returns the megabytes that they took."""
    results = _by_last_use(folder)
    excess = sum(size for _, size, _ in results) - limit_mb * 1e6
    removed = 0
    for _, size, path in results:
        if removed >= excess:
            break
        path.unlink(missing_ok=True)
        removed += size
    return removed / 1e6


def _by_last_use(folder: Path | None) -> list[tuple[int, int, Path]]:
    """Time, bytes and path of each result, while other processes may add and remove some."""
    root = cache_folder() / "records" if folder is None else folder
    found = []
    for path in root.glob("*.npz"):
        with suppress(OSError):
            about = path.stat()
            found.append((about.st_mtime_ns, about.st_size, path))
    return sorted(found)


def _key(files: tuple[Path, ...], settings: Settings) -> str:
    """Follows from the bytes of the files, the settings and our version alone."""
    digest = hashlib.sha256(json.dumps([VERSION, dict(settings)], sort_keys=True).encode())
    for file in files:
        with file.open("rb") as opened:
            digest.update(hashlib.file_digest(opened, "sha256").digest())
    return digest.hexdigest()[:40]


def _read(path: Path) -> Arrays | None:
    try:
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except (OSError, ValueError, EOFError, zipfile.BadZipFile):
        return None
