"""How a command is told which heart: its name or file, and what the file does not say itself."""

from typing import Annotated

import typer

Spec = Annotated[
    str,
    typer.Argument(
        help="builtin, a heart of `cardiotwin data list`, or a file or folder: tetrahedra (.vtu "
        ".vtk .pts), a surface (.vtp .ply .stl .obj .vtk), a label map (.nii .nii.gz), a biv-me "
        "fit, Camps' csv files, a folder of open surfaces."
    ),
]
Labels = Annotated[
    str | None,
    typer.Option(
        help="What labels mean: acdc, emidec or mnms of a label map, or pairs such as "
        "1=rv_cavity,2=myocardium,3=lv_cavity; of a surface 1=base,2=epi,3=lv_endo,4=rv_endo.",
        show_default="told by the anatomy or by names",
    ),
]
Frame = Annotated[
    int | None,
    typer.Option(help="Frame of the beat, from 0, of a biv-me fit or a 4D label map."),
]
Units = Annotated[
    str | None, typer.Option(help="Unit of a mesh: mm, cm, m or um.", show_default="mm")
]
Rv = Annotated[
    str | None,
    typer.Option(
        help="Right ventricle of a label map: labels, or template to make one up where the map "
        "has none.",
        show_default="labels",
    ),
]
RvWall = Annotated[
    float | None,
    typer.Option(help="Right free wall of a label map, which does not show it; mm."),
]
Lattice = Annotated[
    float | None, typer.Option(help="Edge of the lattice that is filled with tets; mm.")
]
Mesher = Annotated[
    str | None,
    typer.Option(
        help="Of surfaces: stuffing; tetwild, slow, of the extra `mesh`; of biv-me fits also "
        "morph, one mesh for all.",
        show_default="stuffing",
    ),
]
Pose = Annotated[
    str | None,
    typer.Option(
        help="own turns a heart whose file has axes of its own into those of a body, as hearts "
        "usually lie.",
        show_default="body",
    ),
]
