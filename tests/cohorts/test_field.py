"""Random fields have the mean, the spread and the correlation they promise."""

import numpy as np
import pytest

from cardiotwin.cohorts.field import random_field


def test_mean_and_spread(rng):
    points = rng.uniform(0, 60, (4000, 3))
    fields = np.stack([random_field(points, 6.0, np.random.default_rng(k)) for k in range(20)])
    assert abs(fields.mean()) < 0.05
    # linear interpolation between grid points takes a little of the variance away
    assert 0.9 < fields.std() < 1.02


@pytest.mark.parametrize("distance_mm", [4.0, 8.0, 16.0])
def test_correlation_falls_as_a_gaussian_of_the_distance(distance_mm, rng):
    length_mm = 8.0
    a = rng.uniform(0, 60, (3000, 3))
    direction = rng.standard_normal((3000, 3))
    b = a + distance_mm * direction / np.linalg.norm(direction, axis=1, keepdims=True)
    both = np.concatenate([a, b])
    products = []
    for seed in range(30):
        f = random_field(both, length_mm, np.random.default_rng(seed))
        products.append(np.corrcoef(f[:3000], f[3000:])[0, 1])
    expected = np.exp(-(distance_mm**2) / (2 * length_mm**2))
    # 30 fields with some 150 independent patches each
    assert np.mean(products) == pytest.approx(expected, abs=0.05)


def test_same_generator_state_same_field():
    points = np.random.default_rng(1).uniform(0, 50, (100, 3))
    a, b = (random_field(points, 5.0, np.random.default_rng(9)) for _ in range(2))
    np.testing.assert_array_equal(a, b)


def test_a_length_of_nothing_is_refused(rng):
    with pytest.raises(ValueError, match="correlation_mm must be positive, got 0"):
        random_field(np.zeros((3, 3)), 0.0, rng)
