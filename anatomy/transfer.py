"""Fields carried from heart to heart through ventricular coordinates."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from .frame import heart_axes
from .heart import Heart, VentricularCoordinates

#: The schematic ventricles in which places are compared: radius at the base, wall and height in
#: mm of the left and the right, about those of an adult (Lang 2015, J. Am. Soc. Echocardiogr. 28).
_LEFT_MM = (25.0, 10.0, 90.0)
_RIGHT_MM = (50.0, 4.0, 90.0)
#: Nearest tets that are tried for each place.
_CANDIDATES = 16
#: A tet this far from where it should be in space counts as much as one missed by its own size:
#: less than from the right ventricle's free wall to the bridge between its valves.
_APART_MM = 30.0
#: A place this far outside of a tet, as a share of it, still counts as inside.
_MARGIN = 1e-6


@dataclass(frozen=True, eq=False, kw_only=True)
class Match:
    """Where in a source heart each node of a target lies.

    Attributes
    ----------
    nodes : (k, 4) int32
        Corners of the source's tet that holds the place, or comes nearest to it.
    weights : (k, 4) float64
        Barycentric coordinates in it: none negative, adding up to one.
    inside : (k,) bool
        Whether a tet holds the place. The others lie beyond a surface, by less than a tet.
    """

    nodes: NDArray[np.int32]
    weights: NDArray[np.float64]
    inside: NDArray[np.bool_]

    def carry(
        self, field: NDArray[Any], how: Literal["linear", "nearest", "angle"] = "linear"
    ) -> NDArray[Any]:
        """(k, ...) Values of a nodal field (n, ...) of the source at the matched places.

        Parameters
        ----------
        field
            (n, ...) One value, or row of values, a node of the source.
        how
            `linear` within the tet; `nearest` for labels; `angle` for radians, taken round.

        Raises
        ------
        ValueError
            When `how` is none of these.
        """
        if how == "nearest":
            return field[np.take_along_axis(self.nodes, self._heaviest, axis=1)[:, 0]]
        if how == "angle":
            turned: NDArray[Any] = np.angle(self._blend(np.exp(1j * field)))
            return turned
        if how != "linear":
            msg = f"how must be linear, nearest or angle, got {how!r}"
            raise ValueError(msg)
        return self._blend(field)

    @property
    def _heaviest(self) -> NDArray[np.int64]:
        return self.weights.argmax(axis=1)[:, None]

    def _blend(self, field: NDArray[Any]) -> NDArray[Any]:
        blended: NDArray[Any] = np.einsum("ki,ki...->k...", self.weights, field[self.nodes])
        return blended


def transfer(
    field: NDArray[Any],
    source: Heart,
    target: Heart,
    how: Literal["linear", "nearest", "angle"] = "linear",
) -> NDArray[Any]:
    """Carry a nodal field to the nodes of another heart that have the same coordinates.

    Parameters
    ----------
    field
        (n, ...) One value, or row of values, a node of the source. The components of a vector
        are carried as they stand, along the axes of the source's image.
    source, target
        The hearts.
    how
        `linear` within the tets of the source; `nearest` for labels; `angle` for radians.

    Returns
    -------
    (k, ...)
        For the k nodes of the target.

    Raises
    ------
    ValueError
        When the field has not one row a node of the source, or `how` is unknown.

    Examples
    --------
    >>> from cardiotwin.anatomy import load_heart
    >>> heart = load_heart("builtin")
    >>> height = transfer(heart.coordinates.apicobasal, heart, heart)
    >>> float(np.quantile(np.abs(height - heart.coordinates.apicobasal), 0.95)) < 1e-6
    True
    """
    if len(field) != len(source.nodes_mm):
        msg = (
            f"field must have one row for each of the {len(source.nodes_mm)} nodes of "
            f"{source.name}, got {len(field)}"
        )
        raise ValueError(msg)
    return match(source, target).carry(field, how)


def match(source: Heart, target: Heart) -> Match:
    """Find the place in the source of every node of the target; good for any number of fields.

    The ventricles are matched apart: nodes of the left one, the septum included, to tets that
    are mostly left, the others to tets that are mostly right.
    """
    nodes = np.zeros((len(target.nodes_mm), 4), np.int32)
    weights = np.zeros((len(target.nodes_mm), 4))
    for left in (True, False):
        tets = source.tets[(source.coordinates.transventricular[source.tets].mean(1) < 0.5) == left]
        mine = target.is_lv == left
        if mine.any():
            found = locate(
                np.hstack([schematic_mm(source.coordinates, left), laid_over_mm(source)]),
                tets,
                np.hstack([schematic_mm(target.coordinates, left), laid_over_mm(target)])[mine],
            )
            nodes[mine], weights[mine] = found
    inside = weights.min(axis=1) >= -_MARGIN
    weights = np.maximum(weights, 0.0)
    return Match(nodes=nodes, weights=weights / weights.sum(axis=1)[:, None], inside=inside)


def schematic_mm(coordinates: VentricularCoordinates, left: bool) -> NDArray[np.float64]:
    """(n, 3) Places in a schematic ventricle, round at the apex, so that distances mean something.

    No two of one ventricle's coordinates share a place: at the apex the depth runs along the
    axis. The two ventricles overlap, so each must be searched apart.
    """
    radius_mm, wall_mm, height_mm = _LEFT_MM if left else _RIGHT_MM
    height = np.clip(coordinates.apicobasal, 0.0, 1.0)
    out_mm = (radius_mm + wall_mm * coordinates.transmural) * np.sqrt(height)
    return np.column_stack(
        [
            out_mm * np.cos(coordinates.rotational),
            out_mm * np.sin(coordinates.rotational),
            height_mm * height - wall_mm * coordinates.transmural,
        ]
    )


def laid_over_mm(heart: Heart) -> NDArray[np.float64]:
    """(n, 3) Nodes along the heart's own axes, scaled to the length of the schematic ventricle."""
    axes = heart_axes(heart.nodes_mm, heart.surfaces)
    length_mm = float(np.linalg.norm(axes.apex_mm - axes.origin_mm))
    return (heart.nodes_mm - axes.origin_mm) @ axes.matrix.T * (_LEFT_MM[2] / length_mm)


