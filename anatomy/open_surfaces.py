"""One closed wall from separate open surfaces that meet in their rims."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from .cavities import mouths
from .heart import SURFACES, place_of
from .mesh_readers import FORMATS, in_millimetres, read_mesh_file
from .plane import fill_plane
from .repair import is_open
from .surface import BASE, LabelledSurface
from .surface_files import finish_surface
from .surface_names import surface_named
from .topology import components, shared_edges

#: Rim points of different surfaces count as one within this share of the median rim edge.
RIM_TOLERANCE = 0.25
#: A missing base is closed only if the rims leave their common plane by less than this.
FLAT_MM = 5.0


def read_open_surfaces(
    source: str | Path | Mapping[str, str | Path], *, units: str | float | None = None
) -> LabelledSurface:
    """Closed surface of the wall from files of its parts: endocardia, epicardium and base.

    Points on the rims of two parts become one when they lie within a quarter of the median edge
    of the rims (`RIM_TOLERANCE`). Without a base, the rims are closed by a flat one, if they lie
    within 5 mm of one plane.

    Parameters
    ----------
    source
        A folder of .vtp, .vtk, .ply, .stl or .obj files whose names say what they are, as in
        Cobiveco (`epi`, `endo_lv`, `endo_rv`, `base`) or alike (`LVendo`, `case1_epi`); a septum
        counts as rv_endo, files of other names are left alone. Or a mapping from `lv_endo`,
        `rv_endo`, `epi`, `base` to files.
    units
        `mm`, `cm`, `m`, `um`, or the millimetres in one unit; mm without.

    Returns
    -------
    surface : LabelledSurface
        Closed, outward, one body.

    Raises
    ------
    OSError
        When a file or the folder is missing.
    ValueError
        When a part is missing or damaged, or the rims do not meet; one line with the place.

    Warns
    -----
    UserWarning
        When the surface crosses itself.
    """
    name, parts = _parts(source)
    missing = [s for s in SURFACES if s != "base" and s not in {part for part, _ in parts}]
    if missing:
        msg = (
            f"{name}: no file of {', '.join(missing)}; name the files lv_endo, rv_endo, epi and "
            "base, or give a mapping from these names to files"
        )
        raise ValueError(msg)
    surface = _join(name, parts, units)
    if "base" not in {part for part, _ in parts}:
        surface = close_base(surface)
    if is_open(surface):
        edges = shared_edges(surface.triangles)
        place = place_of(surface.nodes_mm[edges[0]].mean(axis=0))
        msg = (
            f"{name}: the rims of the surfaces do not meet along {len(edges)} edges, the first "
            f"at {place}; give the rims the same points"
        )
        raise ValueError(msg)
    return finish_surface(surface, labelled=True)


def _parts(source: str | Path | Mapping[str, str | Path]) -> tuple[str, list[tuple[str, Path]]]:
    """A name for messages, and the surface and path of each file."""
    if isinstance(source, Mapping):
        wrong = [s for s in source if s not in SURFACES]
        if wrong:
            msg = f"surfaces are named {', '.join(SURFACES)}, got {wrong[0]!r}"
            raise ValueError(msg)
        parts = [(s, Path(path)) for s, path in source.items()]
        return ", ".join(path.name for _, path in parts), parts
    folder = Path(source)
    if not folder.is_dir():
        msg = f"no such folder: {folder}"
        raise FileNotFoundError(msg)
    files = sorted(p for p in folder.iterdir() if p.suffix.lower() in FORMATS)
    named = [(surface_named(path.stem), path) for path in files]
    return folder.name, [(surface, path) for surface, path in named if surface is not None]


def _join(name: str, parts: list[tuple[str, Path]], units: str | float | None) -> LabelledSurface:
    """All triangles in one surface, equal points within a part and rims between parts merged."""
    nodes: list[NDArray[np.float64]] = []
    triangles, labels, owners = [], [], []
    for number, (surface, path) in enumerate(parts):
        mesh = read_mesh_file(path)
        if not len(mesh.triangles):
            msg = f"{path.name} has no triangles"
            raise ValueError(msg)
        points, index = np.unique(mesh.points[mesh.triangles.ravel()], axis=0, return_inverse=True)
        triangles.append(index.reshape(-1, 3) + sum(len(part) for part in nodes))
        nodes.append(points)
        labels.append(np.full(len(mesh.triangles), SURFACES.index(surface), np.int8))
        owners.append(np.full(len(points), number))
    joined = LabelledSurface(
        name=name,
        nodes_mm=in_millimetres(np.concatenate(nodes), name, units),
        triangles=np.concatenate(triangles).astype(np.int32),
        labels=np.concatenate(labels),
    )
    return _merge_rims(joined, np.concatenate(owners))


def _merge_rims(surface: LabelledSurface, owner: NDArray[np.int64]) -> LabelledSurface:
    """The surface with the rim points of different owners made one where they are close."""
    rim, _, _ = mouths(surface.nodes_mm, surface.triangles)
    if not len(rim):
        return surface
    nodes = np.unique(rim)
    edges_mm = np.linalg.norm(np.diff(surface.nodes_mm[rim], axis=1)[:, 0], axis=1)
    within_mm = RIM_TOLERANCE * float(np.median(edges_mm))
    pairs = nodes[cKDTree(surface.nodes_mm[nodes]).query_pairs(within_mm, output_type="ndarray")]
    a, b = pairs[owner[pairs[:, 0]] != owner[pairs[:, 1]]].T
    one = components(a, b, len(surface.nodes_mm))
    first = np.unique(one, return_index=True)[1]
    triangles = one[surface.triangles].astype(np.int32)
    return replace(surface, nodes_mm=surface.nodes_mm[first], triangles=triangles)


def close_base(surface: LabelledSurface) -> LabelledSurface:
    """The surface with its open rims closed by one flat base.

    Raises
    ------
    ValueError
        When the rims do not lie in one plane or are no simple loops.
    """
    rim, loop, _ = mouths(surface.nodes_mm, surface.triangles)
    if not len(rim):
        msg = f"{surface.name}: has no base and no rims to close with one; give its parts"
        raise ValueError(msg)
    loops = [_in_order(rim[loop == i], surface) for i in range(loop.max() + 1)]
    rim_mm = surface.nodes_mm[rim[:, 0]]
    middle_mm = rim_mm.mean(axis=0)
    axes = np.linalg.svd(rim_mm - middle_mm, full_matrices=False)[2]
    height_mm = (rim_mm - middle_mm) @ axes[2]
    worst = np.abs(height_mm).argmax()
    if abs(height_mm[worst]) > FLAT_MM:
        msg = (
            f"{surface.name}: no base, and the rims leave their plane by "
            f"{abs(height_mm[worst]):.1f} mm at {place_of(rim_mm[worst])}; give a base surface"
        )
        raise ValueError(msg)
    try:
        lid = fill_plane((surface.nodes_mm - middle_mm) @ axes[:2].T, loops)
    except ValueError as error:
        msg = f"{surface.name}: no base, and {error}, or give a base surface"
        raise ValueError(msg) from None
    return replace(
        surface,
        triangles=np.vstack([surface.triangles, lid]).astype(np.int32),
        labels=np.concatenate([surface.labels, np.full(len(lid), BASE, np.int8)]),
    )


def _in_order(edges: NDArray[np.int32], surface: LabelledSurface) -> NDArray[np.int64]:
    """(k,) Nodes of a closed loop of edges, one after the other."""
    neighbours: dict[int, list[int]] = {}
    for a, b in edges.tolist():
        neighbours.setdefault(a, []).append(b)
        neighbours.setdefault(b, []).append(a)
    forks = [node for node, others in neighbours.items() if len(others) != 2]
    if forks:
        place = place_of(surface.nodes_mm[forks[0]])
        msg = f"{surface.name}: a rim forks at {place}; remove the stray triangles there"
        raise ValueError(msg)
    start = edges[0, 0]
    path = [int(start), neighbours[int(start)][0]]
    while path[-1] != path[0]:
        a, b = neighbours[path[-1]]
        path.append(b if a == path[-2] else a)
    return np.array(path[:-1])
