"""The channels of a file, sorted into the leads of an ECG and other traces."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .ecg import ECG
from .lead_names import LEADS, canonical_lead, name_in_ecg
from .recording import Marks, Recording, Trace

#: Multiply and divide to get mV; one of the two is 1, so that each sample is rounded only once.
_TO_MV = {
    "v": (1e3, 1.0),
    "mv": (1.0, 1.0),
    "uv": (1.0, 1e3),
    "\u00b5v": (1.0, 1e3),  # micro sign
    "\u03bcv": (1.0, 1e3),  # Greek mu
    "nv": (1.0, 1e6),
}
#: Names of leads in the files of PhysioNet and of Holter recorders, without case: standard and
#: modified limb leads, chest leads (V1..V9, V3R..V9R), Frank's X, Y, Z, bipolar chest leads.
_LEAD_NAME = re.compile(
    r"(ecg|ekg|lead|mod\.?)[ _-]?.*|-?av[rlf]|(ml|d)?i{1,3}|v[1-9]?r?|v?[xyz]|d[1-4]"
    r"|m?(cl|cc|cm|cs|cb|ml|v)[1-9]r?",
    re.IGNORECASE,
)
#: Ends the names of channels against a common reference (EDF), leads or not.
_REFERENCE = re.compile(r"[ -]ref$", re.IGNORECASE)
#: Chest leads as IEC 60601-2-25 calls them. In EEG these are places on the head.
_IEC = {f"C{k}": f"V{k}" for k in range(1, 7)}


class Field(NamedTuple):
    """What a header says of one channel."""

    name: str
    unit: str
    fs_hz: float
    length: int  #: samples


class Channel(NamedTuple):
    """A channel with its samples, (t,) float64 in its unit; nan where one is missing."""

    field: Field
    samples: NDArray[np.float64]


def is_lead(field: Field) -> bool:
    """Whether a channel is a lead of an ECG: by its name and by its unit.

    A name may end in "-Ref", and stays as it is: V1 against one electrode is not quite V1.

    Examples
    --------
    >>> is_lead(Field("II", "mV", 125.0, 1000)), is_lead(Field("PLETH", "NU", 125.0, 1000))
    (True, False)
    """
    name = _REFERENCE.sub("", tidy(field.name))
    return _is_voltage(field) and bool(_LEAD_NAME.fullmatch(canonical_lead(name)))


def _is_voltage(field: Field) -> bool:
    return field.unit.lower() in _TO_MV


def tidy(name: str) -> str:
    """A name without the blanks and commas that some files put around it, printable and short."""
    return "".join(c if c.isprintable() else "?" for c in name.strip(" ,\t\0"))[:80]


def leads_of(fields: Sequence[Field]) -> list[int]:
    """Places of the channels that make up the ECG.

    One `ECG` has one rate and one length: those that most of the leads have, the first where
    two are as frequent. Leads of another rate become traces. C1 to C6 are the chest leads where
    all six are there beside two limb leads or more, and no voltage is anything else: an EEG has
    such names too.
    """
    voltages = [k for k, field in enumerate(fields) if _is_voltage(field)]
    leads = [k for k in voltages if is_lead(fields[k])]
    limb = {canonical_lead(tidy(fields[k].name)) for k in leads} & set(LEADS[:6])
    others = [tidy(fields[k].name).upper() for k in voltages if k not in leads]
    if sorted(others) == list(_IEC) and len(limb) > 1:
        leads = voltages
    shapes = Counter((fields[k].fs_hz, fields[k].length) for k in leads)
    if not shapes:
        return []
    commonest = shapes.most_common(1)[0][0]
    return [k for k in leads if (fields[k].fs_hz, fields[k].length) == commonest]


def names_of(fields: Iterable[Field], *, leads: bool) -> tuple[str, ...]:
    """Names that differ: canonical where they are leads, repeated ones numbered.

    Examples
    --------
    >>> names_of([Field("ECG", "mV", 128.0, 9), Field("ECG", "mV", 128.0, 9)], leads=True)
    ('ECG', 'ECG (2)')
    """
    names: list[str] = []
    for k, field in enumerate(fields):
        name = tidy(field.name) or f"signal {k + 1}"
        name = _IEC.get(name.upper(), name_in_ecg(name)) if leads else name
        again = 1
        fresh = name
        while fresh in names:
            again += 1
            fresh = f"{name} ({again})"
        names.append(fresh)
    return tuple(names)


def places_of(fields: Sequence[Field]) -> dict[str, int]:
    """Name of each lead and trace, and the place of its channel in the file."""
    leads = leads_of(fields)
    others = [k for k in range(len(fields)) if k not in leads]
    names = [
        *names_of([fields[k] for k in leads], leads=True),
        *names_of([fields[k] for k in others], leads=False),
    ]
    return dict(zip(names, [*leads, *others], strict=True))


def in_mv(channel: Channel) -> NDArray[np.float64]:
    """(t,) Samples of a lead in mV."""
    up, down = _TO_MV[channel.field.unit.lower()]
    if up != 1.0:
        return channel.samples * up
    return channel.samples / down if down != 1.0 else channel.samples


def mv_per_unit(unit: str) -> float:
    """How many mV a unit of voltage is."""
    up, down = _TO_MV[unit.lower()]
    return up / down


def ecg_of(channels: Sequence[Channel], meta: Mapping[str, str | float]) -> ECG:
    """The ECG of channels that are all leads of one rate and length."""
    return ECG(
        samples_mv=np.stack([in_mv(c) for c in channels]),
        fs_hz=channels[0].field.fs_hz,
        leads=names_of([c.field for c in channels], leads=True),
        meta=meta,
    )


def recording_of(
    channels: Sequence[Channel],
    *,
    marks: Mapping[str, Marks] | None = None,
    meta: Mapping[str, str | float],
) -> Recording:
    """All channels of a file: leads in the ECG, others as traces in their own units."""
    leads = leads_of([c.field for c in channels])
    others = [c for k, c in enumerate(channels) if k not in leads]
    names = names_of([c.field for c in others], leads=False)
    return Recording(
        ecg=ecg_of([channels[k] for k in leads], meta) if leads else None,
        traces={
            name: Trace(name=name, samples=c.samples, fs_hz=c.field.fs_hz, unit=tidy(c.field.unit))
            for name, c in zip(names, others, strict=True)
        },
        marks=marks or {},
        meta=meta,
    )
