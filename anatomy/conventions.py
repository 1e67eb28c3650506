"""The ventricular coordinates of others: Cobiveco, Camps' variant of it, and UVC, both ways.

All three measure the apicobasal coordinate from their own apex, which a formula cannot know:
Cobiveco and Camps put it where the right ventricle's border crosses below the septum, up to
20 mm from the left ventricle's tip, where it is here and in UVC. It is passed on as it stands.

Where a right ventricular node lies beyond an insertion (a few do, by some degrees), the others
have no number for it, and it comes to lie at the insertion.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .frame import HeartAxes
from .heart import VentricularCoordinates
from .rotation import INSERTION

#: Cobiveco's rt at the anterior insertion; at the inferior one it is 0 along the free wall and 1
#: along the septum (Schuler 2021).
ANTERIOR_RT = 2 / 3
#: UVC's phi at the insertions on the epicardium (Bayer 2018).
INSERTION_PHI = np.pi / 2


@dataclass(frozen=True, eq=False, kw_only=True)
class CobivecoCoordinates:
    """Consistent biventricular coordinates: Schuler 2021, Med. Image Anal. 74, 102247.

    Attributes
    ----------
    ab : (n,) float64
        0 at the apex, 1 at the base.
    tm : (n,) float64
        1 on both endocardia, 0 on the epicardium and amid the septum.
    rt : (n,) float64
        0 to 1: 0 at the inferior insertion, 2/3 at the anterior one by way of the free wall of
        either ventricle, and on through the septum to 1.
    tv : (n,) float64
        0 in the left ventricle, 1 in the right; the septum is halved between them.
    """

    ab: NDArray[np.float64]
    tm: NDArray[np.float64]
    rt: NDArray[np.float64]
    tv: NDArray[np.float64]


class CampsCoordinates(CobivecoCoordinates):
    """Cobiveco's, but tm falls through the whole septum from 1 on the left to 0 on the right.

    As shipped with DTI004 (Camps 2024, Med. Image Anal. 94, 103108).
    """


@dataclass(frozen=True, eq=False, kw_only=True)
class UniversalCoordinates:
    """Universal ventricular coordinates: Bayer 2018, Med. Image Anal. 45, 83.

    Attributes
    ----------
    z : (n,) float64
        0 at the apex, 1 at the base.
    rho : (n,) float64
        0 on the endocardium, 1 on the epicardium and on the right side of the septum.
    phi : (n,) float64
        -pi to pi in the left ventricle, 0 in mid-septum, pi/2 at the anterior insertion; from
        -pi/2 to pi/2 along the free wall of the right.
    v : (n,) float64
        -1 in the left ventricle, the septum included, 1 in the right.
    """

    z: NDArray[np.float64]
    rho: NDArray[np.float64]
    phi: NDArray[np.float64]
    v: NDArray[np.float64]


def to_cobiveco(coordinates: VentricularCoordinates) -> CobivecoCoordinates:
    """The same places as Cobiveco numbers them.

    Examples
    --------
    >>> middle = np.array([0.0])
    >>> here = to_cobiveco(
    ...     VentricularCoordinates(
    ...         apicobasal=middle, transmural=middle, rotational=middle, transventricular=middle
    ...     )
    ... )
    >>> [round(float(x[0]), 3) for x in (here.ab, here.tm, here.rt, here.tv)]
    [0.0, 1.0, 0.833, 0.0]
    """
    tv, rt, septum = _sides(coordinates)
    tm = np.where(septum, np.abs(1 - 2 * coordinates.transmural), 1 - coordinates.transmural)
    return CobivecoCoordinates(ab=coordinates.apicobasal, tm=tm, rt=rt, tv=tv)


def from_cobiveco(theirs: CobivecoCoordinates) -> VentricularCoordinates:
    """Our numbers for the places of Cobiveco; transventricular is 0 or 1."""
    half = np.where(theirs.tv < 0.5, 1 - theirs.tm, 1 + theirs.tm) / 2
    return _ours(theirs, np.where(theirs.rt > ANTERIOR_RT, half, 1 - theirs.tm))


def to_camps(coordinates: VentricularCoordinates) -> CampsCoordinates:
    """The same places as Camps numbers them."""
    tv, rt, _ = _sides(coordinates)
    return CampsCoordinates(ab=coordinates.apicobasal, tm=1 - coordinates.transmural, rt=rt, tv=tv)


def from_camps(theirs: CampsCoordinates) -> VentricularCoordinates:
    """Our numbers for the places of Camps; transventricular is 0 or 1."""
    return _ours(theirs, 1 - theirs.tm)


def camps_directions(
    nodes_mm: NDArray[np.float64], axes: HeartAxes
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(n,), (n,) Camps' `aprt` and `rvlv`: where nodes lie across the heart, as in space.

    They are no coordinates of the wall, but 0 to 1 along straight axes: from the inferior to the
    anterior end of the heart, and from the left to the right one.
    """
    spans = []
    for axis in (axes.anterior, axes.septal):
        along = nodes_mm @ axis
        spans.append((along - along.min()) / np.ptp(along))
    return spans[0], spans[1]


