"""Inner loop of `signals.scores`; the caller has sorted both series."""

import numba as nb
import numpy as np


@nb.njit(cache=True)
def pair_in_order(found, true, tolerance, pairs):
    """Most pairs within a tolerance, and of those the nearest; how many there are.

    found (k,) and true (m,) in order, pairs (min(k, m), 2) gets indices of both. Pairs need not
    cross: uncrossing two keeps both within the tolerance and adds no distance. So the best of the
    first i found and first j true follows from three shorter ones, and only for the j within the
    tolerance of i (`first` to `stop`); beyond them nothing changes.
    """
    k, m = found.shape[0], true.shape[0]
    first = np.searchsorted(true, found - tolerance, side="left")
    stop = np.searchsorted(true, found + tolerance, side="right")
    begin = np.zeros(k + 1, np.int64)
    for i in range(k):
        begin[i + 1] = begin[i] + stop[i] - first[i]
    step = np.empty(begin[k], np.int8)  # 0: found i is left, 1: true j is left, 2: a pair
    count, distance = np.zeros(m + 1, np.int64), np.zeros(m + 1)
    known = 0  # entries of count and distance that hold; later ones equal the last of them
    for i in range(k):
        for j in range(known + 1, stop[i] + 1):
            count[j], distance[j] = count[known], distance[known]
        known = max(known, stop[i])
        before_count, before_distance = count[first[i]], distance[first[i]]
        for j in range(first[i], stop[i]):
            pair_count = before_count + 1
            pair_distance = before_distance + abs(found[i] - true[j])
            before_count, before_distance = count[j + 1], distance[j + 1]
            at = begin[i] + j - first[i]
            step[at] = 0
            if count[j] > count[j + 1] or (
                count[j] == count[j + 1] and distance[j] < distance[j + 1]
            ):
                count[j + 1], distance[j + 1], step[at] = count[j], distance[j], 1
            if pair_count > count[j + 1] or (
                pair_count == count[j + 1] and pair_distance < distance[j + 1]
            ):
                count[j + 1], distance[j + 1], step[at] = pair_count, pair_distance, 2
    total, i, j = count[known], k - 1, known - 1
    left = total
    while left > 0:
        if j >= stop[i]:
            j = stop[i] - 1
        if j < first[i]:
            i -= 1
            continue
        move = step[begin[i] + j - first[i]]
        if move == 2:
            left -= 1
            pairs[left, 0], pairs[left, 1] = i, j
        if move != 1:
            i -= 1
        if move != 0:
            j -= 1
    return total
