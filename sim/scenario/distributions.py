"""What a duration can be: frozen specifications of non-negative distributions.

Each class knows its parameters, its mean, its variance and its support, in seconds, without
numpy; drawing from it is the workload's business (`sim.workload.variates`). Parameters are
the canonical ones: a file's `mean` and `cv` have become `shape` and `scale_s` here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """A non-negative duration. `offset_s` is added to every draw."""

    offset_s: float = 0.0

    @property
    def mean_s(self) -> float:
        """Expected value in seconds, offset included."""
        return self.offset_s + self._mean()

    @property
    def variance_s2(self) -> float:
        """Variance in seconds squared."""
        return self._variance()

    @property
    def lower_s(self) -> float:
        """Greatest lower bound of the support, offset included; must not be negative."""
        return self.offset_s + self._lower()

    @property
    def upper_s(self) -> float:
        """Least upper bound of the support, offset included; may be infinite."""
        return self.offset_s + self._upper()

    @property
    def cv(self) -> float:
        """Coefficient of variation: standard deviation over mean (0 for a mean of 0)."""
        return math.sqrt(self.variance_s2) / self.mean_s if self.mean_s > 0 else 0.0

    def _mean(self) -> float:
        raise NotImplementedError

    def _variance(self) -> float:
        raise NotImplementedError

    def _lower(self) -> float:
        return 0.0

    def _upper(self) -> float:
        return math.inf


@dataclass(frozen=True, slots=True, kw_only=True)
class Deterministic(Distribution):
    value_s: float

    def _mean(self) -> float:
        return self.value_s

    def _variance(self) -> float:
        return 0.0

    def _lower(self) -> float:
        return self.value_s

    def _upper(self) -> float:
        return self.value_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Exponential(Distribution):
    scale_s: float

    def _mean(self) -> float:
        return self.scale_s

    def _variance(self) -> float:
        return self.scale_s**2


@dataclass(frozen=True, slots=True, kw_only=True)
class Gamma(Distribution):
    """Also `erlang`, whose shape is a whole number."""

    shape: float
    scale_s: float

    def _mean(self) -> float:
        return self.shape * self.scale_s

    def _variance(self) -> float:
        return self.shape * self.scale_s**2


@dataclass(frozen=True, slots=True, kw_only=True)
class Lognormal(Distribution):
    """exp(N(mu, sigma^2)) seconds."""

    mu: float
    sigma: float

    def _mean(self) -> float:
        return math.exp(self.mu + self.sigma**2 / 2)

    def _variance(self) -> float:
        return math.expm1(self.sigma**2) * self._mean() ** 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Weibull(Distribution):
    shape: float
    scale_s: float

    def _mean(self) -> float:
        return self.scale_s * math.gamma(1 + 1 / self.shape)

    def _variance(self) -> float:
        return self.scale_s**2 * math.gamma(1 + 2 / self.shape) - self._mean() ** 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Uniform(Distribution):
    low_s: float
    high_s: float

    def _mean(self) -> float:
        return (self.low_s + self.high_s) / 2

    def _variance(self) -> float:
        return (self.high_s - self.low_s) ** 2 / 12

    def _lower(self) -> float:
        return self.low_s

    def _upper(self) -> float:
        return self.high_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Triangular(Distribution):
    low_s: float
    mode_s: float
    high_s: float

    def _mean(self) -> float:
        return (self.low_s + self.mode_s + self.high_s) / 3

    def _variance(self) -> float:
        a, b, c = self.low_s, self.high_s, self.mode_s
        return (a * a + b * b + c * c - a * b - a * c - b * c) / 18

    def _lower(self) -> float:
        return self.low_s

    def _upper(self) -> float:
        return self.high_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Mixture(Distribution):
    """One of `parts`, with the probabilities `weights` (they sum to 1).

    `hyperexponential` is a mixture of exponentials.
    """

    weights: tuple[float, ...]
    parts: tuple[Distribution, ...]

    def _mean(self) -> float:
        return math.fsum(w * p.mean_s for w, p in zip(self.weights, self.parts, strict=True))

    def _variance(self) -> float:
        mean = self._mean()
        return math.fsum(
            w * (p.variance_s2 + (p.mean_s - mean) ** 2)
            for w, p in zip(self.weights, self.parts, strict=True)
        )

    def _lower(self) -> float:
        return min(p.lower_s for w, p in zip(self.weights, self.parts, strict=True) if w > 0)

    def _upper(self) -> float:
        return max(p.upper_s for w, p in zip(self.weights, self.parts, strict=True) if w > 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Empirical(Distribution):
    """Each of `values_s` (sorted) with equal chance."""

    values_s: tuple[float, ...]

    def _mean(self) -> float:
        return math.fsum(self.values_s) / len(self.values_s)

    def _variance(self) -> float:
        mean = self._mean()
        return math.fsum((v - mean) ** 2 for v in self.values_s) / len(self.values_s)

    def _lower(self) -> float:
        return self.values_s[0]

    def _upper(self) -> float:
        return self.values_s[-1]
