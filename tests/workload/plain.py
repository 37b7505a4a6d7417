"""Arrivals of a Poisson process in a few plain lines: what the compiled sampler is held equal to.

The same order of the same operations, so the same bits, but no blocks, chunks or state.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sim.mixing import descend
from sim.scenario.distributions import Exponential, Gamma
from sim.scenario.model import PoissonArrivals, ProfileArrivals, Scenario
from sim.workload.streams import name_key, uniforms
from sim.workload.variates import quantile

Floats = NDArray[np.float64]
DAY_S = 86400.0


def levels(key: int, count: int) -> Floats:
    """The first `count` arrivals of a process of rate 1."""
    return np.cumsum(quantile(Exponential(scale_s=1.0), uniforms(key, 0, count)))


def plain_arrivals(scenario: Scenario, q: int, replication: int, end_s: float) -> Floats:
    """The arrivals before `end_s` of queue `q`, which is Poisson, at a constant rate or not.

    To the last bit, or with busyness to rounding.
    """
    queue = scenario.queues[q]
    key = descend(name_key(scenario.seed, "arrival", queue.name), replication)
    arrivals = queue.arrivals
    assert isinstance(arrivals, PoissonArrivals | ProfileArrivals)
    if arrivals.busyness is not None:
        name = "" if arrivals.busyness.shared else queue.name
        days = descend(name_key(scenario.seed, "busyness", name), replication)
        factors = plain_factors(days, arrivals.busyness.cv, math.ceil(end_s / DAY_S))
        edges, calls = day_by_day(arrivals, factors)
        return inverse_of_cumulative(key, edges, calls, np.diff(edges).tolist(), end_s)
    if isinstance(arrivals, PoissonArrivals):
        mean = arrivals.rate_per_s * end_s
        times = levels(key, int(mean + 9.0 * math.sqrt(mean)) + 99)
        times = times / arrivals.rate_per_s
        assert times[-1] >= end_s
        return times[times < end_s]
    interval = arrivals.interval_s
    edges = [interval * i for i in range(len(arrivals.calls) + 1)]
    return inverse_of_cumulative(key, edges, list(arrivals.calls), [interval] * len(edges), end_s)


def plain_factors(key: int, cv: float, days: int) -> list[float]:
    """The factors of the first days."""
    law = Gamma(shape=1.0 / cv**2, scale_s=cv**2)
    return [float(quantile(law, uniforms(key, day, 1))[0]) for day in range(days)]


def day_by_day(
    arrivals: PoissonArrivals | ProfileArrivals, factors: list[float]
) -> tuple[list[float], list[float]]:
    """The edges of stretches within a day, and the calls expected in each with busyness."""
    length = arrivals.interval_s if isinstance(arrivals, ProfileArrivals) else math.inf
    edges, calls, t, i = [0.0], [], 0.0, 0
    while t < DAY_S * len(factors):
        day = round(t // DAY_S)
        if isinstance(arrivals, PoissonArrivals):
            rate = arrivals.rate_per_s
        elif i < len(arrivals.calls):
            rate = arrivals.calls[i] / arrivals.interval_s
        else:
            break
        until = min(length * (i + 1), DAY_S * (day + 1))
        calls.append(rate * (until - t) * factors[day])
        edges.append(until)
        i += until == length * (i + 1)
        t = until
    return edges, calls


def inverse_of_cumulative(
    key: int, edges: list[float], calls: list[float], lengths: list[float], end_s: float
) -> Floats:
    """Where the arrivals of a unit-rate process fall on these stretches, as far as `end_s`."""
    mean = math.fsum(calls)
    found, i, before = [], 0, 0.0
    for level in levels(key, int(mean + 9.0 * math.sqrt(mean)) + 99).tolist():
        while i < len(calls) and before + calls[i] <= level:
            before += calls[i]
            i += 1
        if i == len(calls):
            break
        at = edges[i] + (level - before) * (lengths[i] / calls[i])
        found.append(min(at, edges[i + 1]))
    assert i == len(calls) or found[-1] >= end_s
    times = np.array(found)
    return times[times < end_s]
