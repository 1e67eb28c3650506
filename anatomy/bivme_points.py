"""Control points of biv-me and UK-Biobank-atlas fits, from the files that programs write."""

import re
import zipfile
import zlib
from collections.abc import Sequence
from lzma import LZMAError
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .heart import check_size

#: Control points of the subdivision model that biv-me and the UK Biobank atlas share.
CONTROL_POINTS = 388
#: All frames of a fit in one file.
ARCHIVE = "control_points.npz"
#: One frame each, as biv-me writes them: CASE_model_frame_003.txt.
_FRAME_FILE = re.compile(r"(?P<case>.*)_model_frame_(?P<frame>\d+)\.txt", re.IGNORECASE)


def read_control_points(
    path: Path | str, *, points: int | None = CONTROL_POINTS
) -> NDArray[np.float64]:
    """Control points of every frame of a fit, in mm.

    Parameters
    ----------
    path
        A folder of a biv-me fit, with `control_points.npz` or files `CASE_model_frame_000.txt`;
        or one such file. Text has a point a line, x, y, z and perhaps the frame, split by commas
        or spaces, under a heading or none.
    points
        Control points of the model; None takes any number.

    Returns
    -------
    control_points_mm : (frames, points, 3) float64
        In the order of the frames.

    Raises
    ------
    OSError
        When there is no such file, or the folder holds no fit.
    ValueError
        When a file is broken, a frame is missing, there twice or has another number of points,
        a number is not finite, or the size is not that of a heart in mm.
    """
    path = Path(path)
    if path.is_dir() and not (path / ARCHIVE).is_file():
        files = frame_files(path)
        missing = set(range(min(files), max(files))) - files.keys()
        if missing:
            msg = f"{path}: frame {min(missing)} is missing; read the others one file at a time"
            raise ValueError(msg)
        frames = [_check(_text(files[k]), files[k], points) for k in sorted(files)]
        return np.concatenate(frames)
    if path.is_dir():
        path = path / ARCHIVE
    if path.suffix == ".npz":
        values = load_arrays(path, ("control_points_mm",))["control_points_mm"]
        return _check(values, path, points)
    return _check(_text(path), path, points)


def read_frame(path: Path, frame: int) -> NDArray[np.float64]:
    """(k, 3) Control points of one frame; of a folder of text files it reads only one."""
    if path.is_dir() and not (path / ARCHIVE).is_file():
        files = frame_files(path)
        if frame not in files:
            known = ", ".join(str(k) for k in sorted(files))
            msg = f"{path}: there is no frame {frame}; frame must be one of {known}"
            raise ValueError(msg)
        return read_control_points(files[frame], points=None)[0]
    frames = read_control_points(path, points=None)
    if not 0 <= frame < len(frames):
        msg = f"{path}: frame must be 0 to {len(frames) - 1}, got {frame}"
        raise ValueError(msg)
    return frames[frame]


def frame_files(folder: Path) -> dict[int, Path]:
    """The files of a folder that hold one frame each, by the frame's number."""
    files: dict[int, Path] = {}
    cases: dict[str, Path] = {}
    for file in sorted(folder.iterdir()):
        found = _FRAME_FILE.fullmatch(file.name)
        if not found:
            continue
        cases[found["case"]] = file
        number = int(found["frame"])
        if number in files:
            msg = f"{folder}: {files[number].name} and {file.name} are the same frame; delete one"
            raise ValueError(msg)
        files[number] = file
        if len(cases) > 1:
            msg = f"{folder} holds fits of several cases, {', '.join(cases)}; give each a folder"
            raise ValueError(msg)
    if not files:
        msg = f"{folder}: {ARCHIVE} is missing; a biv-me folder holds it or *_model_frame_000.txt"
        raise FileNotFoundError(msg)
    return files


def is_fit(path: Path) -> bool:
    """Whether a path looks like a biv-me fit: its folder, or one of its files."""
    if path.is_dir():
        return any(is_fit(file) for file in path.iterdir() if file.is_file())
    return path.name == ARCHIVE or _FRAME_FILE.fullmatch(path.name) is not None


