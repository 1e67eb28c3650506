"""What is read off the QRS of a single beat: Q, R and S, pathological Q waves, lost R waves."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .ecg import ECG
from .qrs_bounds import qrs_bounds_ms

#: Contiguous leads (Fourth Universal Definition of Myocardial Infarction 2018, table 4).
LEAD_GROUPS = {
    "inferior": ("II", "III", "aVF"),
    "lateral": ("I", "aVL", "V6"),
    "anterior": ("V1", "V2", "V3", "V4", "V5", "V6"),
}
#: A deflection smaller than this is not a wave.
_WAVE_MV = 0.02


class QRS(NamedTuple):
    """Of one lead: the first negative wave if it comes first, the tallest positive, the last."""

    q_mv: float  #: depth, positive; 0 without a Q wave
    q_ms: float  #: width
    r_mv: float  #: height; 0 in a QS complex
    s_mv: float  #: depth of the deepest negative wave, positive

    @property
    def is_qs(self) -> bool:
        """The whole complex is negative."""
        return self.r_mv == 0 and self.s_mv > 0

    @property
    def net_mv(self) -> float:
        """Height of R less depth of S or Q, whichever is deeper."""
        return self.r_mv - self.s_mv


def qrs_waves(ecg: ECG, bounds_ms: tuple[float, float] | None = None) -> dict[str, QRS]:
    """Q, R and S of each lead within the common bounds of the QRS.

    Parameters
    ----------
    ecg
        One beat, 0 at rest.
    bounds_ms
        Begin and end of the QRS; those of `qrs_bounds_ms` when None.
    """
    begin, end = bounds_ms or qrs_bounds_ms(ecg)
    step_ms = 1000.0 / ecg.fs_hz
    part = slice(int(begin / step_ms), int(np.ceil(end / step_ms)) + 1)
    return {name: _waves(ecg.lead(name)[part], step_ms) for name in ecg.leads}


def _waves(v_mv: NDArray[np.float64], step_ms: float) -> QRS:
    high, low = float(v_mv.max()), float(v_mv.min())
    r_mv = high if high > _WAVE_MV else 0.0
    s_mv = -low if low < -_WAVE_MV else 0.0
    up, down = v_mv > _WAVE_MV, v_mv < -_WAVE_MV
    first_up = int(np.argmax(up)) if up.any() else len(v_mv)
    before = down[:first_up]
    if not before.any():
        return QRS(0.0, 0.0, r_mv, s_mv)
    q = v_mv[:first_up]
    start = int(np.argmax(before))
    back = np.flatnonzero(q[start:] >= 0)
    stop = start + int(back[0]) if back.size else len(q)
    return QRS(-float(q[start:stop].min()), (stop - start) * step_ms, r_mv, s_mv)


def pathological_q(ecg: ECG, group: str) -> bool:
    """Whether two leads of a contiguous group show the Q waves of a prior infarct.

    Fourth Universal Definition of Myocardial Infarction (Thygesen 2018, table 4): a Q wave of
    at least 20 ms, or a QS complex, in V2 or V3; a Q wave of at least 30 ms and 0.1 mV, or a QS
    complex, in any two leads of a group. V1 counts in its group by the same 30 ms and 0.1 mV;
    a QS complex in V1 alone is normal and does not count.

    Raises
    ------
    ValueError
        When the group is unknown or a lead of it is missing.
    """
    if group not in LEAD_GROUPS:
        msg = f"unknown lead group {group!r}; choose {', '.join(LEAD_GROUPS)}"
        raise ValueError(msg)
    waves = qrs_waves(ecg)
    leads = [(name, waves[name]) for name in LEAD_GROUPS[group] if name in waves]
    found = sum(w.is_qs or (w.q_ms >= 30 and w.q_mv >= 0.1) for _, w in leads)
    early = any(w.is_qs or w.q_ms >= 20 for name, w in leads if name in ("V2", "V3"))
    return found >= 2 or early


def poor_r_progression(ecg: ECG) -> bool:
    """Whether R waves are lost over the anterior wall.

    The rule of Zema and Kligfield (J Electrocardiol 1979): R in V3 of at most 0.3 mV, or R waves
    that shrink anywhere from V1 over V2 and V3 to V4.
    """
    waves = qrs_waves(ecg)
    r_mv = [waves[f"V{k}"].r_mv for k in range(1, 5)]
    return r_mv[2] <= 0.3 or any(a > b for a, b in pairwise(r_mv))
