"""A table of numbers as text: its columns, its rate, and its rows in blocks of bounded size."""

import csv
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .channels import Field, tidy
from .claims import require_count, require_file, require_rate, told_of

#: Bytes read at once; no line is longer.
_BLOCK = 2**20
#: In longer names no unit is looked for, which would take the square of their length.
_LONGEST_NAME = 200
_MS = {"ms": 1.0, "s": 1e3, "sec": 1e3, "us": 1e-3}
_TIME = re.compile(
    r"(?:time|t|timestamp)(?:_(\w+)|\s*[(\[]\s*(\w+)\s*[)\]])?", re.IGNORECASE | re.ASCII
)
_COLUMN = re.compile(
    r"(?P<lead>.+)_(?P<voltage>[mun\u00b5\u03bc]?V)|(?P<name>.*?)\s*[(\[](?P<unit>[^()\[\]]*)[)\]]",
    re.IGNORECASE,
)


class Clock(NamedTuple):
    """What the time column says."""

    ms: float  #: of its unit
    first: float  #: in its unit
    rounding: float  #: of its last cell, in its unit
    fs_hz: float


@dataclass(frozen=True)
class Table:
    """A file whose header and whose first and last lines have been read."""

    path: Path
    separator: str
    fields: list[Field]  #: of the columns, time left out
    clock: Clock | None  #: None without a time column
    start: int  #: bytes before the first row

    @property
    def fs_hz(self) -> float:
        """Samples a second."""
        return self.fields[0].fs_hz

    def blocks(self) -> Iterator[NDArray[np.float64]]:
        """(channels, any) Rows in order, in blocks.

        Raises
        ------
        ValueError
            When a row is unfit, or comes at another time than the rate demands.
        """
        done, width = 0, len(self.fields) + (self.clock is not None)
        for text in _texts(self.path, self.start):
            rows = self._parsed(text, width, done)
            if self.clock is not None:
                self._require_steady(self.clock, rows[:, 0], done)
                rows = rows[:, 1:]
            done += len(rows)
            yield np.ascontiguousarray(rows.T)

    def _parsed(self, text: str, width: int, done: int) -> NDArray[np.float64]:
        """(rows, width) Numbers of some lines; nan for empty cells."""
        lines = [
            _filled(line, self.separator)
            for line in _decimal(text, self.separator).splitlines()
            if line.strip()
        ]
        try:
            rows = np.loadtxt(lines, delimiter=self.separator, comments=None, ndmin=2)
        except ValueError:
            raise ValueError(self._unfit(lines, width, done)) from None
        if rows.shape[1] != width or np.isinf(rows).any():
            raise ValueError(self._unfit(lines, width, done))
        return rows

    def _unfit(self, lines: list[str], width: int, done: int) -> str:
        """What is wrong with the first row that is unfit, in words; row 1 is below the header."""
        names = [*["time"] * (self.clock is not None), *(field.name for field in self.fields)]
        for row, line in enumerate(lines, done + 1):
            cells = line.split(self.separator)
            if len(cells) != width:
                return f"{self.path}: row {row} needs {width} cells, has {len(cells)}"
            for name, cell in zip(names, cells, strict=True):
                if not _is_number(cell) or math.isinf(float(cell)):
                    what = "infinite" if _is_number(cell) else "no number"
                    where = f"row {row}, column {tidy(name)}"
                    return f"{self.path}: {cell[:20]!r} in {where} is {what}; leave a gap empty"
        return f"{self.path} has a number that cannot be read after row {done}"

    def _require_steady(self, clock: Clock, times: NDArray[np.float64], done: int) -> None:
        """Raise when a time is off by more than half a sample and what it was rounded by."""
        due = np.arange(done, done + len(times)) / clock.fs_hz
        with np.errstate(over="ignore", invalid="ignore"):  # times may be any number
            off = np.abs((times - clock.first) * clock.ms / 1e3 - due) * clock.fs_hz
            off -= clock.rounding * clock.ms / 1e3 * clock.fs_hz
        if not (off <= 0.5).all():
            k = int(np.argmax(~(off <= 0.5)))
            msg = f"{self.path} jumps in time at row {done + k + 1}; fill the gap with empty cells"
            raise ValueError(msg)


