"""Arrivals of a Poisson process in a few plain lines: what the compiled sampler is held equal to.

The same order of the same operations, so the same bits, but no blocks, chunks or state.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sim.mixing import descend
from sim.scenario.distributions import Exponential
from sim.scenario.model import PoissonArrivals, ProfileArrivals, Scenario
from sim.workload.streams import name_key, uniforms
from sim.workload.variates import quantile

Floats = NDArray[np.float64]


def levels(key: int, count: int) -> Floats:
    """The first `count` arrivals of a process of rate 1."""
    return np.cumsum(quantile(Exponential(scale_s=1.0), uniforms(key, 0, count)))


def plain_arrivals(scenario: Scenario, q: int, replication: int, end_s: float) -> Floats:
    """The arrivals before `end_s` of queue `q`, which is Poisson, at a constant rate or not."""
    queue = scenario.queues[q]
    key = descend(name_key(scenario.seed, "arrival", queue.name), replication)
    arrivals = queue.arrivals
    if isinstance(arrivals, PoissonArrivals):
        mean = arrivals.rate_per_s * end_s
        times = levels(key, int(mean + 9.0 * math.sqrt(mean)) + 99)
        times = times / arrivals.rate_per_s
        assert times[-1] >= end_s
        return times[times < end_s]
    assert isinstance(arrivals, ProfileArrivals)
    interval = arrivals.interval_s
    edges = [interval * i for i in range(len(arrivals.calls) + 1)]
    return inverse_of_cumulative(key, edges, list(arrivals.calls), [interval] * len(edges), end_s)


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
    assert i == len(calls)
    times = np.array(found)
    return times[times < end_s]
