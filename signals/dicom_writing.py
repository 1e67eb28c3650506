"""Writing ECGs in DICOM: 12-lead, general or ambulatory ECG waveform objects (PS3.3, A.34)."""

import hashlib
import math
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..files.whole_files import whole_file
from .dicom_files import LEAD_CODES
from .digits import Scale, nearest_numbers, told_scale, whole_numbers
from .ecg import ECG
from .lead_names import LEADS
from .recording import Marks, Recording
from .starts import start_of

#: Rates that the objects allow (PS3.3, A.34.3.4.4, A.34.4.4.4, A.34.5.4.4).
_RATES_HZ = (50.0, 1000.0)
_GENERAL_FROM_HZ = 200.0
#: Most samples and channels of a group in a 12-lead and in a general object.
_RESTING_SAMPLES, _MOST_CHANNELS = 16384, 24
#: Letters of the name of a channel, at most.
_LABEL = 16
_CODES = {name: code for code, name in LEAD_CODES.items()}
#: The number that says that a sample is missing.
_PADDING = -(2**15)


class _Scaled(NamedTuple):
    """A lead as numbers; the sample in uV is number * sensitivity * correction + baseline."""

    sensitivity: tuple[str, str, str, str]  #: value, correction, baseline, unit, as text
    numbers: NDArray[np.int64]


def write_dicom(recording: Recording, path: Path) -> None:
    """Write the ECG, and marks at the nearest samples.

    Samples that were read from a DICOM or a WFDB file come back digit for digit where 16 bits
    and 16 letters hold them; others are at most half a unit away, where the largest sample of a
    lead fills the range. A rate that 16 letters cannot state, such as 1000/3 Hz, is rounded to
    them. The same recording gives the same bytes.

    Raises
    ------
    ValueError
        When there is no ECG, or its rate or number of leads is none that the format has.
    """
    ecg = recording.ecg
    if ecg is None or not ecg.samples_mv.size or len(ecg.leads) > _MOST_CHANNELS:
        msg = f"{path.name}: DICOM needs an ECG with samples of 1 to {_MOST_CHANNELS} leads"
        raise ValueError(msg)
    if not _RATES_HZ[0] <= ecg.fs_hz <= _RATES_HZ[1]:
        msg = f"{path.name}: DICOM holds 50 to 1000 Hz, got {ecg.fs_hz}; resample first"
        raise ValueError(msg)
    rows = zip(ecg.leads, ecg.samples_mv, strict=True)
    scaled = [_scaled(name, row, recording.meta) for name, row in rows]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        file = _file(recording, ecg, scaled)
    with whole_file(path) as part:
        file.save_as(part, enforce_file_format=True)


def lost_in_dicom(recording: Recording) -> list[str]:
    """Traces, and names of leads, that a DICOM file cannot hold, in words."""
    leads = recording.ecg.leads if recording.ecg else ()
    cut = [f"name {name!r}" for name in leads if len(name) > _LABEL]
    return [*(f"trace {name}" for name in recording.traces), *cut]


def _scaled(name: str, samples: NDArray[np.float64], meta: Mapping[str, str | float]) -> _Scaled:
    """A lead with the scale it was read with, or the finest."""
    told = str(meta.get(f"sensitivity {name}", "")).split(" ")
    scales = [(told[0], told[1], told[2], told[3])] if len(told) == 4 else []
    wfdb = told_scale(meta, name)
    if wfdb is not None:
        scales.append((_text(1e3 / wfdb.gain), "1", _text(-wfdb.baseline * 1e3 / wfdb.gain), "uV"))
    for scale in scales:
        unit_mv = {"uV": 1e-3, "mV": 1.0, "V": 1e3}.get(scale[3])
        if unit_mv is None or max(map(len, scale)) > 16:
            continue
        gain = 1.0 / (float(scale[0]) * float(scale[1]) * unit_mv)
        numbers = whole_numbers(samples, Scale(gain, -float(scale[2]) * unit_mv * gain), 16)
        if numbers is not None:
            return _Scaled(scale, numbers)
    largest_uv = float(np.abs(np.nan_to_num(samples)).max()) * 1e3
    step = _text(largest_uv / (2**15 - 1) * (1 + 1e-6)) if largest_uv > 0 else "1"
    finest = Scale(1e3 / float(step), 0.0)
    return _Scaled((step, "1", "0", "uV"), nearest_numbers(samples, finest, 16))


def _text(value: float) -> str:
    """A number in at most 16 letters (the value representation DS)."""
    return next(t for t in (f"{value:.{d}g}" for d in range(15, 0, -1)) if len(t) <= 16)