def open_table(path: Path, fs_hz: float | None, unit: str) -> Table:
    """A table, its names and its rate understood.

    Raises
    ------
    OSError
        When the file is missing or no table of text.
    ValueError
        When the rate is not told, or told to be impossible.
    """
    require_file(path)
    with path.open("rb") as file:
        line = file.readline(_BLOCK)
        start = file.tell()
    head = _decoded(path, line).lstrip("\ufeff").strip("\r\n")
    separator = max(",;\t", key=head.count)
    with told_of(path, "has a damaged first line"):
        names = [name.strip() for name in next(csv.reader([head], delimiter=separator), [])]
    if not names or any(_is_number(name) for name in names):
        msg = f"{path} starts with {head[:40]!r}; its first line must name the columns"
        raise OSError(msg)
    require_count(path, len(names))
    rows, first, last = _scan(path, start)
    if not rows:
        msg = f"{path} has names and no numbers"
        raise ValueError(msg)
    timed = _TIME.fullmatch(names[0])
    ends = [_decimal(row.split(separator)[0], separator) for row in (first, last)]
    clock = _clock(path, timed[1] or timed[2], ends, rows, fs_hz) if timed else None
    rate = clock.fs_hz if clock else fs_hz
    if rate is None:
        msg = f"{path} has no column time_ms or time_s; give fs_hz, its samples a second"
        raise ValueError(msg)
    require_rate(path, rate)
    columns = [_field(name, unit, rate, rows) for name in names[1 if timed else 0 :]]
    if not columns:
        msg = f"{path} holds times only"
        raise ValueError(msg)
    return Table(path, separator, columns, clock, start)


def _field(name: str, unit: str, fs_hz: float, rows: int) -> Field:
    found = _COLUMN.fullmatch(name) if len(name) < _LONGEST_NAME else None
    if found is None:
        return Field(name, unit, fs_hz, rows)
    return Field(
        found["lead"] or found["name"], found["voltage"] or found["unit"].strip(), fs_hz, rows
    )


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return "_" not in text


def _decoded(path: Path, data: bytes) -> str:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text:
        msg = f"{path} is no text in UTF-8"
        raise OSError(msg)
    return text


def _texts(path: Path, start: int) -> Iterator[str]:
    """The rest of a file in whole lines, about a megabyte at a time."""
    with path.open("rb") as file:
        file.seek(start)
        rest = b""
        while data := file.read(_BLOCK):
            lines, end, rest = (rest + data).rpartition(b"\n")
            if len(rest) >= _BLOCK:
                msg = f"{path} has a line of more than {_BLOCK} characters; it is no table"
                raise OSError(msg)
            if (text := _decoded(path, lines + end)).strip():
                yield text
    if (text := _decoded(path, rest)).strip():
        yield text


def _decimal(text: str, separator: str) -> str:
    """Text with decimal points; where semicolons separate, spreadsheets write decimal commas."""
    return text.replace(",", ".") if separator == ";" else text


def _filled(line: str, separator: str) -> str:
    """A line whose empty cells, and those that say NA, say nan."""
    gaps = separator * 2 in line or line[0] == separator or line[-1] == separator
    if not gaps and "NA" not in line and " " not in line:
        return line
    return separator.join(
        "nan" if cell.strip() in ("", "NA") else cell for cell in line.split(separator)
    )


def _scan(path: Path, start: int) -> tuple[int, str, str]:
    """How many rows there are; the first and the last."""
    rows, first, last = 0, "", ""
    for text in _texts(path, start):
        lines = [line for line in text.splitlines() if line.strip()]
        rows += len(lines)
        first, last = first or lines[0], lines[-1]
    return rows, first, last


def _clock(path: Path, unit: str | None, ends: list[str], rows: int, fs_hz: float | None) -> Clock:
    """Unit and rate of the time column, from its first and its last cell."""
    if (unit or "").lower() not in _MS:
        msg = (
            f"{path} has times in the unit {(unit or '')[:20]!r}; name the column time_ms or time_s"
        )
        raise ValueError(msg)
    ms = _MS[(unit or "").lower()]
    try:
        first, last = (float(text) for text in ends)
    except ValueError:
        msg = f"{path} has the times {ends[0][:20]!r} and {ends[1][:20]!r}, which are no numbers"
        raise ValueError(msg) from None
    rounding = _rounding(ends[1])
    if fs_hz is None:
        fs_hz = _rate(path, first * ms, last * ms, rows, rounding * ms)
    return Clock(ms, first, rounding, fs_hz)


def _rounding(text: str) -> float:
    """Half the last digit of a number, and a little for arithmetic."""
    mantissa, _, power = text.strip().lower().partition("e")
    return 0.501 * 10.0 ** (int(power or 0) - len(mantissa.partition(".")[2]))


def _rate(path: Path, first_ms: float, last_ms: float, rows: int, rounding_ms: float) -> float:
    """The plainest rate by which the last row comes at its time, as far as its digits tell."""
    if not (rows > 1 and 0 < last_ms - first_ms < math.inf):
        msg = f"{path} has {rows} rows from {first_ms:g} to {last_ms:g} ms; give fs_hz"
        raise ValueError(msg)
    rate = (rows - 1) * 1e3 / (last_ms - first_ms)
    require_rate(path, rate)
    neighbours = [rate * (1 + k * 2**-52) for k in (0, 1, -1, 2, -2)]
    fractions = (float(Fraction(rate).limit_denominator(10**k)) for k in range(13))
    for plain in [*fractions, *neighbours]:
        if plain > 0 and abs(first_ms + (rows - 1) * (1e3 / plain) - last_ms) <= rounding_ms:
            return plain
    return rate
