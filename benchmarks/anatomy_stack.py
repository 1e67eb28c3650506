"""Figures of the way from a labelled short-axis stack to a heart, against the fit it came from."""

import subprocess
import sys
import tempfile
import time
import warnings
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.sparse import csr_matrix
from scipy.spatial import KDTree

from cardiotwin import Heart, load_heart
from cardiotwin.anatomy.bivme import read_bivme
from cardiotwin.anatomy.build import build_heart
from cardiotwin.anatomy.datasets import find
from cardiotwin.anatomy.label_map import read_label_map
from cardiotwin.anatomy.nifti import write_nifti
from cardiotwin.anatomy.stack import label_map_mesh
from cardiotwin.anatomy.surface import (
    LabelledSurface,
    gaps_to_triangles_mm,
    wind_outward,
)
from cardiotwin.signals import qrs_duration_ms
from cardiotwin.sim import prepare, simulate

PATIENT = "bivme_patient1"
#: Short-axis series of the patient's cine, from the base to the apex.
SERIES = (11, 1, 2, 3, 4, 5)
PIXEL_MM = 1.4
#: Materials of the template that enclose each cavity, valve caps included.
CAVITIES = {
    "lv": ("LV_ENDOCARDIAL", "MITRAL_VALVE", "AORTA_VALVE"),
    "rv": ("RV_SEPTUM", "RV_FREEWALL", "TRICUSPID_VALVE", "PULMONARY_VALVE"),
}
#: What fits into the left ventricle, but not into the right free wall, which ACDC does not label.
DISC = (np.hypot(*np.mgrid[-4:5, -4:5]) <= 4)[:, :, None]


def template(folder: Path) -> tuple[NDArray[np.float64], NDArray[np.int32], NDArray[np.str_]]:
    """Nodes at end-diastole, triangles and the material of each, valve caps included."""
    with np.load(folder / "template.npz") as t, np.load(folder / "control_points.npz") as c:
        keys = ("sub_data", "sub_indices", "sub_indptr")
        matrix = csr_matrix(tuple(t[k] for k in keys), shape=t["sub_shape"])
        names = t["material_names"][t["material"].astype(int)]
        return matrix @ c["control_points_mm"][0], t["faces"].astype(np.int32), names


