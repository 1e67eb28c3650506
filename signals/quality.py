"""How far each lead can be trusted, second by second, and what is wrong where it cannot."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d

from .ecg import ECG
from .gaps import filled, flat, saturated
from .lead_names import name_in_ecg

#: What can be wrong with a second of a lead.
FAULTS = ("gap", "flat", "saturated", "spike", "mains", "wander", "noise", "no QRS")

#: Seconds on either side that tell how high the QRS is.
_AROUND_S = 5
#: A pause may last so long; the QRS is the highest of three seconds.
_PAUSE_S = 1
#: Longer records are gone through piece by piece.
_PIECE_S = 300
#: So many samples of a second or more are enough for a median.
_ENOUGH = 200
#: A lead that does not move more than this has no QRS.
_SILENT_MV = 1e-3
#: What takes half of the trust away, as shares of the height of the QRS in its band. Beside it
#: the 95th percentile of the seconds of MIT-BIH and of those of PTB-XL that no reader remarked on.
_SPIKE = 6.0  #: 1.04, 1.04
_MAINS = 0.8  #: 0.09, none left at 100 Hz
_NOISE = 0.35  #: 0.12, 0.04
_NO_QRS = 0.045  #: 0.019, 0.013; of white noise 0.055
#: From one second to the next; 0.30 and 0.15 mV there.
_WANDER_MV = 1.5


class Quality(NamedTuple):
    """Faults of each lead in each second.

    Examples
    --------
    >>> from cardiotwin.signals.synth import synthetic_ecg
    >>> found = quality(synthetic_ecg(rng=np.random.default_rng(0), noise_mv=0.5).ecg)
    >>> found.score.shape, found.reasons("aVL", 5)[0]
    ((12, 10), 'noise')
    """

    leads: tuple[str, ...]
    faults: NDArray[np.float64]  #: (8, leads, seconds) 0 none .. 1 nothing to trust, as `FAULTS`

    @property
    def score(self) -> NDArray[np.float64]:
        """(leads, seconds) 1 fully trusted .. 0: the product of what each fault leaves."""
        return np.prod(1.0 - self.faults, axis=0)

    def fault(self, name: str) -> NDArray[np.float64]:
        """(leads, seconds) One of `FAULTS`.

        Raises
        ------
        ValueError
            When there is no fault of that name.
        """
        if name not in FAULTS:
            msg = f"unknown fault {name!r}; choose {', '.join(FAULTS)}"
            raise ValueError(msg)
        return self.faults[FAULTS.index(name)]

    def reasons(self, lead: str, second: int, *, least: float = 0.2) -> tuple[str, ...]:
        """Names of the faults of one second that reach `least`, the worst first.

        Raises
        ------
        ValueError
            When there is no such lead or second.
        """
        seconds = self.faults.shape[2]
        own = name_in_ecg(lead)
        if own not in self.leads or not 0 <= second < seconds:
            have = f"{', '.join(self.leads)}, seconds 0 to {seconds - 1}"
            msg = f"no lead {lead!r} with a second {second}; there are {have}"
            raise ValueError(msg)
        faults = self.faults[:, self.leads.index(own), second]
        worst = np.argsort(-faults, kind="stable")
        return tuple(FAULTS[k] for k in worst if faults[k] >= least)


def quality(ecg: ECG) -> Quality:
    """Faults of each lead in each second of an ECG.

    The height of the QRS is measured in its band (about 8 to 25 Hz) over the seconds around; faults
    are told as shares of it, so that gain does not matter:

    - gap, flat, saturated: share of the second without samples, at one value for a second or
      longer, or (twentyfold) cut off at the end of the range;
    - spike: a deflection several times as high as the QRS around;
    - mains: 50 or 60 Hz, whichever is larger;
    - wander: how far the median moves from one second to the next, in mV;
    - noise: spread of what is faster than a QRS, in the quieter half of the second;
    - no QRS: nothing stands out in the band of a QRS, which is also so in ventricular fibrillation,
      and begins to be so at more than 180 beats a minute with steep T waves.

    The last second takes the end of the record, however little of it is its own.

    Parameters
    ----------
    ecg
        Any leads, any rate, as recorded: a filter takes away what is looked for. Long records
        are gone through in pieces, in memory that does not grow with them.
    """
    return quality_of_chunks(_pieces(ecg))


def quality_of_chunks(chunks: Iterable[ECG]) -> Quality:
    """The same of a record that comes in pieces, in memory for one chunk.

    Parameters
    ----------
    chunks
        One after the other, without overlap, with the same leads and sampling rate.

    Raises
    ------
    ValueError
        When there is no chunk, or leads or rate change on the way.
    """
    parts: list[NDArray[np.float64]] = []
    context = _AROUND_S + _PAUSE_S + 1
    held: ECG | None = None
    first = given = 0  # the second that `held` starts with, and the next to be given out
    for chunk in chunks:
        held = chunk if held is None else held.then(chunk)
        ready = first + int(held.duration_ms / 1000.0) - context
        if ready - given < context:
            continue
        parts.append(_faults(held, first)[:, :, given - first : ready - first])
        start = round((ready - context) * held.fs_hz) - round(first * held.fs_hz)
        held = held.with_samples(held.samples_mv[:, start:])
        first, given = ready - context, ready
    if held is None:
        msg = "quality needs at least one chunk, got none"
        raise ValueError(msg)
    parts.append(_faults(held, first)[:, :, given - first :])
    return Quality(held.leads, np.concatenate(parts, axis=2))


def _pieces(ecg: ECG) -> Iterator[ECG]:
    step = max(1, round(_PIECE_S * ecg.fs_hz))
    for start in range(0, max(1, ecg.samples_mv.shape[1]), step):
        yield ecg.with_samples(ecg.samples_mv[:, start : start + step])


def _faults(ecg: ECG, first: int) -> NDArray[np.float64]:
    """(8, leads, seconds) Of a piece that starts with the second `first` of its record."""
    fs = ecg.fs_hz
    seconds = _seconds(ecg.samples_mv.shape[1], fs, first)
    if not seconds.size or not ecg.leads:
        return np.zeros((len(FAULTS), len(ecg.leads), len(seconds)))
    shares = [
        mask[:, seconds].mean(axis=2)
        for mask in (np.isnan(ecg.samples_mv), flat(ecg), saturated(ecg))
    ]
    x = filled(ecg).samples_mv
    slow = _box(_box(x, 0.02 * fs, 0), 0.02 * fs, -1)  # a triangle, silent at 50 Hz
    qrs = np.abs(slow - _box(slow, 0.06 * fs, 0))[:, seconds]
    some = np.s_[:, :, :: max(1, seconds.shape[1] // _ENOUGH)]
    fast = (x - slow)[:, seconds]
    tones = _mains(fast, fs)
    peak = qrs.max(axis=2)
    height = _height(peak, usable=shares[0] + shares[1] < 0.5)
    told = height > _SILENT_MV
    share = 1.0 / np.where(told, height, np.inf)
    faults = [
        shares[0],
        shares[1],
        np.minimum(1.0, 20.0 * shares[2]),
        _lost(peak * share, _SPIKE),
        _lost(tones * share, _MAINS),
        _lost(_steps(np.median(x[:, seconds[some[1:]]], axis=2)), _WANDER_MV),
        _lost(1.4826 * np.median(np.abs(fast[some]), axis=2) * share, _NOISE),
        np.where(told, _lost(_quiet(qrs[some]) * share, _NO_QRS), 1.0),
    ]
    return np.stack(faults)


def _seconds(t: int, fs_hz: float, first: int) -> NDArray[np.int64]:
    """(seconds, samples) Samples of each second; the last reaches back from the end."""
    width = min(t, max(1, int(fs_hz)))
    count = int(np.ceil(t / fs_hz - 1e-6)) if t else 0
    starts = np.round((first + np.arange(count)) * fs_hz) - round(first * fs_hz)
    return np.minimum(starts, t - width).astype(np.int64)[:, None] + np.arange(width)


def _box(x: NDArray[np.float64], width: float, shift: int) -> NDArray[np.float64]:
    """(leads, t) Running mean; one of even width is half a sample early, or late with shift -1."""
    size = max(1, round(width))
    origin = shift if size % 2 == 0 else 0
    return uniform_filter1d(x, size, axis=1, mode="nearest", origin=origin)


def _quiet(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """(leads, seconds) What 15 % lie below; at 200 beats a minute most of a second is not quiet."""
    k = values.shape[2] * 3 // 20
    return np.partition(values, k, axis=2)[:, :, k]


def _mains(fast: NDArray[np.float64], fs_hz: float) -> NDArray[np.float64]:
    """(leads, seconds) Amplitude of the larger mains tone; both are taken out of `fast`."""
    largest = np.zeros(fast.shape[:2])
    for tone_hz in (50.0, 60.0):
        if tone_hz >= 0.49 * fs_hz:
            continue
        angle = 2 * np.pi * tone_hz / fs_hz * np.arange(fast.shape[2])
        wave = np.stack([np.cos(angle), np.sin(angle)])
        parts = fast @ wave.T * (2.0 / fast.shape[2])
        fast -= parts @ wave
        largest = np.maximum(largest, np.hypot(parts[:, :, 0], parts[:, :, 1]))
    return largest


def _height(peak: NDArray[np.float64], usable: NDArray[np.bool_]) -> NDArray[np.float64]:
    """(leads, seconds) Of the QRS around: median over seconds of the highest of three in a row.

    One spike reaches three of eleven seconds and so does not move it. Seconds without samples do
    not count; 0 where none does.
    """
    seen = np.where(usable, peak, np.nan)
    beside = np.pad(seen, ((0, 0), (_PAUSE_S, _PAUSE_S)), constant_values=np.nan)
    highest = np.fmax.reduce([beside[:, k : k + seen.shape[1]] for k in range(2 * _PAUSE_S + 1)])
    wide = np.pad(highest, ((0, 0), (_AROUND_S, _AROUND_S)), constant_values=np.nan)
    around = np.lib.stride_tricks.sliding_window_view(wide, 2 * _AROUND_S + 1, axis=1)
    ordered = np.sort(around, axis=2)  # nan last
    count = (~np.isnan(ordered)).sum(axis=2, keepdims=True)
    middle = np.take_along_axis(ordered, np.maximum(count - 1, 0) // 2, axis=2)
    return np.nan_to_num(middle[:, :, 0])


def _steps(level: NDArray[np.float64]) -> NDArray[np.float64]:
    """(leads, seconds) The larger step to the second before or behind."""
    step = np.abs(np.diff(level, axis=1))
    beside = np.pad(step, ((0, 0), (1, 1)))
    return np.maximum(beside[:, :-1], beside[:, 1:])


def _lost(value: NDArray[np.float64], half: float) -> NDArray[np.float64]:
    """Share of trust lost: 0 without the fault, a ninth at half of `half`, a half at `half`."""
    cubed = (value / half) ** 3
    return cubed / (1.0 + cubed)
