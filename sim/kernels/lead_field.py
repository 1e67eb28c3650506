"""Inner loops of `sim.lead_field`; the caller has checked every shape and cleared `out`."""

import math

import numba as nb


@nb.njit(cache=True, nogil=True)
def assemble(nodes, tets, fibres, active, lead, strength, work, out):
    """Add what each tet contributes to the potential at each electrode, per mV at its nodes.

    nodes (n, 3) mm, tets (m, 4), fibres (m, 3), active (m,) bool, lead (m, e, 3) 1/mm2,
    strength (2,) of the dipoles along and across the fibre, work (3, e), out (n, e).
    """
    for k in range(tets.shape[0]):
        if not active[k]:
            continue
        a, b, c, d = tets[k, 0], tets[k, 1], tets[k, 2], tets[k, 3]
        ax, ay, az = nodes[a, 0], nodes[a, 1], nodes[a, 2]
        ux, uy, uz = nodes[b, 0] - ax, nodes[b, 1] - ay, nodes[b, 2] - az
        vx, vy, vz = nodes[c, 0] - ax, nodes[c, 1] - ay, nodes[c, 2] - az
        wx, wy, wz = nodes[d, 0] - ax, nodes[d, 1] - ay, nodes[d, 2] - az
        # Volume times gradient of each hat function: a sixth of the opposite face's area vector.
        bx, by, bz = (vy * wz - vz * wy) / 6, (vz * wx - vx * wz) / 6, (vx * wy - vy * wx) / 6
        cx, cy, cz = (wy * uz - wz * uy) / 6, (wz * ux - wx * uz) / 6, (wx * uy - wy * ux) / 6
        dx, dy, dz = (uy * vz - uz * vy) / 6, (uz * vx - ux * vz) / 6, (ux * vy - uy * vx) / 6
        fx, fy, fz = fibres[k, 0], fibres[k, 1], fibres[k, 2]
        # The dipole of each hat function: stronger along the fibre.
        along = strength[0] - strength[1]
        more = along * (bx * fx + by * fy + bz * fz)
        bx = strength[1] * bx + more * fx
        by = strength[1] * by + more * fy
        bz = strength[1] * bz + more * fz
        more = along * (cx * fx + cy * fy + cz * fz)
        cx = strength[1] * cx + more * fx
        cy = strength[1] * cy + more * fy
        cz = strength[1] * cz + more * fz
        more = along * (dx * fx + dy * fy + dz * fz)
        dx = strength[1] * dx + more * fx
        dy = strength[1] * dy + more * fy
        dz = strength[1] * dz + more * fz
        # A loop a node: they write to different rows, which a compiler cannot know.
        for e in range(lead.shape[1]):
            lx, ly, lz = lead[k, e, 0], lead[k, e, 1], lead[k, e, 2]
            work[0, e] = bx * lx + by * ly + bz * lz
            work[1, e] = cx * lx + cy * ly + cz * lz
            work[2, e] = dx * lx + dy * ly + dz * lz
        for e in range(lead.shape[1]):
            out[a, e] += work[0, e] + work[1, e] + work[2, e]
        for e in range(lead.shape[1]):
            out[b, e] -= work[0, e]
        for e in range(lead.shape[1]):
            out[c, e] -= work[1, e]
        for e in range(lead.shape[1]):
            out[d, e] -= work[2, e]


@nb.njit(cache=True, nogil=True)
def scatter(weights, activation, apd, axes, share, out):
    """Sort the nodes' weights into cells of activation time and action potential duration.

    weights (n, e), activation (n,) ms, apd (n,) ms, axes (first time, time step, first duration,
    duration step) ms, share (4,) to work in, out (durations, times, e). A node between two times
    is shared linearly; between the four durations about its own by the
    cubic through them. One never activated, or outside the times, is left out.
    """
    for i in range(activation.shape[0]):
        if not math.isfinite(activation[i]):
            continue
        t = (activation[i] - axes[0]) / axes[1]
        p = (apd[i] - axes[2]) / axes[3]
        if t < 0 or t >= out.shape[1] - 1:
            continue
        j = int(t)
        k = min(max(int(p) - 1, 0), out.shape[0] - 4)
        s = t - j
        q = p - k - 1
        share[0] = -q * (q - 1) * (q - 2) / 6
        share[1] = (q + 1) * (q - 1) * (q - 2) / 2
        share[2] = -(q + 1) * q * (q - 2) / 2
        share[3] = (q + 1) * q * (q - 1) / 6
        for c in range(4):
            early, late = share[c] * (1 - s), share[c] * s
            for e in range(weights.shape[1]):
                out[k + c, j, e] += early * weights[i, e]
                out[k + c, j + 1, e] += late * weights[i, e]


@nb.njit(cache=True, nogil=True)
def sharpen(weights, activation, apd, axes, before, missing, out):
    """Add what sharing a node between two samples leaves out of its upstroke.

    weights (n, e), activation (n,) ms, apd (n,) ms, axes (time step, first duration, duration
    step) ms, before: samples from which `missing` begins until activation, missing (durations,
    parts + 1, samples) mV for activations some parts of a step before a sample, out (times, e).
    """
    parts = missing.shape[1] - 1
    for i in range(activation.shape[0]):
        if not math.isfinite(activation[i]):
            continue
        t = activation[i] / axes[0]
        j = math.floor(t)
        x = (1 - (t - j)) * parts
        m = min(int(x), parts - 1)
        x -= m
        p = (apd[i] - axes[1]) / axes[2]
        k = min(max(int(p), 0), missing.shape[0] - 2)
        q = p - k
        first = j + 1 - before
        for s in range(max(0, -first), min(missing.shape[2], out.shape[0] - first)):
            short = (1 - x) * missing[k, m, s] + x * missing[k, m + 1, s]
            long = (1 - x) * missing[k + 1, m, s] + x * missing[k + 1, m + 1, s]
            rise = (1 - q) * short + q * long
            for e in range(weights.shape[1]):
                out[first + s, e] += rise * weights[i, e]