def cine_frame(folder: Path) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(3, 3) columns: unit vectors of the pixel axes and the slice step; (3,) first corner."""
    with np.load(folder / "cine_ED_ES.npz") as cine:
        corners = np.array([cine[f"Se{k}_ipp"] for k in SERIES])
        row, column = cine["Se1_iop"].reshape(2, 3)
    step = (corners[-1] - corners[0]) / (len(SERIES) - 1)
    return np.stack([row, column, step], axis=1), corners[0]


def turns(
    nodes_mm: NDArray[np.float64],
    triangles: NDArray[np.int32],
    pixels: tuple[NDArray[np.float64], NDArray[np.float64]],
    heights_mm: NDArray[np.float64],
) -> NDArray[np.int64]:
    """(i, j, k) Winding number of points on lines along z, from the signs of what each crosses."""
    found = np.zeros((len(pixels[0]), len(pixels[1]), len(heights_mm)), np.int64)
    for a, b, c in nodes_mm[triangles]:
        span = [
            slice(*np.searchsorted(p, [min(x), max(x)]))
            for p, x in zip(pixels, np.array([a, b, c]).T[:2], strict=True)
        ]
        x, y = (p[s] for p, s in zip(pixels, span, strict=True))
        edges = np.array([b - a, c - a])[:, :2].T
        area = np.linalg.det(edges)
        if area == 0 or not len(x) or not len(y):
            continue
        away = np.stack(np.meshgrid(x - a[0], y - a[1], indexing="ij"))
        s, t = np.einsum("ab,bij->aij", np.linalg.inv(edges), away)
        crossed = (s >= 0) & (t >= 0) & (s + t < 1)
        height = a[2] + s * (b - a)[2] + t * (c - a)[2]
        below = crossed[..., None] & (heights_mm < height[..., None])
        found[span[0], span[1]] += np.where(below, int(np.sign(area)), 0)
    return found


def write_stack(path: Path, folder: Path, share: float = 1.0) -> None:
    """ACDC labels of the end-diastolic fit in the planes of the patient's own cine.

    `share` of the cine's slice distance lies between two slices.
    """
    nodes_mm, faces, names = template(folder)
    wall = read_bivme(folder, 0)
    frame, corner_mm = cine_frame(folder)
    frame = frame * [1, 1, share]
    step_mm = np.linalg.norm(frame[:, 2])
    axes = (frame / np.linalg.norm(frame, axis=0)).T
    local, wall_local = (nodes_mm - corner_mm) @ axes.T, (wall.nodes_mm - corner_mm) @ axes.T
    low, high = local.min(axis=0), local.max(axis=0)
    first = int(np.floor(low[2] / step_mm))
    heights_mm = np.arange(first, int(np.ceil(high[2] / step_mm)) + 1) * step_mm
    pixels = tuple(np.arange(low[a] - 10, high[a] + 10, PIXEL_MM) for a in (0, 1))
    in_wall = turns(wall_local, wall.triangles, pixels, heights_mm) != 0
    labels = np.where(in_wall, 2, 0).astype(np.uint8)
    for label, key in ((3, "lv"), (1, "rv")):
        mine = faces[np.isin(names, CAVITIES[key])]
        solid = LabelledSurface(nodes_mm=local, triangles=mine, labels=np.zeros(len(mine), np.int8))
        labels[(turns(local, wind_outward(solid), pixels, heights_mm) != 0) & ~in_wall] = label
    disc = ndimage.binary_opening((labels == 2) | (labels == 3), DISC)
    labels[(labels == 2) & ~disc] = 0
    affine = np.eye(4)
    affine[:3, :3] = axes.T * [PIXEL_MM, PIXEL_MM, step_mm]
    affine[:3, 3] = corner_mm + axes.T @ [pixels[0][0], pixels[1][0], heights_mm[0]]
    write_nifti(path, labels, affine)


@cache
def fitted() -> Heart:
    """The heart meshed from the fit itself."""
    return load_heart(PATIENT)


def stacked(folder: Path, share: float) -> tuple[Heart, float]:
    """The heart from the stack, and CPU seconds from the file to it."""
    with tempfile.TemporaryDirectory() as scratch, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the cut basal slice is told in the docs
        path = Path(scratch) / "patient1_gt.nii.gz"
        write_stack(path, folder, share)
        start = time.process_time()
        mesh = label_map_mesh(read_label_map(path))
        stack = build_heart(*mesh, name="stack")
        return stack, time.process_time() - start


def stack_figures(share: float = 1.0) -> dict[str, Any]:
    """The heart from the stack against that from the fit.

    Volumes and thickness of the fit are taken below the base of the stack's heart, where its top
    slice was cut. Coordinates are compared at each node of the stack's heart with the nearest one
    of the fit's, and thickness by AHA segment.
    """
    folder = find(PATIENT)
    if folder is None:
        return {"stack_ecg_r_median": None}
    stack, seconds = stacked(folder, share)
    fit = fitted()
    return {
        "stack_cpu_s": round(seconds, 2),
        "stack_nodes": len(stack.nodes_mm),
        **volumes(stack, fit),
        **thickness(stack, fit),
        **coordinate_gaps(stack, fit),
        **ecgs(stack, fit),
    }


def dense_stack_figures() -> dict[str, Any]:
    """The same with slices half as far apart, 8.9 mm: this cine has 17.7 mm, most have 8 to 10."""
    figures = stack_figures(0.5)
    return {k.replace("stack_", "stack_dense_"): v for k, v in figures.items()}


def base_plane(heart: Heart) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """A point of the flat base and its unit normal, away from the apex."""
    points_mm = heart.nodes_mm[np.unique(heart.surfaces["base"])]
    middle = points_mm.mean(axis=0)
    normal = np.linalg.svd(points_mm - middle, full_matrices=False)[2][2]
    return middle, normal * -np.sign((heart.nodes_mm.mean(axis=0) - middle) @ normal)


def cavity_ml(
    nodes_mm: NDArray[np.float64],
    triangles: NDArray[np.int32],
    plane: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> float:
    """Volume between a cavity's surface, wound as the wall's, and a plane across its mouth."""
    heights = (nodes_mm - plane[0]) @ plane[1]
    a, b, c = nodes_mm[triangles].transpose(1, 0, 2)
    areas_mm2 = np.cross(b - a, c - a) @ plane[1] / 2
    below = np.minimum(heights, 0.0)[triangles].mean(axis=1)
    return float(-(areas_mm2 * below).sum() / 1e3)


def volumes(stack: Heart, fit: Heart) -> dict[str, float]:
    """Wall and cavities below the stack's base, in ml, with the difference in per cent."""
    plane = base_plane(stack)
    figures = {}
    for key, heart in (("", stack), ("_fit", fit)):
        below = (heart.centres_mm - plane[0]) @ plane[1] < 0
        figures[f"stack_wall_ml{key}"] = heart.tet_volumes_mm3[below].sum() / 1e3
        for side in ("lv", "rv"):
            surface = heart.surfaces[f"{side}_endo"]
            figures[f"stack_{side}_ml{key}"] = abs(cavity_ml(heart.nodes_mm, surface, plane))
    for what in ("wall", "lv", "rv"):
        ours, theirs = figures[f"stack_{what}_ml"], figures[f"stack_{what}_ml_fit"]
        figures[f"stack_{what}_pct"] = 100 * (ours / theirs - 1)
    return {k: round(float(v), 2) for k, v in figures.items()}


