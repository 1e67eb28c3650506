"""ECGs in DICOM (12-lead, general and ambulatory ECG waveforms), read through pydicom.

A file holds one or more multiplex groups, such as a rhythm of 10 s and a median beat. The longest
is read, the one with more channels where two are as long; `meta["group"]` says which it was.
"""

import re
import warnings
from collections.abc import Iterator, Sequence
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .channels import Channel, Field, ecg_of, leads_of, places_of, recording_of
from .chunks import ranges
from .claims import require_count, require_file, require_rate, told_of
from .ecg import ECG
from .info import RecordInfo, info_of
from .lead_names import LEADS
from .recording import Marks, Recording
from .starts import UNKNOWN_START

_WHAT = "is no DICOM file with an ECG, or damaged"
#: Transfer syntax whose data unpack to any size.
_DEFLATED = b"1.2.840.10008.1.2.1.99"
#: Waveform sample interpretations (PS3.3, C.10.9.1.4.2); companded ones are for sound.
KINDS = {(8, "SB"): "i1", (8, "UB"): "u1", (16, "SS"): "<i2", (16, "US"): "<u2", (32, "SL"): "<i4"}
#: Numbers of leads in SCP-ECG and in ISO 11073 (CID 3001), the last part of both codes.
LEAD_CODES = dict(zip((1, 2, 61, 62, 63, 64, 3, 4, 5, 6, 7, 8), LEADS, strict=True))
_CODE = re.compile(r"(?:5\.6\.3-9-|2:)(\d{1,3})")
_YEARS = {"Y": 1.0, "M": 1 / 12, "W": 7 / 365.25, "D": 1 / 365.25}


class _Group(NamedTuple):
    """A multiplex group: what it says, and its numbers (samples, channels)."""

    fields: list[Field]
    scales: list[tuple[float, float, float]]  #: sensitivity, correction, baseline
    numbers: NDArray[np.integer]
    padding: int | None  #: the number of a missing sample
    filters: str  #: of all channels

    def read(self, places: Sequence[int], first: int, last: int) -> list[Channel]:
        """Some channels between two samples, in their units."""
        channels = []
        for k in places:
            sensitivity, correction, baseline = self.scales[k]
            numbers = self.numbers[first:last, k]
            samples = numbers.astype(np.float64) * sensitivity * correction + baseline
            if self.padding is not None:
                samples[numbers == self.padding] = np.nan
            channels.append(Channel(self.fields[k], samples))
        return channels


def read_dicom(path: Path) -> Recording:
    """The longest multiplex group of a file: leads in mV, marks at single samples.

    Raises
    ------
    OSError
        When the file is missing, damaged or holds no waveform.
    ValueError
        When it claims what cannot be.
    """
    group, meta, marks = _opened(path)
    channels = group.read(range(len(group.fields)), 0, len(group.numbers))
    return recording_of(channels, marks=marks, meta=meta)


def dicom_info(path: Path) -> RecordInfo:
    """What a file holds."""
    group, meta, marks = _opened(path)
    return info_of(path, "DICOM", group.fields, marks=tuple(marks), meta=meta)


def dicom_chunks(path: Path, chunk_s: float, overlap_s: float) -> Iterator[tuple[int, ECG]]:
    """Pieces of the ECG; the file is held in memory, its float64 samples only piece by piece."""
    group, meta, _ = _opened(path)
    leads = leads_of(group.fields)
    fs_hz = group.fields[0].fs_hz
    for first, last in ranges(len(group.numbers) if leads else 0, fs_hz, chunk_s, overlap_s):
        yield first, ecg_of(group.read(leads, first, last), meta)


def _opened(path: Path) -> tuple[_Group, dict[str, str | float], dict[str, Marks]]:
    """Group, facts and marks of a file."""
    require_file(path)
    with told_of(path, _WHAT), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pydicom warns of every value that breaks the standard
        file = _dataset(path)
        if not file.get("WaveformSequence"):
            msg = f"{path} is a DICOM file without waveforms"
            raise OSError(msg)
        items = list(file.WaveformSequence)
        require_count(path, len(items))
        sizes = [(i.NumberOfWaveformSamples, i.NumberOfWaveformChannels) for i in items]
        which = max(range(len(items)), key=lambda k: sizes[k])
        group = _group(path, items[which])
        meta = _meta(path, file, group)
        label = str(items[which].get("MultiplexGroupLabel", "")) or "group"
        meta["group"] = f"{label}, {which + 1} of {len(items)}"
        return group, meta, _marks(file, which + 1, group.fields)


def _dataset(path: Path) -> Any:
    """The data set, from bytes in memory, so that no length it states is ever allocated."""
    from pydicom import dcmread
    from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

    data = path.read_bytes()
    if data[128:132] != b"DICM" or _DEFLATED in data:
        msg = f"{path} is no DICOM file, or deflated; save it as explicit little endian first"
        raise OSError(msg)
    file = dcmread(BytesIO(data))
    syntax = file.file_meta.get("TransferSyntaxUID", ImplicitVRLittleEndian)
    if syntax not in (ExplicitVRLittleEndian, ImplicitVRLittleEndian):
        msg = f"{path} has the syntax {str(syntax)[:40]!r}; save it as explicit little endian"
        raise OSError(msg)
    return file


