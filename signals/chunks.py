"""Where the pieces of a long record begin and end."""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray


def ranges(total: int, fs_hz: float, chunk_s: float, overlap_s: float) -> Iterator[tuple[int, int]]:
    """First and last (excluded) sample of each piece; together they cover every sample.

    Parameters
    ----------
    total
        Samples of the record.
    fs_hz
        Samples a second.
    chunk_s, overlap_s
        Length of a piece, and how much of it the next piece repeats. The last may be shorter.

    Raises
    ------
    ValueError
        Unless the overlap is at least 0 and at least one sample shorter than a piece.

    Examples
    --------
    >>> list(ranges(10, 1.0, chunk_s=4.0, overlap_s=1.0))
    [(0, 4), (3, 7), (6, 10)]
    """
    length, overlap = chunk_samples(fs_hz, chunk_s, overlap_s)
    first = 0
    while first < total:
        last = min(first + length, total)
        yield first, last
        if last == total:
            return
        first = last - overlap


def rechunked(
    blocks: Iterable[NDArray[np.float64]], length: int, overlap: int
) -> Iterator[tuple[int, NDArray[np.float64]]]:
    """Pieces as `ranges` lays them, from blocks (leads, any) that come one after the other."""
    held: NDArray[np.float64] | None = None
    first = 0
    for block in blocks:
        held = block if held is None else np.concatenate([held, block], axis=1)
        while held.shape[1] >= length:
            yield first, held[:, :length]
            first += length - overlap
            held = held[:, length - overlap :]
    if held is not None and held.shape[1] > (overlap if first else 0):
        yield first, held


def chunk_samples(fs_hz: float, chunk_s: float, overlap_s: float) -> tuple[int, int]:
    """Samples of a piece and of what it shares with the next.

    Raises
    ------
    ValueError
        As `ranges`.
    """
    if not (0 <= overlap_s < chunk_s < float("inf")):
        msg = f"overlap_s must be in 0..chunk_s, got overlap_s {overlap_s} of chunk_s {chunk_s}"
        raise ValueError(msg)
    length, overlap = round(chunk_s * fs_hz), round(overlap_s * fs_hz)
    if overlap >= length:
        msg = f"chunk_s {chunk_s} must be a sample longer than overlap_s {overlap_s} at {fs_hz} Hz"
        raise ValueError(msg)
    return length, overlap
