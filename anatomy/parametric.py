"""A heart made in code: two ventricles from ellipsoids, for when no images are at hand."""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from .stuffing import stuff
from .surface import label_boundary

#: Edge of the lattice cube that gives the default heart about 41,000 nodes.
LATTICE_MM = 2.4
#: Thinnest wall in lattice edges; a thinner one may come out with holes.
WALL_LATTICES = 1.35


@dataclass(frozen=True, kw_only=True)
class ParametricHeart:
    """Two ventricles at end-diastole, cut flat at the base. Lengths are those of a healthy adult.

    The left ventricle lies between two ellipsoids about its long axis. The right one is a third
    ellipsoid, shifted across the septum, of which the left ventricle takes a bite.

    Lang 2015: chamber quantification in adults, J. Am. Soc. Echocardiogr. 28, 1-39.

    Raises
    ------
    ValueError
        When a length is not positive, a direction is not a vector, or the right ventricle lies
        within the left.
    """

    #: Half of the inner diameter: 42-58 mm in men, 38-52 in women (Lang 2015, table 2).
    lv_inner_radius_mm: float = 25.0
    #: Equator to the apex of the cavity; it then holds 121 ml (62-150 in men; Lang 2015, table 2).
    lv_inner_depth_mm: float = 72.0
    #: Septum and free wall: 6-10 mm (Lang 2015).
    lv_wall_mm: float = 9.0
    #: The base lies above the equator: the cavity narrows towards the valves.
    base_above_equator_mm: float = 14.0
    #: Free wall: 1-5 mm (Lang 2015), and thick enough for a 2.4 mm lattice.
    rv_wall_mm: float = 4.0
    #: Axis of the right ellipsoid from that of the left; with the next, a cavity of 151 ml, like
    #: the 176 ml of a cine-MRI fit (biv-me, patient 1).
    rv_shift_mm: float = 22.0
    #: Inner semi-axes of the right ellipsoid: away from the septum, along it, and to the apex.
    rv_inner_radii_mm: tuple[float, float, float] = (38.0, 42.0, 70.0)
    #: Roundness of the grooves where the ventricles meet; a sharp cleft cannot be meshed.
    fillet_mm: float = 4.0
    #: From the base to the apex: left, front and down; 18 degrees from that cine-MRI fit.
    apex_direction: tuple[float, float, float] = (0.62, -0.60, -0.50)
    #: From the left to the right ventricle: right and front; 14 degrees from that fit.
    rv_direction: tuple[float, float, float] = (-0.80, -0.60, 0.0)

    def __post_init__(self) -> None:
        for field in fields(self):
            values = np.atleast_1d(getattr(self, field.name))
            if not np.isfinite(values).all() or (
                field.name.endswith("_mm") and not (values > 0).all()
            ):
                msg = f"{field.name} must be positive and finite, got {getattr(self, field.name)}"
                raise ValueError(msg)
        if np.linalg.norm(np.cross(self.apex_direction, self.rv_direction)) < 1e-6:
            msg = f"rv_direction must not lie along apex_direction, got {self.rv_direction}"
            raise ValueError(msg)
        room_mm = self.rv_shift_mm + self.rv_inner_radii_mm[0]
        if room_mm <= self.lv_inner_radius_mm + self.lv_wall_mm:
            msg = (
                f"rv_shift_mm + rv_inner_radii_mm[0] is {room_mm:g}; "
                "it must reach beyond the left ventricle, or there is no right cavity"
            )
            raise ValueError(msg)


