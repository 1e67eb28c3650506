"""From a label map to tetrahedra: smooth walls through the slices, the base cut flat."""

import warnings
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from .electrodes import usual_axes
from .label_map import LabelMap
from .parametric import WALL_LATTICES, ParametricHeart, ellipsoid_mm, smooth_min
from .slice_order import LEAST_AREA_MM2
from .slices import ALIGN_MM, Slices, cut_slices
from .stack_shape import Grid, grown_mm, join_planes, outline_mm, tip_mm, upright_mm
from .stuffing import LATTICE_MM, MIN_WALL_LATTICES, stuff
from .surface import label_boundary
from .topology import boundary_triangles, euler_number

#: Right free wall, which no scheme labels: 3 +- 1 mm in adults (Lang 2015, J. Am. Soc.
#: Echocardiogr. 28:1).
RV_WALL_MM = 3.0
#: Roundness of the grooves where the ventricles meet.
FILLET_MM = 5.0
#: Distance between the grid's planes, at most.
STEP_MM = 1.5
#: Nodes less edges plus triangles of the boundary of two cups that share a wall.
EULER_NUMBER = 2
#: Slice distances that the apex may lie beyond a stack that ends before it.
MOST_CAP = 3.0

Parts = Callable[[NDArray[np.float64]], NDArray[np.float64]]


def label_map_mesh(
    label_map: LabelMap,
    *,
    lattice_mm: float = LATTICE_MM,
    rv_wall_mm: float = RV_WALL_MM,
    rv: str = "labels",
    align_mm: float = ALIGN_MM,
) -> tuple[NDArray[np.float64], NDArray[np.int32], dict[str, NDArray[np.int32]]]:
    """Tetrahedra of the walls of a labelled short-axis stack, ready for `build_heart`.

    The base is cut flat at the upper face of the topmost slice that has a whole ring of left
    wall and a right ventricle; the apex closes as a paraboloid does, behind a wall as thick as
    in the last slices. The right free wall is grown outward from the right cavity.

    Parameters
    ----------
    label_map
        A stack from `read_label_map`.
    lattice_mm
        Edge of the lattice cube; at most `rv_wall_mm` over 1.35.
    rv_wall_mm
        Thickness of the right free wall.
    rv
        "labels" takes the right ventricle from the map; "template" makes one up, with the
        proportions of `ParametricHeart`, on the septal side.
    align_mm
        In-plane offset from a smooth long axis that a slice may keep; see `cut_slices`.

    Returns
    -------
    nodes_mm : (n, 3) float64
        In the frame of the map: x to the left, y to the back, z to the head.
    tets : (m, 4) int32
        Positively oriented.
    surfaces : dict of str to (k, 3) int32
        Boundary triangles, outward, under the names of `SURFACES`.

    Raises
    ------
    ValueError
        When the map has no right ventricle and none is asked for, the lattice is too coarse for
        the right wall, or there are too few slices.

    Warns
    -----
    UserWarning
        When slices are left out, the right ventricle is made up, or a wall has a hole.

    Examples
    --------
    >>> from .parametric_stack import parametric_stack
    >>> label_map = parametric_stack(pixel_mm=3, slice_mm=10)
    >>> nodes_mm, tets, surfaces = label_map_mesh(label_map, lattice_mm=5, rv_wall_mm=7)
    >>> sorted(surfaces)
    ['base', 'epi', 'lv_endo', 'rv_endo']
    """
    if not 0 < lattice_mm * WALL_LATTICES <= rv_wall_mm:
        msg = (
            f"lattice_mm must be positive and at most {rv_wall_mm / WALL_LATTICES:.2f} for a "
            f"right wall of {rv_wall_mm:g} mm, got {lattice_mm:g}; refine it or thicken the wall"
        )
        raise ValueError(msg)
    slices = cut_slices(label_map, align_mm=align_mm)
    _check_rv(label_map, slices, rv)
    for factor in MIN_WALL_LATTICES:
        least_mm = factor * lattice_mm
        parts, bounds_mm = wall_parts(slices, max(rv_wall_mm, least_mm), least_mm, rv)
        local_mm, tets = stuff(_farthest(parts), bounds_mm, lattice_mm=lattice_mm)
        number = euler_number(boundary_triangles(tets))
        if number == EULER_NUMBER:
            break
    else:
        msg = (
            f"{label_map.name}: the mesh has Euler number {number}, two open ventricles have "
            f"{EULER_NUMBER}: a wall has a hole or a cavity is shut; make lattice_mm smaller than "
            f"{lattice_mm:g} or smooth the labels"
        )
        warnings.warn(msg, stacklevel=2)
    if np.linalg.det(slices.axes) < 0:
        tets = tets[:, [1, 0, 2, 3]]
    surfaces = label_boundary(local_mm, tets, lambda p: parts(p).argmax(axis=0).astype(np.int8))
    return slices.nodes_mm(local_mm), tets, surfaces


