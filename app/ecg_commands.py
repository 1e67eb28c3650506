"""`cardiotwin ecg`: look into ECG records, draw, measure and convert them."""

import typer

from .ecg_beats import beats
from .ecg_convert import convert
from .ecg_info import info
from .ecg_measure import measure
from .ecg_plot import plot

app = typer.Typer(
    rich_markup_mode="markdown",
    help="ECG records, real or simulated: look into them, draw, measure and convert them.\n\n"
    "FILE is WFDB, EDF, BDF, CSV, NPZ or DICOM, or a record of a data set of `cardiotwin data "
    "list`, such as mitdb:100 or ptb-xl:1. Leads go by their names.",
    short_help="Look into ECG records, draw, measure and convert them.",
    epilog="Example: cardiotwin ecg plot mitdb:208 --out 208.png",
)


def _examples(*commands: str) -> str:
    """As they stand below the options."""
    return "Example: " + "; ".join(f"cardiotwin ecg {command}" for command in commands)


app.command(epilog=_examples("info 100.hea", "info ptb-xl:1 --json"))(info)
app.command(
    epilog=_examples(
        "plot ptb-xl:1 --waves --out ecg.pdf",
        "plot mitdb:208 --tachogram --out 208.png",
        "plot 208.hea --start-s 300 --length-s 10 --out strip.png",
    )
)(plot)
app.command(
    epilog=_examples(
        "beats mitdb:100 --out 100.csv", "beats holter.edf --leads II --out holter.qrs"
    )
)(beats)
app.command(epilog=_examples("measure ptb-xl:1 --json"))(measure)
app.command(
    epilog=_examples(
        "convert 100.hea 100.edf",
        "convert holter.edf night.npz --start-s 82800 --length-s 3600 --fs-hz 250",
    )
)(convert)
