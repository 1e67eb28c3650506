"""The command line: parse, call one library function, print one result."""

import os
import sys
import warnings
from collections.abc import Sequence
from typing import Annotated, Any, cast

import typer

from . import anatomy_commands, cohort_commands, data_commands, ecg_commands, sim_commands
from .console import fail, note
from .demo import demo
from .view_commands import view

#: Exit statuses: a mistake of the user's, and Ctrl-C.
MISTAKE, INTERRUPTED = 2, 130
#: Wrong arguments. From 0.26 on typer brings its own click, whose `UsageError` it does not export.
UsageError = cast("type[Exception]", typer.BadParameter.__mro__[1])

app = typer.Typer(
    rich_markup_mode="markdown",
    help="Cardiac digital twins: virtual patients from real hearts.",
    epilog="Example: cardiotwin data list",
    add_completion=False,
)
app.command(epilog="Example: cardiotwin demo --out demo --n 24")(demo)
app.add_typer(data_commands.app, name="data")
app.add_typer(anatomy_commands.app, name="anatomy")
app.add_typer(sim_commands.app, name="sim")
app.add_typer(ecg_commands.app, name="ecg")
app.add_typer(cohort_commands.app, name="cohort")
app.command(epilog="Example: cardiotwin view c.zarr --case 3 --out scar.png")(view)


def _print_version(wanted: bool) -> None:
    if wanted:
        from .. import __version__

        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def cardiotwin(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print it."),
    ] = False,
) -> None:
    """Cardiac digital twins: virtual patients from real hearts."""


def _with_remedy(error: Any) -> str:
    """What is wrong with the arguments, and where to read on."""
    path = error.ctx.command_path if error.ctx else "cardiotwin"
    return f"{error.format_message().rstrip('.')}; see `{path} --help`"


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; a mistake of the user's is one line on stderr, not a traceback.

    So is a warning of the package's own.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("default", category=UserWarning, module="cardiotwin")
        warnings.showwarning = lambda message, *_: note(message)
        return _run(list(sys.argv[1:] if argv is None else argv))


def _run(arguments: list[str]) -> int:
    """Status of one command."""
    command = typer.main.get_command(app)
    try:
        with command.make_context("cardiotwin", arguments or ["--help"]) as context:
            command.invoke(context)
    except typer.Exit as end:
        return end.exit_code
    except UsageError as error:
        fail(_with_remedy(error))
        return MISTAKE
    except (KeyboardInterrupt, typer.Abort) as stop:
        fail(str(stop) or "stopped by Ctrl-C")
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our output, such as `head`, has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (ValueError, OSError) as error:
        fail(error)
        return MISTAKE
    return 0
