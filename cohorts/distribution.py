"""One bounded random number: a beta distribution given by its mean, spread and limits."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounded:
    """A beta distribution stretched over `low`..`high`; a constant when `sd` is 0.

    Raises
    ------
    ValueError
        When the limits are in the wrong order, the mean is outside them, or `sd` is too large
        for them (no beta distribution has variance (mean - low) (high - mean) or more).

    Examples
    --------
    >>> Bounded(mean=0.2, sd=0.0, low=0.0, high=1.0).draw(np.random.default_rng(0))
    0.2
    """

    mean: float
    sd: float
    low: float
    high: float

    def __post_init__(self) -> None:
        if not self.low <= self.mean <= self.high:
            msg = f"mean must lie in {self.low}..{self.high}, got {self.mean}"
            raise ValueError(msg)
        if self.sd < 0 or (self.sd > 0 and self.sd**2 >= self._largest_variance):
            msg = (
                f"sd must lie in 0..{self._largest_variance**0.5:.4g} for a mean of {self.mean} "
                f"in {self.low}..{self.high}, got {self.sd}"
            )
            raise ValueError(msg)

    @property
    def _largest_variance(self) -> float:
        return (self.mean - self.low) * (self.high - self.mean)

    def draw(self, rng: np.random.Generator) -> float:
        """One number from the distribution."""
        if self.sd == 0:
            return self.mean
        width = self.high - self.low
        share = (self.mean - self.low) / width
        weight = self._largest_variance / self.sd**2 - 1
        return self.low + width * float(rng.beta(share * weight, (1 - share) * weight))


def around(mean: float, *, sd: float, reach: float) -> Bounded:
    """A symmetric distribution within `reach` of `mean`."""
    return Bounded(mean=mean, sd=sd, low=mean - reach, high=mean + reach)
