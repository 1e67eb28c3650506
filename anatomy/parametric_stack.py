"""The parametric heart as the label map of a short-axis stack, for when no images are at hand."""

import numpy as np

from .label_map import LabelMap
from .label_schemes import LV, MYOCARDIUM, RV
from .parametric import ParametricHeart, body_axes, wall_parts_mm

#: Empty pixels and slices about the heart.
MARGIN_MM = 12.0


def parametric_stack(
    params: ParametricHeart | None = None, *, pixel_mm: float = 1.4, slice_mm: float = 8.0
) -> LabelMap:
    """Label map of the parametric heart, the faces of its topmost slice on the base.

    As in ACDC the right wall has no label.

    Parameters
    ----------
    params
        Shape and pose; the defaults of `ParametricHeart` without.
    pixel_mm
        Edge of a pixel in the slices.
    slice_mm
        Distance between slices.

    Raises
    ------
    ValueError
        When a length is not positive.

    Examples
    --------
    >>> label_map = parametric_stack()
    >>> round(label_map.volume_ml("lv_cavity"))
    121
    """
    if not (pixel_mm > 0 and slice_mm > 0):
        msg = f"pixel_mm and slice_mm must be positive, got {pixel_mm:g} and {slice_mm:g}"
        raise ValueError(msg)
    heart = ParametricHeart() if params is None else params
    wide_mm = max(heart.rv_inner_radii_mm) + heart.rv_shift_mm + heart.lv_wall_mm + MARGIN_MM
    across = np.arange(-wide_mm, wide_mm, pixel_mm)
    deep_mm = heart.base_above_equator_mm + heart.lv_inner_depth_mm + heart.lv_wall_mm + MARGIN_MM
    depths = np.arange(-0.5 * slice_mm, deep_mm + slice_mm, slice_mm)
    points_mm = np.stack(np.meshgrid(across, across, depths, indexing="ij"), axis=-1)
    flat = points_mm.reshape(-1, 3)
    outside = wall_parts_mm(flat, heart)
    radii = np.array([heart.lv_inner_radius_mm] * 2 + [heart.lv_inner_depth_mm]) + heart.lv_wall_mm
    disc = np.linalg.norm((flat - [0, 0, heart.base_above_equator_mm]) / radii, axis=1) < 1
    codes = np.select([outside[0] > 0, disc, outside[1] > 0], [LV, MYOCARDIUM, RV], 0)
    codes[outside[3] > 0] = 0
    affine = np.eye(4)
    affine[:3, :3] = body_axes(heart).T * [pixel_mm, pixel_mm, slice_mm]
    affine[:3, 3] = points_mm[0, 0, 0] @ body_axes(heart)
    return LabelMap(
        name="parametric",
        codes=codes.reshape(points_mm.shape[:3]).astype(np.uint8),
        affine_mm=affine,
    )
