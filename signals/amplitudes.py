"""How high the waves of one beat are in each lead, over the level before its QRS."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .ecg import ECG
from .qrs_bounds import qrs_bounds_ms
from .waves import QRS, qrs_waves

#: The level is the mean over this stretch before the QRS (CSE Working Party 1985: 20 ms).
_LEVEL_MS = 20.0


@dataclass(frozen=True, kw_only=True)
class LeadAmplitudes:
    """Of one lead, in mV over the level before the QRS; nan where the beat does not reach.

    Attributes
    ----------
    qrs : QRS
        Q, R and S.
    j_mv, j60_mv, j80_mv : float
        At the end of the QRS over all leads, and 60 and 80 ms after it.
    t_mv : float
        Of the T wave, up or down, where it is farthest from the level.
    """

    qrs: QRS
    j_mv: float
    j60_mv: float
    j80_mv: float
    t_mv: float


def levelled(ecg: ECG, begin_ms: float) -> ECG:
    """The beat less, in each lead, its mean over the 20 ms before its QRS begins.

    A beat that begins with its QRS keeps its level when its first sample is all there is before.
    """
    stop = int(np.floor(begin_ms * ecg.fs_hz / 1000))
    start = max(0, stop - round(_LEVEL_MS * ecg.fs_hz / 1000))
    level = ecg.samples_mv[:, start : max(stop, 1)].mean(axis=1, keepdims=True)
    return ecg.with_samples(ecg.samples_mv - level)


def lead_amplitudes(
    ecg: ECG, r_ms: float | None = None, t_ms: tuple[float, float] | None = None
) -> dict[str, LeadAmplitudes]:
    """Q, R, S, ST and T of each lead of one beat.

    Parameters
    ----------
    ecg
        One beat, such as that of a `MedianBeat`.
    r_ms
        Where about R is; see `qrs_bounds_ms`.
    t_ms
        Begin and end of the T wave over all leads; without it `t_mv` is nan.

    Raises
    ------
    ValueError
        When the ECG is flat.

    Examples
    --------
    >>> from cardiotwin.signals.median_beat import median_beat
    >>> from cardiotwin.signals.synth import synthetic_ecg
    >>> ecg, truth = synthetic_ecg()
    >>> beat = median_beat(ecg, (truth.qrs_peak_ms / 2).round().astype(int))
    >>> leads = lead_amplitudes(beat.ecg, beat.r_ms)
    >>> leads["V1"].qrs.is_qs, round(leads["II"].j60_mv, 2)
    (False, 0.0)
    """
    begin_ms, end_ms = qrs_bounds_ms(ecg, r_ms)
    level = levelled(ecg, begin_ms)
    qrs = qrs_waves(level, (begin_ms, end_ms))
    st = [_at(level, end_ms + after_ms) for after_ms in (0.0, 60.0, 80.0)]
    t_mv = _farthest(level, *t_ms) if t_ms else np.full(len(ecg.leads), np.nan)
    return {
        name: LeadAmplitudes(
            qrs=qrs[name],
            j_mv=float(st[0][k]),
            j60_mv=float(st[1][k]),
            j80_mv=float(st[2][k]),
            t_mv=float(t_mv[k]),
        )
        for k, name in enumerate(ecg.leads)
    }


def _at(ecg: ECG, time_ms: float) -> NDArray[np.float64]:
    """(leads,) On the straight line between the two samples about a time."""
    place = time_ms * ecg.fs_hz / 1000
    first = int(place)
    if not 0 <= first < ecg.samples_mv.shape[1] - 1:
        return np.full(len(ecg.leads), np.nan)
    before, after = ecg.samples_mv[:, first], ecg.samples_mv[:, first + 1]
    return before + (place - first) * (after - before)


def _farthest(ecg: ECG, begin_ms: float, end_ms: float) -> NDArray[np.float64]:
    """(leads,) The value farthest from 0 between two times."""
    if not begin_ms < end_ms:
        return np.full(len(ecg.leads), np.nan)
    first, last = (round(ms * ecg.fs_hz / 1000) for ms in (begin_ms, end_ms))
    part = np.nan_to_num(ecg.samples_mv[:, max(first, 0) : last + 1])
    if not part.size:
        return np.full(len(ecg.leads), np.nan)
    farthest = np.take_along_axis(part, np.abs(part).argmax(axis=1)[:, None], axis=1)[:, 0]
    return np.where(np.isnan(ecg.samples_mv).any(axis=1), np.nan, farthest)
