"""A parametric body: a skin that tapers to shoulders and waist, with lungs, about a heart."""

from dataclasses import dataclass, field, fields

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

from .electrodes import Chest
from .heart import Heart
from .lungs import Lungs, make_lungs
from .torso import ChestSection, Torso, barrel, chest_section


@dataclass(frozen=True, slots=True, kw_only=True)
class Thorax:
    """Trunk of an adult from the hips to the neck, the arms taken off at the shoulder.

    Heights are from the middle of the heart, as in `Chest`, whose ellipse is the section at
    the height of the heart. Breadths and depths at the other heights are the means of US Army
    men (ANSUR II, Gordon 2014); where they lie in height is read off an atlas of sections.
    """

    chest: Chest = field(default_factory=Chest)
    hip_breadth_mm: float = 346.0  #: ANSUR II, men
    hip_depth_mm: float = 246.0  #: same, buttock depth
    waist_breadth_mm: float = 326.0  #: same
    waist_depth_mm: float = 238.0  #: same
    shoulder_breadth_mm: float = 416.0  #: same, between the acromia
    shoulder_depth_mm: float = 165.0  #: through the head of the humerus
    neck_breadth_mm: float = 130.0  #: same, from a girth of 398 mm
    hip_height_mm: float = -290.0
    waist_height_mm: float = -200.0  #: at the navel
    shoulder_height_mm: float = 140.0
    neck_height_mm: float = 205.0

    def __post_init__(self) -> None:
        for size in fields(self):
            value = getattr(self, size.name)
            if size.name.endswith(("breadth_mm", "depth_mm")) and not 0 < value < np.inf:
                msg = f"Thorax.{size.name} must be positive, got {value}"
                raise ValueError(msg)
        heights = (self.hip_height_mm, self.waist_height_mm, 0.0, self.shoulder_height_mm)
        if not (np.diff([*heights, self.neck_height_mm]) > 0).all():
            msg = "Thorax: heights must rise from the hips over waist and shoulder to the neck"
            raise ValueError(msg)

    @classmethod
    def of_woman(cls) -> "Thorax":
        """The mean of US Army women (ANSUR II, Gordon 2014), their chest scaled alike."""
        return cls(
            chest=Chest(half_width_mm=154.0, half_depth_mm=112.0),  # 269 and 247 over 289 and 254
            hip_breadth_mm=354.0,
            hip_depth_mm=233.0,
            waist_breadth_mm=300.0,
            waist_depth_mm=213.0,
            shoulder_breadth_mm=365.0,
            shoulder_depth_mm=145.0,
            neck_breadth_mm=110.0,
        )

    def half_axes_mm(self, heights_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        """(k, 2) Half the breadth and half the depth of the trunk at some heights (k,)."""
        wide, deep = self.chest.half_width_mm, self.chest.half_depth_mm
        neck = self.neck_breadth_mm / 2
        trapezius_mm = (self.shoulder_height_mm + self.neck_height_mm) / 2
        profile = np.array(
            [
                (self.hip_height_mm, self.hip_breadth_mm / 2, self.hip_depth_mm / 2),
                (self.waist_height_mm, self.waist_breadth_mm / 2, self.waist_depth_mm / 2),
                (-30.0, wide, deep),
                (20.0, wide, deep),
                (self.shoulder_height_mm, self.shoulder_breadth_mm / 2, self.shoulder_depth_mm / 2),
                (trapezius_mm, 0.55 * wide + 0.2 * neck, self.shoulder_depth_mm / 2 - 8.0),
                (self.neck_height_mm, neck, neck),
                (self.neck_height_mm + 30.0, neck, neck),
            ]
        )
        return np.asarray(PchipInterpolator(profile[:, 0], profile[:, 1:])(heights_mm))


def fit_thorax(heart: Heart, thorax: Thorax | None = None, lungs: Lungs | None = None) -> Torso:
    """Body about a heart: the skin passes through V1 to V6, two lungs lie about the heart.

    All breadths grow with the ellipse through the chest electrodes, all depths likewise;
    heights are those of the template, counted from the chest electrodes.

    Parameters
    ----------
    heart
        With its six chest electrodes.
    thorax
        The template; that of a man by default.
    lungs
        Their measures; those of quiet breathing by default.

    Returns
    -------
    torso : Torso
        With `lungs`, the right one first.

    Raises
    ------
    ValueError
        When a chest electrode is missing, or the heart leaves no room for a lung.

    Examples
    --------
    >>> from cardiotwin import load_heart
    >>> torso = fit_thorax(load_heart("builtin"))
    >>> len(torso.lungs)
    2
    """
    thorax = thorax or Thorax()
    section = chest_section(heart.electrodes_mm, thorax.chest)
    skin = trunk(thorax, section)
    shells = make_lungs(heart, section, lungs or Lungs())
    return Torso(nodes_mm=skin.nodes_mm, triangles=skin.triangles, lungs=shells)


def trunk(thorax: Thorax, section: ChestSection, *, around: int = 40, along: int = 36) -> Torso:
    """Skin of a trunk whose section at the height of the heart is a given ellipse."""
    low, high = thorax.hip_height_mm, thorax.neck_height_mm + 30.0
    middle, half = (low + high) / 2, (high - low) / 2
    unit = barrel(np.zeros(3), np.ones(3), power=12.0, around=around, along=along)
    heights_mm = middle + half * unit.nodes_mm[:, 2]
    size = thorax.half_axes_mm(heights_mm) * [
        section.half_width_mm / thorax.chest.half_width_mm,
        section.half_depth_mm / thorax.chest.half_depth_mm,
    ]
    across = unit.nodes_mm[:, :2] * size
    nodes_mm = section.middle_mm + np.column_stack([across, heights_mm])
    return Torso(nodes_mm=nodes_mm, triangles=unit.triangles)
