"""Which arrival times depend on elements that changed, and where the wave goes on from."""

import math

import numba as nb

from .eikonal_queue import SETTLED, TIME


@nb.njit(cache=True, nogil=True)
def forget(stars, via, by_time, tet_slow, triangle_slow, lost):
    """Extend `lost` (n,), at first the nodes that no longer conduct, to all that hang on them.

    A node is lost when the element that gave its time is slower (m,), (k,) or has a lost corner
    that does not conduct, or when one of the nodes that gave its time is lost. `by_time` (n,)
    lists nodes early to late: as a rule the nodes that gave a time come first.
    """
    for i in range(lost.shape[0]):
        if lost[i]:
            for k in range(stars.tet_start[i], stars.tet_start[i + 1]):
                tet_slow[stars.tet_star[k, 3] >> 2] = True
            for k in range(stars.triangle_start[i], stars.triangle_start[i + 1]):
                triangle_slow[stars.triangle_star[k, 2] >> 2] = True
    more = True
    while more:
        more = False
        for i in by_time:
            if lost[i] or via[i, 0] < 0:
                continue
            element = via[i, 0] >> 1
            gone = triangle_slow[element] if via[i, 0] & 1 else tet_slow[element]
            for j in via[i, 1:]:
                gone = gone or (j >= 0 and lost[j])
            lost[i] = gone
            more = more or gone


@nb.njit(cache=True, nogil=True)
def frontier(stars, fresh, clock, first):
    """Mark (n,) the nodes with a time that share an element with a fresh node (n,)."""
    for i in range(fresh.shape[0]):
        if not fresh[i]:
            continue
        for k in range(stars.tet_start[i], stars.tet_start[i + 1]):
            for j in stars.tet_star[k, :3]:
                if clock[j, SETTLED] < math.inf:
                    first[j] = True
        for k in range(stars.triangle_start[i], stars.triangle_start[i + 1]):
            for j in stars.triangle_star[k, :2]:
                if clock[j, SETTLED] < math.inf:
                    first[j] = True
        if clock[i, TIME] < math.inf:  # a source of its own
            first[i] = True
