"""Gaussian random fields on a heart: irregularity with a stated correlation length."""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, map_coordinates

#: Grid points per correlation length.
_RESOLUTION = 2.5


def random_field(
    points_mm: NDArray[np.float64], correlation_mm: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """(n,) A stationary Gaussian field with mean 0 and standard deviation 1.

    White noise on a grid, blurred so that the correlation at distance d is
    exp(-d^2 / (2 correlation_mm^2)), and interpolated linearly to the points.

    Parameters
    ----------
    points_mm
        (n, 3)
    correlation_mm
        Distance at which the correlation has fallen to exp(-1/2).
    rng
        Source of the noise.

    Raises
    ------
    ValueError
        When `correlation_mm` is not positive.
    """
    if not correlation_mm > 0:
        msg = f"correlation_mm must be positive, got {correlation_mm}"
        raise ValueError(msg)
    step_mm = correlation_mm / _RESOLUTION
    # Blurring with s makes a field whose correlation is a Gaussian of sqrt(2) s.
    blur = _RESOLUTION / np.sqrt(2)
    margin = 2
    low = points_mm.min(axis=0)
    size = np.ceil(np.ptp(points_mm, axis=0) / step_mm).astype(int) + 1 + 2 * margin
    noise = rng.standard_normal(size, dtype=np.float32)
    smooth = gaussian_filter(noise, blur, mode="wrap")
    # Variance of a blurred white noise with unit variance: (1 / (2 sqrt(pi) s)) ^ 3.
    smooth *= (2 * np.sqrt(np.pi) * blur) ** 1.5
    at = (points_mm - low) / step_mm + margin
    return map_coordinates(smooth, at.T, order=1).astype(np.float64)
