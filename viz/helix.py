"""Helix angle of the fibres: from the circumference of the ventricle towards its base."""

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..anatomy import Heart, Laplacian
from .camera import lv_axes
from .figure import PALE_INK, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Where the circumference is well defined: off the apex and the valves.
_HEIGHTS = (0.2, 0.9)
#: The sectors of the wall in which the septum and the free wall are looked at, degrees.
_SEPTUM_DEG, _FREE_DEG = 50.0, 80.0
_BINS = np.linspace(0.0, 1.0, 11)
_COLOURS = {"Left free wall": "#6b1f47", "Septum": "#e59a2f", "Right free wall": "#2f6fa3"}


def helix_angles_deg(heart: Heart) -> NDArray[np.float64]:
    """(m,) Helix angle of each tetrahedron's fibre, -90 to 90; nan where the wall has no depth.

    Positive where a fibre that runs anticlockwise, as seen from the base, climbs towards the
    base (Streeter 1969): about 60 on the endocardium, -60 on the epicardium.
    """
    up, around = wall_axes(heart)
    fibres = np.asarray(heart.fibres, np.float64)
    climb, run = np.einsum("ij,ij->i", fibres, up), np.einsum("ij,ij->i", fibres, around)
    angles = np.rad2deg(np.arctan2(climb, run))
    angles = (angles + 90.0) % 180.0 - 90.0  # a fibre has no head
    return np.where(np.isfinite(up).all(axis=1), angles, np.nan)


def wall_axes(heart: Heart) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(m, 3) twice: towards the base and anticlockwise along the wall; nan where it has none."""
    outward = Laplacian(heart.nodes_mm, heart.tets).gradient(heart.coordinates.transmural)
    basal = lv_axes(heart).basal
    with np.errstate(invalid="ignore"):
        outward = outward / np.linalg.norm(outward, axis=1, keepdims=True)
        up = basal - (outward @ basal)[:, None] * outward
        up /= np.linalg.norm(up, axis=1, keepdims=True)
    return up, np.cross(up, outward)


def draw_helix(heart: Heart) -> "Figure":
    """Figure of helix angle against depth: median and middle half of the tetrahedra."""
    from matplotlib.figure import Figure

    angles_deg = helix_angles_deg(heart)
    depth = heart.coordinates.transmural[heart.tets].mean(axis=1)
    with style():
        figure = Figure(figsize=(3.1, 3.4), facecolor="white", layout="constrained")
        axes = figure.add_subplot()
        axes.axhline(0, color=PALE_INK, linewidth=0.6)
        for name, chosen in wall_regions(heart).items():
            if chosen.sum() >= 200:
                _draw_band(axes, depth[chosen], angles_deg[chosen], name)
        axes.set(xlim=(0, 1), ylim=(-90, 90), yticks=range(-90, 91, 30))
        axes.set_xlabel("Depth in the wall, endocardium 0 to epicardium 1")
        axes.set_ylabel("Helix angle (degrees)")
        axes.spines[["top", "right"]].set_visible(False)
        if axes.get_legend_handles_labels()[1]:
            axes.legend(frameon=False, fontsize=7)
    return figure


def wall_regions(heart: Heart) -> dict[str, NDArray[np.bool_]]:
    """(m,) Tetrahedra of each wall, away from the apex, the base and where walls meet."""
    places, tets = heart.coordinates, heart.tets
    height = places.apicobasal[tets].mean(axis=1)
    turn = np.exp(1j * places.rotational)[tets].mean(axis=1)
    turn_deg = np.abs(np.rad2deg(np.angle(turn)))
    between = (height > _HEIGHTS[0]) & (height < _HEIGHTS[1])
    left = between & (places.transventricular[tets].max(axis=1) < 0.5)
    right = between & (places.transventricular[tets].min(axis=1) > 0.5)
    return {
        "Left free wall": left & (turn_deg > _FREE_DEG),
        "Septum": left & (turn_deg < _SEPTUM_DEG),
        "Right free wall": right & (turn_deg < _SEPTUM_DEG),
    }


def _draw_band(
    axes: "Axes", depth: NDArray[np.float64], angles_deg: NDArray[np.float64], name: str
) -> None:
    """Median of each tenth of the wall, with the band that holds half of the fibres."""
    middles, low, median, high = depth_profile(depth, angles_deg).T
    axes.fill_between(middles, low, high, color=_COLOURS[name], alpha=0.15, linewidth=0)
    axes.plot(middles, median, color=_COLOURS[name], label=name, marker="o", markersize=2.5)


def depth_profile(
    depth: NDArray[np.float64], angles_deg: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(k, 4) Middle of each tenth of the wall that has fibres, and their three quartiles.

    Quartiles are taken about the mean direction of each tenth, for 90 and -90 are the same.
    """
    rows = []
    for low, high in pairwise(_BINS):
        here = angles_deg[(depth >= low) & (depth <= high) & np.isfinite(angles_deg)]
        if len(here) >= 10:
            mean = np.rad2deg(np.angle(np.exp(2j * np.deg2rad(here)).mean())) / 2
            off = (here - mean + 90.0) % 180.0 - 90.0
            rows.append([(low + high) / 2, *(mean + np.quantile(off, (0.25, 0.5, 0.75)))])
    return np.array(rows).reshape(-1, 4)
