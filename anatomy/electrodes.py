"""Electrodes of the twelve-lead ECG on a template chest, placed about a heart."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .frame import HeartAxes
from .heart import ELECTRODES, tet_volumes


@dataclass(frozen=True, slots=True, kw_only=True)
class Chest:
    """An elliptical chest of a lying adult; lengths from its middle, at the height of the heart.

    Electrode sites follow Kligfield 2007 (AHA/ACC/HRS recommendations): V1 and V2 beside the
    sternum in the fourth intercostal space, V4 in the fifth on the midclavicular line, V3
    halfway, V5 and V6 at the height of V4 on the anterior and mid axillary lines.
    """

    #: Chest breadth 330 mm at the side of V6; men have 289 higher up, between the arms, and 326
    #: at the waist (ANSUR II, Gordon 2014).
    half_width_mm: float = 165.0
    half_depth_mm: float = 115.0  #: chest depth 230 mm; 254 standing (same), less when lying
    heart_left_mm: float = 25.0  #: two thirds of the heart lie left of the midline
    heart_front_mm: float = 30.0  #: it lies behind the sternum
    sternal_mm: float = 25.0  #: sternal border from the midline
    midclavicular_mm: float = 85.0
    anterior_axillary_mm: float = 140.0
    fourth_space_mm: float = 10.0  #: height of V1 and V2 over the middle of the heart
    fifth_space_mm: float = -20.0
    shoulder_mm: float = 160.0
    shoulder_height_mm: float = 165.0
    hip_mm: float = 100.0
    hip_height_mm: float = -250.0

    def __post_init__(self) -> None:
        for name in ("half_width_mm", "half_depth_mm"):
            if not 0 < getattr(self, name) < np.inf:
                msg = f"Chest.{name} must be positive, got {getattr(self, name)}"
                raise ValueError(msg)

    def skin(self, left_mm: float, height_mm: float) -> tuple[float, float, float]:
        """Point on the front of the chest, so far left of the midline and over the heart."""
        depth = self.half_depth_mm * np.sqrt(max(0.0, 1 - (left_mm / self.half_width_mm) ** 2))
        return left_mm, -float(depth), height_mm

    def electrodes_mm(self) -> NDArray[np.float64]:
        """(10, 3) Electrodes in the order of `ELECTRODES`, from the middle of the heart."""
        v2 = self.skin(self.sternal_mm, self.fourth_space_mm)
        v4 = self.skin(self.midclavicular_mm, self.fifth_space_mm)
        between = ((v2[0] + v4[0]) / 2, (v2[2] + v4[2]) / 2)
        sites = {
            "LA": (self.shoulder_mm, 0.0, self.shoulder_height_mm),
            "RA": (-self.shoulder_mm, 0.0, self.shoulder_height_mm),
            "LL": (self.hip_mm, 0.0, self.hip_height_mm),
            "RL": (-self.hip_mm, 0.0, self.hip_height_mm),
            "V1": self.skin(-self.sternal_mm, self.fourth_space_mm),
            "V2": v2,
            "V3": self.skin(*between),
            "V4": v4,
            "V5": self.skin(self.anterior_axillary_mm, self.fifth_space_mm),
            "V6": self.skin(self.half_width_mm, self.fifth_space_mm),
        }
        heart = np.array([self.heart_left_mm, -self.heart_front_mm, 0.0])
        return np.array([sites[name] for name in ELECTRODES]) - heart


def place_electrodes(
    nodes_mm: NDArray[np.float64],
    tets: NDArray[np.int32],
    chest: Chest | None = None,
    *,
    axes: HeartAxes | None = None,
) -> NDArray[np.float64]:
    """Electrodes about a heart.

    Parameters
    ----------
    nodes_mm
        (n, 3) Nodes of the heart.
    tets
        (m, 4) Its tetrahedra: the chest lies about the middle of the muscle.
    chest
        The chest it lies in.
    axes
        Of a heart whose body axes are unknown (a mesh in a frame of its own): the chest is
        turned so that the heart lies in it as hearts usually do. Without it, the heart
        keeps its own direction in the body, which differs from patient to patient.

    Returns
    -------
    (10, 3) float64
        Positions in mm in the order of `ELECTRODES`.

    Examples
    --------
    >>> from cardiotwin.anatomy.shapes import box
    >>> place_electrodes(*box((4, 4, 4), 20.0)).shape
    (10, 3)
    """
    electrodes_mm = (chest or Chest()).electrodes_mm()
    if axes is not None:
        electrodes_mm = electrodes_mm @ usual_axes().T @ axes.matrix
    return electrodes_mm + heart_middle_mm(nodes_mm, tets)


def heart_middle_mm(nodes_mm: NDArray[np.float64], tets: NDArray[np.int32]) -> NDArray[np.float64]:
    """(3,) Centre of mass of the muscle, which knows nothing of where the mesh is finer."""
    four_volumes = np.repeat(tet_volumes(nodes_mm, tets), 4)  # each corner weighs the same
    at_nodes = np.bincount(tets.ravel(), four_volumes, minlength=len(nodes_mm))
    return np.asarray(at_nodes @ nodes_mm / at_nodes.sum())


def usual_axes() -> NDArray[np.float64]:
    """(3, 3) Long axis, septal and anterior direction of a usual heart, as rows, in body axes.

    The long axis points left, to the front and down, some 40 degrees from each (Odille 2017
    gives 47 +- 10 degrees to the sagittal plane); the right ventricle lies to the front right.
    """
    long_axis = np.array([0.60, -0.62, -0.50])
    long_axis /= np.linalg.norm(long_axis)
    septal = np.array([-0.75, -0.66, 0.0])
    septal -= (septal @ long_axis) * long_axis
    septal /= np.linalg.norm(septal)
    return np.stack([long_axis, septal, np.cross(septal, long_axis)])
