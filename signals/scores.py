"""How well found times agree with true ones: one-to-one pairs, sensitivity, PPV, F1."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .kernels.matching import pair_in_order


@dataclass(frozen=True)
class Score:
    """Counts of pairs, of true marks missed and of extra ones found; scores add.

    Attributes
    ----------
    hits, misses, extras : int
        True positives, false negatives, false positives.

    Examples
    --------
    >>> both = Score(98, 2, 0) + Score(100, 0, 4)
    >>> round(both.sensitivity, 4), round(both.ppv, 4), round(both.f1, 4)
    (0.99, 0.9802, 0.9851)
    """

    hits: int = 0
    misses: int = 0
    extras: int = 0

    @property
    def sensitivity(self) -> float:
        """Share of the true marks that were found; nan when there are none."""
        return _share(self.hits, self.hits + self.misses)

    @property
    def ppv(self) -> float:
        """Share of the found marks that are true; nan when nothing was found."""
        return _share(self.hits, self.hits + self.extras)

    @property
    def f1(self) -> float:
        """Harmonic mean of both; nan when there is neither a true mark nor a found one."""
        return _share(2 * self.hits, 2 * self.hits + self.misses + self.extras)

    def __add__(self, other: "Score") -> "Score":
        return Score(self.hits + other.hits, self.misses + other.misses, self.extras + other.extras)


def match_beats(found_ms: ArrayLike, true_ms: ArrayLike, tolerance_ms: float) -> NDArray[np.int64]:
    """Pairs of found and true marks, each in one pair at most.

    As many pairs as can be (EC57 asks for one-to-one), and of all such pairings the one with
    the least sum of distances.

    Parameters
    ----------
    found_ms
        (k,) In any order.
    true_ms
        (m,) In any order.
    tolerance_ms
        Largest distance of a pair, itself allowed.

    Returns
    -------
    (pairs, 2) Indices into found_ms and true_ms, in order of time.

    Raises
    ------
    ValueError
        When a series is not one-dimensional and finite, or the tolerance is negative.

    Examples
    --------
    >>> match_beats([100, 900, 1000], [120, 1010, 2000], 150).tolist()
    [[0, 0], [2, 1]]
    """
    found, true = _series("found_ms", found_ms), _series("true_ms", true_ms)
    if not tolerance_ms >= 0:
        msg = f"tolerance_ms must not be negative, got {tolerance_ms}"
        raise ValueError(msg)
    by_found, by_true = np.argsort(found, kind="stable"), np.argsort(true, kind="stable")
    pairs = np.empty((min(len(found), len(true)), 2), np.int64)
    count = pair_in_order(found[by_found], true[by_true], float(tolerance_ms), pairs)
    return np.column_stack([by_found[pairs[:count, 0]], by_true[pairs[:count, 1]]])


def score_beats(found_ms: ArrayLike, true_ms: ArrayLike, tolerance_ms: float) -> Score:
    """Hits, misses and extras of `match_beats`; add scores to pool records.

    Examples
    --------
    >>> score_beats([100, 900, 1000], [120, 1010, 2000], 150)
    Score(hits=2, misses=1, extras=1)
    """
    hits = len(match_beats(found_ms, true_ms, tolerance_ms))
    return Score(hits, np.size(true_ms) - hits, np.size(found_ms) - hits)


def _series(name: str, values: ArrayLike) -> NDArray[np.float64]:
    series = np.asarray(values, dtype=np.float64)
    if series.ndim != 1 or not np.isfinite(series).all():
        msg = f"{name} must be a row of finite times, got shape {series.shape}"
        raise ValueError(msg)
    return series


def _share(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")
