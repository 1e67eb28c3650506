"""The seventeen segments of the left ventricle (Cerqueira 2002, American Heart Association)."""

import numpy as np
from numpy.typing import NDArray

from .coordinates import RING_BORDERS
from .heart import VentricularCoordinates

#: Short names, the first is segment 1.
SEGMENT_NAMES = (
    "basal anterior",
    "basal anteroseptal",
    "basal inferoseptal",
    "basal inferior",
    "basal inferolateral",
    "basal anterolateral",
    "mid anterior",
    "mid anteroseptal",
    "mid inferoseptal",
    "mid inferior",
    "mid inferolateral",
    "mid anterolateral",
    "apical anterior",
    "apical septal",
    "apical inferior",
    "apical lateral",
    "apex",
)
# Sector 0 is centred on rotational pi/6 (anteroseptal) and the numbers rise towards anterior.
_BASAL = np.array([2, 1, 6, 5, 4, 3], np.int8)
_APICAL = np.array([14, 13, 16, 15], np.int8)


def aha_segments(coordinates: VentricularCoordinates) -> NDArray[np.int8]:
    """(n,) AHA segment 1..17 of every node of the left ventricle, 0 in the right.

    The rings have six sectors of 60 degrees (the apical one four of 90). The insertions of the
    right ventricle lie 60 degrees either side of mid-septum in the rotational coordinate, so the
    two septal sectors are the septum.

    Examples
    --------
    >>> import numpy as np
    >>> one = np.ones(4)
    >>> aha_segments(
    ...     VentricularCoordinates(
    ...         apicobasal=0.9 * one,
    ...         transmural=0.5 * one,
    ...         rotational=np.array([0.5, 1.5, -0.5, -1.5]),
    ...         transventricular=0 * one,
    ...     )
    ... ).tolist()
    [2, 1, 3, 4]
    """
    turns = coordinates.rotational / (2 * np.pi)
    sixth = np.floor(turns * 6).astype(int) % 6
    quarter = np.floor(turns * 4 + 0.5).astype(int) % 4
    ring = np.digitize(coordinates.apicobasal, RING_BORDERS)
    segments = np.select(
        [ring == 0, ring == 1, ring == 2], [17, _APICAL[quarter], _BASAL[sixth] + 6], _BASAL[sixth]
    )
    return np.where(coordinates.transventricular < 0.5, segments, 0).astype(np.int8)
