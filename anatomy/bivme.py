"""Surfaces of the ventricular wall from biv-me and UK-Biobank-atlas fits."""

from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .bivme_points import CONTROL_POINTS, is_fit, read_control_points, read_frame
from .bivme_template import MATERIALS, BivmeTemplate, find_template
from .surface import LabelledSurface, check_surface

__all__ = [
    "CONTROL_POINTS",
    "MATERIALS",
    "bivme_surface",
    "is_bivme",
    "read_bivme",
    "read_control_points",
]


def read_bivme(path: Path | str, frame: int = 0) -> LabelledSurface:
    """Closed surface of the wall at one frame of a biv-me fit, in DICOM patient coordinates.

    These are the axes of `Heart`: x to the left, y to the back, z to the head. The template's
    triangles are wound outward, and the thin rims of the valves (`*_CUT`) become the base.

    Parameters
    ----------
    path
        What `read_control_points` reads: a folder of a fit, or one file of it. The template, as
        `template.npz` or in biv-me's own files, lies beside it or in the data set
        `bivme_patient1`.
    frame
        Frame of the cardiac cycle; 0 is end-diastole. Of a folder of text files, the number in
        the file's name.

    Returns
    -------
    surface : LabelledSurface
        5,806 nodes and 11,616 triangles.

    Raises
    ------
    OSError
        When a file is missing.
    ValueError
        When the frame does not exist or a file is broken.
    """
    path = Path(path)
    folder = path if path.is_dir() else path.parent
    points_mm = read_frame(path, frame)
    return bivme_surface(points_mm, find_template(folder), name=f"{folder.name} frame {frame}")


def bivme_surface(
    points_mm: ArrayLike, template: BivmeTemplate, *, name: str = "biv-me surface"
) -> LabelledSurface:
    """Closed surface of the wall for the control points, or all surface nodes, of one shape.

    Parameters
    ----------
    points_mm
        388 control points or 5,810 surface nodes, as rows of x, y, z or as one flat vector
        x, y, z, x, y, z, ... (the atlas of the UK Biobank stores shapes so).
    template
        From `find_template`.
    name
        Of the surface, for messages.

    Raises
    ------
    ValueError
        When the points are neither, or the surface is not a closed wall in mm.
    """
    rows = np.asarray(points_mm, np.float64)
    n, points = template.subdivide.shape
    if (
        rows.ndim > 2
        or rows.size not in (3 * n, 3 * points)
        or rows.shape[-1] not in (3, rows.size)
    ):
        msg = f"{name}: needs {points} control points or {n} surface nodes, got shape {rows.shape}"
        raise ValueError(msg)
    rows = rows.reshape(-1, 3)
    kept = template.labels >= 0
    if not kept.any():
        msg = f"{name}: {template.source} names none of {', '.join(MATERIALS)}"
        raise ValueError(msg)
    return check_surface(
        LabelledSurface(
            name=name,
            nodes_mm=_nodes_mm(rows, template),
            triangles=template.triangles[kept].astype(np.int32),
            labels=template.labels[kept],
        )
    )


def is_bivme(path: Path | str) -> bool:
    """Whether a path looks like a biv-me fit: its folder, or one of its files.

    Examples
    --------
    >>> is_bivme("patient1_model_frame_003.txt"), is_bivme("heart.vtu")
    (True, False)
    """
    return is_fit(Path(path))


def _nodes_mm(rows: NDArray[np.float64], template: BivmeTemplate) -> NDArray[np.float64]:
    return template.subdivide @ rows if len(rows) == template.subdivide.shape[1] else rows
