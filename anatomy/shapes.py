"""Shapes with a known answer, for tests, examples and benchmarks."""

from itertools import permutations

import numpy as np
from numpy.typing import NDArray


def box(
    cells: tuple[int, int, int], spacing_mm: float
) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Nodes and tetrahedra of a box with one corner at the origin, six tetrahedra a cube.

    Each cube is cut by Kuhn's rule: one tetrahedron for every order in which the three axes
    lead from its lowest to its highest corner. Neighbouring cubes then share their faces.

    Parameters
    ----------
    cells
        Cubes along x, y and z.
    spacing_mm
        Edge of a cube.

    Returns
    -------
    nodes_mm : (n, 3) float64
        In C order: z runs fastest.
    tets : (m, 4) int32
        Positively oriented.

    Raises
    ------
    ValueError
        When there is no cube along an axis, or the spacing is not positive.

    Examples
    --------
    >>> nodes_mm, tets = box((2, 1, 1), 0.5)
    >>> nodes_mm.shape, tets.shape
    ((12, 3), (12, 4))
    """
    if min(cells) < 1:
        msg = f"cells must be at least 1 along each axis, got {cells}"
        raise ValueError(msg)
    if not 0 < spacing_mm < np.inf:
        msg = f"spacing_mm must be positive, got {spacing_mm}"
        raise ValueError(msg)
    counts = np.array(cells) + 1
    grid = np.arange(counts.prod(), dtype=np.int32).reshape(counts)
    lowest = grid[:-1, :-1, :-1].ravel()
    tets = np.concatenate([lowest[:, None] + offsets for offsets in _kuhn_offsets(counts)])
    nodes_mm = np.indices(grid.shape).reshape(3, -1).T * float(spacing_mm)
    return np.ascontiguousarray(nodes_mm), tets.astype(np.int32)


def _kuhn_offsets(counts: NDArray[np.int_]) -> NDArray[np.int_]:
    """(6, 4) Node numbers of a cube's tetrahedra, counted from its lowest corner."""
    step = np.array([counts[1] * counts[2], counts[2], 1])
    offsets = []
    for axes in permutations(range(3)):
        path = np.concatenate([[0], np.cumsum(step[list(axes)])])
        odd = np.linalg.det(np.eye(3)[list(axes)]) < 0
        offsets.append(path[[0, 1, 3, 2]] if odd else path)
    return np.array(offsets)
