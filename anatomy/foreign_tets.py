"""A heart from tetrahedra of somebody else: what is missing is built, what is wrong named."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from .build import build_heart
from .cavities import EPI, check_cavities
from .frame import unit
from .heart import SURFACES, Heart, check_mesh, place_of, tet_volumes
from .labelling import add_base, label_tet_boundary
from .surface import BASE, LabelledSurface
from .topology import boundary_triangles, face_pieces, triangle_keys

Surfaces = Mapping[str, NDArray[np.int32]]


def heart_of_tets(
    nodes_mm: NDArray[np.float64],
    tets: NDArray[np.int32],
    *,
    name: str,
    surfaces: Surfaces | None = None,
    fibres: NDArray[np.floating] | None = None,
    sheets: NDArray[np.floating] | None = None,
    electrodes_mm: NDArray[np.float64] | None = None,
) -> Heart:
    """Heart from the tetrahedra of two ventricles.

    Tets that are inside out are turned, unused nodes dropped. What is not given is made: labels
    from the shape of the wall, sheets and fibres by rule, electrodes from a template torso.

    Parameters
    ----------
    nodes_mm
        (n, 3) nodes in the axes of `Heart`.
    tets
        (m, 4) indices.
    name
        Name of the heart.
    surfaces
        Triangles, wound in any way, of `lv_endo` and `rv_endo` at least. Boundary triangles
        outside all that is given are base where epi is given, else epi or base by their shape.
    fibres, sheets
        (m, 3) per tetrahedron or (n, 3) per node; rows that are null or not finite are made.
    electrodes_mm
        (10, 3) in the order of `ELECTRODES`.

    Raises
    ------
    ValueError
        When the mesh is broken or in several pieces, or it is not sure which surface is which.
    """
    if not len(tets) or tets.min() < 0 or tets.max() >= len(nodes_mm):
        check_mesh(nodes_mm, tets, name)
    given = [_per_tet(axes, len(nodes_mm), tets, name) for axes in (fibres, sheets)]
    nodes_mm, tets, surfaces = _tidy(nodes_mm, tets, surfaces or {}, name)
    heart = build_heart(
        nodes_mm,
        tets,
        _labelled(nodes_mm, tets, surfaces, name),
        name=name,
        electrodes_mm=electrodes_mm,
    )
    return heart if fibres is None else _with_axes(heart, *given)


def average_axes(axes: NDArray[np.floating], tets: NDArray[np.int32]) -> NDArray[np.float64]:
    """(m, 3) Mean direction of the nodes' axes in each tet; an axis has no head and no tail.

    It is the eigenvector of the mean of a a' with the largest eigenvalue.
    """
    corners = axes[tets].astype(float)
    moments = np.einsum("mik,mil->mkl", corners, corners)
    return np.linalg.eigh(moments)[1][:, :, 2]


def _tidy(
    nodes_mm: NDArray[np.float64], tets: NDArray[np.int32], surfaces: Surfaces, name: str
) -> tuple[NDArray[np.float64], NDArray[np.int32], dict[str, NDArray[np.int32]]]:
    """Nodes that are used, tets turned right side out, surfaces numbered alike."""
    used = np.unique(tets)
    number = np.full(len(nodes_mm), -1, np.int32)
    number[used] = np.arange(len(used), dtype=np.int32)
    stray = [s for s, t in surfaces.items() if len(t) and (number[t] < 0).any()]
    if stray:
        msg = f"{name}: {stray[0]} has nodes that belong to no tetrahedron; it is of another mesh"
        raise ValueError(msg)
    nodes_mm, tets = nodes_mm[used], number[tets]
    inverted = tet_volumes(nodes_mm, tets) < 0
    tets = np.where(inverted[:, None], tets[:, [0, 2, 1, 3]], tets)
    check_mesh(nodes_mm, tets, name)
    pieces = np.bincount(face_pieces(tets))
    if len(pieces) > 1:
        least = int(pieces.argmin())
        place = place_of(nodes_mm[tets[face_pieces(tets) == least]].mean(axis=(0, 1)))
        msg = (
            f"{name}: is in {len(pieces)} pieces, the least of {pieces[least]} tets at {place}; "
            "keep the ventricles only"
        )
        raise ValueError(msg)
    return nodes_mm, tets, {s: number[t] for s, t in surfaces.items() if len(t)}


def _labelled(
    nodes_mm: NDArray[np.float64], tets: NDArray[np.int32], surfaces: Surfaces, name: str
) -> dict[str, NDArray[np.int32]]:
    """The boundary under the names of `SURFACES`."""
    if not {"lv_endo", "rv_endo"} <= surfaces.keys():
        return label_tet_boundary(nodes_mm, tets, name=name)
    boundary = boundary_triangles(tets)
    labels = np.full(len(boundary), BASE if "epi" in surfaces else EPI, np.int8)
    keys = triangle_keys(boundary, len(nodes_mm))
    for label, surface in enumerate(SURFACES):
        if surface in surfaces:
            labels[np.isin(keys, triangle_keys(surfaces[surface], len(nodes_mm)))] = label
    if not {"epi", "base"} & surfaces.keys():
        add_base(labels, nodes_mm, boundary)
    if len(np.unique(labels)) == len(SURFACES):
        wall = LabelledSurface(name=name, nodes_mm=nodes_mm, triangles=boundary, labels=labels)
        check_cavities(wall)
    return {surface: boundary[labels == i] for i, surface in enumerate(SURFACES)}


def _with_axes(heart: Heart, fibres: NDArray[np.float64], sheets: NDArray[np.float64]) -> Heart:
    """The heart with given unit axes (m, 3) instead of its own, where they are not null."""
    fibres = np.where(fibres.any(axis=1, keepdims=True), fibres, heart.fibres)
    for candidate in (heart.sheets, heart.fibres):  # one of the two is not along the fibre
        across = sheets - np.einsum("ij,ij->i", sheets, fibres)[:, None] * fibres
        lost = np.linalg.norm(across, axis=1, keepdims=True) < 0.1
        sheets = np.where(lost, candidate, sheets)
    across = sheets - np.einsum("ij,ij->i", sheets, fibres)[:, None] * fibres
    return replace(heart, fibres=fibres.astype(np.float32), sheets=unit(across).astype(np.float32))


def _per_tet(
    axes: NDArray[np.floating] | None, n: int, tets: NDArray[np.int32], name: str
) -> NDArray[np.float64]:
    """(m, 3) Unit axes from those at tets or at nodes; null where there are none."""
    m = len(tets)
    if axes is None:
        return np.zeros((m, 3))
    if axes.shape not in ((m, 3), (n, 3)):
        msg = f"{name}: fibres have shape {axes.shape}, which fits neither {m} tets nor {n} nodes"
        raise ValueError(msg)
    finite = (np.abs(axes) < 1e9).all(axis=1, keepdims=True)
    axes = unit(np.where(finite, axes, 0).astype(np.float64))
    if len(axes) == m:
        return axes
    known: NDArray[np.bool_] = (axes[tets] != 0).any(axis=(1, 2))
    return np.where(known[:, None], average_axes(axes, tets), 0.0)
