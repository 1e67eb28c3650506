"""Figures of ventricular coordinates: against shipped ones, there and back, along traced paths.

Conventions differ, and are bridged by landmarks only, never by a fit:

- Rodero's shipped fields are harmonic (their residual on the file's own mesh is 1e-8). The
  transmural one is compared as it is, with the septum that the file labels. The apicobasal one
  is read along its own field lines, between the apex and the base that are used here. Its angle
  is 0 on the plane through the apex and the mitral and aortic valves, and pi opposite: those two
  lines and the two insertions are the stops of a piecewise linear map.
- DTI004 comes in Camps' convention. Its apex lies where the right ventricle ends, so the
  coordinates are computed anew from there.
"""

import time
from dataclasses import replace
from functools import cache
from itertools import product
from typing import Any, NamedTuple

import numpy as np
from anatomy_paths import path_figures
from numpy.typing import NDArray

from cardiotwin import Heart, load_heart
from cardiotwin.anatomy import Laplacian, VentricularCoordinates
from cardiotwin.anatomy.build import build_heart, heal_labels
from cardiotwin.anatomy.conventions import to_camps
from cardiotwin.anatomy.coordinates import (
    apex_nodes,
    ventricular_coordinates,
    wall_fields,
)
from cardiotwin.anatomy.datasets import find, locate
from cardiotwin.anatomy.frame import HeartAxes, heart_axes
from cardiotwin.anatomy.rodero import read_rodero
from cardiotwin.anatomy.rotation import INSERTION
from cardiotwin.anatomy.trajectories import relative_position
from cardiotwin.anatomy.transfer import laid_over_mm, match, schematic_mm
from cardiotwin.anatomy.transfer import locate as locate_in

HEARTS = ("builtin", "rodero01", "dti004", "bivme_patient1")
#: Pairs that are mapped there and back, each both ways.
PAIRS = (("rodero01", "dti004"), ("builtin", "rodero01"), ("bivme_patient1", "rodero01"))
PATHS = 1000


class Anatomy(NamedTuple):
    """A heart's parts, and the coordinates made of them."""

    laplacian: Laplacian
    surfaces: dict[str, NDArray[np.int32]]
    axes: HeartAxes
    coordinates: VentricularCoordinates


def anatomy(
    nodes_mm: NDArray[np.float64],
    tets: NDArray[np.int32],
    surfaces: dict[str, NDArray[np.int32]],
    apex_mm: NDArray[np.float64] | None = None,
) -> Anatomy:
    """Coordinates from labelled tets, measured from another apex if one is given."""
    laplacian, axes = Laplacian(nodes_mm, tets), heart_axes(nodes_mm, surfaces)
    if apex_mm is not None:
        axes = replace(axes, apex_mm=apex_mm)
    walls = wall_fields(laplacian, surfaces, axes)
    made = ventricular_coordinates(laplacian, surfaces, axes, walls)
    return Anatomy(laplacian, surfaces, axes, made)


def at_hand(name: str) -> bool:
    """Whether a heart can be loaded here."""
    return name == "builtin" or find(name) is not None


@cache
def heart(name: str) -> Heart:
    """A heart by name, built once."""
    return load_heart(name)


