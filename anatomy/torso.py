"""A torso about the heart: a closed skin that carries the electrodes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

from .electrodes import Chest
from .heart import ELECTRODES


@dataclass(frozen=True, eq=False, kw_only=True)
class Torso:
    """Closed surface of a body.

    Attributes
    ----------
    nodes_mm : (p, 3) float64
    triangles : (q, 3) int32
        Wound so that normals point outward.
    """

    nodes_mm: NDArray[np.float64]
    triangles: NDArray[np.int32]

    @property
    def centres_mm(self) -> NDArray[np.float64]:
        """(q, 3) Middle of each triangle."""
        return self.nodes_mm[self.triangles].mean(axis=1)

    @property
    def areas_mm2(self) -> NDArray[np.float64]:
        """(q,) Area of each triangle."""
        a, b, c = self.nodes_mm[self.triangles].transpose(1, 0, 2)
        return np.linalg.norm(np.cross(b - a, c - a), axis=1) / 2


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
    if electrodes_mm.shape != (len(ELECTRODES), 3):
        msg = f"electrodes_mm must have shape ({len(ELECTRODES)}, 3), got {electrodes_mm.shape}"
        raise ValueError(msg)
    sites = dict(zip(ELECTRODES, electrodes_mm, strict=True))
    precordial = np.array([sites[f"V{k}"] for k in range(1, 7)])
    if not np.isfinite(precordial).all():
        msg = "electrodes_mm lacks a chest electrode; a torso needs V1 to V6"
        raise ValueError(msg)
    midline = (sites["V1"][0] + sites["V2"][0]) / 2
    front = precordial[:, 1].min()
    start = np.array([front + chest.half_depth_mm, chest.half_width_mm, chest.half_depth_mm])

    def residual(p: NDArray[np.float64]) -> NDArray[np.float64]:
        across = (precordial[:, 0] - midline) / p[1]
        deep = (precordial[:, 1] - p[0]) / p[2]
        off_mm = (np.hypot(across, deep) - 1) * chest.half_depth_mm
        return np.concatenate([off_mm / 5.0, (p - start) / 30.0])

    middle, half_width, half_depth = least_squares(residual, start).x
    limbs = electrodes_mm[:3][np.isfinite(electrodes_mm[:3]).all(axis=1)]
    if not len(limbs):
        msg = "electrodes_mm lacks LA, RA and LL; a torso needs one of them to know its ends"
        raise ValueError(msg)
    top = limbs[:, 2].max() + 30.0
    bottom = limbs[:, 2].min() - 30.0
    half_axes = np.array([half_width, half_depth, (top - bottom) / 2])
    return barrel(np.array([midline, middle, (top + bottom) / 2]), half_axes)


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
