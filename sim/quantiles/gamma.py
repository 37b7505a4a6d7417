"""The inverse regularised incomplete gamma function of one shape, as a table of polynomials.

A quantile by iteration costs hundreds of nanoseconds; a scenario draws thousands from the same
few shapes. So the logarithm of the quantile is tabulated once for each shape: the lower half of
the uniforms and the upper half, each octave of r = min(u, 1 - u) in 8 equal pieces, on each a
Taylor polynomial. As a function of r the quantile's only singularities are at u = 0 and u = 1
and beyond, so on every piece, whatever the shape, the terms fall at least as fast as 17^-n.

The polynomials are solutions of dL/du = 1 / (x f(x)) with L = log x and f the density, walked
from the outermost pieces to the middle. In this direction an error shrinks: F(x) - u stays what
it was while u grows. Only the two outermost values are found by iteration, on a series for the
lower tail and a continued fraction for the upper.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.jit import entry, inlined, part
from sim.quantiles.elementary import exp, log
from sim.quantiles.normal import standard_normal

Floats = NDArray[np.float64]

TERMS = 13
_PER_OCTAVE = 8
PIECES = 52 * _PER_OCTAVE + 1
"""For r from 2^-53 to 1/2, and one piece more for 1/2 itself."""
SIZE = 2 * PIECES * TERMS
"""Numbers in a table: the pieces of the lower half, then those of the upper half."""
_GROWTH, _INSIDE, _RATE, _EDGE = 0, TERMS, 2 * TERMS, 3 * TERMS
ROOM = 4 * TERMS
_LEAST = 2.0**-53
_SHIFT = 49
_FIRST = (1023 - 53) * _PER_OCTAVE
_WITHIN = (1 << _SHIFT) - 1

LEAST_SHAPE = 1e-14
"""Below it, draws of more than 0 are too rare for 2^52 uniforms to show."""
_NORMAL = 1e9
"""Above this shape the cube of a normal variable is exact enough."""
_CONSTANT = 1e30
"""Above this shape the distribution is a point, in double precision."""
_STIRLING_FROM = 8.0
_HALF_LOG_TWO_PI = 0.91893853320467274178

_U0, _U1, _U2, _U3, _U4, _U5 = (
    -7.72156649015328655494e-02,
    6.32827064025093366517e-01,
    1.45492250137234768737e00,
    9.77717527963372745603e-01,
    2.28963728064692451092e-01,
    1.33810918536787660377e-02,
)
_V1, _V2, _V3, _V4, _V5 = (
    2.45597793713041134822e00,
    2.12848976379893395361e00,
    7.69285150456672783825e-01,
    1.04222645593369134254e-01,
    3.21709242282423911810e-03,
)


@part
def _stirling(a: float) -> float:
    """log Gamma(a) - (a - 1/2) log a + a - log(2 pi) / 2 for a >= 8 (DLMF 5.11.1)."""
    z = 1.0 / (a * a)
    return (
        1 / 12 + z * (-1 / 360 + z * (1 / 1260 + z * (-1 / 1680 + z * (1 / 1188 + z * (
            -691 / 360360 + z * (1 / 156 + z * (-3617 / 122400 + z * (43867 / 244188))))))))
    ) / a  # fmt: skip


@part
def _log_gamma(a: float) -> float:
    """log Gamma(a) for 0 < a < 8; exact to the last bits of log Gamma(1 + a) near 0."""
    if a < 0.23:  # FreeBSD's e_lgamma_r.c, the interval around 1
        top = a * (_U0 + a * (_U1 + a * (_U2 + a * (_U3 + a * (_U4 + a * _U5)))))
        low = 1.0 + a * (_V1 + a * (_V2 + a * (_V3 + a * (_V4 + a * _V5))))
        return top / low - 0.5 * a - log(a)
    b, product = a, 1.0
    while b < _STIRLING_FROM:
        product *= b
        b += 1.0
    return (b - 0.5) * log(b) - b + _HALF_LOG_TWO_PI + _stirling(b) - log(product)


@part
def _log_slope(a: float, level: float) -> float:
    """log(x f(x)) of the standard gamma density at x = max(a, 1) e^level.

    For a >= 8 about the mean, so that no large numbers cancel: the exponent is
    a (1 + level - e^level) (Temme, DLMF 8.11(iii) and 5.11.3).
    """
    if a < _STIRLING_FROM:
        logarithm = level + log(max(a, 1.0))
        return a * logarithm - exp(logarithm) - _log_gamma(a)
    beyond, term = 0.0, level
    if abs(level) < 1.0:
        for n in range(2, 24):
            term *= level / n
            beyond += term
    else:
        beyond = exp(level) - 1.0 - level
    return 0.5 * log(a) - a * beyond - _HALF_LOG_TWO_PI - _stirling(a)


@part
def _lower_end(a: float, u: float) -> float:
    """log(x / max(a, 1)) with P(a, x) = u, for a small u.

    P(a, x) = x f(x) S / a with S = sum x^n / ((a + 1) .. (a + n)) (DLMF 8.7.1). Its logarithm
    is concave in log x and below the first term's, so Newton's steps from there only rise.
    """
    if a < _STIRLING_FROM:
        level = (log(u) + log(a) + _log_gamma(a)) / a - log(max(a, 1.0))
    else:
        level = (log(u) + 0.5 * log(a) + _HALF_LOG_TWO_PI + _stirling(a)) / a - 1.0
    for _ in range(60):
        x = max(a, 1.0) * exp(level)
        total, term, n = 1.0, 1.0, a
        while term > 1e-17 * total:
            n += 1.0
            term *= x / n
            total += term
        step = (log(u) - _log_slope(a, level) - log(total / a)) * (total / a)
        level += step
        if abs(step) <= 1e-14 * max(1.0, abs(level)):
            break
    return level


@part
def _upper_end(a: float, q: float) -> float:
    """log(x / max(a, 1)) with Q(a, x) = q, for a small q.

    Q(a, x) = x f(x) / (x + 1 - a - 1 (1 - a) / (x + 3 - a - ..)) (DLMF 8.9.2), by Lentz's
    method. log Q is concave in log x, so Newton's steps only fall from a point beyond: that of
    Boucheron, Lugosi and Massart, *Concentration Inequalities*, section 2.4.
    """
    t = -log(q)
    level = log((a + np.sqrt(2.0 * a * t) + t) / max(a, 1.0))
    for _ in range(60):
        x = max(a, 1.0) * exp(level)
        b = x + 1.0 - a
        c, d = 1e300, 1.0 / b
        fraction, change, n = d, 0.0, 0.0
        while abs(change - 1.0) > 2e-15:
            n += 1.0
            factor = -n * (n - a)
            b += 2.0
            d = 1.0 / (factor * d + b)
            c = b + factor / c
            change = c * d
            fraction *= change
        step = (_log_slope(a, level) + log(fraction) - log(q)) * fraction
        level += step
        if abs(step) <= 1e-14 * max(1.0, abs(level)):
            break
    return level


@part
def _expand(a: float, level: float, slope: float, out: Floats, at: int, room: Floats) -> None:
    """The Taylor series of log(x / max(a, 1)) about a point, in steps that move u by `slope`.

    Its TERMS coefficients go to `out` from `at`; `room` has 3 * TERMS elements for the series
    between. With L the series, x = x0 e^(L - L0) and L' = slope / (x f(x)), whose logarithm is
    linear in L and x; a series' exponential E follows from E' = E L', term by term (Knuth, *The
    Art of Computer Programming*, volume 2, section 4.7).
    """
    x = max(a, 1.0) * exp(level)
    first = slope * exp(-_log_slope(a, level))
    out[at], out[at + 1] = level, first
    room[_GROWTH], room[_RATE] = 1.0, 1.0
    for n in range(1, TERMS - 1):
        total = 0.0
        for k in range(1, n + 1):
            total += k * out[at + k] * room[_GROWTH + n - k]
        room[_GROWTH + n] = total / n
        room[_INSIDE + n] = x * room[_GROWTH + n] - a * out[at + n]
        total = 0.0
        for k in range(1, n + 1):
            total += k * room[_INSIDE + k] * room[_RATE + n - k]
        room[_RATE + n] = total / n
        out[at + n + 1] = first * room[_RATE + n] / (n + 1)


@inlined
def _sum(table: Floats, first: int | np.int64, w: float) -> float:
    """The polynomial whose coefficients begin at `first`, at `w`."""
    w2 = w * w
    w4 = w2 * w2
    low = (table[first] + table[first + 1] * w) + (table[first + 2] + table[first + 3] * w) * w2
    mid = (table[first + 4] + table[first + 5] * w) + (table[first + 6] + table[first + 7] * w) * w2
    top = (table[first + 8] + table[first + 9] * w) + (
        table[first + 10] + table[first + 11] * w
    ) * w2
    return low + (mid + (top + table[first + 12] * w4) * w4) * w4


@entry
def tabulate(shape: float, out: Floats, room: Floats) -> None:
    """The table of the gamma distribution of `shape` >= LEAST_SHAPE into `out`, shape (SIZE,).

    `room` has ROOM elements, for the series in between.
    """
    a = min(shape, _CONSTANT)
    for half in range(2):
        sign = 1.0 - 2.0 * half
        width = _LEAST / _PER_OCTAVE
        centre = _LEAST + width / 2
        if a > _NORMAL:  # Wilson and Hilferty 1931
            third = sign * standard_normal(centre) / (3.0 * np.sqrt(a))
            level = 3.0 * log(1.0 + third - 1.0 / (9.0 * a))
        elif half == 0:
            level = _lower_end(a, centre)
        else:
            level = _upper_end(a, centre)
        for piece in range(PIECES):
            first = (half * PIECES + piece) * TERMS
            _expand(a, level, sign * width / 2, out, first, room)
            _expand(a, _sum(out, first, 1.0), sign * width / 2, room, _EDGE, room)
            if (piece + 1) % _PER_OCTAVE == 0:
                width *= 2.0
                level = _sum(room, _EDGE, 2.0)
            else:
                level = _sum(room, _EDGE, 1.0)


@inlined
def standard_gamma(table: Floats, first: int, u: float) -> float:
    """x / max(shape, 1) at `u` in [2^-53, 1 - 2^-53], from the table that begins at `first`."""
    bits = np.float64(min(u, 1.0 - u)).view(np.int64)
    piece = (bits >> _SHIFT) - _FIRST + PIECES * np.int64(u >= 0.5)
    w = np.float64(bits & _WITHIN) * 2.0**-48 - 1.0
    return exp(_sum(table, first + piece * TERMS, w))
