"""Squared edge lengths in the metric of the wave."""

import math

import numba as nb


@nb.njit(cache=True, error_model="numpy")
def tet_metric(nodes_mm, tets, fibres, sheets, slowness, scale, out):
    """Squared edge lengths |e|^2 in D^-1 [ms^2]; slowness (3,) ms/mm, scale (m,) or (1,)."""
    for e in range(tets.shape[0]):
        f0, f1, f2 = fibres[e, 0], fibres[e, 1], fibres[e, 2]
        norm = 1.0 / math.sqrt(f0 * f0 + f1 * f1 + f2 * f2)
        f0, f1, f2 = f0 * norm, f1 * norm, f2 * norm
        s0, s1, s2 = sheets[e, 0], sheets[e, 1], sheets[e, 2]
        along = f0 * s0 + f1 * s1 + f2 * s2
        s0, s1, s2 = s0 - along * f0, s1 - along * f1, s2 - along * f2
        norm = 1.0 / math.sqrt(s0 * s0 + s1 * s1 + s2 * s2)
        s0, s1, s2 = s0 * norm, s1 * norm, s2 * norm
        n0, n1, n2 = f1 * s2 - f2 * s1, f2 * s0 - f0 * s2, f0 * s1 - f1 * s0
        speed = scale[e % scale.shape[0]]
        k = 0
        for a in range(3):
            for b in range(a + 1, 4):
                i, j = tets[e, a], tets[e, b]
                x = nodes_mm[j, 0] - nodes_mm[i, 0]
                y = nodes_mm[j, 1] - nodes_mm[i, 1]
                z = nodes_mm[j, 2] - nodes_mm[i, 2]
                u = (f0 * x + f1 * y + f2 * z) * slowness[0]
                v = (s0 * x + s1 * y + s2 * z) * slowness[1]
                w = (n0 * x + n1 * y + n2 * z) * slowness[2]
                out[e, k] = (u * u + v * v + w * w) / (speed * speed)
                k += 1
