"""Bodies about a heart by name, and electrodes that lie where none can."""

from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..anatomy import Heart, Torso, fit_torso
from ..anatomy.blood import blood_cavities
from ..anatomy.coarsen import coarsen
from ..anatomy.electrodes import Chest
from ..anatomy.heart import place_of
from ..anatomy.lungs import Lungs, make_lungs
from ..anatomy.seating import check_torso
from ..anatomy.torso import chest_section

#: Skin fitted to the electrodes; the same with lungs; and with the blood of both ventricles.
BodyName = Literal["fitted", "lungs", "organs"]
#: Of each cavity: edges of some 5 mm.
CAVITY_TRIANGLES = 800


def body_about(heart: Heart, name: BodyName) -> Torso:
    """The body of a name about a heart, its skin fitted to the electrodes.

    Raises
    ------
    ValueError
        When there is no such body, an electrode is missing, or the heart leaves no room for a
        lung.

    Examples
    --------
    >>> from cardiotwin import load_heart
    >>> torso = body_about(load_heart("builtin"), "organs")
    >>> len(torso.lungs), len(torso.cavities)
    (2, 2)
    """
    names = ("fitted", "lungs", "organs")
    if name not in names:
        msg = f"no body {name!r}; choose {', '.join(names)}, or give a Torso"
        raise ValueError(msg)
    torso = fit_torso(heart.electrodes_mm)
    if name == "fitted":
        return torso
    section = chest_section(heart.electrodes_mm, Chest())
    torso = replace(torso, lungs=make_lungs(heart, section, Lungs()))
    if name == "lungs":
        return check_torso(torso, heart, gap_mm=0.0)
    blood = tuple(coarsen(cavity, CAVITY_TRIANGLES) for cavity in blood_cavities(heart))
    return check_torso(replace(torso, cavities=blood), heart, gap_mm=0.0)


def require_off_muscle(
    heart: Heart, electrodes_mm: NDArray[np.float64], names: tuple[str, ...]
) -> None:
    """Raise when an electrode lies inside a tetrahedron of the heart; name it and its place."""
    for name, place_mm in zip(names, electrodes_mm, strict=True):
        tet = tet_at(heart, place_mm)
        if tet is not None:
            msg = (
                f"electrode {name} at {place_of(place_mm)} lies inside the myocardium, in "
                f"tetrahedron {tet}; move it into the blood or outside the heart"
            )
            raise ValueError(msg)


def tet_at(heart: Heart, point_mm: NDArray[np.float64]) -> int | None:
    """Index of a tetrahedron that holds a point (3,), if one does."""
    low, high = heart.nodes_mm.min(axis=0), heart.nodes_mm.max(axis=0)
    if not bool(np.all((point_mm >= low) & (point_mm <= high))):
        return None
    away = heart.nodes_mm - point_mm
    corners = away[heart.tets]
    boxed = (corners.min(axis=1) <= 0) & (corners.max(axis=1) >= 0)
    near = np.flatnonzero(np.all(boxed, axis=1))
    system = np.concatenate([corners[near].swapaxes(1, 2), np.ones((len(near), 1, 4))], axis=1)
    target = np.broadcast_to(np.array([0.0, 0, 0, 1])[:, None], (len(near), 4, 1))
    weights = np.linalg.solve(system, target)[..., 0]
    inside = np.flatnonzero(weights.min(axis=1, initial=np.inf) >= -1e-9)
    return int(near[inside[0]]) if inside.size else None
