"""Reader of DTI004: a real heart with measured fibres (Camps, Cardiac-Digital-Twin, MIT)."""

import zipfile
import zlib
from pathlib import Path

import numpy as np

from .camps import heart_of_nodes
from .heart import Heart

#: The file keeps centimetres.
MM_PER_CM = 10.0
ARRAYS = ("xyz", "tetra", "lvendo", "rvendo", "fibre", "sheet", "electrodes")


def read_dti004(folder: Path) -> Heart:
    """Read `DTI004_case.npz`, the arrays of Camps' csv layout in one file.

    The base is what is flat about the mouths: the file's apicobasal field reaches 1 on only half
    of the plane in which the heart was cut.

    Raises
    ------
    OSError
        When the file is missing.
    ValueError
        When it is damaged.
    """
    path = folder / "DTI004_case.npz"
    if not path.is_file():
        msg = f"no such file: {path}"
        raise OSError(msg)
    try:
        with path.open("rb") as file, np.load(file) as archive:
            case = {key: archive[key] for key in ARRAYS}
    except (KeyError, ValueError, EOFError, OSError, zipfile.BadZipFile, zlib.error) as error:
        reason = " ".join(str(error).split())
        msg = f"{path.name} is damaged or lacks an array ({reason}); fetch it again"
        raise ValueError(msg) from error
    return heart_of_nodes(
        case["xyz"] * MM_PER_CM,
        case["tetra"],
        {"lv_endo": case["lvendo"], "rv_endo": case["rvendo"]},
        name="dti004",
        fibres=case["fibre"],
        sheets=case["sheet"],
        electrodes_mm=case["electrodes"] * MM_PER_CM,
    )