def load_arrays(path: Path, keys: Sequence[str]) -> dict[str, NDArray[np.generic]]:
    """Arrays of an `.npz` file.

    Raises
    ------
    OSError
        When there is no such file.
    ValueError
        When it is broken or lacks an array.
    """
    if not path.is_file():
        msg = f"{path} is missing; a biv-me folder holds {ARCHIVE} and template.npz"
        raise FileNotFoundError(msg)
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            missing = [k for k in keys if k not in archive]
            arrays = {k: archive[k] for k in keys if k not in missing}
    except (
        AttributeError,  # np.load gives a bare array, which is no archive
        EOFError,
        KeyError,
        LZMAError,
        NotImplementedError,
        OSError,
        RuntimeError,
        TypeError,
        ValueError,
        zipfile.BadZipFile,
        zlib.error,
    ) as error:
        msg = f"{path} is damaged ({_one_line(error)}); copy it again from its source"
        raise ValueError(msg) from error
    if missing:
        msg = f"{path} lacks the array {', '.join(missing)}; it is not a biv-me fit"
        raise ValueError(msg)
    return arrays


def _text(path: Path) -> NDArray[np.float64]:
    """(frames, k, 3) Control points of a text file, which holds one frame or several."""
    try:
        lines = [line for line in path.read_text("utf-8").splitlines() if line.strip()]
    except UnicodeDecodeError as error:
        msg = f"{path} is not text; a fitted model has x, y, z and the frame on each line"
        raise ValueError(msg) from error
    rows = [re.split(r"[,;\s]+", line.strip().strip(",;")) for line in lines]
    rows = rows[1:] if rows and rows[0][0].lower() == "x" else rows
    try:
        table = np.array(rows, np.float64)
    except ValueError as error:
        msg = f"{path} is damaged ({_one_line(error)}); each line needs x, y, z and the frame"
        raise ValueError(msg) from error
    if table.ndim != 2 or table.shape[1] not in (3, 4):
        msg = f"{path}: each line must have x, y, z and the frame, got {table.shape} numbers"
        raise ValueError(msg)
    if table.shape[1] == 3:
        return table[None]
    return _by_frame(table, path)


def _by_frame(table: NDArray[np.float64], path: Path) -> NDArray[np.float64]:
    """(frames, k, 3) Rows of x, y, z and frame, one frame after the other."""
    number, first, counts = np.unique(table[:, 3], return_index=True, return_counts=True)
    found = _FRAME_FILE.fullmatch(path.name)
    if found and number.tolist() != [int(found["frame"])]:
        msg = f"{path}: its lines say frame {number[0]:g}, its name says {found['frame']}"
        raise ValueError(msg)
    if (counts != counts[0]).any() or (np.diff(table[:, 3]) < 0).any():
        short = number[counts.argmin()]
        msg = f"{path}: frame {short:g} has {counts.min()} points, others {counts.max()}"
        raise ValueError(msg)
    if (np.diff(number) != 1).any():
        gap = number[:-1][np.diff(number) != 1][0]
        msg = f"{path}: the frame after {gap:g} is missing"
        raise ValueError(msg)
    return table[np.add.outer(first, np.arange(counts[0])), :3]


def _check(values: NDArray[np.generic], path: Path, points: int | None) -> NDArray[np.float64]:
    """The control points as float64, once each frame is sure to be a heart in mm."""
    if values.ndim != 3 or values.shape[2] != 3 or points not in (None, values.shape[1]):
        msg = f"{path}: needs shape (frames, {points or CONTROL_POINTS}, 3), got {values.shape}"
        raise ValueError(msg)
    if not values.size:
        msg = f"{path} holds no control points; fit the images again"
        raise ValueError(msg)
    if values.dtype.kind not in "fiu":
        msg = f"{path}: control points must be numbers, got {values.dtype}"
        raise ValueError(msg)
    for frame, points_mm in enumerate(values.astype(np.float64)):
        bad = np.flatnonzero(~np.isfinite(points_mm).all(axis=1))
        if bad.size:
            msg = (
                f"{path}: {bad.size} control points of frame {frame} are not finite, the first is "
                f"number {bad[0]}; fit that frame again"
            )
            raise ValueError(msg)
        check_size(points_mm, f"{path} frame {frame}")
    return values.astype(np.float64)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