def locate(
    corners_mm: NDArray[np.float64], tets: NDArray[np.int32], places_mm: NDArray[np.float64]
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """(k, 4) nodes and barycentric coordinates in the tet that holds each place, or nearly.

    Parameters
    ----------
    corners_mm, places_mm
        (n, 6), (k, 6) Places in the schematic ventricle, then along the heart's axes. The bridges
        of muscle between the valves have the coordinates of a free wall: the second three tell
        the two apart.
    tets
        (m, 4) Those to search.
    """
    edges = corners_mm[tets[:, 1:], :3] - corners_mm[tets[:, :1], :3]
    size = np.abs(edges).max(axis=(1, 2))
    solid = np.abs(np.linalg.det(edges)) > 1e-6 * size**3
    tets, inverse = tets[solid], np.linalg.inv(edges[solid])
    centres_mm = corners_mm[tets].mean(axis=1)
    near = cKDTree(centres_mm[:, :3]).query(places_mm[:, :3], min(_CANDIDATES, len(tets)))[1]
    near = near.reshape(len(places_mm), -1)
    away = places_mm[:, None, :3] - corners_mm[tets[near, 0], :3]
    rest = np.einsum("kcj,kcji->kci", away, inverse[near])
    shares = np.concatenate([1 - rest.sum(axis=2, keepdims=True), rest], axis=2)
    outside = np.maximum(-shares.min(axis=2), 0.0)
    apart_mm = np.linalg.norm(places_mm[:, None, 3:] - centres_mm[near, 3:], axis=2)
    cost = outside + apart_mm / _APART_MM + 0.1 * (outside > _MARGIN)  # holding it comes first
    rows, chosen = np.arange(len(near)), np.argmin(cost, axis=1)
    return tets[near[rows, chosen]], shares[rows, chosen]
