"""Columns of wall from endocardium to epicardium, to say how much of the wall is scarred."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from ..anatomy import Heart

#: Sectors of 6 degrees, as the label maps of real infarcts are read, in slices some 3 mm high:
#: a map has thicker ones, but in each the wall is cut once and not smeared over the slice.
SECTORS, SLICES = 60, 27


class WallColumns(NamedTuple):
    """How the wall of the left ventricle stands on its endocardium.

    Attributes
    ----------
    foot : (lv,) int64
        Of each node, the nearest node of the endocardium, both as places among the lv nodes.
    column : (lv,) int64
        Of each node, the sector and slice in which its foot lies.
    volumes_mm3 : (columns,) float64
        Muscle in each.
    """

    foot: NDArray[np.int64]
    column: NDArray[np.int64]
    volumes_mm3: NDArray[np.float64]


def wall_columns(heart: Heart, lv: NDArray[np.int64]) -> WallColumns:
    """Sort the nodes `lv` into sectors and slices; there are fewer sectors towards the apex."""
    endocardium = np.flatnonzero(np.isin(lv, heart.surfaces["lv_endo"]))
    nearest = cKDTree(heart.nodes_mm[lv[endocardium]]).query(heart.nodes_mm[lv])[1]
    foot = endocardium[nearest]
    height = np.clip(heart.coordinates.apicobasal[lv[foot]], 0.0, 1.0 - 1e-9)
    turn = heart.coordinates.rotational[lv[foot]] / (2 * np.pi) + 0.5
    slices = (height * SLICES).astype(int)
    sectors = np.maximum(1, np.round(SECTORS * np.sqrt((slices + 0.5) / SLICES)).astype(int))
    column = slices * SECTORS + np.minimum((turn * sectors).astype(int), sectors - 1)
    volumes_mm3 = heart.node_volumes_mm3[lv]
    whole_mm3 = np.bincount(column, volumes_mm3, minlength=SLICES * SECTORS).astype(float)
    return WallColumns(foot, column, whole_mm3)


def transmurality(
    columns: WallColumns, core: NDArray[np.bool_], volumes_mm3: NDArray[np.float64]
) -> float:
    """Mean scarred share of the columns that have any scar, each weighted by its muscle.

    Which is the volume of the core over that of the wall it stands in.
    """
    lost = np.bincount(columns.column, volumes_mm3 * core, minlength=len(columns.volumes_mm3))
    scarred = lost > 0
    return float(lost.sum() / max(columns.volumes_mm3[scarred].sum(), 1e-12))
