"""`cardiotwin ecg measure`: intervals, axes and amplitudes of the median beat."""

from math import isnan
from typing import TYPE_CHECKING, Any

from . import ecg_options as options
from .console import Json, print_result, print_table
from .ecg_file import open_ecg
from .ecg_options import Filtering, part_of

if TYPE_CHECKING:
    from ..signals import ECG
    from ..signals.intervals import Measured

#: A median beat of more than this says little about a moment.
_MOST_S = 60.0
#: What is measured, how it is called, its unit, and what is normal in adults: AHA/ACC/HRS 2009
#: (Surawicz, Circulation 119:e235; Rautaharju, Circulation 119:e241).
_ROWS = (
    ("rate_per_min", "rate", "/min", "60 to 100"),
    ("p_ms", "P wave", "ms", "up to 120"),
    ("pr_ms", "PR interval", "ms", "120 to 200"),
    ("qrs_ms", "QRS", "ms", "up to 110"),
    ("qt_ms", "QT", "ms", ""),
    ("qtc_bazett_ms", "QTc, Bazett", "ms", "390 to 460 / 450"),
    ("qtc_fridericia_ms", "QTc, Fridericia", "ms", "390 to 460 / 450"),
    ("qtc_framingham_ms", "QTc, Framingham", "ms", "390 to 460 / 450"),
    ("qtc_hodges_ms", "QTc, Hodges", "ms", "390 to 460 / 450"),
    ("p_axis_deg", "axis of P", "deg", "0 to 75"),
    ("qrs_axis_deg", "axis of QRS", "deg", "-30 to 90"),
    ("t_axis_deg", "axis of T", "deg", "15 to 75"),
)
_COLUMNS = ("lead", "Q mV", "Q ms", "R mV", "S mV", "J mV", "J+60 mV", "J+80 mV", "T mV")


def measure(
    file: options.FileSpec,
    leads: options.Leads = None,
    start_s: options.StartS = 0.0,
    length_s: options.LengthS = None,
    highpass_hz: options.HighpassHz = None,
    lowpass_hz: options.LowpassHz = None,
    mains: options.Mains = None,
    json: Json = False,
) -> None:
    """Measure the median beat: rate, PR, QRS, QT, QTc, axes, and the waves of each lead.

    The usual beats of up to a minute are aligned and their median taken, without baseline
    wander. Amplitudes are over the level before the QRS. What is not there, such as PR in atrial
    fibrillation, is left blank.
    """
    from ..signals.intervals import measure_beat

    source, part = open_ecg(file), part_of(leads, start_s, length_s)
    part.require_within(source.info.duration_ms / 1000)
    part = part._replace(length_s=min(part.length_s or _MOST_S, _MOST_S))
    ecg = Filtering(highpass_hz, lowpass_hz, mains).apply(source.ecg(part))
    found = measure_beat(ecg)
    result: dict[str, Any] = {
        "file": source.name,
        "beats": found.intervals.beats,
        "intervals": {name: getattr(found.intervals, name) for name, *_ in _ROWS},
        "leads": _leads(found),
        "arms_exchanged": _arms_exchanged(ecg),
    }
    if json:
        print_result(result, "", as_json=True)
        return
    from ..viz.median_beat import beat_words

    columns = ("measure", "value", "normal, women / men")
    title = f"{beat_words(found.intervals.beats).capitalize()} of {source.name}"
    print_table(title, columns, _rows(result))
    print_table("Leads", _COLUMNS, _lead_rows(result["leads"]), note=_remark(result))


def _leads(found: "Measured") -> dict[str, dict[str, float]]:
    """Amplitudes of each lead, and its own borders of waves."""
    from ..signals.amplitudes import lead_amplitudes

    whole = found.waves.over_leads()
    t_ms = float(whole.t_onset_ms[0, 0]), float(whole.t_offset_ms[0, 0])
    leads = {}
    for name, lead in lead_amplitudes(found.beat.ecg, found.beat.r_ms, t_ms).items():
        rest = {key: getattr(lead, key) for key in ("j_mv", "j60_mv", "j80_mv", "t_mv")}
        leads[name] = lead.qrs._asdict() | rest
    return leads


def _arms_exchanged(ecg: "ECG") -> bool | None:
    """Whether the electrodes of the arms seem exchanged; None where I or V6 is missing."""
    from ..signals.electrode_swap import arms_swapped

    return arms_swapped(ecg) if {"I", "V6"} <= set(ecg.leads) else None


def _rows(result: dict[str, Any]) -> list[tuple[str, str, str]]:
    found = result["intervals"]
    return [
        (words, "" if isnan(found[name]) else f"{found[name]:.0f} {unit}", normal)
        for name, words, unit, normal in _ROWS
    ]


def _lead_rows(leads: dict[str, dict[str, float]]) -> list[tuple[str, ...]]:
    """A line a lead; a wave that is not there is blank, and so is an S that is Q itself."""
    return [
        (
            name,
            _number(lead["q_mv"]),
            _number(lead["q_ms"], 0),
            _number(lead["r_mv"]),
            _number(0.0 if lead["s_mv"] == lead["q_mv"] else lead["s_mv"]),
            *(
                f"{lead[key]:.2f}".replace("-0.00", "0.00")
                for key in ("j_mv", "j60_mv", "j80_mv", "t_mv")
            ),
        )
        for name, lead in leads.items()
    ]


def _number(value: float, digits: int = 2) -> str:
    return "" if value == 0 or isnan(value) else f"{value:.{digits}f}"


def _remark(result: dict[str, Any]) -> str:
    return "I and V6 are opposed: were arms exchanged?" if result["arms_exchanged"] else ""
