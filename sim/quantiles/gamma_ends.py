"""Where the table of a gamma quantile begins: its two outermost values, found by iteration.

Once for each shape and in plain Python, so nothing needs to be compiled: sums and fractions in
floats, which any machine rounds alike, logarithms and exponentials in decimals of 40 digits,
which are correctly rounded.
"""

from __future__ import annotations

import math
from decimal import Context, Decimal, localcontext

OUTERMOST = 2.0**-53 * (17 / 16)
"""The uniform in the middle of the outermost piece of a table, or 1 minus it."""
_NORMAL_QUANTILE = -8.202253373823266444952
"""Of the standard normal distribution at OUTERMOST."""
_LARGE = 1e6
"""Above this shape four terms about the normal distribution are exact to 1e-13."""
_STIRLING_FROM = 30
_STIRLING = (
    (1, 12), (-1, 360), (1, 1260), (-1, 1680), (1, 1188), (-691, 360360), (1, 156),
    (-3617, 122400), (43867, 244188),
)  # fmt: skip
_HALF_LOG_TWO_PI = Decimal("0.9189385332046727417803297364056176398614")


def ends(shape: float) -> tuple[float, float, float]:
    """What a table of this shape, from 1e-14 to 1e30, begins with.

    First log(x f(x)) of the standard gamma density f at x = m = max(shape, 1), to which 1 is
    added if the shape is below 1; then log(x / m) of the quantiles at OUTERMOST and 1 - OUTERMOST.
    """
    with localcontext(Context(prec=40)):
        a, m = Decimal(shape), max(Decimal(shape), Decimal(1))
        log_gamma = _log_gamma(a)
        peak = float(a * a.ln() - a - log_gamma if shape >= 1.0 else -log_gamma)
        if shape > _LARGE:
            return (
                peak,
                _near_normal(shape, _NORMAL_QUANTILE),
                _near_normal(shape, -_NORMAL_QUANTILE),
            )
        constant = a * m.ln() - log_gamma
        return peak, float(_lowest(a, m, constant)), float(_highest(a, m, constant))


def _log_gamma(a: Decimal) -> Decimal:
    """log Gamma(a) by Stirling's series (DLMF 5.11.1), to about 1e-28."""
    b, product = a, Decimal(1)
    while b < _STIRLING_FROM:
        product *= b
        b += 1
    series = sum(Decimal(top) / low / b ** (2 * n + 1) for n, (top, low) in enumerate(_STIRLING))
    return (b - Decimal("0.5")) * b.ln() - b + _HALF_LOG_TWO_PI + series - product.ln()


def _lowest(a: Decimal, m: Decimal, constant: Decimal) -> Decimal:
    """log(x / m) with P(a, x) = OUTERMOST.

    P(a, x) = x f(x) S / a with S = sum x^n / ((a + 1) .. (a + n)) (DLMF 8.7.1). Its logarithm
    is concave in log x and below the first term's, so Newton's steps from there only rise.
    """
    wanted = Decimal(OUTERMOST).ln()
    level = (wanted + a.ln() - constant) / a
    for _ in range(100):
        scaled = m * level.exp()
        x, total, term, n = float(scaled), 1.0, 1.0, float(a)
        while term > 1e-17 * total:
            n += 1.0
            term *= x / n
            total += term
        ratio = Decimal(total) / a
        step = (wanted - (constant + a * level - scaled) - ratio.ln()) * ratio
        level += step
        if abs(step) <= Decimal("1e-15") * max(Decimal(1), abs(level)):
            break
    return level


def _highest(a: Decimal, m: Decimal, constant: Decimal) -> Decimal:
    """log(x / m) with Q(a, x) = OUTERMOST.

    Q(a, x) = x f(x) / (x + 1 - a - 1 (1 - a) / (x + 3 - a - ..)) (DLMF 8.9.2), by Lentz's
    method. log Q is concave in log x, so Newton's steps only fall from a point beyond: that of
    Boucheron, Lugosi and Massart, *Concentration Inequalities*, section 2.4.
    """
    wanted = Decimal(OUTERMOST).ln()
    level = ((a + (-2 * a * wanted).sqrt() - wanted) / m).ln()
    for _ in range(100):
        scaled = m * level.exp()
        b = float(scaled + 1 - a)
        c, d = 1e300, 1.0 / b
        fraction, change, n = d, 0.0, 0.0
        while abs(change - 1.0) > 2e-15:  # rounding keeps it from being exactly 1
            n += 1.0
            factor = -n * (n - float(a))
            b += 2.0
            d = 1.0 / (factor * d + b)
            c = b + factor / c
            change = c * d
            fraction *= change
        ratio = Decimal(fraction)
        step = (constant + a * level - scaled + ratio.ln() - wanted) * ratio
        level += step
        if abs(step) <= Decimal("1e-15") * max(Decimal(1), abs(level)):
            break
    return level


def _near_normal(shape: float, z: float) -> float:
    """log(x / shape) for a large shape, z the normal quantile (Cornish and Fisher 1938)."""
    root = math.sqrt(shape)
    beyond = (
        z / root
        + (z * z - 1.0) / (3.0 * shape)
        + (z * z - 7.0) * z / (36.0 * shape * root)
        - ((3.0 * z * z + 7.0) * z * z - 16.0) / (810.0 * shape * shape)
    )
    return float((1 + Decimal(beyond)).ln())
