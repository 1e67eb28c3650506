"""`cardiotwin anatomy cycle`: the hearts of one beat, from a fit of every frame."""

import csv
from pathlib import Path
from typing import Annotated

import typer

from .console import Json, print_result, progress_bar

#: Columns of cycle.csv after the frame.
MEASURES = ("lv_cavity_ml", "rv_cavity_ml", "lv_mass_g", "lv_wall_mm", "lv_length_mm")


def cycle(
    folder: Annotated[Path, typer.Argument(help="biv-me fit: its folder, or a file of it.")],
    out: Annotated[Path, typer.Option(help="Folder for frame_000.vtu and on, and cycle.csv.")],
    json: Json = False,
) -> None:
    """Carry one mesh through all frames of a biv-me fit: the heart as it beats.

    All frames share tetrahedra, coordinates and segments, node by node; fibres turn with the
    muscle. ParaView opens the files as one animation.
    """
    from ..anatomy import bivme_hearts, measure, write_heart
    from ..anatomy.bivme import read_control_points
    from ..files.whole_files import whole_file
    from .written import require_folder

    require_folder(out)
    frames = len(read_control_points(folder, points=None))
    out.mkdir(parents=True, exist_ok=True)
    rows = []
    with progress_bar("carrying the mesh", unit="frames") as report:
        report(0, frames)
        for frame, heart in enumerate(bivme_hearts(folder)):
            write_heart(heart, out / f"frame_{frame:03}.vtu")
            found = measure(heart).as_dict()
            rows.append([frame, *(round(float(found[name]), 2) for name in MEASURES)])
            report(frame + 1, frames)
    with whole_file(out / "cycle.csv") as part, part.open("w", newline="") as file:
        csv.writer(file).writerows([("frame", *MEASURES), *rows])
    volumes = [row[1] for row in rows]
    ejected = 1 - min(volumes) / max(volumes)
    text = (
        f"{out}: {frames} frames, left cavity {max(volumes):.0f} to {min(volumes):.0f} ml, "
        f"ejection fraction {100 * ejected:.0f} %"
    )
    result = {"out": out, "frames": frames, "lv_cavity_ml": volumes, "ejection_fraction": ejected}
    print_result(result, text, as_json=json)
