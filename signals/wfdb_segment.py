"""One segment of a WFDB record: its files of samples, in physical units."""

from collections.abc import Collection
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .claims import require_inside
from .wfdb_header import Header, Signal
from .wfdb_samples import INVALID, held, is_flac, read_flac, read_samples, require_format


def require_files(header: Header) -> tuple[int, int]:
    """Frames of a segment, and bytes of its files.

    Raises
    ------
    OSError
        When a file is missing, or holds fewer samples than the header promises.
    ValueError
        When a format is unknown or not for such signals.
    """
    least, size = header.frames, 0
    for name, places in header.groups():
        one, file = header.signals[places[0]], require_inside(header.path, name)
        require_format(header.path, one.format)
        if not file.exists():
            msg = f"{file}, which {header.path.name} names, is missing; fetch it too"
            raise FileNotFoundError(msg)
        rates = [header.signals[k].per_frame for k in places]
        if is_flac(one.format) and len(set(rates)) > 1:
            msg = f"{header.path}: signals of one rate only can share the FLAC file {name}"
            raise ValueError(msg)
        frames = held(file, one.format, one.offset, len(places)) // sum(rates)
        if header.frames and frames < header.frames:
            msg = (
                f"{file} ends after {frames} of the {header.frames} samples that "
                f"{header.path.name} promises; fetch it again"
            )
            raise OSError(msg)
        least = header.frames or (min(least, frames) if least else frames)
        size += file.stat().st_size
    return least, size


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
    """
    read: dict[int, NDArray[np.float64]] = {}
    for name, group in header.groups():
        wanted = [k for k in group if k in places]
        if not wanted:
            continue
        signals = [header.signals[k] for k in group]
        end = min(last + max(s.skew for s in signals), frames)
        numbers = _numbers(header.path.parent / name, signals, first, end)
        columns = np.cumsum([0] + [s.per_frame for s in signals])
        for k in wanted:
            signal, at = header.signals[k], columns[group.index(k)]
            block = numbers[signal.skew :, at : at + signal.per_frame][: last - first]
            late = np.full((last - first - len(block)) * signal.per_frame, np.nan)
            values = _physical(block.ravel(), signal)
            read[k] = np.concatenate([values, late]) if late.size else values
    return read


def _numbers(path: Path, signals: list[Signal], first: int, last: int) -> NDArray[np.integer]:
    """(frames, samples a frame) What a file holds between two frames."""
    one, width = signals[0], sum(s.per_frame for s in signals)
    count = max(0, last - first)
    if is_flac(one.format):
        rate = one.per_frame
        data = read_flac(path, one.format, first * rate + one.offset, count * rate)
        return data.reshape(count, rate, len(signals)).transpose(0, 2, 1).reshape(count, width)
    if one.format != 8:
        flat = read_samples(path, one.format, one.offset, first * width, count * width)
        return flat.reshape(count, width)
    steps = read_samples(path, 8, one.offset, 0, last * width).reshape(-1, width)
    return np.concatenate(_sums(steps, signals), axis=1)[first:]


def _sums(steps: NDArray[np.integer], signals: list[Signal]) -> list[NDArray[np.integer]]:
    """Numbers of format 8, which holds their differences; each signal has its first number."""
    sums: list[NDArray[np.integer]] = []
    at = 0
    for signal in signals:
        part = steps[:, at : at + signal.per_frame]
        total = part.ravel().cumsum(dtype=np.int64) + signal.initial
        sums.append(total.reshape(part.shape))
        at += signal.per_frame
    return sums


def _physical(numbers: NDArray[np.integer], signal: Signal) -> NDArray[np.float64]:
    """Numbers of the converter in the unit of the signal; nan where one stands for none."""
    values = numbers.astype(np.float64)
    missing = numbers == INVALID[signal.format] if signal.format in INVALID else None
    values -= signal.baseline
    values /= signal.gain
    if missing is not None:
        values[missing] = np.nan
    return values
