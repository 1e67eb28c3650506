"""Reader of DTI004: a real heart with measured fibres (Camps, Cardiac-Digital-Twin, MIT)."""

from pathlib import Path

import numpy as np

from .build import build_heart
from .frame import unit
from .heart import Heart

#: The file keeps centimetres.
MM_PER_CM = 10.0
#: Nodes of the cut plane have this apicobasal value or more.
BASE_FROM = 0.999


def read_dti004(folder: Path) -> Heart:
    """Read `DTI004_case.npz`.

    Raises
    ------
    OSError
        When the file is missing.
    """
    path = folder / "DTI004_case.npz"
    if not path.is_file():
        msg = f"no such file: {path}"
        raise OSError(msg)
    with np.load(path) as case:
        nodes_mm = case["xyz"] * MM_PER_CM
        tets = case["tetra"]
        faces = case["surface_faces"]
        left = np.isin(faces, case["lvendo"]).all(axis=1)
        right = np.isin(faces, case["rvendo"]).all(axis=1) & ~left
        base = (case["ab"][faces] >= BASE_FROM).all(axis=1) & ~left & ~right
        fibres = average_axes(case["fibre"], tets)
        sheets = average_axes(case["sheet"], tets)
        electrodes_mm = case["electrodes"] * MM_PER_CM
    across = sheets - np.einsum("ij,ij->i", sheets, fibres)[:, None] * fibres
    return build_heart(
        nodes_mm,
        tets,
        {
            "lv_endo": faces[left],
            "rv_endo": faces[right],
            "base": faces[base],
            "epi": faces[~(left | right | base)],
        },
        name="dti004",
        fibres=(fibres.astype(np.float32), unit(across).astype(np.float32)),
        electrodes_mm=electrodes_mm,
    )


def average_axes(axes: np.ndarray, tets: np.ndarray) -> np.ndarray:
    """(m, 3) Mean direction of the nodes' axes in each tet; an axis has no head and no tail.

    It is the eigenvector of the mean of a a' with the largest eigenvalue.
    """
    corners = axes[tets].astype(float)
    moments = np.einsum("mik,mil->mkl", corners, corners)
    return np.linalg.eigh(moments)[1][:, :, 2]
