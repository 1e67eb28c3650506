"""The closed, labelled surface of the wall: checks, winding, distance, labels of a boundary."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .heart import SURFACES, check_size, place_of
from .nearest import Tree
from .topology import boundary_triangles, edge_counts, shared_nodes, windings

if TYPE_CHECKING:
    import pyvista

#: Label of the base; the three before it are the two sides of the wall.
BASE = SURFACES.index("base")
#: Label, an index into `SURFACES`, of points (k, 3) in mm.
Labeller = Callable[[NDArray[np.float64]], NDArray[np.int8]]


@dataclass(frozen=True, eq=False, kw_only=True)
class LabelledSurface:
    """Surface of the ventricular wall, each triangle named. Axes as in `Heart`.

    Attributes
    ----------
    name : str
        Used in messages.
    nodes_mm : (n, 3) float64
    triangles : (k, 3) int32
    labels : (k,) int8
        Index into `SURFACES`: 0 lv_endo, 1 rv_endo, 2 epi, 3 base.

    Raises
    ------
    ValueError
        When an array has the wrong shape, an index is out of range or a coordinate not finite.
    """

    name: str = "surface"
    nodes_mm: NDArray[np.float64]
    triangles: NDArray[np.int32]
    labels: NDArray[np.int8]

    def __post_init__(self) -> None:
        for field in ("nodes_mm", "triangles"):
            shape = getattr(self, field).shape
            if len(shape) != 2 or shape[1] != 3 or shape[0] == 0:
                msg = f"{self.name}: {field} must have shape (n, 3), got {shape}"
                raise ValueError(msg)
        if self.labels.shape != (len(self.triangles),):
            msg = (
                f"{self.name}: labels must have one value a triangle, "
                f"got shape {self.labels.shape} for {len(self.triangles)} triangles"
            )
            raise ValueError(msg)
        self._check_values()

    def _check_values(self) -> None:
        for field, values, size in (
            ("labels", self.labels, len(SURFACES)),
            ("triangles", self.triangles, len(self.nodes_mm)),
        ):
            low, high = values.min(), values.max()
            if low < 0 or high >= size:
                msg = f"{self.name}: {field} must lie in 0 to {size - 1}, got {low} to {high}"
                raise ValueError(msg)
        bad = np.flatnonzero(~np.isfinite(self.nodes_mm).all(axis=1))
        if bad.size:
            msg = (
                f"{self.name}: {bad.size} nodes have coordinates that are not finite, the first "
                f"is node {bad[0]}; correct them in the source"
            )
            raise ValueError(msg)


def check_surface(surface: LabelledSurface) -> LabelledSurface:
    """The same surface, wound outward and without unused nodes, once it is sure to enclose a wall.

    Raises
    ------
    ValueError
        When the surface is not the size of a heart in mm, lacks a label, has an edge or a node
        that is not like a sheet of paper, is one-sided, or is two bodies. The message gives the
        first place.
    """
    check_size(surface.nodes_mm[np.unique(surface.triangles)], surface.name)
    missing = [s for i, s in enumerate(SURFACES) if not (surface.labels == i).any()]
    if missing:
        msg = (
            f"{surface.name}: no triangle is labelled {', '.join(missing)}; "
            f"a wall needs {', '.join(SURFACES)}"
        )
        raise ValueError(msg)
    return check_closed(surface)


def check_closed(surface: LabelledSurface) -> LabelledSurface:
    """As `check_surface`, whatever the labels."""
    used, renumbered = np.unique(surface.triangles, return_inverse=True)
    surface = replace(
        surface,
        nodes_mm=surface.nodes_mm[used],
        triangles=renumbered.reshape(-1, 3).astype(np.int32),
    )
    check_size(surface.nodes_mm, surface.name)
    _check_sheets(surface)
    return replace(surface, triangles=wind_outward(surface))


def _check_sheets(surface: LabelledSurface) -> None:
    """Raise unless each edge has exactly two triangles and each node one fan of them."""
    edges, counts = edge_counts(surface.triangles)
    for wrong, what, remedy in (
        (edges[counts == 1], "open edges", "close the hole with fill_holes_mm or pymeshfix"),
        (edges[counts > 2], "edges of more than two triangles", "remove the extra sheets"),
    ):
        if len(wrong):
            place = place_of(surface.nodes_mm[wrong[0]].mean(axis=0))
            msg = f"{surface.name}: {len(wrong)} {what}, the first at {place}; {remedy}"
            raise ValueError(msg)
    nodes = shared_nodes(surface.triangles)
    if len(nodes):
        place = place_of(surface.nodes_mm[nodes[0]])
        msg = (
            f"{surface.name}: {len(nodes)} nodes where two sheets touch, the first at {place}; "
            "give each sheet its own node"
        )
        raise ValueError(msg)


def wind_outward(surface: LabelledSurface) -> NDArray[np.int32]:
    """(k, 3) Triangles with their nodes anticlockwise when seen from outside the wall.

    Raises
    ------
    ValueError
        When the surface has only one side, or is two bodies beside each other.
    """
    triangles = surface.triangles
    flip, piece = windings(triangles)
    if flip is None:
        msg = f"{surface.name}: is one-sided, like a Moebius strip; remesh it"
        raise ValueError(msg)
    triangles = np.where(flip[:, None], triangles[:, ::-1], triangles)
    bodies = []
    for p in range(piece.max() + 1):
        mine = piece == p
        probe = surface.nodes_mm[triangles[mine][0, 0]]
        others = [triangles[piece == q] for q in range(piece.max() + 1) if q != p]
        depth = sum(round(_turns(surface.nodes_mm[other] - probe)) % 2 for other in others)
        if depth % 2 == 0:
            bodies.append(mine)
        if (enclosed_volume_mm3(surface.nodes_mm, triangles[mine]) < 0) != (depth % 2 == 1):
            triangles[mine] = triangles[mine][:, ::-1]
    if len(bodies) > 1:
        least = min(bodies, key=np.count_nonzero)
        place = place_of(surface.nodes_mm[triangles[least]].mean(axis=(0, 1)))
        msg = (
            f"{surface.name}: is {len(bodies)} bodies, the least of {least.sum()} triangles at "
            f"{place}; keep the wall only"
        )
        raise ValueError(msg)
    return triangles


def _turns(corners_mm: NDArray[np.float64]) -> float:
    """Winding number about the origin of triangles (k, 3, 3): van Oosterom and Strackee 1983."""
    a, b, c = corners_mm.transpose(1, 0, 2)
    la, lb, lc = (np.linalg.norm(v, axis=1) for v in (a, b, c))
    dot = [np.einsum("ij,ij->i", u, v) for u, v in ((a, b), (b, c), (c, a))]
    below = la * lb * lc + dot[0] * lc + dot[1] * la + dot[2] * lb
    angle = 2 * np.arctan2(np.einsum("ij,ij->i", a, np.cross(b, c)), below)
    return float(angle.sum() / (4 * np.pi))


def enclosed_volume_mm3(nodes_mm: NDArray[np.float64], triangles: NDArray[np.int32]) -> float:
    """Volume inside closed triangles; negative when they are wound inward."""
    a, b, c = (nodes_mm - nodes_mm.mean(axis=0))[triangles].transpose(1, 0, 2)
    return float(np.einsum("ij,ij->", a, np.cross(b, c)) / 6)


def areas_mm2(nodes_mm: NDArray[np.float64], triangles: NDArray[np.int32]) -> NDArray[np.float64]:
    """(k,) Area of each triangle."""
    return np.linalg.norm(normals_mm2(nodes_mm, triangles), axis=1)


def label_boundary(
    nodes_mm: NDArray[np.float64], tets: NDArray[np.int32], labels: LabelledSurface | Labeller
) -> dict[str, NDArray[np.int32]]:
    """Boundary of a tetrahedral mesh under the names of `SURFACES`.

    An endocardial triangle with a node on the epicardium, where a rim is narrower than the mesh,
    goes to the base: no node lies on both sides of the wall.

    Parameters
    ----------
    nodes_mm
        (n, 3) nodes.
    tets
        (m, 4) positive tetrahedra.
    labels
        A surface, of which the triangle nearest to the middle of a boundary triangle gives the
        name, or a function of such points (k, 3) that returns the index into `SURFACES`.

    Returns
    -------
    surfaces : dict of str to (k, 3) int32
        Outward triangles.
    """
    triangles = boundary_triangles(tets)
    middles_mm = nodes_mm[triangles].mean(axis=1)
    if isinstance(labels, LabelledSurface):
        nearest, _ = Tree(labels.nodes_mm, labels.triangles).nearest(middles_mm)
        label = labels.labels[nearest]
    else:
        label = labels(middles_mm)
    outer = np.isin(triangles, triangles[label == SURFACES.index("epi")]).any(axis=1)
    label = np.where(outer & (label < SURFACES.index("epi")), BASE, label)
    return {name: triangles[label == i] for i, name in enumerate(SURFACES)}


def gaps_to_triangles_mm(
    points_mm: NDArray[np.float64], nodes_mm: NDArray[np.float64], triangles: NDArray[np.int32]
) -> NDArray[np.float64]:
    """(k,) Distance of points (k, 3) from the nearest of the triangles."""
    return Tree(nodes_mm, triangles).nearest(points_mm)[1]


def normals_mm2(nodes_mm: NDArray[np.float64], triangles: NDArray[np.int32]) -> NDArray[np.float64]:
    """(k, 3) Normals as long as the triangle's area."""
    a, b, c = nodes_mm[triangles].transpose(1, 0, 2)
    return np.cross(b - a, c - a) / 2


def as_polydata(nodes_mm: NDArray[np.float64], triangles: NDArray[np.int32]) -> "pyvista.PolyData":
    """The triangles as PyVista knows them."""
    import pyvista

    return pyvista.make_tri_mesh(nodes_mm, triangles.astype(int))
