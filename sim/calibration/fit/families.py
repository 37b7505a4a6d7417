"""Families of durations for likelihoods: density, distribution function and survival.

A family's parameters are a vector without bounds (logarithms of what is positive), so that any
optimiser may walk in it. What a fit becomes is one of the scenario's own distributions.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from sim.scenario.distributions import (
    Deterministic,
    Distribution,
    Exponential,
    Gamma,
    Lognormal,
    Weibull,
)

Floats = NDArray[np.float64]
Function = Callable[[Floats, Floats], Floats]

_LOG_ROOT_2_PI = 0.5 * math.log(2.0 * math.pi)
_MOST_SHAPE = 30.0
"""The logarithm at which shapes and their like are cut: far beyond any data."""


@dataclass(frozen=True, slots=True)
class Family:
    """Functions of (parameters, durations above 0 in seconds) and what they come to.

    `start` gives parameters from a mean and a coefficient of variation.
    """

    name: str
    parameters: int
    start: Callable[[float, float], Floats]
    log_density: Function
    below: Function
    """P(X <= x)."""
    log_above: Function
    """log P(X > x)."""
    distribution: Callable[[Floats], Distribution]


def _exp(x: Any) -> Any:
    return np.exp(np.clip(x, -700.0, 700.0))


def _shape(x: float) -> float:
    return math.exp(min(max(x, -_MOST_SHAPE), _MOST_SHAPE))


def _log(x: Any) -> Floats:
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(x), np.float64)


# --- exponential: log mean -----------------------------------------------------------------

EXPONENTIAL = Family(
    "exponential",
    1,
    lambda mean, cv: np.array([math.log(mean)]),
    lambda p, x: -p[0] - x * _exp(-p[0]),
    lambda p, x: -np.expm1(-x * _exp(-p[0])),
    lambda p, x: -x * _exp(-p[0]),
    lambda p: Exponential(scale_s=_shape(p[0])),
)


# --- Weibull: log scale, log shape ---------------------------------------------------------


def _weibull_power(p: Floats, x: Floats) -> Floats:
    return np.asarray(_exp(_shape(p[1]) * (_log(x) - p[0])), np.float64)


WEIBULL = Family(
    "weibull",
    2,
    lambda mean, cv: np.array([math.log(mean), -math.log(max(cv, 0.05))]),
    lambda p, x: p[1] - p[0] + (_shape(p[1]) - 1.0) * (_log(x) - p[0]) - _weibull_power(p, x),
    lambda p, x: -np.expm1(-_weibull_power(p, x)),
    lambda p, x: -_weibull_power(p, x),
    lambda p: Weibull(scale_s=_shape(p[0]), shape=_shape(p[1])),
)


# --- lognormal: mu, log sigma --------------------------------------------------------------


def _lognormal_start(mean: float, cv: float) -> Floats:
    variance = math.log1p(max(cv, 0.05) ** 2)
    return np.array([math.log(mean) - variance / 2.0, 0.5 * math.log(variance)])


def _z(p: Floats, x: Floats) -> Floats:
    return np.asarray((_log(x) - p[0]) / _shape(p[1]), np.float64)


def _lognormal_density(p: Floats, x: Floats) -> Floats:
    return np.asarray(-0.5 * _z(p, x) ** 2 - _LOG_ROOT_2_PI - p[1] - _log(x), np.float64)


LOGNORMAL = Family(
    "lognormal",
    2,
    _lognormal_start,
    _lognormal_density,
    lambda p, x: np.asarray(special.ndtr(_z(p, x)), np.float64),
    lambda p, x: np.asarray(special.log_ndtr(-_z(p, x)), np.float64),
    lambda p: Lognormal(mu=float(p[0]), sigma=_shape(p[1])),
)


# --- gamma: log mean, log shape ------------------------------------------------------------


def _gamma_y(p: Floats, x: Floats) -> Floats:
    return np.asarray(x * _exp(p[1] - p[0]), np.float64)


def _gamma_density(p: Floats, x: Floats) -> Floats:
    y, shape = _gamma_y(p, x), _shape(p[1])
    return np.asarray(shape * _log(y) - y - special.gammaln(shape) - _log(x), np.float64)


GAMMA = Family(
    "gamma",
    2,
    lambda mean, cv: np.array([math.log(mean), -2.0 * math.log(max(cv, 0.05))]),
    _gamma_density,
    lambda p, x: np.asarray(special.gammainc(_shape(p[1]), _gamma_y(p, x)), np.float64),
    lambda p, x: _log(special.gammaincc(_shape(p[1]), _gamma_y(p, x))),
    lambda p: Gamma(shape=_shape(p[1]), scale_s=_shape(p[0] - p[1])),
)

# --- always the same, which is never fitted: log value ---------------------------------------

DETERMINISTIC = Family(
    "deterministic",
    1,
    lambda mean, cv: np.array([math.log(mean)]),
    lambda p, x: np.full(x.shape, -np.inf),
    lambda p, x: np.where(x >= _shape(p[0]), 1.0, 0.0),
    lambda p, x: np.where(x >= _shape(p[0]), -np.inf, 0.0),
    lambda p: Deterministic(value_s=_shape(p[0])),
)

SERVICE = (EXPONENTIAL, LOGNORMAL, GAMMA, WEIBULL)
PATIENCE = (EXPONENTIAL, WEIBULL, LOGNORMAL)
