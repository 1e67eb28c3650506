"""Begin, peak and end of P, QRS and T of every beat in every lead."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .beats import checked_peaks
from .ecg import ECG
from .filters import highpass
from .kernels.wave_borders import beat_borders, wave_tops
from .r_peaks import r_peaks
from .recording import Marks
from .resample import resample
from .stretches import bridged
from .wave_net import INPUT_HZ, STEP_MS, Weights, wave_scores

#: The nine fields of a delineation, in order of time.
FIDUCIALS = tuple(
    f"{wave}_{part}_ms" for wave in ("p", "qrs", "t") for part in ("onset", "peak", "offset")
)
#: Baseline wander below this goes, from records long enough that a beat does not go with it.
_BASELINE_HZ, _BASELINE_FROM_MS = 0.5, 4000.0
#: A lead is measured by its QRS in this part about each R peak, and is flat below this.
_QRS_HALF_MS, _FLAT_MV = 80.0, 0.005
#: A gap no longer than this does not cut a wave.
_BRIDGE_MS = 20.0
#: Share of a lead's scores that is the mean of all leads, so that one hears the others.
#: Chosen on one fifth of LUDB, out of fold: with more, P waves gain and borders blur.
_OTHERS = 0.4
#: A border over leads is the first (or last) with which so many leads agree, this near to it.
_AGREE, _AGREE_MS = 3, 12.0


class Rules(NamedTuple):
    """What a wave may be, in steps of the odds (8 ms)."""

    level: float = 0.5  #: odds from which on it is a wave
    p_least: float = 3.0  #: 24 ms; one of the 12,048 P waves marked in LUDB is shorter
    qrs_least: float = 4.0  #: 32 ms; no QRS marked in LUDB is shorter
    t_least: float = 6.0  #: 48 ms; one T wave marked in LUDB is shorter
    p_bridge: float = 3.0  #: a notched P wave is one wave
    qrs_bridge: float = 3.0
    t_bridge: float = 8.0  #: the two phases of a T wave are one wave
    pr_most: float = 60.0  #: 480 ms, a long first degree block
    qt_most: float = 90.0  #: 720 ms from the end of the QRS
    near: float = 10.0  #: 80 ms: how far from its peak a QRS may begin or end
    reach: float = 20.0  #: 160 ms: how far from its peak a QRS is looked for


@dataclass(frozen=True, eq=False, kw_only=True)
class Delineation:
    """Times of the waves of k beats in each lead, on the clock of the ECG.

    Each field is (leads, k) float64, in ms, nan where the lead shows no such wave of that beat,
    or where the record or a gap cuts its border off. The peak is where the wave is farthest from
    the line through its ends, up or down.
    """

    leads: tuple[str, ...]
    p_onset_ms: NDArray[np.float64]
    p_peak_ms: NDArray[np.float64]
    p_offset_ms: NDArray[np.float64]
    qrs_onset_ms: NDArray[np.float64]
    qrs_peak_ms: NDArray[np.float64]
    qrs_offset_ms: NDArray[np.float64]
    t_onset_ms: NDArray[np.float64]
    t_peak_ms: NDArray[np.float64]
    t_offset_ms: NDArray[np.float64]

    def __post_init__(self) -> None:
        shapes = {getattr(self, name).shape for name in FIDUCIALS}
        if len(shapes) > 1 or len(self.qrs_peak_ms) != len(self.leads):
            msg = f"every field must have shape ({len(self.leads)} leads, beats), got {shapes}"
            raise ValueError(msg)

    def over_leads(self) -> "Delineation":
        """One row, named "all": the waves of each beat over all leads.

        An onset is the earliest with which at least three leads agree within 12 ms, itself among
        them, an offset the latest (after Laguna 1994); with fewer leads, as many as there are.
        Where no three agree it is their median. A wave is there when at least half of the leads
        that show the QRS show it. The peak is the median over leads.
        """
        fields = {}
        shown = np.isfinite(self.qrs_onset_ms) | np.isfinite(self.qrs_offset_ms)
        for name in FIDUCIALS:
            times = getattr(self, name)
            wave = np.isfinite(getattr(self, name.split("_")[0] + "_peak_ms"))
            there = _believed(wave, shown)
            row = [_agreed(column[np.isfinite(column)], name) for column in times.T]
            fields[name] = np.where(there, np.array(row, dtype=np.float64), np.nan)[None]
        return Delineation(leads=("all",), **fields)

    def marks(self, lead: str) -> Marks:
        """The waves of a lead as LUDB marks them: "(" begin, "p", "N" or "t" peak, ")" end.

        Raises
        ------
        ValueError
            When there is no such lead.
        """
        if lead not in self.leads:
            msg = f"no lead {lead!r}; this delineation has {', '.join(self.leads)}"
            raise ValueError(msg)
        row = self.leads.index(lead)
        times = np.concatenate([getattr(self, name)[row] for name in FIDUCIALS])
        labels = np.repeat(["(", "p", ")", "(", "N", ")", "(", "t", ")"], times.size // 9)
        known = np.flatnonzero(np.isfinite(times))
        order = known[np.argsort(times[known], kind="stable")]
        return Marks(times_ms=times[order], labels=tuple(labels[order].tolist()), lead=lead)


def delineate(
    ecg: ECG, peaks: NDArray[np.int64] | None = None, *, weights: Weights | None = None
) -> Delineation:
    """Begin, peak and end of P, QRS and T around each R peak, in each lead.

    A small network says how likely each wave is at each time of each lead (`wave_net`), the leads
    hear each other, and a few rules choose one P, QRS and T a beat (`kernels.wave_borders`): P
    ends before the QRS, T comes after it and before the next. A P wave in fewer than half of the
    leads that show the QRS is none, such as a wave of fibrillation. Flat leads have no waves. P
    waves without a QRS, as in AV block, belong to no beat and are not told.

    Parameters
    ----------
    ecg
        One lead or more of at least 100 Hz, nan in gaps; also a single (median) beat.
    peaks
        (k,) Sample index of each R peak, in order; None to find them with `r_peaks`.
    weights
        Of another network of the same form; None for the one in the package.

    Raises
    ------
    ValueError
        When the rate is below 100 Hz, or a peak lies outside the record or out of order.

    Examples
    --------
    >>> from cardiotwin.signals.synth import synthetic_ecg
    >>> ecg, truth = synthetic_ecg(rate_per_min=75.0)
    >>> found = delineate(ecg).over_leads()
    >>> bool(np.abs(found.qrs_onset_ms[0] - truth.qrs_onset_ms).max() < 20)
    True
    """
    if ecg.fs_hz < 100:
        msg = f"delineation needs at least 100 Hz, got {ecg.fs_hz:g}; borders would be guesses"
        raise ValueError(msg)
    peaks = r_peaks(ecg) if peaks is None else checked_peaks(ecg, peaks)
    if (np.diff(peaks) <= 0).any():
        msg = "peaks must be in order, each once; np.unique sorts them"
        raise ValueError(msg)
    borders_ms = np.full((len(ecg.leads), len(peaks), 6), np.nan)
    if len(peaks):
        odds = wave_odds(ecg, peaks, weights)
        steps = peaks * (1000.0 / ecg.fs_hz / STEP_MS)
        for lead, out in zip(odds, borders_ms, strict=True):
            beat_borders(lead, steps, Rules(), out)
        borders_ms *= STEP_MS
        p, qrs = (np.isfinite(borders_ms[:, :, k : k + 2]).any(axis=2) for k in (0, 2))
        borders_ms[:, ~_believed(p, qrs), :2] = np.nan
    return _with_peaks(ecg, borders_ms)


def wave_odds(
    ecg: ECG, peaks: NDArray[np.int64], weights: Weights | None = None
) -> NDArray[np.float64]:
    """(leads, 3, t) Odds of P, QRS and T every 8 ms from 0 ms on; nan in gaps and flat leads."""
    inputs, missing = network_input(ecg, peaks)
    scores = wave_scores(inputs, weights).astype(np.float64)
    scores[np.broadcast_to(missing[:, None, ::2], scores.shape)] = np.nan
    some = np.maximum((~np.isnan(scores)).sum(axis=0), 1)
    scores += _OTHERS * (np.nansum(scores, axis=0) / some - scores)
    scores = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.ascontiguousarray(scores[:, 1:] / scores.sum(axis=1, keepdims=True))


def network_input(
    ecg: ECG, peaks: NDArray[np.int64]
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """(leads, t) What the network sees, a QRS being 1 high, and what of it is missing."""
    level = resample(ecg, INPUT_HZ)
    if ecg.duration_ms >= _BASELINE_FROM_MS:
        level = highpass(level, _BASELINE_HZ)
    bridge = round(_BRIDGE_MS * INPUT_HZ / 1000)
    leads_mv = np.array([bridged(lead, bridge) for lead in level.samples_mv])
    places = np.round(peaks * (INPUT_HZ / ecg.fs_hz)).astype(np.int64)
    missing = np.isnan(leads_mv)
    out = np.zeros(leads_mv.shape, np.float32)
    for row, lead in enumerate(leads_mv):
        height = _qrs_height_mv(lead, places)
        if not height >= _FLAT_MV:
            missing[row] = True
            continue
        known = np.flatnonzero(~missing[row])
        whole = np.interp(np.arange(len(lead)), known, lead[known])
        out[row] = (whole - np.median(lead[known])) / height
    return out, missing


def _qrs_height_mv(lead: NDArray[np.float64], places: NDArray[np.int64]) -> float:
    """Median over the beats of trough to top about the R peak; 0 where nothing is known."""
    half = round(_QRS_HALF_MS * INPUT_HZ / 1000)
    parts = [lead[max(place - half, 0) : place + half + 1] for place in places]
    heights = [np.ptp(part) for part in parts if not np.isnan(part).any()]
    return float(np.median(heights)) if heights else 0.0


def _with_peaks(ecg: ECG, borders_ms: NDArray[np.float64]) -> Delineation:
    step_ms = 1000.0 / ecg.fs_hz
    leads_mv = [bridged(lead, round(_BRIDGE_MS / step_ms)) for lead in ecg.samples_mv]
    fields: dict[str, NDArray[np.float64]] = {}
    for wave, name in enumerate(("p", "qrs", "t")):
        begin, end = borders_ms[:, :, 2 * wave], borders_ms[:, :, 2 * wave + 1]
        tops = np.empty(begin.shape)
        for row, lead in enumerate(leads_mv):
            wave_tops(lead, begin[row] / step_ms, end[row] / step_ms, tops[row])
        fields |= {f"{name}_onset_ms": begin.copy(), f"{name}_offset_ms": end.copy()}
        fields[f"{name}_peak_ms"] = tops * step_ms
    return Delineation(leads=ecg.leads, **fields)


def _believed(wave: NDArray[np.bool_], qrs: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(k,) Whether at least half of the leads that show the QRS, and one, show the wave."""
    return wave.sum(axis=0) >= np.maximum(qrs.sum(axis=0) / 2, 1)


def _agreed(times_ms: NDArray[np.float64], name: str) -> float:
    """The outermost border with which enough leads agree; the median of peaks."""
    if not times_ms.size:
        return float("nan")
    if name.endswith("peak_ms"):
        return float(np.median(times_ms))
    inward = np.sort(times_ms if name.endswith("onset_ms") else -times_ms)
    with_it = np.searchsorted(inward, inward + _AGREE_MS, side="right") - np.arange(len(inward))
    enough = np.flatnonzero(with_it >= min(_AGREE, len(inward)))
    border = inward[enough[0]] if enough.size else np.median(inward)
    return float(border if name.endswith("onset_ms") else -border)
