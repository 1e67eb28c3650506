"""The heart's own axes: where its apex, base, septum and anterior wall are."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False, kw_only=True)
class HeartAxes:
    """Axes of the left ventricle, right-handed in the order septal, long axis, anterior.

    Attributes
    ----------
    origin_mm : (3,) float64
        Middle of the left ventricle's mouth, in the base plane.
    apex_mm : (3,) float64
        Tip of the left ventricle on the epicardium.
    long_axis, septal, anterior : (3,) float64
        Unit vectors: base to apex, left to right ventricle, inferior to anterior wall. The
        third is septal x long_axis: a heart is never its own mirror image, so the first two
        tell front from back without any scanner frame.
    """

    origin_mm: NDArray[np.float64]
    apex_mm: NDArray[np.float64]
    long_axis: NDArray[np.float64]
    septal: NDArray[np.float64]
    anterior: NDArray[np.float64]

    @property
    def matrix(self) -> NDArray[np.float64]:
        """(3, 3) Long axis, septal, anterior as rows: body vectors into heart vectors."""
        return np.stack([self.long_axis, self.septal, self.anterior])


def unit(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scale vectors along the last axis to length one; a null vector stays null."""
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return vectors / np.where(length > 0, length, 1.0)


def heart_axes(
    nodes_mm: NDArray[np.float64], surfaces: Mapping[str, NDArray[np.int32]]
) -> HeartAxes:
    """Find the axes of a heart from its labelled surfaces.

    Parameters
    ----------
    nodes_mm
        (n, 3) Node positions.
    surfaces
        Triangles named `lv_endo`, `rv_endo`, `epi` and `base`.

    Raises
    ------
    ValueError
        When the left endocardium does not reach the base, so that its mouth is unknown.
    """
    origin = _mouth_mm(nodes_mm, surfaces["lv_endo"], surfaces["base"])
    left_mm, left_area = _centres(nodes_mm, surfaces["lv_endo"])
    right_mm, right_area = _centres(nodes_mm, surfaces["rv_endo"])
    outer_mm, outer_area = _centres(nodes_mm, surfaces["epi"])
    depth = np.linalg.norm(left_mm - origin, axis=1)
    long_axis = unit(_furthest_mm(left_mm, depth, left_area) - origin)
    right = np.average(right_mm, axis=0, weights=right_area)
    right -= np.average(left_mm, axis=0, weights=left_area)
    septal = unit(right - (right @ long_axis) * long_axis)
    along = (outer_mm - origin) @ long_axis
    aside = np.linalg.norm(outer_mm - origin - along[:, None] * long_axis, axis=1)
    apex = _furthest_mm(outer_mm, along - aside, outer_area)
    return HeartAxes(
        origin_mm=origin,
        apex_mm=apex,
        long_axis=long_axis,
        septal=septal,
        anterior=np.cross(septal, long_axis),
    )


def _centres(
    nodes_mm: NDArray[np.float64], triangles: NDArray[np.int32]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(k, 3) Middles and (k,) areas in mm2 of triangles: means that know no node density."""
    a, b, c = nodes_mm[triangles].transpose(1, 0, 2)
    return (a + b + c) / 3, np.linalg.norm(np.cross(b - a, c - a), axis=1) / 2


def _mouth_mm(
    nodes_mm: NDArray[np.float64], lv_endo: NDArray[np.int32], base: NDArray[np.int32]
) -> NDArray[np.float64]:
    """(3,) Middle of the rim where the left endocardium meets the base.

    Each node stands for a piece of rim as long as the triangles about it are wide.
    """
    mouth = np.intersect1d(lv_endo, base)
    if mouth.size < 3:
        msg = "lv_endo and base share no rim; label the valve planes of the left ventricle 'base'"
        raise ValueError(msg)
    _, area = _centres(nodes_mm, lv_endo)
    around = np.bincount(lv_endo.ravel(), np.repeat(area, 3))
    return np.asarray(np.average(nodes_mm[mouth], axis=0, weights=np.sqrt(around[mouth])))


def _furthest_mm(
    points_mm: NDArray[np.float64], measure: NDArray[np.float64], area: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(3,) Middle of the fiftieth of a surface where a measure is largest.

    The weight fades out towards its edge, so that no single triangle tips it.
    """
    order = np.argsort(measure)
    share = np.cumsum(area[order]) / area.sum()
    least = np.interp(0.98, share, measure[order])
    weight = area * np.maximum(measure - least, 1e-9)
    return np.asarray(np.average(points_mm, axis=0, weights=weight))
