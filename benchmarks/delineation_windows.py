"""Windows of leads to train on, altered as recorders, electrodes and hearts alter them."""

import numpy as np
from delineation_data import CLASS_OF, FINE_HZ, LENGTH, UNKNOWN, Examples
from numpy.typing import NDArray

from cardiotwin.signals.wave_net import INPUT_HZ

#: Inputs in a window, 4.1 s, and inputs to one answer.
WINDOW, STRIDE = 1024, 2
#: A lead is played up to so much slower or faster.
_STRETCH = 1.33
#: How far a window may stick out of the record, in fine samples.
_BEYOND = 400
#: Spread of the logarithm of the amplitude; share of leads turned upside down.
_GAIN, _TURNED = 0.3, 0.15
#: Share of windows with a disturbance and its spread, a QRS being 1 high.
_WANDER, _MAINS, _NOISE = (0.4, 0.15), (0.2, 0.05), (0.5, 0.03)
#: Share of windows in which one beat stands alone, as in a median beat.
_ALONE = 0.12
#: Longest half of the window that smooths a lead, in fine samples: recorders low-pass.
_SMOOTHEST = 7


def windows(
    rng: np.random.Generator, examples: Examples, rows: NDArray[np.int64], count: int
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """(count, 1, WINDOW) inputs drawn from some rows, and (count, WINDOW / STRIDE) classes."""
    step = FINE_HZ / INPUT_HZ * np.exp(rng.uniform(-1, 1, count) * np.log(_STRETCH))
    start = rng.uniform(-_BEYOND, LENGTH + _BEYOND - WINDOW * step)
    leads = np.empty((count, WINDOW))
    classes = np.empty((count, WINDOW // STRIDE), np.int64)
    for k, row in enumerate(rng.choice(rows, count)):
        places = start[k] + step[k] * np.arange(WINDOW)
        leads[k] = np.interp(places, np.arange(LENGTH), _smoothed(rng, examples.leads[row]))
        near = np.round(places[::STRIDE]).astype(int)
        within = (near >= 0) & (near < LENGTH)
        classes[k] = np.where(within, examples.classes[row][near.clip(0, LENGTH - 1)], UNKNOWN)
        if rng.random() < _ALONE:
            _leave_one_beat(rng, leads[k], classes[k])
    leads *= (np.exp(rng.normal(0, _GAIN, count)) * _sign(rng, count))[:, None]
    leads += _disturbances(rng, count)
    return leads[:, None].astype(np.float32), classes


def _sign(rng: np.random.Generator, count: int) -> NDArray[np.float64]:
    return np.where(rng.random(count) < _TURNED, -1.0, 1.0)


def _smoothed(rng: np.random.Generator, lead: NDArray[np.float32]) -> NDArray[np.float32]:
    half = rng.integers(0, _SMOOTHEST)
    return np.convolve(lead, np.hanning(2 * half + 1)[1:-1] / half, "same") if half > 2 else lead


def _leave_one_beat(
    rng: np.random.Generator, lead: NDArray[np.float64], classes: NDArray[np.int64]
) -> None:
    """All but one beat becomes the line through its ends; of PTB-XL, which has no borders, none."""
    qrs = np.flatnonzero(classes == CLASS_OF["N"])
    if not qrs.size:
        return
    middle = STRIDE * int(rng.choice(qrs))
    begin = max(0, middle - int(rng.uniform(60, 110)))
    end = min(WINDOW, middle + int(rng.uniform(90, 190)))
    share = np.clip((np.arange(WINDOW) - begin) / (end - begin), 0, 1)
    line = lead[begin] + (lead[end - 1] - lead[begin]) * share
    lead[:begin], lead[end:] = line[:begin], line[end:]
    if rng.random() < 0.7:
        lead -= line
    classes[: (begin + 1) // STRIDE] = UNKNOWN
    classes[end // STRIDE :] = UNKNOWN


def _disturbances(rng: np.random.Generator, count: int) -> NDArray[np.float64]:
    seconds = np.arange(WINDOW) / INPUT_HZ

    def size(share: float, spread: float) -> NDArray[np.float64]:
        return ((rng.random(count) < share) * rng.normal(0, spread, count))[:, None]

    def tone(frequency_hz: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.sin(2 * np.pi * (frequency_hz[:, None] * seconds + rng.random((count, 1))))

    wander = size(*_WANDER) * tone(rng.uniform(0.05, 0.6, count))
    mains = size(*_MAINS) * tone(rng.choice([50.0, 60.0], count))
    return wander + mains + size(*_NOISE) * rng.standard_normal((count, WINDOW))
