"""The planes of a short-axis stack that hold the ventricles, cleaned and put in line."""

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from .label_schemes import LV, MYOCARDIUM, RV, WALL
from .slice_order import LEAST_AREA_MM2, LEAST_PLANES, base_first, is_ring, smooth_line

if TYPE_CHECKING:
    from .label_map import LabelMap

#: Breath-holds leave the heart some millimetres apart (its breathing motion: McLeish 2002, IEEE
#: Trans. Med. Imaging 21:1142); an offset up to this stays, as it may be the heart's bend.
ALIGN_MM = 2.0
#: Smaller pieces of the right cavity in a plane, as a share of the largest, are islands.
RV_PIECE = 0.2


@dataclass(frozen=True, eq=False, kw_only=True)
class Slices:
    """The planes of a stack that hold the ventricles, base first.

    Attributes
    ----------
    numbers : (s,) int
        Slice of the label map that each plane is.
    codes : (s, i, j) uint8
        Its tissues.
    disc, cavity, rv : (s, i, j) bool
        Left ventricle with its wall and without, and right cavity; whole, without islands.
    depths_mm : (s,) float64
        From the base, the upper face of the first plane, to the middle of each.
    shifts_mm : (s, 2) float64
        To be taken away along the first two voxel axes.
    pitch_mm : (3,) float64
        Edges of a voxel.
    axes : (3, 3) float64
        Rows: unit vectors along the first two voxel axes and from the base to the apex.
    origin_mm : (3,) float64
        Of pixel (0, 0) at the base.
    ends_labelled : bool
        Whether the last plane is the last of the file, so that the apex may lie far beyond.
    """

    numbers: NDArray[np.int64]
    codes: NDArray[np.uint8]
    disc: NDArray[np.bool_]
    cavity: NDArray[np.bool_]
    rv: NDArray[np.bool_]
    depths_mm: NDArray[np.float64]
    shifts_mm: NDArray[np.float64]
    pitch_mm: NDArray[np.float64]
    axes: NDArray[np.float64]
    origin_mm: NDArray[np.float64]
    ends_labelled: bool

    def local_mm(self, nodes_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n, 3) Places along the voxel axes and below the base."""
        return (nodes_mm - self.origin_mm) @ self.axes.T

    def nodes_mm(self, local_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n, 3) Places in the axes of `Heart`."""
        return local_mm @ self.axes + self.origin_mm


def cut_slices(label_map: "LabelMap", *, align_mm: float = ALIGN_MM) -> Slices:
    """Planes of a label map from the topmost whole ring to the apex.

    Parameters
    ----------
    label_map
        As read.
    align_mm
        In-plane offset from a smooth long axis that a slice may keep; what is beyond it is
        taken for a breath-hold's and taken away. `inf` leaves every slice where it is.

    Raises
    ------
    ValueError
        When there are too few planes with the left ventricle.

    Warns
    -----
    UserWarning
        When planes at the base are left out or planes between are empty.
    """
    pitch_mm = label_map.voxel_mm
    planes = np.moveaxis(label_map.codes, 2, 0)
    disc, cavity, rv = (np.stack(x) for x in zip(*map(_parts, planes), strict=True))
    floor = LEAST_AREA_MM2 / pitch_mm[:2].prod()
    numbers = np.arange(len(planes))
    downward = base_first(label_map.codes)
    if not downward:
        numbers = numbers[::-1]
    used = _used(label_map.name, disc, cavity, rv, numbers, floor)
    heights = np.abs(used - used[0]) * pitch_mm[2]
    columns = (label_map.affine_mm[:3, :3] / pitch_mm).T
    axes = columns * [[1], [1], [1 if downward else -1]]
    first_mm = label_map.affine_mm[:3, 2] * used[0] + label_map.affine_mm[:3, 3]
    return Slices(
        numbers=used,
        codes=planes[used],
        disc=disc[used],
        cavity=cavity[used],
        rv=rv[used],
        depths_mm=heights + pitch_mm[2] / 2,
        shifts_mm=_shifts_mm(disc[used], heights, pitch_mm, align_mm),
        pitch_mm=pitch_mm,
        axes=axes,
        origin_mm=first_mm - axes[2] * pitch_mm[2] / 2,
        ends_labelled=bool(used[-1] == numbers[-1]),
    )


