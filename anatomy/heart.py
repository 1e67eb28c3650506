"""The one geometry type that every other folder shares."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

#: Order of the rows of `Heart.electrodes_mm`.
ELECTRODES = ("LA", "RA", "LL", "RL", "V1", "V2", "V3", "V4", "V5", "V6")
#: Names every `Heart.surfaces` has.
SURFACES = ("lv_endo", "rv_endo", "epi", "base")
#: Size of two ventricles along the longest axis of the frame, from a child's to the largest.
EXTENTS_MM = (40.0, 300.0)


@dataclass(frozen=True, eq=False, kw_only=True)
class VentricularCoordinates:
    """Where each node lies in the ventricles, in numbers that mean the same on every heart.

    Attributes
    ----------
    apicobasal : (n,) float64
        0 at the tip of the left ventricle, 1 at the base: of the way along the wall, the
        share that lies behind. The right ventricle begins where it leaves the septum.
    transmural : (n,) float64
        0 on the endocardium, 1 on the epicardium, linear in the depth. The right side of the
        septum counts as an outer surface of the left ventricle, so it is 1 there too.
    rotational : (n,) float64
        Way round the left ventricle, -pi to pi: 0 in the middle of the septum, pi/3 at the
        anterior and -pi/3 at the inferior insertion of the right ventricle, +-pi in the middle
        of the free wall. The free wall of the right ventricle runs from -pi/3 to pi/3 too.
    transventricular : (n,) float64
        0 in the left ventricle (the septum included), 1 in the right.
    """

    apicobasal: NDArray[np.float64]
    transmural: NDArray[np.float64]
    rotational: NDArray[np.float64]
    transventricular: NDArray[np.float64]

    def __post_init__(self) -> None:
        sizes = {f.name: getattr(self, f.name).shape for f in fields(self)}
        if len(set(sizes.values())) != 1:
            msg = f"coordinates must have one value a node each, got shapes {sizes}"
            raise ValueError(msg)
        for name in sizes:
            if not np.isfinite(getattr(self, name)).all():
                msg = f"coordinates.{name} holds values that are not finite"
                raise ValueError(msg)


@dataclass(frozen=True, eq=False, kw_only=True)
class Heart:
    """Two ventricles, ready to be simulated. Axes: x to the left, y to the back, z to the head.

    Attributes
    ----------
    name : str
        Short name, used in cohorts and captions.
    nodes_mm : (n, 3) float64
    tets : (m, 4) int32
        Positively oriented.
    fibres, sheets : (m, 3) float32
        Unit vectors per tetrahedron, orthogonal to each other.
    coordinates : VentricularCoordinates
    segments : (n,) int8
        AHA segment 1..17 in the left ventricle, 0 elsewhere.
    surfaces : mapping of str to (k, 3) int32
        Triangles of the boundary, outward: `lv_endo`, `rv_endo`, `epi`, `base`.
    electrodes_mm : (10, 3) float64
        In the order of `ELECTRODES`.

    Raises
    ------
    ValueError
        When an array has the wrong shape, a node index is out of range, a coordinate is not
        finite, a tetrahedron is inverted, or the size is not that of a heart in millimetres.
    """

    name: str
    nodes_mm: NDArray[np.float64]
    tets: NDArray[np.int32]
    fibres: NDArray[np.float32]
    sheets: NDArray[np.float32]
    coordinates: VentricularCoordinates
    segments: NDArray[np.int8]
    surfaces: Mapping[str, NDArray[np.int32]]
    electrodes_mm: NDArray[np.float64]

    def __post_init__(self) -> None:
        check_mesh(self.nodes_mm, self.tets, self.name)
        n, m = len(self.nodes_mm), len(self.tets)
        expected = {
            "fibres": (m, 3),
            "sheets": (m, 3),
            "segments": (n,),
            "electrodes_mm": (len(ELECTRODES), 3),
        }
        for field, shape in expected.items():
            if getattr(self, field).shape != shape:
                got = getattr(self, field).shape
                msg = f"{self.name}: {field} must have shape {shape}, got {got}"
                raise ValueError(msg)
        if self.coordinates.apicobasal.shape != (n,):
            got = len(self.coordinates.apicobasal)
            msg = f"{self.name}: coordinates have {got} values for {n} nodes"
            raise ValueError(msg)
        missing = [s for s in SURFACES if s not in self.surfaces]
        if missing:
            wanted = ", ".join(SURFACES)
            msg = f"{self.name}: surfaces lack {', '.join(missing)}; a heart needs {wanted}"
            raise ValueError(msg)

    @cached_property
    def centres_mm(self) -> NDArray[np.float64]:
        """(m, 3) Middle of each tetrahedron."""
        return self.nodes_mm[self.tets].mean(axis=1)

    @cached_property
    def tet_volumes_mm3(self) -> NDArray[np.float64]:
        """(m,) Volume of each tetrahedron."""
        return tet_volumes(self.nodes_mm, self.tets)

    @cached_property
    def node_volumes_mm3(self) -> NDArray[np.float64]:
        """(n,) A quarter of the volume of every tetrahedron around each node."""
        share = np.repeat(self.tet_volumes_mm3 / 4, 4)
        volumes = np.bincount(self.tets.ravel(), share, minlength=len(self.nodes_mm))
        return volumes.astype(np.float64, copy=False)

    @cached_property
    def is_lv(self) -> NDArray[np.bool_]:
        """(n,) Nodes of the left ventricle, the septum included."""
        return self.coordinates.transventricular < 0.5


def tet_volumes(nodes_mm: NDArray[np.float64], tets: NDArray[np.int32]) -> NDArray[np.float64]:
    """(m,) Signed volume of each tetrahedron, positive when its nodes follow the right hand."""
    # By component: np.cross and einsum over rows of three take nearly three times as long.
    a, b, c, d = np.ascontiguousarray(tets.T)
    (ux, vx, wx), (uy, vy, wy), (uz, vz, wz) = (
        (x[b] - x[a], x[c] - x[a], x[d] - x[a]) for x in np.ascontiguousarray(nodes_mm.T)
    )
    return ((uy * vz - uz * vy) * wx + (uz * vx - ux * vz) * wy + (ux * vy - uy * vx) * wz) / 6


def check_mesh(nodes_mm: NDArray[np.float64], tets: NDArray[np.int32], name: str) -> None:
    """Raise a one-line `ValueError` that says what is wrong with a mesh, if anything is."""
    if nodes_mm.ndim != 2 or nodes_mm.shape[1] != 3 or len(nodes_mm) == 0:
        msg = f"{name}: nodes_mm must have shape (n, 3), got {nodes_mm.shape}"
        raise ValueError(msg)
    if tets.ndim != 2 or tets.shape[1] != 4 or len(tets) == 0:
        msg = f"{name}: tets must have shape (m, 4), got {tets.shape}"
        raise ValueError(msg)
    bad = np.flatnonzero(~np.isfinite(nodes_mm).all(axis=1))
    if bad.size:
        msg = f"{name}: {bad.size} nodes are not finite (NaN or inf), the first is node {bad[0]}"
        raise ValueError(msg)
    wrong = tets[(tets < 0) | (tets >= len(nodes_mm))]
    if wrong.size:
        msg = f"{name}: tets name node {wrong[0]}, but nodes run from 0 to {len(nodes_mm) - 1}"
        raise ValueError(msg)
    idle = np.flatnonzero(np.bincount(tets.ravel(), minlength=len(nodes_mm)) == 0)
    if idle.size:
        msg = f"{name}: {idle.size} nodes belong to no tet, the first is node {idle[0]}; drop them"
        raise ValueError(msg)
    check_size(nodes_mm, name)
    inverted = np.flatnonzero(tet_volumes(nodes_mm, tets) <= 0)
    if inverted.size:
        place = place_of(nodes_mm[tets[inverted[0]]].mean(axis=0))
        msg = (
            f"{name}: {inverted.size} of {len(tets)} tetrahedra are inverted or flat, the first is "
            f"tet {inverted[0]} at {place}; swap two of its nodes or remesh"
        )
        raise ValueError(msg)


def place_of(point_mm: NDArray[np.float64]) -> str:
    """A point (3,) as messages give it.

    Examples
    --------
    >>> place_of(np.array([1.0, -20.06, 3.3]))
    '(1.0, -20.1, 3.3) mm'
    """
    return "({:.1f}, {:.1f}, {:.1f}) mm".format(*point_mm)


def check_size(
    nodes_mm: NDArray[np.float64],
    name: str,
    *,
    what: str = "two ventricles are",
    extents_mm: tuple[float, float] = EXTENTS_MM,
) -> None:
    """Raise when a mesh is not the size of a heart in mm; name the unit it seems to be in."""
    low, high = extents_mm
    extent = float(np.ptp(nodes_mm, axis=0).max())
    if low <= extent <= high:
        return
    for unit, factor in (("metres", 1e3), ("centimetres", 10.0), ("micrometres", 1e-3)):
        if low <= extent * factor <= high:
            msg = f"{name}: is {extent:.4g} mm across; it looks like {unit}, multiply by {factor:g}"
            raise ValueError(msg)
    msg = f"{name}: is {extent:.4g} mm across; {what} {low:g} to {high:g} mm"
    raise ValueError(msg)
