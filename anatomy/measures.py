"""What a clinic measures on a heart: cavities, mass, length, diameter, sphericity, thickness."""

from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from .frame import HeartAxes, heart_axes
from .heart import Heart
from .surface import gaps_to_triangles_mm
from .topology import rim_loops

#: Density of myocardium, the clinic's factor from volume to mass (Lang 2015).
DENSITY_G_PER_ML = 1.05
#: Depth of the diameter's level below the mitral valve, as a share of the cavity's length. Lang
#: 2015 measures just below the tips of the leaflets; those reach a quarter of the way down.
MITRAL_TIPS = 0.25
#: AHA segments that echocardiography calls the septum (basal and mid), and the posterior wall.
SEPTUM, POSTERIOR = (2, 3, 8, 9), (5,)


@dataclass(frozen=True, kw_only=True)
class HeartMeasures:
    """What `measure` found; a measure that cannot be taken is nan."""

    lv_cavity_ml: float  #: closed by a fan over each valve
    rv_cavity_ml: float
    lv_mass_g: float  #: with the septum; papillary muscles as far as they are in the mesh
    rv_mass_g: float  #: free wall
    lv_length_mm: float  #: middle of the mitral valve to the tip of the endocardium
    lv_outer_length_mm: float  #: middle of the mitral valve to the tip of the epicardium
    lv_diameter_mm: float  #: inner, septum to lateral wall, just below the mitral leaflets
    #: Cavity over the sphere whose diameter is the length (Mannaerts 2004).
    lv_sphericity: float
    lv_short_over_long: float  #: diameter over length, the sphericity index of plane images
    relative_wall_thickness: float  #: twice the posterior wall over the diameter (Lang 2015)
    lv_wall_mm: float  #: median over the left endocardium
    lv_septum_mm: float  #: median over the basal and mid septum
    lv_posterior_mm: float  #: median over the basal inferolateral wall
    rv_wall_mm: float  #: median over the right endocardium that faces the epicardium
    #: Median over each AHA segment 1 to 17.
    segment_wall_mm: tuple[float, ...]

    def as_dict(self) -> dict[str, float]:
        """One number a name, the segments as `wall_segment_1_mm` to `wall_segment_17_mm`."""
        single = {f.name: getattr(self, f.name) for f in fields(self) if f.name[:7] != "segment"}
        walls = {f"wall_segment_{k}_mm": v for k, v in enumerate(self.segment_wall_mm, start=1)}
        return single | walls


def measure(heart: Heart) -> HeartMeasures:
    """Clinical measures of a heart as its mesh is, whatever made it.

    Raises
    ------
    ValueError
        When an endocardium has no mouth or the left one does not reach the base.

    Examples
    --------
    >>> from cardiotwin.anatomy import load_heart
    >>> found = measure(load_heart("builtin"))
    >>> round(found.lv_length_mm), round(found.lv_wall_mm)
    (86, 9)
    """
    nodes_mm, surfaces = heart.nodes_mm, heart.surfaces
    axes = heart_axes(nodes_mm, surfaces)
    mouth_mm = mouth_middle_mm(nodes_mm, surfaces["lv_endo"])
    reach_mm = np.linalg.norm(nodes_mm[surfaces["lv_endo"]] - mouth_mm, axis=2).max()
    length_mm = float(reach_mm)
    cavity_ml = cavity_volume_ml(nodes_mm, surfaces["lv_endo"])
    diameter_mm = short_axis_diameter_mm(
        nodes_mm, surfaces["lv_endo"], mouth_mm + MITRAL_TIPS * length_mm * axes.long_axis, axes
    )
    left, thickness_mm = wall_thickness_mm(nodes_mm, surfaces, "lv_endo")
    segment_of = heart.segments[left]
    posterior_mm = median(thickness_mm[np.isin(segment_of, POSTERIOR)])
    volumes_ml = heart.node_volumes_mm3 / 1e3
    return HeartMeasures(
        lv_cavity_ml=cavity_ml,
        rv_cavity_ml=cavity_volume_ml(nodes_mm, surfaces["rv_endo"]),
        lv_mass_g=DENSITY_G_PER_ML * float(volumes_ml[heart.is_lv].sum()),
        rv_mass_g=DENSITY_G_PER_ML * float(volumes_ml[~heart.is_lv].sum()),
        lv_length_mm=length_mm,
        lv_outer_length_mm=float(np.linalg.norm(axes.apex_mm - mouth_mm)),
        lv_diameter_mm=diameter_mm,
        lv_sphericity=sphericity(cavity_ml, length_mm),
        lv_short_over_long=diameter_mm / length_mm,
        relative_wall_thickness=2 * posterior_mm / diameter_mm,
        lv_wall_mm=median(thickness_mm),
        lv_septum_mm=median(thickness_mm[np.isin(segment_of, SEPTUM)]),
        lv_posterior_mm=posterior_mm,
        rv_wall_mm=median(wall_thickness_mm(nodes_mm, surfaces, "rv_endo")[1]),
        segment_wall_mm=tuple(median(thickness_mm[segment_of == k]) for k in range(1, 18)),
    )


def sphericity(cavity_ml: float, length_mm: float) -> float:
    """Volume of a cavity over that of the sphere about its long axis (Mannaerts 2004).

    Examples
    --------
    >>> round(sphericity(113.1, 60.0), 3)
    1.0
    """
    return cavity_ml * 1e3 / (np.pi / 6 * length_mm**3)


