"""Figures of isosurface stuffing on real surfaces, beside pytetwild, gmsh and tetgen if installed.

`tetrahedralise` is timed whole, in CPU seconds; numba compiles beforehand. A rival is given the
mean edge of our mesh of 50,000 nodes.
"""

import importlib.util
import time
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from anatomy_meshing_surfaces import SURFACES, load
from numpy.typing import NDArray

from cardiotwin.anatomy.quality import mesh_quality, scaled_jacobians
from cardiotwin.anatomy.stuffing import tetrahedralise
from cardiotwin.anatomy.surface import LabelledSurface
from cardiotwin.anatomy.surface_fit import fit_to_surface
from cardiotwin.anatomy.tetwild import tetrahedralise_tetwild
from cardiotwin.anatomy.topology import boundary_triangles, euler_number

SIZES = {"50k": 50_000, "200k": 200_000}
#: Least and largest that the worst figure over all surfaces may be.
BOUNDS = {
    "stuffing_50k_cpu_s": (None, 10.0),
    "stuffing_200k_cpu_s": (None, 40.0),
    "stuffing_min_sj": (0.10, None),
    "stuffing_volume_pct": (None, 0.5),
    "stuffing_p99_edges": (None, 0.5),
    "stuffing_components": (1, 1),
}
Mesh = tuple[NDArray[np.float64], NDArray[np.int32]]


@cache
def surface(key: str) -> LabelledSurface | None:
    """One of the surfaces; None when its data are not at hand."""
    return load(key)


@cache
def stuffed(key: str, size: str) -> dict[str, Any]:
    """Figures of one surface at one size, None each without its data."""
    names = (
        "nodes",
        "cpu_s",
        "sj",
        "volume_pct",
        "p99_edges",
        "components",
        "manifold",
        "euler_ok",
    )
    prefix = f"stuffing_{key}_{size}_"
    wall = surface(key)
    if wall is None:
        return {prefix + name: None for name in names}
    tetrahedralise(wall, nodes=1_000)
    start = time.process_time()
    mesh = tetrahedralise(wall, nodes=SIZES[size])
    cpu_s = time.process_time() - start
    quality = mesh_quality(*mesh, surface=wall)
    euler_ok = quality.boundary_euler_number == euler_number(wall.triangles)
    found = (
        quality.nodes,
        round(cpu_s, 2),
        round(quality.min_scaled_jacobian, 4),
        round(quality.fit.volume_error_percent, 3),
        round(quality.fit.distance_p99_mm / quality.mean_edge_mm, 3),
        quality.pieces,
        quality.boundary_is_manifold,
        euler_ok,
    )
    return {prefix + name: value for name, value in zip(names, found, strict=True)}


def worst(cases: list[tuple[str, str]]) -> dict[str, Any]:
    """Figures of each case, and the worst of each over those that could be run."""
    figures: dict[str, Any] = {}
    for case in cases:
        figures |= stuffed(*case)

    def over(ending: str, pick: Callable[[list[float]], float]) -> float | None:
        values = [abs(v) for k, v in figures.items() if k.endswith(ending) and v is not None]
        return pick(values) if values else None

    return figures | {
        "stuffing_50k_cpu_s": over("_50k_cpu_s", max),
        "stuffing_200k_cpu_s": over("_200k_cpu_s", max),
        "stuffing_min_sj": over("_sj", min),
        "stuffing_volume_pct": over("_volume_pct", max),
        "stuffing_p99_edges": over("_p99_edges", max),
        "stuffing_components": over("_components", max),
    }


def quick() -> dict[str, Any]:
    """The fit of one patient at 50,000 nodes."""
    return worst([("bivme", "50k")])


def full() -> dict[str, Any]:
    """Every surface at both sizes."""
    return worst([(key, size) for key in SURFACES for size in SIZES])


