"""Where the QRS of one beat begins and ends, over all leads at once."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d, median_filter

from .ecg import ECG
from .resample import resample

#: Beats of a lower rate are resampled to this one first.
_LEAST_HZ = 500.0
#: Width (standard deviation) of the Gaussian under which changes are measured.
_SMOOTH_MS = 3.0
#: The QRS lasts while the leads change faster than these shares of their fastest change: at its
#: begin against rest, at its end against the slope of the ST segment. Chosen on simulated beats of
#: the built-in heart; benchmarks/signals_intervals.py checks them on other beats and hearts.
_BEGIN_SHARE, _END_SHARE = 0.07, 0.10
#: The end is first guessed where the leads, under a wider Gaussian, bend by less than this share
#: of their fastest change in a ms: ST bends little even where it slopes. Simulated beats do not
#: tell 0.007 from 0.012; the lower keeps the late waves of recorded bundle branch blocks.
_BEND_SMOOTH_MS, _BEND_SHARE_PER_MS = 8.0, 0.007
#: The speed that counts as fastest lasts: a running median over so much leaves out the spikes of a
#: pacemaker.
_LASTING_MS = 20.0
#: A pause in the changes no longer than this is still QRS: at its begin, where P may be near, and
#: at its end, where the last muscle may follow late.
_BEGIN_PAUSE_MS, _END_PAUSE_MS = 8.0, 30.0
#: No QRS reaches farther from its fastest change.
_REACH_MS = 200.0
#: An R peak may lie so far from the fastest change.
_NEAR_R_MS = 120.0
#: Noise is what changes in the quietest stretch of this length: its mean and three standard
#: deviations (Breithardt 1991 takes 40 ms or more, and the same three for late potentials).
_QUIET_MS, _DEVIATIONS = 40.0, 3.0
#: Begin, from the end found so far, and length of the stretch that tells the slope of ST.
_ST_AFTER_MS, _ST_MS = 30.0, 80.0
#: The end and the slope of ST depend on each other: two or three rounds settle it.
_ROUNDS = 4


class _Change(NamedTuple):
    """How fast the leads of a beat change."""

    rates: NDArray[np.float64]  # (leads, t) mV/ms
    bends: NDArray[np.float64]  # (leads, t) mV/ms2
    fs_hz: float

    def samples(self, ms: float) -> int:
        return round(ms * self.fs_hz / 1000)

    def speed(self, against: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
        """(t,) Of all leads together, root of the sum of squares, less a common slope."""
        rates = self.rates if against is None else self.rates - against[:, None]
        return np.sqrt((rates**2).sum(axis=0))


def qrs_bounds_ms(ecg: ECG, r_ms: float | None = None) -> tuple[float, float]:
    """Begin and end of the QRS over all leads: one beat, such as a simulated or a median one.

    The speed of the heart's vector, here of all leads together (root of the sum of squares),
    shows the lead that moves first and the one that moves last (CSE Working Party, Eur Heart J
    1985, 6:815: earliest begin and latest end over leads). The QRS begins where the speed leaves
    7 % of the largest that lasts, and ends where the speed against the slope of the ST segment
    falls to 10 % of it, so that an ST segment that slopes, as behind a wide QRS, does not count.
    What belongs to ST is first told by how little it bends. All limits rise to the noise where
    that is higher. Changes are those of the leads under a Gaussian of 3 ms, which moves a sharp
    corner outwards by 4 ms.

    Parameters
    ----------
    ecg
        A beat at rest before its QRS, or one that begins with it. Leads with gaps do not count.
    r_ms
        Where about R is, within 120 ms; the fastest change of all when None.

    Returns
    -------
    begin_ms, end_ms : float
        On the clock of the ECG.

    Raises
    ------
    ValueError
        When the ECG is flat, or `r_ms` lies outside it.
    """
    if ecg.fs_hz < _LEAST_HZ:
        ecg = resample(ecg, _LEAST_HZ)
    change = _change(ecg)
    speed = change.speed()
    lasting = median_filter(speed, size=change.samples(_LASTING_MS) | 1, mode="nearest")
    fastest = _fastest(change, lasting, r_ms)
    largest, noise = float(lasting[fastest]), _noise(change, speed)
    back = speed[max(0, fastest - change.samples(_REACH_MS)) : fastest + 1][::-1]
    limit = max(_BEGIN_SHARE * largest, noise)
    begin = fastest - _last_busy(back, limit, change.samples(_BEGIN_PAUSE_MS))
    end = _end_of_bends(change, fastest, largest)
    for _ in range(_ROUNDS):
        st = change.samples(_ST_AFTER_MS) + round(end)
        before, end = end, _end_against_st(change, fastest, st, noise, largest)
        if round(end) == round(before):
            break
    return begin * 1000 / ecg.fs_hz, end * 1000 / ecg.fs_hz


def qrs_duration_ms(ecg: ECG, r_ms: float | None = None) -> float:
    """Time from the begin to the end of the QRS over all leads."""
    begin, end = qrs_bounds_ms(ecg, r_ms)
    return end - begin


def _change(ecg: ECG) -> _Change:
    whole = ecg.samples_mv[np.isfinite(ecg.samples_mv).all(axis=1)]
    per_ms = ecg.fs_hz / 1000
    rates, bends = (
        gaussian_filter1d(whole, width_ms * per_ms, axis=1, order=order, mode="nearest")
        * per_ms**order
        for order, width_ms in ((1, _SMOOTH_MS), (2, _BEND_SMOOTH_MS))
    )
    if not (rates != 0).any():
        msg = "the ECG is flat: it has no QRS"
        raise ValueError(msg)
    return _Change(rates, bends, ecg.fs_hz)


def _fastest(change: _Change, speed: NDArray[np.float64], r_ms: float | None) -> int:
    if r_ms is None:
        return int(speed.argmax())
    duration_ms = len(speed) * 1000 / change.fs_hz
    if not 0 <= r_ms < duration_ms:
        msg = f"r_ms must lie within the beat of {duration_ms:.0f} ms, got {r_ms}"
        raise ValueError(msg)
    first = max(0, change.samples(r_ms - _NEAR_R_MS))
    return first + int(speed[first : change.samples(r_ms + _NEAR_R_MS) + 1].argmax())


def _noise(change: _Change, speed: NDArray[np.float64]) -> float:
    """What a speed or a bend may reach where nothing happens."""
    width = min(len(speed), max(2, change.samples(_QUIET_MS)))
    cuts = np.lib.stride_tricks.sliding_window_view(speed, width)
    return _upper(cuts[cuts.mean(axis=1).argmin()], _DEVIATIONS)


def _upper(x: NDArray[np.float64], deviations: float) -> float:
    return float(x.mean() + deviations * x.std())


def _last_busy(speed: NDArray[np.float64], limit: float, pause: int) -> float:
    """The place between two samples from which on the speed pauses for longer than `pause`."""
    busy = np.flatnonzero(speed > limit)
    if not busy.size:
        return 0.0
    pauses = np.flatnonzero(np.diff(busy) > max(1, pause))
    return _crossing(speed, int(busy[pauses[0]] if pauses.size else busy[-1]), limit)


def _crossing(speed: NDArray[np.float64], last: int, limit: float) -> float:
    """Where between `last` and the sample after it the speed falls to the limit."""
    if last + 1 == len(speed):
        return float(last)
    return last + float((speed[last] - limit) / (speed[last] - speed[last + 1]))


def _end_of_bends(change: _Change, fastest: int, largest: float) -> float:
    """The place from which on the leads bend no more, or too little."""
    bend = np.sqrt((change.bends**2).sum(axis=0))
    limit = max(_BEND_SHARE_PER_MS * largest, _noise(change, bend))
    ahead = bend[fastest : fastest + change.samples(_REACH_MS) + 1]
    return fastest + _last_busy(ahead, limit, change.samples(_END_PAUSE_MS))


def _end_against_st(change: _Change, fastest: int, st: int, noise: float, largest: float) -> float:
    """The last place before `st` where the leads change faster than the ST segment slopes."""
    segment = change.rates[:, st : st + change.samples(_ST_MS)]
    slope = np.median(segment, axis=1) if segment.size else np.zeros(len(change.rates))
    speed = change.speed(slope)
    usual = _upper(speed[st : st + segment.shape[1]], 1.0) if segment.size else 0.0
    limit = max(_END_SHARE * largest, noise, usual)
    busy = np.flatnonzero(speed[fastest:st] > limit)
    return _crossing(speed, fastest + int(busy[-1]), limit) if busy.size else float(fastest)
