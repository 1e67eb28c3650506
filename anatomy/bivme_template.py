"""The subdivision template that every biv-me and UK-Biobank-atlas fit shares."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from .bivme_points import load_arrays
from .datasets import find
from .heart import SURFACES
from .matlab import read_matlab_sparse

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
#: The template in one file.
ARCHIVE = "template.npz"
#: The files of biv-me's `src/model`: matrix, triangles from 1, a number and a name a triangle.
MODEL_FILES = ("subdivision_matrix_sparse.mat", "ETIndicesSorted.txt", "ETIndicesMaterials.txt")


@dataclass(frozen=True, eq=False, kw_only=True)
class BivmeTemplate:
    """How control points become a labelled surface, the same for every fit.

    Attributes
    ----------
    source : str
        Where it was read, for messages.
    subdivide : (n, points) csr_matrix
        Surface nodes for control points; rows sum to one.
    triangles : (k, 3) int64
        Of the whole surface, valve caps included; not wound consistently.
    labels : (k,) int8
        Index into `SURFACES`, -1 for the valve caps.

    Raises
    ------
    ValueError
        When the parts do not fit each other.
    """

    source: str
    subdivide: csr_matrix
    triangles: NDArray[np.int64]
    labels: NDArray[np.int8]

    def __post_init__(self) -> None:
        n = self.subdivide.shape[0]
        if self.triangles.ndim != 2 or self.triangles.shape[1] != 3 or not len(self.triangles):
            msg = f"{self.source}: triangles must have shape (k, 3), got {self.triangles.shape}"
            raise ValueError(msg)
        low, high = self.triangles.min(), self.triangles.max()
        if low < 0 or high >= n:
            msg = f"{self.source}: triangles must name nodes 0 to {n - 1}, got {low} to {high}"
            raise ValueError(msg)
        if self.labels.shape != (len(self.triangles),):
            msg = (
                f"{self.source}: {len(self.labels)} materials for {len(self.triangles)} "
                "triangles; the files belong to different templates"
            )
            raise ValueError(msg)
        off = np.abs(self.subdivide.sum(axis=1) - 1).max()
        if not off < 1e-4:  # float32 in the file
            msg = (
                f"{self.source} is damaged: weights of a surface node miss a sum of 1 by {off:.3g}"
            )
            raise ValueError(msg)


def find_template(folder: Path) -> BivmeTemplate:
    """The template beside a fit, or that of the data set `bivme_patient1`.

    Raises
    ------
    OSError
        When there is none; the message says where to get it.
    ValueError
        When it is broken.
    """
    for place in (folder, find("bivme_patient1")):
        if place is not None and (place / ARCHIVE).is_file():
            return _from_archive(place / ARCHIVE)
        if place is not None and (place / MODEL_FILES[0]).is_file():
            return _from_model(place)
    msg = (
        f"{folder}: template.npz is missing, and a fit needs the template; copy "
        f"{', '.join(MODEL_FILES)} of biv-me (src/model) there"
    )
    raise FileNotFoundError(msg)


def _from_archive(path: Path) -> BivmeTemplate:
    parts = ("sub_data", "sub_indices", "sub_indptr")
    arrays = load_arrays(path, (*parts, "sub_shape", "faces", "material", "material_names"))
    names = [str(name) for name in arrays["material_names"].ravel()]
    try:
        shape = tuple(int(s) for s in arrays["sub_shape"].ravel())
        subdivide = csr_matrix(tuple(arrays[k] for k in parts), shape=shape, dtype=np.float64)
        subdivide.check_format(full_check=True)
        triangles, number = (
            arrays[k].astype(np.int64, casting="safe") for k in ("faces", "material")
        )
        material = np.array(names, object)[np.where(number < 0, len(names), number)]
    except (ValueError, TypeError, IndexError, OverflowError, MemoryError) as error:
        msg = f"{path} is damaged ({' '.join(str(error).split())}); copy it again from its source"
        raise ValueError(msg) from error
    return BivmeTemplate(
        source=str(path), subdivide=subdivide, triangles=triangles, labels=_labels(material)
    )


def _from_model(folder: Path) -> BivmeTemplate:
    matrix, triangles, materials = (folder / name for name in MODEL_FILES)
    names = np.array([line.split()[-1:] for line in _lines(materials)], object).ravel()
    try:
        corners = np.array([line.split() for line in _lines(triangles)], np.int64)
    except (ValueError, OverflowError) as error:
        msg = f"{triangles} is damaged; each line needs three node numbers"
        raise ValueError(msg) from error
    return BivmeTemplate(
        source=str(folder),
        subdivide=read_matlab_sparse(matrix).tocsr(),
        triangles=corners - 1,
        labels=_labels(names),
    )


def _lines(path: Path) -> list[str]:
    if not path.is_file():
        msg = f"{path} is missing; a template needs {', '.join(MODEL_FILES)}"
        raise FileNotFoundError(msg)
    return [line for line in path.read_text("utf-8", "replace").splitlines() if line.strip()]


def _labels(materials: NDArray[np.object_]) -> NDArray[np.int8]:
    """(k,) Index into `SURFACES` for the name of each triangle's material, -1 for the rest."""
    index = {name: SURFACES.index(surface) for name, surface in MATERIALS.items()}
    return np.array([index.get(str(name), -1) for name in materials.ravel()], np.int8)
