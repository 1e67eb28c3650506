"""The left atrium: a surface with openings, parts and fibres, beside `Heart`."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .heart import check_size, place_of
from .loops import boundary_loops, capped_volume_mm3, repair_winding
from .surface import areas_mm2, normals_mm2

#: Meaning of `Surface.tags`: body, left appendage, inferior and superior veins left and right.
ATRIAL_PARTS = ("body", "laa", "lipv", "lspv", "ripv", "rspv")
#: Names of openings. A vein may have several: `lipv`, `lipv_2`.
MITRAL = "mitral"
#: Extent of a left atrium, veins included, from a child's to a much enlarged one.
EXTENTS_MM = (30.0, 200.0)


@dataclass(frozen=True, eq=False, kw_only=True)
class Surface:
    """A left atrium, ready to be simulated: one sheet of triangles with openings.

    Attributes
    ----------
    name : str
        Short name, used in messages and captions.
    nodes_mm : (n, 3) float64
    triangles : (k, 3) int32
        Wound outward from the blood.
    tags : (k,) int8
        Part of each triangle, an index into `ATRIAL_PARTS`; 0 where nothing else is known.
    openings : mapping of str to (b,) int32
        Nodes in order around `mitral` and around each vein (`lipv`, `lspv`, `ripv`, `rspv`);
        `laa` where the appendage is cut off. Every opening has one name.
    fibres : (k, 3) float32
        Unit vectors in the plane of each triangle.

    Raises
    ------
    ValueError
        When an array has the wrong shape, an index is out of range, a coordinate is not finite,
        the size is not that of an atrium in millimetres, a triangle is flat, the sheet is torn,
        doubled or in pieces, or the openings are not those of the triangles.
    """

    name: str
    nodes_mm: NDArray[np.float64]
    triangles: NDArray[np.int32]
    tags: NDArray[np.int8]
    openings: Mapping[str, NDArray[np.int32]]
    fibres: NDArray[np.float32]

    def __post_init__(self) -> None:
        check_triangles(self.nodes_mm, self.triangles, self.name)
        k = len(self.triangles)
        for field, shape in (("tags", (k,)), ("fibres", (k, 3))):
            got = getattr(self, field).shape
            if got != shape:
                msg = f"{self.name}: {field} must have shape {shape}, got {got}"
                raise ValueError(msg)
        wound = repair_winding(self.nodes_mm, self.triangles, self.name)
        if not np.array_equal(wound, self.triangles):
            msg = f"{self.name}: triangles are not wound outward; make it with build_atrium"
            raise ValueError(msg)
        self._check_values()

    def _check_values(self) -> None:
        if self.tags.min() < 0 or self.tags.max() >= len(ATRIAL_PARTS):
            wrong = self.tags[(self.tags < 0) | (self.tags >= len(ATRIAL_PARTS))][0]
            parts = ", ".join(f"{i} {part}" for i, part in enumerate(ATRIAL_PARTS))
            msg = f"{self.name}: tag {wrong} has no meaning; tags are {parts}"
            raise ValueError(msg)
        named = [set(nodes.tolist()) for nodes in self.openings.values()]
        found = [set(loop.tolist()) for loop in boundary_loops(self.triangles)]
        if sorted(map(sorted, named)) != sorted(map(sorted, found)):
            msg = (
                f"{self.name}: has {len(found)} openings, but `openings` names {len(named)} "
                "that are not all the same; make it with build_atrium"
            )
            raise ValueError(msg)
        with np.errstate(over="ignore", invalid="ignore"):  # they may be anything
            length = np.linalg.norm(self.fibres, axis=1)
            aslant = np.abs(np.einsum("ki,ki->k", self.fibres, self.normals))
        wrong = np.flatnonzero(~((np.abs(length - 1) < 1e-3) & (aslant < 1e-3)))
        if wrong.size:
            place = place_of(self.nodes_mm[self.triangles[wrong[0]]].mean(axis=0))
            msg = (
                f"{self.name}: {wrong.size} fibres are not unit vectors in their triangle, the "
                f"first at {place}; use atrial_fibres"
            )
            raise ValueError(msg)

    @cached_property
    def areas_mm2(self) -> NDArray[np.float64]:
        """(k,) Area of each triangle."""
        return areas_mm2(self.nodes_mm, self.triangles)

    @cached_property
    def normals(self) -> NDArray[np.float64]:
        """(k, 3) Outward unit normal of each triangle."""
        normals = normals_mm2(self.nodes_mm, self.triangles)
        return normals / np.linalg.norm(normals, axis=1, keepdims=True)

    @cached_property
    def area_cm2(self) -> float:
        """Area of the whole sheet, veins and appendage included, openings not."""
        return float(self.areas_mm2.sum() / 100)

    @cached_property
    def volume_ml(self) -> float:
        """Volume within the sheet and flat fans over its openings."""
        return capped_volume_mm3(self.nodes_mm, self.triangles) / 1000

    def perimeter_mm(self, opening: str) -> float:
        """Length of the rim of a named opening."""
        rim_mm = self.nodes_mm[self.openings[opening]]
        return float(np.linalg.norm(rim_mm - np.roll(rim_mm, -1, axis=0), axis=1).sum())


def check_triangles(nodes_mm: NDArray[np.float64], triangles: NDArray[np.int32], name: str) -> None:
    """Raise a one-line `ValueError` on shapes, values, size in mm and flat triangles."""
    for field, values in (("nodes_mm", nodes_mm), ("triangles", triangles)):
        if values.ndim != 2 or values.shape[1] != 3 or len(values) == 0:
            msg = f"{name}: {field} must have shape (n, 3), got {values.shape}"
            raise ValueError(msg)
    if triangles.min() < 0 or triangles.max() >= len(nodes_mm):
        low, high = triangles.min(), triangles.max()
        msg = f"{name}: triangles name nodes {low} to {high}, but there are {len(nodes_mm)}"
        raise ValueError(msg)
    bad = np.flatnonzero(~(np.abs(nodes_mm) < 1e9).all(axis=1))  # squares must not overflow
    if bad.size:
        msg = f"{name}: {bad.size} nodes are not finite or far off, the first is node {bad[0]}"
        raise ValueError(msg)
    idle = np.flatnonzero(np.bincount(triangles.ravel(), minlength=len(nodes_mm)) == 0)
    if idle.size:
        msg = f"{name}: {idle.size} nodes belong to no triangle, first node {idle[0]}; drop them"
        raise ValueError(msg)
    check_size(nodes_mm, name, what="a left atrium is", extents_mm=EXTENTS_MM)
    flat = np.flatnonzero(areas_mm2(nodes_mm, triangles) < 1e-9)
    if flat.size:
        place = place_of(nodes_mm[triangles[flat[0]]].mean(axis=0))
        msg = f"{name}: {flat.size} triangles are flat, the first at {place}; merge their nodes"
        raise ValueError(msg)
