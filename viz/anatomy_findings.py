"""What there is to say about a heart before it is simulated: figures, ranges and warnings."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ..anatomy import ELECTRODES, Heart, Torso
from ..anatomy.frame import heart_axes
from ..anatomy.measures import HeartMeasures, measure
from ..anatomy.norms import NORMS, SEXES
from ..anatomy.pose import ODD_POSE_DEG, pose_angle_deg
from ..anatomy.quality import MeshQuality, mesh_quality, scaled_jacobians
from ..anatomy.seating import check_torso
from ..anatomy.thorax import fit_thorax

#: Name, words, decimals and unit of the measures that are shown, in this order.
_SHOWN = (
    ("lv_cavity_ml", "Left cavity", 0, "ml"),
    ("rv_cavity_ml", "Right cavity", 0, "ml"),
    ("lv_mass_g", "Left ventricular mass", 0, "g"),
    ("rv_mass_g", "Right ventricular mass", 0, "g"),
    ("lv_length_mm", "Left cavity, length", 0, "mm"),
    ("lv_diameter_mm", "Left cavity, diameter", 0, "mm"),
    ("lv_sphericity", "Sphericity, by volume", 2, ""),
    ("lv_wall_mm", "Left wall, median", 1, "mm"),
    ("lv_septum_mm", "Septum, median", 1, "mm"),
    ("rv_wall_mm", "Right wall, median", 1, "mm"),
)


class Row(NamedTuple):
    """A line of a table: what, how much, and what is normal, as text; odd lies outside that."""

    name: str
    value: str
    normal: str = ""
    is_odd: bool = False


@dataclass(frozen=True, eq=False, kw_only=True)
class Findings:
    """A heart, measured; a measure that could not be taken is None and has a warning."""

    heart: Heart
    quality: MeshQuality
    measures: HeartMeasures | None
    torso: Torso | None
    #: From the usual pose; nan when the axes cannot be found.
    pose_deg: float
    #: One line each, the first the most important.
    warnings: tuple[str, ...]

    @property
    def verdict(self) -> str:
        """Whether the heart is fit to be simulated, in a few words."""
        count = len(self.warnings)
        if not count:
            return "Fit to be simulated"
        return f"{count} thing{'s' * (count > 1)} to look at before it is simulated"


def findings(heart: Heart) -> Findings:
    """Measure all there is to measure, and gather what is odd."""
    quality = mesh_quality(heart.nodes_mm, heart.tets, heart.surfaces)
    warnings = list(quality.warnings)
    measures, torso, pose_deg = None, None, float("nan")
    if all(len(triangles) for triangles in heart.surfaces.values()):
        try:
            pose_deg = pose_angle_deg(heart_axes(heart.nodes_mm, heart.surfaces))
            measures = measure(heart)
        except ValueError as error:
            warnings.append(f"cavities are not measured: {error}")
        warnings += _pose_warnings(pose_deg)
        try:
            torso = fit_thorax(heart)
            check_torso(torso, heart, gap_mm=0.0)
        except ValueError as error:
            warnings.append(str(error))
    warnings += _electrode_warnings(heart)
    return Findings(
        heart=heart,
        quality=quality,
        measures=measures,
        torso=torso,
        pose_deg=pose_deg,
        warnings=tuple(dict.fromkeys(warnings)),
    )


def mesh_rows(found: Findings) -> Sequence[Row]:
    """Size and shape of the mesh."""
    quality, heart = found.quality, found.heart
    worst = heart.tets[scaled_jacobians(heart.nodes_mm, heart.tets).argmin()]
    place = "({:.0f}, {:.0f}, {:.0f}) mm".format(*heart.nodes_mm[worst].mean(axis=0))
    return (
        Row("Nodes", f"{quality.nodes:,}"),
        Row("Tetrahedra", f"{quality.tets:,}"),
        Row("Muscle", f"{quality.volume_ml:.1f} ml"),
        Row("Edge, mean", f"{quality.mean_edge_mm:.2f} mm"),
        Row("Scaled Jacobian, least", f"{quality.min_scaled_jacobian:.3f}"),
        Row("Least at", place),
        Row("Scaled Jacobian, mean", f"{quality.mean_scaled_jacobian:.3f}"),
        Row("Pieces", f"{quality.pieces}"),
        Row("Closed, manifold boundary", "yes" if quality.boundary_is_manifold else "no"),
        Row("Euler number of the boundary", f"{quality.boundary_euler_number}"),
        Row("Turned from the usual pose", _number(found.pose_deg, 0, "\u00b0")),
    )


def clinical_rows(found: Findings) -> Sequence[Row]:
    """What a clinic measures, beside the ranges of healthy women and men."""
    if found.measures is None:
        return ()
    values, rows = found.measures.as_dict(), []
    for name, words, decimals, unit in _SHOWN:
        norms = [NORMS["healthy"][sex][name] for sex in SEXES if name in NORMS["healthy"][sex]]
        spans = [f"{n.low:.{decimals}f}\u2013{n.high:.{decimals}f}" for n in norms]
        is_odd = bool(norms) and not any(norm.holds(values[name]) for norm in norms)
        value = _number(values[name], decimals, f" {unit}".rstrip())
        rows.append(Row(words, value, " / ".join(dict.fromkeys(spans)), is_odd))
    return rows


def sources() -> Sequence[str]:
    """Where the ranges come from."""
    norms = [norm for sex in SEXES for norm in NORMS["healthy"][sex].values()]
    return sorted({norm.source for norm in norms})


def _number(value: float, decimals: int, unit: str) -> str:
    return f"{value:.{decimals}f}{unit}" if np.isfinite(value) else "\u2013"


def _pose_warnings(pose_deg: float) -> list[str]:
    if not pose_deg > ODD_POSE_DEG:
        return []
    return [
        f"the heart is turned by {pose_deg:.0f} degrees from how hearts lie: if its file has axes "
        "of its own, build it with --pose own"
    ]


def _electrode_warnings(heart: Heart) -> list[str]:
    at_mm = zip(ELECTRODES, heart.electrodes_mm, strict=True)
    missing = [name for name, place_mm in at_mm if not np.isfinite(place_mm).all()]
    return [f"electrodes {', '.join(missing)} are missing"] if missing else []
