"""A file from the web: resumed, tried again, checked, from the first address that has it."""

import hashlib
import http.client
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from .places import Progress

#: Pauses before a file is asked for again; bytes that came in between start them anew.
WAITS_S = (1.0, 2.0, 4.0, 8.0)
TIMEOUT_S = 30.0
_CHUNK = 1 << 16
#: Statuses that ask to come again.
_LATER = (408, 425, 429)


def download(
    urls: Sequence[str],
    path: Path,
    scratch: Path,
    *,
    limit_mb: float,
    sha256: str | None = None,
    progress: Progress | None = None,
) -> None:
    """Put a file in place when it is whole, from the first address that has it.

    Parameters
    ----------
    urls
        Addresses of the same file, in the order to try them.
    path
        Its name; folders are made.
    scratch
        Folder for what is not whole yet; a later call goes on with what lies there.
    limit_mb
        A larger file is refused.
    sha256
        Its checksum, where one is known.
    progress
        Called with the kilobytes of this file so far and in all.

    Raises
    ------
    OSError
        When no address has it whole; the message says what each answered.
    """
    for folder in (scratch, path.parent):
        folder.mkdir(parents=True, exist_ok=True)
    answers = []
    for url in urls:
        part = _Part(scratch / f"{_short(url)}.part", sha256, limit_mb, progress)
        try:
            _try_again(url, scratch / _short(path.as_posix()), part)
        except OSError as error:
            answers.append(f"{urlsplit(url).netloc} {_in_words(error)}")
        else:
            (scratch / _short(path.as_posix())).replace(path)
            return
    msg = f"{path.name}: {'; '.join(answers)}"
    raise OSError(msg)


def _short(text: str) -> str:
    """A file name that stands for an address or a path."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _in_words(error: OSError) -> str:
    if isinstance(error, urllib.error.HTTPError):
        return f"answers {error.code} {error.reason}"
    reason = getattr(error, "reason", error)
    return (
        f"cannot be reached ({reason})" if isinstance(error, urllib.error.URLError) else str(error)
    )


def _try_again(url: str, path: Path, part: "_Part") -> None:
    """Ask one address until the file is whole, or nothing more comes of it."""
    import pooch

    pooch.get_logger().setLevel("WARNING")  # what it says of each file would break our progress
    known = None if part.sha256 is None else f"sha256:{part.sha256}"
    waits = list(WAITS_S)
    most = part.size
    while True:
        try:
            pooch.retrieve(url, known, fname=path.name, path=path.parent, downloader=part)
        except ValueError as error:  # of pooch: the checksum is another; it threw the file away
            problem: OSError = OSError(f"sends another file than expected ({error})")
        except (OSError, http.client.HTTPException) as error:
            problem = error if isinstance(error, OSError) else OSError(f"breaks off ({error!r})")
            if part.size > most:  # not: than before, or a server that lies would keep us for ever
                most, waits = part.size, list(WAITS_S)
        else:
            return
        if not waits or _is_final(problem):
            raise problem
        time.sleep(waits.pop(0))


def _is_final(error: OSError) -> bool:
    """Whether the same question would get the same answer."""
    if isinstance(error, urllib.error.HTTPError):
        return 400 <= error.code < 500 and error.code not in (*_LATER, 416)
    return isinstance(error, _TooLarge)


class _TooLarge(OSError):
    """A file is larger than it may be."""


class _Part:
    """What has come of a file so far: a downloader, as pooch calls them, that goes on from it."""

    def __init__(
        self, path: Path, sha256: str | None, limit_mb: float, progress: Progress | None
    ) -> None:
        self.path = path
        self.sha256 = sha256
        self.limit = round(limit_mb * 1e6)
        self.progress = progress or (lambda done, total: None)

    @property
    def size(self) -> int:
        """Bytes so far."""
        return self.path.stat().st_size if self.path.exists() else 0

    def __call__(self, url: str, output_file: str, _: object) -> None:
        """Fetch what is missing; the file takes its name only when it has the promised length."""
        had = self.size
        request = urllib.request.Request(url, headers=self._headers(had))
        try:
            answer = urllib.request.urlopen(request, timeout=TIMEOUT_S)
        except urllib.error.HTTPError as error:
            error.close()
            if error.code == 416:  # what is here is not a beginning of what is there
                self.path.unlink(missing_ok=True)
            raise
        with answer:
            start = had if self._goes_on(answer, had) else 0
            length = answer.headers.get("Content-Length")
            total = start + int(length) if length and length.isdigit() else None
            self._require_room(total or 0)
            self._take(answer, start, total)
        self.path.replace(output_file)

    def _headers(self, had: int) -> dict[str, str]:
        headers = {"User-Agent": "cardiotwin", "Accept-Encoding": "identity"}
        version = self._version.read_text() if self._version.exists() else ""
        if had and (version or self.sha256):
            headers["Range"] = f"bytes={had}-"
            if version:
                headers["If-Range"] = version
        return headers

    @property
    def _version(self) -> Path:
        """The file beside it that holds the server's name of the version."""
        return self.path.with_suffix(".version")

    def _goes_on(self, answer: http.client.HTTPResponse, had: int) -> bool:
        """Whether the answer starts where we are, and not from the beginning."""
        said = answer.headers.get("Content-Range") or ""
        if answer.status == 206 and not said.startswith(f"bytes {had}-"):
            self.path.unlink(missing_ok=True)
            msg = f"sends another part than asked for ({said[:40]!r})"
            raise OSError(msg)
        return answer.status == 206

    def _take(self, answer: http.client.HTTPResponse, start: int, total: int | None) -> None:
        if not start:
            etag = answer.headers.get("ETag") or ""
            known = etag if etag and not etag.startswith("W/") else answer.headers["Last-Modified"]
            self._version.write_text(known or "")
        with self.path.open("ab" if start else "wb") as file:
            done = start
            while chunk := answer.read(_CHUNK):
                file.write(chunk)
                done += len(chunk)
                self._require_room(done)
                self.progress(done // 1000, (total or done) // 1000)
        if total is not None and done != total:
            msg = f"breaks off after {done} of {total} bytes"
            raise OSError(msg)

    def _require_room(self, size: int) -> None:
        if size > self.limit:
            self.path.unlink(missing_ok=True)
            msg = f"sends {size / 1e6:.1f} MB or more, expected at most {self.limit / 1e6:.1f}"
            raise _TooLarge(msg)
