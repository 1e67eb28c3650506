"""Places on muscle by the words of a user: a point, a node, a box, a vein, a corner, the roots."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from .sim_muscle import Muscle

#: Side of the cube that the N-version benchmark stimulates (Niederer 2011).
CORNER_MM = 1.5
#: A point may lie so far off the nearest node.
REACH_MM = 5.0
#: Words for places on each kind of muscle.
FORMS = "x,y,z in mm, a node's number, x,y,z:x,y,z for a box"


class Source(NamedTuple):
    """Where and when something starts.

    Attributes
    ----------
    name : as the user wrote it
    nodes : (s,) int
    time_ms : of the start
    """

    name: str
    nodes: "NDArray[np.integer]"
    time_ms: float


def sources(
    muscle: "Muscle", words: Sequence[str], *, radius_mm: float = 0.0, option: str = "--source"
) -> list[Source]:
    """Sources of words such as `10,2,3@5`: the place, and after @ the time in ms.

    Parameters
    ----------
    muscle : what they lie on
    words : the user's; none for what is usual on such muscle
    radius_mm : of the ball about a point or node; 0 takes the nearest node alone
    option : named in messages

    Raises
    ------
    ValueError
        When words cannot be read, or a place lies outside the muscle.
    """
    found = []
    for word in words or [usual_place(muscle)]:
        place, at, time = word.partition("@")
        time_ms = _number(time, word, option) if at else 0.0
        if place == "roots" and muscle.heart is not None:
            found += _roots(muscle, radius_mm, time_ms)
        else:
            found.append(Source(word, nodes_at(muscle, place, radius_mm, option), time_ms))
    return found


def usual_place(muscle: "Muscle") -> str:
    """Where a wave starts when nothing is said.

    In sinus rhythm the left atrium is reached over Bachmann's bundle, on its roof beside the
    right superior vein.
    """
    if muscle.heart is not None:
        return "roots"
    if muscle.atrium is None:
        return "corner"
    return next(
        name for name in ("rspv", *muscle.atrium.openings) if name in muscle.atrium.openings
    )


def nodes_at(muscle: "Muscle", place: str, radius_mm: float, option: str) -> "NDArray[np.integer]":
    """(s,) Nodes of a place, without a time.

    Raises
    ------
    ValueError
        When it cannot be read, or lies outside the muscle.
    """
    import numpy as np

    from ..sim.stimulus import nodes_in_ball, nodes_in_box

    nodes_mm, openings = muscle.nodes_mm, muscle.atrium.openings if muscle.atrium else {}
    if place in openings:
        return np.asarray(openings[place])
    if place in ("corner", "edge") and muscle.heart is None and muscle.atrium is None:
        high_mm = nodes_mm.max(axis=0)
        high_mm[: 3 if place == "corner" else 1] = CORNER_MM
        return nodes_in_box(nodes_mm, nodes_mm.min(axis=0), high_mm)
    if place.isdecimal():
        if int(place) >= len(nodes_mm):
            msg = f"{option} {place} names no node: they run from 0 to {len(nodes_mm) - 1}"
            raise ValueError(msg)
        return nodes_in_ball(nodes_mm, nodes_mm[int(place)], radius_mm)
    low, box, high = place.partition(":")
    at_mm = _point(low, place, muscle, option)
    if box:
        return nodes_in_box(nodes_mm, at_mm, _point(high, place, muscle, option))
    if radius_mm:
        return nodes_in_ball(nodes_mm, at_mm, radius_mm)
    gaps_mm = np.linalg.norm(nodes_mm - at_mm, axis=1)
    if gaps_mm.min() > REACH_MM:
        msg = f"{option} {place} lies outside {muscle.name}: {gaps_mm.min():.1f} mm off its nodes"
        raise ValueError(msg)
    return gaps_mm.argmin(keepdims=True)


def _roots(muscle: "Muscle", radius_mm: float, time_ms: float) -> list[Source]:
    """The healthy ends of the His-Purkinje system, a source each."""
    from ..sim import HEALTHY_ROOTS
    from ..sim.roots import root_nodes
    from ..sim.stimulus import nodes_in_ball

    if muscle.heart is None:
        return []
    nodes = root_nodes(muscle.heart, HEALTHY_ROOTS)
    return [
        Source(
            root.name,
            nodes_in_ball(muscle.nodes_mm, muscle.nodes_mm[node], radius_mm),
            time_ms + root.time_ms,
        )
        for root, node in zip(HEALTHY_ROOTS, nodes, strict=True)
    ]


def _point(words: str, place: str, muscle: "Muscle", option: str) -> "NDArray[np.float64]":
    import numpy as np

    try:
        at_mm = np.array([float(x) for x in words.split(",")])
    except ValueError:
        at_mm = np.zeros(0)
    if at_mm.shape != (3,) or not np.isfinite(at_mm).all():
        msg = f"cannot read {option} {place!r}; give {_forms(muscle)}"
        raise ValueError(msg)
    return at_mm


def _forms(muscle: "Muscle") -> str:
    """What a place can be called on this muscle."""
    if muscle.heart is not None:
        return f"{FORMS}, or roots"
    if muscle.atrium is not None:
        return f"{FORMS}, or {', '.join(muscle.atrium.openings)}"
    return f"{FORMS}, corner or edge"


def _number(words: str, word: str, option: str) -> float:
    from math import isfinite

    try:
        value = float(words)
    except ValueError:
        value = float("nan")
    if not isfinite(value):
        msg = f"cannot read the time of {option} {word!r}; after @ comes a number of ms"
        raise ValueError(msg)
    return value
