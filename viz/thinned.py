"""A long lead thinned to what a picture can show: the lowest and highest of every short bin."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..signals import ECG
from ..signals.stretches import runs

Floats = NDArray[np.float64]


class Thinned(NamedTuple):
    """Two points a bin, in the order in which they came; nan where a bin holds no sample."""

    times_ms: Floats
    v_mv: Floats
    duration_ms: float  #: of the record

    @property
    def gaps_ms(self) -> Floats:
        """(k, 2) Begin and end of the stretches without samples."""
        times_ms = np.append(self.times_ms, self.duration_ms)
        return times_ms[runs(np.isnan(self.v_mv))]


def thin(chunks: Iterable[tuple[int, ECG]], lead: str, bin_ms: float) -> Thinned:
    """Lowest and highest sample of every bin, as the chunks of a record go by.

    Memory grows with the bins, not with the samples. A record of which a bin holds fewer than
    three samples keeps them all.

    Parameters
    ----------
    chunks : index of the first sample in the record, and the chunk; in order, without overlap
    lead : name of the lead
    bin_ms : length of a bin, rounded down to whole samples

    Raises
    ------
    ValueError
        When there is no chunk, no such lead, or the chunks do not follow each other.

    Examples
    --------
    >>> ecg = ECG(samples_mv=np.arange(12.0)[None], fs_hz=1000.0, leads=("II",))
    >>> thin([(0, ecg)], "II", 4.0).v_mv
    array([ 0.,  3.,  4.,  7.,  8., 11.])
    """
    times_ms: list[Floats] = []
    v_mv: list[Floats] = []
    rest, start, fs_hz = np.empty(0), 0, 0.0
    for index, chunk in chunks:
        if index != start + len(rest):
            msg = f"a chunk must start at sample {start + len(rest)}, got {index}"
            raise ValueError(msg)
        fs_hz = chunk.fs_hz
        size = max(1, int(bin_ms * fs_hz / 1000 + 1e-9))
        rest = np.concatenate([rest, chunk.lead(lead)])
        whole = len(rest) // size * size
        _add(times_ms, v_mv, rest[:whole], start, size, fs_hz)
        rest, start = rest[whole:], start + whole
    if not fs_hz:
        msg = "the record has no samples"
        raise ValueError(msg)
    duration_ms = (start + len(rest)) * 1000.0 / fs_hz
    if len(rest):
        _add(times_ms, v_mv, rest, start, len(rest), fs_hz)
    return Thinned(np.concatenate(times_ms), np.concatenate(v_mv), duration_ms)


def _add(
    times_ms: list[Floats],
    v_mv: list[Floats],
    samples_mv: Floats,
    start: int,
    size: int,
    fs_hz: float,
) -> None:
    """Append the extremes of whole bins."""
    places = np.arange(len(samples_mv))
    if size > 2:
        bins = samples_mv.reshape(-1, size)
        low = np.where(np.isnan(bins), np.inf, bins).argmin(axis=1)
        high = np.where(np.isnan(bins), -np.inf, bins).argmax(axis=1)
        both = np.sort(np.stack([low, high], axis=1), axis=1)
        places = (both + size * np.arange(len(bins))[:, None]).ravel()
    times_ms.append((start + places).astype(np.float64) * (1000.0 / fs_hz))
    v_mv.append(samples_mv[places])
