"""How good a tetrahedral heart is, in numbers, and what to watch."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .heart import SURFACES, place_of, tet_volumes
from .kernels.shape import tet_shapes
from .measures import median, wall_thickness_mm
from .surface import LabelledSurface
from .surface_fit import SurfaceFit, fit_to_surface
from .topology import boundary_triangles, euler_number, face_pieces, shared_edges, shared_nodes

#: Below this, explicit schemes need small steps and Laplace solves many iterations.
LEAST_SCALED_JACOBIAN = 0.05
#: Two ventricles of a child to a much enlarged heart, muscle only.
VOLUMES_ML = (40.0, 500.0)


@dataclass(frozen=True, kw_only=True)
class MeshQuality:
    """What `mesh_quality` found. A measure that cannot be taken is nan."""

    nodes: int
    tets: int
    volume_ml: float
    #: Of a tet: sqrt(2) times six volumes over the largest product of three edges at a node;
    #: 1 if regular, 0 if flat, negative if inverted (Knupp 2003; the measure of VTK).
    min_scaled_jacobian: float
    mean_scaled_jacobian: float
    inverted_tets: int
    mean_edge_mm: float
    #: Sets of tets that hang together through faces.
    pieces: int
    #: Every boundary edge has two triangles, and every boundary node one fan of them.
    boundary_is_manifold: bool
    #: Nodes less edges plus triangles of the boundary: 2 for a cup, -2 with four valves.
    boundary_euler_number: int
    #: From the left endocardium to the epicardium or the right endocardium.
    lv_wall_median_mm: float
    #: From the right endocardium to the epicardium, the septum left out.
    rv_wall_median_mm: float
    #: How near the mesh lies to the surface it was made from; None where that was not given.
    fit: SurfaceFit | None
    #: One line each; none for a mesh fit to be simulated.
    warnings: tuple[str, ...]


def mesh_quality(
    nodes_mm: NDArray[np.float64],
    tets: NDArray[np.int32],
    surfaces: Mapping[str, NDArray[np.int32]],
    *,
    surface: LabelledSurface | None = None,
) -> MeshQuality:
    """Counts, size, shape of the tets, topology and wall thickness of a heart, with warnings.

    Parameters
    ----------
    nodes_mm
        (n, 3) nodes.
    tets
        (m, 4) tetrahedra; inverted ones are counted, not refused.
    surfaces
        Boundary triangles under the names of `SURFACES`; a missing name is a warning.
    surface
        The closed surface that the mesh was made from, to measure its distance.

    Returns
    -------
    quality : MeshQuality
    """
    triangles = boundary_triangles(tets)
    shape = scaled_jacobians(nodes_mm, tets)
    pinches = touching_places(triangles)
    volume_ml = float(tet_volumes(nodes_mm, tets).sum() / 1e3)
    pieces = int(face_pieces(tets).max() + 1)
    return MeshQuality(
        nodes=len(nodes_mm),
        tets=len(tets),
        volume_ml=volume_ml,
        min_scaled_jacobian=float(shape.min()),
        mean_scaled_jacobian=float(shape.mean()),
        inverted_tets=int((shape <= 0).sum()),
        mean_edge_mm=mean_edge_mm(nodes_mm, tets),
        pieces=pieces,
        boundary_is_manifold=len(pinches) == 0,
        boundary_euler_number=euler_number(triangles),
        lv_wall_median_mm=_wall_median_mm(nodes_mm, surfaces, "lv_endo"),
        rv_wall_median_mm=_wall_median_mm(nodes_mm, surfaces, "rv_endo"),
        fit=None if surface is None else fit_to_surface(nodes_mm, tets, surface),
        warnings=(
            *_shape_warnings(nodes_mm, tets, shape),
            *topology_warnings(nodes_mm, pieces, pinches),
            *_surface_warnings(nodes_mm, surfaces, len(triangles)),
            *_size_warnings(volume_ml),
        ),
    )


def scaled_jacobians(nodes_mm: NDArray[np.float64], tets: NDArray[np.int32]) -> NDArray[np.float64]:
    """(m,) Scaled Jacobian of each tet, as defined in `MeshQuality`.

    Examples
    --------
    >>> corner = np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]])
    >>> scaled_jacobians(corner, np.array([[0, 1, 2, 3]])).round(4)
    array([0.7071])
    """
    shapes = np.empty(len(tets))
    tet_shapes(np.ascontiguousarray(nodes_mm, np.float64), np.ascontiguousarray(tets), shapes)
    return shapes


def mean_edge_mm(nodes_mm: NDArray[np.float64], tets: NDArray[np.int32]) -> float:
    """Mean length of the edges, each counted once for every tet that has it."""
    pairs = [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]
    lengths_mm = [
        np.linalg.norm(nodes_mm[tets[:, i]] - nodes_mm[tets[:, j]], axis=1) for i, j in pairs
    ]
    return float(np.mean(lengths_mm))


def touching_places(triangles: NDArray[np.int32]) -> NDArray[np.int32]:
    """(k, 2) Edges where a boundary touches itself, or (k, 1) nodes where there are no edges."""
    edges = shared_edges(triangles)
    return edges if len(edges) else shared_nodes(triangles)[:, None]


def _wall_median_mm(
    nodes_mm: NDArray[np.float64], surfaces: Mapping[str, NDArray[np.int32]], inner: str
) -> float:
    """Median of `wall_thickness_mm`; nan where a surface is missing."""
    if not all(len(surfaces.get(s, ())) for s in SURFACES):
        return float("nan")
    return median(wall_thickness_mm(nodes_mm, surfaces, inner)[1])


def _shape_warnings(
    nodes_mm: NDArray[np.float64], tets: NDArray[np.int32], shape: NDArray[np.float64]
) -> list[str]:
    worst = place_of(nodes_mm[tets[shape.argmin()]].mean(axis=0))
    inverted = int((tet_volumes(nodes_mm, tets) <= 0).sum())
    if inverted:
        return [f"{inverted} tets are inverted or flat, one of them at {worst}; remesh"]
    poor = int((shape < LEAST_SCALED_JACOBIAN).sum())
    if poor:
        return [
            f"{poor} tets have a scaled Jacobian below {LEAST_SCALED_JACOBIAN}, the worst "
            f"{shape.min():.3f} at {worst}; solves will be slow there"
        ]
    return []


def topology_warnings(
    nodes_mm: NDArray[np.float64], pieces: int, pinches: NDArray[np.int32]
) -> list[str]:
    """That the tets are in pieces, that the boundary touches itself, or nothing."""
    found = []
    if pieces > 1:
        found.append(f"the tets are in {pieces} pieces; waves will not pass between them")
    if len(pinches):
        where = place_of(nodes_mm[pinches[0]].mean(axis=0))
        found.append(f"the boundary touches itself in {len(pinches)} places, first at {where}")
    return found


def _surface_warnings(
    nodes_mm: NDArray[np.float64], surfaces: Mapping[str, NDArray[np.int32]], boundary: int
) -> list[str]:
    found = [f"surface {s} is empty or missing" for s in SURFACES if not len(surfaces.get(s, ()))]
    labelled = sum(len(surfaces[s]) for s in SURFACES if s in surfaces)
    if labelled != boundary:
        found.append(f"{labelled} triangles are labelled, the boundary has {boundary}")
    for endo in ("lv_endo", "rv_endo"):
        both = np.intersect1d(surfaces.get(endo, ()), surfaces.get("epi", ())).astype(np.int64)
        if len(both):
            where = place_of(nodes_mm[both[0]])
            found.append(f"{len(both)} nodes lie on both {endo} and epi, the first at {where}")
    return found


def _size_warnings(volume_ml: float) -> list[str]:
    low, high = VOLUMES_ML
    if low <= volume_ml <= high:
        return []
    return [f"the muscle is {volume_ml:.3g} ml; two ventricles are {low:g} to {high:g} ml"]
