"""Inner loops of `anatomy.relax` and `anatomy.template`: better tets, fibres carried along."""

import math

import numba as nb
import numpy as np

from .shape import edge_mm, shape_about

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
def _shortest_edge(nodes_mm, tets, around, i):
    least = math.inf
    for e in around:
        for k in range(4):
            j = tets[e, k]
            if j != i:
                x, y, z = edge_mm(nodes_mm, i, j)
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
        worst = shape_about(nodes_mm, tets, around, -1.0)
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
                    quality = shape_about(nodes_mm, tets, around, -1.0)
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
