"""Populations: hearts drawn from what is published of people, each from a seed and its number."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .deform import ShapeTargets, deform
from .deform_modes import DeformableHeart, deformable
from .heart import Heart
from .library import BUILTIN, load_heart
from .measures import HeartMeasures, measure
from .norms import (
    CORRELATIONS,
    CORRELATIONS_POST_INFARCTION,
    DRAWN,
    NORMS,
    POPULATIONS,
    Population,
    Sex,
    spreads,
)
from .quality import scaled_jacobians

#: A sampled mesh passes with no tet worse than this; the bound that the morph of cine fits has.
LEAST_SCALED_JACOBIAN = 0.02
#: What a sampled heart has to measure as drawn, and how nearly; unfolding its tets costs a little.
HIT = ("lv_length_mm", "lv_cavity_ml", "lv_mass_g", "rv_cavity_ml")
HIT_WITHIN = 0.01
#: Share of men after an infarct: 238 of 304 in three trials (Nordlund 2019, BMC Cardiovasc Disord).
MEN_POST_INFARCTION = 238 / 304
#: Which artery was occluded, and how often: a choice of ours, not the shares of cohorts.
ARTERIES = {"LAD": 0.45, "RCA": 0.35, "LCx": 0.20}
#: Choices of ours: widening of the apex in health, what an anterior infarct adds to it (it is the
#: conicity that Di Donato 2006 finds lost), and the thickness that is left of an infarcted wall.
WIDENING, BLUNTING, THINNING = (-0.06, 0.06), (0.0, 0.15), (0.6, 0.9)
#: Draws for one heart before its base is held to be unfit.
MOST_DRAWS = 20


@dataclass(frozen=True, eq=False, kw_only=True)
class SampledHeart:
    """One member of a population.

    Attributes
    ----------
    index : int
        Its number; with the seed, all that it depends on.
    sex, population : str
    targets : ShapeTargets
        What was drawn.
    measures : HeartMeasures
        What its mesh measures.
    heart : Heart
    min_scaled_jacobian : float
        Of its worst tet.
    redraws : int
        Earlier draws that could not be reached, whose mesh failed the gate, or whose wall is
        thicker or thinner than published.
    """

    index: int
    sex: Sex
    population: Population
    targets: ShapeTargets
    measures: HeartMeasures
    heart: Heart
    min_scaled_jacobian: float
    redraws: int

    def as_row(self) -> dict[str, float | int | str | None]:
        """One value a name: targets as `target_...`, measures under their own names."""
        start: dict[str, float | int | str | None] = {
            "index": self.index,
            "sex": self.sex,
            "population": self.population,
        }
        end = {"min_scaled_jacobian": self.min_scaled_jacobian, "redraws": self.redraws}
        targets = {f"target_{name}": value for name, value in asdict(self.targets).items()}
        return start | targets | self.measures.as_dict() | end


def sample_hearts(
    count: int,
    *,
    seed: int,
    base: str | Heart | DeformableHeart = BUILTIN,
    population: Population = "healthy",
) -> Iterator[SampledHeart]:
    """Hearts of a population, one after the other.

    Parameters
    ----------
    count
        How many.
    seed
        Heart number i depends on the seed and on i alone, not on `count`.
    base
        The heart that is reshaped, or its name; all hearts share its tets and coordinates.
    population
        `healthy`, or `post_infarction`: dilated, rounder, thin in the bed of one artery.

    Yields
    ------
    sample : SampledHeart

    Raises
    ------
    ValueError
        When `count` is not positive, the seed is negative, the population is not known, or the
        base is unfit.

    Examples
    --------
    >>> one = next(sample_hearts(1, seed=1))
    >>> abs(one.measures.lv_cavity_ml / one.targets.lv_cavity_ml - 1) < 0.01
    True
    """
    check_sampling(count, seed, population)
    if isinstance(base, str):
        base = load_heart(base)
    ready = deformable(base) if isinstance(base, Heart) else base
    for index in range(count):
        yield sample_heart(ready, index, seed=seed, population=population)


def check_sampling(count: int, seed: int, population: str) -> None:
    """Raise when there is nothing to sample, or nothing to sample it from."""
    if count < 1:
        msg = f"count must be at least 1, got {count}"
        raise ValueError(msg)
    if seed < 0:
        msg = f"seed must not be negative, got {seed}"
        raise ValueError(msg)
    if population not in POPULATIONS:
        msg = f"population must be one of {', '.join(POPULATIONS)}, got {population!r}"
        raise ValueError(msg)


def sample_heart(
    base: DeformableHeart, index: int, *, seed: int, population: Population = "healthy"
) -> SampledHeart:
    """One heart of a population; see `sample_hearts`.

    A draw that cannot be reached, or whose mesh fails the gate, is drawn anew and counted.

    Raises
    ------
    ValueError
        When no draw passes; the message says why the last did not.
    """
    rng = np.random.default_rng([seed, POPULATIONS.index(population), index])
    name = f"{base.heart.name}-{seed}-{index:04d}"
    for redraws in range(MOST_DRAWS):
        sex, targets = draw_targets(population, rng)
        try:
            heart, measures, worst = _sound_heart(base, targets, name)
        except ValueError as error:
            reason = str(error)
            continue
        norms = NORMS[population][sex]  # the thickness is not drawn, so it may lie outside
        outside = [n for n, norm in norms.items() if not norm.holds(getattr(measures, n))]
        if outside:
            reason = f"{name}: {outside[0]} is outside the published range"
            continue
        return SampledHeart(
            index=index,
            sex=sex,
            population=population,
            targets=targets,
            measures=measures,
            heart=heart,
            min_scaled_jacobian=worst,
            redraws=redraws,
        )
    msg = (
        f"{base.heart.name} gave no sound heart number {index} in {MOST_DRAWS} draws, the last: "
        f"{reason}; give another base"
    )
    raise ValueError(msg)


def _sound_heart(
    base: DeformableHeart, targets: ShapeTargets, name: str
) -> tuple[Heart, HeartMeasures, float]:
    """A heart with its measures and worst scaled Jacobian; `ValueError` unless it may pass."""
    heart = deform(base, targets, name=name)
    own = scaled_jacobians(base.heart.nodes_mm, base.heart.tets).min()
    worst = float(scaled_jacobians(heart.nodes_mm, heart.tets).min())
    if worst < min(LEAST_SCALED_JACOBIAN, own / 2):  # flat tets of the base are not held against it
        msg = f"{name}: its worst tet has a scaled Jacobian of {worst:.3f}"
        raise ValueError(msg)
    measures = measure(heart)
    for measured in HIT:
        off = getattr(measures, measured) / getattr(targets, measured) - 1
        if abs(off) > HIT_WITHIN:
            msg = f"{name}: misses {measured} by {off:.1%}"
            raise ValueError(msg)
    return heart, measures, worst


def draw_targets(population: Population, rng: np.random.Generator) -> tuple[Sex, ShapeTargets]:
    """Sex and shape of one person.

    Volumes, mass, sphericity and right wall are drawn together; the length follows from volume
    and sphericity, the thickness of the wall from mass and volume.
    """
    infarct = population == "post_infarction"
    men = MEN_POST_INFARCTION if infarct else 0.5
    sex: Sex = "male" if rng.random() < men else "female"
    spread = spreads(population, sex)
    limits = np.array([spread[name].limit for name in DRAWN])
    scores = draw_scores(CORRELATIONS_POST_INFARCTION if infarct else CORRELATIONS, limits, rng)
    drawn = {n: float(spread[n].at(score)) for n, score in zip(DRAWN, scores, strict=True)}
    sphere_ml = drawn["lv_cavity_ml"] / drawn["lv_sphericity"]
    targets = ShapeTargets(
        lv_length_mm=float(np.cbrt(sphere_ml * 1e3 * 6 / np.pi)),
        lv_cavity_ml=drawn["lv_cavity_ml"],
        lv_mass_g=drawn["lv_mass_g"],
        rv_cavity_ml=drawn["rv_cavity_ml"],
        rv_wall_mm=drawn["rv_wall_mm"],
        apical_widening=float(rng.uniform(*WIDENING)),
    )
    if not infarct:
        return sex, targets
    artery = str(rng.choice(list(ARTERIES), p=list(ARTERIES.values())))
    blunter = float(rng.uniform(*BLUNTING)) if artery == "LAD" else 0.0
    return sex, replace(
        targets,
        apical_widening=targets.apical_widening + blunter,
        territory=artery,
        thinning=float(rng.uniform(*THINNING)),
    )


def draw_scores(
    correlations: NDArray[np.float64], limits: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.float64]:
    """(k,) Correlated normal scores, drawn until each is within its limit (k,)."""
    root = np.linalg.cholesky(correlations)
    while True:
        scores: NDArray[np.float64] = root @ rng.normal(size=len(limits))
        if (np.abs(scores) <= limits).all():
            return scores
