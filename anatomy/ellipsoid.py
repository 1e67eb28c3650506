"""Half a thick-walled ellipsoid: a left ventricle whose depth and directions have closed forms."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .coordinates import WallFields
from .frame import unit
from .laplace import Laplacian
from .stuffing import stuff
from .topology import boundary_triangles


@dataclass(frozen=True, slots=True, kw_only=True)
class HalfEllipsoid:
    """Wall between two confocal prolate spheroids, cut at the equator; the apex is at -z.

    The flat base is a plane of symmetry, so the field that is 0 on the endocardium, 1 on the
    epicardium and without flux through the base is the one of the whole spheroids.

    Raises
    ------
    ValueError
        When a length is not positive, or the cavity is not longer than it is wide.

    Examples
    --------
    >>> shape = HalfEllipsoid(inner_radius_mm=30.0, inner_depth_mm=50.0)
    >>> shape.depth(np.array([[30.0, 0, 0], [40.0, 0, 0]])).round(6) + 0
    array([0., 1.])
    """

    inner_radius_mm: float = 25.0  #: end-diastole, about half of 50 mm (Lang 2015)
    inner_depth_mm: float = 80.0  #: long axis of a normal left ventricle
    wall_mm: float = 10.0  #: at the equator

    def __post_init__(self) -> None:
        if not 0 < self.inner_radius_mm < self.inner_depth_mm < np.inf:
            msg = (
                f"inner_radius_mm must be positive and less than inner_depth_mm, "
                f"got {self.inner_radius_mm} and {self.inner_depth_mm}"
            )
            raise ValueError(msg)
        if not 0 < self.wall_mm < np.inf:
            msg = f"wall_mm must be positive, got {self.wall_mm}"
            raise ValueError(msg)

    @property
    def focus_mm(self) -> float:
        """Distance of the foci of all the spheroids from the centre."""
        return float(np.sqrt(self.inner_depth_mm**2 - self.inner_radius_mm**2))

    @property
    def shells(self) -> tuple[float, float]:
        """Spheroidal coordinate of the endocardium and of the epicardium."""
        radii = np.array([self.inner_radius_mm, self.inner_radius_mm + self.wall_mm])
        inner, outer = np.arcsinh(radii / self.focus_mm)
        return float(inner), float(outer)

    def shell(self, points_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        """(k,) Spheroidal coordinate of points (k, 3): arcosh of half the way to both foci."""
        focus = np.array([0, 0, self.focus_mm])
        way = sum(np.linalg.norm(points_mm - sign * focus, axis=1) for sign in (1, -1))
        return np.arccosh(np.maximum(way / (2 * self.focus_mm), 1.0))

    def depth(self, points_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        """(k,) Harmonic depth of points (k, 3): 0 on the endocardium, 1 on the epicardium.

        In prolate spheroidal coordinates the Laplace equation of a field of the shell alone is
        (sinh(s) f'(s))' = 0, which log(tanh(s / 2)) solves.
        """
        inner, outer = (np.log(np.tanh(s / 2)) for s in self.shells)
        return (np.log(np.tanh(self.shell(points_mm) / 2)) - inner) / (outer - inner)

    def axes(
        self, points_mm: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Unit vectors (k, 3) around, towards the base, and outward at points (k, 3)."""
        focus = np.array([0, 0, self.focus_mm])
        outward = unit(unit(points_mm - focus) + unit(points_mm + focus))
        around = unit(np.cross([0.0, 0.0, 1.0], outward))
        return around, np.cross(outward, around), outward

    def mesh(self, lattice_mm: float) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
        """Nodes (n, 3) in mm and tets (m, 4) by isosurface stuffing."""
        inner, outer = self.shells

        def outside_mm(points_mm: NDArray[np.float64]) -> NDArray[np.float64]:
            shell = self.shell(points_mm)
            within = np.maximum(inner - shell, shell - outer) * self.focus_mm
            return np.maximum(within, points_mm[:, 2])

        radius = self.inner_radius_mm + self.wall_mm
        depth = self.focus_mm * np.cosh(outer)
        bounds_mm = np.array([[-radius, -radius, -depth], [radius, radius, 0.0]])
        return stuff(outside_mm, bounds_mm, lattice_mm=lattice_mm)

    def walls(self, laplacian: Laplacian) -> WallFields:
        """Harmonic fields solved on a mesh of it, as `rule_based_fibres` takes them."""
        nodes_mm = laplacian.nodes_mm
        skin = np.unique(boundary_triangles(laplacian.tets))
        depth = self.depth(nodes_mm)
        inside, outside = (skin[np.abs(depth[skin] - side) < 0.02] for side in (0, 1))
        fixed = np.concatenate([inside, outside])
        left = laplacian.solve(fixed, np.isin(fixed, inside).astype(float))
        base = skin[nodes_mm[skin, 2] > -1e-6]
        aside = np.linalg.norm(nodes_mm[:, :2], axis=1)
        apex = np.flatnonzero(aside < self.wall_mm / 2)
        ends = np.concatenate([apex, base])
        up = laplacian.solve(ends, np.isin(ends, base).astype(float))
        return WallFields(
            left=left, right=0 * left, apex_to_base=up, septal_right=np.array([], int)
        )
