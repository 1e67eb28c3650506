"""A heart seated in a torso: inside the skin, clear of the lungs, its electrodes on the skin."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from .electrodes import Chest, heart_middle_mm
from .heart import ELECTRODES, Heart, place_of
from .surface import gaps_to_triangles_mm
from .torso import Torso, inside

_ACROSS, _UP = np.array([1.0, 1.0, 0.0]), np.array([0.0, 0.0, 1.0])
#: Left, right, back and front.
_FOUR_SIDES = ((1.0, 0.0, 0.0), (-1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, -1.0, 0.0))


def seat_heart(
    heart: Heart,
    torso: Torso,
    electrodes_mm: NDArray[np.float64] | None = None,
    *,
    within_mm: float = 30.0,
) -> Heart:
    """The heart with its electrodes on a torso's skin, once it is sure to lie inside.

    Parameters
    ----------
    heart
        In the axes and place of the torso.
    torso
        From `torso_files.read_torso` or `thorax.fit_thorax`.
    electrodes_mm
        (10, 3) measured positions, moved to the nearest skin; by default placed on the skin by
        the rule of the template (`electrodes_on`).
    within_mm
        Electrodes farther from the skin than this are refused.

    Raises
    ------
    ValueError
        When the heart sticks out of the skin or into a lung, or an electrode lies off the skin.
    """
    check_torso(torso, heart, gap_mm=0.0)
    if electrodes_mm is None:
        placed_mm = electrodes_on(torso, heart_middle_mm(heart.nodes_mm, heart.tets))
        return replace(heart, electrodes_mm=placed_mm)
    settled_mm = np.array(electrodes_mm, np.float64)
    known = np.isfinite(settled_mm).all(axis=1)
    settled_mm[known] = torso.nearest_mm(settled_mm[known])
    off_mm = np.linalg.norm(settled_mm - electrodes_mm, axis=1)
    if (off_mm[known] > within_mm).any():
        worst = int(np.nanargmax(off_mm))
        msg = (
            f"{ELECTRODES[worst]} at {place_of(electrodes_mm[worst])} lies {off_mm[worst]:.0f} mm "
            f"off the skin, more than {within_mm:g}; check the units and frame of the electrodes"
        )
        raise ValueError(msg)
    return replace(heart, electrodes_mm=settled_mm)


def check_torso(torso: Torso, heart: Heart, *, gap_mm: float = 2.0) -> Torso:
    """The same torso, once it is sure to hold the heart, and lungs that keep clear of it.

    Raises
    ------
    ValueError
        When part of the heart lies outside the skin or in a lung, or a lung reaches through
        the skin or nearer to the heart than `gap_mm`; the message names the place.
    """
    wall_mm = heart.nodes_mm[np.unique(np.concatenate(list(heart.surfaces.values())))]
    _refuse(
        wall_mm[~torso.encloses(wall_mm)],
        "nodes of the heart lie outside the skin",
        "check units and frame of the torso, or place the electrodes on it again",
    )
    for name, lung in zip(("first lung", "second lung", "other lung"), torso.lungs, strict=False):
        _refuse(
            lung.nodes_mm[~torso.encloses(lung.nodes_mm)],
            f"nodes of the {name} lie outside the skin",
            "check units and frame of the lung",
        )
        _refuse(
            wall_mm[inside(lung, wall_mm)],
            f"nodes of the heart lie in the {name}",
            "move the heart, or cut the lung clear of it",
        )
        near = gaps_to_triangles_mm(wall_mm, lung.nodes_mm, lung.triangles) < gap_mm
        _refuse(
            wall_mm[near],
            f"nodes of the heart lie within {gap_mm:g} mm of the {name}",
            "move the heart, or cut the lung clear of it",
        )
    return torso


def electrodes_on(
    torso: Torso, middle_mm: NDArray[np.float64], chest: Chest | None = None
) -> NDArray[np.float64]:
    """Ten electrodes on any skin, by the rule of a template chest.

    The template is stretched to the breadth and depth that the skin has at the height of the
    heart; each site is where the horizontal line from the body's middle through the
    template's site leaves the skin.

    Parameters
    ----------
    torso
        The skin, in body axes.
    middle_mm
        (3,) Middle of the heart, `electrodes.heart_middle_mm`.
    chest
        The template.

    Returns
    -------
    (10, 3) float64
        In mm, in the order of `ELECTRODES`.

    Raises
    ------
    ValueError
        When the heart's middle lies outside the skin.
    """
    chest = chest or Chest()
    if not torso.encloses(middle_mm[None]).all():
        _refuse(
            middle_mm[None],
            "middle of the heart lies outside the skin",
            "check the units and the frame of both",
        )
    sides = [torso.leave_mm(middle_mm, np.array(d))[:2] for d in _FOUR_SIDES]
    low, high = np.min(sides, axis=0), np.max(sides, axis=0)
    template = np.array([chest.half_width_mm, chest.half_depth_mm])
    heart = np.array([chest.heart_left_mm, -chest.heart_front_mm, 0.0])
    sites_mm = chest.electrodes_mm() + heart
    sites_mm[:, :2] *= (high - low) / 2 / template
    axis_mm = np.array([*(low + high) / 2, middle_mm[2]])
    places_mm = np.stack(
        [torso.leave_mm(axis_mm + site * _UP, site * _ACROSS) for site in sites_mm]
    )
    nearest_mm = torso.nearest_mm(axis_mm + sites_mm)
    return np.where(np.isnan(places_mm), nearest_mm, places_mm)  # a trunk without shoulders


def _refuse(points_mm: NDArray[np.float64], what: str, remedy: str) -> None:
    if len(points_mm):
        place = place_of(points_mm[0])
        msg = f"torso: {len(points_mm)} {what}, the first at {place}; {remedy}"
        raise ValueError(msg)
