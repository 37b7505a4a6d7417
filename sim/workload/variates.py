"""Durations from uniforms: the inverse distribution function of every distribution.

One uniform makes one duration, so a caller's draw for a purpose is one number, whatever the
distribution. The logarithm behind the exponential is our own: only operations that IEEE 754
rounds exactly, so the same bits come out of numpy, of compiled code and of any processor.
The gamma and normal quantiles are scipy's; their last bits may change with its version.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.scenario.distributions import (
    Deterministic,
    Distribution,
    Empirical,
    Exponential,
    Gamma,
    Lognormal,
    Mixture,
    Triangular,
    Uniform,
    Weibull,
)

Floats = NDArray[np.float64]

# FreeBSD's e_log.c (Sun Microsystems 1993): log(1 + f) = f - f*f/2 + s*(f*f/2 + R(s*s)), with
# s = f / (2 + f) and R a polynomial whose error is below 2^-58.45.
LN2_HI = 6.93147180369123816490e-01
LN2_LO = 1.90821492927058770002e-10
LG1, LG2, LG3, LG4, LG5, LG6, LG7 = (
    6.666666666666735130e-01,
    3.999999999940941908e-01,
    2.857142874366239149e-01,
    2.222219843214978396e-01,
    1.818357216161805012e-01,
    1.531383769920937332e-01,
    1.479819860511658591e-01,
)
MANTISSA = (1 << 52) - 1
SQRT_HALF = 0x3FE6A09E667F3BCD
"""The bits of sqrt(1/2): the argument is scaled to [sqrt(1/2), sqrt(2))."""
ONE_BITS = 0x3FF0000000000000


def log(x: Floats) -> Floats:
    """Natural logarithm of positive normal numbers, within one unit in the last place."""
    bits = np.ascontiguousarray(x).view(np.int64)
    offset = bits - SQRT_HALF
    k = (offset >> 52).astype(np.float64)
    f = (bits - (offset & ~np.int64(MANTISSA))).view(np.float64)
    f -= 1.0
    s = f / (2.0 + f)
    z = s * s
    w = z * z
    r = w * (LG2 + w * (LG4 + w * LG6)) + z * (LG1 + w * (LG3 + w * (LG5 + w * LG7)))
    half = 0.5 * f * f
    return np.asarray(s * (half + r) + k * LN2_LO - half + f + k * LN2_HI)


def standard_exponential(u: Floats) -> Floats:
    """-log(1 - u): exponential of mean 1."""
    return -log(1.0 - u)


def quantile(distribution: Distribution, u: Floats) -> Floats:
    """The inverse distribution function of `distribution` at `u`, in seconds, offset included.

    `u` has any shape, in (0, 1); the result has the same shape and is never negative. A
    mixture spends the same uniform twice: the place of u among the weights chooses the part,
    and the place within that weight is the part's own uniform.
    """
    values = _base(distribution, u)
    if distribution.offset_s:
        values = values + distribution.offset_s
    return np.maximum(values, 0.0)


def _base(distribution: Distribution, u: Floats) -> Floats:
    match distribution:
        case Deterministic(value_s=value):
            return np.full(u.shape, value)
        case Exponential(scale_s=scale):
            return scale * standard_exponential(u)
        case Gamma(shape=shape, scale_s=scale):
            if shape == 1.0:
                return scale * standard_exponential(u)
            from scipy.special import gammaincinv

            return np.asarray(scale * gammaincinv(shape, u))
        case Lognormal(mu=mu, sigma=sigma):
            from scipy.special import ndtri

            return np.asarray(np.exp(mu + sigma * ndtri(u)))
        case Weibull(shape=shape, scale_s=scale):
            return np.asarray(scale * standard_exponential(u) ** (1.0 / shape))
        case Uniform(low_s=low, high_s=high):
            return low + (high - low) * u
        case Triangular(low_s=low, mode_s=mode, high_s=high):
            if high <= low:
                return np.full(u.shape, low)
            rising = np.sqrt(u * ((high - low) * (mode - low)))
            falling = np.sqrt((1.0 - u) * ((high - low) * (high - mode)))
            return np.where(u < (mode - low) / (high - low), low + rising, high - falling)
        case Empirical(values_s=values):
            return np.asarray(values)[(u * len(values)).astype(np.int64)]
        case Mixture(weights=weights, parts=parts):
            return _mixture(weights, parts, u)
    raise TypeError(f"no quantile for {type(distribution).__name__}")


def _mixture(weights: tuple[float, ...], parts: tuple[Distribution, ...], u: Floats) -> Floats:
    edges = np.concatenate(([0.0], np.cumsum(weights)))
    chosen = np.searchsorted(edges[1:-1], u, side="right")
    values = np.empty(u.shape)
    for i, part in enumerate(parts):
        mine = chosen == i
        if mine.any():
            within = (u[mine] - edges[i]) / weights[i]
            values[mine] = quantile(part, np.clip(within, 2.0**-53, 1.0 - 2.0**-53))
    return values
