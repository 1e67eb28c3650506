"""Figures of the fibres in ventricles and atria: closed form, shipped fibres, smoothness, speed."""

import os
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from cardiotwin import load_heart
from cardiotwin.anatomy import Heart, Laplacian
from cardiotwin.anatomy.atrial_files import ATRIA, load_atrium
from cardiotwin.anatomy.atrium import Surface
from cardiotwin.anatomy.bivme import read_bivme
from cardiotwin.anatomy.coordinates import wall_fields
from cardiotwin.anatomy.datasets import find
from cardiotwin.anatomy.ellipsoid import HalfEllipsoid
from cardiotwin.anatomy.fibres import DOSTE_2019, POTSE_2006, FibreAngles, rule_based_fibres
from cardiotwin.anatomy.frame import heart_axes
from cardiotwin.anatomy.surface import label_boundary
from cardiotwin.anatomy.topology import tet_faces

#: The wall of the ellipsoid is 10 mm thick at the equator and 3.7 mm at the apex.
LATTICE_MM, COARSE_MM = 1.8, 3.5
RIM_MM = 5.0


def degrees_between(a: NDArray[Any], b: NDArray[Any]) -> NDArray[np.float64]:
    """(m,) Angle between axes (m, 3), which have no head and no tail."""
    return np.degrees(np.arccos(np.clip(np.abs(np.einsum("ij,ij->i", a, b)), 0, 1)))


def ellipsoid() -> dict[str, Any]:
    """Helix angle in half an ellipsoid against the closed form, in every tet, apex included."""
    fine = helix_error_deg(LATTICE_MM)
    return {
        "ellipsoid_helix_rms_deg": fine.harmonic,
        "ellipsoid_helix_rms_deg_coarse": helix_error_deg(COARSE_MM).harmonic,
        "ellipsoid_helix_rms_deg_by_thickness": fine.thickness,
        "ellipsoid_transverse_rms_deg": fine.transverse,
    }


def helix_error_deg(lattice_mm: float) -> SimpleNamespace:
    """RMS error of a helix angle from 60 to -60 degrees, by harmonic depth and by thickness."""
    angles = FibreAngles(alpha_endo_deg=60.0, alpha_epi_deg=-60.0)
    shape = HalfEllipsoid()
    nodes_mm, tets = shape.mesh(lattice_mm)
    laplacian = Laplacian(nodes_mm, tets)
    fibres, _ = rule_based_fibres(laplacian, shape.walls(laplacian), angles)
    middles_mm = nodes_mm[tets].mean(axis=1)
    around, up, outward = shape.axes(middles_mm)
    along = [np.einsum("ij,ij->i", fibres, axis) for axis in (around, up, outward)]
    helix = np.degrees(np.arctan2(along[1], along[0]))
    inner, outer = shape.shells
    thickness = (shape.shell(middles_mm) - inner) / (outer - inner)
    off = [
        (helix - (60 - 120 * depth) + 90) % 180 - 90
        for depth in (shape.depth(middles_mm), thickness)
    ]
    rms = [float(np.sqrt(np.mean(e**2))) for e in (*off, np.degrees(np.arcsin(along[2])))]
    return SimpleNamespace(harmonic=rms[0], thickness=rms[1], transverse=rms[2])


def rule_of(heart: Heart, angles: FibreAngles | None = None) -> NDArray[np.float32]:
    """Fibres of the rule on a heart that comes with others."""
    laplacian = Laplacian(heart.nodes_mm, heart.tets)
    axes = heart_axes(heart.nodes_mm, heart.surfaces)
    return rule_based_fibres(laplacian, wall_fields(laplacian, heart.surfaces, axes), angles)[0]


def regions(heart: Heart) -> dict[str, NDArray[np.bool_]]:
    """Tets of each region; apex and base are apart from the others."""
    c = heart.coordinates
    at = {name: getattr(c, name)[heart.tets].mean(axis=1) for name in ("apicobasal", "transmural")}
    right = c.transventricular[heart.tets].mean(axis=1) > 0.5
    apex, base = at["apicobasal"] < 0.1, at["apicobasal"] > 0.9
    septal = ~right & (np.cos(c.rotational[heart.tets]).mean(axis=1) > 0.5)
    middle = ~apex & ~base
    third = np.minimum((at["transmural"] * 3).astype(int), 2)
    return {
        "lv_free": middle & ~right & ~septal,
        "septum": middle & septal,
        "rv": middle & right,
        "apex": apex,
        "base": base,
        **{name: middle & (third == k) for k, name in enumerate(("endo", "mid", "epi"))},
    }


