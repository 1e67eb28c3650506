"""One template heart carried to every surface of the same topology: a mesh is made only once."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from .build import build_heart
from .electrodes import place_electrodes
from .heart import Heart, place_of
from .kernels.morph import push_forward
from .laplace import Laplacian
from .morph import SLACK_MM, Morph
from .nearest import Tree
from .relax import Relaxation
from .surface import LabelledSurface, label_boundary
from .topology import boundary_triangles

#: Tets of a new template below this scaled Jacobian are improved, once.
TEMPLATE_GOAL = 0.15
#: The boundary of a template lies this near to the surface that it was made from.
FARTHEST_MM = 1.5
#: The six edges of a tet.
_EDGES = np.array([[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]])


class TemplateMorph:
    """A template heart, bound to the surface that it was meshed from.

    Its tets, labels, coordinates and segments belong to the material and go along unchanged.
    Fibres and sheets are carried by the deformation gradient F: a fibre f becomes F f, and the
    sheet stays in the plane of F f and F s, both scaled to unit length and made orthogonal. So
    they are those of the deformed muscle, not those that the rule would give on the new shape.

    Attributes
    ----------
    template : Heart
        The heart in the shape of the surface that it was made from.
    """

    def __init__(
        self, surface: LabelledSurface, nodes_mm: NDArray[np.float64], tets: NDArray[np.int32]
    ) -> None:
        """Bind a mesh to its surface and make it a heart.

        Parameters
        ----------
        surface
            The closed, labelled surface of the wall.
        nodes_mm
            (n, 3) nodes of a mesh of that wall.
        tets
            (m, 4) positive tetrahedra. Those whose nodes all lie on the boundary are split, as
            they could follow no movement, so the heart has more tets.

        Raises
        ------
        ValueError
            When the mesh is broken or its boundary does not lie on the surface.
        """
        nodes_mm, tets = split_bridges(np.asarray(nodes_mm, np.float64), tets)
        boundary = np.unique(boundary_triangles(tets)).astype(np.int64)
        nodes_mm = Relaxation(tets, boundary).improve(nodes_mm, TEMPLATE_GOAL)
        self._morph = Morph(nodes_mm, tets, boundary, name=surface.name)
        self._surface = surface
        self._on_surface, self._offsets_mm = _bind(surface, nodes_mm[boundary])
        labelled = label_boundary(nodes_mm, tets, surface)
        self.template = build_heart(nodes_mm, tets, labelled, name=surface.name)
        gradients = Laplacian(nodes_mm, tets).shape_gradients
        self._carry = np.einsum(
            "mik,dmk->dmi", gradients, np.stack([self.template.fibres, self.template.sheets])
        )

    def nodes_mm(
        self, surface: LabelledSurface, *, slack_mm: float = SLACK_MM
    ) -> NDArray[np.float64]:
        """(n, 3) Nodes of the template in the shape of another surface; see `heart`."""
        if not np.array_equal(surface.triangles, self._surface.triangles):
            msg = (
                f"{surface.name}: its triangles are not those of the template "
                f"{self._surface.name}; mesh it with tetrahedralise"
            )
            raise ValueError(msg)
        on_surface_mm = self._on_surface @ surface.nodes_mm
        linear = self._morph.linear_part(on_surface_mm)
        targets_mm = on_surface_mm + self._offsets_mm @ linear
        return self._morph.move(targets_mm, slack_mm=slack_mm, name=surface.name)

    def heart(
        self,
        surface: LabelledSurface,
        *,
        electrodes_mm: NDArray[np.float64] | None = None,
        slack_mm: float = SLACK_MM,
    ) -> Heart:
        """The template heart in the shape of another surface.

        Parameters
        ----------
        surface
            Triangles as in the template's surface, nodes elsewhere: another moment of the beat,
            another patient.
        electrodes_mm
            (10, 3) positions; without them those of a chest about this heart. Give one set to
            all moments of a beat.
        slack_mm
            How far a boundary node may end from the surface where a tet would be flat otherwise.

        Raises
        ------
        ValueError
            When the surface has other triangles than the template's, or no arrangement without
            a flat tet is found; the message names the place.
        """
        nodes_mm = self.nodes_mm(surface, slack_mm=slack_mm)
        fibres, sheets = np.empty_like(self.template.fibres), np.empty_like(self.template.sheets)
        along_fibre, along_sheet = self._carry
        push_forward(nodes_mm, self.template.tets, along_fibre, along_sheet, fibres, sheets)
        if electrodes_mm is None:
            electrodes_mm = place_electrodes(nodes_mm, self.template.tets)
        return Heart(
            name=surface.name,
            nodes_mm=nodes_mm,
            tets=self.template.tets,
            fibres=fibres,
            sheets=sheets,
            coordinates=self.template.coordinates,
            segments=self.template.segments,
            surfaces=self.template.surfaces,
            electrodes_mm=electrodes_mm,
        )


def _bind(
    surface: LabelledSurface, points_mm: NDArray[np.float64]
) -> tuple[csr_array, NDArray[np.float64]]:
    """Where points (b, 3) lie on a surface.

    (b, n) weights of the surface's nodes at the nearest point, and (b, 3) the way from there.
    """
    triangle, weights = Tree(surface.nodes_mm, surface.triangles).closest(points_mm)
    rows, corners = np.repeat(np.arange(len(points_mm)), 3), surface.triangles[triangle]
    shape = (len(points_mm), len(surface.nodes_mm))
    on_surface = csr_array((weights.ravel(), (rows, corners.ravel())), shape=shape)
    offsets_mm = points_mm - on_surface @ surface.nodes_mm
    farthest = np.linalg.norm(offsets_mm, axis=1)
    if farthest.max() > FARTHEST_MM:
        place = place_of(points_mm[farthest.argmax()])
        msg = (
            f"{surface.name}: the boundary of the mesh is {farthest.max():.1f} mm from the "
            f"surface at {place}; give the surface that the mesh was made from"
        )
        raise ValueError(msg)
    return on_surface, offsets_mm


def split_bridges(
    nodes_mm: NDArray[np.float64], tets: NDArray[np.int32]
) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """The mesh with an inner node at every tet that bridges the wall.

    A tet with four boundary nodes moves as the boundary does, and turns over with it. The longest
    of its edges through the inside is halved, together with every tet around that edge, until
    only tets with three faces on the boundary are left, which have no such edge.

    Examples
    --------
    >>> from cardiotwin.anatomy.shapes import box
    >>> nodes_mm, tets = box((1, 1, 1), 10.0)
    >>> [len(x) for x in split_bridges(nodes_mm, tets)]  # one edge goes through the inside
    [9, 12]
    """
    while True:
        edges, of_tet, slot = _bridges(nodes_mm, tets)
        if not len(edges):
            return nodes_mm, tets
        rows, (one, other) = np.flatnonzero(of_tet >= 0), _EDGES[slot[of_tet >= 0]].T
        middle = (len(nodes_mm) + of_tet[rows]).astype(np.int32)
        halves = tets[rows], tets[rows]
        for half, end in zip(halves, (one, other), strict=True):
            half[np.arange(len(rows)), end] = middle
        tets = np.concatenate([np.delete(tets, rows, axis=0), *halves])
        nodes_mm = np.concatenate([nodes_mm, nodes_mm[edges].mean(axis=1)])


def _bridges(
    nodes_mm: NDArray[np.float64], tets: NDArray[np.int32]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Edges (k, 2) to halve, no two at one tet; which of them each tet has, or -1; and its slot."""
    n, triangles = len(nodes_mm), boundary_triangles(tets)
    keys = _edge_keys(tets[:, _EDGES], n)
    outer = np.unique(_edge_keys(triangles[:, [[0, 1], [1, 2], [2, 0]]], n))
    bridging = np.isin(tets, triangles).all(axis=1)
    length = np.linalg.norm(np.diff(nodes_mm[tets[bridging][:, _EDGES]], axis=2), axis=(2, 3))
    length[np.isin(keys[bridging], outer)] = -1.0
    longest = keys[bridging, length.argmax(axis=1)][length.max(axis=1, initial=-1.0) > 0]
    # The longest first; of edges that share a tet, the first alone is halved in this pass.
    wanted = np.unique(longest)
    ends = np.stack(np.divmod(wanted, n), axis=1)
    order = np.argsort(-np.linalg.norm(nodes_mm[ends[:, 0]] - nodes_mm[ends[:, 1]], axis=1))
    rank = np.full(keys.shape, len(wanted))
    found = np.isin(keys, wanted)
    rank[found] = np.argsort(order)[np.searchsorted(wanted, keys[found])]
    slot = rank.argmin(axis=1)
    first = rank.min(axis=1)
    count = len(wanted) + 1
    alone = np.bincount(first, minlength=count) == np.bincount(rank[found], minlength=count)
    alone[-1] = False
    number = np.where(alone, alone.cumsum() - 1, -1)
    return ends[order][alone[:-1]], number[first], slot


def _edge_keys(edges: NDArray[np.int32], n: int) -> NDArray[np.int64]:
    """One number for each edge (..., 2), whichever way round it is."""
    edges = edges.astype(np.int64)
    return edges.min(axis=-1) * n + edges.max(axis=-1)
