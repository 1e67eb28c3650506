"""Borders of P, QRS and T around each beat, from the odds of each wave at each time.

A wave is a run of times whose odds reach a level; its borders lie between two times, where the
line through their odds crosses the level. A run that begins or ends at a gap, or with the record,
has no border there: nan.
"""

import numba as nb
import numpy as np

#: Rows of the odds, and halves of the columns of the borders.
P, QRS, T = 0, 1, 2


@nb.njit(cache=True, nogil=True, error_model="numpy")
def heaviest_run(odds, first, last, level, least, bridge, row, near, at):
    """Begin and end of the run of most odds between two times; (nan, nan) for none.

    `row` of odds (waves, t); first, last, least and bridge in steps; runs less than `bridge` apart
    are one. A run must come within `near` of the time `at`. A cut border is -inf or inf.
    """
    first, last = max(first, 0), min(last, odds.shape[1] - 1)
    best, begin, end = 0.0, np.nan, np.nan
    mass, start, stop = 0.0, np.nan, -np.inf
    i = first
    while i <= last:
        if not odds[row, i] >= level:
            i += 1
            continue
        left, weight = crossing(odds, row, i, -1, first, level), 0.0
        while i <= last and odds[row, i] >= level:
            weight += odds[row, i]
            i += 1
        right = crossing(odds, row, i - 1, 1, last, level)
        if np.isfinite(left) and np.isfinite(stop) and left - stop < bridge:
            mass += weight
        else:
            mass, start = weight, left
        stop = right
        if mass > best and stop - start >= least and start < at + near and stop > at - near:
            best, begin, end = mass, start, stop
    return begin, end


@nb.njit(cache=True, nogil=True, error_model="numpy")
def crossing(odds, row, i, side, limit, level):
    """Where the odds cross the level between i and its neighbour; i itself at the limit.

    Beyond the record or at a gap: -inf or inf.
    """
    j = i + side
    if j < 0 or j >= odds.shape[1] or np.isnan(odds[row, j]):
        return side * np.inf
    if i == limit:
        return float(i)
    return i + side * (odds[row, i] - level) / (odds[row, i] - odds[row, j])


@nb.njit(cache=True, nogil=True, error_model="numpy")
def beat_borders(odds, peaks, rules, out):
    """Begin and end of P, QRS and T of each beat, in steps; nan where there is none or it is cut.

    odds (3, t) of P, QRS and T, nan in gaps; peaks (k,) R peaks in steps, in order; rules a
    `delineation.Rules`; out (k, 6).
    """
    k = len(peaks)
    for i in range(k):
        at, span = peaks[i], rules.reach
        low = max(at - span, (at + peaks[i - 1]) / 2 if i else -np.inf)
        high = min(at + span, (at + peaks[i + 1]) / 2 if i + 1 < k else np.inf)
        out[i, 2:4] = heaviest_run(
            odds, int(np.ceil(max(low, 0.0))), int(min(high, odds.shape[1])),
            rules.level, rules.qrs_least, rules.qrs_bridge, QRS, rules.near, at,
        )  # fmt: skip
    for i in range(k):
        begin, end = qrs_or_peak(out, peaks, i)
        low = begin - rules.pr_most
        if i:
            low = max(low, qrs_or_peak(out, peaks, i - 1)[1])
        high = end + rules.qt_most
        if i + 1 < k:
            high = min(high, qrs_or_peak(out, peaks, i + 1)[0])
        out[i, 0:2] = heaviest_run(
            odds, int(np.ceil(max(low, 0.0))), int(begin),
            rules.level, rules.p_least, rules.p_bridge, P, np.inf, begin,
        )  # fmt: skip
        out[i, 4:6] = heaviest_run(
            odds, int(np.ceil(end)), int(min(high, odds.shape[1])),
            rules.level, rules.t_least, rules.t_bridge, T, np.inf, end,
        )  # fmt: skip
    for i in range(k):
        for j in range(6):
            if np.isinf(out[i, j]):
                out[i, j] = np.nan


@nb.njit(cache=True, nogil=True, error_model="numpy")
def qrs_or_peak(out, peaks, i):
    """Borders of the QRS of beat i, 48 ms about its peak where they are not known."""
    begin, end = out[i, 2], out[i, 3]
    if not np.isfinite(begin):
        begin = peaks[i] - 6.0
    if not np.isfinite(end):
        end = peaks[i] + 6.0
    return begin, end


@nb.njit(cache=True, nogil=True, error_model="numpy")
def wave_tops(lead, begins, ends, out):
    """Where each wave is farthest from the line through its ends, in samples; nan without both.

    lead (t,); begins, ends (k,) in samples; out (k,). Between samples by the parabola through
    the farthest and its neighbours.
    """
    for k in range(len(begins)):
        out[k] = np.nan
        if not (np.isfinite(begins[k]) and np.isfinite(ends[k])):
            continue
        a, b = max(int(np.ceil(begins[k])), 0), min(int(ends[k]), len(lead) - 1)
        slope = (lead[b] - lead[a]) / (b - a) if b > a else 0.0
        farthest, top = -1.0, a
        for i in range(a, b + 1):
            away = abs(lead[i] - lead[a] - slope * (i - a))
            if away > farthest:
                farthest, top = away, i
        out[k] = top
        if a < top < b:
            bend = lead[top - 1] - 2 * lead[top] + lead[top + 1]
            if bend != 0:
                shift = (lead[top - 1] - lead[top + 1]) / (2 * bend) + slope / bend
                out[k] += min(max(shift, -0.5), 0.5)
