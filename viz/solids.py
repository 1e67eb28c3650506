"""What is drawn besides ventricles, atria and slabs, and from where each kind is looked at."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..anatomy import Heart, Surface
from ..anatomy.topology import boundary_triangles
from .camera import BACK, HEAD, LEFT, View, heart_views, lv_axes
from .skin import Solid

_NO_TETS = np.zeros((0, 4), np.int32)
_NO_NAMES = ("", "", "", "")
_FACES = ("-x", "+x", "-y", "+y", "-z", "+z")


@dataclass(frozen=True, eq=False, kw_only=True)
class Sheet:
    """A surface to be drawn.

    Attributes
    ----------
    nodes_mm : (n, 3) float64
    triangles : (k, 3) int32
    """

    nodes_mm: NDArray[np.float64]
    triangles: NDArray[np.int32]

    @property
    def tets(self) -> NDArray[np.int32]:
        """(0, 4): there is nothing to cut open."""
        return _NO_TETS

    @property
    def surfaces(self) -> Mapping[str, NDArray[np.int32]]:
        """All the triangles."""
        return {"sheet": self.triangles}


@dataclass(frozen=True, eq=False, kw_only=True)
class Block:
    """A box of tissue to be drawn, with sharp edges.

    Attributes
    ----------
    nodes_mm : (n, 3) float64
    tets : (m, 4) int32
    surfaces : mapping of str to (k, 3) int32
        Its faces.
    """

    nodes_mm: NDArray[np.float64]
    tets: NDArray[np.int32]
    surfaces: Mapping[str, NDArray[np.int32]]


def block(nodes_mm: NDArray[np.float64], tets: NDArray[np.int32]) -> Block:
    """Block of tetrahedra, its boundary parted where it turns a corner.

    Examples
    --------
    >>> from cardiotwin.anatomy.shapes import box
    >>> {name: len(face) for name, face in block(*box((2, 1, 1), 0.5)).surfaces.items()}
    {'-x': 2, '+x': 2, '-y': 4, '+y': 4, '-z': 4, '+z': 4}
    """
    outside = boundary_triangles(tets)
    a, b, c = nodes_mm[outside].transpose(1, 0, 2)
    normals = np.cross(b - a, c - a)
    face = 2 * np.abs(normals).argmax(axis=1)
    face += np.take_along_axis(normals, face[:, None] // 2, axis=1)[:, 0] > 0
    surfaces = {name: outside[face == k] for k, name in enumerate(_FACES)}
    return Block(nodes_mm=nodes_mm, tets=tets, surfaces=surfaces)


def as_solid(body: Solid | Surface) -> Solid:
    """What can be drawn of a body: an atrium's triangles, the others as they are."""
    if isinstance(body, Surface):
        return Sheet(nodes_mm=body.nodes_mm, triangles=body.triangles)
    return body


def usual_views(body: Solid | Surface) -> tuple[View, ...]:
    """From where a body of its kind is usually looked at."""
    if isinstance(body, Heart):
        return heart_views(lv_axes(body))
    if isinstance(body, Surface):
        return atrial_views(body)
    extents_mm = np.ptp(body.nodes_mm, axis=0)
    if extents_mm.min() > 0.02 * extents_mm.max():
        return corner_view(1), corner_view(-1)
    right, up = np.delete(np.eye(3), extents_mm.argmin(), axis=0)
    return (View(title="", right=right, up=up, edges=_NO_NAMES),)


def corner_view(side: int) -> View:
    """A box from above: side 1 shows what faces the corner x = y = 0, side -1 the others."""
    towards = _unit(np.array([-0.35 * side, -0.80 * side, 0.50]))
    right = _unit(np.cross(HEAD, towards))
    title = "x = y = 0" if side > 0 else "Opposite"
    return View(title=title, right=right, up=np.cross(towards, right), edges=_NO_NAMES)


def atrial_views(atrium: Surface) -> tuple[View, ...]:
    """From in front, behind, the left and above, as the atrium would lie in a body.

    Its own openings tell the axes: files of catheter maps and of scans use axes of all kinds.
    """
    left, back, head = atrial_axes(atrium)
    return (
        View(title="Anterior", right=left, up=head, edges=("R", "L", "head", "feet")),
        View(title="Posterior", right=-left, up=head, edges=("L", "R", "", "")),
        View(title="Left lateral", right=back, up=head, edges=("front", "back", "", "")),
        View(title="From above", right=-left, up=-back, edges=("L", "R", "front", "back")),
    )


def atrial_axes(
    atrium: Surface,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """(3,) thrice: to the left, the back and the head, as veins and valve lie in a body.

    From the right veins to the left ones is left; from inferior to superior veins, and from the
    valve to the veins, is up on the whole. Without veins on both sides: the axes of `Heart`.
    """
    places = {k: atrium.nodes_mm[v].mean(axis=0) for k, v in atrium.openings.items()}
    left_veins, right_veins = (_mean(places, f"{s}spv", f"{s}ipv") for s in "lr")
    if left_veins is None or right_veins is None or "mitral" not in places:
        return LEFT, BACK, HEAD
    left = _unit(left_veins - right_veins)
    rises = [(left_veins + right_veins) / 2 - places["mitral"]]
    above, below = _mean(places, "lspv", "rspv"), _mean(places, "lipv", "ripv")
    if above is not None and below is not None:
        rises.append(above - below)
    head = sum((_unit(rise - left * (rise @ left)) for rise in rises), np.zeros(3))
    head = _unit(head)
    return left, np.cross(head, left), head


def _mean(places: Mapping[str, NDArray[np.float64]], *names: str) -> NDArray[np.float64] | None:
    """(3,) Middle of the places that there are."""
    found = [places[name] for name in names if name in places]
    return np.mean(found, axis=0) if found else None


def _unit(vector: NDArray[np.float64]) -> NDArray[np.float64]:
    unit: NDArray[np.float64] = vector / np.linalg.norm(vector)
    return unit
