"""Label maps of short-axis stacks: which voxel is which tissue, and where it lies in the body."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .electrodes import usual_axes
from .frame import unit
from .label_schemes import LV, RV, SCHEMES, TISSUES, WALL, name_tissues
from .nifti import check_affine, read_nifti, write_nifti
from .slice_order import base_first, check_order

#: Extent of the labelled voxels, from a small child's left ventricle to a dilated heart.
EXTENT_MM = (35.0, 260.0)
#: Slices, as a share of the widest voxel, that can be the direction of the stack.
NEAR_WIDEST = 0.85
#: A heart this far from the usual direction, in degrees, is not in a body's frame.
MOST_TILT_DEG = 75.0


@dataclass(frozen=True, eq=False, kw_only=True)
class LabelMap:
    """A short-axis stack in which every voxel has a tissue.

    Attributes
    ----------
    name : str
        Short name, used in messages.
    codes : (i, j, k) uint8
        Place in `TISSUES`; slice k is a short-axis plane.
    affine_mm : (4, 4) float64
        Voxel numbers to mm in the axes of `Heart`: x to the left, y to the back, z to the head.
    oriented : bool
        Whether the file said how the heart lies in the body. If not, the affine turns it as
        hearts usually lie.

    Raises
    ------
    ValueError
        When the codes are no stack of tissues or the affine is not a straight one.
    """

    name: str
    codes: NDArray[np.uint8]
    affine_mm: NDArray[np.float64]
    oriented: bool = True

    def __post_init__(self) -> None:
        if self.codes.ndim != 3 or self.codes.dtype != np.uint8 or self.codes.size == 0:
            msg = f"{self.name}: codes must be (i, j, k) uint8, got {self.codes.shape}"
            raise ValueError(msg)
        if self.codes.max() >= len(TISSUES):
            msg = f"{self.name}: codes must be below {len(TISSUES)}, got {self.codes.max()}"
            raise ValueError(msg)
        check_affine(self.affine_mm, self.name)

    @property
    def voxel_mm(self) -> NDArray[np.float64]:
        """(3,) Edges of a voxel; the third is the distance between slices."""
        return np.linalg.norm(self.affine_mm[:3, :3], axis=0)

    def where(self, tissue: str) -> NDArray[np.bool_]:
        """(i, j, k) Voxels of a tissue."""
        return self.codes == TISSUES.index(tissue)

    def volume_ml(self, tissue: str) -> float:
        """Volume of a tissue by counting voxels."""
        return float(self.where(tissue).sum() * self.voxel_mm.prod() / 1e3)


def read_label_map(
    path: str | Path,
    *,
    labels: str | Mapping[int, str] = "auto",
    frame: int | None = None,
) -> LabelMap:
    """Label map from a NIfTI file, in the axes of `Heart`.

    Parameters
    ----------
    path
        A `.nii` or `.nii.gz` file.
    labels
        A name in `SCHEMES`, a mapping of label to a name in `TISSUES`, or "auto": the one scheme
        that the anatomy allows.
    frame
        Which time frame of a 4D file, from 0.

    Returns
    -------
    label_map : LabelMap

    Raises
    ------
    OSError
        When the file is missing, empty or cut short.
    ValueError
        When the file is not a label map of a short-axis stack in mm; see `read_nifti`,
        `name_tissues` and `check_order`.

    Warns
    -----
    UserWarning
        When the file does not say how the heart lies in the body.

    Examples
    --------
    >>> import tempfile
    >>> from .parametric_stack import parametric_stack
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_label_map(parametric_stack(), f"{folder}/heart_gt.nii.gz")
    ...     label_map = read_label_map(f"{folder}/heart_gt.nii.gz")
    >>> label_map.name, label_map.voxel_mm.round(1).tolist(), label_map.oriented
    ('heart_gt', [1.4, 1.4, 8.0], True)
    """
    path = Path(path)
    name = path.name.removesuffix(".gz").removesuffix(".nii")
    values, affine_mm = read_nifti(path, frame=frame)
    order = _slices_last(affine_mm)
    values = values.transpose(order)
    affine_mm = affine_mm[:, [*order, 3]]
    codes = name_tissues(np.moveaxis(values, 2, 0), labels, name)
    label_map = LabelMap(name=name, codes=np.moveaxis(codes, 0, 2), affine_mm=affine_mm)
    check_extent(label_map)
    check_order(label_map)
    return _in_body(label_map)


def write_label_map(
    label_map: LabelMap, path: str | Path, *, labels: str | Mapping[int, str] = "acdc"
) -> None:
    """Write a label map as NIfTI, whole or not at all.

    Parameters
    ----------
    label_map
        What to write.
    path
        Ends in `.nii` or `.nii.gz`.
    labels
        A name in `SCHEMES` or a mapping of label to tissue.

    Raises
    ------
    ValueError
        When a tissue of the map has no label, or the ending is another.
    OSError
        When the file cannot be written.
    """
    scheme = SCHEMES[labels] if isinstance(labels, str) else labels
    written = np.zeros(label_map.codes.shape, np.uint8)
    for code in np.unique(label_map.codes[label_map.codes > 0]):
        label = [x for x, tissue in scheme.items() if tissue == TISSUES[code]]
        if not label:
            msg = f"{label_map.name}: {TISSUES[code]} has no label in {dict(scheme)}"
            raise ValueError(msg)
        written[label_map.codes == code] = label[0]
    write_nifti(path, written, label_map.affine_mm)


def _slices_last(affine_mm: NDArray[np.float64]) -> list[int]:
    """Order of the voxel axes that puts the widest, or the last of about equal ones, last."""
    size = np.linalg.norm(affine_mm[:3, :3], axis=0)
    last = int(np.flatnonzero(size >= NEAR_WIDEST * size.max())[-1])
    return [a for a in range(3) if a != last] + [last]


def check_extent(label_map: LabelMap) -> None:
    """Raise when a map is not the size of a heart; say which unit it seems to be in."""
    labelled = np.argwhere(label_map.codes > 0)
    spans_mm = (np.ptp(labelled, axis=0) + 1) * label_map.voxel_mm
    widest_mm, tall_mm = float(spans_mm.max()), float(spans_mm[2])
    voxel = " x ".join(f"{x:.4g}" for x in label_map.voxel_mm)
    low, high = EXTENT_MM
    if not low <= widest_mm <= high:
        advice = "correct the affine and xyzt_units"
        for factor, what in ((1e3, "metres"), (10, "centimetres"), (1e-3, "micrometres, or xyzt")):
            if low <= widest_mm * factor <= high:
                advice = f"it looks like {what}: multiply by {factor:g} or set xyzt_units"
        msg = f"{label_map.name}: the heart is {widest_mm:.4g} mm across, voxels {voxel} mm; "
        raise ValueError(msg + advice)
    if tall_mm < 0.25 * spans_mm[:2].max() and len(np.unique(labelled[:, 2])) > 1:
        msg = (
            f"{label_map.name}: the slices span {tall_mm:.4g} mm of a heart {widest_mm:.4g} mm "
            f"across, voxels {voxel} mm; correct the distance between slices in the affine"
        )
        raise ValueError(msg)


def _in_body(label_map: LabelMap) -> LabelMap:
    """The map, turned as hearts usually lie where its frame is not that of a body."""
    axes, middle_mm = heart_directions(label_map)
    tilts = np.degrees(np.arccos(np.clip((axes[:2] * usual_axes()[:2]).sum(axis=1), -1, 1)))
    straight = _lies_along_axes(label_map)
    if not straight and (tilts < MOST_TILT_DEG).all():
        return label_map
    why = (
        "its affine lies along the axes of the image"
        if straight
        else (
            f"its apex points {tilts[0]:.0f} and its septum {tilts[1]:.0f} degrees from the usual"
        )
    )
    msg = (
        f"{label_map.name}: the frame is not that of a body, as {why}; the heart is turned as "
        "hearts usually lie, its handedness that of the file"
    )
    if not label_map.where("rv_cavity").any():
        msg += ", the septum taken to be at the low end of the first voxel axis"
    warnings.warn(msg, stacklevel=3)
    turn = np.eye(4)
    turn[:3, :3] = usual_axes().T @ axes
    turn[:3, 3] = -turn[:3, :3] @ middle_mm
    return replace(label_map, affine_mm=turn @ label_map.affine_mm, oriented=False)


def heart_directions(
    label_map: LabelMap,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(3, 3) Long axis, septal, anterior as rows and (3,) the middle of the left ventricle.

    As in `HeartAxes`. The long axis is that of the stack. Without a right ventricle the septum
    is where images show it: in a body to the right and front, else at the low end of the
    first voxel axis.
    """
    left = _middle_mm(label_map, np.isin(label_map.codes, (LV, *WALL)))
    columns = label_map.affine_mm[:3, :3] / label_map.voxel_mm
    long_axis = columns[:, 2] if base_first(label_map.codes) else -columns[:, 2]
    septal = -columns[:, 0]
    if (label_map.codes == RV).any():
        septal = _middle_mm(label_map, label_map.codes == RV) - left
    elif not _lies_along_axes(label_map):
        septal = usual_axes()[1]
    septal = unit(septal - (septal @ long_axis) * long_axis)
    return np.stack([long_axis, septal, np.cross(septal, long_axis)]), left


def _lies_along_axes(label_map: LabelMap) -> bool:
    """Whether voxel and body axes agree to half a degree: of no short axis, but of bare images."""
    directions = np.abs(label_map.affine_mm[:3, :3] / label_map.voxel_mm)
    return bool(directions.max(axis=0).min() > np.cos(np.radians(0.5)))


def _middle_mm(label_map: LabelMap, mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    middle = np.argwhere(mask).mean(axis=0)
    return label_map.affine_mm[:3, :3] @ middle + label_map.affine_mm[:3, 3]
