"""Inner loops of `signals.r_peaks`: peaks of a series, and the best chain of them."""

import math

import numba as nb


@nb.njit(cache=True)
def peaks_apart(height, apart, peaks):
    """Local maxima of height (t,), the higher of any two nearer than `apart` samples.

    peaks (t // 2 + 1,) gets their indices; how many there are. A run of equal values counts at
    its first sample; nan is no peak.
    """
    count = 0
    for i in range(1, height.shape[0] - 1):
        if height[i] > height[i - 1] and height[i] >= height[i + 1]:
            if count and i - peaks[count - 1] < apart:
                if height[i] > height[peaks[count - 1]]:
                    peaks[count - 1] = i
            else:
                peaks[count] = i
                count += 1
    return count


@nb.njit(cache=True)
def best_chain(p, times, heights, evidence, rr, score, before):
    """End of the chain of candidates with the largest sum of evidence less costs; -1 if none.

    p: `Rhythm`; times (k,) s in order, heights (k,) in any unit, evidence (k,), rr (k,) s from
    beat to beat expected about each; score (k,) gets the best sum of a chain that ends there,
    before (k,) its previous member or -1. A link over `reach_s` or more costs the same for all,
    so of the candidates out of reach only the best so far is kept: work grows as their number.
    """
    far, first = -1, 0  # best chain end out of reach, first candidate within it
    end = -1
    for j in range(times.shape[0]):
        while times[j] - times[first] >= p.reach_s:
            if far < 0 or score[first] > score[far]:
                far = first
            first += 1
        best, link = 0.0, -1
        if far >= 0 and score[far] > rhythm_cost(p, p.reach_s, rr[j]):
            best, link = score[far] - rhythm_cost(p, p.reach_s, rr[j]), far
        for i in range(first, j):
            apart = times[j] - times[i]
            if apart < p.refractory_s:
                break
            total = score[i] - rhythm_cost(p, apart, rr[j])
            if apart < p.t_wave_s and heights[j] < p.t_wave_share * heights[i]:
                total -= 1.0 + math.log(p.t_wave_share * heights[i] / heights[j])
            if total > best:
                best, link = total, i
        score[j], before[j] = best + evidence[j], link
        if score[j] > 0.0 and (end < 0 or score[j] > score[end]):
            end = j
    return end


@nb.njit(cache=True)
def rhythm_cost(p, apart, rr):
    """What it costs to leave `apart` s between beats that are usually `rr` s apart, if known."""
    if rr == math.inf:
        return 0.0
    ratio = math.log(apart / rr)
    pause = min(1.0, max(0.0, ratio - math.log(p.pause)))
    return p.pause_cost * pause + p.uneven_cost * min(1.0, abs(ratio))
