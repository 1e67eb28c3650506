"""The median beat of a record: its usual beats, aligned to a fraction of a sample."""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates, spline_filter1d

from .beats import checked_peaks
from .ecg import ECG
from .stretches import bridged

#: The part about the R peak by which beats are told apart and aligned.
_CORE_BEFORE_MS, _CORE_AFTER_MS = 120.0, 160.0
#: An R peak may have been marked so far from where the template's is.
_SLACK_MS = 40.0
#: Beats of one class correlate like this or better.
_ALIKE = 0.9
#: A beat is noisy whose residual is so many times the usual one, and this share of the beat.
_NOISY, _NOTICED = 3.0, 0.05
#: Share of the RR interval that a window spans before and after R, and its longest reach.
_SHARE_BEFORE, _SHARE_AFTER = 0.45, 0.65
_LONGEST_BEFORE_MS, _LONGEST_AFTER_MS = 350.0, 650.0
#: Alignment ends when no beat moves by more, in samples; it takes two to four rounds.
_STILL, _ROUNDS = 1e-3, 8
_SPLINE_ORDER = 5


@dataclass(frozen=True, eq=False, kw_only=True)
class MedianBeat:
    """One beat that stands for a record.

    Attributes
    ----------
    ecg : ECG
        The beat; a lead that was not fit is nan.
    r_ms : float
        Where the R peaks were marked, on the clock of `ecg`: the mean over the beats.
    used : (k,) bool
        Which of the peaks went into it.
    shifts_ms : (k,) float64
        How much later than its peak says each of these beats lies; nan for the others.
    """

    ecg: ECG
    r_ms: float
    used: NDArray[np.bool_]
    shifts_ms: NDArray[np.float64]

    @property
    def count(self) -> int:
        """How many beats it is made of."""
        return int(self.used.sum())


class _Splines(NamedTuple):
    """Leads as quintic splines, so that they can be read between samples."""

    coefficients: NDArray[np.float64]  # (leads, t)

    def at(self, places: NDArray[np.float64]) -> NDArray[np.float64]:
        """(leads, k, w) At places (k, w) in samples."""
        rows = [
            map_coordinates(lead, places[None], order=_SPLINE_ORDER, prefilter=False, mode="mirror")
            for lead in self.coefficients
        ]
        return np.array(rows)


def median_beat(
    ecg: ECG,
    peaks: NDArray[np.int64],
    *,
    before_ms: float | None = None,
    after_ms: float | None = None,
) -> MedianBeat:
    """The median of the usual beats, all leads moved by one shift a beat.

    Beats are told apart by their correlation about R over all leads (0.9 or more is one class);
    the largest class counts, so ectopic beats stay out. Each is moved, by a fraction of a sample,
    to where it fits the median best: steps of Gauss and Newton on the squared difference, which
    lead to the maximum of the cross-correlation. A beat with a gap, one that sticks out of the
    record, and one three times as noisy as the others are left out.

    Parameters
    ----------
    ecg
        Baseline taken off. A lead that is missing in more than half of the beats is left out.
    peaks
        (k,) R peaks as sample indices, in order.
    before_ms, after_ms
        Reach of the window from R. By default 45 % and 65 % of the median RR interval, at most
        350 and 650 ms.

    Raises
    ------
    ValueError
        When no whole beat is left.

    Examples
    --------
    >>> from cardiotwin.signals.synth import synthetic_ecg
    >>> ecg, truth = synthetic_ecg()
    >>> peaks = (truth.qrs_peak_ms * ecg.fs_hz / 1000).round().astype(int)
    >>> beat = median_beat(ecg, peaks)
    >>> beat.count, beat.ecg.samples_mv.shape
    (9, (12, 501))
    """
    peaks = checked_peaks(ecg, peaks)
    before, after = _reach(ecg, peaks, before_ms, after_ms)
    slack = round(_SLACK_MS * ecg.fs_hz / 1000)
    whole, leads = _whole_beats(ecg, peaks, before + slack, after + slack)
    splines = _splines(ecg.samples_mv[leads])
    core = _core(ecg.fs_hz, before, after)
    members, shifts = _dominant(splines, peaks[whole], core, slack)
    members, shifts = _aligned(splines, peaks[whole], members, shifts, core)
    return _made(ecg, splines, peaks, whole[members], shifts, leads, np.arange(-before, after + 1))


def _reach(
    ecg: ECG, peaks: NDArray[np.int64], before_ms: float | None, after_ms: float | None
) -> tuple[int, int]:
    """Samples of the window before and after R."""
    rr_ms = float(np.median(np.diff(peaks))) * 1000 / ecg.fs_hz if len(peaks) > 1 else np.inf
    if before_ms is None:
        before_ms = min(_LONGEST_BEFORE_MS, _SHARE_BEFORE * rr_ms)
    if after_ms is None:
        after_ms = min(_LONGEST_AFTER_MS, _SHARE_AFTER * rr_ms)
    return round(before_ms * ecg.fs_hz / 1000), round(after_ms * ecg.fs_hz / 1000)


def _core(fs_hz: float, before: int, after: int) -> NDArray[np.int64]:
    """Offsets from R of the part that is compared."""
    start = min(before, round(_CORE_BEFORE_MS * fs_hz / 1000))
    stop = min(after, round(_CORE_AFTER_MS * fs_hz / 1000))
    return np.arange(-start, stop + 1)


