"""Inner loops of `anatomy.morph`: shape of tets, nodes moved until their tets are well shaped."""

import math

import numba as nb
import numpy as np

#: Where a node is tried: along the axes of a cube and to its corners.
DIRECTIONS = np.array(
    [[1.0, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]]
    + [[x, y, z] for x in (-0.577, 0.577) for y in (-0.577, 0.577) for z in (-0.577, 0.577)]
)
#: First step as a share of the shortest edge at the node, and how often it is halved.
FIRST_STEP, HALVINGS = 0.5, 7
#: A node must gain this much, so that rounding moves nobody.
LEAST_GAIN = 1e-6


@nb.njit(cache=True)
def _edge(nodes_mm, i, j):
    return (
        nodes_mm[j, 0] - nodes_mm[i, 0],
        nodes_mm[j, 1] - nodes_mm[i, 1],
        nodes_mm[j, 2] - nodes_mm[i, 2],
    )


@nb.njit(cache=True)
def _scaled_jacobian(nodes_mm, tet):
    """Scaled Jacobian of one tet, as defined in `anatomy.quality`."""
    a, b, c, d = tet[0], tet[1], tet[2], tet[3]
    ux, uy, uz = _edge(nodes_mm, a, b)
    vx, vy, vz = _edge(nodes_mm, a, c)
    wx, wy, wz = _edge(nodes_mm, a, d)
    volume = (uy * vz - uz * vy) * wx + (uz * vx - ux * vz) * wy + (ux * vy - uy * vx) * wz
    ab = ux * ux + uy * uy + uz * uz
    ac = vx * vx + vy * vy + vz * vz
    ad = wx * wx + wy * wy + wz * wz
    bc = (vx - ux) ** 2 + (vy - uy) ** 2 + (vz - uz) ** 2
    bd = (wx - ux) ** 2 + (wy - uy) ** 2 + (wz - uz) ** 2
    cd = (wx - vx) ** 2 + (wy - vy) ** 2 + (wz - vz) ** 2
    largest = max(ab * ac * ad, ab * bc * bd, ac * bc * cd, ad * bd * cd)
    return math.sqrt(2.0 / largest) * volume if largest > 0.0 else 0.0


@nb.njit(cache=True)
def scaled_jacobians(nodes_mm, tets, out):
    """(n, 3), (m, 4) int32 -> (m,): the shape of each tet."""
    for e in range(tets.shape[0]):
        out[e] = _scaled_jacobian(nodes_mm, tets[e])


@nb.njit(cache=True)
def _worst(nodes_mm, tets, around):
    least = 1.0
    for e in around:
        least = min(least, _scaled_jacobian(nodes_mm, tets[e]))
    return least


@nb.njit(cache=True)
def _shortest_edge(nodes_mm, tets, around, i):
    least = math.inf
    for e in around:
        for k in range(4):
            j = tets[e, k]
            if j != i:
                x, y, z = _edge(nodes_mm, i, j)
                least = min(least, x * x + y * y + z * z)
    return math.sqrt(least)


@nb.njit(cache=True)
def relax_nodes(nodes_mm, tets, start, members, movable, homes_mm, slack_mm, goal):
    """Move nodes in turn so that the worst tet at each becomes better, until it reaches `goal`.

    (n, 3) in place, (m, 4) int32, tets at node i: members[start[i] : start[i + 1]], (k,) nodes,
    (k, 3) and (k,): a node stays within `slack_mm` of its home. Returns how many nodes moved.
    """
    moved = 0
    place, best = np.empty(3), np.empty(3)
    for n in range(movable.shape[0]):
        i = movable[n]
        around = members[start[i] : start[i + 1]]
        worst = _worst(nodes_mm, tets, around)
        first = worst
        step = FIRST_STEP * _shortest_edge(nodes_mm, tets, around, i)
        for _ in range(4 * HALVINGS):
            if worst >= goal:
                break
            gain = worst + LEAST_GAIN
            place[:] = nodes_mm[i]
            for d in range(DIRECTIONS.shape[0]):
                away = 0.0
                for c in range(3):
                    nodes_mm[i, c] = place[c] + step * DIRECTIONS[d, c]
                    away += (nodes_mm[i, c] - homes_mm[n, c]) ** 2
                if away <= slack_mm[n] ** 2:
                    quality = _worst(nodes_mm, tets, around)
                    if quality > gain:
                        gain = quality
                        best[:] = nodes_mm[i]
            if gain > worst + LEAST_GAIN:
                worst = gain
                nodes_mm[i] = best
            else:
                nodes_mm[i] = place
                step *= 0.5
        moved += worst > first
    return moved


@nb.njit(cache=True)
def push_forward(nodes_mm, tets, along_fibre, along_sheet, fibres, sheets):
    """Carried unit fibre F f, and unit F s less its part along it; both (m, 3) float32.

    (n, 3), (m, 4) int32, (m, 4) twice: gradient of each node's hat function along f and s before.
    """
    for e in range(tets.shape[0]):
        f0 = f1 = f2 = s0 = s1 = s2 = 0.0
        for k in range(4):
            i, a, b = tets[e, k], along_fibre[e, k], along_sheet[e, k]
            f0, s0 = f0 + a * nodes_mm[i, 0], s0 + b * nodes_mm[i, 0]
            f1, s1 = f1 + a * nodes_mm[i, 1], s1 + b * nodes_mm[i, 1]
            f2, s2 = f2 + a * nodes_mm[i, 2], s2 + b * nodes_mm[i, 2]
        scale = 1.0 / math.sqrt(f0 * f0 + f1 * f1 + f2 * f2)
        f0, f1, f2 = f0 * scale, f1 * scale, f2 * scale
        along = f0 * s0 + f1 * s1 + f2 * s2
        s0, s1, s2 = s0 - along * f0, s1 - along * f1, s2 - along * f2
        scale = 1.0 / math.sqrt(s0 * s0 + s1 * s1 + s2 * s2)
        fibres[e, 0], fibres[e, 1], fibres[e, 2] = f0, f1, f2
        sheets[e, 0], sheets[e, 1], sheets[e, 2] = s0 * scale, s1 * scale, s2 * scale
