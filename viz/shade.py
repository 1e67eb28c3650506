"""A view of a heart as a picture: light, depth and outline over colours given per pixel."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .camera import View
from .raster import Pixels, rasterise
from .skin import Skin, Solid, cut_open

#: Each pixel is the mean of 2 x 2.
_FINER = 2
#: Direction of the lamp: right, up, towards the viewer.
_LAMP = np.array([-0.35, 0.55, 0.76])
_OUTLINE_MM = 4.0  # a step in depth that counts as the outline of a wall
_HOLLOW_MM = 14.0  # a pixel this much deeper than its surroundings is darkest


class Seen(NamedTuple):
    """The visible points of a heart, one a pixel, and the values of nodal fields there.

    Attributes
    ----------
    skin : what could be seen
    xyz : (points, 3) points of the skin: column, row, depth in pixels
    pixels : what each pixel shows
    finer : small pixels to one of the picture
    """

    skin: Skin
    xyz: NDArray[np.float64]
    pixels: Pixels
    finer: int

    def value(self, nodal: NDArray[np.float64]) -> NDArray[np.float64]:
        """(p, ...) A field, (n, ...), at every pixel."""
        return self.pixels.blend(self.skin.carry(nodal), self.skin.triangles)

    def slope(self, nodal: NDArray[np.float64]) -> NDArray[np.float64]:
        """(p,) How much a field, (n,), changes from one pixel of the picture to the next."""
        corners = self.skin.triangles[self.pixels.triangle]
        (x, y), v = self.xyz[corners, :2].transpose(2, 1, 0), self.skin.carry(nodal)[corners].T
        x1, x2, y1, y2, v1, v2 = (d for u in (x, y, v) for d in (u[1] - u[0], u[2] - u[0]))
        area = x1 * y2 - x2 * y1
        along_x, along_y = v1 * y2 - v2 * y1, v2 * x1 - v1 * x2
        return self.finer * np.hypot(along_x, along_y) / np.maximum(np.abs(area), 1e-12)


#: Gives the colour (p, 3) in 0..1 of what is seen.
Paint = Callable[[Seen], NDArray[np.float64]]


class Look(NamedTuple):
    """A view before it is painted: any number of fields can be painted over it.

    Attributes
    ----------
    seen : what is visible
    light : (p,) brightness of each pixel
    """

    seen: Seen
    light: NDArray[np.float64]


def render(
    heart: Solid, view: View, paint: Paint, *, half_mm: float, size_px: int
) -> NDArray[np.float64]:
    """Picture of a heart, transparent where there is none.

    Parameters
    ----------
    heart : what is drawn, the middle of what is left of it in the middle
    view : from where, and what is cut away
    paint : colour of every visible point
    half_mm : from the middle to the edge of the picture
    size_px : rows and columns

    Returns
    -------
    (size_px, size_px, 4) float64, red, green, blue and opacity in 0..1
    """
    return paint_over(look(heart, view, half_mm=half_mm, size_px=size_px), paint)


def look(heart: Solid, view: View, *, half_mm: float, size_px: int) -> Look:
    """What a view shows and how bright it is; the parameters are those of `render`."""
    rows = size_px * _FINER
    skin = cut_open(heart, view.plane)
    px_per_mm = rows / (2 * half_mm)
    low_mm, high_mm = bounds_mm(heart, view)
    xyz = (view.project_mm(skin.points_mm) - (low_mm + high_mm) / 2) * px_per_mm
    xyz[:, :2] += (rows - 1) / 2
    pixels = rasterise(xyz, skin.triangles, skin.cut_mm, (rows, rows))
    seen = Seen(skin, xyz, pixels, _FINER)
    depth_mm = _depth_mm(pixels, px_per_mm)
    light = _light(seen, view) * _hollow(depth_mm, px_per_mm)[pixels.mask]
    return Look(seen, light * (1 - 0.55 * _outline(depth_mm)[pixels.mask]))


def paint_over(look: Look, paint: Paint) -> NDArray[np.float64]:
    """(size_px, size_px, 4) The picture that `render` returns, of a view looked at before."""
    mask = look.seen.pixels.mask
    fine = np.zeros((*mask.shape, 4))
    fine[mask, :3] = paint(look.seen) * look.light[:, None]
    fine[mask, 3] = 1.0
    size_px = len(mask) // _FINER
    mean = fine.reshape(size_px, _FINER, size_px, _FINER, 4).mean(axis=(1, 3))
    mean[..., :3] /= np.maximum(mean[..., 3:], 1e-9)
    return np.clip(mean, 0.0, 1.0)


def depth_steps(look: Look, half_mm: float) -> NDArray[np.bool_]:
    """(rows, columns) Small pixels of a look beside something much deeper, or beside nothing."""
    pixels = look.seen.pixels
    return _outline(_depth_mm(pixels, len(pixels.mask) / (2 * half_mm)))


def bounds_mm(heart: Solid, view: View) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(3,) twice: the corners of the box around what a view keeps, in its own axes."""
    kept = heart.nodes_mm
    if view.plane is not None:
        kept = kept[view.plane.distance_mm(kept) <= 0]
    at_mm = view.project_mm(kept if len(kept) else heart.nodes_mm)
    return at_mm.min(axis=0), at_mm.max(axis=0)


def _depth_mm(pixels: Pixels, px_per_mm: float) -> NDArray[np.float64]:
    """(rows, columns) Distance from the viewer, up to a constant; inf where there is nothing."""
    depth_mm = np.full(pixels.mask.shape, np.inf)
    depth_mm[pixels.mask] = pixels.depth / px_per_mm
    return depth_mm


def _light(seen: Seen, view: View) -> NDArray[np.float64]:
    """(p,) 0.56..1.05, by the angle between the surface and the lamp; both sides are lit."""
    normals = seen.pixels.blend(seen.skin.normals, seen.skin.triangles)
    facing = np.stack([view.right, view.up, view.towards]) @ normals.T
    facing *= np.sign(facing[2]) / np.maximum(np.sqrt((facing**2).sum(axis=0)), 1e-9)
    lamp = np.clip(_LAMP / np.linalg.norm(_LAMP) @ facing, 0, 1)
    return 0.56 + 0.34 * lamp + 0.15 * facing[2]


def _hollow(depth_mm: NDArray[np.float64], px_per_mm: float) -> NDArray[np.float64]:
    """(rows, columns) 0.55..1, darker where a pixel lies deeper than those around it."""
    from scipy.ndimage import uniform_filter

    known = np.isfinite(depth_mm)
    depth = np.where(known, depth_mm, 0.0)
    width = max(3, round(14.0 * px_per_mm))
    for _ in range(2):  # twice a box: nearly a Gaussian, at a cost that does not grow
        depth = uniform_filter(depth, width, mode="constant")
    weight = known.astype(float)
    for _ in range(2):
        weight = uniform_filter(weight, width, mode="constant")
    deeper = np.where(known, depth_mm, 0.0) - depth / np.maximum(weight, 1e-9)
    return 1 - 0.45 * np.clip(deeper / _HOLLOW_MM, 0, 1)


def _outline(depth_mm: NDArray[np.float64]) -> NDArray[np.bool_]:
    """(rows, columns) Pixels next to something much deeper, or to nothing."""
    from scipy.ndimage import maximum_filter

    far = np.where(np.isfinite(depth_mm), depth_mm, 1e6)
    return maximum_filter(far, 3) - far > _OUTLINE_MM
