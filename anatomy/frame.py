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
    lv = np.unique(surfaces["lv_endo"])
    mouth = np.intersect1d(lv, surfaces["base"])
    if mouth.size < 3:
        msg = "lv_endo and base share no rim; label the valve planes of the left ventricle 'base'"
        raise ValueError(msg)
    origin = nodes_mm[mouth].mean(axis=0)
    depth = np.linalg.norm(nodes_mm[lv] - origin, axis=1)
    deepest = np.maximum(depth - np.quantile(depth, 0.98), 1e-9)  # fades out: no node tips it
    tip = np.average(nodes_mm[lv], axis=0, weights=deepest)
    long_axis = unit(tip - origin)
    right = nodes_mm[np.unique(surfaces["rv_endo"])].mean(axis=0) - nodes_mm[lv].mean(axis=0)
    septal = unit(right - (right @ long_axis) * long_axis)
    epi = np.unique(surfaces["epi"])
    along = (nodes_mm[epi] - origin) @ long_axis
    aside = np.linalg.norm(nodes_mm[epi] - origin - along[:, None] * long_axis, axis=1)
    apex = nodes_mm[epi[np.argmax(along - aside)]]
    return HeartAxes(
        origin_mm=origin,
        apex_mm=apex,
        long_axis=long_axis,
        septal=septal,
        anterior=np.cross(septal, long_axis),
    )
