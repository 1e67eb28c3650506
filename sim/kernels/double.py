"""Exponential in double precision that the compiler turns into vector code.

As `single`, to 1e-14 of the value: for models so small that the rest of a step would not pay
for going back and forth between precisions.
"""

import numba as nb
import numpy as np

#: Adding this rounds a number below 2**51 to the nearest whole one, left in its low bits.
ROUND = 1.5 * 2.0**52
ROUND_BITS = np.int64(0x4338000000000000)
ONE_BITS = np.int64(0x3FF0000000000000)
#: ln 2 in two parts: the first has few enough bits that a whole number times it is exact.
LN2_HIGH, LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
PER_LN2 = 1.4426950408889634
#: Beyond these the result would leave the normal numbers.
LOWEST, HIGHEST = -708.0, 709.0


@nb.njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})
def exp(x):
    """e**x; x below -708 counts as -708, above 709 as 709."""
    x = min(max(x, LOWEST), HIGHEST)
    shifted = x * PER_LN2 + ROUND
    k = shifted - ROUND
    r = (x - k * LN2_HIGH) - k * LN2_LOW
    power = np.int64((np.float64(shifted).view(np.int64) - ROUND_BITS << 52) + ONE_BITS)
    q = 1 / 39916800
    q = q * r + 1 / 3628800
    q = q * r + 1 / 362880
    q = q * r + 1 / 40320
    q = q * r + 1 / 5040
    q = q * r + 1 / 720
    q = q * r + 1 / 120
    q = q * r + 1 / 24
    q = q * r + 1 / 6
    q = q * r + 1 / 2
    return power.view(np.float64) * (1.0 + (r + r * r * q))


@nb.njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})
def step(x):
    """(1 + tanh(x)) / 2: from 0 to 1 around 0."""
    return 1.0 / (1.0 + exp(-2.0 * x))
