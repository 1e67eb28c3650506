"""`cardiotwin anatomy`: make a heart, and say how good it is."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from .console import Json, print_result, print_table, progress_bar

app = typer.Typer(
    rich_markup_mode="markdown",
    help="Hearts: build one as a .vtu file, check its mesh.",
    epilog="Example: cardiotwin anatomy build builtin --out heart.vtu",
)

Spec = Annotated[
    str, typer.Argument(help="builtin, a heart of `cardiotwin data list`, or a .vtu file.")
]


@app.command(epilog="Example: cardiotwin anatomy build builtin --out heart.vtu")
def build(
    spec: Spec,
    out: Annotated[Path, typer.Option(help="File to write, ending in .vtu.")],
    json: Json = False,
) -> None:
    """Build a heart: tetrahedra, fibres, ventricular coordinates, AHA segments, electrodes.

    The file opens in ParaView, and every command takes it in place of a heart's name.
    """
    from ..anatomy import load_heart, write_heart
    from .written import require_ending

    require_ending(out, (".vtu",))
    with progress_bar(f"building {spec}", unit="steps") as report:
        report(0, 2)
        heart = load_heart(spec)
        report(1, 2)
        write_heart(heart, out)
        report(2, 2)
    n, m = len(heart.nodes_mm), len(heart.tets)
    result = {"heart": heart.name, "out": out, "nodes": n, "tets": m}
    print_result(result, f"{out}: {heart.name}, {n} nodes, {m} tetrahedra", as_json=json)


@app.command(epilog="Example: cardiotwin anatomy check heart.vtu --out heart.png")
def check(
    spec: Spec,
    out: Annotated[
        Path | None,
        typer.Option(help="Picture of segments and coordinates: .png, .svg or .pdf."),
    ] = None,
    json: Json = False,
) -> None:
    """Measure a heart's mesh: size, shape of the tetrahedra, walls, topology, and what to watch.

    A broken mesh (inverted tetrahedra, NaN, wrong units) is an error, status 2; a mesh with
    warnings is not.
    """
    from ..anatomy import load_heart
    from ..anatomy.quality import mesh_quality
    from ..viz.anatomy import plot_anatomy
    from .written import PICTURES, require_ending

    if out is not None:
        require_ending(out, PICTURES)
    steps = 2 if out is None else 3
    with progress_bar(f"checking {spec}", unit="steps") as report:
        report(0, steps)
        heart = load_heart(spec)
        report(1, steps)
        found = mesh_quality(heart.nodes_mm, heart.tets, heart.surfaces)
        report(2, steps)
        if out is not None:
            plot_anatomy(heart, path=out)
            report(3, steps)
    if json:
        print_result({"heart": heart.name, "out": out} | asdict(found), "", as_json=True)
        return
    rows = [
        ("nodes", f"{found.nodes:,}"),
        ("tetrahedra", f"{found.tets:,}"),
        ("muscle", f"{found.volume_ml:.1f} ml"),
        ("scaled Jacobian, least", f"{found.min_scaled_jacobian:.3f}"),
        ("scaled Jacobian, mean", f"{found.mean_scaled_jacobian:.3f}"),
        ("left wall, median", f"{found.lv_wall_median_mm:.1f} mm"),
        ("right wall, median", f"{found.rv_wall_median_mm:.1f} mm"),
        ("pieces", found.pieces),
        ("closed, manifold boundary", "yes" if found.boundary_is_manifold else "no"),
        ("Euler number of the boundary", found.boundary_euler_number),
        ("warnings", "\n".join(found.warnings) or "none"),
    ]
    print_table(f"Mesh of {heart.name}", ("measure", "value"), rows, note=str(out or ""))
