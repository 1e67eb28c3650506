"""Where a heart is looked at from: standard views, in the axes of the patient."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..anatomy import Heart
from .skin import Plane

LEFT, BACK, HEAD = np.eye(3)
_ON_AXIS_MM = 0.5  # unit vectors are longer, sites nearer to the axis have no direction
#: Anticlockwise from the right, as the short axis and the bullseye show them.
_WALLS = (
    *("lateral", "anterolateral", "anterior", "anteroseptal"),
    *("septal", "inferoseptal", "inferior", "inferolateral"),
)


@dataclass(frozen=True, eq=False, kw_only=True)
class View:
    """A parallel projection, and perhaps a cut.

    Attributes
    ----------
    title : str
    right, up : (3,) unit vectors, orthogonal; what they point to lies there in the picture
    edges : names of what lies at the left, right, top and bottom of the picture
    plane : what is cut away, or None
    """

    title: str
    right: NDArray[np.float64]
    up: NDArray[np.float64]
    edges: tuple[str, str, str, str]
    plane: Plane | None = None

    @property
    def towards(self) -> NDArray[np.float64]:
        """(3,) Unit vector from the heart to the viewer."""
        return np.cross(self.right, self.up)

    def project_mm(self, points_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        """(p, 3) To the right, downwards and away from the viewer."""
        return points_mm @ np.stack([self.right, -self.up, -self.towards], axis=1)


@dataclass(frozen=True, eq=False, kw_only=True)
class Axes:
    """Axes of the left ventricle, all unit vectors.

    Attributes
    ----------
    centre_mm : (3,) middle of the wall of the left ventricle
    length_mm : from the apex to the base
    basal : (3,) from the apex to the base
    anterior : (3,) to the anterior wall, across `basal`
    lateral : (3,) to the free lateral wall, across both
    """

    centre_mm: NDArray[np.float64]
    length_mm: float
    basal: NDArray[np.float64]
    anterior: NDArray[np.float64]
    lateral: NDArray[np.float64]


def lv_axes(heart: Heart) -> Axes:
    """Axes of the left ventricle, from its coordinates.

    A heart whose coordinates say nothing gets those of an average chest.
    """
    lv = heart.is_lv if heart.is_lv.any() else np.ones(len(heart.nodes_mm), bool)
    centre = heart.nodes_mm[lv].mean(axis=0)
    away = heart.nodes_mm[lv] - centre
    apicobasal = heart.coordinates.apicobasal[lv]
    basal = (apicobasal - apicobasal.mean()) @ away + 1e-6 * (HEAD + BACK - LEFT)
    basal /= np.linalg.norm(basal)
    anterior = np.sin(heart.coordinates.rotational[lv]) @ away + 1e-6 * (HEAD - BACK)
    anterior -= basal * (anterior @ basal)
    anterior /= np.linalg.norm(anterior)
    return Axes(
        centre_mm=centre,
        length_mm=float(np.ptp(away @ basal)),
        basal=basal,
        anterior=anterior,
        lateral=np.cross(basal, anterior),
    )


def anterior_view() -> View:
    """The heart from the front: the patient's left is on the right of the picture."""
    return View(title="Anterior", right=LEFT, up=HEAD, edges=("R", "L", "head", "feet"))


def inferior_view() -> View:
    """The heart from behind and below, as it lies on the diaphragm."""
    down = np.deg2rad(40.0)  # shows the inferior wall and still the posterior one
    up = np.cos(down) * HEAD + np.sin(down) * BACK
    return View(title="Posterior-inferior", right=-LEFT, up=up, edges=("L", "R", "", ""))


def short_axis_view(axes: Axes, through_mm: NDArray[np.float64] | None = None) -> View:
    """The basal part of the heart seen from the apex, as in magnetic resonance and the bullseye.

    Cut through a point of interest, or a little below the middle, where both ventricles show.
    """
    if through_mm is None:
        through_mm = axes.centre_mm - 0.18 * axes.length_mm * axes.basal
    return View(
        title="Short axis",
        right=axes.lateral,
        up=axes.anterior,
        edges=("septal", "lateral", "anterior", "inferior"),
        plane=Plane(through_mm, -axes.basal),
    )


def long_axis_view(axes: Axes, through_mm: NDArray[np.float64] | None = None) -> View:
    """The heart cut along its axis, through a point of interest or from septum to lateral wall."""
    across = axes.lateral if through_mm is None else through_mm - axes.centre_mm
    across = across - axes.basal * (across @ axes.basal)
    if np.linalg.norm(across) < _ON_AXIS_MM:  # an apical scar: every long axis cuts it
        across = axes.lateral
    across = across / np.linalg.norm(across)
    if across @ axes.lateral + 0.2 * across @ axes.anterior < 0:
        across = -across
    return View(
        title="Long axis",
        right=across,
        up=axes.basal,
        edges=(_wall(axes, -across), _wall(axes, across), "base", "apex"),
        plane=Plane(axes.centre_mm, np.cross(across, axes.basal)),
    )


def heart_views(axes: Axes, through_mm: NDArray[np.float64] | None = None) -> tuple[View, ...]:
    """Both sides and both cuts, the cuts through a point or where they show most."""
    cuts = long_axis_view(axes, through_mm), short_axis_view(axes, through_mm)
    return anterior_view(), inferior_view(), *cuts


def _wall(axes: Axes, direction: NDArray[np.float64]) -> str:
    """Name of the wall of the left ventricle that a direction across its axis points to."""
    ahead, aside = direction @ axes.anterior, direction @ axes.lateral
    return _WALLS[int(np.rint(np.arctan2(ahead, aside) / (np.pi / 4))) % 8]