def _farthest(parts: Parts) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
    """How far points lie outside the wall: outside the surface they are farthest out of."""
    return lambda points_mm: parts(points_mm).max(axis=0)


def _check_rv(label_map: LabelMap, slices: Slices, rv: str) -> None:
    """Raise without a right ventricle; warn of an invented one."""
    if rv not in ("labels", "template"):
        msg = f"rv must be labels or template, got {rv!r}"
        raise ValueError(msg)
    has_rv = bool(slices.rv.any())
    if rv == "labels" and not has_rv:
        msg = (
            f"{label_map.name}: no voxel is rv_cavity, and a heart needs both ventricles; "
            "rv='template' adds a made-up right ventricle of the usual proportions"
        )
        raise ValueError(msg)
    if rv == "template":
        msg = f"{label_map.name}: the right ventricle is made up, of the usual proportions"
        warnings.warn(msg, stacklevel=3)


def wall_parts(
    slices: Slices, rv_wall_mm: float, least_wall_mm: float, rv: str
) -> tuple[Parts, NDArray[np.float64]]:
    """How far points (k, 3) lie outside each surface, in the order of `SURFACES`, and a box.

    Points lie along `Slices.axes`; the wall is where all four are negative. It is nowhere
    thinner than `least_wall_mm`.
    """
    tips_mm = _tips_mm(slices, least_wall_mm)
    grid, masks = _grid(slices, rv_wall_mm, max(tips_mm.values()))
    solid = {k: _solid_mm(slices, masks[k], tip, grid) for k, tip in tips_mm.items()}
    least = grown_mm(solid["cavity"], grid, least_wall_mm, FILLET_MM)
    left = np.minimum(solid["disc"], least)
    if rv == "template":
        solid["rv"] = _template_rv_mm(slices, left, grid, tips_mm["disc"])
    right = np.maximum(solid["rv"], -least)
    outer = smooth_min(left, grown_mm(right, grid, rv_wall_mm, FILLET_MM), FILLET_MM)
    fields = [-solid["cavity"], -right, outer]

    def parts(points_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.concatenate([grid.sample(fields, points_mm), -points_mm[None, :, 2]])

    inside = np.argwhere(outer < 0)
    bounds = np.stack([inside.min(axis=0) - 1, inside.max(axis=0) + 1])
    bounds_mm = bounds * grid.step_mm + grid.start_mm
    bounds_mm[0, 2] = 0.0
    return parts, bounds_mm


def _present(slices: Slices, masks: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Planes that hold more of a shape than noise."""
    areas_mm2 = masks.sum(axis=(1, 2)) * slices.pitch_mm[:2].prod()
    return np.flatnonzero(areas_mm2 >= LEAST_AREA_MM2)


def _tips_mm(slices: Slices, least_wall_mm: float) -> dict[str, float]:
    """Depth at which each shape closes: the outside behind a wall as thick as the thinnest ring."""
    tips, radii = {}, {}
    for key in ("cavity", "disc", "rv"):
        masks = getattr(slices, key)
        planes = _present(slices, masks)
        if not len(planes):
            continue
        areas = masks[planes].sum(axis=(1, 2)) * slices.pitch_mm[:2].prod()
        is_last = planes[-1] == len(masks) - 1
        room = slices.pitch_mm[2] * (MOST_CAP if is_last and slices.ends_labelled else 1.0)
        tips[key] = tip_mm(areas, slices.depths_mm[planes], room)
        radii[key] = dict(zip(planes.tolist(), np.sqrt(areas / np.pi), strict=True))
    walls = [radii["disc"][plane] - radius for plane, radius in radii["cavity"].items()]
    tips["disc"] = max(tips["disc"], tips["cavity"] + max(min(walls), least_wall_mm))
    return tips


def _grid(
    slices: Slices, rv_wall_mm: float, deepest_mm: float
) -> tuple[Grid, dict[str, NDArray[np.bool_]]]:
    """A grid with room about the heart, on the pixels of the map, and the masks on it."""
    pitch_mm = slices.pitch_mm
    margin_mm = rv_wall_mm + 4 * FILLET_MM + np.abs(slices.shifts_mm).max()
    if not slices.rv.any():
        margin_mm += 2 * ParametricHeart().rv_shift_mm + ParametricHeart().rv_inner_radii_mm[0]
    margin = np.ceil(margin_mm / pitch_mm[:2]).astype(int)
    labelled = np.argwhere((slices.disc | slices.rv).any(axis=0))
    low, high = labelled.min(axis=0) - margin, labelled.max(axis=0) + margin + 1
    planes = int(np.ceil(pitch_mm[2] / STEP_MM))
    step_mm = np.array([*pitch_mm[:2], pitch_mm[2] / planes])
    deep = int(np.ceil((deepest_mm + rv_wall_mm + 4 * FILLET_MM) / step_mm[2]))
    counts = (int(high[0] - low[0]), int(high[1] - low[1]), deep)
    grid = Grid(np.array([*(low * pitch_mm[:2]), 0.0]), step_mm, counts)
    return grid, {k: _window(getattr(slices, k), low, high) for k in ("cavity", "disc", "rv")}


def _window(
    masks: NDArray[np.bool_], low: NDArray[np.int64], high: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """(s, *) Masks from pixel `low` up to `high`, empty beyond the image."""
    size = np.array(masks.shape[1:])
    pad = [(0, 0), *zip(np.maximum(-low, 0), np.maximum(high - size, 0), strict=True)]
    start, stop = low + [p[0] for p in pad[1:]], high + [p[0] for p in pad[1:]]
    return np.pad(masks, pad)[:, start[0] : stop[0], start[1] : stop[1]]


def _solid_mm(
    slices: Slices, masks: NDArray[np.bool_], closes_mm: float, grid: Grid
) -> NDArray[np.float64]:
    """Signed distance, on the grid, of the shape that the masks draw plane by plane."""
    planes = _present(slices, masks)
    pitch_mm = slices.pitch_mm[:2]
    outlines = np.stack([outline_mm(masks[p], pitch_mm, slices.shifts_mm[p]) for p in planes])
    planar = join_planes(outlines, slices.depths_mm[planes], closes_mm, grid.depths_mm)
    return upright_mm(planar, grid)


def _template_rv_mm(
    slices: Slices, left: NDArray[np.float64], grid: Grid, depth_mm: float
) -> NDArray[np.float64]:
    """Signed distance of a right cavity with the proportions of `ParametricHeart`."""
    usual = ParametricHeart()
    area_mm2 = slices.disc.sum(axis=(1, 2)).max() * slices.pitch_mm[:2].prod()
    wide = np.sqrt(area_mm2 / np.pi) / (usual.lv_inner_radius_mm + usual.lv_wall_mm)
    usual_depth_mm = usual.lv_inner_depth_mm + usual.lv_wall_mm + usual.base_above_equator_mm
    scale = np.array([wide, wide, depth_mm / usual_depth_mm])
    septal = (slices.axes @ usual_axes()[1])[:2]
    septal /= np.linalg.norm(septal)
    middle_mm = np.argwhere(slices.disc[0])[:, :].mean(axis=0) * slices.pitch_mm[:2]
    points_mm = grid.points_mm()
    away = points_mm[:, :2] - middle_mm + slices.shifts_mm[0]
    local = np.stack([away @ septal, away @ [-septal[1], septal[0]], points_mm[:, 2]], axis=1)
    centre = np.array([usual.rv_shift_mm, 0, usual.base_above_equator_mm])
    solid = ellipsoid_mm(local / scale - centre, np.array(usual.rv_inner_radii_mm)) * wide
    return -smooth_min(-solid.reshape(grid.counts), left, FILLET_MM)
