"""Closed, labelled surfaces of real hearts that the meshing benchmark fills."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from anatomy_stack import write_stack
from numpy.typing import NDArray

from cardiotwin.anatomy.bivme import read_bivme
from cardiotwin.anatomy.heart import SURFACES as LABELS
from cardiotwin.anatomy.label_map import read_label_map
from cardiotwin.anatomy.nearest import Tree
from cardiotwin.anatomy.slices import cut_slices
from cardiotwin.anatomy.stack import RV_WALL_MM, wall_parts
from cardiotwin.anatomy.surface import LabelledSurface, check_surface
from cardiotwin.files.places import data_folder

LV, RV, EPI, BASE = range(len(LABELS))
#: Edge of the LinFlo template's unit cube, which has no scale of its own: the left ventricle then
#: has 136 ml of muscle, as in a healthy adult.
LINFLO_MM = 190.0
#: What each `region` of that template is, from its place and shape; the file does not say.
MYOCARDIUM, LEFT_ATRIUM, LEFT_CAVITY, RIGHT_VENTRICLE, AORTA = 1, 2, 3, 5, 6
#: Regions of the template that are nearer than this touch.
TOUCH_MM = 2.0
#: Grid on which the walls of the label stack become triangles.
STACK_GRID_MM = 1.0


def bivme(folder: Path) -> LabelledSurface:
    """The fit of patient 1 at end-diastole."""
    return read_bivme(folder)


def cobiveco(folder: Path) -> LabelledSurface:
    """Mean shape; a triangle with a node off the base is not base."""
    with np.load(folder / "geo1_meanshape.npz") as case:
        nodes_mm, triangles, cls = case["points_mm"], case["tris"], case["cls"]
    labels = np.full(len(triangles), BASE)
    for number, label in ((2, EPI), (3, LV), (4, RV)):
        labels[(cls[triangles] == number).any(axis=1)] = label
    return _surface("cobiveco geo1", nodes_mm, triangles, labels)


def dti004(folder: Path) -> LabelledSurface:
    """Boundary of the tets of DTI004, which the file keeps in cm."""
    with np.load(folder / "DTI004_case.npz") as case:
        nodes_mm, faces = 10.0 * case["xyz"], case["surface_faces"]
        left, right = (np.isin(faces, case[k]).all(axis=1) for k in ("lvendo", "rvendo"))
        base = (case["ab"][faces] >= 0.999).all(axis=1)
    labels = np.select([left, right, base], [LV, RV, BASE], EPI)
    return _surface("dti004", nodes_mm, faces, labels)


def linflo(folder: Path) -> LabelledSurface:
    """Left ventricle of a whole-heart template; its side towards the right one is `rv_endo`."""
    with np.load(folder / "whole_heart_with_ao.npz") as case:
        nodes_mm = LINFLO_MM * case["points_unit"].astype(float)
        triangles, region = case["tris"], case["region"][case["tris"][:, 0]]
    mine = triangles[region == MYOCARDIUM]
    middles_mm = nodes_mm[mine].mean(axis=1)
    cavity, atrium, aorta, right = (
        Tree(nodes_mm, triangles[region == r]).nearest(middles_mm)[1] < TOUCH_MM
        for r in (LEFT_CAVITY, LEFT_ATRIUM, AORTA, RIGHT_VENTRICLE)
    )
    labels = np.select([cavity, atrium | aorta, right], [LV, BASE, RV], EPI)
    return _surface("linflo lv", nodes_mm, mine, labels)


def stack(folder: Path) -> LabelledSurface:
    """The walls of a short-axis label stack, made from the biv-me fit, as triangles."""
    import pyvista

    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "stack.nii.gz"
        write_stack(path, folder)
        slices = cut_slices(read_label_map(path))
    parts, bounds_mm = wall_parts(slices, RV_WALL_MM, RV_WALL_MM, "labels")
    start_mm = bounds_mm[0] - 2 * STACK_GRID_MM
    counts = np.ceil((bounds_mm[1] - start_mm) / STACK_GRID_MM).astype(int) + 3
    grid = pyvista.ImageData(dimensions=counts, spacing=(STACK_GRID_MM,) * 3, origin=start_mm)
    values = parts(np.asarray(grid.points, float)).max(axis=0)
    sheet = grid.contour([0.0], scalars=values).triangulate()
    nodes_mm, triangles = np.asarray(sheet.points, float), sheet.regular_faces
    labels = parts(nodes_mm[triangles].mean(axis=1)).argmax(axis=0)
    return _surface("label stack", nodes_mm, triangles, labels)


#: For each key in the results: the folder under hearts/, and its reader.
SURFACES: dict[str, tuple[str, Callable[[Path], LabelledSurface]]] = {
    "bivme": ("bivme_patient1", bivme),
    "cobiveco": ("cobiveco_geo1", cobiveco),
    "dti004": ("dti004", dti004),
    "stack": ("bivme_patient1", stack),
    "linflo": ("linflo_template", linflo),
}


def load(key: str) -> LabelledSurface | None:
    """The surface, or None when its data are not at hand."""
    name, read = SURFACES[key]
    root = data_folder()
    if root is None or not (root / "hearts" / name).is_dir():
        return None
    return read(root / "hearts" / name)


def _surface(
    name: str,
    nodes_mm: NDArray[np.floating],
    triangles: NDArray[np.integer],
    labels: NDArray[np.integer],
) -> LabelledSurface:
    return check_surface(
        LabelledSurface(
            name=name,
            nodes_mm=nodes_mm.astype(float),
            triangles=triangles.astype(np.int32),
            labels=labels.astype(np.int8),
        )
    )
