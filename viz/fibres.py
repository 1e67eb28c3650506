"""Fibres as they run: streaks drawn out along them, coloured by their helix angle."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..anatomy import SURFACES, Heart
from ..anatomy.topology import boundary_triangles
from .camera import anterior_view, long_axis_view, lv_axes, short_axis_view
from .figure import DPI, style
from .helix import wall_axes
from .panels import Scene, colour_bar, draw_scene, look_at
from .shade import Paint, Seen, look

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_STREAK_MM = 6.0  # half its length
_STEP_PX = 2.0
_GRAIN_PX = 2  # of the noise that is drawn out
_JUMP_MM = 2.0  # a streak ends where the surface behind it lies so much deeper
_MIDDLE = 0.5  # depth in the wall down to which the outside is peeled off
_LEVELS_DEG = np.linspace(-90.0, 90.0, 13)


def draw_fibres(heart: Heart, *, dpi: float = DPI) -> "Figure":
    """Figure of the fibres on the epicardium, in mid-wall, on the endocardium and across it."""
    from matplotlib.colors import to_hex

    axes = lv_axes(heart)
    front = replace(anterior_view(), title="Epicardium")
    cuts = replace(long_axis_view(axes), title="Endocardium"), short_axis_view(axes)
    scene = look_at(heart, (front, *cuts), dpi=dpi)
    size_px = round(len(scene.looks[0].seen.pixels.mask) / scene.looks[0].seen.finer)
    inner = look(peeled(heart, _MIDDLE), front, half_mm=scene.reach_mm, size_px=size_px)
    views = (front, replace(front, title="Mid-wall"), *cuts)
    looks = (scene.looks[0], inner, *scene.looks[1:])
    with style():
        figure = draw_scene(Scene(heart, views, scene.half_mm, looks), fibre_paint(heart))
        middles_deg = (_LEVELS_DEG[:-1] + _LEVELS_DEG[1:]) / 2
        bands = [to_hex(c) for c in helix_colours(middles_deg)]
        colour_bar(figure, _LEVELS_DEG, bands, "Helix angle (degrees)")
    return figure


def peeled(heart: Heart, depth: float) -> Heart:
    """The heart with surfaces as if all tetrahedra farther out in its wall than `depth` were off.

    A heart whose transmural coordinate says nothing stays as it is.
    """
    kept = heart.coordinates.transmural[heart.tets].mean(axis=1) < depth
    if not kept.any():
        return heart
    none = np.zeros((0, 3), np.int32)
    inner = {"epi": boundary_triangles(heart.tets[kept])}
    return replace(heart, surfaces=dict.fromkeys(SURFACES, none) | inner)


def fibre_paint(heart: Heart) -> Paint:
    """Colour by helix angle, light and dark by noise smeared along the fibres.

    Line integral convolution (Cabral and Leedom 1993) in the plane of the picture.
    """
    tensor, helix = nodal_tensor(heart), nodal_helix(heart)

    def paint(seen: Seen) -> NDArray[np.float64]:
        cosine, sine = seen.value(helix).T
        rgb = helix_colours(np.rad2deg(np.arctan2(sine, cosine)) / 2)
        return rgb * (0.84 + 0.15 * streaks(seen, tensor))[:, None]

    return paint


def nodal_tensor(heart: Heart) -> NDArray[np.float64]:
    """(n, 3, 3) Mean over the tetrahedra about each node of the fibre times itself."""
    fibres = np.asarray(heart.fibres, np.float64)
    return _at_nodes(heart, np.einsum("mi,mj->mij", fibres, fibres))


def nodal_helix(heart: Heart) -> NDArray[np.float64]:
    """(n, 2) Cosine and sine of twice the helix angle, mean over the tetrahedra about a node."""
    up, around = wall_axes(heart)
    fibres = np.asarray(heart.fibres, np.float64)
    climb, run = np.einsum("ij,ij->i", fibres, up), np.einsum("ij,ij->i", fibres, around)
    return _at_nodes(heart, np.nan_to_num(np.stack([run**2 - climb**2, 2 * run * climb], axis=1)))


def streaks(seen: Seen, tensor: NDArray[np.float64]) -> NDArray[np.float64]:
    """(p,) Noise smeared along the fibres of a tensor field, mean 0, kept within -2..2."""
    along, px_per_mm = _directions(seen, tensor)
    mask, depth = seen.pixels.mask, seen.pixels.depth
    rows, columns = np.nonzero(mask)
    number = np.full(mask.shape, -1)
    number[mask] = np.arange(len(rows))
    noise = np.random.default_rng(0).uniform(-1, 1, (-(-len(mask) // _GRAIN_PX),) * 2)
    grain = noise[rows // _GRAIN_PX, columns // _GRAIN_PX]
    total, count = grain.copy(), np.ones(len(rows))
    for sign in (1.0, -1.0):
        at, heading = np.stack([columns, rows], axis=1).astype(float), sign * along
        here = alive = np.arange(len(rows))
        for _ in range(round(_STREAK_MM * px_per_mm / _STEP_PX)):
            at = at + _STEP_PX * heading
            column, row = np.rint(at).astype(int).clip(0, len(mask) - 1).T
            there = number[row, column]
            kept = (there >= 0) & (np.abs(depth[there] - depth[here]) < _JUMP_MM * px_per_mm)
            alive, here, at = alive[kept], there[kept], at[kept]
            total[alive] += grain[here]
            count[alive] += 1
            turn = np.sign(np.einsum("ij,ij->i", along[here], heading[kept]))
            heading = along[here] * np.where(turn == 0, 1.0, turn)[:, None]
    smeared = total / np.sqrt(count)
    return np.asarray(np.clip(smeared / max(float(smeared.std()), 1e-9), -2, 2))


def _directions(seen: Seen, tensor: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """(p, 2) Fibre in the picture, as long as it is not foreshortened; and pixels to the mm."""
    points = seen.skin.points_mm - seen.skin.points_mm.mean(axis=0)
    plane = seen.xyz[:, :2] - seen.xyz[:, :2].mean(axis=0)
    to_px = np.linalg.lstsq(points, plane, rcond=None)[0].T  # (2, 3), a scaled rotation
    px_per_mm = float(np.linalg.norm(to_px[0]))
    to_px = to_px / px_per_mm
    flat = np.einsum("ai,nij,bj->nab", to_px, tensor, to_px)
    xx, xy, yy = seen.value(np.stack([flat[:, 0, 0], flat[:, 0, 1], flat[:, 1, 1]], axis=1)).T
    angle = np.arctan2(2 * xy, xx - yy) / 2
    length = np.sqrt(np.clip(xx + yy, 0.0, 1.0))
    return length[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1), px_per_mm


def _at_nodes(heart: Heart, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, ...) Mean over the tetrahedra about each node of values (m, ...)."""
    flat = values.reshape(len(values), -1)
    corners, n = heart.tets.ravel(), len(heart.nodes_mm)
    counts = np.maximum(np.bincount(corners, minlength=n), 1)
    sums = [np.bincount(corners, np.repeat(column, 4), n) for column in flat.T]
    return (np.stack(sums, axis=1) / counts[:, None]).reshape(n, *values.shape[1:])


def helix_colours(angles_deg: NDArray[np.float64]) -> NDArray[np.float64]:
    """(k, 3) A hue for each angle, round the circle: -90 and 90 are one direction."""
    from matplotlib.colors import hsv_to_rgb

    hue = (angles_deg / 180.0 + 0.5) % 1.0
    return hsv_to_rgb(np.stack([hue, np.full_like(hue, 0.62), np.full_like(hue, 0.93)], axis=1))
