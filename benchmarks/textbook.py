"""The baseline: a call queue as SimPy's tutorial would write it.

A process per caller, one shared resource, `request | timeout` for the patience of 100 s, the
clock advanced by delays. No wait flow, no log, no metrics but two counters.
"""

from __future__ import annotations

import random
from collections.abc import Generator
from typing import Any

import simpy


def simulate(
    rate_per_s: float,
    service_mean_s: float,
    n_agents: int,
    timeout_s: float,
    horizon_s: float,
    seed: int,
) -> tuple[int, int]:
    """Simulate M/M/n with a timeout; returns (answered, abandoned)."""
    rng = random.Random(seed)
    env = simpy.Environment()
    agents = simpy.Resource(env, n_agents)
    counts = [0, 0]

    def caller() -> Generator[simpy.Event, Any, None]:
        with agents.request() as request:
            outcome = yield request | env.timeout(timeout_s)
            if request in outcome:
                counts[0] += 1
                yield env.timeout(rng.expovariate(1.0 / service_mean_s))
            else:
                counts[1] += 1

    def arrivals() -> Generator[simpy.Event, Any, None]:
        while True:
            yield env.timeout(rng.expovariate(rate_per_s))
            env.process(caller())

    env.process(arrivals())
    env.run(until=horizon_s)
    return counts[0], counts[1]
