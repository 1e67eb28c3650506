"""Tables of data sets: comma-separated, with a header, from anywhere."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path


def rows(path: Path, columns: Sequence[str]) -> Iterator[dict[str, str]]:
    """Rows of a table, by the names of their columns; a short row ends in empty cells.

    Parameters
    ----------
    path
        The table.
    columns
        Those that it must have.

    Raises
    ------
    OSError
        When it is missing or cannot be read.
    ValueError
        When it is no such table.
    """
    if not path.is_file():
        msg = f"{path} is missing; get it from its source, with the data set"
        raise FileNotFoundError(msg)
    with path.open(encoding="utf-8-sig", newline="") as file:
        try:
            table = csv.DictReader(file, restkey="", restval="")
            missing = [name for name in columns if name not in (table.fieldnames or ())]
            if missing:
                msg = f"{path} has no column {missing[0]!r}; get it again from its source"
                raise ValueError(msg)
            yield from table
        except (UnicodeDecodeError, csv.Error) as error:
            msg = f"{path} is no table of text: {error}; get it again from its source"
            raise ValueError(msg) from error
