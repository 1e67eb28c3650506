"""`cardiotwin sim`: simulations of one heart, atrium or slab; without a word more, a beat."""

from typing import Any

import typer
from typer.core import TyperGroup

from .sim_beat import beat
from .sim_ecg import ecg
from .sim_eikonal import eikonal
from .sim_reaction import reaction


class BeatUnlessNamed(TyperGroup):
    """Group that takes its first word for that of a heart when it is no command's."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Words as they stand, or after `beat`."""
        named = args[:1] == ["--help"] or (args[:1] and args[0] in self.commands)
        return super().parse_args(ctx, args if named else ["beat", *args])


app = typer.Typer(
    cls=BeatUnlessNamed,
    rich_markup_mode="markdown",
    help="Simulate: `cardiotwin sim SPEC` is one beat of a heart, as `cardiotwin sim beat SPEC`, "
    "whose help has its options.\n\nThe others: eikonal, when each part is activated, on hearts, "
    "atria and slabs; reaction, waves of detailed cells there; ecg, what either looks like from "
    "the skin.",
    short_help="Simulate a beat, a wave of activation, waves of cells, their ECG.",
    epilog="Example: cardiotwin sim rodero01 --territory RCA --burden 0.2 --out beat",
)
app.command(epilog="Example: cardiotwin sim beat builtin --territory LAD --burden 0.2 --out beat")(
    beat
)
app.command(epilog="Example: cardiotwin sim eikonal la_kruse_01 --source rspv --out wave")(eikonal)
app.command(
    epilog="Example: cardiotwin sim reaction slab:20x7x3@0.5 --cell ten-tusscher-epi --out wave"
)(reaction)
app.command(epilog="Example: cardiotwin sim ecg wave/activation.vtu --medium lungs --out ecg")(ecg)
