"""When each node is activated and repolarises, noted while a wave runs."""

import numpy as np
from numpy.typing import NDArray

from .eikonal_checks import Floats
from .kernels import waves as kernel


class Waves:
    """Times of every activation and repolarisation so far.

    Attributes
    ----------
    past : (2, n) float64
        Voltage one step ago, and peak of the action potential that runs, -inf without one.
    beats : (n, 2, b) float64
        ms of activation and repolarisation, inf where none was yet; b grows as needed.
    """

    def __init__(self, v_mv: Floats, rest_mv: Floats, threshold_mv: float) -> None:
        self.rest_mv = rest_mv
        self.threshold_mv = threshold_mv
        self.past = np.stack([v_mv, np.full(len(v_mv), -np.inf)])
        self.beats = np.full((len(v_mv), 2, 2), np.inf)

    def watch(
        self, v: Floats, w: Floats, dt_ms: float, time_ms: float, first: int, last: int
    ) -> None:
        """Note what happened in the step that ends at `time_ms`; see the kernel."""
        kernel.watch(
            v,
            w,
            dt_ms,
            time_ms,
            self.threshold_mv,
            self.rest_mv,
            self.past,
            self.beats,
            first,
            last,
        )

    def make_room(self) -> None:
        """Have a free place for the next beat of every node."""
        if (self.beats[:, 0, -1] < np.inf).any():
            self.beats = np.concatenate([self.beats, np.full_like(self.beats, np.inf)], axis=2)

    def noted(self) -> Floats:
        """(n, 2, b) The beats, for as many as the busiest node had, at least one."""
        return self.beats[:, :, : max(1, int((self.beats[:, 0] < np.inf).sum(axis=1).max()))]

    def activated(self, nodes: NDArray[np.bool_]) -> bool:
        """Whether all these nodes have been activated."""
        return bool((self.beats[nodes, 0, 0] < np.inf).all())