def rivals(keys: tuple[str, ...] = tuple(SURFACES)) -> dict[str, Any]:
    """The same surfaces by others, at the mean edge of our 50,000 nodes; minutes each."""
    figures: dict[str, Any] = {}
    for key in keys:
        wall = surface(key)
        if wall is None:
            continue
        edge_mm = mesh_quality(*tetrahedralise(wall, nodes=SIZES["50k"])).mean_edge_mm
        for name, mesher in RIVALS.items():
            if importlib.util.find_spec(name) is not None:
                figures |= rival(f"{name}_{key}_50k_", mesher, wall, edge_mm)
    return figures


def rival(
    prefix: str,
    mesher: Callable[[LabelledSurface, float], Mesh],
    wall: LabelledSurface,
    edge: float,
) -> dict[str, Any]:
    """Figures of a mesher on one surface; the words of its error where it fails."""
    start = time.process_time()
    try:
        nodes_mm, tets = mesher(wall, edge)
    except Exception as error:  # a rival may fail in any way, which is a result
        return {prefix + "error": str(error)[:100]}
    cpu_s = time.process_time() - start
    fit = fit_to_surface(nodes_mm, tets, wall)
    return {
        prefix + "nodes": len(nodes_mm),
        prefix + "cpu_s": round(cpu_s, 1),
        prefix + "sj": round(float(scaled_jacobians(nodes_mm, tets).min()), 4),
        prefix + "volume_pct": round(fit.volume_error_percent, 3),
        prefix + "p99_edges": round(fit.distance_p99_mm / edge, 3),
        prefix + "euler_ok": euler_number(boundary_triangles(tets)) == euler_number(wall.triangles),
    }


def _tetwild(wall: LabelledSurface, edge_mm: float) -> Mesh:
    return tetrahedralise_tetwild(wall, edge_mm=edge_mm)[:2]


def _tetgen(wall: LabelledSurface, edge_mm: float) -> Mesh:
    import tetgen

    mesher = tetgen.TetGen(wall.nodes_mm, wall.triangles)
    nodes_mm, tets = mesher.tetrahedralize(
        order=1, minratio=1.5, mindihedral=10, maxvolume=edge_mm**3 / (6 * np.sqrt(2))
    )[:2]
    return np.asarray(nodes_mm, np.float64), np.asarray(tets, np.int32)


def _gmsh(wall: LabelledSurface, edge_mm: float) -> Mesh:
    import gmsh

    gmsh.initialize()
    try:
        gmsh.option.setNumber("General.Terminal", 0)
        gmsh.option.setNumber("Mesh.MeshSizeMax", edge_mm)
        sheet = gmsh.model.addDiscreteEntity(2)
        gmsh.model.mesh.addNodes(
            2, sheet, np.arange(1, len(wall.nodes_mm) + 1), wall.nodes_mm.ravel()
        )
        gmsh.model.mesh.addElementsByType(sheet, 2, [], wall.triangles.ravel() + 1)
        gmsh.model.mesh.createGeometry()
        gmsh.model.geo.addVolume([gmsh.model.geo.addSurfaceLoop([sheet])])
        gmsh.model.geo.synchronize()
        gmsh.model.mesh.generate(3)
        tags, places_mm, _ = gmsh.model.mesh.getNodes()
        corners = gmsh.model.mesh.getElementsByType(4)[1].reshape(-1, 4)
    finally:
        gmsh.finalize()
    row = np.zeros(int(tags.max()) + 1, np.int32)
    row[tags] = np.arange(len(tags))
    used, tets = np.unique(row[corners], return_inverse=True)
    return places_mm.reshape(-1, 3)[used], tets.reshape(-1, 4).astype(np.int32)


#: By the name of the package; only those that are installed run.
RIVALS: dict[str, Callable[[LabelledSurface, float], Mesh]] = {
    "pytetwild": _tetwild,
    "gmsh": _gmsh,
    "tetgen": _tetgen,
}