def _file(recording: Recording, ecg: ECG, scaled: list[_Scaled]) -> Any:
    """The data set with its modules: patient, study, series, equipment, waveform, annotations."""
    from pydicom.dataset import FileDataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian

    numbers = np.stack([x.numbers for x in scaled], axis=1).astype("<i2")
    content = hashlib.sha256(numbers.tobytes() + repr(recording.meta).encode()).hexdigest()
    meta: Any = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.MediaStorageSOPClassUID = _object(ecg)
    meta.MediaStorageSOPInstanceUID = _uid("instance", content)
    file: Any = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    file.SOPClassUID = meta.MediaStorageSOPClassUID
    file.SOPInstanceUID = meta.MediaStorageSOPInstanceUID
    file.SpecificCharacterSet = "ISO_IR 192"
    file.Modality = "ECG"
    file.Manufacturer = "cardiotwin"
    file.StudyInstanceUID = _uid("study", content)
    file.SeriesInstanceUID = _uid("series", content)
    file.StudyID = file.AccessionNumber = file.ReferringPhysicianName = ""
    file.SeriesNumber = file.InstanceNumber = 1
    _patient(file, recording.meta)
    start = start_of(recording.meta)
    file.AcquisitionDateTime = f"{start:%Y%m%d%H%M%S}"
    file.StudyDate = file.ContentDate = f"{start:%Y%m%d}"
    file.StudyTime = file.ContentTime = f"{start:%H%M%S}"
    file.AcquisitionContextSequence = []
    file.WaveformSequence = [_group(ecg, scaled, numbers)]
    notes = [
        _note(ecg, number, marks, k)
        for number, marks in enumerate(recording.marks.values(), 1)
        for k in range(len(marks.labels))
    ]
    if notes:
        file.WaveformAnnotationSequence = notes
    return file


def _object(ecg: ECG) -> str:
    """The narrowest kind of object that may hold the ECG."""
    from pydicom import uid

    if ecg.fs_hz < _GENERAL_FROM_HZ:
        return uid.AmbulatoryECGWaveformStorage
    if set(ecg.leads) <= set(LEADS) and ecg.samples_mv.shape[1] <= _RESTING_SAMPLES:
        return uid.TwelveLeadECGWaveformStorage
    return uid.GeneralECGWaveformStorage


def _uid(what: str, content: str) -> str:
    from pydicom.uid import generate_uid

    return generate_uid(entropy_srcs=[what, content])


def _patient(file: Any, meta: Mapping[str, str | float]) -> None:
    """Who it is, as far as is known; never a name."""
    file.PatientName = file.PatientBirthDate = ""
    file.PatientID = str(meta.get("patient", ""))[:64]
    file.PatientSex = {"female": "F", "male": "M"}.get(str(meta.get("sex")), "")
    age_years = meta.get("age_years")
    if isinstance(age_years, (int, float)) and 0 <= age_years < 1000:
        file.PatientAge = f"{int(age_years):03d}Y"


def _group(ecg: ECG, scaled: list[_Scaled], numbers: NDArray[np.int16]) -> Any:
    """The one multiplex group."""
    from pydicom.dataset import Dataset

    group = Dataset()
    group.MultiplexGroupTimeOffset = "0"
    group.WaveformOriginality = "DERIVED"
    group.NumberOfWaveformSamples, group.NumberOfWaveformChannels = numbers.shape
    group.SamplingFrequency = _text(ecg.fs_hz)
    group.MultiplexGroupLabel = "RHYTHM"
    group.ChannelDefinitionSequence = [
        _channel(name, x) for name, x in zip(ecg.leads, scaled, strict=True)
    ]
    group.WaveformBitsAllocated = 16
    group.WaveformSampleInterpretation = "SS"
    group.WaveformPaddingValue = np.int16(_PADDING).tobytes()
    group.WaveformData = numbers.tobytes()
    return group


def _channel(name: str, x: _Scaled) -> Any:
    """What one channel is and how its numbers are to be read."""
    from pydicom.dataset import Dataset

    channel = Dataset()
    code = f"2:{_CODES[name]}" if name in _CODES else "other"
    scheme = "MDC" if name in _CODES else "99CARDIOTWIN"
    channel.ChannelSourceSequence = [_coded(code, scheme, f"Lead {name}"[:64])]
    value, correction, baseline, unit = x.sensitivity
    channel.ChannelSensitivity = value
    channel.ChannelSensitivityUnitsSequence = [_coded(unit, "UCUM", unit)]
    channel.ChannelSensitivityCorrectionFactor = correction
    channel.ChannelBaseline = baseline
    channel.ChannelSampleSkew = "0"
    channel.WaveformBitsStored = 16
    channel.ChannelLabel = name[:_LABEL]
    return channel


def _coded(value: str, scheme: str, meaning: str) -> Any:
    from pydicom.dataset import Dataset

    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return item


def _note(ecg: ECG, number: int, marks: Marks, k: int) -> Any:
    """One mark as an annotation at the nearest sample; the first sample counts as 1."""
    from pydicom.dataset import Dataset

    note = Dataset()
    channel = ecg.leads.index(marks.lead) + 1 if marks.lead in ecg.leads else 0
    note.ReferencedWaveformChannels = [1, channel]
    note.TemporalRangeType = "POINT"
    place = math.floor(marks.times_ms[k] * ecg.fs_hz / 1e3 + 0.5) + 1
    note.ReferencedSamplePositions = max(1, place)
    note.AnnotationGroupNumber = number
    note.UnformattedTextValue = "\n".join([marks.labels[k], *filter(None, marks.notes[k : k + 1])])
    return note
