"""Windows around beats: of one length, or stretched between neighbours."""

import numpy as np
from numpy.typing import NDArray

from .ecg import ECG


def beat_windows(
    ecg: ECG, peaks: NDArray[np.int64], before_ms: float = 250.0, after_ms: float = 450.0
) -> NDArray[np.float64]:
    """(k, leads, w) The samples about each R peak, from `before_ms` before to `after_ms` after.

    The window holds `round(before_ms fs)` samples before the peak, the peak, and
    `round(after_ms fs)` after it. Where it sticks out of the record it is nan.

    Parameters
    ----------
    ecg
        Any number of leads; nan in gaps.
    peaks
        (k,) Sample indices, within the record.
    before_ms, after_ms
        Reach of the window.

    Raises
    ------
    ValueError
        When a peak lies outside the record, or the window is empty.

    Examples
    --------
    >>> import numpy as np
    >>> ecg = ECG(samples_mv=np.arange(1000.0)[None], fs_hz=500.0, leads=("II",))
    >>> windows = beat_windows(ecg, np.array([100, 500]), 4.0, 6.0)
    >>> windows[1, 0].tolist()
    [498.0, 499.0, 500.0, 501.0, 502.0, 503.0]
    """
    before, after = (round(ms * ecg.fs_hz / 1000) for ms in (before_ms, after_ms))
    if before < 0 or after < 0:
        msg = f"before_ms and after_ms must not be negative, got {before_ms} and {after_ms}"
        raise ValueError(msg)
    peaks = checked_peaks(ecg, peaks)
    padded = np.pad(ecg.samples_mv, ((0, 0), (before, after)), constant_values=np.nan)
    window = before + after + 1
    return np.moveaxis(
        np.lib.stride_tricks.sliding_window_view(padded, window, axis=1)[:, peaks], 1, 0
    ).copy()


def beat_bounds(
    ecg: ECG, peaks: NDArray[np.int64], share_before: float = 1 / 3
) -> NDArray[np.int64]:
    """(k, 2) Start and stop sample of each beat when the record is cut between the R peaks.

    Each RR interval is cut once: `share_before` of it goes to the beat that follows, the rest to
    the one before. The first and the last beat reach as far as their only neighbour tells, and
    none beyond the record.

    Raises
    ------
    ValueError
        When there are fewer than two peaks, or one lies outside the record.
    """
    peaks = checked_peaks(ecg, peaks)
    if len(peaks) < 2:
        msg = f"cutting between R peaks needs two or more, got {len(peaks)}"
        raise ValueError(msg)
    rr = np.diff(peaks)
    cuts = np.round(peaks[1:] - share_before * rr).astype(np.int64)
    first = round(peaks[0] - share_before * rr[0])
    last = round(peaks[-1] + (1 - share_before) * rr[-1])
    edges = np.concatenate([[first], cuts, [last]])
    edges = np.clip(edges, 0, ecg.samples_mv.shape[1])
    return np.stack([edges[:-1], edges[1:]], axis=1)


def checked_peaks(ecg: ECG, peaks: NDArray[np.int64]) -> NDArray[np.int64]:
    """The peaks (k,), all within the record.

    Raises
    ------
    ValueError
        When they are not, or not whole numbers.
    """
    peaks = np.asarray(peaks)
    if peaks.ndim != 1 or (peaks.size and not np.issubdtype(peaks.dtype, np.integer)):
        msg = f"peaks must be (k,) sample indices, got {peaks.dtype} of shape {peaks.shape}"
        raise ValueError(msg)
    samples = ecg.samples_mv.shape[1]
    out = peaks[(peaks < 0) | (peaks >= samples)]
    if out.size:
        msg = f"peak at sample {out[0]} lies outside the record of {samples} samples"
        raise ValueError(msg)
    return peaks.astype(np.int64)
