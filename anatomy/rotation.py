"""The rotational coordinate: where on the way round the ventricles, from insertion to insertion."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, gaussian_filter1d, map_coordinates

from .frame import HeartAxes
from .laplace import Laplacian

#: Rotational coordinate of the right ventricle's insertions, anterior positive: the septum is
#: two of the six sectors of the AHA, a third of the way round (Cerqueira 2002; Schuler 2021).
INSERTION = np.pi / 3
#: Levels from apex to base and steps round the wall at which it is looked at: some 3 mm each.
LEVELS, TURNS = 25, 72
#: Towards its lower end the septum narrows to nothing; from where it is narrower than this share
#: of its greatest width the insertions go straight down to the apex.
NARROW = 0.6


def rotational(
    laplacian: Laplacian,
    surfaces: Mapping[str, NDArray[np.int32]],
    axes: HeartAxes,
    apicobasal: NDArray[np.float64],
    in_left: NDArray[np.bool_],
    septal_right: NDArray[np.integer],
) -> NDArray[np.float64]:
    """(n,) Rotational coordinate of every node, by the convention of `VentricularCoordinates`.

    In the left ventricle the angle about the cavity's middle line is stretched, level by level,
    so that the insertions come to lie at `INSERTION` and the wall between them is evenly
    divided by length. The right ventricle continues the values at its insertions harmonically.

    Parameters
    ----------
    laplacian, surfaces, axes
        Of the heart.
    apicobasal
        (n,) 0 at the apex, 1 at the base.
    in_left
        (n,) Nodes of the left ventricle, the septum included.
    septal_right
        Nodes of the right endocardium on the septum.
    """
    away = laplacian.nodes_mm - cavity_middle_mm(
        laplacian.nodes_mm, apicobasal, surfaces["lv_endo"], axes.apex_mm
    )
    angle = np.arctan2(away @ axes.anterior, away @ axes.septal)
    volume = np.where(in_left, laplacian.node_volumes_mm3, 0.0)
    septal = facing_right(laplacian, surfaces, in_left, septal_right)
    septal = table(apicobasal, angle, volume * septal) / table(apicobasal, angle, volume)
    radius_mm = np.hypot(away @ axes.anterior, away @ axes.septal)
    radius = table(apicobasal, angle, volume * radius_mm) / table(apicobasal, angle, volume)
    turned = angle + look_up(stretch(insertions(septal), radius), apicobasal, angle)
    left = np.flatnonzero(in_left)
    turned = np.angle(np.exp(1j * turned))
    return laplacian.solve(left, turned[left])


def facing_right(
    laplacian: Laplacian,
    surfaces: Mapping[str, NDArray[np.int32]],
    in_left: NDArray[np.bool_],
    septal_right: NDArray[np.integer],
) -> NDArray[np.float64]:
    """(n,) 1 where the left ventricle's outer side is the right ventricle, 0 where it is free.

    A half between insertion and endocardium: the ridge of Schuler 2021.
    """
    right = np.union1d(np.flatnonzero(~in_left), septal_right)
    free = np.setdiff1d(surfaces["epi"], right)
    ends = np.concatenate([free, right])
    return laplacian.solve(ends, np.isin(ends, right).astype(float))


def cavity_middle_mm(
    nodes_mm: NDArray[np.float64],
    apicobasal: NDArray[np.float64],
    lv_endo: NDArray[np.int32],
    apex_mm: NDArray[np.float64],
) -> NDArray[np.float64]:
    """(n, 3) Centre of the left endocardium at the apicobasal level of every node.

    The line bends with the heart, and runs from the cavity's lower end on to the apex.
    """
    corners = nodes_mm[lv_endo]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    area = np.linalg.norm(normals, axis=1)
    level = apicobasal[lv_endo].mean(axis=1)
    values = np.column_stack([np.ones(len(area)), level, corners.mean(axis=1)]) * area[:, None]
    sums = np.zeros((LEVELS, 5))
    for row, share in _neighbours(np.clip(level * LEVELS - 0.5, 0, LEVELS - 1)):
        np.add.at(sums, np.minimum(row, LEVELS - 1), values * share[:, None])
    sums = gaussian_filter1d(sums, 1.0, axis=0, mode="constant")
    sums = sums[sums[:, 0] > 1e-3 * sums[:, 0].max()]
    middle = sums[:, 1:] / sums[:, :1]
    return np.stack(
        [
            np.interp(apicobasal, [0.0, *middle[:, 0]], [apex_mm[k], *middle[:, k + 1]])
            for k in range(3)
        ],
        axis=1,
    )


def table(
    level: NDArray[np.float64], angle: NDArray[np.float64], weight: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(levels, turns) Sums of a weight over the nodes at each place of the wall, smoothed.

    A node's weight is shared among the four nearest entries.
    """
    row = np.clip(level * LEVELS - 0.5, 0, LEVELS - 1)
    column = (angle / (2 * np.pi) + 0.5) * TURNS - 0.5 + TURNS
    sums = np.zeros(LEVELS * TURNS)
    for i, row_share in _neighbours(row):
        for j, column_share in _neighbours(column):
            place = np.minimum(i, LEVELS - 1) * TURNS + j % TURNS
            sums += np.bincount(place, weight * row_share * column_share, LEVELS * TURNS)
    smooth = gaussian_filter(sums.reshape(LEVELS, TURNS), (1.0, 1.5), mode=("reflect", "wrap"))
    return np.asarray(smooth) + 1e-9


