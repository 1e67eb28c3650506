"""Lengths along the field lines of a harmonic field: what makes a coordinate linear in mm."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, diags_array
from scipy.spatial import cKDTree

from .laplace import Laplacian

#: Lengths are settled when no node moves by more than this; a tet is a thousand times larger.
SETTLED_MM = 1e-4
#: Rounds of handing lengths from tet to tet; a heart is a few hundred tets long at most.
ROUNDS = 3000
#: Times that places where a share does not rise are filled in anew.
REPAIRS = 3
#: A tet that a field line misses by this share of its size still counts, e-fold less.
NEARLY = 0.05


def relative_position(
    laplacian: Laplacian,
    field: NDArray[np.float64],
    start: NDArray[np.integer],
    end: NDArray[np.integer],
) -> NDArray[np.float64]:
    """(n,) Share of the field line through each node that lies behind it: 0 at start, 1 at end.

    A harmonic field is steep where a wall is thin, curved or narrow; its field lines are not.
    Yezzi and Prince 2003 (IEEE Trans. Med. Imaging 22, 1332), used as in Schuler 2021.

    Parameters
    ----------
    laplacian
        Of the mesh.
    field
        (n,) Rises from `start` to `end`.
    start, end
        Nodes where field lines begin and end.

    Examples
    --------
    >>> from .shapes import box
    >>> laplacian = Laplacian(*box((10, 2, 2), 1.0))
    >>> x = laplacian.nodes_mm[:, 0]
    >>> share = relative_position(laplacian, x**2, np.flatnonzero(x == 0), np.flatnonzero(x == 10))
    >>> bool(np.allclose(share, x / 10, atol=1e-3))
    True
    """
    behind = trajectory_lengths_mm(laplacian, field, start)
    ahead = trajectory_lengths_mm(laplacian, -field, end)
    share = behind / np.maximum(behind + ahead, SETTLED_MM)
    return make_rise(laplacian, field, share, np.concatenate([start, end]))


def make_rise(
    laplacian: Laplacian,
    field: NDArray[np.float64],
    share: NDArray[np.float64],
    ends: NDArray[np.integer],
) -> NDArray[np.float64]:
    """Fill in anew, harmonically, the nodes of tets where a share does not rise with its field.

    Where field lines part, as above an insertion, their lengths jump from one to the next. What
    is filled in is kept as long as it leaves fewer such tets.
    """
    up = laplacian.gradient(field)

    def falling(values: NDArray[np.float64]) -> NDArray[np.intp]:
        rise = np.einsum("mk,mk->m", up, laplacian.gradient(values))
        return np.flatnonzero(rise < -1e-6 * np.abs(rise).max())  # flat tets of the ends are not

    falls = falling(share)
    for _ in range(REPAIRS):
        around = np.isin(laplacian.tets, laplacian.tets[falls]).any(axis=1)
        kept = np.setdiff1d(np.arange(len(share)), np.setdiff1d(laplacian.tets[around], ends))
        filled = laplacian.solve(kept, share[kept])
        still = falling(filled)
        if len(still) >= len(falls):
            break
        share, falls = filled, still
    return share


def trajectory_lengths_mm(
    laplacian: Laplacian, field: NDArray[np.float64], start: NDArray[np.integer]
) -> NDArray[np.float64]:
    """(n,) Length of the field line that leads from `start` up the field to each node.

    Each node's length is its step plus the length where the step comes from; as every step
    leads down the field, handing lengths on comes to an end.
    """
    hand_on, steps_mm = upstream(laplacian, field)
    nodes_mm = laplacian.nodes_mm
    lost = hand_on.sum(axis=1) == 0  # a local minimum: `start`, or a defect of the mesh
    steps_mm[lost] = cKDTree(nodes_mm[start]).query(nodes_mm[lost])[0]
    going = np.ones(len(field))
    going[start] = 0.0
    hand_on, steps_mm = diags_array(going) @ hand_on, going * steps_mm
    lengths_mm = steps_mm
    for _ in range(ROUNDS):
        before, lengths_mm = lengths_mm, hand_on @ lengths_mm + steps_mm
        if np.abs(lengths_mm - before).max() < SETTLED_MM:
            break
    return lengths_mm


def upstream(
    laplacian: Laplacian, field: NDArray[np.float64]
) -> tuple[csr_array, NDArray[np.float64]]:
    """(n, n) weights of where the field line through each node comes from, (n,) steps in mm.

    In each tet the field is linear, so a line is straight: it leaves node i through the
    opposite face at shares proportional to the rates of their hat functions. No share is
    negative in the tet that the line comes through. Tets that nearly are that one count by
    how nearly, so that rounding decides nothing; on the boundary the line slides along them.
    """
    tets, nodes_mm = laplacian.tets, laplacian.nodes_mm
    rate = -np.einsum("mik,mk->mi", laplacian.shape_gradients, laplacian.gradient(field))
    corner = np.array([[k for k in range(4) if k != i] for i in range(4)])
    tet, i = np.nonzero(rate < 0)
    at, others = tets[tet, i], tets[tet[:, None], corner[i]]
    share = rate[tet[:, None], corner[i]] / -rate[tet, i][:, None]
    inside = share.min(axis=1)
    share = np.maximum(share, 0.0)
    share /= share.sum(axis=1, keepdims=True)
    usable = (share * field[others]).sum(axis=1) < field[at]
    at, others, share, inside = at[usable], others[usable], share[usable], inside[usable]
    n = len(nodes_mm)
    best = np.full(n, -np.inf)
    np.maximum.at(best, at, inside)
    weight = np.exp((inside - best[at]) / NEARLY)
    weight /= np.bincount(at, weight, n)[at]
    step_mm = nodes_mm[at] - np.einsum("pk,pkj->pj", share, nodes_mm[others])
    steps_mm = np.bincount(at, weight * np.linalg.norm(step_mm, axis=1), n).astype(np.float64)
    entries = (weight[:, None] * share).ravel()
    return csr_array((entries, (np.repeat(at, 3), others.ravel())), shape=(n, n)), steps_mm
