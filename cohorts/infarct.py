"""Stochastic infarcts: a wavefront of necrosis from endocardium to epicardium.

Reimer and Jennings (Lab Invest 1977) saw necrosis start under the endocardium of the occluded
artery's bed and move outward with time, while its sides stayed where the bed ends. Here the bed
is what lies nearer to the branches behind the occlusion than to any other; the front's depth is
greatest in the middle of the bed and falls to nothing at its side; a random field makes it
irregular. Two numbers, the reach of the front in depth and to the sides, are chosen so that the
share of muscle lost (burden) and of wall lost where there is scar (transmurality) are those
asked for.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from ..anatomy import Heart
from ..sim import SimModel, Tissue
from .beds import SITES, Beds
from .columns import WallColumns, transmurality, wall_columns
from .coronaries import ARTERIES
from .field import random_field

#: Achieved transmurality may differ from the target by this much.
TRANSMURALITY_TOLERANCE = 0.03
#: The front may reach this far past the bed's side (1 is the side itself).
WIDEST = 1.15
#: Range in which the depth of the front is sought, in thicknesses of the wall.
DEEPEST = (0.05, 500.0)
#: The border zone is never narrower or wider than this.
BORDER_LIMITS_MM = (2.0, 8.0)


@dataclass(frozen=True, kw_only=True)
class InfarctTarget:
    """What an infarct should come to.

    Raises
    ------
    ValueError
        When the artery is unknown or a number is out of range; one line that says what is not.
    """

    territory: str = "LAD"  #: occluded artery, a key of `ARTERIES`
    burden: float = 0.20  #: share of left-ventricular muscle in the core
    transmurality: float = 0.62  #: mean share of the wall in the core where there is any
    site: float | None = None  #: of the occlusion, 0 proximal .. 1 distal; None draws one that fits
    border_mm: float = 4.5  #: mean width of the border zone
    correlation_mm: float = 8.0  #: correlation length of the irregularity
    irregularity: float = 0.15  #: its standard deviation, in wall thicknesses and bed radii

    def __post_init__(self) -> None:
        if self.territory not in ARTERIES:
            msg = f"unknown territory {self.territory!r}; choose {', '.join(ARTERIES)}"
            raise ValueError(msg)
        for name in ("burden", "transmurality"):
            value = getattr(self, name)
            if not 0 < value < 1:
                msg = (
                    f"{name} must lie strictly between 0 and 1, got {value}; it is a share, "
                    "0.3 for 30 %, and a healthy heart has no infarct to draw"
                )
                raise ValueError(msg)
        if self.site is not None and not 0 <= self.site < 1:
            msg = f"site must lie in 0 (proximal) .. 1 (distal), got {self.site}"
            raise ValueError(msg)
        for name in ("border_mm", "correlation_mm"):
            if not getattr(self, name) > 0:
                msg = f"{name} must be positive, got {getattr(self, name)}"
                raise ValueError(msg)
        if not 0 <= self.irregularity <= 0.5:
            msg = f"irregularity must lie in 0..0.5, got {self.irregularity}"
            raise ValueError(msg)


class Achieved(NamedTuple):
    """What an infarct came to; shares of left-ventricular muscle."""

    burden: float  #: core
    transmurality: float  #: mean share of the wall in the core where there is any
    border_share: float  #: border zone, a half-dead piece counted half
    site: float  #: of the occlusion, 0 proximal .. 1 distal


@dataclass(frozen=True, eq=False, kw_only=True)
class Infarct:
    """A drawn infarct: the tissue it left, and what it came to."""

    tissue: Tissue
    achieved: Achieved


@dataclass(frozen=True, eq=False, kw_only=True)
class InfarctModel:
    """What the infarcts of one heart share; made by `prepare_infarcts`."""

    heart: Heart
    lv: NDArray[np.int64]
    volumes_mm3: NDArray[np.float64]
    columns: WallColumns
    beds: Beds


def prepare_infarcts(heart: Heart, sim: SimModel) -> InfarctModel:
    """Lay the coronary arteries on a heart and sort its wall into columns."""
    lv = np.flatnonzero(heart.is_lv)
    volumes_mm3 = heart.node_volumes_mm3[lv]
    return InfarctModel(
        heart=heart,
        lv=lv,
        volumes_mm3=volumes_mm3,
        columns=wall_columns(heart, lv),
        beds=Beds(heart, sim.mesh, lv),
    )


def draw_infarct(model: InfarctModel, target: InfarctTarget, rng: np.random.Generator) -> Infarct:
    """One infarct that meets its targets.

    Parameters
    ----------
    model
        From `prepare_infarcts`.
    target
        Artery, burden, transmurality, and how irregular.
    rng
        Draws the site, if it is free, and the irregularity.

    Returns
    -------
    Infarct
        Both targets are met before pockets of muscle inside the core are closed, burden to
        one node and transmurality to `TRANSMURALITY_TOLERANCE`; `achieved` is what is there
        after it.

    Raises
    ------
    ValueError
        When the artery's bed is too small for this burden at this transmurality, or no front
        is so shallow or so deep; the message says what would fit.
    """
    points_mm = model.heart.nodes_mm[model.lv]
    rough_depth, rough_side, width = (
        random_field(points_mm, target.correlation_mm, rng) for _ in range(3)
    )
    site = choose_site(model, target, rng)
    radius = model.beds.radius(target.territory, site).astype(float)
    aside = (radius * np.exp(target.irregularity * rough_side))[model.columns.foot]
    depth = model.heart.coordinates.transmural[model.lv] + target.irregularity * rough_depth
    core = close_pockets(model, grow(model, target, depth, aside))
    border = border_zone(model, core, target.border_mm, width)
    achieved = Achieved(
        burden=share(model, core),
        transmurality=transmurality(model.columns, core, model.volumes_mm3),
        border_share=share(model, border),
        site=site,
    )
    return Infarct(tissue=whole_heart(model, core, border), achieved=achieved)


def choose_site(model: InfarctModel, target: InfarctTarget, rng: np.random.Generator) -> float:
    """The given site; else one of `SITES` whose bed is large enough, at random."""
    if target.site is not None:
        return target.site
    wanted = target.burden / target.transmurality
    beds = [share(model, model.beds.radius(target.territory, s) < 1) for s in SITES]
    fits = [s for s, bed in zip(SITES, beds, strict=True) if bed >= wanted]
    return float(rng.choice(fits)) if fits else SITES[0]


def grow(
    model: InfarctModel,
    target: InfarctTarget,
    depth: NDArray[np.float64],
    aside: NDArray[np.float64],
) -> NDArray[np.bool_]:
    """(lv,) Core: where the front has passed, with the targets met.

    The front stands at the depth T (1 - (aside / W)^2). For a given T each node has its own W
    from which on it is lost, so that the W of a burden is a quantile; T is then bisected,
    since a deeper front of the same volume is narrower.
    """
    low, high = DEEPEST
    for _ in range(24):
        middle = np.sqrt(low * high)
        core, width = front(model, target.burden, middle, depth, aside)
        reached = transmurality(model.columns, core, model.volumes_mm3)
        if abs(reached - target.transmurality) < TRANSMURALITY_TOLERANCE / 10:
            break
        low, high = (middle, high) if reached < target.transmurality else (low, middle)
    asked = f"a burden of {target.burden:.3f} at a transmurality of {target.transmurality:.2f}"
    if width > WIDEST:
        bed = share(model, aside < 1)
        msg = (
            f"{asked} does not fit the bed of this {target.territory} occlusion, {bed:.2f} of the "
            f"left ventricle; ask for a burden of at most {bed * target.transmurality:.3f}, or a "
            "more proximal site"
        )
        raise ValueError(msg)
    if abs(reached - target.transmurality) > TRANSMURALITY_TOLERANCE:
        msg = f"{asked} cannot be had on {model.heart.name}; the nearest has {reached:.2f}"
        raise ValueError(msg)
    return core


def close_pockets(model: InfarctModel, core: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(lv,) The core and the nodes that it leaves without a single living tetrahedron."""
    tets = model.heart.tets
    dead, living = np.zeros((2, len(model.heart.nodes_mm)), bool)
    dead[model.lv[core]] = True
    living[tets[~dead[tets].any(axis=1)]] = True
    return ~living[model.lv]


