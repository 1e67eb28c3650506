"""The two ventricles of Rodero's CT heart, case 01, from either file it comes in."""

import json
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray

from .topology import boundary_triangles, tet_faces, triangle_keys

#: Left ventricle, right ventricle, septum, in `region` and in the `_volume-id` of the vtu.
VENTRICLES = (1, 2, 7)
SEPTUM = 7
#: The vtu's names of the surfaces of a `Heart`. Cavities repeat the endocardium under names that
#: are not in here; what has none of these names faces a valve, an atrium or an artery.
SURFACE_NAMES = {
    "lv_endo": ("Left ventricle endocardium",),
    "rv_endo": ("Right ventricle endocardium", "Right ventricle septum"),
    "epi": ("Left ventricle epicardium", "Right ventricle epicardium"),
}


@dataclass(frozen=True, eq=False, kw_only=True)
class RoderoVentricles:
    """What the files say, in mm, in the axes of the scanner.

    Attributes
    ----------
    nodes_mm : (n, 3) float64
        Single precision in one of the files, so rounded to it from both.
    tets : (m, 4) int32
        Positively oriented.
    region : (m,) uint8
        1 left ventricle, 2 right ventricle, 7 septum.
    surfaces : mapping of str to (k, 3) int32
        Every boundary triangle once, outward: `lv_endo`, `rv_endo`, `epi`, `base`.
    apicobasal, transmural, rotational : (n,) float32
        As shipped: 0 apex to 1 base; 0 endocardium to 1 epicardium (up to 1.07); -pi to pi,
        about 0 at the septum.
    """

    nodes_mm: NDArray[np.float64]
    tets: NDArray[np.int32]
    region: NDArray[np.uint8]
    surfaces: dict[str, NDArray[np.int32]]
    apicobasal: NDArray[np.float32]
    transmural: NDArray[np.float32]
    rotational: NDArray[np.float32]

    @property
    def rv_septum(self) -> NDArray[np.int32]:
        """(k, 3) Triangles of `rv_endo` on the muscle that the file labels as septum."""
        n = len(self.nodes_mm)
        septum = triangle_keys(tet_faces(self.tets[self.region == SEPTUM]), n)
        right = self.surfaces["rv_endo"]
        return right[np.isin(triangle_keys(right, n), septum)]


def read_rodero(folder: Path) -> RoderoVentricles:
    """The ventricles from whichever file the folder of the data set has.

    Raises
    ------
    OSError
        When it has none, or the file is damaged.
    """
    if (folder / "biv_2.0mm.npz").is_file():
        return read_rodero_npz(folder)
    return read_rodero_vtu(folder / "rodero_01_fullheart_2.0mm.vtu")


def read_rodero_npz(folder: Path) -> RoderoVentricles:
    """The ventricles from `biv_2.0mm.npz` and the name map beside it."""
    ids = _surface_ids(folder / "rodero_01_fullheart_2.0mm.namemap.json")
    with np.load(folder / "biv_2.0mm.npz") as file:
        return RoderoVentricles(
            nodes_mm=file["points_mm"].astype(np.float64),
            tets=file["tets"],
            region=file["region"],
            surfaces=_name_boundary(file["tets"], file["surf_tris"], file["surf_id"], ids),
            apicobasal=file["apicobasal"],
            transmural=file["transmural"],
            rotational=file["rotational"],
        )


def read_rodero_vtu(path: Path) -> RoderoVentricles:
    """The ventricles cut out of the four-chamber `.vtu`, by the name map beside it.

    Raises
    ------
    OSError
        When the file is missing or damaged.
    """
    import meshio

    ids = _surface_ids(path.with_suffix(".namemap.json"))
    try:
        mesh = meshio.vtu.read(path)  # meshio.read would end the program on a damaged file
    except (meshio.ReadError, ElementTree.ParseError, ValueError, KeyError) as error:
        msg = f"{path} is not a readable .vtu ({error}); remove its folder and fetch it again"
        raise OSError(msg) from error
    region = mesh.get_cell_data("_volume-id", "tetra")
    inside = np.isin(region, VENTRICLES)
    tets = mesh.get_cells_type("tetra")[inside]
    used = np.unique(tets)
    renumber = np.full(len(mesh.points), -1, dtype=np.int32)
    renumber[used] = np.arange(len(used), dtype=np.int32)
    tets = renumber[tets]
    triangles = renumber[mesh.get_cells_type("triangle")]
    whole = (triangles >= 0).all(axis=1)
    surface_id = mesh.get_cell_data("_surface-id", "triangle")
    return RoderoVentricles(
        nodes_mm=mesh.points[used].astype(np.float32).astype(np.float64),
        tets=tets,
        region=region[inside].astype(np.uint8),
        surfaces=_name_boundary(tets, triangles[whole], surface_id[whole], ids),
        apicobasal=mesh.point_data["apico-basal"][used].astype(np.float32),
        transmural=mesh.point_data["transmural"][used].astype(np.float32),
        rotational=mesh.point_data["rotational"][used].astype(np.float32),
    )


def _surface_ids(path: Path) -> dict[str, list[int]]:
    """The numbers in the file of each surface of a `Heart`."""
    names = json.loads(path.read_text(encoding="utf-8"))["_surface_id_to_name"]
    return {
        surface: [int(number) for number, name in names.items() if name in wanted]
        for surface, wanted in SURFACE_NAMES.items()
    }


def _name_boundary(
    tets: NDArray[np.int32],
    triangles: NDArray[np.int32],
    surface_id: NDArray[np.integer],
    ids: dict[str, list[int]],
) -> dict[str, NDArray[np.int32]]:
    """Split the boundary of the tets by the names of the file's triangles; the rest is `base`."""
    boundary = boundary_triangles(tets)
    n = int(tets.max()) + 1
    keys = triangle_keys(boundary, n)
    surfaces = {
        surface: boundary[np.isin(keys, triangle_keys(triangles[np.isin(surface_id, wanted)], n))]
        for surface, wanted in ids.items()
    }
    named = np.concatenate([triangle_keys(part, n) for part in surfaces.values()])
    surfaces["base"] = boundary[~np.isin(keys, named)]
    return surfaces
