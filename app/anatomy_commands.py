"""`cardiotwin anatomy`: make hearts, and say how good they are."""

from pathlib import Path
from typing import Annotated

import typer

from .anatomy_check import check
from .anatomy_cycle import cycle
from .anatomy_sample import sample
from .console import Json, print_result, progress_bar
from .heart_options import Frame, Labels, Lattice, Mesher, Pose, Rv, RvWall, Spec, Units

#: Endings of hearts.
HEARTS = (".vtu", ".pts")

app = typer.Typer(
    rich_markup_mode="markdown",
    help="Hearts: build one from images, surfaces or meshes, check it, draw a population.",
    epilog="Example: cardiotwin anatomy build patient_gt.nii.gz --out heart.vtu",
)
app.command(epilog="Example: cardiotwin anatomy check heart.vtu --out report.html")(check)
app.command(epilog="Example: cardiotwin anatomy cycle fits/patient1 --out beat")(cycle)
app.command(epilog="Example: cardiotwin anatomy sample --n 100 --seed 1 --out hearts")(sample)


@app.command(epilog="Example: cardiotwin anatomy build patient_gt.nii.gz --out heart.vtu")
def build(
    spec: Spec,
    out: Annotated[
        Path, typer.Option(help="File to write: .vtu, or .pts with openCARP's .elem and .lon.")
    ],
    labels: Labels = None,
    frame: Frame = None,
    units: Units = None,
    rv: Rv = None,
    rv_wall_mm: RvWall = None,
    lattice_mm: Lattice = None,
    mesher: Mesher = None,
    pose: Pose = None,
    json: Json = False,
) -> None:
    """Build a heart: tetrahedra, fibres, ventricular coordinates, AHA segments, electrodes.

    A .vtu opens in ParaView, and every command takes it in place of a heart's name.
    """
    from ..anatomy import load_heart, write_heart
    from ..anatomy.formats import FileOptions
    from ..anatomy.opencarp import write_opencarp
    from .written import require_ending

    require_ending(out, HEARTS)
    options = FileOptions(
        labels=labels,
        frame=frame,
        units=units,
        rv=rv,
        rv_wall_mm=rv_wall_mm,
        lattice_mm=lattice_mm,
        mesher=mesher,
        pose=pose,
    )
    with progress_bar(f"building {spec}", unit="steps") as report:
        report(0, 2)
        heart = load_heart(spec, options)
        report(1, 2)
        write = write_heart if out.suffix == ".vtu" else write_opencarp
        write(heart, out)
        report(2, 2)
    n, m = len(heart.nodes_mm), len(heart.tets)
    result = {"heart": heart.name, "out": out, "nodes": n, "tets": m}
    print_result(result, f"{out}: {heart.name}, {n} nodes, {m} tetrahedra", as_json=json)
