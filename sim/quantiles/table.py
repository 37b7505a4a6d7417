"""Distributions as arrays, and the one function that turns a uniform into a duration.

A table has one record for each distribution, one for each part of a mixture, and numbers:
empirical values and the polynomials of `sim.quantiles.gamma`. The engine's kernel takes the three
arrays as they are.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.jit import part
from sim.quantiles.elementary import exp, log
from sim.quantiles.gamma import standard_gamma
from sim.quantiles.normal import standard_normal

Records = Any
Floats = NDArray[np.float64]

DISTRIBUTION = np.dtype(
    [(name, "i8") for name in ("kind", "first", "end", "within")]
    + [(name, "f8") for name in ("a", "b", "c", "offset")]
)
"""A distribution. `a`, `b`, `c`: its parameters, see the kinds; `first`, `end`: its values or its
parts, from first to before end; `within`: the mixture whose part it is, -1 if none; `offset`:
seconds to be added."""

PART = np.dtype([("since", "f8"), ("weight", "f8"), ("distribution", "i8")])
"""A part of a mixture: the sum of the weights before it, its own, and what it is."""

# Kinds of distributions.
CONSTANT = 0
"""a"""
EXPONENTIAL = 1
"""Mean a."""
UNIFORM = 2
"""From a to b."""
TRIANGULAR = 3
"""From a to c, most often near b."""
LOGNORMAL = 4
"""exp(a + b Z), Z standard normal."""
WEIBULL = 5
"""a E^b, E exponential of mean 1."""
GAMMA = 6
"""a is scale * max(shape, 1); the shape's polynomials begin at `first`."""
EMPIRICAL = 7
"""The values, each as likely."""
MIXTURE = 8
"""The parts in their order, none of weight 0."""

LEAST, MOST = 2.0**-53, 1.0 - 2.0**-53
"""The extreme uniforms that a stream can give."""


class Table(NamedTuple):
    """Distributions in arrays; of no distributions, an empty one."""

    distributions: Records
    parts: Records
    values: Floats


@part
def seconds(distributions: Records, parts: Records, values: Floats, d: int, u: float) -> float:
    """The duration of distribution `d` at the uniform `u` in [2^-53, 1 - 2^-53]; never negative.

    A mixture spends the uniform twice: its place among the weights chooses the part, its place
    within that weight is the part's own uniform. Offsets are added from the inside out.
    """
    chosen = d
    while distributions[chosen].kind == MIXTURE:
        i, end = distributions[chosen].first, distributions[chosen].end
        while end - i > 1:
            middle = (i + end) // 2
            if u >= parts[middle].since:
                i = middle
            else:
                end = middle
        u = min(max((u - parts[i].since) / parts[i].weight, LEAST), MOST)
        chosen = parts[i].distribution
    own = distributions[chosen]
    kind, a, b = own.kind, own.a, own.b
    if kind == LOGNORMAL:
        drawn = exp(a + b * standard_normal(u))
    elif kind == GAMMA:
        drawn = a * standard_gamma(values, own.first, u)
    elif kind == WEIBULL:
        drawn = a * exp(b * log(-log(1.0 - u)))
    elif kind == EXPONENTIAL:
        drawn = a * -log(1.0 - u)
    elif kind == UNIFORM:
        drawn = a + (b - a) * u
    elif kind == EMPIRICAL:
        drawn = values[own.first + np.int64(u * (own.end - own.first))]
    elif kind == TRIANGULAR:
        c = own.c
        if c <= a:
            drawn = a
        elif u < (b - a) / (c - a):
            drawn = a + np.sqrt(u * ((c - a) * (b - a)))
        else:
            drawn = c - np.sqrt((1.0 - u) * ((c - a) * (c - b)))
    else:
        drawn = a
    drawn = max(drawn + own.offset, 0.0)
    while chosen != d:
        chosen = distributions[chosen].within
        drawn = max(drawn + distributions[chosen].offset, 0.0)
    return drawn
