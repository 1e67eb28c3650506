"""Leads with gaps: what an operation that looks around itself does with each unbroken piece."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

#: (leads, t) in, (leads, t) out, with no missing sample in either.
Operation = Callable[[NDArray[np.float64]], NDArray[np.float64]]


def runs(mask: NDArray[np.bool_]) -> NDArray[np.int64]:
    """(r, 2) Start and stop of each run of True in a mask (t,).

    Examples
    --------
    >>> import numpy as np
    >>> runs(np.array([False, True, True, False, True])).tolist()
    [[1, 3], [4, 5]]
    """
    edges = np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8))
    return np.stack([np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)], axis=1)


def bridged(lead: NDArray[np.float64], longest: int) -> NDArray[np.float64]:
    """(t,) The lead with a straight line across each gap of at most `longest` samples.

    A gap at the begin or the end of the record has no second bank, and stays.
    """
    missing = np.isnan(lead)
    out = lead.copy()
    for start, stop in runs(missing):
        if stop - start <= longest and start > 0 and stop < len(lead):
            out[start - 1 : stop + 1] = np.linspace(lead[start - 1], lead[stop], stop - start + 2)
    return out


def over_stretches(
    samples: NDArray[np.float64], operate: Operation, *, bridge: int = 0
) -> NDArray[np.float64]:
    """(leads, t) Each lead operated on piece by piece; what was missing is missing again.

    Parameters
    ----------
    samples
        (leads, t), nan in gaps.
    operate
        What to do with (leads, t) samples without a gap. It keeps their number.
    bridge
        A gap of so many samples or fewer is bridged by a straight line while `operate` looks at
        the lead, so that a lost sample does not cut it in two; a longer gap parts two pieces.
    """
    missing = np.isnan(samples)
    if not missing.any():
        return operate(samples) if samples.size else samples
    out = np.full_like(samples, np.nan)
    for row, lead in enumerate(samples):
        whole = bridged(lead, bridge)
        for start, stop in runs(~np.isnan(whole)):
            out[row, start:stop] = operate(whole[None, start:stop])[0]
    out[missing] = np.nan
    return out


def extended(samples: NDArray[np.float64], pad: int) -> NDArray[np.float64]:
    """(leads, t + 2 pad) Continued on both sides by its own reflection through the end points.

    Level and slope go on through the ends, so that a filter does not ring there. A record shorter
    than `pad` is reflected again and again.
    """
    return np.pad(samples, ((0, 0), (pad, pad)), mode="reflect", reflect_type="odd")
