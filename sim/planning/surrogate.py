"""What the simulated points say of those that are not: a Gaussian process for each limit.

Scores (`Limit.score`) run nearly straight in the numbers of agents, so the mean is linear; what
bends is a process with Matern covariance. All limits share one covariance, and each has its own
scale (kriging: Sacks, Welch, Mitchell and Wynn, "Design and analysis of computer experiments",
Statistical Science 4, 1989; Rasmussen and Williams, *Gaussian Processes for Machine Learning*,
chapters 2 and 5). Common random numbers make the noise much the same at all points: it shifts
all scores alike, so it has no place in the covariance; a little is left for what differs.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve

Floats = NDArray[np.float64]

RANGES = (2.0, 5.0, 12.0, 40.0)
"""Correlation lengths tried, in units of a coordinate's scale."""
LINEAR = 100.0
"""The prior variance of the level and the slopes, in units of the process's."""


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
        y = scores - self._level
        spread = np.maximum(y.std(axis=0), 1e-3)
        nugget = np.clip(np.median((noise / spread) ** 2, axis=1), 1e-4, 0.2)
        best = -math.inf
        n = len(points)
        for length in RANGES:
            matrix = self._kernel(self._x, self._x, length) + np.diag(nugget)
            factor = cho_factor(matrix, lower=True)
            weights = cho_solve(factor, y)
            variance = np.maximum((y * weights).sum(axis=0) / n, 1e-8)
            likelihood = -0.5 * n * np.log(variance).mean() - np.log(np.diag(factor[0])).sum()
            if likelihood > best:
                best = likelihood
                self._length, self._factor, self._weights = length, factor, weights
                degrees = max(n - points.shape[1] - 1, 1)
                self._variance = variance * n / degrees

    def mean(self, points: Floats) -> Floats:
        """Scores at `points` (m, groups), shape (m, limits)."""
        z = (points - self._centre) / self._scale
        return np.asarray(self._level + self._kernel(z, self._x, self._length) @ self._weights)

    def relative(self, points: Floats, bounds: Floats) -> Floats:
        """The same less some bounds, in units of the processes' standard deviations."""
        return np.asarray((self.mean(points) - bounds) / np.sqrt(self._variance))

    def predict(self, points: Floats) -> tuple[Floats, Floats]:
        """Scores and their standard deviations at `points` (m, groups), each (m, limits)."""
        z = (points - self._centre) / self._scale
        cross = self._kernel(z, self._x, self._length)
        mean = self._level + cross @ self._weights
        own = 1.0 + LINEAR * (1.0 + (z * z).sum(axis=1))
        left = own - (cross * cho_solve(self._factor, cross.T).T).sum(axis=1)
        sd = np.sqrt(np.maximum(left, 0.0)[:, None] * self._variance[None, :])
        return mean, sd

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
