"""The look that all pictures share, and how they reach the disk: whole or not at all."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..files.whole_files import whole_file

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Colour of text and of lines that are not data.
INK = "#3a3a3f"
#: Colour of what matters less.
PALE_INK = "#8b8b92"
#: Healthy, border zone, core: ever darker, so that no colour vision is needed.
SCAR_COLOURS = ("#efdcd0", "#e59a2f", "#6b1f47")
SCAR_NAMES = ("Healthy", "Border zone", "Infarct core")
#: Dots to the inch of a PNG.
DPI = 220

_STYLE: Mapping[Any, Any] = {
    "font.family": "DejaVu Sans",  # comes with matplotlib, so pictures agree on every machine
    "font.size": 8.0,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": INK,
    "axes.linewidth": 0.6,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "savefig.dpi": DPI,
    "figure.dpi": DPI,
    "hatch.linewidth": 0.4,
    "svg.hashsalt": "cardiotwin",
}
_NO_DATE = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}, ".png": {"Software": None}}


@contextmanager
def style() -> Iterator[None]:
    """House style for what is drawn inside the `with`, and for nothing else."""
    import matplotlib as mpl

    with mpl.rc_context(dict(_STYLE)):
        yield


def save_figure(figure: "Figure", path: Path | str, *, dpi: float = DPI) -> None:
    """Write a figure as PNG, SVG or PDF; the same figure gives the same bytes.

    Parameters
    ----------
    figure : the picture
    path : its suffix names the format
    dpi : dots to the inch of a PNG, and of pictures inside the others

    Raises
    ------
    ValueError
        When the suffix is not `.png`, `.svg` or `.pdf`.
    """
    path = Path(path)
    suffix = check_suffix(path)
    with style():
        write_whole(
            path,
            lambda part: figure.savefig(
                part, format=suffix[1:], dpi=dpi, metadata=_NO_DATE[suffix]
            ),
        )


def check_suffix(path: Path | str) -> str:
    """The format that a file name asks for, or a `ValueError` before anything is drawn."""
    suffix = Path(path).suffix.lower()
    if suffix not in _NO_DATE:
        msg = f"pictures are written as .png, .svg or .pdf, got {Path(path).name!r}"
        raise ValueError(msg)
    return suffix


def write_whole(path: Path | str, write: Callable[[Path], object]) -> None:
    """Make a file with `write`, under a temporary name that becomes `path` only when complete.

    Parameters
    ----------
    path : name of the finished file; its folder is made when missing
    write : gets the temporary name, which has the suffix of `path`

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "note.txt"
    >>> write_whole(path, lambda part: part.write_text("whole"))
    >>> path.read_text(), [p.name for p in path.parent.iterdir()]
    ('whole', ['note.txt'])
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as part:
        write(part)
