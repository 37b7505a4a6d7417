"""Logarithm and exponential out of operations that IEEE 754 rounds exactly.

The C library's and numpy's differ in the last bit between machines, versions, and array and
scalar. These two are made of +, -, *, / and changes of bits alone, so compiled code, Python and
any processor agree. After FreeBSD's `e_log.c` and `e_exp.c` (Sun Microsystems 1993).
"""

from __future__ import annotations

import numpy as np

from sim.jit import inlined

_LN2_HI, _LN2_LO = 6.93147180369123816490e-01, 1.90821492927058770002e-10
_PER_LN2 = 1.44269504088896338700e00
_LG1, _LG2, _LG3, _LG4, _LG5, _LG6, _LG7 = (
    6.666666666666735130e-01,
    3.999999999940941908e-01,
    2.857142874366239149e-01,
    2.222219843214978396e-01,
    1.818357216161805012e-01,
    1.531383769920937332e-01,
    1.479819860511658591e-01,
)
_P1, _P2, _P3, _P4, _P5 = (
    1.66666666666666019037e-01,
    -2.77777777770155933842e-03,
    6.61375632143793436117e-05,
    -1.65339022054652515390e-06,
    4.13813679705723846039e-08,
)
_SQRT_HALF = 0x3FE6A09E667F3BCD
"""The bits of sqrt(1/2): an argument is scaled to [sqrt(1/2), sqrt(2))."""
_EXPONENT = ~((1 << 52) - 1)
_ONE = 0x3FF0000000000000
_LEAST, _LARGEST = -746.0, 710.0
_SHIFT = 1.5 * 2.0**52
"""Added to a number below 2^51, it rounds it to an integer, found in the low bits."""
_SHIFT_BITS = 0x4338000000000000


@inlined
def log(x: float) -> float:
    """Natural logarithm of a positive normal number, within one unit in the last place.

    log(1 + f) = f - f*f/2 + s*(f*f/2 + R(s*s)), with s = f / (2 + f) and R a polynomial whose
    error is below 2^-58.45.
    """
    bits = np.float64(x).view(np.int64)
    offset = bits - _SQRT_HALF
    e = np.float64(offset >> 52)
    f = np.int64(bits - (offset & _EXPONENT)).view(np.float64) - 1.0
    s = f / (2.0 + f)
    z = s * s
    w = z * z
    r = w * (_LG2 + w * (_LG4 + w * _LG6)) + z * (_LG1 + w * (_LG3 + w * (_LG5 + w * _LG7)))
    half = 0.5 * f * f
    return s * (half + r) + e * _LN2_LO - half + f + e * _LN2_HI


@inlined
def _power_of_two(n: np.int64) -> float:
    return np.int64(_ONE + (n << 52)).view(np.float64)


@inlined
def exp(x: float) -> float:
    """e to the power of `x`, within one unit in the last place; 0 or infinity out of range.

    x = k ln 2 + r with |r| < 0.35, and exp(r) = 1 + r + r*c / (2 - c) with c = r - r*r*P(r*r).
    """
    x = min(max(x, _LEAST), _LARGEST)
    shifted = x * _PER_LN2 + _SHIFT
    k = shifted - _SHIFT
    n = np.float64(shifted).view(np.int64) - _SHIFT_BITS
    hi = x - k * _LN2_HI
    lo = k * _LN2_LO
    r = hi - lo
    z = r * r
    c = r - z * (_P1 + z * (_P2 + z * (_P3 + z * (_P4 + z * _P5))))
    y = 1.0 - ((lo - (r * c) / (2.0 - c)) - hi)
    # In two steps: the result may be subnormal, and 2^1024 is no number.
    return y * _power_of_two(n >> 1) * _power_of_two(n - (n >> 1))
