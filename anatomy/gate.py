"""What a mesh must keep to before anything is simulated on it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .heart import place_of
from .quality import mean_edge_mm, scaled_jacobians, topology_warnings, touching_places
from .surface import LabelledSurface
from .surface_fit import SurfaceFit, fit_to_surface
from .topology import boundary_triangles, face_pieces


@dataclass(frozen=True, kw_only=True)
class GateLimits:
    """The worst that may pass.

    Raises
    ------
    ValueError
        When a limit is not a positive number.
    """

    #: Dihedral angles of isosurface stuffing are at least 10.7 degrees (Labelle and Shewchuk 2007,
    #: theorem 1); the worst of such tets come to about this.
    min_scaled_jacobian: float = 0.10
    #: A fit to cine MRI lies 1 mm from its contours on average, a tenth of the left wall; the mesh
    #: should add a twentieth of that at most.
    volume_error_percent: float = 0.5
    #: 99th percentile over the mean edge: a boundary farther off lacks a feature that such an edge
    #: could have shown.
    distance_p99_edges: float = 0.5

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not (np.isfinite(value) and value > 0):
                msg = f"{name} must be a positive number, got {value}"
                raise ValueError(msg)


def gate(
    nodes_mm: NDArray[np.float64],
    tets: NDArray[np.int32],
    surfaces: Mapping[str, NDArray[np.int32]],
    *,
    surface: LabelledSurface | None = None,
    limits: GateLimits | None = None,
) -> tuple[str, ...]:
    """Why a mesh must not be simulated on, one line a reason; nothing when it may.

    Parameters
    ----------
    nodes_mm, tets, surfaces
        As for `mesh_quality`.
    surface
        The closed surface that the mesh was made from; without it, volume and distance pass.
    limits
        The defaults of `GateLimits` without.

    Examples
    --------
    >>> from cardiotwin.anatomy.shapes import box
    >>> nodes_mm, tets = box((2, 2, 2), 20.0)
    >>> sides = {"epi": boundary_triangles(tets)}
    >>> gate(nodes_mm, tets, sides)
    ()
    >>> gate(nodes_mm, tets[:, [1, 0, 2, 3]], sides)[0]
    '48 of 48 tets are inverted or flat, one of them at (15.0, 10.0, 5.0) mm; remesh'
    """
    limits = GateLimits() if limits is None else limits
    triangles = boundary_triangles(tets)
    labelled = sum(map(len, surfaces.values()))
    found = _shape_failures(nodes_mm, tets, limits.min_scaled_jacobian)
    found += topology_warnings(
        nodes_mm, int(face_pieces(tets).max() + 1), touching_places(triangles)
    )
    if labelled != len(triangles):
        found.append(
            f"{labelled} triangles are labelled, the boundary has {len(triangles)}; "
            "label each one once, e.g. with label_boundary"
        )
    if surface is not None:
        fit = fit_to_surface(nodes_mm, tets, surface)
        found += _fit_failures(fit, mean_edge_mm(nodes_mm, tets), surface.name, limits)
    return tuple(found)


def _shape_failures(
    nodes_mm: NDArray[np.float64], tets: NDArray[np.int32], least: float
) -> list[str]:
    shape = scaled_jacobians(nodes_mm, tets)
    worst = place_of(nodes_mm[tets[shape.argmin()]].mean(axis=0))
    inverted = int((shape <= 0).sum())
    if inverted:
        return [
            f"{inverted} of {len(tets)} tets are inverted or flat, one of them at {worst}; remesh"
        ]
    if shape.min() < least:
        return [
            f"the scaled Jacobian falls to {shape.min():.3f} at {worst}, the limit is {least:g}; "
            "settle the mesh or make the edges shorter"
        ]
    return []


def _fit_failures(fit: SurfaceFit, edge_mm: float, name: str, limits: GateLimits) -> list[str]:
    found, where = [], place_of(np.array(fit.worst_mm))
    if abs(fit.volume_error_percent) > limits.volume_error_percent:
        found.append(
            f"{name}: the volume of the mesh is {fit.volume_error_percent:+.2f} % off, the limit "
            f"is {limits.volume_error_percent:g} %; its boundary is farthest off at {where}; "
            "make the edges shorter"
        )
    if fit.distance_p99_mm > limits.distance_p99_edges * edge_mm:
        found.append(
            f"{name}: a hundredth of the boundary is {fit.distance_p99_mm:.2f} mm or more off, the "
            f"limit is {limits.distance_p99_edges:g} of the edge of {edge_mm:.2f} mm, and at most "
            f"{fit.distance_max_mm:.2f} mm at {where}; make the edges shorter"
        )
    return found
