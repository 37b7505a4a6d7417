"""Busy and quiet days: the arrival rate of a day times a gamma variable of mean 1.

References
----------
Jongbloed, Koole (2001), Managing uncertainty in call centres using Poisson mixtures, Applied
Stochastic Models in Business and Industry 17 (gamma mixing: negative binomial counts).
Avramidis, Deslauriers, L'Ecuyer (2004), Modeling daily arrivals to a telephone call center,
Management Science 50.
Golub, Welsch (1969), Calculation of Gauss quadrature rules, Mathematics of Computation 23.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import fields, replace

import numpy as np
from numpy.typing import ArrayLike

from sim.theory.measures import require_count, require_positive
from sim.theory.time_varying import DaySums, Steps
from sim.theory.transient import Floats


def busyness_rule(cv: float, n_nodes: int) -> tuple[Floats, Floats]:
    """Gauss nodes and weights (n,) of the gamma law of mean 1 and coefficient of variation cv.

    sum w f(x) is E f(B) exactly for polynomials of degree below 2 n. The generalised
    Gauss-Laguerre rule with parameter 1/cv^2 - 1, its nodes times cv^2, by the eigenvalues of the
    Jacobi matrix [Golub and Welsch 1969]; also where the gamma function would overflow (a small
    cv). cv 0 is one node at 1. ValueError for a negative cv or no node.
    """
    from scipy.linalg import eigh_tridiagonal

    n = require_count("n_nodes", n_nodes, 1)
    if cv == 0.0:
        return np.ones(1), np.ones(1)
    alpha = 1.0 / require_positive("cv", cv) ** 2 - 1.0
    k = np.arange(n, dtype=np.float64)
    between = np.sqrt(k[1:] * (k[1:] + alpha))
    nodes, vectors = eigh_tridiagonal(2.0 * k + 1.0 + alpha, between)
    return np.asarray(nodes * cv * cv), np.asarray(vectors[0] ** 2)


def count_moments(expected_by_day: Sequence[float], cv: float) -> tuple[float, float]:
    """Mean and variance of the calls of several days, each with a busyness of its own.

    For one day of mean m: m and m + cv^2 m^2, since the count is Poisson given the busyness. Calls
    of different days are independent. ``expected_by_day`` are the mean calls of each day (the last
    may be a part of a day). ValueError for a negative mean or cv.
    """
    means = [float(m) for m in expected_by_day]
    if cv < 0.0 or any(m < 0.0 for m in means):
        raise ValueError("means and cv must be zero or more")
    return math.fsum(means), math.fsum(m + (cv * m) ** 2 for m in means)


def count_law(calls: ArrayLike, mean: float, cv: float) -> Floats:
    """P(N = k) for the calls of one day, in the shape of ``calls``: negative binomial.

    With r = 1/cv^2, P(N = k) = Gamma(k + r) / (k! Gamma(r)) q^r (1 - q)^k, q = r/(r + mean)
    [Jongbloed and Koole 2001]. ValueError unless mean and cv are above zero.
    """
    from scipy import special

    k = np.asarray(calls, dtype=np.float64)
    r = 1.0 / require_positive("cv", cv) ** 2
    m = require_positive("mean", mean)
    logs = special.gammaln(k + r) - special.gammaln(r) - special.gammaln(k + 1.0)
    return np.asarray(np.exp(logs - r * math.log1p(m / r) - k * math.log1p(r / m)))


def busy_days(
    day_at: Callable[[Steps], DaySums], arrival_rate_per_s: Steps, cv: float, n_nodes: int = 24
) -> DaySums:
    """Expected sums of a day whose rate is multiplied by the busyness.

    ``day_at(rate)`` gives the sums of a day at a known rate (``time_varying.day``); they are
    averaged by ``busyness_rule``. Ratios are to be taken of the averages (``DaySums.measures``):
    abandonment, say, is E(abandoned) / E(joined), which weighs a busy day by its calls, and
    not the mean of the days' own shares. The rule's error is the user's to see, by another
    number of nodes: for the sums of a small centre 24 nodes leave less than 1e-9 of them at cv 0.2,
    1e-6 at cv 0.5. Within one day of 24 h; nothing is carried over to the next.
    """
    nodes, weights = busyness_rule(cv, n_nodes)
    parts = []
    for x in nodes.tolist():
        rate = Steps(arrival_rate_per_s.starts_s, tuple(x * v for v in arrival_rate_per_s.values))
        parts.append(day_at(rate))
    averages = {
        field.name: sum(
            w * getattr(part, field.name) for w, part in zip(weights.tolist(), parts, strict=True)
        )
        for field in fields(DaySums)
        if field.name != "edges_s"
    }
    return replace(parts[0], **averages)