def cavity_volume_ml(nodes_mm: NDArray[np.float64], endocardium: NDArray[np.int32]) -> float:
    """Volume that an endocardium holds, each of its mouths closed by a fan about its middle.

    Parameters
    ----------
    nodes_mm
        (n, 3) nodes.
    endocardium
        (k, 3) triangles with the wall behind them: their normals point into the cavity.

    Raises
    ------
    ValueError
        When the endocardium is closed: without a mouth it is no cavity's wall.
    """
    rims, loop = mouth_rims(endocardium)
    middles_mm = loop_middles_mm(nodes_mm, rims, loop)
    start, end = nodes_mm[rims].transpose(1, 0, 2) - middles_mm[0]
    a, b, c = (nodes_mm[endocardium] - middles_mm[0]).transpose(1, 0, 2)
    six = np.einsum("ij,ij->", a, np.cross(b, c))
    lids = np.einsum("ij,ij->", middles_mm[loop] - middles_mm[0], np.cross(end, start))
    return float(-(six + lids) / 6e3)


def mouth_middle_mm(
    nodes_mm: NDArray[np.float64], endocardium: NDArray[np.int32]
) -> NDArray[np.float64]:
    """(3,) Middle of the longest rim: the inflow valve, or the whole mouth of a flat base."""
    rims, loop = mouth_rims(endocardium)
    length_mm = np.linalg.norm(nodes_mm[rims[:, 1]] - nodes_mm[rims[:, 0]], axis=1)
    longest = np.argmax(np.bincount(loop, length_mm))
    return loop_middles_mm(nodes_mm, rims, loop)[longest]


def mouth_rims(
    endocardium: NDArray[np.int32],
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """`topology.rim_loops` of an endocardium, which has at least one.

    Raises
    ------
    ValueError
        When the surface has no rim.
    """
    rims, loop = rim_loops(endocardium)
    if not len(rims):
        msg = "an endocardium is closed, so its cavity has no mouth; label the valve planes 'base'"
        raise ValueError(msg)
    return rims, loop


def loop_middles_mm(
    nodes_mm: NDArray[np.float64], rims: NDArray[np.int32], loop: NDArray[np.int64]
) -> NDArray[np.float64]:
    """(loops, 3) Mean of each loop along its length, however unevenly its nodes lie."""
    start, end = nodes_mm[rims].transpose(1, 0, 2)
    length_mm = np.linalg.norm(end - start, axis=1)
    halfway = (start + end) / 2
    total_mm = np.bincount(loop, length_mm)
    sums = [np.bincount(loop, length_mm * halfway[:, k]) for k in range(3)]
    return np.stack(sums, axis=1) / total_mm[:, None]


def short_axis_diameter_mm(
    nodes_mm: NDArray[np.float64],
    endocardium: NDArray[np.int32],
    level_mm: NDArray[np.float64],
    axes: HeartAxes,
) -> float:
    """Inner diameter, from the septum to the lateral wall, in the short-axis plane at a point.

    It runs through the middle of the section; nan when the plane misses the endocardium.
    """
    local_mm = (nodes_mm - level_mm) @ axes.matrix.T
    section_mm = _crossings(local_mm[endocardium], axis=0)
    if not len(section_mm):
        return float("nan")
    length_mm = np.linalg.norm(section_mm[:, 1] - section_mm[:, 0], axis=1)
    middle_mm = np.average(section_mm.mean(axis=1), axis=0, weights=length_mm)
    start, end = (section_mm - middle_mm).transpose(1, 0, 2)
    across = (start[:, 2] < 0) != (end[:, 2] < 0)
    share = start[across, 2] / (start[across, 2] - end[across, 2])
    walls_mm = start[across, 1] + share * (end[across, 1] - start[across, 1])
    return float(np.ptp(walls_mm)) if len(walls_mm) else float("nan")


def _crossings(corners_mm: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
    """(k, 2, 3) Segments in which triangles (j, 3, 3) cross the plane where a coordinate is 0."""
    above = corners_mm[:, :, axis] >= 0
    crossing = above.any(axis=1) & ~above.all(axis=1)
    corners_mm, above = corners_mm[crossing], above[crossing]
    lonely = np.argmax(above == (above.sum(axis=1) == 1)[:, None], axis=1)  # alone on its side
    rows = np.arange(len(corners_mm))
    tip = corners_mm[rows, lonely]
    ends = []
    for step in (1, 2):
        other = corners_mm[rows, (lonely + step) % 3]
        share = tip[:, axis] / (tip[:, axis] - other[:, axis])
        ends.append(tip + share[:, None] * (other - tip))
    return np.stack(ends, axis=1)


def wall_thickness_mm(
    nodes_mm: NDArray[np.float64], surfaces: Mapping[str, NDArray[np.int32]], inner: str
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """(k,) Nodes of an endocardium and (k,) the distance from each to the wall's other side.

    The other side of `lv_endo` is the epicardium or the right endocardium, whichever is nearer.
    Of `rv_endo` only the nodes nearer to the epicardium than to the left cavity count: the
    septum belongs to the left ventricle. Nodes on the rim of a valve are left out.
    """
    nodes = np.setdiff1d(surfaces[inner], surfaces["base"])
    epi = surfaces["epi"]
    if inner == "lv_endo":
        outer = np.concatenate([epi, surfaces["rv_endo"]])
        return nodes, gaps_to_triangles_mm(nodes_mm[nodes], nodes_mm, outer)
    septum_mm, free_mm = (
        KDTree(nodes_mm[np.unique(side)]).query(nodes_mm[nodes])[0]
        for side in (surfaces["lv_endo"], epi)
    )
    free = nodes[free_mm < septum_mm]
    return free, gaps_to_triangles_mm(nodes_mm[free], nodes_mm, epi)


def median(values: NDArray[np.float64]) -> float:
    """The median; nan of nothing."""
    return float(np.median(values)) if len(values) else float("nan")
