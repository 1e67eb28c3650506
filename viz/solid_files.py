"""Blocks and sheets of tissue as files for ParaView; hearts and atria have their own writers."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..anatomy.io import vtu_text
from ..files.whole_files import whole_file


def write_elements(
    nodes_mm: NDArray[np.float64],
    elements: NDArray[np.int32],
    path: Path,
    fields: Mapping[str, NDArray[Any]],
    texts: Mapping[str, str],
) -> None:
    """Write tetrahedra or triangles with fields at their nodes to a `.vtu`, whole or not at all.

    Parameters
    ----------
    nodes_mm : (n, 3)
    elements : (m, 4) or (m, 3)
    path : ends in .vtu
    fields : (n,) arrays by name
    texts : words about the whole, by name

    Raises
    ------
    OSError
        When the file cannot be written.
    """
    import pyvista

    kind = pyvista.CellType.TETRA if elements.shape[1] == 4 else pyvista.CellType.TRIANGLE
    grid = pyvista.UnstructuredGrid({kind: elements}, nodes_mm)
    for name, values in fields.items():
        grid.point_data[name] = values
    for name, text in texts.items():
        grid.field_data[name] = [text]
    with whole_file(path) as part:
        part.write_bytes(vtu_text(grid))