def shipped() -> dict[str, Any]:
    """Median angle to the fibres that DTI004 ships with, by region.

    Those follow alpha = R (1 - 2 depth)^3 with R about 60 degrees in the left and 45 in the right
    ventricle, smoothed: the rule of Potse (2006). So they are compared with that rule too, and
    with the angles of Doste (2019), 60 to -60 in the left ventricle.
    """
    keys = ("dti004_fibre_deg", "dti004_fibre_source_rule_deg", "dti004_fibre_doste_deg")
    if not find("dti004"):
        return dict.fromkeys(keys)
    heart = load_heart("dti004")
    figures: dict[str, Any] = {}
    for key, angles in zip(keys, (FibreAngles(), POTSE_2006, DOSTE_2019), strict=True):
        angle = degrees_between(rule_of(heart, angles), heart.fibres)
        figures[key] = float(np.median(angle))
        for name, tets in regions(heart).items():
            figures[f"{key}_{name}"] = float(np.median(angle[tets]))
    return figures


def lost_tets() -> dict[str, Any]:
    """Tets without a fibre on a template that has tets with four nodes on one surface."""
    keys = ("fibreless_tets", "fibre_lost_tets", "fibre_neighbour_p99_9_deg")
    folder = os.environ.get("CARDIOTWIN_DATA")
    path = Path(folder or ".") / "hearts/bivme_template_tets/tets_1.8mm.npz"
    fit = find("bivme_patient1")
    if not path.is_file() or fit is None:
        return dict.fromkeys(keys)
    with np.load(path) as file:
        nodes_mm, tets = file["points"].astype(np.float64), file["tets"]
    surfaces = label_boundary(nodes_mm, tets, read_bivme(fit))
    laplacian = Laplacian(nodes_mm, tets)
    walls = wall_fields(laplacian, surfaces, heart_axes(nodes_mm, surfaces))
    fibres, sheets = rule_based_fibres(laplacian, walls)
    sound = np.abs(np.einsum("ij,ij->i", fibres, sheets)) < 1e-5
    for axes in (fibres, sheets):
        sound &= np.abs(np.linalg.norm(axes, axis=1) - 1) < 1e-5
    sides = [np.isin(tets, surfaces[s]).all(axis=1) for s in ("lv_endo", "rv_endo", "epi")]
    return {
        "fibreless_tets": int((~sound).sum()),
        "fibre_lost_tets": int(np.any(sides, axis=0).sum()),
        "fibre_neighbour_p99_9_deg": float(np.percentile(between_neighbours(fibres, tets), 99.9)),
    }


def between_neighbours(fibres: NDArray[Any], tets: NDArray[np.int32]) -> NDArray[np.float64]:
    """Angle between the fibres of every two tets that share a face."""
    faces = np.sort(tet_faces(tets), axis=1)
    order = np.lexsort(faces.T)
    twin = np.flatnonzero((faces[order[1:]] == faces[order[:-1]]).all(axis=1))
    return degrees_between(fibres[order[twin] // 4], fibres[order[twin + 1] // 4])


def speed() -> dict[str, Any]:
    """CPU seconds for the fibres of Rodero 01's 250,620 tets, once the fields are solved."""
    if not find("rodero01"):
        return {"fibres_cpu_s": None}
    heart = load_heart("rodero01")
    laplacian = Laplacian(heart.nodes_mm, heart.tets)
    axes = heart_axes(heart.nodes_mm, heart.surfaces)
    walls = wall_fields(laplacian, heart.surfaces, axes)
    start = time.process_time()
    rule_based_fibres(laplacian, walls)
    return {"fibres_cpu_s": time.process_time() - start}


def atria() -> dict[str, Any]:
    """Area, volume and fibres around the openings of every atrium at hand."""
    figures: dict[str, Any] = {"atria_loaded": 0, "atria_total": len(ATRIA)}
    worst = {"mitral": 0.0, "other": 0.0}
    for name in ATRIA:
        try:
            atrium = load_atrium(name)
        except OSError:
            continue
        figures["atria_loaded"] += 1
        figures[f"atria_area_cm2_{name}"] = atrium.area_cm2
        figures[f"atria_volume_ml_{name}"] = atrium.volume_ml
        for opening in atrium.openings:
            kind = "mitral" if opening == "mitral" else "other"
            worst[kind] = max(worst[kind], from_rim_deg(atrium, opening))
    found = figures["atria_loaded"] > 0
    return figures | {
        "atria_mitral_rim_deg_worst": worst["mitral"] if found else None,
        "atria_other_rim_deg_worst": worst["other"] if found else None,
    }


def from_rim_deg(atrium: Surface, opening: str) -> float:
    """Mean angle between an opening's rim and the fibres within 5 mm; chance gives 45."""
    rim_mm = atrium.nodes_mm[atrium.openings[opening]]
    along = np.roll(rim_mm, -3, axis=0) - np.roll(rim_mm, 3, axis=0)
    away_mm, nearest = KDTree(rim_mm).query(atrium.nodes_mm[atrium.triangles].mean(axis=1))
    near = away_mm < RIM_MM
    along, normals = along[nearest[near]], atrium.normals[near]
    along = along - np.einsum("ki,ki->k", along, normals)[:, None] * normals
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    return float(degrees_between(along, atrium.fibres[near]).mean())


PARTS = (ellipsoid, shipped, lost_tets, speed, atria)

if __name__ == "__main__":
    for part in PARTS:
        for figure, value in part().items():
            print(figure, round(value, 3) if isinstance(value, float) else value)
