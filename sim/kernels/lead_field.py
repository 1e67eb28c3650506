"""Inner loops of `sim.lead_field`; the caller has checked every shape and cleared `out`."""

import math

import numba as nb


@nb.njit(cache=True)
def assemble(nodes, tets, fibres, active, lead, strength, out):
    """Add what each tet contributes to the potential at each electrode, per mV at its nodes.

    nodes (n, 3) mm, tets (m, 4), fibres (m, 3), active (m,) bool, lead (m, e, 3) 1/mm2,
    strength (2,) of the dipoles along and across the fibre, out (e, n).
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
        for e in range(lead.shape[1]):
            lx, ly, lz = lead[k, e, 0], lead[k, e, 1], lead[k, e, 2]
            along = (strength[0] - strength[1]) * (fx * lx + fy * ly + fz * lz)
            jx = strength[1] * lx + along * fx
            jy = strength[1] * ly + along * fy
            jz = strength[1] * lz + along * fz
            wb = bx * jx + by * jy + bz * jz
            wc = cx * jx + cy * jy + cz * jz
            wd = dx * jx + dy * jy + dz * jz
            out[e, a] += wb + wc + wd
            out[e, b] -= wb
            out[e, c] -= wc
            out[e, d] -= wd


@nb.njit(cache=True)
def scatter(weights, activation, apd, steps, out):
    """Sort the nodes' weights into cells of activation time and action potential duration.

    weights (e, n), activation (n,) ms, apd (n,) ms, steps (time step, first duration, duration
    step) ms, out (e, durations, times). A node between two cells is shared linearly; a node
    never activated is left out.
    """
    for i in range(activation.shape[0]):
        if not math.isfinite(activation[i]):
            continue
        t = activation[i] / steps[0]
        p = (apd[i] - steps[1]) / steps[2]
        j = min(int(t), out.shape[2] - 2)
        k = min(max(int(p), 0), out.shape[1] - 2)
        s = t - j
        q = p - k
        for e in range(weights.shape[0]):
            w = weights[e, i]
            out[e, k, j] += w * (1 - q) * (1 - s)
            out[e, k, j + 1] += w * (1 - q) * s
            out[e, k + 1, j] += w * q * (1 - s)
            out[e, k + 1, j + 1] += w * q * s
