"""Maximum likelihood of spans, and how uncertain it is over days.

A law is a family, perhaps with a second part beside it: a share at 0 (callers who will not wait at
all), or a share between 0 and 10 s (conversations that were none). The likelihood of a span is the
probability that the law gives to it. Its interval: the score of each day through the inverse of the
observed information, the days being the sample (the sandwich of Huber, Fifth Berkeley Symposium
1967, with days as clusters), Student's t.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from sim.calibration.fit.families import Family
from sim.calibration.fit.spans import Spans
from sim.metrics.estimates import UNKNOWN, Estimate, t_quantile
from sim.scenario.distributions import Deterministic, Distribution, Mixture, Uniform

Floats = NDArray[np.float64]

SHORT_S = 10.0
NORMAL = 1.959963984540054
"""Of a 95 % interval."""
_WIDE = 20.0
"""A span is narrow where its lower limit is so many times its width: there the density at its
middle times its width is the probability to 1 in 10,000, and loses no digits in the tails."""
_TINY, _LEAST = 1e-300, -1e4
"""Where a probability, and its logarithm, is cut: no search walks off into nothing."""


class Beside(Enum):
    """What there is beside the family."""

    NOTHING = "nothing"
    ZERO = "a share at 0"
    SHORT = "a share of short ones"


@dataclass(frozen=True, slots=True, eq=False)
class Law:
    """A family with parameters; with something beside it the last one is the share's logit."""

    family: Family
    beside: Beside
    parameters: Floats

    @property
    def share(self) -> float:
        """The share of what is beside the family."""
        return 0.0 if self.beside is Beside.NOTHING else _logistic(float(self.parameters[-1]))

    @property
    def main(self) -> Distribution:
        """The family's own distribution."""
        return self.family.distribution(self.parameters)

    @property
    def distribution(self) -> Distribution:
        """The whole law as a scenario has it."""
        if self.beside is Beside.NOTHING:
            return self.main
        return beside(self.main, self.beside, self.share)

    def log_mass(self, s: Spans) -> Floats:
        """The logarithm of the probability of each span."""
        return _log_mass(self.family, self.beside, self.parameters, s)

    def above(self, at_s: Floats) -> Floats:
        """P(X > t) at each t."""
        endless = Spans(at_s, np.full(at_s.size, np.inf), np.zeros((1, at_s.size)))
        return np.asarray(np.exp(self.log_mass(endless)), np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """The law of greatest likelihood. `information` is None where it can't be inverted.

    `scores`, shape (days, parameters), are the derivatives of each day's log likelihood.
    """

    law: Law
    log_likelihood: float
    covariance: Floats | None
    scores: Floats

    @property
    def aic(self) -> float:
        """Akaike's criterion, 2 k - 2 log L."""
        return 2.0 * self.law.parameters.size - 2.0 * self.log_likelihood

    def of(self, function: Callable[[Law], float]) -> Estimate:
        """The estimate of a positive function of the law: its mean, its cv, a share.

        The interval is symmetric about the logarithm. With one day the calls stand for the
        sample (the observed information), which is too narrow; without an information the value
        is alone.
        """
        law = self.law
        value = function(law)
        if not math.isfinite(value):
            return UNKNOWN
        if self.covariance is None or not value > 0.0:
            return Estimate(value)
        slope = _gradient(lambda p: function(Law(law.family, law.beside, p)), law.parameters)
        slope = slope / value
        n_days = self.scores.shape[0]
        if n_days > 1:
            influence = self.scores @ self.covariance @ slope
            half = t_quantile(n_days - 1) * math.sqrt(
                float(influence @ influence) * n_days / (n_days - 1)
            )
        else:
            half = NORMAL * math.sqrt(max(float(slope @ self.covariance @ slope), 0.0))
        low, high = value * math.exp(-half), value * math.exp(min(half, 50.0))
        return Estimate(value, low, high, (high - low) / 2.0)


def beside(main: Distribution, what: Beside, share: float) -> Distribution:
    """`main` with a share of 0, or of short ones, mixed in."""
    other = (
        Deterministic(value_s=0.0) if what is Beside.ZERO else Uniform(low_s=0.0, high_s=SHORT_S)
    )
    return Mixture(weights=(share, 1.0 - share), parts=(other, main))


def fit(family: Family, what: Beside, s: Spans, mean_s: float, cv: float) -> Fit:
    """The law of greatest likelihood, sought from a mean and a cv.

    A law's likelihood is maximised by a quasi-Newton search (BFGS), to which one step of Newton's
    is added.
    """
    counts, n = s.counts, float(s.n)
    start = family.start(mean_s, cv)
    if what is not Beside.NOTHING:
        start = np.append(start, _logit(0.05))

    def lost(p: Floats) -> float:
        return -float((counts * _log_mass(family, what, p, s)).sum()) / n

    # Sums, not products of matrices: threads for so little work cost more than they save.
    found = minimize(lost, start, method="BFGS", options={"gtol": 1e-6, "maxiter": 300})
    p = np.asarray(found.x, np.float64)
    slope, curve = _score(family, what, p, s), _curvature(family, what, p, s)
    step = _solved(curve, counts @ slope)
    if step is not None and lost(p + step) < lost(p):
        p = p + step
        slope, curve = _score(family, what, p, s), _curvature(family, what, p, s)
    covariance = _inverse(curve)
    law = Law(family, what, p)
    return Fit(law, -n * lost(p), covariance, s.by_day @ slope)


def _log_mass(family: Family, what: Beside, p: Floats, s: Spans) -> Floats:
    low, high = s.low_s, s.high_s
    endless = np.isinf(high)
    width = np.where(endless, 1.0, high - low)
    narrow = ~endless & (low >= _WIDE * width)
    wide = ~endless & ~narrow
    out = np.empty(low.size)
    with np.errstate(over="ignore", invalid="ignore"):
        out[endless] = family.log_above(p, low[endless])
        middle = low[narrow] + 0.5 * width[narrow]
        out[narrow] = family.log_density(p, middle) + np.log(width[narrow])
        mass = family.below(p, high[wide]) - family.below(p, low[wide])
        out[wide] = np.log(np.maximum(mass, _TINY))
    out = np.maximum(np.nan_to_num(out, nan=_LEAST, neginf=_LEAST), _LEAST)
    if what is Beside.NOTHING:
        return out
    share = _logistic(float(p[-1]))
    if what is Beside.ZERO:
        other = np.where(low <= 0.0, 1.0, 0.0)
    else:
        upper = np.minimum(np.where(endless, SHORT_S, high), SHORT_S)
        other = np.maximum(upper - np.minimum(low, SHORT_S), 0.0) / SHORT_S
    mixed = share * other + (1.0 - share) * np.exp(out)
    return np.where(
        other > 0.0, np.log(np.maximum(mixed, _TINY)), out + math.log1p(-min(share, 1.0 - 1e-15))
    )


def _score(family: Family, what: Beside, p: Floats, s: Spans) -> Floats:
    """Derivatives of each span's log probability, shape (spans, parameters)."""
    columns = []
    for i in range(p.size):
        h = np.zeros(p.size)
        h[i] = 1e-5 * max(1.0, abs(float(p[i])))
        up, down = (_log_mass(family, what, q, s) for q in (p + h, p - h))
        columns.append((up - down) / (2.0 * h[i]))
    return np.stack(columns, axis=1)


def _curvature(family: Family, what: Beside, p: Floats, s: Spans) -> Floats:
    """The observed information: minus the second derivatives of the log likelihood."""
    counts = s.counts
    rows = []
    for i in range(p.size):
        h = np.zeros(p.size)
        h[i] = 1e-4 * max(1.0, abs(float(p[i])))
        up, down = (counts @ _score(family, what, q, s) for q in (p + h, p - h))
        rows.append((up - down) / (2.0 * h[i]))
    found = -np.stack(rows)
    return np.asarray(0.5 * (found + found.T), np.float64)


def _inverse(curve: Floats) -> Floats | None:
    """The covariance, None where the likelihood is flat in some direction."""
    if not np.isfinite(curve).all():
        return None
    values, vectors = np.linalg.eigh(curve)
    if not values.min() > 1e-9 * max(values.max(), 1e-9):
        return None
    return np.asarray((vectors / values) @ vectors.T, np.float64)


def _solved(curve: Floats, slope: Floats) -> Floats | None:
    inverse = _inverse(curve)
    return None if inverse is None else np.asarray(inverse @ slope, np.float64)


def _gradient(function: Callable[[Floats], float], p: Floats) -> Floats:
    out = np.empty(p.size)
    for i in range(p.size):
        h = np.zeros(p.size)
        h[i] = 1e-5 * max(1.0, abs(float(p[i])))
        out[i] = (function(p + h) - function(p - h)) / (2.0 * h[i])
    return out


def _logistic(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-min(max(x, -40.0), 40.0)))


def _logit(share: float) -> float:
    return math.log(share / (1.0 - share))
