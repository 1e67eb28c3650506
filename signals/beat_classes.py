"""What kind of beat each mark stands for: the five classes of ANSI/AAMI EC57."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .recording import Marks

#: Normal and bundle branch block, supraventricular ectopic, ventricular, fusion, other.
AAMI_CLASSES = ("N", "S", "V", "F", "Q")
#: Class of each beat code of WFDB (PhysioBank annotation codes). As in de Chazal 2004, table II
#: (IEEE Trans Biomed Eng 51:1196), which counts escape beats above the ventricles as N.
AAMI_OF_CODE = {
    **dict.fromkeys("NLRBejn", "N"),
    **dict.fromkeys("AaJS", "S"),
    **dict.fromkeys("VEr", "V"),
    "F": "F",
    **dict.fromkeys("/fQ?", "Q"),
}
#: Codes of paced beats, and of those fused with a paced one.
_PACED = "/f"


class Beats(NamedTuple):
    """Beats with their classes, in order."""

    times_ms: NDArray[np.float64]  #: (k,) as they were marked
    classes: tuple[str, ...]  #: (k,) of `AAMI_CLASSES`
    codes: tuple[str, ...]  #: (k,) as in the file


def beats_of(marks: Marks, *, paced: bool = True) -> Beats:
    """The beats among marks that also name rhythms, noise and waves.

    Parameters
    ----------
    marks
        With WFDB codes, such as the `atr` marks of a recording.
    paced
        Whether paced beats and fusions with them come as class Q; else they are left out. EC57
        leaves out whole records in which beats are paced.

    Examples
    --------
    >>> import numpy as np
    >>> marks = Marks(times_ms=np.arange(4.0), labels=("+", "N", "~", "V"))
    >>> beats_of(marks).classes
    ('N', 'V')
    """
    kept = [
        k
        for k, code in enumerate(marks.labels)
        if code in AAMI_OF_CODE and (paced or code not in _PACED)
    ]
    codes = tuple(marks.labels[k] for k in kept)
    return Beats(marks.times_ms[kept], tuple(AAMI_OF_CODE[c] for c in codes), codes)


def classes_at(
    beats: Beats, times_ms: NDArray[np.float64], tolerance_ms: float = 150.0
) -> tuple[str, ...]:
    """Class of the marked beat nearest to each time; "" where none lies within the tolerance.

    Parameters
    ----------
    beats
        From `beats_of`.
    times_ms
        (k,) Such as those of R peaks that were found.
    tolerance_ms
        EC57 matches within 150 ms.
    """
    if not len(beats.times_ms):
        return ("",) * len(times_ms)
    after = np.clip(np.searchsorted(beats.times_ms, times_ms), 1, max(len(beats.times_ms) - 1, 1))
    near = np.stack([after - 1, np.minimum(after, len(beats.times_ms) - 1)])
    away = np.abs(beats.times_ms[near] - times_ms)
    best, closest = near[away.argmin(axis=0), np.arange(len(times_ms))], away.min(axis=0)
    return tuple(
        beats.classes[k] if d <= tolerance_ms else "" for k, d in zip(best, closest, strict=True)
    )
