"""A heart reshaped until its length, cavities, mass and walls are as asked."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .deform_modes import RIGHT_SIDE, TERRITORIES, DeformableHeart, smooth_step
from .electrodes import heart_middle_mm
from .fibres import rule_based_fibres
from .heart import Heart, tet_volumes
from .laplace import Laplacian
from .measures import DENSITY_G_PER_ML, cavity_volume_ml, mouth_middle_mm
from .surface import gaps_to_triangles_mm

#: Relative error at which length and cavity count as hit.
TOLERANCE = 1e-3
#: The same of left mass, right cavity, and the right wall, whose median is coarser.
TOLERANCES = np.array([2e-3, 2e-3, 1e-2])
#: Tets of a smaller scaled Jacobian are relaxed, boundary nodes within `SLACK_MM` of their place.
SOUND, SLACK_MM = 0.10, 0.5


@dataclass(frozen=True, kw_only=True)
class ShapeTargets:
    """What a heart shall measure, at end-diastole, as in `HeartMeasures`.

    The bounds are those of living adults, from a small woman's heart to a much dilated one.

    Raises
    ------
    ValueError
        When a value is outside its bounds or the artery is not known.
    """

    lv_length_mm: float
    lv_cavity_ml: float
    lv_mass_g: float
    rv_cavity_ml: float
    rv_wall_mm: float
    #: How much wider the tip is than the base makes it: 0 keeps the shape, above 0 the apex is
    #: blunt as after an anterior infarct (the conicity of Di Donato 2006).
    apical_widening: float = 0.0
    #: Artery whose bed is thinned, one of `TERRITORIES`.
    territory: str | None = None
    #: Thickness there over that of the rest, before mass is restored.
    thinning: float = 1.0

    def __post_init__(self) -> None:
        for name, (low, high) in _BOUNDS.items():
            if not low <= getattr(self, name) <= high:
                msg = f"{name} must be {low:g} to {high:g}, got {getattr(self, name):g}"
                raise ValueError(msg)
        if self.territory is not None and self.territory not in TERRITORIES:
            msg = f"territory must be one of {', '.join(TERRITORIES)}, got {self.territory!r}"
            raise ValueError(msg)


_BOUNDS = {
    "lv_length_mm": (50.0, 140.0),
    "lv_cavity_ml": (40.0, 500.0),
    "lv_mass_g": (30.0, 400.0),
    "rv_cavity_ml": (40.0, 500.0),
    "rv_wall_mm": (1.0, 8.0),
    "apical_widening": (-0.2, 0.5),
    "thinning": (0.3, 1.0),
}


def deform(base: DeformableHeart, targets: ShapeTargets, *, name: str | None = None) -> Heart:
    """The heart that measures as asked, with the nodes, tets and coordinates of another.

    A smooth map stretches the heart along and across its long axis until the left cavity has
    its length and volume; the displacements of `DeformableHeart` then give the left wall its
    mass, the right cavity its volume and the right wall its thickness.

    Coordinates, segments and labels stay with their nodes. Fibres follow the rule anew, from the
    wall fields that move with the nodes: stretched fibres would no longer have its angles.
    Electrodes keep their place about the middle of the muscle, where `place_electrodes` has it.

    Parameters
    ----------
    base
        What is reshaped, from `deformable`.
    targets
        What it shall measure.
    name
        Of the new heart; the old one without.

    Raises
    ------
    ValueError
        When a target cannot be reached or the map folds the wall.
    """
    nodes_mm = reshape_mm(base, targets)
    heart = base.heart
    fibres, sheets = rule_based_fibres(Laplacian(nodes_mm, heart.tets), base.walls)
    moved_mm = heart_middle_mm(nodes_mm, heart.tets) - heart_middle_mm(heart.nodes_mm, heart.tets)
    return replace(
        heart,
        name=name or heart.name,
        nodes_mm=nodes_mm,
        fibres=fibres,
        sheets=sheets,
        electrodes_mm=heart.electrodes_mm + moved_mm,
    )


def reshape_mm(base: DeformableHeart, targets: ShapeTargets) -> NDArray[np.float64]:
    """(n, 3) Nodes of the reshaped heart; see `deform`."""
    heart = base.heart
    along, across = _stretches(base, targets)
    thinner = np.ones(len(heart.nodes_mm))
    if targets.territory is not None:
        thinner -= (1 - targets.thinning) * base.territories[targets.territory]
    lv_share = heart.is_lv[heart.tets].mean(axis=1)
    free = _free_wall(base)

    def moved_mm(factors: NDArray[np.float64]) -> NDArray[np.float64]:
        left, size, wall = factors
        walls_mm = (left * thinner - 1)[:, None] * base.left_wall + (wall - 1) * base.right_wall
        return walls_mm + (size - 1) * base.right_size

    def stretched(moved_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        factors = along, across, targets.apical_widening
        return _stretch_mm(base, heart.nodes_mm + moved_mm, factors)

    def measured(factors: NDArray[np.float64]) -> NDArray[np.float64]:
        nodes_mm = stretched(moved_mm(factors))
        mass_g = DENSITY_G_PER_ML / 1e3 * (tet_volumes(nodes_mm, heart.tets) @ lv_share)
        cavity_ml = cavity_volume_ml(nodes_mm, heart.surfaces["rv_endo"])
        wall_mm = np.median(gaps_to_triangles_mm(nodes_mm[free], nodes_mm, heart.surfaces["epi"]))
        return np.array([mass_g, cavity_ml, wall_mm])

    found = wall_factors(measured, targets, heart.name)
    return base.relaxation.improve(stretched(moved_mm(found)), SOUND, slack_mm=SLACK_MM)


def _free_wall(base: DeformableHeart) -> NDArray[np.int32]:
    """Some 500 nodes of the right endocardium away from the septum: enough for a median."""
    heart = base.heart
    rv = np.setdiff1d(heart.surfaces["rv_endo"], heart.surfaces["base"])
    free = rv[heart.coordinates.transventricular[rv] > RIGHT_SIDE]
    return free[:: max(1, len(free) // 500)]


def wall_factors(
    measured: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    targets: ShapeTargets,
    name: str,
) -> NDArray[np.float64]:
    """(3,) Factors of left wall, right cavity's width and right wall that meet the targets.

    Broyden's method: differences give the first matrix of slopes, each step mends it.
    """
    names = ("lv_mass_g", "rv_cavity_ml", "rv_wall_mm")
    wanted = np.array([getattr(targets, n) for n in names])
    factors = np.ones(3)
    values = measured(factors)
    slopes = np.stack([(measured(factors + d) - values) / 0.05 for d in 0.05 * np.eye(3)], axis=1)
    for _ in range(15):
        if (np.abs(values / wanted - 1) < TOLERANCES).all():
            return factors
        step = np.linalg.lstsq(slopes, wanted - values)[0]
        step = np.clip(factors + step, factors / 1.5, factors * 1.5) - factors
        if np.abs(step).max() < 1e-6:
            break
        new = measured(factors + step)
        slopes += np.outer(new - values - slopes @ step, step) / (step @ step)
        factors, values = factors + step, new
    worst = int(np.argmax(np.abs(values / wanted - 1) / TOLERANCES))
    msg = (
        f"{name} cannot have {names[worst]} {wanted[worst]:.4g} in this shape, only "
        f"{values[worst]:.4g}; choose one nearer to its own"
    )
    raise ValueError(msg)


def _stretches(base: DeformableHeart, targets: ShapeTargets) -> tuple[float, float]:
    """Factors along and across the long axis that give the left cavity its length and volume."""
    nodes_mm, endocardium = base.heart.nodes_mm, base.heart.surfaces["lv_endo"]
    along = across = 1.0
    for _ in range(20):
        stretched_mm = _stretch_mm(base, nodes_mm, (along, across, targets.apical_widening))
        mouth_mm = mouth_middle_mm(stretched_mm, endocardium)
        length_mm = np.linalg.norm(stretched_mm[endocardium] - mouth_mm, axis=2).max()
        longer = targets.lv_length_mm / length_mm
        cavity_ml = cavity_volume_ml(stretched_mm, endocardium)
        if cavity_ml <= 0:
            break
        larger = targets.lv_cavity_ml / cavity_ml
        if max(abs(longer - 1), abs(larger - 1)) < TOLERANCE:
            return float(along), float(across)
        along, across = along * longer, across * np.sqrt(larger / longer)
    msg = (
        f"{base.heart.name} cannot have a cavity of {targets.lv_cavity_ml:g} ml that is "
        f"{targets.lv_length_mm:g} mm long; choose a volume and a length nearer to its own"
    )
    raise ValueError(msg)


def _stretch_mm(
    base: DeformableHeart, nodes_mm: NDArray[np.float64], factors: tuple[float, float, float]
) -> NDArray[np.float64]:
    """(n, 3) Nodes stretched along and across the long axis, the more across towards the apex."""
    along, across, widening = factors
    axes = base.axes
    away_mm = nodes_mm - axes.origin_mm
    depth_mm = away_mm @ axes.long_axis
    level = smooth_step(depth_mm / ((axes.apex_mm - axes.origin_mm) @ axes.long_axis))
    wider = across * (1 + widening * level)
    axial_mm = depth_mm[:, None] * axes.long_axis
    return axes.origin_mm + along * axial_mm + wider[:, None] * (away_mm - axial_mm)
