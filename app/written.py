"""What a command may write: endings checked before the work, not after it."""

from collections.abc import Sequence
from pathlib import Path

#: Endings of pictures.
PICTURES = (".png", ".svg", ".pdf")


def require_ending(path: Path, endings: Sequence[str]) -> None:
    """Raise when a file has another ending, its folder is missing, or it is a folder itself.

    Examples
    --------
    >>> require_ending(Path("heart.stl"), (".vtu",))
    Traceback (most recent call last):
        ...
    ValueError: heart.stl must end in .vtu
    """
    if path.suffix.lower() not in endings:
        listed = " or ".join([", ".join(endings[:-1]), endings[-1]] if endings[1:] else endings)
        msg = f"{path} must end in {listed}"
        raise ValueError(msg)
    if path.is_dir():
        msg = f"{path} is a folder; give a file"
        raise OSError(msg)
    if not path.parent.is_dir():
        msg = f"folder {path.parent} does not exist; create it first"
        raise OSError(msg)


def require_folder(path: Path) -> None:
    """Raise when something that is not a folder is in the way of one.

    Examples
    --------
    >>> require_folder(Path("a folder that is not there yet"))
    """
    for there in (path, *path.parents):
        if there.exists():
            if not there.is_dir():
                msg = f"{there} is a file, not a folder; give another --out"
                raise OSError(msg)
            return
