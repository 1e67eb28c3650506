"""Surfaces of the ventricular wall from a folder of biv-me fits."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from .heart import SURFACES
from .surface import LabelledSurface, check_surface

#: Surface each material of the template belongs to; the four valve caps, absent here, are dropped.
MATERIALS = {
    "LV_ENDOCARDIAL": "lv_endo",
    "RV_SEPTUM": "rv_endo",
    "RV_FREEWALL": "rv_endo",
    "RV_EPICARDIAL": "epi",
    "LV_EPICARDIAL": "epi",
    "MITRAL_VALVE_CUT": "base",
    "TRICUSPID_VALVE_CUT": "base",
    "AORTA_VALVE_CUT": "base",
    "PULMONARY_VALVE__CUT": "base",
}


def read_bivme(folder: Path | str, frame: int = 0) -> LabelledSurface:
    """Closed surface of the wall at one frame of a biv-me fit, in DICOM patient coordinates.

    These are the axes of `Heart`: x to the left, y to the back, z to the head. The template's
    triangles are wound outward, and the thin rims of the valves (`*_CUT`) become the base.

    Parameters
    ----------
    folder
        Holds `control_points.npz` (frames, 388, 3) in mm and `template.npz`, the subdivision
        matrix with `faces` and `material`.
    frame
        Frame of the cardiac cycle; 0 is end-diastole.

    Returns
    -------
    surface : LabelledSurface
        5,806 nodes and 11,616 triangles.

    Raises
    ------
    OSError
        When a file is missing.
    ValueError
        When the frame does not exist or a file lacks an array.
    """
    folder = Path(folder)
    points = _load(folder / "control_points.npz", ("control_points_mm",))["control_points_mm"]
    keys = ("sub_data", "sub_indices", "sub_indptr", "sub_shape")
    template = _load(folder / "template.npz", (*keys, "faces", "material", "material_names"))
    if not 0 <= frame < len(points):
        msg = f"{folder}: frame must be 0 to {len(points) - 1}, got {frame}"
        raise ValueError(msg)
    subdivide = csr_matrix(tuple(template[k] for k in keys[:3]), shape=template["sub_shape"])
    labels = _labels(template)
    return check_surface(
        LabelledSurface(
            name=f"{folder.name} frame {frame}",
            nodes_mm=(subdivide @ points[frame]).astype(np.float64),
            triangles=template["faces"][labels >= 0].astype(np.int32),
            labels=labels[labels >= 0],
        )
    )


def _labels(template: dict[str, NDArray[np.generic]]) -> NDArray[np.int8]:
    """(k,) Index into `SURFACES` of each triangle of the template, -1 for the valve caps."""
    surfaces = [MATERIALS.get(str(name)) for name in template["material_names"]]
    label = np.array([-1 if s is None else SURFACES.index(s) for s in surfaces], np.int8)
    return label[template["material"].astype(int)]


def _load(path: Path, keys: tuple[str, ...]) -> dict[str, NDArray[np.generic]]:
    """Arrays of an `.npz` file; `OSError` without the file, `ValueError` without an array."""
    if not path.is_file():
        msg = f"{path} is missing; a biv-me folder holds control_points.npz and template.npz"
        raise FileNotFoundError(msg)
    with np.load(path) as archive:
        missing = [k for k in keys if k not in archive]
        if missing:
            msg = f"{path} lacks the array {', '.join(missing)}; it is not a biv-me fit"
            raise ValueError(msg)
        return {k: archive[k] for k in keys}