def parametric_mesh(
    params: ParametricHeart | None = None, *, lattice_mm: float = LATTICE_MM
) -> tuple[NDArray[np.float64], NDArray[np.int32], dict[str, NDArray[np.int32]]]:
    """Tetrahedra of the parametric heart, in the axes of `Heart`, the origin amid the left base.

    Parameters
    ----------
    params
        Shape and pose; the defaults of `ParametricHeart` without.
    lattice_mm
        Edge of the lattice cube; at most the thinnest wall over 1.35.

    Returns
    -------
    nodes_mm : (n, 3) float64
    tets : (m, 4) int32
        Positively oriented.
    surfaces : dict of str to (k, 3) int32
        Boundary triangles, outward, under the names of `SURFACES`.

    Raises
    ------
    ValueError
        When the lattice is too coarse for the walls.

    Examples
    --------
    >>> nodes_mm, tets, surfaces = parametric_mesh(ParametricHeart(rv_wall_mm=8), lattice_mm=5)
    >>> bool(np.allclose(nodes_mm[np.unique(surfaces["lv_endo"])].max(axis=0) > 0, True))
    True
    """
    heart = ParametricHeart() if params is None else params
    thinnest_mm = min(heart.rv_wall_mm, heart.lv_wall_mm)
    if lattice_mm * WALL_LATTICES > thinnest_mm:
        msg = (
            f"lattice_mm must be at most {thinnest_mm / WALL_LATTICES:.2f} for walls "
            f"of {thinnest_mm:g} mm, got {lattice_mm:g}; refine it or thicken the wall"
        )
        raise ValueError(msg)
    local_mm, tets = stuff(
        lambda points_mm: wall_parts_mm(points_mm, heart).max(axis=0),
        _bounds_mm(heart),
        lattice_mm=lattice_mm,
    )
    surfaces = label_boundary(
        local_mm, tets, lambda p: wall_parts_mm(p, heart).argmax(axis=0).astype(np.int8)
    )
    return local_mm @ body_axes(heart), tets, surfaces


def wall_parts_mm(points_mm: NDArray[np.float64], heart: ParametricHeart) -> NDArray[np.float64]:
    """(4, k) How far points lie outside each surface, in the order of `SURFACES`; about in mm.

    The wall is where all four are negative. Points (k, 3) are given along the `body_axes`.
    """
    equator_mm = points_mm - [0, 0, heart.base_above_equator_mm]
    radii = np.array([heart.lv_inner_radius_mm] * 2 + [heart.lv_inner_depth_mm])
    rv_radii = np.array(heart.rv_inner_radii_mm)
    shifted_mm = equator_mm - [heart.rv_shift_mm, 0, 0]
    lv_outer = ellipsoid_mm(equator_mm, radii + heart.lv_wall_mm)
    rv_outer = ellipsoid_mm(shifted_mm, rv_radii + heart.rv_wall_mm)
    rv_cavity = -smooth_min(-ellipsoid_mm(shifted_mm, rv_radii), lv_outer, heart.fillet_mm)
    outer = smooth_min(lv_outer, rv_outer, heart.fillet_mm)
    return np.stack([-ellipsoid_mm(equator_mm, radii), -rv_cavity, outer, -points_mm[:, 2]])


def body_axes(heart: ParametricHeart) -> NDArray[np.float64]:
    """(3, 3) Rows: unit vectors to the right ventricle, to the inferior wall, and to the apex."""
    apex = np.array(heart.apex_direction) / np.linalg.norm(heart.apex_direction)
    inferior = np.cross(apex, heart.rv_direction)
    inferior /= np.linalg.norm(inferior)
    return np.stack([np.cross(inferior, apex), inferior, apex])


def _bounds_mm(heart: ParametricHeart) -> NDArray[np.float64]:
    """(2, 3) Box about the wall, along the `body_axes`."""
    lv = np.array([heart.lv_inner_radius_mm] * 2 + [heart.lv_inner_depth_mm]) + heart.lv_wall_mm
    rv = np.array(heart.rv_inner_radii_mm) + heart.rv_wall_mm
    shift = np.array([heart.rv_shift_mm, 0, 0])
    low, high = np.minimum(-lv, shift - rv), np.maximum(lv, shift + rv)
    centre = np.array([0, 0, heart.base_above_equator_mm])
    low, high = low + centre - heart.fillet_mm, high + centre + heart.fillet_mm
    low[2] = 0
    return np.stack([low, high])


def ellipsoid_mm(
    points_mm: NDArray[np.float64], radii_mm: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(k,) Distance from an ellipsoid, to first order near it; negative inside."""
    size = np.linalg.norm(points_mm / radii_mm, axis=1)
    slope = np.linalg.norm(points_mm / radii_mm**2, axis=1)
    return size * (size - 1) / np.maximum(slope, 1e-12)


def smooth_min(
    a: NDArray[np.float64], b: NDArray[np.float64], width_mm: float
) -> NDArray[np.float64]:
    """The lesser of two distances, rounded where they are within `width_mm` of each other."""
    near = np.maximum(width_mm - np.abs(a - b), 0)
    return np.minimum(a, b) - near**2 / (4 * width_mm)
