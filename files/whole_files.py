"""Files that appear whole or not at all: written under a hidden name, then renamed."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Hidden path to write to; it takes the name wanted when the block ends without an error.

    Parameters
    ----------
    path
        The name wanted. The hidden one lies beside it and ends alike, as some writers choose
        the format by the ending.

    Raises
    ------
    OSError
        When there is no such folder, or the file cannot be written; it names the file wanted,
        and an old one is then as it was.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with whole_file(Path(folder) / "heart.txt") as part:
    ...         written = part.write_text("beats")
    ...     [p.name for p in Path(folder).iterdir()]
    ['heart.txt']
    """
    if not path.parent.is_dir():
        msg = f"no such folder: {path.parent}"
        raise FileNotFoundError(msg)
    part = path.with_name(f".{os.getpid()}.part.{path.name}")
    try:
        yield part
        part.replace(path)
    except OSError as error:
        if error.errno is None:
            raise
        raise OSError(error.errno, error.strerror, str(path)) from error
    finally:
        part.unlink(missing_ok=True)
