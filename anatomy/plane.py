"""Triangles that fill a plane region with holes, on the points of its rims only."""

import numpy as np
from numpy.typing import NDArray

CROSSED = "the rims cross each other or themselves; remesh them"


def fill_plane(points_mm: NDArray[np.float64], loops: list[NDArray[np.int64]]) -> NDArray[np.int64]:
    """Triangles between an outer loop and the holes in it, by cutting ears (Meisters 1975).

    Each hole is first joined to the outer loop by the shortest bridge. Of the ears, that with the
    shortest cut goes first, which keeps the triangles round.

    Parameters
    ----------
    points_mm
        (n, 2) points.
    loops
        Point numbers of each rim in order, either way round; the one of the largest area is the
        outer one.

    Returns
    -------
    triangles : (k, 3) int64
        Anticlockwise: as many as rim points, less two, plus two for each hole.

    Raises
    ------
    ValueError
        When the loops cross each other or themselves.

    Examples
    --------
    >>> square = np.array([[0.0, 0], [9, 0], [9, 9], [0, 9], [3, 3], [6, 3], [6, 6], [3, 6]])
    >>> len(fill_plane(square, [np.arange(4), np.arange(4, 8)]))
    8
    """
    areas = [_area(points_mm[loop]) for loop in loops]
    outer = int(np.abs(areas).argmax())
    ring = loops[outer] if areas[outer] > 0 else loops[outer][::-1]
    holes = [
        h if a < 0 else h[::-1]
        for i, (h, a) in enumerate(zip(loops, areas, strict=True))
        if i != outer
    ]
    while holes:
        gaps = [_gaps(points_mm[ring], points_mm[hole]) for hole in holes]
        nearest = int(np.argmin([gap.min() for gap in gaps]))
        i, j = np.unravel_index(gaps[nearest].argmin(), gaps[nearest].shape)
        hole = np.roll(holes.pop(nearest), -int(j))
        ring = np.concatenate([ring[: i + 1], hole, hole[:1], ring[i:]])
    return _cut_ears(points_mm, ring)


def _cut_ears(points_mm: NDArray[np.float64], ring: NDArray[np.int64]) -> NDArray[np.int64]:
    triangles = []
    while len(ring) > 3:
        before, after = np.roll(ring, 1), np.roll(ring, -1)
        a, b, c = points_mm[before], points_mm[ring], points_mm[after]
        cut_mm = np.where(_cross(b - a, c - a) > 0, np.linalg.norm(c - a, axis=1), np.inf)
        for ear in np.argsort(cut_mm):
            if not np.isfinite(cut_mm[ear]):
                raise ValueError(CROSSED)
            corners = np.array([before[ear], ring[ear], after[ear]])
            if not _holds_any(points_mm[corners], points_mm[ring[~np.isin(ring, corners)]]):
                break
        triangles.append(corners)
        ring = np.delete(ring, ear)
    if _area(points_mm[ring]) < -1e-9:
        raise ValueError(CROSSED)
    return np.array([*triangles, ring])


def _holds_any(corners_mm: NDArray[np.float64], points_mm: NDArray[np.float64]) -> bool:
    """Whether a triangle (3, 2) holds any of the points (k, 2), its rim included."""
    sides = np.roll(corners_mm, -1, axis=0) - corners_mm
    turns = [
        _cross(side, points_mm - corner) for side, corner in zip(sides, corners_mm, strict=True)
    ]
    return bool((np.array(turns) >= 0).all(axis=0).any())


def _area(loop_mm: NDArray[np.float64]) -> float:
    return float(_cross(loop_mm, np.roll(loop_mm, -1, axis=0)).sum() / 2)


def _cross(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    return a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]


def _gaps(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.linalg.norm(a[:, None] - b[None], axis=2)
