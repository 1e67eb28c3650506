"""A sampled population on disk: one .vtu a heart and one table, written whole, taken up again."""

import csv
import hashlib
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from .. import __version__
from ..files.whole_files import whole_file
from .deform_modes import deformable
from .heart import Heart
from .io import write_heart
from .norms import Population
from .sample import check_sampling, sample_heart

#: Name of the table in the folder.
TABLE = "hearts.csv"
#: What a row says of the run it belongs to; another run does not touch its folder.
ORIGIN = ("seed", "base", "population", "version")
#: One row: text, as a .csv has it.
Row = Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class SampleSummary:
    """What `write_sample` left in its folder."""

    folder: Path
    population: Population
    #: One a heart, in the order of their numbers.
    rows: tuple[Row, ...]
    #: How many of them this run made.
    new: int

    @property
    def redraws(self) -> int:
        """Draws that gave no sound heart, in all."""
        return sum(int(row["redraws"]) for row in self.rows)

    def column(self, name: str, sex: str | None = None) -> list[float]:
        """Numbers of one column, of one sex or of all."""
        return [float(row[name]) for row in self.rows if sex in (None, row["sex"])]


def write_sample(
    folder: str | Path,
    count: int,
    base: Heart,
    *,
    seed: int,
    population: Population = "healthy",
    progress: Callable[[int, int], None] | None = None,
) -> SampleSummary:
    """Write hearts `0000.vtu` and on, and the table `hearts.csv` of targets and measures.

    A heart counts once its row, with the checksum of its file, is in the table; both appear
    whole. Stopped at any moment, the same call goes on where it was and makes again what is
    damaged.

    Parameters
    ----------
    folder
        Made when it is not there.
    count
        Hearts the folder shall hold.
    base
        The heart that is reshaped.
    seed, population
        See `sample_hearts`.
    progress
        Called with hearts done and hearts in all.

    Raises
    ------
    ValueError
        When `count` is not positive, the seed negative, or the folder holds another population.
    OSError
        When a file cannot be written.
    """
    check_sampling(count, seed, population)
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    origin = {"seed": str(seed), "base": _name_of(base), "population": population}
    origin["version"] = __version__
    rows = _sound_rows(folder, origin)
    missing = [i for i in range(count) if i not in rows]
    if missing:
        ready = deformable(base)
    for done, index in enumerate(missing):
        if progress:
            progress(count - len(missing) + done, count)
        sample = sample_heart(ready, index, seed=seed, population=population)
        path = folder / f"{index:04d}.vtu"
        write_heart(sample.heart, path)
        values = {k: "" if v is None else str(v) for k, v in sample.as_row().items()}
        rows[index] = values | origin | {"file": path.name, "sha256": _checksum(path)}
        _write_table(folder / TABLE, rows)
    if progress:
        progress(count, count)
    ordered = tuple(rows[i] for i in range(count))
    return SampleSummary(folder=folder, population=population, rows=ordered, new=len(missing))


def _name_of(base: Heart) -> str:
    """Name of a heart with the start of its nodes' checksum: two files may share a name."""
    return f"{base.name} {hashlib.sha256(base.nodes_mm.tobytes()).hexdigest()[:12]}"


def _sound_rows(folder: Path, origin: Row) -> dict[int, Row]:
    """Rows of the table, by number, whose files are as they were written."""
    path = folder / TABLE
    if not path.is_file():
        return {}
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    sound: dict[int, Row] = {}
    for row in rows:
        other = [f"{k} {row.get(k)}" for k in ORIGIN if row.get(k) != origin[k]]
        if other:
            msg = f"{folder} holds hearts of {other[0]}; give another folder or empty it"
            raise ValueError(msg)
        heart = folder / row["file"]
        if heart.is_file() and _checksum(heart) == row["sha256"]:
            sound[int(row["index"])] = row
    return sound


def _checksum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _write_table(path: Path, rows: Mapping[int, Row]) -> None:
    """Write the table whole or not at all."""
    text = io.StringIO()
    ordered = [rows[i] for i in sorted(rows)]
    writer = csv.DictWriter(text, list(ordered[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(ordered)
    with whole_file(path) as part:
        part.write_text(text.getvalue(), encoding="utf-8")
