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
app.command(epilog="Examples: cardiotwin ecg info 100.hea; cardiotwin ecg info ptb-xl:1 --json")(
    info
)
app.command(
    epilog="Examples: cardiotwin ecg plot ptb-xl:1 --waves --out ecg.pdf; cardiotwin ecg plot "
    "mitdb:208 --tachogram --out 208.png; cardiotwin ecg plot 208.hea --start-s 300 --length-s "
    "10 --out strip.png"
)(plot)
app.command(
    epilog="Examples: cardiotwin ecg beats mitdb:100 --out 100.csv; cardiotwin ecg beats "
    "holter.edf --leads II --out holter.qrs"
)(beats)
app.command(epilog="Example: cardiotwin ecg measure ptb-xl:1 --json")(measure)
app.command(
    epilog="Examples: cardiotwin ecg convert 100.hea 100.edf; cardiotwin ecg convert holter.edf "
    "night.npz --start-s 82800 --length-s 3600 --fs-hz 250"
)(convert)
