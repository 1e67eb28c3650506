"""What the header of a file may claim: checked before anything is allocated for its samples."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

#: Samples that any file may hold, however small it is.
FREE_SAMPLES = 2**23
#: Samples beyond these for each byte that is really there. Uncompressed formats need 1 to 12
#: bytes a sample; what is left serves compressed files and gaps that a header states.
SAMPLES_PER_BYTE = 64
#: No electrode is sampled faster.
FASTEST_HZ = 1e6
#: No file of signals that we know has more.
MOST_SIGNALS = 512
#: Headers, lists of marks and other text that is read whole.
LONGEST_HEADER = 2**20
#: A microvolt or a day in some unit lies well within.
_LEAST_GAIN, _LARGEST_GAIN = 1e-12, 1e15


def require_file(path: Path) -> int:
    """Size of a file in bytes; raises OSError when it is missing, empty or not a file."""
    if not path.exists():
        msg = f"{path} does not exist"
        raise FileNotFoundError(msg)
    if not path.is_file():
        msg = f"{path} is not a file"
        raise OSError(msg)
    size = path.stat().st_size
    if size == 0:
        msg = f"{path} is empty; copy or fetch it again"
        raise OSError(msg)
    return size


def require_inside(path: Path, name: str) -> Path:
    """(path) The file that a header names, which must lie beside the header.

    Raises
    ------
    ValueError
        When the name leads elsewhere: by folders, `..`, `~`, a drive, an URL or a link.

    Examples
    --------
    >>> require_inside(Path("100.hea"), "../secret.dat")
    Traceback (most recent call last):
        ...
    ValueError: 100.hea names the file '../secret.dat'; only files beside it are read, no links
    """
    other = path.parent / name
    if (
        any(c in name for c in "/\\:")
        or not (name.isprintable() and 0 < len(name) < 200)
        or name.startswith((".", "~"))
        or (other.is_symlink() and other.resolve().parent != path.parent.resolve())
    ):
        msg = f"{path} names the file {name[:80]!r}; only files beside it are read, no links"
        raise ValueError(msg)
    return other


def require_rate(path: Path, fs_hz: float, what: str = "") -> None:
    """Raise unless something can be sampled at this rate."""
    if not 0 < fs_hz <= FASTEST_HZ:
        msg = f"{path}{what} states {fs_hz:g} samples a second; it must be in 0..{FASTEST_HZ:g}"
        raise ValueError(msg)


def require_gain(path: Path, gain: float, what: str) -> None:
    """Raise unless numbers of the converter can become physical ones by this gain."""
    if not _LEAST_GAIN <= abs(gain) <= _LARGEST_GAIN:
        msg = (
            f"{path} states a gain of {gain:g} for {what[:40]!r}, with which no voltage can be read"
        )
        raise ValueError(msg)


def require_count(path: Path, signals: int) -> None:
    """Raise unless a file can have that many signals."""
    if not 0 < signals <= MOST_SIGNALS:
        msg = f"{path} states {signals} signals; it must be 1 to {MOST_SIGNALS}"
        raise ValueError(msg)


def require_room(path: Path, samples: float, file_bytes: int) -> None:
    """Raise when a header claims more samples than its file can be the ground of.

    This bounds memory: a sample becomes 8 bytes, and readers hold it at most four times, so that
    reading takes at most 256 MiB and 2048 times the size of the file.
    """
    if not 0 <= samples <= FREE_SAMPLES + SAMPLES_PER_BYTE * file_bytes:
        msg = f"{path} claims {samples:.3g} samples in {file_bytes} bytes; it is damaged or hostile"
        raise ValueError(msg)


@contextmanager
def told_of(path: Path, what: str) -> Iterator[None]:
    """Turn whatever another library raises into one line of OSError; lines of ours pass.

    Readers of damaged files raise KeyError, struct.error, zlib.error, RecursionError and more.
    """
    try:
        yield
    except MemoryError:
        raise
    except Exception as error:
        if isinstance(error, (OSError, ValueError)) and str(error).startswith(str(path)):
            raise
        msg = f"{path} {what}: {short(error)}"
        raise OSError(msg) from None


def short(error: BaseException) -> str:
    """What another library complained of, in one line of printable letters."""
    told = "".join(c if c.isprintable() else " " for c in str(error))
    return " ".join(told.split())[:200] or type(error).__name__
