"""One segment of a WFDB record: its files are checked here and decoded by wfdb.

wfdb gets the fields of the header that has been checked, and does not parse it again: two parsers
of one hostile header could differ in what they let pass.
"""

import warnings
from collections.abc import Callable, Collection
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .claims import require_file, require_inside, told_of
from .wfdb_header import Header

#: Samples in so many bytes of each format.
_PACKED = {
    8: (1, 1),
    16: (1, 2),
    24: (1, 3),
    32: (1, 4),
    61: (1, 2),
    80: (1, 1),
    160: (1, 2),
    212: (2, 3),
    310: (3, 4),
    311: (3, 4),
}
#: Compressed; how many samples a file holds shows when it is read.
_FLAC = (508, 516, 524)


def require_files(header: Header) -> tuple[int, int]:
    """Frames of a segment, and bytes of its files.

    Raises
    ------
    OSError
        When a file is missing, or holds fewer samples than the header promises.
    ValueError
        When a format is unknown, or the length of compressed signals is not told.
    """
    if "::" in str(header.path.parent.absolute()):  # fsspec, with which wfdb opens files, splits
        msg = f"{header.path} lies in a folder with '::' in its path; rename or copy it"
        raise ValueError(msg)
    least, size = header.frames, 0
    for name, places in header.groups():
        file = require_inside(header.path, name)
        if not file.exists():
            msg = f"{file}, which {header.path.name} names, is missing; fetch it too"
            raise FileNotFoundError(msg)
        bytes_there = require_file(file)
        frames = _held(header, places, bytes_there)
        if frames < header.frames:
            msg = (
                f"{file} ends after {frames} of the {header.frames} samples that "
                f"{header.path.name} promises; fetch it again"
            )
            raise OSError(msg)
        least = header.frames or (min(least, frames) if least else frames)
        size += bytes_there
    return least, size


def _held(header: Header, places: list[int], size: int) -> int:
    """Frames that a file of that size can hold."""
    one = header.signals[places[0]]
    if one.format in _FLAC and header.frames:
        return header.frames
    if one.format not in _PACKED:
        known = ", ".join(map(str, [*_PACKED, *_FLAC]))
        what = "without a length" if one.format in _FLAC else "which is unknown"
        msg = f"{header.path} states format {one.format}, {what}; known are {known}"
        raise ValueError(msg)
    samples, room = _PACKED[one.format]
    per_frame = sum(header.signals[k].per_frame for k in places)
    return max(0, size - one.offset) * samples // room // per_frame


def read_segment(
    header: Header, places: Collection[int], first: int, last: int, frames: int
) -> dict[int, NDArray[np.float64]]:
    """Samples of some signals between two frames, (frames * per_frame,) in their units.

    Parameters
    ----------
    header
        Of a segment whose files have been checked.
    places
        Of the signals in the header.
    first, last
        Frames; the last is excluded.
    frames
        Length of the segment.

    Raises
    ------
    OSError
        When wfdb cannot decode a file.
    """
    wanted = sorted(set(places))
    signals = [header.signals[k] for k in wanted]
    end = min(last + max((s.skew for s in signals), default=0), frames)
    found = _decoded(header, wanted, first, end, frames)
    read = {}
    for k, s, late in zip(wanted, signals, found, strict=True):
        samples = late[s.skew * s.per_frame :][: (last - first) * s.per_frame]
        missing = (last - first) * s.per_frame - len(samples)
        read[k] = np.pad(samples, (0, missing), constant_values=np.nan) if missing else samples
    return read


def _decoded(
    header: Header, places: list[int], first: int, last: int, frames: int
) -> list[NDArray[np.float64]]:
    """Samples as they lie in the files, in their units; nan where a number stands for none."""
    if not places or first >= last:
        return [np.empty(0)] * len(places)
    signals, wanted = header.signals, [header.signals[k] for k in places]
    # Format 8 holds differences, which add up from the first frame on.
    start = 0 if 8 in {s.format for s in wanted} else first
    read, record = _wfdb()
    with told_of(header.path, "cannot be decoded by wfdb"):
        numbers = read(
            file_name=[s.file for s in signals],
            dir_name=str(header.path.parent.absolute()),
            pn_dir=None,  # files beside the header, nothing from the net
            fmt=[str(s.format) for s in signals],
            n_sig=len(signals),
            sig_len=frames,
            byte_offset=[s.offset for s in signals],
            samps_per_frame=[s.per_frame for s in signals],
            skew=[s.skew for s in signals],
            init_value=[s.initial for s in signals],
            sampfrom=start,
            sampto=last,
            channels=places,
            ignore_skew=True,  # wfdb can take only one that is not 0
        )
        values = record(
            e_d_signal=numbers,
            n_sig=len(wanted),
            fmt=[str(s.format) for s in wanted],
            adc_gain=[s.gain for s in wanted],
            baseline=[s.baseline for s in wanted],
        ).dac(expanded=True)
    return [v[(first - start) * s.per_frame :] for v, s in zip(values, wanted, strict=True)]


@cache
def _wfdb() -> tuple[Callable[..., Any], Callable[..., Any]]:
    """What decodes files into numbers, and the record that scales them; imported once."""
    with warnings.catch_warnings():  # it uses pandas in ways that pandas warns of
        warnings.simplefilter("ignore")
        from wfdb import Record
        from wfdb.io._signal import _rd_segment  # all of wfdb's ways to read end here
    return _rd_segment, Record
