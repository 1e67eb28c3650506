"""From triangles to a left atrium: winding, names of the openings, fibres."""

import numpy as np
from numpy.typing import NDArray

from .atrial_fibres import AtrialRule, atrial_fibres
from .atrium import ATRIAL_PARTS, MITRAL, Surface, check_triangles
from .heart import place_of
from .loops import boundary_loops, repair_winding


def build_atrium(
    nodes_mm: NDArray[np.float64],
    triangles: NDArray[np.int32],
    tags: NDArray[np.integer] | None = None,
    *,
    name: str,
    rule: AtrialRule | None = None,
) -> Surface:
    """A left atrium with everything that its triangles and their tags imply.

    Parameters
    ----------
    nodes_mm
        (n, 3) nodes; those of no triangle are dropped.
    triangles
        (k, 3) one sheet, open at the mitral valve and the veins, in any winding.
    tags
        (k,) index into `ATRIAL_PARTS`. Without, the openings are told apart by their places,
        which takes the axes of `Heart`: x to the left, y to the back, z to the head.
    name
        For messages and captions.
    rule
        Of the fibres.

    Raises
    ------
    ValueError
        When the sheet is broken, an opening is missing or cannot be named; the message gives
        the place.

    Examples
    --------
    >>> import pyvista
    >>> ball = pyvista.Icosphere(radius=25.0, nsub=3)
    >>> middles_mm = ball.points[ball.regular_faces].mean(axis=1)
    >>> towards = np.array([[0, 0, -1], [0.8, 0, 0.6], [-0.8, 0, 0.6]])
    >>> kept = (middles_mm @ towards.T < [20, 23, 23]).all(axis=1)
    >>> atrium = build_atrium(np.array(ball.points), ball.regular_faces[kept], name="ball")
    >>> sorted(atrium.openings), round(atrium.volume_ml)
    (['lspv', 'mitral', 'rspv'], 63)
    """
    used, renumbered = np.unique(triangles, return_inverse=True)
    if used.size and used[0] >= 0 and used[-1] < len(nodes_mm):
        nodes_mm, triangles = nodes_mm[used], renumbered.reshape(-1, 3).astype(np.int32)
    nodes_mm = nodes_mm.astype(np.float64)
    check_triangles(nodes_mm, triangles, name)
    triangles = repair_winding(nodes_mm, triangles, name)
    known = np.zeros(len(triangles), np.int8) if tags is None else _checked(tags, triangles, name)
    openings = name_openings(nodes_mm, triangles, known, name)
    return Surface(
        name=name,
        nodes_mm=nodes_mm,
        triangles=triangles,
        tags=known,
        openings=openings,
        fibres=atrial_fibres(nodes_mm, triangles, known, openings, name=name, rule=rule),
    )


def _checked(
    tags: NDArray[np.integer], triangles: NDArray[np.int32], name: str
) -> NDArray[np.int8]:
    if tags.shape != (len(triangles),):
        msg = f"{name}: tags have shape {tags.shape} for {len(triangles)} triangles; give one each"
        raise ValueError(msg)
    strange = tags[~np.isin(tags, range(len(ATRIAL_PARTS)))]
    if strange.size:
        parts = ", ".join(f"{i} {part}" for i, part in enumerate(ATRIAL_PARTS))
        msg = f"{name}: tag {strange[0]} has no meaning; tags are {parts}"
        raise ValueError(msg)
    return tags.astype(np.int8)


def name_openings(
    nodes_mm: NDArray[np.float64],
    triangles: NDArray[np.int32],
    tags: NDArray[np.int8],
    name: str,
) -> dict[str, NDArray[np.int32]]:
    """Each opening by its name: the longest is the valve, the others go by tag, else by place.

    Raises
    ------
    ValueError
        When there are fewer than three openings, or only some of the veins are tagged.
    """
    loops = sorted(boundary_loops(triangles), key=lambda loop: -_length_mm(nodes_mm[loop]))
    if len(loops) < 3:
        msg = (
            f"{name}: has {len(loops)} openings; a left atrium is open at the mitral valve and "
            "at least one vein on each side"
        )
        raise ValueError(msg)
    rims = [_majority(tags[np.isin(triangles, loop).any(axis=1)]) for loop in loops]
    valve = next((k for k, tag in enumerate(rims) if tag == 0), 0)
    veins = [k for k in range(len(loops)) if k != valve]
    if all(rims[k] == 0 for k in veins):
        parts = parts_by_place(np.stack([nodes_mm[loops[k]].mean(axis=0) for k in veins]))
    else:
        bare = [k for k in veins if rims[k] == 0]
        if bare:
            place = place_of(nodes_mm[loops[bare[0]]].mean(axis=0))
            msg = f"{name}: the opening at {place} has no tag; tag its vein, or close it"
            raise ValueError(msg)
        parts = [ATRIAL_PARTS[rims[k]] for k in veins]
    named = {MITRAL: loops[valve]}
    for k, part in zip(veins, parts, strict=True):
        same = sum(other.startswith(part) for other in named)
        named[f"{part}_{same + 1}" if same else part] = loops[k]
    return named


def parts_by_place(middles_mm: NDArray[np.float64]) -> list[str]:
    """Parts that openings other than the valve belong to, from their middles (b, 3).

    The widest gap in x parts left from right. Of three on the left the one in front, and most to
    the left, is a cut appendage. On each side the highest is the superior vein.

    Examples
    --------
    >>> parts_by_place(np.array([[30.0, 0, 9], [28, 0, -9], [-30, 0, 0]]))
    ['lspv', 'lipv', 'rspv']
    """
    x, y, z = middles_mm.T
    order = np.argsort(x)
    border = order[np.argmax(np.diff(x[order])) + 1 :]
    left = np.isin(np.arange(len(x)), border)
    parts = np.where(left, "lipv", "ripv")
    if left.sum() > 2:
        appendage = np.argmax(np.where(left, x - y, -np.inf))
        parts[appendage] = "laa"
        left[appendage] = False
    for side, superior in ((left, "lspv"), (parts == "ripv", "rspv")):
        parts[np.argmax(np.where(side, z, -np.inf))] = superior
    return [str(part) for part in parts]


def _majority(tags: NDArray[np.int8]) -> int:
    return int(np.bincount(tags, minlength=len(ATRIAL_PARTS)).argmax())


def _length_mm(rim_mm: NDArray[np.float64]) -> float:
    return float(np.linalg.norm(rim_mm - np.roll(rim_mm, -1, axis=0), axis=1).sum())