def turn_between(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """Smallest angle from b to a."""
    return np.angle(np.exp(1j * (a - b)))


def agreement(
    name: str, ours: NDArray[np.float64], theirs: NDArray[np.float64], left: NDArray[np.bool_]
) -> dict[str, float]:
    """Correlation and median absolute difference, of all nodes and of each ventricle."""
    out = {}
    for part, inside in (("", np.ones(len(left), bool)), ("_lv", left), ("_rv", ~left)):
        pair = ours[inside], theirs[inside]
        out[f"{name}_r{part}"] = float(np.corrcoef(*pair)[0, 1])
        out[f"{name}_mad{part}"] = float(np.median(np.abs(pair[0] - pair[1])))
    return out


def turn_agreement(
    name: str, ours: NDArray[np.float64], theirs: NDArray[np.float64], left: NDArray[np.bool_]
) -> dict[str, float]:
    """Circular correlation (length of the mean difference) and median difference in degrees."""
    out = {}
    for part, inside in (("", np.ones(len(left), bool)), ("_lv", left), ("_rv", ~left)):
        off = turn_between(ours, theirs)[inside]
        out[f"{name}_r{part}"] = float(np.abs(np.exp(1j * off).mean()))
        out[f"{name}_deg{part}"] = float(np.degrees(np.median(np.abs(off))))
    return out


def rodero() -> dict[str, Any]:
    """Rodero 01 against its shipped fields."""
    if not at_hand("rodero01"):
        return dict.fromkeys(["rodero_ab_r", "rodero_tm_r", "rodero_rt_deg"])
    mesh = read_rodero(locate("rodero01"))
    surfaces = heal_labels(mesh.surfaces, len(mesh.nodes_mm))
    surfaces["rv_septum"] = mesh.rv_septum
    here = anatomy(mesh.nodes_mm, mesh.tets, surfaces)
    c, left = here.coordinates, here.coordinates.transventricular < 0.5
    base = np.unique(surfaces["base"])
    apex = np.setdiff1d(apex_nodes(mesh.nodes_mm, here.axes), base)
    shipped = {k: getattr(mesh, k).astype(float) for k in ("apicobasal", "transmural")}
    along = relative_position(here.laplacian, shipped["apicobasal"], apex, base)
    theirs = mesh.rotational.astype(float)
    return {
        **agreement("rodero_ab", c.apicobasal, along, left),
        **agreement("rodero_tm", c.transmural, shipped["transmural"], left),
        "rodero_ab_r_unbridged": float(np.corrcoef(c.apicobasal, shipped["apicobasal"])[0, 1]),
        **turn_agreement("rodero_rt", bridged(c, theirs, left), theirs, left),
        "rodero_rt_offset_deg": float(
            np.degrees(np.angle(np.exp(1j * (c.rotational - theirs)[left]).mean()))
        ),
        "rodero_rt_deg_offset_only_lv": offset_only_deg(c.rotational - theirs, left),
        "rodero_tv_share": float(
            np.mean((c.transventricular[mesh.tets].mean(axis=1) >= 0.5) == (mesh.region == 2))
        ),
    }


def offset_only_deg(turn: NDArray[np.float64], left: NDArray[np.bool_]) -> float:
    """Median difference of two angles in the left ventricle, less their mean difference."""
    mean = np.angle(np.exp(1j * turn[left]).mean())
    return float(np.degrees(np.median(np.abs(np.angle(np.exp(1j * (turn[left] - mean)))))))


def automatic_septum() -> dict[str, Any]:
    """Rodero 01 with its septum found as on every other heart, not by the label of its file."""
    out: dict[str, Any] = dict.fromkeys(["rodero_auto_tm_r", "rodero_auto_p95_edges"])
    if not all(at_hand(name) for name in HEARTS):
        return out
    mesh = read_rodero(locate("rodero01"))
    found = build_heart(mesh.nodes_mm, mesh.tets, mesh.surfaces, name="rodero01")
    shipped = mesh.transmural.astype(float)
    out["rodero_auto_tm_r"] = float(np.corrcoef(found.coordinates.transmural, shipped)[0, 1])
    ways = [
        there_and_back_edges(*pair)["round_trip"]
        for name in ("builtin", "dti004", "bivme_patient1")
        for pair in ((found, heart(name)), (heart(name), found))
    ]
    out["rodero_auto_p95_edges"] = max(float(np.quantile(edges, 0.95)) for edges in ways)
    out["rodero_auto_monotone_share"] = path_figures(found, PATHS)["transmural_monotone_share"]
    there = there_and_back_edges(heart("bivme_patient1"), heart("dti004"))["round_trip"]
    out["bivme_dti004_p95_edges"] = float(np.quantile(there, 0.95))
    return out


def bridged(
    coordinates: VentricularCoordinates, theirs: NDArray[np.float64], left: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Our angle on Rodero's scale: linear between his two cut lines and the two insertions."""
    ours = coordinates.rotational
    wall = left & (np.abs(coordinates.apicobasal - 0.6) < 0.2)

    def mean(angle: NDArray[np.float64], where: NDArray[np.bool_]) -> float:
        return float(np.angle(np.exp(1j * angle[wall & where]).mean()))

    zero = mean(ours, np.abs(theirs) < 1e-3)
    opposite = mean(ours, np.abs(theirs) > np.pi - 1e-3) % (2 * np.pi)
    ends = [mean(theirs, np.abs(turn_between(ours, s)) < 0.05) for s in (-INSERTION, INSERTION)]
    stops = np.array([opposite - 2 * np.pi, -INSERTION, zero, INSERTION, opposite])
    values = np.array([-np.pi, ends[0], 0.0, ends[1], np.pi])
    turn = (ours - stops[0]) % (2 * np.pi) + stops[0]
    return np.interp(turn, stops, values)


def dti004() -> dict[str, Any]:
    """DTI004 against its shipped fields."""
    if not at_hand("dti004"):
        return dict.fromkeys(["dti004_ab_r", "dti004_tm_r", "dti004_rt_deg"])
    case = np.load(locate("dti004") / "DTI004_case.npz")
    ab, tm, rt, tv = (case[k].astype(float) for k in ("ab", "tm", "rt", "tv"))
    h = heart("dti004")
    lowest = h.nodes_mm[ab.argmin()]
    here = anatomy(h.nodes_mm, h.tets, dict(h.surfaces), apex_mm=lowest)
    ours, left = to_camps(here.coordinates), h.is_lv
    same = (ours.tv > 0.5) == (tv > 0.5)  # the turn means another thing in the other ventricle
    turns = turn_agreement("dti004_rt", 2 * np.pi * ours.rt[same], 2 * np.pi * rt[same], left[same])
    return {
        **agreement("dti004_ab", ours.ab, ab, left),
        **agreement("dti004_tm", ours.tm, tm, left),
        **turns,
        "dti004_tv_share": float(same.mean()),
    }


def round_trip() -> dict[str, Any]:
    """Every node of a heart to the same place of another and back, in edges of its own mesh."""
    out: dict[str, Any] = dict.fromkeys(["round_trip_median_edges", "round_trip_p95_edges"])
    pairs = [pair for pair in PAIRS if all(at_hand(name) for name in pair)]
    for pair in pairs:
        for here, there in (pair, pair[::-1]):
            for way, edges in there_and_back_edges(heart(here), heart(there)).items():
                out[f"{way}_{here}_{there}_median_edges"] = float(np.median(edges))
                out[f"{way}_{here}_{there}_p95_edges"] = float(np.quantile(edges, 0.95))
    for way, kind in product(("round_trip", "resampled"), ("median", "p95")) if pairs else ():
        keys = [k for k in out if k.startswith(f"{way}_") and k.endswith(f"{kind}_edges")]
        out[f"{way}_{kind}_edges"] = max(out[k] for k in keys if out[k] is not None)
    return out


def there_and_back_edges(source: Heart, target: Heart) -> dict[str, NDArray[np.float64]]:
    """(n,) How far from itself each node of the source comes back, in mean edges of its mesh.

    `round_trip` by the places themselves: 0 wherever the coordinates of the two hearts hold each
    other's. `resampled` by positions carried to the nodes of the target and back from these.
    """
    there = match(target, source)
    resampled_mm = there.carry(match(source, target).carry(source.nodes_mm))
    gap_mm = np.empty(len(source.nodes_mm))
    for left in (True, False):
        mine = source.is_lv == left
        tets = source.tets[
            (source.coordinates.transventricular[source.tets].mean(axis=1) < 0.5) == left
        ]
        corners_mm = np.hstack([schematic_mm(source.coordinates, left), laid_over_mm(source)])
        away_mm = np.hstack([schematic_mm(target.coordinates, left), laid_over_mm(target)])
        nodes, weights = locate_in(corners_mm, tets, there.carry(away_mm)[mine])
        weights = np.maximum(weights, 0)
        weights /= weights.sum(axis=1, keepdims=True)
        back_mm = np.einsum("ki,kij->kj", weights, source.nodes_mm[nodes])
        gap_mm[mine] = np.linalg.norm(back_mm - source.nodes_mm[mine], axis=1)
    edge_mm = np.linalg.norm(np.diff(source.nodes_mm[source.tets[:, :2]], axis=1), axis=-1).mean()
    return {
        "round_trip": gap_mm / edge_mm,
        "resampled": np.linalg.norm(resampled_mm - source.nodes_mm, axis=1) / edge_mm,
    }


def paths() -> dict[str, Any]:
    """Transmural and apicobasal coordinates along field lines traced through the wall."""
    figures = [path_figures(heart(name), PATHS) for name in HEARTS if at_hand(name)]
    worst = {key: min if key.endswith("share") else max for key in figures[0]}
    return {key: pick(f[key] for f in figures) for key, pick in worst.items()}


def speed() -> dict[str, Any]:
    """CPU seconds for all coordinates of a heart of some 50,000 nodes, and for a match."""
    h = heart("rodero01" if at_hand("rodero01") else "builtin")
    start = time.process_time()
    anatomy(h.nodes_mm, h.tets, dict(h.surfaces))
    coordinates_s = time.process_time() - start
    match(heart("builtin"), h)
    start = time.process_time()
    match(heart("builtin"), h)
    return {
        "coordinates_cpu_s": coordinates_s,
        "coordinates_nodes": len(h.nodes_mm),
        "transfer_cpu_s": time.process_time() - start,
    }


PARTS = (rodero, dti004, round_trip, automatic_septum, paths, speed)

if __name__ == "__main__":
    for part in PARTS:
        for figure, value in part().items():
            print(figure, round(value, 4) if isinstance(value, float) else value)
