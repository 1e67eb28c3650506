"""The exponential in double precision that fills vector registers."""

import math

import numpy as np

from cardiotwin.sim.kernels.double import exp, step


def test_exponential_matches_the_library():
    # Eleven terms of Taylor's sum leave (ln(2) / 2)**12 / 12! = 6e-15 of the value.
    for x in np.linspace(-707.0, 708.0, 4001):
        assert exp(x) == np.float64(math.exp(x)) or abs(exp(x) / math.exp(x) - 1) < 1e-14


def test_exponential_stops_where_numbers_end():
    assert exp(-1e6) == exp(-708.0) > 0
    assert exp(1e6) == exp(709.0) < math.inf


def test_step_is_a_tanh():
    for x in np.linspace(-20.0, 20.0, 401):
        assert abs(step(x) - (1 + math.tanh(x)) / 2) < 1e-14
