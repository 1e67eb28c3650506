"""Exponential and logarithm in single precision that the compiler turns into vector code.

`math.exp` is a call that keeps a loop scalar. These are polynomials after a reduction by bits,
branch-free, so that a loop over them fills whole registers: 16 lanes under AVX-512. `F` around
each constant keeps the arithmetic single; a bare Python float would widen it to double.
"""

import numba as nb
import numpy as np

#: A product and a sum may become one instruction, "contract": without it a cell's step takes
#: 33 ns instead of 24 (`benchmarks/solvers_reaction.py` measures the steps).
vectorised = nb.njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})
F = np.float32
I = np.int32  # noqa: E741
#: Adding this rounds a float32 below 2**22 to the nearest whole number, left in its low bits.
ROUND = F(1.5 * 2**23)
ROUND_BITS = I(0x4B400000)
#: ln 2 in two parts: the first has few enough bits that a whole number times it is exact.
LN2_HIGH, LN2_LOW = F(0.693359375), F(-2.12194440e-4)
PER_LN2 = F(1.4426950408889634)
#: Beyond these the result would leave the normal numbers.
LOWEST, HIGHEST = F(-87.0), F(88.0)
#: Bits of sqrt(1/2), where the logarithm's mantissa starts.
HALF_ROOT_BITS = I(0x3F3504F3)
ONE_BITS = I(0x3F800000)


@vectorised
def _reduced(x):
    """Whole k and remainder r with x = k ln 2 + r, and 2**k; x cut to where exp is finite."""
    x = min(max(x, LOWEST), HIGHEST)
    shifted = x * PER_LN2 + ROUND
    k = shifted - ROUND
    r = (x - k * LN2_HIGH) - k * LN2_LOW
    power = I((F(shifted).view(np.int32) - ROUND_BITS << 23) + ONE_BITS).view(np.float32)
    return r, power


@vectorised
def _expm1_near_zero(r):
    """e**r - 1 for |r| <= ln(2) / 2: Taylor's sum, 1e-8 off at most."""
    q = F(1 / 5040)
    q = q * r + F(1 / 720)
    q = q * r + F(1 / 120)
    q = q * r + F(1 / 24)
    q = q * r + F(1 / 6)
    q = q * r + F(1 / 2)
    return r + r * r * q


@vectorised
def exp(x):
    """e**x, to 2e-7 of its value; x below -87 counts as -87, above 88 as 88."""
    r, power = _reduced(x)
    return power + power * _expm1_near_zero(r)


@vectorised
def expm1(x):
    """e**x - 1, to 2e-7 of its value, near zero as well."""
    r, power = _reduced(x)
    return (power - F(1)) + power * _expm1_near_zero(r)


@vectorised
def log(x):
    """Natural logarithm of a positive normal x, to 2e-7 of its value or absolutely."""
    bits = F(x).view(np.int32)
    k = bits - HALF_ROOT_BITS >> 23
    f = I(bits - (k << 23)).view(np.float32) - F(1)
    # log(1 + f) = 2 artanh(s) with s = f / (2 + f), |s| <= 0.172.
    s = f / (F(2) + f)
    z = s * s
    q = F(2 / 9)
    q = q * z + F(2 / 7)
    q = q * z + F(2 / 5)
    q = q * z + F(2 / 3)
    return F(k) * LN2_HIGH + (F(k) * LN2_LOW + (s * z * q + F(2) * s))


@vectorised
def rise(v, half, slope):
    """1 / (1 + exp((half - v) / slope)): from 0 to 1 around `half`."""
    return F(1) / (F(1) + exp((F(half) - v) * F(1 / slope)))


@vectorised
def fall(v, half, slope):
    """1 / (1 + exp((v - half) / slope)): from 1 to 0 around `half`."""
    return F(1) / (F(1) + exp((v - F(half)) * F(1 / slope)))


@vectorised
def bell(v, centre, spread):
    """exp(-(v - centre)**2 / spread)."""
    return exp((v - F(centre)) * (v - F(centre)) * F(-1 / spread))


@vectorised
def approach(gate, target, tau, dt):
    """Change of a gate over dt under Rush and Larsen: exact while target and tau stand still."""
    return (gate - target) * expm1(-dt / tau)
