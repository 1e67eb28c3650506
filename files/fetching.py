"""Bring a data set to this machine: into a hidden folder first, which is named when it is whole."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .places import Dataset, Progress


def fetch(wanted: Dataset, *, progress: Progress | None = None) -> Path:
    """The folder of a data set in the cache, downloaded first unless it is there already.

    What a broken download brought is kept under a hidden name, and the next try goes on from it.

    Parameters
    ----------
    wanted
        A data set that has an `origin`.
    progress
        Called with the kilobytes downloaded so far and in all.

    Raises
    ------
    ValueError
        When the data set cannot be fetched, but only put in place by hand.
    OSError
        When it cannot be had, is not what was expected, or another process is fetching it.
    """
    folder = wanted.cached
    if wanted.is_in(folder):
        return folder
    if wanted.origin is None:
        msg = (
            f"{wanted.name} cannot be fetched; get it from {wanted.source} and set CARDIOTWIN_DATA "
            f"to a folder that has {wanted.kind}/{wanted.name}"
        )
        raise ValueError(msg)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _own(folder.with_name(f".{wanted.name}.part")) as part:
        if not wanted.is_in(folder):  # another process may have been faster
            try:
                wanted.origin.bring(part, progress or (lambda done, total: None))
            except OSError as error:
                raise OSError(_by_hand(wanted, error)) from error
            part.rename(folder)
    return folder


def _by_hand(wanted: Dataset, error: OSError) -> str:
    """One line about a failed fetch, and what would do without a network."""
    why = " ".join(str(error).split())
    return (
        f"{wanted.name} could not be fetched: {why}; if this machine is offline, put the files of "
        f"{wanted.source} into {wanted.cached} by hand"
    )


@contextmanager
def _own(folder: Path) -> Iterator[Path]:
    """A folder that no other process fetches into; it goes when nothing was brought.

    Raises
    ------
    OSError
        When another process has it.
    """
    folder.mkdir(exist_ok=True)
    handle = os.open(folder, os.O_RDONLY)
    try:
        if not _locked(handle, folder):
            msg = f"another process is fetching into {folder}; wait for it"
            raise OSError(msg)
        try:
            yield folder
        finally:
            if folder.is_dir() and not any(path.is_file() for path in folder.rglob("*")):
                shutil.rmtree(folder)
    finally:
        os.close(handle)


def _locked(handle: int, folder: Path) -> bool:
    """Whether the open folder is ours now, and still is the one that has the name."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.fstat(handle).st_ino == folder.stat().st_ino
    except OSError:
        return False
