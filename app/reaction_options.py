"""Options of `cardiotwin sim reaction`: cells, pacing, conduction, steps."""

from typing import Annotated, Literal, NamedTuple

import typer

Method = Literal["explicit", "crank-nicolson", "backward-euler"]

Cell = Annotated[
    str | None,
    typer.Option(
        help="Cell model: ten-tusscher-epi, -m or -endo, bueno-orovio-epi, -m or -endo, "
        "courtemanche, courtemanche-af, fenton-karma-br, mitchell-schaeffer, "
        "mitchell-schaeffer-atrial and others; ten-tusscher or bueno-orovio alone puts the "
        "three layers into the wall of a heart.",
        show_default="mitchell-schaeffer, its atrial set, or on slabs ten-tusscher-epi",
    ),
]
Sources = Annotated[
    list[str] | None,
    typer.Option(
        help="Where it is paced, S1: x,y,z in mm, a node's number, a box x,y,z:x,y,z, roots "
        "of a heart, a vein of an atrium such as rspv, corner or edge of a slab; @5 after "
        "it comes 5 ms later. Repeat it for more.",
        show_default="roots, rspv or corner",
    ),
]
Beats = Annotated[int, typer.Option(min=1, help="Regular pulses, S1; a burst has many.")]
PeriodMs = Annotated[float, typer.Option(help="From one S1 to the next.")]
S2Ms = Annotated[float | None, typer.Option(help="An early pulse S2, so long after the last S1.")]
S2Sources = Annotated[list[str] | None, typer.Option(help="Where S2 comes.", show_default="as S1")]
RadiusMm = Annotated[
    float | None,
    typer.Option(help="Of a paced ball.", show_default="2, or two edges of the mesh"),
]
PulseMs = Annotated[float, typer.Option(help="Length of a pulse.")]
Strength = Annotated[float, typer.Option(help="Of a pulse, mV/ms.")]
WantedCv = Annotated[
    str | None,
    typer.Option(
        help="Wanted speeds along and across the fibre, mm/ms: the diffusivity is matched "
        "on a cable as coarse as the mesh.",
        show_default="0.5,0.38; atria 0.8,0.4",
    ),
]
Diffusivity = Annotated[
    str | None, typer.Option(help="Instead: along and across the fibre, mm2/ms.")
]
Conductivity = Annotated[
    str | None,
    typer.Option(
        help="Instead, in S/m: inside along and across the fibre, outside along and across.",
        show_default="slabs 0.17,0.019,0.62,0.24",
    ),
]
CvEndocardium = Annotated[
    float | None,
    typer.Option(
        help="About how fast the Purkinje layer on the endocardium of a heart is, mm/ms; 0 "
        "for none.",
        show_default="1.04",
    ),
]
DurationMs = Annotated[float, typer.Option(help="Of the run.")]
DtMs = Annotated[
    float | None,
    typer.Option(help="Time step.", show_default="0.02"),
]
MethodOption = Annotated[Method, typer.Option(help="How diffusion is stepped.")]
Substeps = Annotated[
    int | None,
    typer.Option(
        help="Explicit steps of diffusion in one of the cells.",
        show_default="1 with --dt-ms, else as many as the mesh needs",
    ),
]
Threads = Annotated[
    int | None, typer.Option(min=1, help="That share the nodes.", show_default="all cores")
]
FramesMs = Annotated[
    float, typer.Option(min=0, help="Between the frames that are kept; 0 for none.")
]
Moving = Literal["vm", "phase"]
Animation = Annotated[
    Moving | None,
    typer.Option(help="Also write vm.gif, the membrane potential moving, or phase.gif."),
]
Resume = Annotated[bool, typer.Option("--resume", help="Go on with the run that --out holds.")]


class Numerics(NamedTuple):
    """How a run is made: its length, steps, threads, frames, and whether it goes on."""

    duration_ms: float
    dt_ms: float | None
    method: Method
    substeps: int | None
    threads: int
    frames_ms: float
    resume: bool
