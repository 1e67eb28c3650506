"""What hearts measure in people: means, spreads and ranges, each with where it comes from."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

Sex = Literal["female", "male"]
Population = Literal["healthy", "post_infarction"]
SEXES: tuple[Sex, ...] = ("female", "male")
POPULATIONS: tuple[Population, ...] = ("healthy", "post_infarction")
#: Standard deviations that hold 95 % of a normal distribution.
SPREAD = 1.96


@dataclass(frozen=True, kw_only=True)
class Norm:
    """A quantity of `HeartMeasures` in a population; nan where a source gives a range only."""

    mean: float = float("nan")
    sd: float = float("nan")
    low: float
    high: float
    source: str

    def __post_init__(self) -> None:
        if not self.low < self.high:
            msg = f"a range must rise, got {self.low:g} to {self.high:g}"
            raise ValueError(msg)

    def holds(self, value: float) -> bool:
        """Whether a value lies in the range."""
        return bool(self.low <= value <= self.high)


def _normal(mean: float, sd: float, source: str) -> Norm:
    """The middle 95 % of a normal distribution."""
    return Norm(mean=mean, sd=sd, low=mean - SPREAD * sd, high=mean + SPREAD * sd, source=source)


#: Petersen and others, J Cardiovasc Magn Reson 2017;19:18: 804 healthy adults of 45 to 74 years,
#: UK Biobank, short-axis cine, papillary muscles counted as blood. Their abstract gives the mass
#: per body surface (53 +- 9 and 42 +- 7 g/m2); the absolute figures here were quoted from
#: memory of table 2 and agree with it at 1.94 and 1.67 m2, but were not looked up again.
_UK_BIOBANK = "Petersen 2017, UK Biobank"
#: Kawel and others, Circ Cardiovasc Imaging 2012;5:500: 300 healthy adults, mid-cavity, short axis.
_MESA = "Kawel 2012, MESA"
#: Lang and others, J Am Soc Echocardiogr 2015;28:1: right wall. Their left diameters are left out:
#: ultrasound finds smaller cavities than MRI, whose volumes these hearts have.
_LANG = "Lang 2015"
#: Yokota and others, J Cardiovasc Magn Reson 2008;10:17: 86 patients after infarction with an
#: ejection fraction under 50 %; 231 +- 76 ml in 33 of them, 230 +- 88 in 53, pooled here.
_YOKOTA = "Yokota 2008, ischaemic cardiomyopathy"
_LEAST_DILATED_ML = 112.0  #: a tenth more than the mean of women less one SD: dilated at all

NORMS: Mapping[Population, Mapping[Sex, Mapping[str, Norm]]] = {
    "healthy": {
        "male": {
            "lv_cavity_ml": _normal(166, 32, _UK_BIOBANK),
            "lv_mass_g": _normal(103, 21, _UK_BIOBANK),
            "rv_cavity_ml": _normal(182, 36, _UK_BIOBANK),
            "lv_wall_mm": _normal(6.3, 1.1, _MESA),
            "rv_wall_mm": Norm(low=1, high=5, source=_LANG),
        },
        "female": {
            "lv_cavity_ml": _normal(124, 21, _UK_BIOBANK),
            "lv_mass_g": _normal(70, 13, _UK_BIOBANK),
            "rv_cavity_ml": _normal(130, 24, _UK_BIOBANK),
            "lv_wall_mm": _normal(5.3, 0.9, _MESA),
            "rv_wall_mm": Norm(low=1, high=5, source=_LANG),
        },
    },
    "post_infarction": {
        sex: {
            "lv_cavity_ml": Norm(
                mean=230, sd=84, low=_LEAST_DILATED_ML, high=230 + SPREAD * 84, source=_YOKOTA
            ),
            "rv_wall_mm": Norm(low=1, high=5, source=_LANG),
        }
        for sex in SEXES
    },
}


@dataclass(frozen=True, kw_only=True)
class Spread:
    """What `sample` draws a quantity from: a normal distribution within limits."""

    mean: float
    sd: float
    limit: float = SPREAD  #: in standard deviations

    def at(self, score: float) -> float:
        """Value so many standard deviations from the mean."""
        return self.mean + self.sd * score


#: Order of the quantities that are drawn together.
DRAWN = ("lv_cavity_ml", "lv_mass_g", "rv_cavity_ml", "lv_sphericity", "rv_wall_mm")
#: Correlations within a sex. Choices of ours, not published figures: the ventricles pump the same
#: stroke, and a larger cavity has more muscle about it.
CORRELATIONS = np.array(
    [
        [1.00, 0.75, 0.85, 0.20, 0.20],
        [0.75, 1.00, 0.65, 0.00, 0.30],
        [0.85, 0.65, 1.00, 0.10, 0.20],
        [0.20, 0.00, 0.10, 1.00, 0.00],
        [0.20, 0.30, 0.20, 0.00, 1.00],
    ]
)
#: The same after an infarct, where muscle and the right ventricle follow the cavity less.
CORRELATIONS_POST_INFARCTION = np.array(
    [
        [1.00, 0.60, 0.40, 0.40, 0.00],
        [0.60, 1.00, 0.30, 0.10, 0.20],
        [0.40, 0.30, 1.00, 0.00, 0.20],
        [0.40, 0.10, 0.00, 1.00, 0.00],
        [0.00, 0.20, 0.20, 0.00, 1.00],
    ]
)


def spreads(population: Population, sex: Sex) -> dict[str, Spread]:
    """Distributions of `DRAWN`: the published ones, and choices of ours where none was found.

    Sphericity: a mean of 0.37, that of Rodero's heart and of the parametric one (0.40 in the
    cine-MRI fit biv-me patient 1), and 0.47 after an infarct; the rounder left ventricle after
    infarction is Mannaerts' finding (Eur Heart J 2004;25:680), the two figures are choices. So is
    the mass after infarction, about a third over the healthy one, and the right wall, amid
    Lang's range.

    Examples
    --------
    >>> spreads("healthy", "female")["lv_cavity_ml"].mean
    124
    """
    healthy = NORMS["healthy"][sex]
    drawn = {
        name: Spread(mean=healthy[name].mean, sd=healthy[name].sd)
        for name in ("lv_cavity_ml", "lv_mass_g", "rv_cavity_ml")
    }
    drawn |= {
        "lv_sphericity": Spread(mean=0.37, sd=0.045),
        "rv_wall_mm": Spread(mean=3.0, sd=0.4),
    }
    if population == "healthy":
        return drawn
    mean_g = 1.35 * drawn["lv_mass_g"].mean
    large = NORMS["post_infarction"][sex]["lv_cavity_ml"]
    return drawn | {
        "lv_cavity_ml": Spread(mean=large.mean, sd=large.sd, limit=1.4),
        "lv_mass_g": Spread(mean=mean_g, sd=0.2 * mean_g),
        "lv_sphericity": Spread(mean=0.47, sd=0.05),
    }