def label_at_nodes(label_map: "LabelMap", nodes_mm: NDArray[np.float64]) -> NDArray[np.uint8]:
    """(n,) Tissue of each node of a wall, as its place in `TISSUES`.

    The nearest wall pixel in the nearest slice, breath-hold shifts taken away as in the mesh. A
    node with no labelled wall within a slice's half thickness, such as those of the right
    ventricular wall, is `myocardium`.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        slices = cut_slices(label_map)
    local_mm = slices.local_mm(nodes_mm)
    plane = np.abs(local_mm[:, 2, None] - slices.depths_mm).argmin(axis=1)
    found = np.full(len(nodes_mm), MYOCARDIUM, np.uint8)
    pitch_mm = slices.pitch_mm[:2]
    for p, codes in enumerate(slices.codes):
        mine = np.flatnonzero(plane == p)
        gaps_mm, nearest = ndimage.distance_transform_edt(
            ~np.isin(codes, WALL), sampling=pitch_mm, return_indices=True
        )
        pixel = np.rint((local_mm[mine, :2] + slices.shifts_mm[p]) / pitch_mm).astype(int)
        at = tuple(np.clip(pixel, 0, np.array(codes.shape) - 1).T)
        close = gaps_mm[at] < max(slices.pitch_mm[2] / 2, pitch_mm.max())
        code = codes[tuple(nearest[(slice(None), *at)])]
        found[mine] = np.where(close, code, MYOCARDIUM)
    return found


def _parts(
    plane: NDArray[np.uint8],
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
    """Disc, left cavity and right cavity of a plane, filled and without islands."""
    disc = _largest(np.isin(plane, (LV, *WALL)))
    cavity = ndimage.binary_fill_holes(_largest((plane == LV) & disc))
    disc = ndimage.binary_fill_holes(disc)
    rv = ndimage.binary_fill_holes(_pieces(plane == RV, RV_PIECE)) & ~disc
    return disc, cavity, rv


def _largest(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return _pieces(mask, 1.0)


def _pieces(mask: NDArray[np.bool_], least: float) -> NDArray[np.bool_]:
    """Pieces of a mask of at least a share of the largest."""
    piece, count = ndimage.label(mask, np.ones((3, 3)))
    if not count:
        return mask
    sizes = np.bincount(piece.ravel())[1:]
    return np.isin(piece, 1 + np.flatnonzero(sizes >= least * sizes.max()))


def _used(
    name: str,
    disc: NDArray[np.bool_],
    cavity: NDArray[np.bool_],
    rv: NDArray[np.bool_],
    numbers: NDArray[np.int64],
    floor: float,
) -> NDArray[np.int64]:
    """Slice numbers from the topmost whole ring, with a right ventricle if any has, downward."""
    whole = np.array([is_ring(c, d & ~c) for c, d in zip(cavity, disc, strict=True)])
    has_rv = rv.sum(axis=(1, 2)) >= floor
    whole &= cavity.sum(axis=(1, 2)) >= floor
    top = whole & (has_rv | ~has_rv.any())
    labelled = disc.sum(axis=(1, 2)) >= floor
    if labelled.sum() < LEAST_PLANES or not top.any():
        raise ValueError(_too_few(name, labelled, top))
    start = int(np.flatnonzero(top[numbers])[0])
    above = [int(k) for k in numbers[:start] if labelled[k] or has_rv[k]]
    end = int(np.flatnonzero(labelled[numbers])[-1])
    kept = numbers[start : end + 1]
    empty = [int(k) for k in kept if not labelled[k]]
    kept = kept[labelled[kept]]
    if len(kept) < LEAST_PLANES:
        raise ValueError(_too_few(name, labelled, top))
    if above:
        msg = f"{name}: slices {above} at the base are left out, no whole ring with both cavities"
        warnings.warn(msg, stacklevel=4)
    if empty:
        msg = f"{name}: slices {empty} are empty; the wall is drawn through from their neighbours"
        warnings.warn(msg, stacklevel=4)
    return kept


def _too_few(name: str, labelled: NDArray[np.bool_], top: NDArray[np.bool_]) -> str:
    held, rings = np.flatnonzero(labelled).tolist(), np.flatnonzero(top).tolist()
    return (
        f"{name}: the left ventricle is in slices {held}, with a whole ring in {rings}; a heart "
        f"needs {LEAST_PLANES} or more from a whole ring at the base to the apex: label more"
    )


def _shifts_mm(
    disc: NDArray[np.bool_],
    heights_mm: NDArray[np.float64],
    pitch_mm: NDArray[np.float64],
    align_mm: float,
) -> NDArray[np.float64]:
    """(s, 2) In-plane offset of each disc from a smooth long axis, less what may be its bend."""
    middles_mm = np.array([np.argwhere(d).mean(axis=0) for d in disc]) * pitch_mm[:2]
    if not np.isfinite(align_mm):
        return np.zeros_like(middles_mm)
    offset_mm = middles_mm - smooth_line(heights_mm, middles_mm)
    length = np.linalg.norm(offset_mm, axis=1, keepdims=True)
    return offset_mm * np.maximum(1 - align_mm / np.maximum(length, 1e-9), 0)