def _neighbours(
    place: NDArray[np.float64],
) -> list[tuple[NDArray[np.int64], NDArray[np.float64]]]:
    """The entries below and above each place, and their shares."""
    below = np.floor(place)
    return [(below.astype(int), 1 - place + below), (below.astype(int) + 1, place - below)]


def look_up(
    values: NDArray[np.float64], level: NDArray[np.float64], angle: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(n,) A table's value at any place, linear between its entries."""
    row = np.clip(level * LEVELS - 0.5, 0, LEVELS - 1)
    column = (angle / (2 * np.pi) + 0.5) * TURNS - 0.5 + 1
    wrapped = np.concatenate([values[:, -1:], values, values[:, :1]], axis=1)
    return map_coordinates(wrapped, [row, column], order=1, mode="nearest")


def insertions(septal: NDArray[np.float64]) -> NDArray[np.float64]:
    """(levels, 2) Angles of the inferior and the anterior insertion at each level.

    Parameters
    ----------
    septal
        (levels, turns) Share of the outer wall that faces the right ventricle. From the septum's
        middle to either side, the insertion is where it falls below a half.
    """
    step = 2 * np.pi / TURNS
    centres = (np.arange(TURNS) + 0.5) * step - np.pi
    middle = np.angle((septal.clip(0.5) - 0.5).sum(axis=0) @ np.exp(1j * centres))
    at = np.linspace(0, np.pi, 2 * TURNS)
    sides = []
    for sign in (-1, 1):
        level = np.repeat(np.arange(LEVELS) + 0.5, len(at)) / LEVELS
        turn = np.angle(np.exp(1j * np.tile(middle + sign * at, LEVELS)))
        above = look_up(septal, level, turn).reshape(LEVELS, -1) - 0.5
        last = np.maximum(np.argmax(above < 0, axis=1) - 1, 0)
        high, low = above[np.arange(LEVELS), last], above[np.arange(LEVELS), last + 1]
        sides.append(at[last] + at[1] * np.clip(high / np.maximum(high - low, 1e-9), 0, 1))
    width = sides[0] + sides[1]
    wide = np.flatnonzero(width > NARROW * width.max())
    levels = np.arange(LEVELS)
    both = [
        gaussian_filter1d(np.interp(levels, wide, side[wide]), 1.5, mode="nearest")
        for side in sides
    ]
    return middle + np.stack([-both[0], both[1]], axis=1)


def stretch(ends: NDArray[np.float64], radius: NDArray[np.float64]) -> NDArray[np.float64]:
    """(levels, turns) What to add to the angle to get the rotational coordinate.

    Parameters
    ----------
    ends
        (levels, 2) Angles of the inferior and the anterior insertion.
    radius
        (levels, turns) Distance of the wall from the middle line, in any unit.
    """
    step = 2 * np.pi / TURNS
    centres = (np.arange(TURNS) + 0.5) * step - np.pi
    added = np.empty((LEVELS, TURNS))
    for k, (inferior, anterior) in enumerate(ends):
        slope = (np.roll(radius[k], -1) - np.roll(radius[k], 1)) / (2 * step)
        pace = np.tile(np.hypot(radius[k], slope), 3) * step
        edges = np.arange(3 * TURNS + 1) * step - 3 * np.pi
        way = np.concatenate([[0.0], np.cumsum(pace)])
        stops = np.array([anterior - 2 * np.pi, inferior, anterior, inferior + 2 * np.pi])
        values = INSERTION * np.array([-5.0, -1.0, 1.0, 5.0])
        along = np.interp(centres, edges, way)
        added[k] = np.interp(along, np.interp(stops, edges, way), values) - centres
    return added