def front(
    model: InfarctModel,
    burden: float,
    deepest: float,
    depth: NDArray[np.float64],
    aside: NDArray[np.float64],
) -> tuple[NDArray[np.bool_], float]:
    """The core of a given burden behind a front of a given depth, and how wide it has to be."""
    left = 1 - depth / deepest
    width = np.where(left > 0, aside / np.sqrt(np.maximum(left, 1e-12)), np.inf)
    order = np.argsort(width, kind="stable")
    lost = np.cumsum(model.volumes_mm3[order]) / model.volumes_mm3.sum()
    count = int(np.searchsorted(lost, burden)) + 1
    core = np.zeros(len(depth), bool)
    core[order[:count]] = True
    return core, float(width[order[min(count, len(order)) - 1]])


def border_zone(
    model: InfarctModel, core: NDArray[np.bool_], mean_mm: float, rough: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(lv,) Border zone, 1 beside the core and falling to 0 over a width that varies.

    Widths are spread evenly over half to one and a half times the mean, within
    `BORDER_LIMITS_MM`; ways run inside the left ventricle's wall, so the zone never leaves it.
    """
    width_mm = np.clip(mean_mm * (0.5 + ndtr(rough)), *BORDER_LIMITS_MM)
    away_mm = model.beds.way_mm(model.lv[core], BORDER_LIMITS_MM[1])
    return np.where(core, 0.0, np.clip(1 - away_mm / width_mm, 0.0, 1.0))


def share(model: InfarctModel, part: NDArray[Any]) -> float:
    """Share of the left ventricle's muscle in a part of it, or in a graded part."""
    return float(model.volumes_mm3 @ part / model.volumes_mm3.sum())


def whole_heart(
    model: InfarctModel, core: NDArray[np.bool_], border: NDArray[np.float64]
) -> Tissue:
    """Tissue of all nodes from the state of the left-ventricular ones."""
    n = len(model.heart.nodes_mm)
    everywhere, graded = np.zeros(n, bool), np.zeros(n, np.float32)
    everywhere[model.lv] = core
    graded[model.lv] = border
    return Tissue(core=everywhere, border=graded)
