"""Tetrahedra by fTetWild, the slow and careful way: an option beside `stuffing`.

Hu et al., "Fast tetrahedral meshing in the wild", ACM Trans. Graph. 39 (2020) 117.
"""

import contextlib
import importlib
import tempfile

import numpy as np
from numpy.typing import NDArray

from .guides import stay
from .settle import settle
from .surface import LabelledSurface, check_surface, label_boundary
from .topology import manifold_part

#: Farthest that the boundary may lie from the surface, as a share of the edge.
ENVELOPE = 0.1


def tetrahedralise_tetwild(
    surface: LabelledSurface, *, edge_mm: float
) -> tuple[NDArray[np.float64], NDArray[np.int32], dict[str, NDArray[np.int32]]]:
    """Tetrahedra of the wall enclosed by a labelled surface, and the boundary by name.

    One thread, so that the same surface gives the same mesh. Needs the extra `mesh`; takes about
    a hundred times as long as `stuffing.tetrahedralise`, and keeps sharp edges. Its
    inner nodes then settle, for a better worst tet.

    Parameters
    ----------
    surface
        A closed surface; see `check_surface`.
    edge_mm
        Wanted edge of the tets.

    Returns
    -------
    nodes_mm : (n, 3) float64
    tets : (m, 4) int32
        Positively oriented, the largest piece.
    surfaces : dict of str to (k, 3) int32
        Boundary triangles, outward, under the names of `SURFACES`.

    Raises
    ------
    ValueError
        When pytetwild is not installed, the surface is not one that encloses a wall, or the edge
        is not positive.
    """
    try:
        pytetwild = importlib.import_module("pytetwild")
    except ImportError as error:
        msg = "this mesher needs pytetwild; pip install cardiotwin[mesh], or mesh by stuffing"
        raise ValueError(msg) from error
    if not (edge_mm > 0 and np.isfinite(edge_mm)):
        msg = f"edge_mm must be positive, got {edge_mm}"
        raise ValueError(msg)
    surface = check_surface(surface)
    envelope = float(ENVELOPE * edge_mm / np.linalg.norm(np.ptp(surface.nodes_mm, axis=0)))
    # It leaves a file `__tracked_surface.stl` in the working folder.
    with tempfile.TemporaryDirectory() as scratch, contextlib.chdir(scratch):
        nodes_mm, tets = pytetwild.tetrahedralize(
            surface.nodes_mm,
            surface.triangles,
            edge_length_abs=edge_mm,
            epsilon=envelope,
            num_threads=1,
            vtk_ordering=True,
        )
    part = manifold_part(tets.astype(np.int32))
    used, renumbered = np.unique(part, return_inverse=True)
    tets = renumbered.reshape(part.shape).astype(np.int32)
    nodes_mm = settle(nodes_mm[used].astype(np.float64), tets, stay)
    return nodes_mm, tets, label_boundary(nodes_mm, tets, surface)
