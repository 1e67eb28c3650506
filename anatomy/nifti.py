"""Whole-number voxels of a NIfTI file and where they lie in the axes of `Heart`."""

import gzip
import itertools
import warnings
import zlib
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
from numpy.typing import NDArray

from ..files.whole_files import whole_file

#: More than any short-axis cine holds; a header that asks for more is damaged.
MOST_BYTES = 2**30
#: Millimetres of the units in the lowest three bits of `xyzt_units`; no unit counts as mm.
UNITS_MM = {1: 1e3, 2: 1.0, 3: 1e-3}
#: NIfTI has x to the right and y to the front, `Heart` x to the left and y to the back.
RAS_TO_LPS = np.diag([-1.0, -1.0, 1.0, 1.0])


def read_nifti(
    path: str | Path, *, frame: int | None = None
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Labels of a NIfTI-1 or -2 file, gzipped or not, and its affine.

    Parameters
    ----------
    path
        A `.nii` or `.nii.gz` file.
    frame
        Which time frame of a 4D file, from 0.

    Returns
    -------
    labels : (i, j, k) int32
        After the file's own scaling.
    affine_mm : (4, 4) float64
        Voxel numbers to mm; x to the left, y to the back, z to the head.

    Raises
    ------
    OSError
        When the file is missing, empty or cut short.
    ValueError
        When it is not NIfTI, has time frames and none is chosen, holds what are not labels, or
        has an affine that is not finite, singular or sheared.

    Warns
    -----
    UserWarning
        When the voxel sizes of the affine and of the header disagree.
    """
    path = Path(path)
    raw = _bytes_of(path)
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            image = _image_class(raw, path.name).from_bytes(raw)
            shape = image.shape
            values = _values(image, _place(shape, frame, path.name), len(raw), path.name)
    except (nib.spatialimages.HeaderDataError, nib.filebasedimages.ImageFileError) as error:
        msg = f"{path.name}: damaged NIfTI header: {_line(error)}"
        raise ValueError(msg) from None
    except (KeyError, IndexError, TypeError, OverflowError, MemoryError) as error:
        msg = f"{path.name}: damaged NIfTI file: {_line(error)}"
        raise ValueError(msg) from None
    return _as_labels(values, path.name), RAS_TO_LPS @ _affine_mm(image.header, path.name)


def write_nifti(
    path: str | Path, labels: NDArray[np.uint8], affine_mm: NDArray[np.float64]
) -> None:
    """Write labels (i, j, k) as `.nii` or `.nii.gz`, whole or not at all.

    Parameters
    ----------
    path
        Ends in `.nii` or `.nii.gz`.
    labels
        (i, j, k) voxels.
    affine_mm
        (4, 4) Voxel numbers to mm; x to the left, y to the back, z to the head.

    Raises
    ------
    ValueError
        When the ending is another.
    OSError
        When the file cannot be written.
    """
    path = Path(path)
    if not path.name.endswith((".nii", ".nii.gz")):
        msg = f"a label map is written as .nii or .nii.gz, got {path.name}"
        raise ValueError(msg)
    kind: Any = nib.Nifti1Image  # has no types
    image = kind(labels, np.linalg.inv(RAS_TO_LPS) @ affine_mm)
    image.header.set_xyzt_units("mm")
    with whole_file(path) as part:
        nib.save(image, part)


def _line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _bytes_of(path: Path) -> bytes:
    """Content of a file, unzipped; `OSError` without a file or with an empty or broken one."""
    if not path.is_file():
        msg = f"no such file: {path}"
        raise FileNotFoundError(msg)
    if path.stat().st_size == 0:
        msg = f"{path.name} is empty; copy it again"
        raise OSError(msg)
    with path.open("rb") as file:
        is_zipped = file.read(2) == b"\x1f\x8b"
    try:
        with gzip.open(path) if is_zipped else path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        msg = f"{path.name} is cut short or damaged ({_line(error)}); copy it again"
        raise OSError(msg) from None
    if len(raw) > MOST_BYTES:
        msg = f"{path.name} holds more than 1 GiB; write the one frame that is wanted to a file"
        raise ValueError(msg)
    return raw


def _image_class(raw: bytes, name: str) -> type[nib.Nifti1Image]:
    """NIfTI-1 or NIfTI-2, by the header's size and magic word."""
    for size, start, magic, kind in (
        (348, 344, b"n+1\0", nib.Nifti1Image),
        (540, 4, b"n+2\0", nib.Nifti2Image),
    ):
        sized = size in (int.from_bytes(raw[:4], order) for order in ("little", "big"))
        if sized and raw[start : start + 4] == magic:
            return kind
    msg = f"{name} is not a single-file NIfTI (.nii or .nii.gz); convert it, e.g. with nibabel"
    raise ValueError(msg)


def _place(shape: tuple[int, ...], frame: int | None, name: str) -> tuple[slice | int, ...]:
    """Index of the one volume in an array of that shape."""
    extra = shape[3:]
    if len(shape) < 3 or min(shape) < 1:
        msg = f"{name} has shape {shape}; a label map is a stack of slices, shape (i, j, k)"
        raise ValueError(msg)
    frames = max(extra, default=1)
    if sum(n > 1 for n in extra) > 1:
        msg = f"{name} has shape {shape}; a label map has three dimensions, or four with time"
        raise ValueError(msg)
    if frames > 1 and frame is None:
        msg = f"{name} is 4D with {frames} frames; choose one with frame=0 to frame={frames - 1}"
        raise ValueError(msg)
    if frame is not None and not 0 <= frame < frames:
        msg = f"{name}: frame must be 0 to {frames - 1}, got {frame}"
        raise ValueError(msg)
    return (slice(None),) * 3 + tuple(0 if n == 1 else frame or 0 for n in extra)


def _values(
    image: nib.Nifti1Image, place: tuple[slice | int, ...], size: int, name: str
) -> NDArray[np.generic]:
    """One scaled volume, once the file is sure to hold all that its header promises."""
    stored: Any = image.dataobj  # nibabel declares an array-like
    dtype = np.dtype(stored.dtype)
    if dtype.kind not in "iuf":
        msg = f"{name} holds {dtype} voxels; labels are whole numbers"
        raise ValueError(msg)
    offset = stored.offset
    wanted = offset + dtype.itemsize * int(np.prod([int(n) for n in image.shape], dtype=object))
    if not 0 <= offset <= wanted <= size:
        msg = f"{name} is cut short: {size} bytes of {wanted}; copy it again"
        raise OSError(msg)
    return np.asarray(stored[place])


def _as_labels(values: NDArray[np.generic], name: str) -> NDArray[np.int32]:
    """The values as whole numbers; float files of labels are common."""
    with np.errstate(all="ignore"):
        whole = np.rint(values.astype(np.float64))
        off = ~(np.abs(values - whole) < 0.01) | ~(np.abs(whole) < 2**31)
    if off.any():
        at = tuple(int(i) for i in np.argwhere(off)[0])
        msg = (
            f"{name}: voxel {at} holds {values[at]:g}; labels are whole numbers, "
            "this looks like an image or a probability map"
        )
        raise ValueError(msg)
    return whole.astype(np.int32)


def _affine_mm(header: Any, name: str) -> NDArray[np.float64]:
    """(4, 4) The file's affine in mm, in the axes of NIfTI.

    The sform counts, then the qform. In ACDC's files the sform has unit columns: such an affine
    says nothing about sizes, which then come from the qform or `pixdim`.
    """
    sizes = np.abs(np.asarray(header["pixdim"][1:4], np.float64))
    found = [a for a in _coded(header) if a is not None]
    if not found:
        found = [RAS_TO_LPS @ np.diag([*sizes, 1.0])]
    affine = found[0].astype(np.float64)
    fits = [a for a in found if np.allclose(_lengths(a), sizes, rtol=0.02)]
    if len(fits) and fits[0] is not found[0]:
        affine = fits[0].astype(np.float64)
        _warn_sizes(name, found[0], sizes, "the qform is used")
    elif not len(fits) and np.allclose(_lengths(affine), 1, rtol=0.02) and (sizes > 0).all():
        affine[:3, :3] *= sizes
        _warn_sizes(name, found[0], sizes, "pixdim is used")
    elif not len(fits) and np.isfinite(affine).all():
        _warn_sizes(name, found[0], sizes, "the affine is used")
    affine[:3] *= UNITS_MM.get(int(header["xyzt_units"]) & 7, 1.0)
    check_affine(affine, name)
    return affine


def _coded(header: Any) -> list[NDArray[np.float64] | None]:
    """The sform and the qform, as far as the header says they are set."""
    try:
        qform = header.get_qform(coded=True)[0]
    except ValueError:  # a quaternion longer than one
        qform = None
    return [header.get_sform(coded=True)[0], qform]


def _lengths(affine: NDArray[np.float64]) -> NDArray[np.float64]:
    with np.errstate(all="ignore"):
        return np.linalg.norm(affine[:3, :3], axis=0)


def _warn_sizes(
    name: str, affine: NDArray[np.float64], sizes: NDArray[np.float64], choice: str
) -> None:
    voxel, pixdim = (" x ".join(f"{x:.4g}" for x in s) for s in (_lengths(affine), sizes))
    msg = f"{name}: voxels are {voxel} by the affine, {pixdim} by pixdim; {choice}"
    warnings.warn(msg, stacklevel=5)


def check_affine(affine: NDArray[np.float64], name: str) -> None:
    """Raise unless an affine is finite and its columns are three axes at right angles."""
    remedy = "set qform and sform from the scan that was labelled"
    if affine.shape != (4, 4) or not np.isfinite(affine).all():
        msg = f"{name}: the affine is not finite (NaN or inf); {remedy}"
        raise ValueError(msg)
    lengths = _lengths(affine)
    if not (lengths > 0).all() or not (lengths < 1e6).all():
        msg = f"{name}: the affine is singular, voxels of {lengths.tolist()} mm; {remedy}"
        raise ValueError(msg)
    unit = affine[:3, :3] / lengths
    for a, b in itertools.combinations(range(3), 2):
        cosine = float(unit[:, a] @ unit[:, b])
        if abs(cosine) > 0.02:
            angle = np.degrees(np.arccos(np.clip(abs(cosine), 0, 1)))
            what = "singular" if abs(cosine) > 0.999 else "sheared"
            msg = f"{name}: the affine is {what}, voxel axes {a} and {b} are {angle:.0f} degrees "
            raise ValueError(msg + "apart instead of 90; resample the map to a straight stack")
