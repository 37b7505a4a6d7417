"""The work that callers bring, by reporting interval, from the scenario alone."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from sim.scenario.model import (
    ListedArrivals,
    PoissonArrivals,
    ProfileArrivals,
    Queue,
    RecordedArrivals,
    RegularArrivals,
    RenewalArrivals,
    Scenario,
)

Floats = NDArray[np.float64]


def edges_of(scenario: Scenario) -> Floats:
    """The edges of the reporting intervals in seconds, the last one the horizon."""
    n = max(1, math.ceil(scenario.horizon_s / scenario.interval_s - 1e-9))
    edges = np.arange(n + 1.0) * scenario.interval_s
    edges[-1] = scenario.horizon_s
    return edges


def calls_by_interval(queue: Queue, edges: Floats) -> Floats:
    """Expected calls of a queue between the edges, shape (intervals,)."""
    lengths = np.diff(edges)
    match queue.arrivals:
        case PoissonArrivals(rate_per_s=rate):
            return rate * lengths
        case ProfileArrivals(interval_s=interval, calls=calls):
            own = np.arange(len(calls) + 1.0) * interval
            total = np.concatenate(([0.0], np.cumsum(calls)))
            return np.diff(np.interp(edges, own, total))
        case RenewalArrivals(interarrival=gap):
            return lengths / gap.mean_s if gap.mean_s > 0.0 else np.full(lengths.size, np.inf)
        case RegularArrivals(period_s=period):
            return lengths / period
        case ListedArrivals(times_s=times) | RecordedArrivals(times_s=times):
            return np.histogram(np.asarray(times, np.float64), bins=edges)[0].astype(np.float64)


def expected_calls(scenario: Scenario) -> float:
    """Expected calls of all queues in a replication."""
    edges = edges_of(scenario)
    return sum(float(calls_by_interval(queue, edges).sum()) for queue in scenario.queues)


def handle_mean_s(queue: Queue) -> float:
    """Mean service and wrap-up of a call, before any agent's speed."""
    service = min(queue.service_time.mean_s, queue.service_timeout_s)
    return service + (queue.wrap_up.mean_s if queue.wrap_up is not None else 0.0)


def loads(scenario: Scenario) -> Floats:
    """Offered load in erlangs, shape (queues, intervals): calls per second times handle time."""
    edges = edges_of(scenario)
    rows = [
        calls_by_interval(queue, edges) / np.diff(edges) * handle_mean_s(queue)
        for queue in scenario.queues
    ]
    return np.nan_to_num(np.array(rows), posinf=1e6)


def peak_load(scenario: Scenario, group: int) -> float:
    """The greatest load in any interval, in agents of this group, of all calls they may take."""
    agents = scenario.agents[group]
    rows = [q for q, queue in enumerate(scenario.queues) if queue.matches(agents.tags)]
    if not rows:
        return 0.0
    there = max(1.0 - agents.shrinkage, 0.1)
    return float(loads(scenario)[rows].sum(axis=0).max()) / (agents.speed * there)


def presence(scenario: Scenario, group: int) -> Floats:
    """The share of a group on shift in each interval, shape (intervals,), without the absent."""
    agents = scenario.agents[group]
    edges = edges_of(scenario)
    largest = max((p.count for p in agents.schedule or ()), default=0)
    if agents.schedule is None:
        shares = np.ones(edges.size - 1)
    else:
        spans = pairwise(edges.tolist())
        shares = np.array([agents.on_shift_s(a, b) / (b - a) for a, b in spans])
        shares /= max(largest, 1)
    return np.asarray(shares * (1.0 - agents.shrinkage) * (1.0 if agents.present else 0.0))
