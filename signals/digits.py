"""Samples as the whole numbers of a converter: the ones they came from, or the finest there are."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

#: A sample counts as a whole number when it is that near to one, in units of the converter.
#: Arithmetic in float64 stays below 1e-9 for numbers of 24 bits.
_NEAR = 1e-6
#: Largest gain, and largest number at 0 units, that readers with 32 bits understand.
_LARGEST = 1e9


class Scale(NamedTuple):
    """How numbers map to a signal: number = samples * gain + baseline."""

    gain: float
    baseline: float


def whole_numbers(
    samples: NDArray[np.float64], scale: Scale, bits: int, *, spare_least: bool = True
) -> NDArray[np.int64] | None:
    """(t,) The numbers of the samples, the least one where a sample is missing.

    None when a sample lies between two numbers, or needs more bits; without missing samples the
    least number need not be spared for them.
    """
    numbers = samples * scale.gain + scale.baseline
    rounded = np.rint(numbers)
    missing = np.isnan(samples)
    top = 2.0 ** (bits - 1) - 1
    fits = (rounded <= top) & (rounded >= (-top if spare_least else -top - 1))
    if not (missing | (fits & (np.abs(numbers - rounded) <= _NEAR))).all():
        return None
    return np.where(missing, -top - 1, rounded).astype(np.int64)


def nearest_numbers(samples: NDArray[np.float64], scale: Scale, bits: int) -> NDArray[np.int64]:
    """(t,) The nearest numbers, at most half a unit away; the least where a sample is missing."""
    top = 2.0 ** (bits - 1) - 1
    numbers = np.clip(np.rint(samples * scale.gain + scale.baseline), -top, top)
    return np.where(np.isnan(samples), -top - 1, numbers).astype(np.int64)


def finest_scale(samples: NDArray[np.float64], bits: int, what: str) -> Scale:
    """The scale by which the samples fill most of the range of so many bits.

    Raises
    ------
    ValueError
        When a sample is infinite.
    """
    there = samples[~np.isnan(samples)]
    if not np.isfinite(there).all():
        msg = f"{what} is infinite somewhere; no converter has a number for that"
        raise ValueError(msg)
    low, high = (float(there.min()), float(there.max())) if there.size else (0.0, 0.0)
    middle, half = low / 2 + high / 2, high / 2 - low / 2
    room = 2.0 ** (bits - 1) - 2
    gain = min(
        _LARGEST,
        room / half if half > 0 else _LARGEST,
        _LARGEST / abs(middle) if middle else _LARGEST,
    )
    return Scale(gain, float(-np.rint(middle * gain)))


def told_scale(meta: Mapping[str, str | float], name: str) -> Scale | None:
    """The scale with which a signal was read from a WFDB file; None when it was not."""
    gain, baseline = meta.get(f"gain {name}"), meta.get(f"baseline {name}")
    if isinstance(gain, (int, float)) and isinstance(baseline, (int, float)) and gain:
        return Scale(float(gain), float(baseline))
    return None
