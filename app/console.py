"""What every command shares: one result on stdout, progress and one-line errors on stderr."""

import errno
import json
import math
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.progress import Progress

#: Called with what is done and what there is to do.
Report = Callable[[int, int], None]

Json = Annotated[
    bool, typer.Option("--json", help="Print one JSON object; progress stays on stderr.")
]

Out = Annotated[
    Path | None, typer.Option(help="Folder for the files; without it none are written.")
]

#: Without a terminal, progress is a plain line this often.
LINE_EVERY_S = 10.0


def print_result(result: Mapping[str, Any], text: str, *, as_json: bool) -> None:
    """Print one result on stdout, as a line of text or as one JSON object.

    Examples
    --------
    >>> print_result({"n": 3}, "3 cases", as_json=False)
    3 cases
    >>> print_result({"out": Path("c.zarr"), "late_ms": math.inf}, "", as_json=True)
    {"out": "c.zarr", "late_ms": null}
    """
    typer.echo(json.dumps(plain(result), allow_nan=False) if as_json else text)


def print_table(
    title: str, columns: Sequence[str], rows: Sequence[Sequence[object]], *, note: str = ""
) -> None:
    """Print a table on stdout; a `note` goes below it."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, caption=note or None)
    table.caption_justify = "left"
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*map(str, row))
    Console(file=sys.stdout, highlight=False, markup=False).print(table)


def plain(value: Any) -> Any:
    """The value in the terms of JSON: numbers that are not finite become null.

    Examples
    --------
    >>> plain({"times_ms": (1.0, float("nan"))})
    {'times_ms': [1.0, None]}
    """
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    if isinstance(value, Path):
        return str(value)
    if hasattr(value, "tolist"):  # numpy
        return plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def fail(error: BaseException | str) -> None:
    """Print an error as the one line on stderr that the user gets to see."""
    if isinstance(error, OSError) and error.strerror:
        error = _in_words(error)
    line = " ".join(str(error).split())
    typer.echo(f"cardiotwin: {line or type(error).__name__}", err=True)


def note(warning: Warning | str) -> None:
    """Print what the user should know, though the work goes on, as one line on stderr."""
    typer.echo(f"cardiotwin: note: {' '.join(str(warning).split())}", err=True)


def _in_words(error: OSError) -> str:
    """What the system refused, to which file, and what would do when the disk is full."""
    words = f"{error.filename}: {error.strerror}" if error.filename else str(error.strerror)
    full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    return f"cannot write, {words}; make room, or write elsewhere" if full else words


@contextmanager
def progress_bar(label: str, *, unit: str = "") -> Iterator[Report]:
    """Yield a callable `(done, total)` that draws rate and remaining time on stderr.

    In a terminal it is a bar that vanishes at the end; elsewhere a plain line now and then.

    Examples
    --------
    >>> with progress_bar("cases") as report:
    ...     report(1, 2)
    """
    if not sys.stderr.isatty():
        yield _plain_lines(label, unit)
        return
    with _rich_bar(unit) as bar:
        task = bar.add_task(label, total=None)

        def report(done: int, total: int) -> None:
            first = bar.tasks[0].total is None  # what an earlier run did counts for no speed
            (bar.reset if first else bar.update)(task, completed=done, total=total)

        yield report


def _rich_bar(unit: str) -> "Progress":
    """A bar on stderr with rate and remaining time."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn
    from rich.progress import TimeRemainingColumn as Remaining
    from rich.text import Text

    class Rate(ProgressColumn):
        """How fast it goes."""

        def render(self, task: Task) -> Text:
            speed = task.finished_speed or task.speed
            digits = ",.0f" if speed and speed >= 100 else ".3g"
            return Text(f"{speed:{digits}} {unit}/s" if speed else "")

    class Count(ProgressColumn):
        """How much is done; nothing before the first report."""

        def render(self, task: Task) -> Text:
            known = task.total is not None
            return Text(f"{task.completed:,.0f}/{task.total:,.0f} {unit}" if known else "")

    columns = (TextColumn("{task.description}"), BarColumn(), Count(), Rate(), Remaining())
    return Progress(*columns, console=Console(stderr=True), transient=True)


def _plain_lines(label: str, unit: str) -> Report:
    """Report for logs: nothing for a short run, then a line every `LINE_EVERY_S`."""
    start_s = last_s = time.monotonic()
    start: int | None = None

    def report(done: int, total: int) -> None:
        nonlocal last_s, start
        start = done if start is None else start  # what an earlier run did counts for no speed
        now_s = time.monotonic()
        if start < done < total and now_s - last_s >= LINE_EVERY_S:
            last_s = now_s
            rate = (done - start) / (now_s - start_s)
            left_s = (total - done) / rate
            count = f"{done}/{total} {unit}".rstrip()
            typer.echo(f"{label}: {count}, {rate:.3g}/s, {left_s:.0f} s left", err=True)

    return report
