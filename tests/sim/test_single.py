"""Single precision exponential and logarithm against numpy in double."""

import numpy as np
import pytest

from cardiotwin.sim.kernels import single


def over(function, x):
    """Values of a kernel at single precision x."""
    return np.array([function(value) for value in np.float32(x)], dtype=float)


def test_the_exponential_has_single_precision():
    x = np.linspace(-86, 86, 4001, dtype=np.float32)
    # Half a unit in the last place is 6e-8; the reduction and the sum add as much.
    assert over(single.exp, x) == pytest.approx(np.exp(x.astype(float)), rel=1.5e-7)


def test_the_exponential_less_one_has_single_precision_near_zero():
    x = np.float32(np.concatenate([np.geomspace(1e-12, 80, 500), -np.geomspace(1e-12, 80, 500)]))
    assert over(single.expm1, x) == pytest.approx(np.expm1(x.astype(float)), rel=2e-7)


def test_the_logarithm_has_single_precision():
    x = np.geomspace(1e-30, 1e30, 4001, dtype=np.float32)
    assert over(single.log, x) == pytest.approx(np.log(x.astype(float)), rel=1.5e-7, abs=1.5e-7)


def test_beyond_its_range_the_exponential_stays_at_the_ends():
    low, high = over(single.exp, [-1e30, -np.inf]), over(single.exp, [1e30, np.inf])
    assert low == pytest.approx(np.exp(-87), rel=1e-5)
    assert high == pytest.approx(np.exp(88), rel=1e-5)


def test_rise_and_fall_add_up_to_one():
    v = np.linspace(-100, 60, 101, dtype=np.float32)
    total = [single.rise(x, -20.0, 7.0) + single.fall(x, -20.0, 7.0) for x in v]
    assert np.array(total) == pytest.approx(1, abs=2e-7)
