"""Triangles to pixels on the processor: which triangle a pixel shows, and where in it.

A picture must come out the same on a laptop, a cluster node and a container with nothing but
pip. VTK draws only where the system has a graphics library, and ends the process where it has
none; this z-buffer needs numpy alone.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

#: Pixels tested at once; bounds the memory to about 50 MB.
_BATCH = 200_000
_INSIDE = -1e-9  # weights of a pixel centre on an edge shared by two triangles


class Pixels(NamedTuple):
    """What each covered pixel shows.

    Attributes
    ----------
    mask : (rows, columns) bool, pixels that show a triangle; p of them, in C order
    triangle : (p,) index of the triangle
    weights : (p, 3) barycentric coordinates in it
    depth : (p,) distance from the viewer, up to a constant
    """

    mask: NDArray[np.bool_]
    triangle: NDArray[np.int64]
    weights: NDArray[np.float64]
    depth: NDArray[np.float64]

    def blend(
        self, values: NDArray[np.float64], triangles: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """(p, ...) Values given at the corners, (points, ...), interpolated at the pixels."""
        corners = values[triangles[self.triangle]]
        return np.einsum("pk,pk...->p...", self.weights, corners)


def rasterise(
    xyz: NDArray[np.float64],
    triangles: NDArray[np.int64],
    cut: NDArray[np.float64],
    shape: tuple[int, int],
) -> Pixels:
    """Nearest triangle at every pixel, among the parts that are not cut away.

    Parameters
    ----------
    xyz : (points, 3) column, row and depth, in pixels; pixel centres lie at whole numbers
    triangles : (k, 3) indices of points
    cut : (points,) signed distance; what is positive between the corners is removed
    shape : rows and columns of the picture

    Returns
    -------
    the pixels that show something

    Examples
    --------
    >>> corners = np.array([[0.0, 0, 5], [4, 0, 5], [0, 4, 5]])
    >>> rasterise(corners, np.array([[0, 1, 2]]), np.zeros(3), (3, 3)).mask.sum()
    np.int64(9)
    """
    corners = np.ascontiguousarray(xyz[triangles].transpose(2, 1, 0))  # x y z, corner, triangle
    cuts = np.ascontiguousarray(cut[triangles].T)
    low = np.maximum(np.ceil(corners[:2].min(axis=1)), 0).astype(np.int64)
    edge = np.array([[shape[1] - 1], [shape[0] - 1]])
    high = np.minimum(np.floor(corners[:2].max(axis=1)), edge).astype(np.int64)
    size = np.where((cuts > 0).all(axis=0), 0, np.maximum(high - low + 1, 0))
    depth = np.full(shape[0] * shape[1], np.inf)
    winner = np.full(len(depth), -1)
    for some in _batches(size.prod(axis=0)):
        pixel, triangle = _candidates(some, low, size, shape[1])
        at = corners[:, :, triangle]
        weights = _weights(at, pixel, shape[1])
        kept = (weights * cuts[:, triangle]).sum(axis=0) <= 0
        seen = np.flatnonzero(kept & (weights >= _INSIDE).all(axis=0))
        pixel, triangle = pixel[seen], triangle[seen]
        z = (weights[:, seen] * at[2][:, seen]).sum(axis=0)
        np.minimum.at(depth, pixel, z)
        nearest = z == depth[pixel]
        winner[pixel[nearest]] = triangle[nearest]
    shown = np.flatnonzero(winner >= 0)
    weights = _weights(corners[:, :, winner[shown]], shown, shape[1]).T
    return Pixels((winner >= 0).reshape(shape), winner[shown], weights, depth[shown])


def _batches(counts: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Triangles that cover anything, in groups of about `_BATCH` pixels."""
    some = np.flatnonzero(counts)
    if not some.size:
        return []
    group = np.cumsum(counts[some]) // _BATCH
    return np.split(some, np.flatnonzero(np.diff(group)) + 1)


def _candidates(
    some: NDArray[np.int64], low: NDArray[np.int64], size: NDArray[np.int64], columns: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Every pixel in the bounding box of every triangle: its number, and the triangle's."""
    counts = size[:, some].prod(axis=0)
    triangle = np.repeat(some, counts)
    first = np.repeat(np.cumsum(counts) - counts, counts)
    row, column = np.divmod(np.arange(len(triangle)) - first, size[0, triangle])
    return (low[1, triangle] + row) * columns + low[0, triangle] + column, triangle


def _weights(
    corners: NDArray[np.float64], pixel: NDArray[np.int64], columns: int
) -> NDArray[np.float64]:
    """(3, p) Barycentric coordinates of pixels in their triangles; -1 where it is seen edge on."""
    row, column = np.divmod(pixel, columns)
    (xa, xb, xc), (ya, yb, yc) = corners[0] - column, corners[1] - row
    parts = np.stack([xb * yc - xc * yb, xc * ya - xa * yc, xa * yb - xb * ya])
    area = parts.sum(axis=0)
    flat = np.abs(area) < 1e-12
    parts[:, flat] = -1.0
    return parts / np.where(flat, 1.0, area)
