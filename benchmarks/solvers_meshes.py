"""Left ventricles for the eikonal benchmarks: those of `meshes_bench`, or made as it says."""

import os
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
from slice_waves import SPEEDS_MM_PER_MS

from cardiotwin.sim.eikonal import tet_metric

#: Edge lengths in mm of the meshes with 46, 194 and 1,000 thousand tetrahedra.
EDGES_MM = {"50k": 2.26, "200k": 1.45, "1m": 0.84}
#: Semi-axes in mm: across and along; the wall lies between.
ENDOCARDIUM, EPICARDIUM = np.array([20.0, 20.0, 50.0]), np.array([30.0, 30.0, 60.0])
#: Polar angle from the apex at which the base is cut, degrees.
BASE_DEGREES = 100.0
#: Between rings, in edges; those of odd number are turned by half an edge.
RING_GAP = 0.9


class Ventricle(NamedTuple):
    """A truncated ellipsoid with fibres, and where its wave starts."""

    nodes_mm: np.ndarray
    tets: np.ndarray
    fibres: np.ndarray
    sheets: np.ndarray
    start: int

    @property
    def metric(self) -> np.ndarray:
        """(m, 6) Squared times along edges."""
        return tet_metric(self.nodes_mm, self.tets, self.fibres, self.sheets, SPEEDS_MM_PER_MS)

    @property
    def tensors(self) -> np.ndarray:
        """(m, 3, 3) D in mm2/ms2, as fim-python takes it."""
        normals = np.cross(self.fibres, self.sheets)
        axes = np.stack([self.fibres, self.sheets, normals], axis=2)
        return np.einsum("mik,k,mjk->mij", axes, SPEEDS_MM_PER_MS**2, axes)


def rings(edge_mm: float) -> tuple[np.ndarray, np.ndarray]:
    """Directions (p, 3) from the apex to the base, ring by ring, and triangles between them."""
    arc = np.radians(np.linspace(0, BASE_DEGREES, 2000))
    across, along = (ENDOCARDIUM + EPICARDIUM)[[0, 2]] / 2
    speed = np.hypot(across * np.cos(arc), along * np.sin(arc))
    length_mm = np.concatenate([[0], np.cumsum(np.diff(arc) * (speed[1:] + speed[:-1]) / 2)])
    count = round(length_mm[-1] / (RING_GAP * edge_mm))
    polar = np.interp(np.linspace(0, length_mm[-1], count + 1), length_mm, arc)
    around_mm = 2 * np.pi * across * np.sin(polar[1:])
    sizes = [1, *np.maximum(6, np.rint(around_mm / edge_mm)).astype(int).tolist()]
    starts = np.cumsum([0, *sizes])
    turns = [2 * np.pi * (np.arange(n) + k % 2 / 2) / n for k, n in enumerate(sizes)]
    directions = np.concatenate(
        [
            np.column_stack(
                [np.sin(t) * np.cos(a), np.sin(t) * np.sin(a), np.full_like(a, -np.cos(t))]
            )
            for t, a in zip(polar, turns, strict=True)
        ]
    )
    triangles = []
    for k, (inner, outer) in enumerate(pairwise(sizes)):
        i = j = 0
        while i < (inner if inner > 1 else 0) or j < outer:
            here, there = starts[k] + i % inner, starts[k + 1] + j % outer
            ahead, beyond = (i + 1 + k % 2 / 2) / inner, (j + 1 + (k + 1) % 2 / 2) / outer
            if j < outer and (inner == 1 or i == inner or beyond <= ahead):
                triangles.append([here, there, starts[k + 1] + (j + 1) % outer])
                j += 1
            else:
                triangles.append([here, there, starts[k] + (i + 1) % inner])
                i += 1
    return directions, np.array(triangles)


@cache
def ventricle(name: str) -> Ventricle:
    """The mesh of this name from `meshes_bench` when it is at hand, else one made like it."""
    file = Path(os.environ.get("CARDIOTWIN_DATA", "")) / "meshes_bench" / f"lv_{name}.npz"
    return read(file) if file.is_file() else build(EDGES_MM[name])


def read(file: Path) -> Ventricle:
    """A mesh of `meshes_bench`; its sheets are the second axes of its tensors."""
    arrays = np.load(file)
    tensors = arrays["D"].astype(float)[:, [0, 1, 2, 1, 3, 4, 2, 4, 5]].reshape(-1, 3, 3)
    axes = np.linalg.eigh(tensors)[1]
    return Ventricle(
        arrays["points_mm"].astype(float),
        arrays["tets"],
        axes[:, :, 2].copy(),
        axes[:, :, 1].copy(),
        int(arrays["stim_node"][0]),
    )


def build(edge_mm: float) -> Ventricle:
    """A mesh as `meshes_bench` describes it; every prism is cut by node order."""
    directions, triangles = rings(edge_mm)
    layers, p = max(2, round(10 / edge_mm)), len(directions)
    depth = np.linspace(0, 1, layers + 1)[:, None, None]
    nodes_mm = (((1 - depth) * ENDOCARDIUM + depth * EPICARDIUM) * directions).reshape(-1, 3)
    a, b, c = np.sort(triangles, axis=1).T
    prism = np.concatenate(
        [
            np.column_stack([a, b, c, c + p]),
            np.column_stack([a, b, b + p, c + p]),
            np.column_stack([a, a + p, b + p, c + p]),
        ]
    )
    tets = np.concatenate([prism + layer * p for layer in range(layers)])
    middle = (directions[prism % p]).mean(axis=1)
    middle = np.tile(middle, (layers, 1))
    outward = middle / (ENDOCARDIUM + EPICARDIUM)
    outward /= np.linalg.norm(outward, axis=1, keepdims=True)
    around = np.column_stack([-middle[:, 1], middle[:, 0], np.zeros(len(middle))])
    around /= np.maximum(np.linalg.norm(around, axis=1, keepdims=True), 1e-12)
    around[~around.any(axis=1)] = [1.0, 0.0, 0.0]
    level = (tets // p).mean(axis=1) / layers
    angle = np.radians(60 - 120 * level)[:, None]
    fibres = np.cos(angle) * around + np.sin(angle) * np.cross(outward, around)
    start = int(np.argmin(np.linalg.norm(nodes_mm - [17.2, 0.0, -25.6], axis=1)))
    return Ventricle(nodes_mm, tets.astype(np.int32), fibres, outward, start)
