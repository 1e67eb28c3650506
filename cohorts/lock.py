"""Keeps two runs from writing the same cohort; the lock vanishes with its process."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows has no flock; two runs at once are then the user's care
    fcntl = None  # type: ignore[assignment]


@contextmanager
def locked(folder: Path, *, shared: bool = False, wait_s: float = 0.0) -> Iterator[None]:
    """Hold a lock on a folder, without any file of its own.

    Raises
    ------
    OSError
        When another process still holds it after `wait_s`.
    """
    if fcntl is None:
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        _acquire(handle, folder, shared, time.monotonic() + wait_s)
        yield
    finally:
        os.close(handle)


def _acquire(handle: int, folder: Path, shared: bool, until: float) -> None:
    kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    while True:
        try:
            fcntl.flock(handle, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                msg = f"{folder} is being written by another run; wait for it or stop it"
                raise OSError(msg) from None
            time.sleep(0.05)
        else:
            return
