"""How near a mesh lies to the surface that it was made from: volume and distance."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .heart import tet_volumes
from .nearest import Tree
from .surface import LabelledSurface, areas_mm2, enclosed_volume_mm3
from .topology import boundary_triangles

#: Points on each of the two surfaces; the 99th percentile then rests on 400 of them.
SAMPLES = 40_000
#: Steps of the most even sequence of points in a square: powers of the inverse of the real root
#: of x^3 = x + 1 (Roberts, "The unreasonable effectiveness of quasirandom sequences", 2018).
EVEN_STEPS = 1.32471795724474602596 ** -np.array([1.0, 2.0])


@dataclass(frozen=True, kw_only=True)
class SurfaceFit:
    """What `fit_to_surface` found. Distances are both ways, by area: mesh to surface and back."""

    #: Of the mesh over the surface, signed.
    volume_error_percent: float
    distance_p50_mm: float
    distance_p99_mm: float
    distance_max_mm: float
    #: Where the distance is largest.
    worst_mm: tuple[float, float, float]


def fit_to_surface(
    nodes_mm: NDArray[np.float64], tets: NDArray[np.int32], surface: LabelledSurface
) -> SurfaceFit:
    """Volume error of a mesh, and distance of its boundary from a closed, outward surface.

    Each percentile is the larger of the two ways, from points spread evenly over one surface to
    the nearest points of the other.

    Examples
    --------
    >>> from cardiotwin.anatomy.shapes import box
    >>> nodes_mm, tets = box((2, 2, 2), 20.0)
    >>> sides = boundary_triangles(tets)
    >>> surface = LabelledSurface(
    ...     nodes_mm=nodes_mm, triangles=sides, labels=np.zeros(len(sides), np.int8)
    ... )
    >>> fit = fit_to_surface(nodes_mm * [1.01, 1, 1], tets, surface)
    >>> round(fit.volume_error_percent, 6), round(fit.distance_max_mm, 6)
    (1.0, 0.4)
    """
    triangles = boundary_triangles(tets)
    volume_mm3 = enclosed_volume_mm3(surface.nodes_mm, surface.triangles)
    sides = (nodes_mm, triangles), (surface.nodes_mm, surface.triangles)
    points_mm = [spread_points_mm(*side) for side in sides]
    gaps_mm = [Tree(*sides[1 - i]).nearest(points_mm[i])[1] for i in (0, 1)]
    p50_mm, p99_mm, max_mm = (max(np.percentile(g, q) for g in gaps_mm) for q in (50, 99, 100))
    far = int(gaps_mm[1].max() > gaps_mm[0].max())
    x, y, z = points_mm[far][gaps_mm[far].argmax()]
    return SurfaceFit(
        volume_error_percent=float(100 * (tet_volumes(nodes_mm, tets).sum() / volume_mm3 - 1)),
        distance_p50_mm=float(p50_mm),
        distance_p99_mm=float(p99_mm),
        distance_max_mm=float(max_mm),
        worst_mm=(float(x), float(y), float(z)),
    )


def spread_points_mm(
    nodes_mm: NDArray[np.float64], triangles: NDArray[np.int32], count: int = SAMPLES
) -> NDArray[np.float64]:
    """(count, 3) Points spread evenly over triangles, the same ones every time."""
    share = np.cumsum(areas_mm2(nodes_mm, triangles))
    k = np.arange(count)
    triangle = np.searchsorted(share, (k + 0.5) / count * share[-1])
    u, v = (np.outer(EVEN_STEPS, k + 1) % 1).round(15)
    fold = u + v > 1
    u, v = np.where(fold, 1 - u, u), np.where(fold, 1 - v, v)
    a, b, c = nodes_mm[triangles[triangle]].transpose(1, 0, 2)
    return a + u[:, None] * (b - a) + v[:, None] * (c - a)