def to_uvc(coordinates: VentricularCoordinates) -> UniversalCoordinates:
    """The same places as UVC numbers them."""
    left, turn = coordinates.transventricular < 0.5, coordinates.rotational
    right_turn = np.clip(turn, -INSERTION, INSERTION) * INSERTION_PHI / INSERTION
    return UniversalCoordinates(
        z=coordinates.apicobasal,
        rho=coordinates.transmural,
        phi=np.where(left, np.interp(turn, _OUR_STOPS, _UVC_STOPS), right_turn),
        v=np.where(left, -1.0, 1.0),
    )


def from_uvc(theirs: UniversalCoordinates) -> VentricularCoordinates:
    """Our numbers for the places of UVC; transventricular is 0 or 1."""
    left = theirs.v < 0
    left_turn = np.interp(theirs.phi, _UVC_STOPS, _OUR_STOPS)
    return VentricularCoordinates(
        apicobasal=theirs.z,
        transmural=theirs.rho,
        rotational=np.where(left, left_turn, theirs.phi * INSERTION / INSERTION_PHI),
        transventricular=np.where(left, 0.0, 1.0),
    )


_OUR_STOPS = (-np.pi, -INSERTION, INSERTION, np.pi)
_UVC_STOPS = (-np.pi, -INSERTION_PHI, INSERTION_PHI, np.pi)


def _sides(
    coordinates: VentricularCoordinates,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Cobiveco's tv and rt, and the nodes of the septum."""
    turn = coordinates.rotational
    left = coordinates.transventricular < 0.5
    septum = left & (np.abs(turn) < INSERTION)
    tv = np.where(left & ~(septum & (coordinates.transmural > 0.5)), 0.0, 1.0)
    left_rt = (5 / 6 - turn / (2 * np.pi)) % 1.0
    right_rt = (np.clip(turn, -INSERTION, INSERTION) + INSERTION) / (2 * INSERTION) * ANTERIOR_RT
    return tv, np.where(left, left_rt, right_rt), septum


def _ours(theirs: CobivecoCoordinates, transmural: NDArray[np.float64]) -> VentricularCoordinates:
    """Undo `_sides`: beyond `ANTERIOR_RT` lies the septum, all of which is left."""
    right = (theirs.tv >= 0.5) & (theirs.rt <= ANTERIOR_RT)
    left_turn = np.pi - (theirs.rt - 1 / 3) % 1.0 * 2 * np.pi
    right_turn = theirs.rt / ANTERIOR_RT * 2 * INSERTION - INSERTION
    return VentricularCoordinates(
        apicobasal=theirs.ab,
        transmural=transmural,
        rotational=np.where(right, right_turn, left_turn),
        transventricular=np.where(right, 1.0, 0.0),
    )
