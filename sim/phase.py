"""Where each cell is in its cycle, and the points about which waves turn."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .eikonal_checks import Floats, element_array


def delayed_phase(v_mv: ArrayLike, earlier_mv: ArrayLike, centre_mv: float) -> Floats:
    """(n,) Angle in -pi..pi in the plane of the voltage now and the voltage some ms ago.

    It falls as a cell depolarises, and jumps where it starts anew (Gray 1998, Nature 392, 75-78;
    Iyer and Gray 2001, on the choice of the centre).

    Examples
    --------
    >>> delayed_phase([20.0, -80.0], [-80.0, -80.0], -40.0).round(2)
    array([-0.59, -2.36])
    """
    now, then = np.asarray(v_mv, np.float64), np.asarray(earlier_mv, np.float64)
    return np.asarray(np.arctan2(then - centre_mv, now - centre_mv))


def phase_singularities(
    phase: ArrayLike, triangles: ArrayLike
) -> tuple[NDArray[np.intp], NDArray[np.int8]]:
    """Triangles about which the phase winds once.

    Parameters
    ----------
    phase
        (n,) rad.
    triangles
        (m, 3)

    Returns
    -------
    found : (k,) int
        Triangles.
    sign : (k,) int8
        1 where the phase rises in the order of the triangle's corners, else -1.

    Examples
    --------
    >>> import numpy as np
    >>> found, sign = phase_singularities(np.deg2rad([0, 120, -120]), [[0, 1, 2]])
    >>> found, sign
    (array([0]), array([1], dtype=int8))
    """
    phase = np.asarray(phase, np.float64)
    triangles = element_array(triangles, 3, len(phase), "triangles")
    around = phase[triangles]
    steps = np.roll(around, -1, axis=1) - around
    winding = np.rint((steps - 2 * np.pi * np.rint(steps / (2 * np.pi))).sum(axis=1) / (2 * np.pi))
    found = np.flatnonzero(winding)
    return found, winding[found].astype(np.int8)


class PhaseRecorder:
    """Phase singularities on a surface, found while a run goes on.

    Give it to `solve_monodomain` as one of its `frames`. A run that is resumed is searched from
    there on.

    Parameters
    ----------
    triangles
        (m, 3) The surface: of the mesh itself, or a boundary of tetrahedra.
    every_ms
        Time between searches.
    delay_ms
        Of the second voltage; about the length of an upstroke and its front's passage, and
        rounded to a whole number of searches.
    centre_mv
        Voltage about which the phase turns, half way up.

    Attributes
    ----------
    found : list of (float, int, int)
        ms, triangle and sign of each.
    phase : (n,) float64
        Latest phase, nan before the first delay is over.
    """

    def __init__(
        self,
        triangles: ArrayLike,
        every_ms: float = 1.0,
        *,
        delay_ms: float = 5.0,
        centre_mv: float = -40.0,
    ) -> None:
        if not (0 < every_ms < np.inf and every_ms <= delay_ms < np.inf):
            msg = f"delay_ms must be at least every_ms, got {delay_ms} and {every_ms}"
            raise ValueError(msg)
        self.triangles = np.asarray(triangles)
        self.every_ms = every_ms
        self.centre_mv = centre_mv
        self.found: list[tuple[float, int, int]] = []
        self.phase: Floats = np.empty(0)
        self._delay = round(delay_ms / every_ms)
        self._past: list[Floats] = []
        self._times_ms: Floats = np.empty(0)

    def begin(self, nodes_mm: Floats, times_ms: Floats, done: int) -> None:
        """Get ready; see `Recorder`."""
        self.triangles = element_array(self.triangles, 3, len(nodes_mm), "triangles")
        self.found, self._past, self._times_ms = [], [], times_ms[done:]
        self.phase = np.full(len(nodes_mm), np.nan)

    def take(self, v_mv: Floats, states: Sequence[Floats]) -> None:
        """Search the next frame."""
        del states
        time_ms, self._times_ms = self._times_ms[0], self._times_ms[1:]
        self._past.append(v_mv)
        if len(self._past) <= self._delay:
            return
        self.phase = delayed_phase(v_mv, self._past.pop(0), self.centre_mv)
        triangles, signs = phase_singularities(self.phase, self.triangles)
        for triangle, sign in zip(triangles.tolist(), signs.tolist(), strict=True):
            self.found.append((float(time_ms), triangle, sign))

    def flush(self) -> None:
        """Nothing to write."""
