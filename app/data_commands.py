"""`cardiotwin data`: real hearts and ECGs, where they lie, how to get and to check them."""

from dataclasses import fields
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .console import Json, print_result, print_table, progress_bar

if TYPE_CHECKING:
    from ..files.checksums import Checked
    from ..files.places import Dataset

app = typer.Typer(
    rich_markup_mode="markdown",
    help="Real hearts and ECGs: list them, fetch them, check them, find them.",
    epilog="Example: cardiotwin data list",
)

Name = Annotated[str, typer.Argument(help="A data set of `cardiotwin data list`.")]

#: Status of a command that found files with other bytes than they should have.
_UNSOUND = 1
#: So many missing files are named in words; --json names all.
_NAMED = 10


@app.command("list", epilog="Example: cardiotwin data list --json")
def list_datasets(json: Json = False) -> None:
    """List the real hearts and ECG sets: licence, size, and where each lies on this machine."""
    from ..files.places import cache_folder, data_folder

    if json:
        roots = {"cardiotwin_data": data_folder(), "cache": cache_folder()}
        kinds = {k: [_facts(d) for d in _known() if d.kind == k] for k in ("hearts", "ecg")}
        print_result(roots | kinds, "", as_json=True)
        return
    rows = [
        (d.name, d.kind, d.title, d.licence, _size(d), d.find() or _remedy(d)) for d in _known()
    ]
    columns = ("name", "kind", "what", "licence", "MB", "where, or how to get it")
    print_table("Real hearts and ECGs", columns, rows)


@app.command(epilog="Example: cardiotwin data fetch rodero01")
def fetch(name: Name, json: Json = False) -> None:
    """Download a data set into the cache folder; one that is there already is left alone.

    A broken download goes on where it broke off when the command is given again.
    """
    from ..files.fetching import fetch

    wanted = _named(name)
    there = wanted.is_in(wanted.cached)
    with progress_bar(f"fetching {name}", unit=wanted.unit) as report:
        folder = fetch(wanted, progress=report)
    text = f"{name} {'was already' if there else 'is now'} in {folder}"
    print_result({"name": name, "folder": folder, "fetched": not there}, text, as_json=json)


@app.command(epilog="Example: cardiotwin data verify mitdb")
def verify(name: Name, json: Json = False) -> None:
    """Compare the files of a data set with its checksums, and say what is not here.

    The status is 0 when no file is bad, though some may be missing, and 1 when one is.
    """
    from ..files.checksums import verify

    wanted = _named(name)
    folder = wanted.locate()
    with progress_bar(f"checking {name}", unit="files") as report:
        found = verify(wanted, folder, progress=report)
    lines = [f"bad: {path}" for path in found.bad]
    lines += [f"missing: {path}" for path in found.missing[:_NAMED]]
    if len(found.missing) > _NAMED:
        lines.append(f"missing: {len(found.missing) - _NAMED} more, which --json names")
    lines.append(f"{name} in {folder}: {_verdict(found)}")
    counts = {"good": len(found.good), "unchecked": len(found.unchecked)}
    facts = {"name": name, "folder": folder, **found._asdict(), **counts}
    print_result(facts, "\n".join(lines), as_json=json)
    if found.bad:
        raise typer.Exit(_UNSOUND)


@app.command(epilog="Example: cardiotwin data where rodero01")
def where(name: Name, json: Json = False) -> None:
    """Print the folder that holds a data set."""
    folder = _named(name).locate()
    print_result({"name": name, "folder": folder}, str(folder), as_json=json)


@app.command(epilog="Example: cardiotwin data cache --clear")
def cache(
    clear: Annotated[bool, typer.Option("--clear", help="Remove all kept results.")] = False,
    json: Json = False,
) -> None:
    """Say how much the kept results of work on records take, or remove them."""
    from ..files.places import cache_folder
    from ..signals.record_cache import size_mb, trim

    removed_mb = trim(0.0) if clear else 0.0
    kept_mb = size_mb()
    folder = cache_folder() / "records"
    text = f"{kept_mb:.1f} MB of results in {folder}"
    facts = {"folder": folder, "kept_mb": kept_mb, "removed_mb": removed_mb}
    print_result(facts, f"removed {removed_mb:.1f} MB; {text}" if clear else text, as_json=json)


def _known() -> "tuple[Dataset, ...]":
    from ..anatomy import datasets as hearts
    from ..signals.datasets import ecg_datasets

    return (*hearts.datasets(), *ecg_datasets())


def _named(name: str) -> "Dataset":
    from ..files.places import named

    return named(name, _known())


def _facts(one: "Dataset") -> dict[str, Any]:
    """What is known of a data set, and where it lies."""
    kept = {f.name: getattr(one, f.name) for f in fields(one) if f.name != "origin"}
    return kept | {"fetchable": one.origin is not None, "folder": one.find()}


def _size(one: "Dataset") -> str:
    """Megabytes, to three digits."""
    return "?" if one.size_mb is None else f"{float(f'{one.size_mb:.3g}'):g}"


def _remedy(one: "Dataset") -> str:
    fetchable = one.origin is not None
    return f"cardiotwin data fetch {one.name}" if fetchable else "set CARDIOTWIN_DATA"


def _verdict(found: "Checked") -> str:
    """One line on the whole set."""
    parts = [f"{len(found.good)} of its files as they should be"] if found.good else []
    parts += [f"{len(found.bad)} bad" if found.bad else "none bad"]
    if found.unchecked:
        parts.append(f"{len(found.unchecked)} records are here without checksums")
    if found.missing:
        parts.append(f"a part of the set: {len(found.missing)} of its files are not here")
    if not any(found):
        return "it comes without checksums and without a list of records"
    return ", ".join(parts)
