"""`cardiotwin anatomy sample`: a population of hearts, each its own .vtu file."""

from pathlib import Path
from statistics import fmean, pstdev
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .console import Json, print_result, print_table, progress_bar

if TYPE_CHECKING:
    from ..anatomy.norms import Population, Sex
    from ..anatomy.sample_files import SampleSummary

#: Columns of the table that is printed, with their units.
_SHOWN = {
    "lv_cavity_ml": "left cavity, ml",
    "lv_mass_g": "left mass, g",
    "rv_cavity_ml": "right cavity, ml",
    "lv_length_mm": "left length, mm",
    "lv_diameter_mm": "left diameter, mm",
    "lv_sphericity": "sphericity",
    "lv_wall_mm": "left wall, mm",
    "rv_wall_mm": "right wall, mm",
}


def sample(
    out: Annotated[Path, typer.Option(help="Folder for 0000.vtu and on, and hearts.csv.")] = Path(
        "hearts"
    ),
    n: Annotated[int, typer.Option(help="Hearts.")] = 8,
    seed: Annotated[int, typer.Option(help="The same seed gives the same hearts.")] = 0,
    base: Annotated[
        str, typer.Option(help="What is reshaped: builtin, a name of `data list`, or a .vtu file.")
    ] = "builtin",
    population: Annotated[str, typer.Option(help="healthy or post-infarction.")] = "healthy",
    json: Json = False,
) -> None:
    """Draw hearts whose volumes, mass and walls are distributed as published of people.

    The hearts share their mesh's connections, node by node. Stopped at any moment, the same
    command goes on where it was. The table shows what was measured beside what is published.
    """
    from typing import cast

    from ..anatomy import load_heart
    from ..anatomy.sample import check_sampling
    from ..anatomy.sample_files import write_sample
    from .written import require_folder

    kind = population.replace("-", "_")
    check_sampling(n, seed, kind)
    require_folder(out)
    with progress_bar(f"sampling {population} hearts", unit="hearts") as report:
        made = write_sample(
            out,
            n,
            load_heart(base),
            seed=seed,
            population=cast("Population", kind),
            progress=report,
        )
    text = f"{out}: {n} hearts, {made.new} of them new, {made.redraws} draws rejected"
    if json:
        result = {"out": out, "n": n, "new": made.new, "redraws": made.redraws}
        result |= {"population": kind, "base": base, "seed": seed}
        print_result(result | {"table": _rows(made)}, "", as_json=True)
        return
    rows = [_shown(row) for row in _rows(made)]
    note = f"{text}\nPublished: {'; '.join(sorted({r['source'] for r in _rows(made)} - {None}))}"
    titles = ("measure", "sex", "sampled", "published", "inside")
    print_table(f"{n} {population} hearts", titles, rows, note=note)


def _rows(made: "SampleSummary") -> list[dict[str, Any]]:
    """One row a measure and sex: what the sample has, and what is published."""
    from ..anatomy.norms import NORMS, SEXES

    def row(name: str, sex: "Sex") -> dict[str, Any]:
        values = made.column(name, sex)
        norm = NORMS[made.population][sex].get(name)
        return {
            "measure": name,
            "sex": sex,
            "n": len(values),
            "mean": fmean(values),
            "sd": pstdev(values),
            "least": min(values),
            "most": max(values),
            "published": (norm.low, norm.high) if norm else None,
            "inside": sum(map(norm.holds, values)) if norm else None,
            "source": norm.source if norm else None,
        }

    return [row(name, sex) for name in _SHOWN for sex in SEXES if made.column(name, sex)]


def _shown(row: dict[str, Any]) -> tuple[str, ...]:
    """One line of the table."""
    sampled = "{mean:.4g} ± {sd:.2g} ({least:.4g} to {most:.4g})".format(**row)
    if row["published"] is None:
        return _SHOWN[row["measure"]], row["sex"], sampled, "", ""
    low, high = row["published"]
    inside = f"{row['inside']} of {row['n']}"
    return _SHOWN[row["measure"]], row["sex"], sampled, f"{low:.4g} to {high:.4g}", inside