def _group(path: Path, item: Any) -> _Group:
    """One multiplex group, checked: rate, channels, and as many bytes as it states."""
    samples, channels = int(item.NumberOfWaveformSamples), int(item.NumberOfWaveformChannels)
    require_count(path, channels)
    fs_hz = float(item.SamplingFrequency)
    require_rate(path, fs_hz)
    form = (int(item.WaveformBitsAllocated), str(item.WaveformSampleInterpretation))
    if form not in KINDS:
        msg = f"{path} has samples of {form[0]} bits {form[1][:8]!r}, which no ECG has"
        raise ValueError(msg)
    kind = np.dtype(KINDS[form])
    data = item.WaveformData
    if not samples or len(data) < samples * channels * kind.itemsize:
        msg = f"{path} states {samples} samples of {channels} channels and has {len(data)} bytes"
        raise OSError(msg)
    numbers = np.frombuffer(data, kind, samples * channels).reshape(samples, channels)
    definitions = list(item.ChannelDefinitionSequence)
    if len(definitions) != channels:
        msg = f"{path} defines {len(definitions)} of {channels} channels"
        raise OSError(msg)
    pad = item.get("WaveformPaddingValue")
    return _Group(
        fields=[Field(_name(c), _unit(c), fs_hz, samples) for c in definitions],
        scales=[_scale(path, c) for c in definitions],
        numbers=numbers,
        padding=int(np.frombuffer(pad, kind, 1)[0]) if pad else None,
        filters="; ".join(dict.fromkeys(filter(None, map(_filters, definitions)))),
    )


def _name(channel: Any) -> str:
    """Name of a lead from its code, else from the words beside it."""
    source = (list(channel.get("ChannelSourceSequence") or []) or [None])[0]
    code = _CODE.fullmatch(str(source.get("CodeValue", ""))) if source is not None else None
    if code and int(code[1]) in LEAD_CODES:
        return LEAD_CODES[int(code[1])]
    meaning = str(source.get("CodeMeaning", "")) if source is not None else ""
    return str(channel.get("ChannelLabel") or meaning)


def _unit(channel: Any) -> str:
    units = list(channel.get("ChannelSensitivityUnitsSequence") or [])
    return str(units[0].get("CodeValue", "")) if units else ""


def _filters(channel: Any) -> str:
    """Filters of the device, in Hz."""
    told = {
        "high pass": channel.get("FilterLowFrequency"),
        "low pass": channel.get("FilterHighFrequency"),
        "notch": channel.get("NotchFilterFrequency"),
    }
    return ", ".join(f"{name} {float(hz):g} Hz" for name, hz in told.items() if hz)


def _scale(path: Path, channel: Any) -> tuple[float, float, float]:
    told = (
        float(channel.get("ChannelSensitivity") or 1.0),
        float(channel.get("ChannelSensitivityCorrectionFactor") or 1.0),
        float(channel.get("ChannelBaseline") or 0.0),
    )
    if not all(abs(value) < 1e9 for value in told):
        msg = f"{path} states the sensitivity, correction and baseline {told}; no voltage is so"
        raise ValueError(msg)
    return told


def _meta(path: Path, file: Any, group: _Group) -> dict[str, str | float]:
    """Patient, time, filters, statements, and each channel's scale; names are left out."""
    meta: dict[str, str | float] = {"record": path.stem, "source": "DICOM"}
    meta |= {"patient": str(file.PatientID)} if file.get("PatientID") else {}
    start = re.fullmatch(r"(\d{14})[.\d]*([+-]\d{4})?", str(file.get("AcquisitionDateTime")))
    if start and start[1] != f"{UNKNOWN_START:%Y%m%d%H%M%S}":
        meta["start"] = str(datetime.strptime(start[1], "%Y%m%d%H%M%S"))
    sex = {"F": "female", "M": "male"}.get(str(file.get("PatientSex")))
    meta |= {"sex": sex} if sex else {}
    age = re.fullmatch(r"(\d{3})([YMWD])", str(file.get("PatientAge", "")))
    meta |= {"age_years": int(age[1]) * _YEARS[age[2]]} if age else {}
    meta |= {"filters": group.filters} if group.filters else {}
    notes = file.get("WaveformAnnotationSequence") or []
    texts = [str(n.UnformattedTextValue) for n in notes if _is_statement(n)]
    meta |= {"statements": "; ".join(texts)} if texts else {}
    for name, k in places_of(group.fields).items():
        scale = " ".join(map(repr, group.scales[k]))
        meta[f"sensitivity {name}"] = f"{scale} {group.fields[k].unit}"
    return meta


def _is_statement(note: Any) -> bool:
    return bool(note.get("UnformattedTextValue")) and not note.get("ReferencedSamplePositions")


def _marks(file: Any, group: int, fields: Sequence[Field]) -> dict[str, Marks]:
    """Annotations at single samples, by their group number and lead."""
    found: dict[tuple[int, int], list[tuple[float, str, str]]] = {}
    for note in file.get("WaveformAnnotationSequence") or []:
        channels = [int(k) for k in note.get("ReferencedWaveformChannels") or (0, 0)]
        text = str(note.get("UnformattedTextValue") or "")
        if "POINT" not in str(note.get("TemporalRangeType")) or channels[0] not in (0, group):
            continue
        label, _, more = text.partition("\n")
        positions = np.atleast_1d(note.get("ReferencedSamplePositions")).astype(float)
        place = (int(note.get("AnnotationGroupNumber") or 0), channels[1])
        times = (positions - 1) * (1e3 / fields[0].fs_hz)
        found.setdefault(place, []).extend((t, label, more) for t in times.tolist())
    names = {k: name for name, k in places_of(fields).items()}
    marks = {}
    for (number, channel), points in sorted(found.items()):
        points.sort()
        lead = names.get(channel - 1, "")
        marks[f"annotations {number}{' ' * bool(lead)}{lead}"] = Marks(
            times_ms=np.array([t for t, _, _ in points]),
            labels=tuple(label for _, label, _ in points),
            notes=tuple(n for *_, n in points) if any(n for *_, n in points) else (),
            lead=lead,
        )
    return marks
