"""A torso about the heart: a closed skin that carries the electrodes, and what it holds."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

from .distance import surface_distance
from .electrodes import Chest
from .heart import ELECTRODES
from .nearest import Tree
from .surface import LabelledSurface, areas_mm2


class Shell(NamedTuple):
    """A closed surface, such as a lung, wound so that normals point outward."""

    nodes_mm: NDArray[np.float64]  # (p, 3)
    triangles: NDArray[np.int32]  # (q, 3)


@dataclass(frozen=True, eq=False, kw_only=True)
class Torso:
    """Closed surface of a body.

    Attributes
    ----------
    nodes_mm : (p, 3) float64
    triangles : (q, 3) int32
        Wound so that normals point outward.
    lungs : tuple of Shell
        Closed surfaces inside the skin and outside the heart; none by default.
    cavities : tuple of Shell
        Closed surfaces of the blood in the ventricles, from `blood.blood_cavities`; none by
        default.
    """

    nodes_mm: NDArray[np.float64]
    triangles: NDArray[np.int32]
    lungs: tuple[Shell, ...] = ()
    cavities: tuple[Shell, ...] = ()

    @property
    def centres_mm(self) -> NDArray[np.float64]:
        """(q, 3) Middle of each triangle."""
        return self.nodes_mm[self.triangles].mean(axis=1)

    @property
    def areas_mm2(self) -> NDArray[np.float64]:
        """(q,) Area of each triangle."""
        return areas_mm2(self.nodes_mm, self.triangles)

    def encloses(self, points_mm: NDArray[np.float64]) -> NDArray[np.bool_]:
        """(k,) Whether each point (k, 3) lies inside the skin, by its winding number."""
        return inside(Shell(self.nodes_mm, self.triangles), points_mm)

    def nearest_mm(self, points_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        """(k, 3) Point of the skin nearest to each point (k, 3)."""
        return Tree(self.nodes_mm, self.triangles).closest_points_mm(points_mm)

    def leave_mm(
        self, start_mm: NDArray[np.float64], direction: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """(3,) Where a ray crosses the skin last (Moeller and Trumbore 1997); nan if nowhere."""
        a, b, c = self.nodes_mm[self.triangles].transpose(1, 0, 2)
        across = np.cross(direction, c - a)
        volume = np.einsum("ij,ij->i", b - a, across)
        scale = 1 / np.where(volume == 0, np.inf, volume)
        away = start_mm - a
        u = np.einsum("ij,ij->i", away, across) * scale
        turned = np.cross(away, b - a)
        v = turned @ direction * scale
        t = np.einsum("ij,ij->i", c - a, turned) * scale
        hit = (volume != 0) & (u >= 0) & (v >= 0) & (u + v <= 1) & (t >= 0)
        return start_mm + (t[hit].max() if hit.any() else np.nan) * direction


class ChestSection(NamedTuple):
    """Ellipse of the skin at the height of the heart."""

    middle_mm: NDArray[np.float64]  # (3,) z where `Chest` counts heights from
    half_width_mm: float
    half_depth_mm: float


def inside(shell: Shell, points_mm: NDArray[np.float64]) -> NDArray[np.bool_]:
    """(k,) Whether a closed surface winds round each point (k, 3)."""
    labels = np.zeros(len(shell.triangles), np.int8)
    surface = LabelledSurface(nodes_mm=shell.nodes_mm, triangles=shell.triangles, labels=labels)
    return surface_distance(surface, cell_mm=20.0)(points_mm) < 0


def fit_torso(electrodes_mm: NDArray[np.float64], chest: Chest | None = None) -> Torso:
    """Torso whose chest passes through V1..V6 and whose ends reach the limb electrodes.

    An elliptical cylinder with rounded ends. Its middle and its two half axes are those of
    the template, moved as little as the six chest electrodes ask for.

    Parameters
    ----------
    electrodes_mm
        (10, 3) in the order of `ELECTRODES`; rows that are not finite are left out.
    chest
        The template, for a body whose electrodes say little.

    Raises
    ------
    ValueError
        When a chest electrode is missing, or every limb electrode is.
    """
    chest = chest or Chest()
    section = chest_section(electrodes_mm, chest)
    limbs = electrodes_mm[:3][np.isfinite(electrodes_mm[:3]).all(axis=1)]
    if not len(limbs):
        msg = "electrodes_mm lacks LA, RA and LL; a torso needs one of them to know its ends"
        raise ValueError(msg)
    top = limbs[:, 2].max() + 30.0
    bottom = limbs[:, 2].min() - 30.0
    half_axes = np.array([section.half_width_mm, section.half_depth_mm, (top - bottom) / 2])
    midline, middle, _ = section.middle_mm
    return barrel(np.array([midline, middle, (top + bottom) / 2]), half_axes)


def chest_section(electrodes_mm: NDArray[np.float64], chest: Chest) -> ChestSection:
    """Ellipse of the skin through V1..V6, moved from the template as little as they ask for.

    Raises
    ------
    ValueError
        When a chest electrode is missing.
    """
    if electrodes_mm.shape != (len(ELECTRODES), 3):
        msg = f"electrodes_mm must have shape ({len(ELECTRODES)}, 3), got {electrodes_mm.shape}"
        raise ValueError(msg)
    precordial = electrodes_mm[-6:]
    if not np.isfinite(precordial).all():
        msg = "electrodes_mm lacks a chest electrode; a torso needs V1 to V6"
        raise ValueError(msg)
    midline = precordial[:2, 0].mean()
    start = np.array([chest.half_depth_mm, chest.half_width_mm, chest.half_depth_mm])
    start[0] += precordial[:, 1].min()

    def residual(p: NDArray[np.float64]) -> NDArray[np.float64]:
        across = (precordial[:, 0] - midline) / p[1]
        deep = (precordial[:, 1] - p[0]) / p[2]
        off_mm = (np.hypot(across, deep) - 1) * chest.half_depth_mm
        return np.concatenate([off_mm / 5.0, (p - start) / 30.0])

    middle, half_width, half_depth = least_squares(residual, start).x
    height = (precordial[:, 2] - chest.electrodes_mm()[-6:, 2]).mean()
    return ChestSection(np.array([midline, middle, height]), float(half_width), float(half_depth))


def barrel(
    middle_mm: NDArray[np.float64],
    half_axes_mm: NDArray[np.float64],
    *,
    power: float = 6.0,
    around: int = 36,
    along: int = 24,
) -> Torso:
    """Elliptical cylinder along z whose ends are rounded: |x/a, y/b|^p + |z/c|^p = 1.

    `power` 2 makes an ellipsoid. Rings are closer together towards the ends.
    """
    turn = np.arange(around) * (2 * np.pi / around)
    height = np.sin(np.linspace(-np.pi / 2, np.pi / 2, along + 2)[1:-1])
    radius = (1 - np.abs(height) ** power) ** (1 / power)
    ring = np.stack(
        [
            np.outer(radius, np.cos(turn)),
            np.outer(radius, np.sin(turn)),
            np.outer(height, np.ones(around)),
        ],
        axis=-1,
    ).reshape(-1, 3)
    nodes = np.concatenate([ring, [[0, 0, -1], [0, 0, 1]]])
    here = np.arange(along * around).reshape(along, around)
    next_ = np.roll(here, -1, axis=1)
    a, b, c, d = (x.ravel() for x in (here[:-1], next_[:-1], next_[1:], here[1:]))
    south, north = len(ring), len(ring) + 1
    ends = [
        np.stack([np.full(around, south), next_[0], here[0]], axis=1),
        np.stack([np.full(around, north), here[-1], next_[-1]], axis=1),
    ]
    sides = [np.stack([a, b, c], axis=1), np.stack([a, c, d], axis=1)]
    return Torso(
        nodes_mm=middle_mm + half_axes_mm * nodes,
        triangles=np.concatenate(sides + ends).astype(np.int32),
    )
