"""Rule-based fibres on a left atrium (Piersanti et al., Comput Methods Appl Mech Eng 373, 2021)."""

from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, diags_array
from scipy.sparse.csgraph import dijkstra

from .atrium import ATRIAL_PARTS, MITRAL
from .frame import unit
from .surface import areas_mm2
from .surface_laplace import SurfaceLaplacian

LAA = ATRIAL_PARTS.index("laa")


@dataclass(frozen=True, slots=True, kw_only=True)
class AtrialRule:
    """Where each bundle begins, in harmonic fields from 0 to 1.

    Piersanti (2021) sets them for each geometry. These reach 4 to 6 mm from the valve and 6 to
    10 mm from the veins on the seven atria of `atrial_files.ATRIA`.

    Raises
    ------
    ValueError
        When a threshold is not between 0 and 1, or the veins' zones overlap.
    """

    #: Around the valve where the field that is 1 there and 0 at veins and appendage exceeds it.
    mitral_from: float = 0.85
    #: Around the left veins where the field from left (0) to right veins (1) is below it.
    left_veins_to: float = 0.15
    #: Around the right veins where the same field exceeds it.
    right_veins_from: float = 0.85
    #: One bundle fades into the next over this much of the field; the paper switches at once.
    fade: float = 0.1

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not 0 < value < 1:
                msg = f"{field.name} must be between 0 and 1, got {value}"
                raise ValueError(msg)
        if self.left_veins_to >= self.right_veins_from:
            msg = (
                f"left_veins_to must be less than right_veins_from, got {self.left_veins_to} "
                f"and {self.right_veins_from}"
            )
            raise ValueError(msg)


@dataclass(frozen=True, eq=False, kw_only=True)
class AtrialFields:
    """Harmonic fields (n,) between the openings and the tip of the appendage."""

    #: -1 at the appendage, 0 at the left veins, 1 at the mitral valve, 2 at the right veins.
    across: NDArray[np.float64]
    #: 0 at the left veins, 1 at the right veins.
    veins: NDArray[np.float64]
    #: 1 at the mitral valve, 0 at the veins and the appendage.
    valve: NDArray[np.float64]


def atrial_fibres(
    nodes_mm: NDArray[np.float64],
    triangles: NDArray[np.int32],
    tags: NDArray[np.int8],
    openings: Mapping[str, NDArray[np.int32]],
    *,
    name: str,
    rule: AtrialRule | None = None,
) -> NDArray[np.float32]:
    """Fibre direction of every triangle.

    Fibres run along the level lines of one of three harmonic fields: around the mitral valve,
    around the veins of either side, and elsewhere around appendage, roof and walls, from the
    appendage over the left veins and the valve to the right veins.

    Parameters
    ----------
    nodes_mm, triangles, tags, openings
        As in `Surface`.
    name
        For messages.
    rule
        Where each bundle begins.

    Returns
    -------
    fibres : (k, 3) float32
        Unit vectors in the plane of each triangle.

    Raises
    ------
    ValueError
        When the mitral valve or the veins of one side are not among the openings.
    """
    rule = rule or AtrialRule()
    laplacian = SurfaceLaplacian(nodes_mm, triangles)
    harmonic = atrial_fields(laplacian, tags, openings, name)
    at = {f.name: getattr(harmonic, f.name)[triangles].mean(axis=1) for f in fields(harmonic)}
    at_valve = fade_in(at["valve"] - rule.mitral_from, rule.fade)
    beside = np.maximum(rule.left_veins_to - at["veins"], at["veins"] - rule.right_veins_from)
    at_veins = fade_in(beside, rule.fade) * fade_in(at["across"], rule.fade)
    weights = {
        "valve": at_valve,
        "veins": (1 - at_valve) * at_veins,
        "across": (1 - at_valve) * (1 - at_veins),
    }
    corners = nodes_mm[triangles]
    normals = unit(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]))
    moment = 1e-9 * (np.eye(3) - normals[:, :, None] * normals[:, None, :])
    for field, weight in weights.items():
        slope = smooth_gradient(laplacian, getattr(harmonic, field))
        along = unit(np.cross(normals, slope))
        moment += np.einsum("k,ki,kj->kij", weight, along, along)
    return np.linalg.eigh(moment)[1][:, :, 2].astype(np.float32)


def fade_in(above: NDArray[np.float64], width: float) -> NDArray[np.float64]:
    """0 below, 1 above a threshold, and straight in between over `width`.

    Examples
    --------
    >>> fade_in(np.array([-1.0, 0.0, 0.025, 1.0]), 0.1)
    array([0.  , 0.5 , 0.75, 1.  ])
    """
    return np.clip(above / width + 0.5, 0, 1)


def smooth_gradient(laplacian: SurfaceLaplacian, field: NDArray[np.float64]) -> NDArray[np.float64]:
    """(k, 3) Gradient in each triangle: the mean by area at each node, then over its nodes."""
    triangles = laplacian.triangles
    k, n = len(triangles), len(laplacian.nodes_mm)
    corner = csr_array((np.ones(3 * k), triangles.ravel(), np.arange(0, 3 * k + 1, 3)), (k, n))
    weight = corner.T.tocsr() @ diags_array(areas_mm2(laplacian.nodes_mm, triangles))
    return corner @ (weight @ laplacian.gradient(field) / weight.sum(axis=1)[:, None])


def atrial_fields(
    laplacian: SurfaceLaplacian,
    tags: NDArray[np.int8],
    openings: Mapping[str, NDArray[np.int32]],
    name: str,
) -> AtrialFields:
    """The three fields; without an appendage among tags and openings its conditions are left out.

    Raises
    ------
    ValueError
        When the mitral valve or the veins of one side are not among the openings.
    """
    ends = {
        "mitral valve": [v for k, v in openings.items() if k == MITRAL],
        "left veins": [v for k, v in openings.items() if k.startswith(("lipv", "lspv"))],
        "right veins": [v for k, v in openings.items() if k.startswith(("ripv", "rspv"))],
    }
    missing = [what for what, found in ends.items() if not found]
    if missing:
        msg = f"{name}: no opening is named for the {missing[0]}; cut it open and tag it"
        raise ValueError(msg)
    valve, left, right = (np.concatenate(found) for found in ends.values())
    appendage = appendage_end(laplacian, tags, openings)
    return AtrialFields(
        across=laplacian.solve({-1.0: appendage, 0.0: left, 1.0: valve, 2.0: right}),
        veins=laplacian.solve({0.0: left, 1.0: right}),
        valve=laplacian.solve({0.0: np.concatenate([left, right, appendage]), 1.0: valve}),
    )


def appendage_end(
    laplacian: SurfaceLaplacian, tags: NDArray[np.int8], openings: Mapping[str, NDArray[np.int32]]
) -> NDArray[np.int32]:
    """Rim of the appendage, else the tagged node farthest from its neck, none without a tag."""
    if "laa" in openings:
        return openings["laa"]
    tagged = np.unique(laplacian.triangles[tags == LAA])
    neck = np.intersect1d(tagged, laplacian.triangles[tags != LAA])
    if len(neck) == 0:
        return neck
    edges = laplacian.stiffness.tocoo()
    length = np.linalg.norm(laplacian.nodes_mm[edges.row] - laplacian.nodes_mm[edges.col], axis=1)
    graph = csr_array((length, (edges.row, edges.col)), edges.shape)
    away = dijkstra(graph, indices=neck, min_only=True)[tagged]
    return tagged[[np.argmax(away)]]
