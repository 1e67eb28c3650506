"""Two lungs in a chest, about a heart: closed surfaces seen from a point inside each."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .heart import Heart
from .torso import ChestSection, Shell

#: Signed size in mm, negative in the lung, of points (k, 3).
Field = Callable[[NDArray[np.float64]], NDArray[np.float64]]

_ROUND_MM = 4.0  # creases between the walls of a lung are rounded over some such length
_FARTHEST_MM = 320.0
_STEP_MM = 2.0
_DIRECTIONS = 300  # planes that bound the heart
_LEAST_DEPTH_MM = 10.0  # of a point that a lung can be seen from


@dataclass(frozen=True, slots=True, kw_only=True)
class Lungs:
    """Measures of the lungs in quiet breathing, from the middle of a chest as wide as `Chest`.

    Chosen so that both hold about 4.2 l in a man's chest: air at the end of a quiet breath
    (3.4 l at 1.76 m and 40 years, Hall 2021) with 0.9 l of tissue and blood. Breadths and
    depths grow with the chest.
    """

    side_wall_mm: float = 20.0  #: ribs, muscle and fat
    front_wall_mm: float = 18.0
    back_wall_mm: float = 42.0  #: with the muscles of the back
    apex_height_mm: float = 165.0  #: 2 to 3 cm over the collarbone
    right_dome_mm: float = -22.0  #: top of the diaphragm, at the tenth thoracic vertebra
    left_dome_mm: float = -36.0  #: 1 to 2 cm lower than the right
    recess_mm: float = -160.0  #: lowest point, beside the spine
    mediastinum_mm: float = 20.0  #: half its breadth over the heart
    spine_mm: float = 34.0  #: radius of the vertebrae with the aorta
    atria_mm: float = 36.0  #: radius of what lies behind the valves of the ventricles
    heart_gap_mm: float = 7.0  #: pericardium and the fat under it

    def __post_init__(self) -> None:
        if not self.heart_gap_mm >= 0:
            msg = f"Lungs.heart_gap_mm must not be negative, got {self.heart_gap_mm}"
            raise ValueError(msg)
        if not self.recess_mm < min(self.right_dome_mm, self.left_dome_mm):
            msg = f"Lungs.recess_mm must lie below both domes, got {self.recess_mm}"
            raise ValueError(msg)


def make_lungs(
    heart: Heart, section: ChestSection, lungs: Lungs, *, fineness: int = 3
) -> tuple[Shell, Shell]:
    """Right and left lung, each closed, outward, clear of the heart and within the chest wall.

    A lung is what the cage holds beside the mediastinum, over the diaphragm and outside the
    heart, as far as it can be seen from one point deep inside; the notch of the left lung is what
    the heart hides.

    Parameters
    ----------
    heart
        In body axes.
    section
        Ellipse of the skin at the height of the heart.
    lungs
        Their measures.
    fineness
        A lung has 20 * 4**fineness triangles.

    Raises
    ------
    ValueError
        When the heart leaves no room for a lung.
    """
    heart_field = _heart_field(heart, lungs)
    right, left = (
        _seen_from_inside(_lung_field(heart_field, section, lungs, side), section, side, fineness)
        for side in (-1.0, 1.0)
    )
    return right, left


def _heart_field(heart: Heart, lungs: Lungs) -> Field:
    """Depth in the heart with its gap, or in the atria: at most the distance from them.

    Each of many planes touches the ventricles, so what lies outside one of them by the gap is
    as far away from the muscle at least.
    """
    normals = sphere_points(_DIRECTIONS)
    offsets_mm = (heart.nodes_mm @ normals.T).max(axis=0)
    base_mm = heart.nodes_mm[heart.surfaces["base"]].mean(axis=(0, 1))
    middle_mm = np.average(heart.nodes_mm, axis=0, weights=heart.node_volumes_mm3)
    backward = (base_mm - middle_mm) / np.linalg.norm(base_mm - middle_mm)
    atria_mm = base_mm + 0.6 * lungs.atria_mm * backward

    def field(points_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        outside_mm = (points_mm @ normals.T - offsets_mm).max(axis=1)
        behind_mm = np.linalg.norm(points_mm - atria_mm, axis=1) - lungs.atria_mm
        return lungs.heart_gap_mm - np.minimum(outside_mm, behind_mm)

    return field


def _lung_field(heart: Field, section: ChestSection, lungs: Lungs, side: float) -> Field:
    """The largest of what bounds one lung; `side` is 1 on the left, -1 on the right."""
    wide = section.half_width_mm - lungs.side_wall_mm
    deep = section.half_depth_mm - (lungs.front_wall_mm + lungs.back_wall_mm) / 2
    forward_mm = (lungs.back_wall_mm - lungs.front_wall_mm) / 2
    dome_mm = lungs.left_dome_mm if side > 0 else lungs.right_dome_mm

    def field(points_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        x, y, z = (points_mm - section.middle_mm).T
        y = y + forward_mm
        rise = np.clip(z / lungs.apex_height_mm, 0.0, None)
        cage_mm = deep * (np.sqrt((x / wide) ** 2 + (y / deep) ** 2 + rise**2.2) - 1)
        beside = (side * x - 0.52 * wide) / (0.48 * wide)
        behind = (y + 0.4 * deep) / (0.8 * deep)
        fall = np.minimum(80.0 * (beside**2 + behind**2), dome_mm - lungs.recess_mm)
        diaphragm_mm = 0.6 * (dome_mm - fall - z)  # slopes of about one: 0.6 makes it a distance
        middle_mm = lungs.mediastinum_mm - side * x
        spine_mm = lungs.spine_mm - np.hypot(x, y - deep + 6.0)
        walls = np.stack([cage_mm, diaphragm_mm, middle_mm, spine_mm, heart(points_mm)])
        return _round_max(walls)

    return field


def _round_max(walls: NDArray[np.float64]) -> NDArray[np.float64]:
    """(k,) Largest of (w, k), creases rounded; never less than the largest itself."""
    top = walls.max(axis=0)
    return top + _ROUND_MM * np.log(np.exp((walls - top) / _ROUND_MM).sum(axis=0))


def _seen_from_inside(field: Field, section: ChestSection, side: float, fineness: int) -> Shell:
    """Closed surface where rays from a point inside a field first leave it."""
    import trimesh

    eye_mm = _best_eye(field, section, side)
    ball = trimesh.creation.icosphere(subdivisions=fineness)
    rays = np.asarray(ball.vertices) * [0.8, 0.8, 1.25]  # more of them along the lung
    rays /= np.linalg.norm(rays, axis=1, keepdims=True)
    radii_mm = _first_exit(field, eye_mm, rays)
    edges = np.asarray(ball.edges_unique)
    for _ in range(2):  # inward only: what the heart hides begins without a step
        radii_mm = np.minimum(radii_mm, _neighbour_mean(radii_mm, edges))
    return Shell(eye_mm + radii_mm[:, None] * rays, np.asarray(ball.faces, np.int32))


def _best_eye(field: Field, section: ChestSection, side: float) -> NDArray[np.float64]:
    """(3,) Of the deepest points at some heights, the one that sees most of the lung."""
    wide, deep = section.half_width_mm, section.half_depth_mm
    grid = np.meshgrid(
        np.linspace(-60.0, 100.0, 9),
        side * np.linspace(0.1, 0.9, 17) * wide,
        np.linspace(-0.8, 0.8, 17) * deep,
        indexing="ij",
    )
    layers_mm = section.middle_mm + np.stack(grid[1:] + grid[:1], axis=-1).reshape(9, -1, 3)
    depths_mm = np.array([field(layer) for layer in layers_mm])
    deepest = layers_mm[np.arange(9), depths_mm.argmin(axis=1)]
    eyes_mm = deepest[depths_mm.min(axis=1) < -_LEAST_DEPTH_MM]
    if not len(eyes_mm):
        place = "({:.0f}, {:.0f}, {:.0f}) mm".format(*deepest[depths_mm.min(axis=1).argmin()])
        name = "left" if side > 0 else "right"
        msg = f"no room for the {name} lung beside the heart, best {place}; is the heart in place?"
        raise ValueError(msg)
    rays = sphere_points(100)
    seen = [(_first_exit(field, eye_mm, rays) ** 3).sum() for eye_mm in eyes_mm]
    return np.asarray(eyes_mm[np.argmax(seen)])


def _first_exit(
    field: Field, eye_mm: NDArray[np.float64], rays: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(r,) How far each ray goes until the field is no longer negative, to 0.01 mm."""
    far = np.arange(0.0, _FARTHEST_MM, _STEP_MM)
    inside = np.array([field(eye_mm + t * rays) < 0 for t in far])
    low = far[np.argmin(inside, axis=0) - 1]
    high = low + _STEP_MM
    for _ in range(8):
        middle = (low + high) / 2
        within = field(eye_mm + middle[:, None] * rays) < 0
        low, high = np.where(within, middle, low), np.where(within, high, middle)
    return low


def _neighbour_mean(values: NDArray[np.float64], edges: NDArray[np.int64]) -> NDArray[np.float64]:
    """(n,) Mean over the neighbours of each node."""
    both = np.concatenate([edges, edges[:, ::-1]])
    total = np.bincount(both[:, 0], values[both[:, 1]], len(values))
    return np.asarray(total / np.bincount(both[:, 0], minlength=len(values)))


def sphere_points(count: int) -> NDArray[np.float64]:
    """(count, 3) Unit vectors spread evenly over a sphere, on a golden spiral.

    Examples
    --------
    >>> bool(np.abs(sphere_points(100).mean(axis=0)).max() < 0.01)
    True
    """
    turn = np.arange(count) * np.pi * (3 - np.sqrt(5))
    z = 1 - (2 * np.arange(count) + 1) / count
    across = np.sqrt(1 - z**2)
    return np.column_stack([across * np.cos(turn), across * np.sin(turn), z])
