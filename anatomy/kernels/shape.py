"""Inner loops of `anatomy.quality` and `anatomy.settle`: the shape of tets, and moves that keep it.

A tet's shape is its scaled Jacobian; see `anatomy.quality.MeshQuality`. That of a node is the
least of the tets around it.
"""

import math

import numba as nb
import numpy as np

#: Directions tried by a node inside: the faces and the corners of a cube.
_CUBE = np.array(
    [
        (x, y, z)
        for x in (-1.0, 0.0, 1.0)
        for y in (-1.0, 0.0, 1.0)
        for z in (-1.0, 0.0, 1.0)
        if abs(x) + abs(y) + abs(z) in (1.0, 3.0)
    ]
)
#: Longest step of a node that looks for a better place, as a share of the mean edge around it.
_STEP = 0.2
#: A step is tried at full length, half of it, and so on, this many times.
_HALVINGS = 4


@nb.njit(cache=True)
def edge_mm(nodes_mm, i, j):
    """From node i to node j; numbers, as a slice of an array would cost three times as much."""
    return (
        nodes_mm[j, 0] - nodes_mm[i, 0],
        nodes_mm[j, 1] - nodes_mm[i, 1],
        nodes_mm[j, 2] - nodes_mm[i, 2],
    )


@nb.njit(cache=True)
def scaled_jacobian(nodes_mm, tets, t):
    """sqrt(2) times six volumes over the largest product of the three edges at a corner."""
    ux, uy, uz = edge_mm(nodes_mm, tets[t, 0], tets[t, 1])
    vx, vy, vz = edge_mm(nodes_mm, tets[t, 0], tets[t, 2])
    wx, wy, wz = edge_mm(nodes_mm, tets[t, 0], tets[t, 3])
    ab = ux * ux + uy * uy + uz * uz
    ac = vx * vx + vy * vy + vz * vz
    ad = wx * wx + wy * wy + wz * wz
    bc = (vx - ux) ** 2 + (vy - uy) ** 2 + (vz - uz) ** 2
    bd = (wx - ux) ** 2 + (wy - uy) ** 2 + (wz - uz) ** 2
    cd = (wx - vx) ** 2 + (wy - vy) ** 2 + (wz - vz) ** 2
    six = (uy * vz - uz * vy) * wx + (uz * vx - ux * vz) * wy + (ux * vy - uy * vx) * wz
    longest = max(ab * ac * ad, ab * bc * bd, ac * bc * cd, ad * bd * cd)
    return math.sqrt(2.0) * six / math.sqrt(longest) if longest > 0 else 0.0


@nb.njit(cache=True)
def tet_shapes(nodes_mm, tets, out):
    """(n, 3), (m, 4), (m,) Shape of each tet."""
    for t in range(tets.shape[0]):
        out[t] = scaled_jacobian(nodes_mm, tets, t)


@nb.njit(cache=True)
def shape_about(nodes_mm, tets, around, enough):
    """Least shape of some tets, or any value below `enough` as soon as one is met."""
    least = 1.0
    for t in around:
        least = min(least, scaled_jacobian(nodes_mm, tets, t))
        if least < enough:
            break
    return least


@nb.njit(cache=True)
def advance(nodes_mm, tets, start, members, movers, targets_mm, floor):
    """Move nodes to their targets, or half the way and so on, where no shape falls below `floor`.

    Around a node whose shape is below the floor already, it may not fall further.
    """
    for k in range(movers.shape[0]):
        i = movers[k]
        around = members[start[i] : start[i + 1]]
        x, y, z = nodes_mm[i]
        dx, dy, dz = targets_mm[k, 0] - x, targets_mm[k, 1] - y, targets_mm[k, 2] - z
        if dx * dx + dy * dy + dz * dz < 1e-20:
            continue
        least = min(floor, shape_about(nodes_mm, tets, around, -1.0))
        part = 1.0
        for _ in range(_HALVINGS):
            nodes_mm[i] = x + part * dx, y + part * dy, z + part * dz
            if shape_about(nodes_mm, tets, around, least) >= least:
                break
            part /= 2
        else:
            nodes_mm[i] = x, y, z


@nb.njit(cache=True)
def _mean_edge(nodes_mm, tets, around, i):
    """Mean distance from a node to the other corners of its tets."""
    total = 0.0
    for t in around:
        for c in range(4):
            j = tets[t, c]
            dx, dy = nodes_mm[j, 0] - nodes_mm[i, 0], nodes_mm[j, 1] - nodes_mm[i, 1]
            total += math.sqrt(dx * dx + dy * dy + (nodes_mm[j, 2] - nodes_mm[i, 2]) ** 2)
    return total / (3 * around.shape[0])


@nb.njit(cache=True)
def _directions(freedom, axis, out):
    """Fill `out` with the moves that a node may try; returns how many there are.

    Freedom 3: any; 2: across the axis, which is a normal; 1: along the axis; 0: none.
    """
    if freedom == 3:
        out[:] = _CUBE
        return _CUBE.shape[0]
    if freedom == 1:
        out[0], out[1] = axis, -axis
        return 2
    if freedom == 0:
        return 0
    d = np.argmin(np.abs(axis))
    e = np.zeros(3)
    e[d] = 1.0
    u = np.cross(axis, e)
    u /= math.sqrt(u[0] ** 2 + u[1] ** 2 + u[2] ** 2)
    v = np.cross(axis, u)
    for k in range(8):
        out[k] = math.cos(k * math.pi / 4) * u + math.sin(k * math.pi / 4) * v
    return 8


@nb.njit(cache=True)
def relax(nodes_mm, tets, start, members, movers, freedoms, axes, goal):
    """Pattern search, node by node, for a better shape where it is below `goal`."""
    moves = np.empty((_CUBE.shape[0], 3))
    for k in range(movers.shape[0]):
        i = movers[k]
        around = members[start[i] : start[i + 1]]
        best = shape_about(nodes_mm, tets, around, -1.0)
        if best >= goal:
            continue
        count = _directions(freedoms[k], axes[k], moves)
        step = _STEP * _mean_edge(nodes_mm, tets, around, i)
        for _ in range(_HALVINGS):
            here = nodes_mm[i].copy()
            place = here.copy()
            for m in range(count):
                nodes_mm[i] = here + step * moves[m]
                shape = shape_about(nodes_mm, tets, around, best)
                if shape > best:
                    best = shape
                    place = nodes_mm[i].copy()
            nodes_mm[i] = place
            step /= 2


@nb.njit(cache=True)
def follow(moves_mm, tets, start, members, inner, rounds):
    """Give each inner node the mean move of its neighbours, a few times over, in place."""
    total = np.empty(3)
    for _ in range(rounds):
        for i in inner:
            total[:] = 0.0
            for t in members[start[i] : start[i + 1]]:
                for c in range(4):
                    total += moves_mm[tets[t, c]]
            around = start[i + 1] - start[i]
            moves_mm[i] = (total - around * moves_mm[i]) / (3 * around)
