"""Every distribution of the model beside the same law in scipy's words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

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

Floats = Any


@dataclass(frozen=True)
class Law:
    """A distribution, its distribution function, and its four first central figures.

    `moments` are mean, variance, and the fourth central moment.
    """

    distribution: Distribution
    cdf: Callable[[Floats], Floats]
    moments: tuple[float, float, float]


def known(distribution: Distribution, frozen: Any) -> Law:
    """A law that scipy has."""
    mean, variance, _, excess = (float(x) for x in frozen.stats(moments="mvsk"))
    return Law(distribution, frozen.cdf, (mean, variance, (excess + 3.0) * variance**2))


def mixed(distribution: Distribution, weights: tuple[float, ...], parts: tuple[Any, ...]) -> Law:
    """A mixture of scipy's laws, its moments from the raw moments of the parts."""
    m1, m2, m3, m4 = (
        sum(w * float(p.moment(k)) for w, p in zip(weights, parts, strict=True))
        for k in (1, 2, 3, 4)
    )
    fourth = m4 - 4 * m1 * m3 + 6 * m1**2 * m2 - 3 * m1**4
    return Law(
        distribution,
        lambda x: sum(w * p.cdf(x) for w, p in zip(weights, parts, strict=True)),
        (m1, m2 - m1 * m1, fourth),
    )


CONTINUOUS: dict[str, Law] = {
    "exponential": known(Exponential(scale_s=300.0), stats.expon(scale=300.0)),
    "exponential_offset": known(
        Exponential(scale_s=40.0, offset_s=12.5), stats.expon(loc=12.5, scale=40.0)
    ),
    "gamma": known(Gamma(shape=2.7, scale_s=50.0), stats.gamma(2.7, scale=50.0)),
    "gamma_below_one": known(
        Gamma(shape=0.4, scale_s=100.0, offset_s=3.0), stats.gamma(0.4, loc=3.0, scale=100.0)
    ),
    "gamma_shape_one": known(Gamma(shape=1.0, scale_s=7.0), stats.expon(scale=7.0)),
    "erlang": known(Gamma(shape=4.0, scale_s=25.0), stats.gamma(4, scale=25.0)),
    "lognormal": known(Lognormal(mu=5.2, sigma=0.5), stats.lognorm(0.5, scale=np.exp(5.2))),
    "lognormal_offset": known(
        Lognormal(mu=4.0, sigma=0.3, offset_s=20.0),
        stats.lognorm(0.3, loc=20.0, scale=np.exp(4.0)),
    ),
    "weibull": known(Weibull(shape=1.6, scale_s=120.0), stats.weibull_min(1.6, scale=120.0)),
    "weibull_below_one": known(
        Weibull(shape=0.8, scale_s=60.0, offset_s=1.0), stats.weibull_min(0.8, loc=1.0, scale=60.0)
    ),
    "uniform": known(Uniform(low_s=10.0, high_s=70.0), stats.uniform(10.0, 60.0)),
    "uniform_offset": known(Uniform(low_s=0.0, high_s=5.0, offset_s=2.0), stats.uniform(2.0, 5.0)),
    "triangular": known(
        Triangular(low_s=10.0, mode_s=20.0, high_s=60.0), stats.triang(0.2, 10.0, 50.0)
    ),
    "triangular_rising": known(
        Triangular(low_s=10.0, mode_s=60.0, high_s=60.0), stats.triang(1.0, 10.0, 50.0)
    ),
    "triangular_falling": known(
        Triangular(low_s=10.0, mode_s=10.0, high_s=60.0, offset_s=5.0),
        stats.triang(0.0, 15.0, 50.0),
    ),
    "hyperexponential": mixed(
        Mixture(weights=(0.3, 0.7), parts=(Exponential(scale_s=200.0), Exponential(scale_s=20.0))),
        (0.3, 0.7),
        (stats.expon(scale=200.0), stats.expon(scale=20.0)),
    ),
    "mixture_with_offsets": mixed(
        Mixture(
            weights=(0.2, 0.5, 0.3),
            parts=(
                Uniform(low_s=0.0, high_s=5.0),
                Gamma(shape=3.0, scale_s=20.0, offset_s=10.0),
                Mixture(
                    weights=(0.5, 0.5),
                    parts=(Exponential(scale_s=60.0), Weibull(shape=2.0, scale_s=30.0)),
                ),
            ),
            offset_s=1.0,
        ),
        (0.2, 0.5, 0.15, 0.15),
        (
            stats.uniform(1.0, 5.0),
            stats.gamma(3.0, loc=11.0, scale=20.0),
            stats.expon(loc=1.0, scale=60.0),
            stats.weibull_min(2.0, loc=1.0, scale=30.0),
        ),
    ),
}

DISCRETE: dict[str, tuple[Distribution, dict[float, float]]] = {
    "deterministic": (Deterministic(value_s=90.0), {90.0: 1.0}),
    "deterministic_offset": (Deterministic(value_s=90.0, offset_s=2.5), {92.5: 1.0}),
    "triangular_point": (Triangular(low_s=8.0, mode_s=8.0, high_s=8.0), {8.0: 1.0}),
    "uniform_point": (Uniform(low_s=8.0, high_s=8.0), {8.0: 1.0}),
    "empirical": (
        Empirical(values_s=(0.0, 3.0, 3.0, 8.0, 100.0, 100.0, 250.5)),
        {0.0: 1 / 7, 3.0: 2 / 7, 8.0: 1 / 7, 100.0: 2 / 7, 250.5: 1 / 7},
    ),
    "empirical_offset": (
        Empirical(values_s=(1.0, 2.0, 4.0), offset_s=0.5),
        {1.5: 1 / 3, 2.5: 1 / 3, 4.5: 1 / 3},
    ),
    "mixture_of_points": (
        Mixture(
            weights=(0.1, 0.0, 0.6, 0.3),
            parts=(
                Deterministic(value_s=1.0),
                Deterministic(value_s=2.0),
                Empirical(values_s=(3.0, 4.0)),
                Deterministic(value_s=4.0, offset_s=1.0),
            ),
        ),
        {1.0: 0.1, 3.0: 0.3, 4.0: 0.3, 5.0: 0.3},
    ),
}