def wall_mm(heart: Heart) -> NDArray[np.float64]:
    """(k,) From each node of the left endocardium to the epicardium or the right side."""
    others = np.concatenate([heart.surfaces["epi"], heart.surfaces["rv_endo"]])
    inner = np.unique(heart.surfaces["lv_endo"])
    return gaps_to_triangles_mm(heart.nodes_mm[inner], heart.nodes_mm, others)


def thickness(stack: Heart, fit: Heart) -> dict[str, Any]:
    """Median thickness of the left wall, whole and by AHA segment, and the gap in mm."""
    figures: dict[str, Any] = {}
    by_segment = []
    for key, heart in (("", stack), ("_fit", fit)):
        walls, segment = wall_mm(heart), heart.segments[np.unique(heart.surfaces["lv_endo"])]
        figures[f"stack_lv_wall_mm{key}"] = round(float(np.median(walls)), 2)
        by_segment.append([float(np.median(walls[segment == s])) for s in range(1, 18)])
    gaps = np.abs(np.subtract(*by_segment))
    figures["stack_segment_walls_mm"] = [round(x, 1) for x in by_segment[0]]
    figures["stack_segment_walls_mm_fit"] = [round(x, 1) for x in by_segment[1]]
    figures["stack_segment_wall_gap_mm"] = round(float(np.median(gaps)), 2)
    return figures


def coordinate_gaps(stack: Heart, fit: Heart) -> dict[str, float]:
    """Median absolute difference of each ventricular coordinate at the nearest node."""
    _, nearest = KDTree(fit.nodes_mm).query(stack.nodes_mm)
    figures = {}
    for name in ("apicobasal", "transmural", "transventricular"):
        ours = getattr(stack.coordinates, name)
        gaps = np.abs(ours - getattr(fit.coordinates, name)[nearest])
        figures[f"stack_{name}_gap"] = round(float(np.median(gaps)), 3)
    turn = stack.coordinates.rotational - fit.coordinates.rotational[nearest]
    gaps = np.abs(np.angle(np.exp(1j * turn[stack.is_lv])))
    return figures | {"stack_rotational_gap_deg": round(float(np.degrees(np.median(gaps))), 2)}


def ecgs(stack: Heart, fit: Heart) -> dict[str, Any]:
    """Correlation of each lead of the healthy beat, QRS and T, seen by the same electrodes."""
    wired = replace(stack, electrodes_mm=fit.electrodes_mm)
    ours, theirs = (simulate(prepare(heart)).ecg for heart in (wired, fit))
    samples = min(ours.samples_mv.shape[1], theirs.samples_mv.shape[1])
    by_lead = {
        lead: round(
            float(np.corrcoef(ours.lead(lead)[:samples], theirs.lead(lead)[:samples])[0, 1]), 3
        )
        for lead in ours.leads
    }
    return {
        "stack_ecg_r": by_lead,
        "stack_ecg_r_min": min(by_lead.values()),
        "stack_ecg_r_median": round(float(np.median(list(by_lead.values()))), 3),
        "stack_qrs_ms": qrs_duration_ms(ours),
        "stack_qrs_ms_fit": qrs_duration_ms(theirs),
    }


def image_to_ecg() -> dict[str, float | None]:
    """Wall seconds from the label stack to the drawn ECG, by the command a user types."""
    folder = find(PATIENT)
    if folder is None:
        return {"image_to_ecg_s": None}
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "patient1_gt.nii.gz"
        write_stack(path, folder)
        command = [sys.executable, "-m", "cardiotwin", "sim", str(path), "--out", scratch]
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        return {"image_to_ecg_s": round(time.perf_counter() - start, 1)}


if __name__ == "__main__":
    for name, value in (stack_figures() | dense_stack_figures()).items():
        print(f"{name:32} {value}")
