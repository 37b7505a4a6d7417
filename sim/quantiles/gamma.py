"""The inverse regularised incomplete gamma function of one shape, as a table of polynomials.

A quantile by iteration costs hundreds of nanoseconds; a scenario draws thousands from the same
few shapes. So the logarithm of the quantile is tabulated once for each shape: the lower half of
the uniforms and the upper half, each octave of r = min(u, 1 - u) in 8 equal pieces, on each a
Taylor polynomial. As a function of r the quantile's only singularities are at u = 0 and u = 1
and beyond, so on every piece, whatever the shape, the terms fall at least as fast as 17^-n.

The polynomials are solutions of dL/du = 1 / (x f(x)) with L = log x and f the density, walked
from the outermost pieces to the middle. In this direction an error shrinks: F(x) - u stays what
it was while u grows. The two outermost values are those of `sim.quantiles.gamma_ends`.

`level` is log(x / m) throughout, with m = max(shape, 1).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.jit import entry, inlined, part
from sim.quantiles.elementary import exp
from sim.quantiles.gamma_ends import OUTERMOST, ends

Floats = NDArray[np.float64]

TERMS = 13
_PER_OCTAVE = 8
PIECES = 52 * _PER_OCTAVE + 1
"""For r from 2^-53 to 1/2, and one piece more for 1/2 itself."""
SIZE = 2 * PIECES * TERMS
"""Numbers in a table: the pieces of the lower half, then those of the upper half."""
_GROWTH, _INSIDE, _RATE, _EDGE = 0, TERMS, 2 * TERMS, 3 * TERMS
ROOM = 4 * TERMS
_SHIFT = 49
_FIRST = (1023 - 53) * _PER_OCTAVE
_WITHIN = (1 << _SHIFT) - 1
_GROWTH, _INSIDE, _RATE, _EDGE, _ROOM = (n * TERMS for n in range(5))

LEAST_SHAPE = 1e-14
"""Below it, draws of more than 0 are too rare for 2^52 uniforms to show."""
_CONSTANT = 1e30
"""Above this shape the distribution is a point, in double precision."""


def tabulate(shape: float) -> Floats:
    """The table of the gamma distribution of `shape` >= LEAST_SHAPE, shape (SIZE,)."""
    table = np.empty(SIZE)
    a = min(float(shape), _CONSTANT)
    peak, lowest, highest = ends(a)
    _walk(a, peak, lowest, highest, table, np.empty(_ROOM))
    return table


@part
def _log_slope(a: float, peak: float, level: float) -> float:
    """log(x f(x)) of the standard gamma density, `peak` its value at level 0 (plus 1 if a < 1).

    For a >= 1 it is peak - a (e^level - 1 - level), in which no large numbers cancel.
    """
    if a < 1.0:
        return peak + a * level - exp(level)
    if abs(level) >= 1.0:
        return peak - a * (exp(level) - 1.0 - level)
    beyond, term = 0.0, level
    for n in range(2, 24):
        term *= level / n
        beyond += term
    return peak - a * beyond


@part
def _expand(
    a: float, peak: float, level: float, slope: float, out: Floats, at: int, room: Floats
) -> None:
    """The Taylor series of the level about a point, in steps that move u by `slope`.

    Its TERMS coefficients go to `out` from `at`; `room` is for the series between. With L the
    series, x = x0 e^(L - L0) and L' = slope / (x f(x)), whose logarithm is linear in L and x; a
    series' exponential E follows from E' = E L', term by term (Knuth, *The Art of Computer
    Programming*, volume 2, section 4.7).
    """
    x = exp(level) if a < 1.0 else a * exp(level)
    first = slope * exp(-_log_slope(a, peak, level))
    out[at] = level
    out[at + 1] = first
    room[_GROWTH] = 1.0
    room[_RATE] = 1.0
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


@part
def _at(table: Floats, first: int, w: float) -> float:
    """The polynomial whose coefficients begin at `first`, at `w`."""
    total = 0.0
    for n in range(TERMS - 1, -1, -1):
        total = total * w + table[first + n]
    return total


@entry
def _walk(a: float, peak: float, lowest: float, highest: float, out: Floats, room: Floats) -> None:
    """Fill a table from the levels in the middle of the outermost pieces."""
    first, edge = 0, room.size - TERMS
    for half in range(2):
        level, sign = (lowest, 1.0) if half == 0 else (highest, -1.0)
        reach = sign * OUTERMOST / 17.0  # half the width of a piece
        for piece in range(PIECES):
            _expand(a, peak, level, reach, out, first, room)
            _expand(a, peak, _at(out, first, 1.0), reach, room, edge, room)
            if (piece + 1) % _PER_OCTAVE == 0:
                reach *= 2.0
                level = _at(room, edge, 2.0)
            else:
                level = _at(room, edge, 1.0)
            first += TERMS


@inlined
def _sum(table: Floats, first: int | np.int64, w: float) -> float:
    """The same in as few dependent steps as can be, for the draws."""
    w2 = w * w
    w4 = w2 * w2
    low = (table[first] + table[first + 1] * w) + (table[first + 2] + table[first + 3] * w) * w2
    mid = (table[first + 4] + table[first + 5] * w) + (table[first + 6] + table[first + 7] * w) * w2
    top = (table[first + 8] + table[first + 9] * w) + (
        table[first + 10] + table[first + 11] * w
    ) * w2
    return low + (mid + (top + table[first + 12] * w4) * w4) * w4


@inlined
def standard_gamma(table: Floats, first: int, u: float) -> float:
    """x / max(shape, 1) at `u` in [2^-53, 1 - 2^-53], from the table that begins at `first`."""
    bits = np.float64(min(u, 1.0 - u)).view(np.int64)
    piece = (bits >> _SHIFT) - _FIRST + PIECES * np.int64(u >= 0.5)
    w = np.float64(bits & _WITHIN) * 2.0**-48 - 1.0
    return exp(_sum(table, first + piece * TERMS, w))
