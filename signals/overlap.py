"""Records that do not fit into memory: chunk after chunk, with the same result as in one piece."""

from collections.abc import Callable, Iterable, Iterator

import numpy as np

from .ecg import ECG


def by_chunks(
    chunks: Iterable[ECG], operate: Callable[[ECG], ECG], margin_ms: float
) -> Iterator[ECG]:
    """Operate on chunks that follow each other as on the whole record.

    Each chunk is seen with `margin_ms` of its neighbours on both sides, which are cut off again.

    Parameters
    ----------
    chunks
        One after the other, without overlap, with the same leads and sampling rate. Chunks of any
        length; memory holds one of them and two margins.
    operate
        Such as `Filter.apply` or `remove_baseline`. It keeps the sampling rate.
    margin_ms
        How far `operate` looks around: `Filter.memory_ms`.

    Yields
    ------
    ECG
        As long together as the chunks.

    Raises
    ------
    ValueError
        When leads or rate change on the way.
    """
    held: ECG | None = None
    before = 0  # samples of `held` that were given out already, and are there for their effect
    for chunk in chunks:
        held = chunk if held is None else held.then(chunk)
        margin = int(np.ceil(margin_ms * held.fs_hz / 1000))
        ready = held.samples_mv.shape[1] - margin
        if ready - before < margin:
            continue
        yield _part(operate(held), before, ready)
        cut = max(ready - margin, 0)
        held, before = _part(held, cut, None), ready - cut
    if held is not None and held.samples_mv.shape[1] > before:
        yield _part(operate(held), before, None)


def _part(ecg: ECG, start: int, stop: int | None) -> ECG:
    return ecg.with_samples(ecg.samples_mv[:, start:stop])
