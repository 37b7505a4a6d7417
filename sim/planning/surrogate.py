"""What the simulated points say of those that are not: a Gaussian process for each limit.

Scores (`Limit.score`) run nearly straight in the numbers of agents, so the mean is linear; what
bends is a process with Matern covariance. All limits share one covariance, and each has its own
scale (kriging: Sacks, Welch, Mitchell and Wynn, "Design and analysis of computer experiments",
Statistical Science 4, 1989; Rasmussen and Williams, *Gaussian Processes for Machine Learning*,
chapters 2 and 5). Few points tell neither the scale nor the covariance's length for certain: with
an unknown scale predictions follow Student's t (Santner, Williams and Notz, *The Design and
Analysis of Computer Experiments*, section 4.1), and lengths are averaged over by their likelihood.
Common random numbers make the noise much the same at all points: it shifts all scores alike, so it
has no place in the covariance; a little is left for what differs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.special import stdtr

Floats = NDArray[np.float64]

RANGES = (2.0, 5.0, 12.0, 40.0)
"""Correlation lengths tried, in units of a coordinate's scale."""
LINEAR = 100.0
"""The prior variance of the level and the slopes, in units of the process's."""
LEAST_WEIGHT = 0.02
"""Lengths that are so much less likely than the best are left out."""


@dataclass(frozen=True)
class _Fit:
    """The process with one correlation length. `variance` (limits,) is its scale squared."""

    length: float
    factor: tuple[Floats, bool]
    weights: Floats
    variance: Floats
    likelihood: float


class Surrogate:
    """Predicts the scores of all limits at any point.

    `points` (n, groups), `scores` (n, limits), `noise` (n, limits) the standard error by which a
    score may differ for itself, `scale` (groups,) the agents that make a difference.
    """

    def __init__(self, points: Floats, scores: Floats, noise: Floats, scale: Floats) -> None:
        self._centre = points.mean(axis=0)
        self._scale = scale
        self._x = (points - self._centre) / scale
        self._level = scores.mean(axis=0)
        self._degrees = max(len(points) - points.shape[1] - 1, 1)
        y = scores - self._level
        spread = np.maximum(y.std(axis=0), 1e-3)
        nugget = np.clip(np.median((noise / spread) ** 2, axis=1), 1e-4, 0.2)
        fits = [self._fit(y, nugget, length) for length in RANGES]
        best = max(each.likelihood for each in fits)
        likely = np.array([math.exp(each.likelihood - best) for each in fits])
        self._fits = [f for f, w in zip(fits, likely, strict=True) if w >= LEAST_WEIGHT]
        self._shares = likely[likely >= LEAST_WEIGHT] / likely[likely >= LEAST_WEIGHT].sum()

    def _fit(self, y: Floats, nugget: Floats, length: float) -> _Fit:
        n = len(y)
        factor = cho_factor(self._kernel(self._x, self._x, length) + np.diag(nugget), lower=True)
        weights = cho_solve(factor, y)
        variance = np.maximum((y * weights).sum(axis=0) / n, 1e-8)
        likelihood = -0.5 * n * np.log(variance).mean() - np.log(np.diag(factor[0])).sum()
        return _Fit(length, factor, weights, variance * n / self._degrees, float(likelihood))

    def mean(self, points: Floats) -> Floats:
        """Scores at `points` (m, groups), shape (m, limits)."""
        z = (points - self._centre) / self._scale
        found = np.zeros((len(points), self._level.size))
        for share, fit in zip(self._shares, self._fits, strict=True):
            found += share * (self._kernel(z, self._x, fit.length) @ fit.weights)
        return np.asarray(self._level + found)

    def relative(self, points: Floats, bounds: Floats) -> Floats:
        """The scores less some bounds, in units of the process's standard deviations, by the
        likeliest length alone."""
        z = (points - self._centre) / self._scale
        fit = self._fits[int(np.argmax(self._shares))]
        mean = self._level + self._kernel(z, self._x, fit.length) @ fit.weights
        return np.asarray((mean - bounds) / np.sqrt(fit.variance))

    def chances(self, points: Floats, bounds: Floats, more: Floats) -> Floats:
        """The chance that a point's scores all lie above `bounds`, for `points` (m, groups).

        `more` (limits,) is a standard deviation by which the scores may be off besides what is not
        known of them: it is normal, so the sum has the degrees of freedom of Welch and
        Satterthwaite. Limits count as independent: a little too low a chance where what is not
        known goes the same way for all.
        """
        z = (points - self._centre) / self._scale
        own = 1.0 + LINEAR * (1.0 + (z * z).sum(axis=1))
        found = np.zeros(len(points))
        for share, fit in zip(self._shares, self._fits, strict=True):
            cross = self._kernel(z, self._x, fit.length)
            mean = self._level + cross @ fit.weights
            left = own - (cross * cho_solve(fit.factor, cross.T).T).sum(axis=1)
            unknown = np.maximum(left, 0.0)[:, None] * fit.variance[None, :]
            whole = np.maximum(unknown + more**2, 1e-18)
            degrees = self._degrees * np.minimum((whole / np.maximum(unknown, 1e-18)) ** 2, 1e6)
            found += share * stdtr(degrees, (mean - bounds) / np.sqrt(whole)).prod(axis=1)
        return found

    @staticmethod
    def _kernel(a: Floats, b: Floats, length: float) -> Floats:
        """Matern 5/2 plus a linear trend."""
        distance = np.sqrt(
            np.maximum(
                (a * a).sum(axis=1)[:, None] + (b * b).sum(axis=1)[None, :] - 2.0 * a @ b.T, 0.0
            )
        )
        r = math.sqrt(5.0) * distance / length
        return np.asarray((1.0 + r + r * r / 3.0) * np.exp(-r) + LINEAR * (1.0 + a @ b.T))
