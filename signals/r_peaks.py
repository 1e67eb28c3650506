"""R peaks of one lead or many: the best chain of steep places, each set on its QRS.

Every steep place is a candidate, and its evidence is how steep it is beside the QRS and the noise
about there. Beats are the chain of candidates with the most evidence, less what it costs to break
the rhythm or to follow a beat as a T wave would; dynamic programming finds it exactly, so that a
beat is judged by what comes after as well as before, and no learning time is lost.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d

from .ecg import ECG
from .kernels.beat_chain import best_chain, peaks_apart
from .steepness import Steepness, steepness, zero_phase

_LEAST_FS_HZ = 50.0
#: A record is worked through in blocks on its own clock, each seen with a margin on both sides.
_BLOCK_S, _MARGIN_S = 600.0, 30.0
#: The R peak is the largest deflection of either sign in this band near the steepest place:
#: without baseline and ST, but with the whole of a wide ventricular beat.
_PEAK_BAND_HZ = (3.0, 35.0)
_PEAK_REACH_S = 0.075
#: Beats to either side that make the usual RR and height.
_NEIGHBOURS = 6


class Rhythm(NamedTuple):
    """What the chain knows of beats. Costs and evidence are natural logarithms of ratios."""

    level_share: float = 0.32  #: of the usual height of a QRS: as likely a beat as not
    floor_ratio: float = 3.3  #: over the floor: as likely a beat as noise; steady noise seldom is
    most: float = 1.2  #: evidence of a beat, however steep: no artefact outweighs two beats
    apart_s: float = 0.1  #: candidates nearer than one QRS are one
    neighbour_share: float = 0.15  #: of the highest within `t_wave_s`: less is no QRS at all
    refractory_s: float = 0.22  #: no ventricle beats again earlier (Pan and Tompkins: 0.2)
    t_wave_s: float = 0.36  #: until then a T wave may follow (Pan and Tompkins 1985)
    t_wave_share: float = 0.5  #: of the height before: less is likely a T wave (there: the slope)
    pause: float = 1.4  #: times the usual RR before a beat is missed (there: 1.66)
    pause_cost: float = 0.8  #: for each e-fold longer, and at most
    uneven_cost: float = 0.3  #: for each e-fold off the usual RR, and at most; with the
    #: pause less than the 1.14 that a usual QRS gives, so that an escape beat in a pause is kept
    reach_s: float = 10.0  #: any longer pause costs as much as this one


def r_peaks(ecg: ECG, *, leads: Sequence[str] | None = None) -> NDArray[np.int64]:
    """Samples of the R peaks, or of whatever deflection of a QRS is largest, in order.

    Parameters
    ----------
    ecg
        Of either polarity, in mV: a QRS of 0.02 mV is found, in volts taken for mV none is. Gaps
        are nan, and no beat is found in them. Where a lead's QRS fall below a tenth of the largest
        in the same ten minutes for longer than 15 s, they may be lost: what is as small beside
        them is mostly a P wave or noise in an asystole.
    leads
        Names of the leads to look at together; None for all of them. A silent or noisy lead
        hardly counts beside clear ones.

    Returns
    -------
    (k,) Indices into the samples.

    Raises
    ------
    ValueError
        When a lead is missing, or fs_hz is below 50.

    Examples
    --------
    >>> import numpy as np
    >>> from cardiotwin.signals import ECG
    >>> beats_s = np.arange(0.4, 10, 0.8)
    >>> t_s = np.arange(2500) / 250
    >>> qrs = np.exp(-0.5 * ((t_s - beats_s[:, None]) / 0.012) ** 2).sum(axis=0)
    >>> r_peaks(ECG(samples_mv=qrs[None], fs_hz=250, leads=("II",)))[:3].tolist()
    [100, 300, 500]
    """
    return r_peaks_of_chunks([ecg], leads=leads)


def r_peaks_of_chunks(
    chunks: Iterable[ECG], *, leads: Sequence[str] | None = None
) -> NDArray[np.int64]:
    """Samples of the R peaks of a record that comes in pieces, counted from the first piece.

    The result is that of `r_peaks` of the whole record, sample for sample, however it is cut:
    both work through the same blocks of ten minutes. Memory holds one chunk and one block.

    Parameters
    ----------
    chunks
        One after the other, without overlap, with the same leads and sampling rate.
    leads
        As in `r_peaks`.

    Raises
    ------
    ValueError
        As `r_peaks`; and when leads or rate change on the way.
    """
    found: list[NDArray[np.int64]] = [np.empty(0, np.int64)]
    for x_mv, fs_hz, start, keep in _blocks(_chosen(chunks, leads)):
        peaks = start + _peaks(x_mv, fs_hz)
        peaks = peaks[(peaks >= keep[0]) & (peaks < keep[1])]
        last = next((p[-1] for p in reversed(found) if len(p)), None)
        if last is not None:
            peaks = peaks[peaks - last >= Rhythm().refractory_s * fs_hz]
        found.append(peaks)
    return np.concatenate(found)


def rr_ms(peaks: NDArray[np.int64], fs_hz: float) -> NDArray[np.float64]:
    """(k - 1,) Time from each R peak (k,) to the next.

    Examples
    --------
    >>> rr_ms(np.array([100, 300, 550]), 250).tolist()
    [800.0, 1000.0]
    """
    return np.diff(peaks) * (1000.0 / fs_hz)


def _chosen(chunks: Iterable[ECG], leads: Sequence[str] | None) -> Iterator[ECG]:
    first: ECG | None = None
    for chunk in chunks:
        if chunk.fs_hz < _LEAST_FS_HZ:
            msg = f"R peaks need fs_hz of at least {_LEAST_FS_HZ:g}, got {chunk.fs_hz:g}"
            raise ValueError(msg)
        first = first or chunk
        if (chunk.leads, chunk.fs_hz) != (first.leads, first.fs_hz):
            msg = (
                f"chunks must have the same leads and rate: {', '.join(first.leads)} at "
                f"{first.fs_hz:g} Hz, then {', '.join(chunk.leads)} at {chunk.fs_hz:g} Hz"
            )
            raise ValueError(msg)
        yield chunk if leads is None else chunk.select(leads)


class _Block(NamedTuple):
    x_mv: NDArray[np.float64]  #: (leads, t) with margins
    fs_hz: float
    start: int  #: sample of the record at which it begins
    keep: tuple[int, int]  #: samples of the record whose peaks are its own


def _blocks(chunks: Iterable[ECG]) -> Iterator[_Block]:
    """Blocks of a record, whose borders depend on its clock alone."""
    parts: list[NDArray[np.float64]] = []  # the samples of the record from `start` to `total`
    start = begin = total = 0
    for chunk in chain(chunks, [None]):
        if chunk is not None:
            fs_hz = chunk.fs_hz
            size, margin = round(_BLOCK_S * fs_hz), round(_MARGIN_S * fs_hz)
            parts.append(chunk.samples_mv)
            total += chunk.samples_mv.shape[1]
        while total > begin and (chunk is None or total >= begin + size + margin):
            held, stop = np.concatenate(parts, axis=1), begin + size
            yield _Block(held[:, : stop + margin - start], fs_hz, start, (begin, stop))
            parts, start, begin = [held[:, max(0, stop - margin - start) :]], stop - margin, stop


def _peaks(x_mv: NDArray[np.float64], fs_hz: float) -> NDArray[np.int64]:
    """(k,) R peaks of leads (leads, t)."""
    if x_mv.shape[1] < 3 or not len(x_mv):
        return np.empty(0, np.int64)
    seen = steepness(x_mv, fs_hz)
    steep = _candidates(seen.height, fs_hz)
    beats = steep[_chain(seen, steep, fs_hz)]
    return _on_the_qrs(x_mv, seen.weights, beats, fs_hz)


def _candidates(height: NDArray[np.float64], fs_hz: float) -> NDArray[np.int64]:
    """(k,) Where height (t,) has a maximum that is not dwarfed by a neighbour."""
    p = Rhythm()
    steep = np.empty(len(height) // 2 + 1, np.int64)
    steep = steep[: peaks_apart(height, round(p.apart_s * fs_hz), steep)]
    highest = maximum_filter1d(height, 2 * round(p.t_wave_s * fs_hz) + 1)
    return steep[height[steep] > p.neighbour_share * highest[steep]]


def _chain(seen: Steepness, steep: NDArray[np.int64], fs_hz: float) -> NDArray[np.int64]:
    """Which of the steep places (k,) are beats: at first without, then with the usual RR."""
    times = steep / fs_hz
    height, level, floor = seen.height[steep], seen.level[steep], seen.floor[steep]
    beats = _best(times, height, level, floor, np.full(len(times), np.inf))
    for _ in range(2):
        if len(beats) < 3:
            break
        at = times[beats]
        rr = np.interp(times, (at[1:] + at[:-1]) / 2, _running_median(np.diff(at)))
        usual = np.interp(times, at, _running_median(height[beats]))
        beats = _best(times, height, np.clip(usual, 0.3 * level, 1.5 * level), floor, rr)
    return beats


def _best(
    times: NDArray[np.float64],
    height: NDArray[np.float64],
    level: NDArray[np.float64],
    floor: NDArray[np.float64],
    rr: NDArray[np.float64],
) -> NDArray[np.int64]:
    """Indices of the best chain of candidates (k,)."""
    p = Rhythm()
    likely = np.maximum(p.level_share * level, p.floor_ratio * floor)
    evidence = np.minimum(np.log(height / likely), p.most)
    score, before = np.empty(len(times)), np.empty(len(times), np.int64)
    beats = []
    at = best_chain(p, times, height, evidence, rr, score, before)
    while at >= 0:
        beats.append(at)
        at = before[at]
    return np.array(beats[::-1], dtype=np.int64)


def _running_median(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Median of each with its neighbours; they are mirrored at the ends."""
    reach = min(_NEIGHBOURS, len(values) - 1)
    padded = np.pad(values, reach, mode="reflect")
    return np.median(sliding_window_view(padded, 2 * reach + 1), axis=1)


def _on_the_qrs(
    x_mv: NDArray[np.float64],
    weights: NDArray[np.float64],
    steep: NDArray[np.int64],
    fs_hz: float,
) -> NDArray[np.int64]:
    """The largest deflection over the leads about each steep place, never in a gap."""
    size = np.sqrt(((zero_phase(x_mv, _PEAK_BAND_HZ, fs_hz) * weights) ** 2).sum(axis=0))
    size[np.isnan(x_mv).all(axis=0)] = -1.0
    reach = round(_PEAK_REACH_S * fs_hz)
    near = np.arange(-reach, reach + 1)
    at = np.clip(steep[:, None] + near, 0, len(size) - 1)
    return at[np.arange(len(at)), np.argmax(size[at], axis=1)]
