"""What the commands of `cardiotwin ecg` are told alike: which file, leads, part and filters."""

from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

import typer

if TYPE_CHECKING:
    from ..signals import ECG

FileSpec = Annotated[
    str,
    typer.Argument(
        metavar="FILE",
        help="WFDB (.hea, or its name without an ending), EDF or BDF, CSV, NPZ or DICOM; or a "
        "record of a data set of `cardiotwin data list`, such as mitdb:100.",
        show_default=False,
    ),
]
Leads = Annotated[
    str | None,
    typer.Option(help="Leads by name, commas between, such as II,V1.", show_default="all"),
]
StartS = Annotated[float, typer.Option(min=0, help="Second at which to begin.")]
LengthS = Annotated[
    float | None,
    typer.Option(min=0.001, help="Seconds from there.", show_default="to the end"),
]
HighpassHz = Annotated[
    float | None,
    typer.Option(
        help="Take off what is slower: 0.67 for baseline wander, zero-phase, with ST kept.",
        show_default="none",
    ),
]
LowpassHz = Annotated[
    float | None,
    typer.Option(
        help="Take off what is faster: 40 for tremor, 150 to keep a QRS as it is; zero-phase.",
        show_default="none",
    ),
]
Mains = Annotated[
    Literal["50", "60", "auto"] | None,
    typer.Option(help="Take off the hum of the mains, Hz; auto looks for it.", show_default="none"),
]


class Part(NamedTuple):
    """Which leads of a record, from when and how much of it."""

    leads: tuple[str, ...] | None
    start_s: float
    length_s: float | None

    @property
    def stop_s(self) -> float:
        """Where it ends; infinite for the end of the record."""
        return float("inf") if self.length_s is None else self.start_s + self.length_s

    def require_within(self, duration_s: float) -> None:
        """Raise when the part begins where the record has ended.

        Raises
        ------
        ValueError
            Says how long the record is.
        """
        if self.start_s >= duration_s:
            msg = f"--start-s {self.start_s:g} lies beyond the record, {duration_s:g} s long"
            raise ValueError(msg)


def part_of(leads: str | None, start_s: float, length_s: float | None) -> Part:
    """Options as one value; names of leads in any case, `avr` for aVR."""
    from ..signals.lead_names import name_in_ecg

    if leads is None:
        return Part(None, start_s, length_s)
    names = tuple(name_in_ecg(word.strip()) for word in leads.split(",") if word.strip())
    if not names:
        msg = f"--leads must name leads, commas between, got {leads!r}"
        raise ValueError(msg)
    return Part(names, start_s, length_s)


class Filtering(NamedTuple):
    """Zero-phase filters, in the order in which they are applied."""

    highpass_hz: float | None = None
    lowpass_hz: float | None = None
    mains: str | None = None

    @property
    def words(self) -> str:
        """What was done to the traces, as it stands beside the scale of a paper; else empty."""
        low, high = self.highpass_hz, self.lowpass_hz
        bands = {
            (True, True): f"{low} to {high} Hz",
            (True, False): f"from {low} Hz",
            (False, True): f"to {high} Hz",
        }
        band = bands.get((low is not None, high is not None), "")
        hum = "" if self.mains is None else f"mains {self.mains} Hz off".replace("auto Hz", "hum")
        return ", ".join(filter(None, [band, hum]))

    def settled(self, ecg: "ECG") -> "Filtering":
        """The same with a frequency of the mains in the place of auto, for all pieces alike."""
        from ..signals.mains import mains_hz

        if self.mains != "auto":
            return self
        found = mains_hz(ecg)
        return self._replace(mains=None if found is None else f"{found:g}")

    def apply(self, ecg: "ECG") -> "ECG":
        """The ECG filtered; itself when no filter is asked for."""
        from ..signals.filters import highpass, lowpass
        from ..signals.mains import notch

        if self.highpass_hz is not None:
            ecg = highpass(ecg, self.highpass_hz)
        if self.lowpass_hz is not None:
            ecg = lowpass(ecg, self.lowpass_hz)
        if self.mains is not None:
            ecg = notch(ecg, None if self.mains == "auto" else float(self.mains))
        return ecg

    def margin_ms(self, fs_hz: float) -> float:
        """How far the filters look around; that of `auto` is settled first."""
        from ..signals.filters import high_pass_filter, low_pass_filter
        from ..signals.mains import notch_filter

        used = []
        if self.highpass_hz is not None:
            used.append(high_pass_filter(fs_hz, self.highpass_hz))
        if self.lowpass_hz is not None:
            used.append(low_pass_filter(fs_hz, self.lowpass_hz))
        if self.mains is not None:
            used.append(notch_filter(fs_hz, float(self.mains)))
        return sum(one.memory_ms for one in used)


#: All leads of all of a record, as it is.
WHOLE, AS_IT_IS = Part(None, 0.0, None), Filtering()