def _whole_beats(
    ecg: ECG, peaks: NDArray[np.int64], before: int, after: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Which beats lie whole in the record and in all fit leads, and which leads are fit."""
    missing = np.cumsum(np.pad(np.isnan(ecg.samples_mv), ((0, 0), (1, 0))), axis=1)
    inside = np.flatnonzero((peaks >= before) & (peaks + after < ecg.samples_mv.shape[1]))
    kept = peaks[inside]
    holes = missing[:, kept + after + 1] > missing[:, kept - before]  # (leads, k)
    leads = np.flatnonzero(holes.mean(axis=1) <= 0.5) if kept.size else np.empty(0, np.int64)
    whole = inside[~holes[leads].any(axis=0)]
    if not (whole.size and leads.size):
        msg = (
            f"no whole beat among {len(peaks)} R peaks: each needs {before} samples before and "
            f"{after} after it, without a gap"
        )
        raise ValueError(msg)
    return whole, leads


def _splines(samples_mv: NDArray[np.float64]) -> _Splines:
    """Gaps are bridged: no beat that is used has one."""
    filled = [np.nan_to_num(bridged(lead, len(lead))) for lead in samples_mv]
    return _Splines(spline_filter1d(np.array(filled), order=_SPLINE_ORDER, axis=1, mode="mirror"))


def _centred(core: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each lead about its mean, so that what is left of the baseline does not count."""
    return core - core.mean(axis=-1, keepdims=True)


def _dominant(
    splines: _Splines, peaks: NDArray[np.int64], core: NDArray[np.int64], slack: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Members of the largest class, and how many samples each lies after its peak."""
    wide = np.arange(core[0] - slack, core[-1] + slack + 1)
    beats = splines.at((peaks[:, None] + wide).astype(np.float64)).transpose(1, 0, 2)
    sums: list[NDArray[np.float64]] = []  # of the beats of each class, where they fit
    classes: list[list[tuple[int, int]]] = []
    for k, beat in enumerate(beats):
        fits = [_best_lag(beat, total, len(core)) for total in sums]
        best = max(range(len(fits)), key=lambda c: fits[c][1], default=-1)
        if best < 0 or fits[best][1] < _ALIKE:
            best, lag = len(sums), slack
            sums.append(np.zeros((beat.shape[0], len(core))))
            classes.append([])
        else:
            lag = fits[best][0]
        sums[best] += _centred(beat[:, lag : lag + len(core)])
        classes[best].append((k, lag - slack))
    largest = max(classes, key=len)
    members, lags = zip(*largest, strict=True)
    return np.array(members), np.array(lags, dtype=np.float64)


def _best_lag(
    beat: NDArray[np.float64], template: NDArray[np.float64], width: int
) -> tuple[int, float]:
    """Where in a wide beat a template fits best, and how well it correlates there."""
    cuts = _centred(np.lib.stride_tricks.sliding_window_view(beat, width, axis=1))
    size = np.sqrt((cuts**2).sum(axis=(0, 2)) * (template**2).sum())
    match = np.einsum("lsw,lw->s", cuts, template)
    match = np.divide(match, size, out=np.zeros_like(match), where=size > 0)
    lag = int(match.argmax())
    return lag, float(match[lag])


def _aligned(
    splines: _Splines,
    peaks: NDArray[np.int64],
    members: NDArray[np.int64],
    shifts: NDArray[np.float64],
    core: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The members that are not noisy, and their shifts to a fraction of a sample."""
    for _ in range(_ROUNDS):
        beats = _centred(splines.at(peaks[members, None] + shifts[:, None] + core))
        template = np.median(beats, axis=1, keepdims=True)
        slope = np.gradient(template, axis=-1)
        steepness = (slope**2).sum()
        if not steepness > 0:
            break
        step = ((template - beats) * slope).sum(axis=(0, 2)) / steepness
        step = np.clip(step - np.median(step), -1.0, 1.0)
        shifts = shifts + step
        if np.abs(step).max() < _STILL:
            break
    rest = np.sqrt(((beats - template) ** 2).mean(axis=(0, 2)))
    size = np.sqrt((template**2).mean())
    clean = rest <= max(_NOISY * np.median(rest), _NOTICED * size)
    return members[clean], shifts[clean]


def _made(
    ecg: ECG,
    splines: _Splines,
    peaks: NDArray[np.int64],
    chosen: NDArray[np.int64],
    shifts: NDArray[np.float64],
    leads: NDArray[np.int64],
    window: NDArray[np.int64],
) -> MedianBeat:
    """The median of the chosen beats over the whole window."""
    middle = shifts.mean()  # so that the beat stands about its R peaks as they were marked
    places = peaks[chosen, None] + (shifts - middle)[:, None] + window
    samples_mv = np.full((len(ecg.leads), len(window)), np.nan)
    samples_mv[leads] = np.median(splines.at(places), axis=1)
    used = np.zeros(len(peaks), dtype=bool)
    used[chosen] = True
    shifts_ms = np.full(len(peaks), np.nan)
    shifts_ms[chosen] = (shifts - middle) * 1000 / ecg.fs_hz
    return MedianBeat(
        ecg=replace(ecg, samples_mv=samples_mv),
        r_ms=-float(window[0]) * 1000 / ecg.fs_hz,
        used=used,
        shifts_ms=shifts_ms,
    )
