"""A user's own body on the command line: files of its skin and electrodes, and a heart in it."""

import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple, cast

import typer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..anatomy import Heart, Torso
    from ..anatomy.torso_files import Frame

#: The boundary elements of the skin make a dense system: 9 s and 1.7 GB at this size.
MOST_TRIANGLES = 8000

TorsoFile = Annotated[
    Path | None,
    typer.Option(
        "--torso",
        help="Closed skin of your own body: .vtp .vtk .ply .stl .obj, in the axes and place of "
        "the heart, which must lie inside it.",
        show_default="fitted to the electrodes",
    ),
]
Electrodes = Annotated[
    Path | None,
    typer.Option(
        help="Your own electrodes: .csv lines of name,x,y,z or a .json object of name to [x, y, "
        "z], for LA RA LL RL V1 to V6, in the axes of the heart. With --torso they move to the "
        "nearest skin.",
        show_default="the heart's own; on a --torso, placed by rule",
    ),
]
TorsoUnits = Annotated[
    str | None,
    typer.Option(
        help="Unit of both files: mm, cm, m or um.", show_default="the one that makes them a body's"
    ),
]
TorsoFrame = Annotated[
    str | None,
    typer.Option(
        help="Axes of both files: LPS (x to the left, y to the back) or RAS (right, front).",
        show_default="LPS",
    ),
]


class Body(NamedTuple):
    """What a user's files say of a body; None where it is left to the package."""

    torso: "Torso | None"
    electrodes_mm: "NDArray[np.float64] | None"


def read_body(
    torso: Path | None, electrodes: Path | None, units: str | None, frame: str | None
) -> Body:
    """What the files hold, in mm and in the axes of hearts.

    Raises
    ------
    OSError
        When a file cannot be read.
    ValueError
        When one is damaged or of another size, the skin is not closed or too fine, an electrode
        that twelve leads need is missing, or a unit or frame is of no file.
    """
    from ..anatomy import read_electrodes, read_torso

    for option, value in (("units", units), ("frame", frame)):
        if value is not None and torso is None and electrodes is None:
            msg = f"--torso-{option} is of a file; add --torso or --electrodes"
            raise ValueError(msg)
    axes = cast("Frame", frame or "LPS")  # the readers refuse others
    skin = None if torso is None else read_torso(torso, units=units, frame=axes)
    at_mm = None if electrodes is None else read_electrodes(electrodes, units=units, frame=axes)
    if skin is not None and len(skin.triangles) > MOST_TRIANGLES:
        msg = (
            f"{torso}: {len(skin.triangles):,} triangles are too many to solve; leave at most "
            f"{MOST_TRIANGLES:,}, e.g. with pyvista's decimate"
        )
        raise ValueError(msg)
    if at_mm is not None:
        _require_leads(at_mm, str(electrodes))
    return Body(skin, at_mm)


def seat(heart: "Heart", body: Body) -> "tuple[Heart, Torso | None]":
    """The heart with the user's electrodes, and the body about it; None is left to `prepare`.

    Raises
    ------
    ValueError
        When the heart does not lie inside the skin, or an electrode lies off it.
    """
    from ..anatomy import fit_torso, seat_heart

    if body.torso is not None:
        return seat_heart(heart, body.torso, body.electrodes_mm), body.torso
    if body.electrodes_mm is None:
        return heart, None
    return replace(heart, electrodes_mm=body.electrodes_mm), fit_torso(body.electrodes_mm)


def _require_leads(electrodes_mm: "NDArray[np.float64]", name: str) -> None:
    """Raise when an electrode of the twelve leads has no place; the right leg has no part."""
    from ..anatomy import ELECTRODES

    places_mm = zip(ELECTRODES, electrodes_mm.tolist(), strict=True)
    lacking = [e for e, at_mm in places_mm if e != "RL" and math.isnan(at_mm[0])]
    if lacking:
        msg = f"{name}: lacks {', '.join(lacking)}; twelve leads need LA, RA, LL and V1 to V6"
        raise ValueError(msg)
