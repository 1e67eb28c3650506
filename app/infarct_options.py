"""How a command is told of an infarct: the artery, how much dies, where."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from ..cohorts import Achieved, InfarctTarget
    from ..sim import SimModel, Tissue

Territory = Annotated[
    str | None, typer.Option(help="Occluded artery: LAD, LCx or RCA. Without it: healthy.")
]
Burden = Annotated[
    float | None, typer.Option(help="Dead share of the left ventricle.", show_default="0.2")
]
Transmurality = Annotated[
    float | None,
    typer.Option(help="Dead share of the wall where there is scar.", show_default="0.62"),
]
Site = Annotated[
    float | None,
    typer.Option(
        help="Of the occlusion, 0 proximal to 1 distal.", show_default="drawn, one that fits"
    ),
]
BorderMm = Annotated[
    float | None, typer.Option(help="Mean width of the border zone.", show_default="4.5")
]
Seed = Annotated[int, typer.Option(min=0, help="Of the infarct's irregularity.")]


def infarct_target(
    territory: str | None, sizes: Mapping[str, float | None]
) -> "InfarctTarget | None":
    """The infarct asked for; None for a healthy heart.

    Parameters
    ----------
    territory
        LAD, LCx or RCA.
    sizes
        Fields of `InfarctTarget` and what the user said of each; None is left to the library.

    Raises
    ------
    ValueError
        When a size is told without a territory, or is impossible.
    """
    told = {name: value for name, value in sizes.items() if value is not None}
    if territory is not None:
        from ..cohorts import InfarctTarget

        names: dict[str, Any] = {"territory": territory, **told}
        return InfarctTarget(**names)
    if told:
        option = "--" + next(iter(told)).replace("_", "-")
        msg = f"{option} is of an infarct; add --territory LAD, LCx or RCA"
        raise ValueError(msg)
    return None


def draw_tissue(model: "SimModel", target: "InfarctTarget", seed: int) -> "tuple[Tissue, Achieved]":
    """Tissue with the infarct, and what it came to."""
    import numpy as np

    from ..cohorts import draw_infarct, prepare_infarcts

    infarcts = prepare_infarcts(model.heart, model)
    drawn = draw_infarct(infarcts, target, np.random.default_rng(seed))
    return drawn.tissue, drawn.achieved
