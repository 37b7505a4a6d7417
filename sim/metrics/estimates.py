"""Estimates with confidence intervals over replications.

Replications are the sample, never calls. A ratio is the sum of its numerators over the sum of
its denominators; its interval comes from the delta method with Student's t (Law, *Simulation
Modeling and Analysis*, section 9.4.1; Asmussen and Glynn, *Stochastic Simulation*, III.3).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

CONFIDENCE = 0.95

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value and its confidence interval; None where it cannot be had.

    `influence`, shape (replications,), is what each replication adds to the error; NaN where it
    has no part in the estimate, None where there is no interval. Two estimates over the same
    replications are compared by it.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    half_width: float | None = None
    influence: Floats | None = field(default=None, compare=False, repr=False)

    def times(self, factor: float) -> Estimate:
        """The estimate of so many times the quantity; `factor` is above 0."""

        def scaled(x: float | None) -> float | None:
            return None if x is None else factor * x

        influence = None if self.influence is None else factor * self.influence
        return Estimate(
            scaled(self.value), scaled(self.low), scaled(self.high), scaled(self.half_width),
            influence,
        )  # fmt: skip

    def document(self) -> dict[str, float | None]:
        """As the result document writes it."""
        return {
            "value": self.value,
            "low": self.low,
            "high": self.high,
            "half_width": self.half_width,
        }


UNKNOWN = Estimate(None)


@cache
def t_quantile(degrees: int, confidence: float = CONFIDENCE) -> float:
    """Student's t for a two-sided interval."""
    from scipy.special import stdtrit

    return float(stdtrit(degrees, 0.5 + confidence / 2))


def estimate(
    value: float,
    influence: Floats,
    *,
    least: float = -math.inf,
    most: float = math.inf,
    confidence: float = CONFIDENCE,
) -> Estimate:
    """An estimate from the influence of each replication on it.

    `influence`, shape (replications,), sums to 0; the variance of the estimate is
    sum(influence^2) / (R (R - 1)). `least` and `most` bound what the quantity can be, and so
    its interval.
    """
    if not math.isfinite(value):
        return UNKNOWN
    n = influence.size
    if n < 2:
        return Estimate(value)
    error = math.sqrt(float(np.dot(influence, influence)) / (n * (n - 1)))
    half = t_quantile(n - 1, confidence) * error
    return Estimate(value, max(value - half, least), min(value + half, most), half, influence)


def ratio(
    numerator: Floats, denominator: Floats, *, least: float = 0.0, most: float = math.inf
) -> Estimate:
    """The ratio of two means over replications; both of shape (replications,)."""
    below = float(np.mean(denominator))
    if not below > 0.0:
        return UNKNOWN
    value = float(np.mean(numerator)) / below
    return estimate(value, (numerator - value * denominator) / below, least=least, most=most)


def share(numerator: Floats, denominator: Floats) -> Estimate:
    """A ratio that lies between 0 and 1."""
    return ratio(numerator, denominator, most=1.0)


def product_of_ratios(
    numerators: tuple[Floats, Floats], denominators: tuple[Floats, Floats]
) -> Estimate:
    """(mean a / mean b) * (mean c / mean d), by the delta method on all four."""
    ups = [float(np.mean(x)) for x in numerators]
    downs = [float(np.mean(x)) for x in denominators]
    if not min(downs) > 0.0:
        return UNKNOWN
    value = ups[0] / downs[0] * (ups[1] / downs[1])
    influence = np.zeros(numerators[0].size)
    for x, mean in zip(numerators, ups, strict=True):
        influence += x / mean - 1.0 if mean else 0.0
    for x, mean in zip(denominators, downs, strict=True):
        influence -= x / mean - 1.0
    return estimate(value, value * influence, least=0.0)


def standard_deviation(n: Floats, total: Floats, squares: Floats) -> Estimate:
    """The standard deviation of all values pooled, from their number, sum and sum of squares."""
    below = float(np.mean(n))
    if not below > 0.0:
        return UNKNOWN
    mean = float(np.mean(total)) / below
    variance = float(np.mean(squares)) / below - mean * mean
    if variance <= 1e-14 * mean * mean:
        return estimate(0.0, np.zeros(n.size))
    sd = math.sqrt(variance)
    influence = (squares - 2 * mean * total + (mean * mean - variance) * n) / (below * 2 * sd)
    return estimate(sd, influence, least=0.0)


def sectioned(pooled: float, sections: Floats) -> Estimate:
    """A pooled value with the spread of the same value in each replication.

    Sectioning (Asmussen and Glynn, III.5): centred at the pooled value, which has less bias
    than the mean of the sections. Replications in which it cannot be had (NaN) are left out.
    """
    known = sections[np.isfinite(sections)]
    if known.size < 2:
        return Estimate(pooled) if math.isfinite(pooled) else UNKNOWN
    mean = float(np.mean(known))
    found = estimate(pooled, known - mean, least=0.0)
    return replace(found, influence=None if found.influence is None else sections - mean)


def documents_of(estimates: dict[str, Estimate]) -> dict[str, Any]:
    """Estimates by name, each as documents write it."""
    return {name: estimate.document() for name, estimate in estimates.items()}
