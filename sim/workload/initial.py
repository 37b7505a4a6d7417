"""The calls that are there at the start: waiting, or in service, for some time already.

What they bring is drawn from streams of their own, given that it has not run out yet: a caller
who has waited for `since` seconds has a patience of at least that, a conversation that has lasted
so long lasts at least so long.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from sim.mixing import UNIT, descend
from sim.scenario.distributions import Deterministic, Distribution, Empirical, Mixture
from sim.scenario.model import Scenario
from sim.workload.calls import CallBlock
from sim.workload.streams import name_key, uniforms
from sim.workload.variates import quantile

INITIAL_SERVICE = "initial_service"
INITIAL_PATIENCE = "initial_patience"
INITIAL_WRAP_UP = "initial_wrap_up"

MOST_U = 1.0 - UNIT / 2
"""The greatest uniform there is."""


@dataclass(frozen=True, slots=True)
class InitialCalls:
    """The calls at the start, numbered from 0 by (arrival, queue, busy before waiting, the file's
    order). Arrivals are negative; the k-th of a queue (from 0) has the place -1 - k.

    `agent` is the number of the agent who talks with it, -1 for a waiting call. The service of a
    call in service counts from its arrival, which is its answer too.
    """

    calls: CallBlock
    agent: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.calls)


def initial_calls(scenario: Scenario, replication: int) -> InitialCalls:
    """The calls that are there when replication `replication` starts."""
    rows = sorted(_rows(scenario), key=lambda row: row[:3])
    places = [0] * len(scenario.queues)
    block: list[tuple[int, int, float, float, float, float]] = []
    for arrival, q, _, agent, group in rows:
        queue, k = scenario.queues[q], places[q]
        places[q] += 1

        def u(purpose: str, name: str = queue.name, k: int = k) -> float:
            key = descend(name_key(scenario.seed, purpose, name), replication)
            return float(uniforms(key, k, 1)[0])

        service, patience, wrap_up = u(INITIAL_SERVICE), np.inf, 0.0
        if queue.wrap_up is not None:
            wrap_up = value_at(queue.wrap_up, u(INITIAL_WRAP_UP))
        if agent >= 0:
            own = dict(scenario.agents[group].service_times).get(q, queue.service_time)
            talked = -arrival * scenario.agents[group].speed
            service_s = given_more_than(own, talked, service)
        else:
            service_s = value_at(queue.service_time, service)
            if queue.patience is not None:
                patience = given_more_than(queue.patience, -arrival, u(INITIAL_PATIENCE))
        block.append((q, -1 - k, arrival, service_s, patience, wrap_up))
    columns = list(zip(*block, strict=True)) if block else [()] * 6
    types = (np.int32, np.int64, *[np.float64] * 4)
    arrays = [np.array(c, dtype=t) for c, t in zip(columns, types, strict=True)]
    return InitialCalls(CallBlock(0, *arrays), np.array([row[3] for row in rows], dtype=np.int32))


def _rows(scenario: Scenario) -> list[tuple[float, int, int, int, int]]:
    """(arrival, queue, 1 if waiting, agent, group) of each, in the file's order."""
    if scenario.initial is None:
        return []
    first = np.cumsum([0, *(group.count for group in scenario.agents)])
    busy = [
        (-b.since_s, b.queue, 0, int(first[b.agent]) + b.index, b.agent)
        for b in scenario.initial.busy
    ]
    return busy + [(-w.since_s, w.queue, 1, -1, -1) for w in scenario.initial.waiting]


def value_at(distribution: Distribution, u: float) -> float:
    """The value of a distribution at one uniform, in seconds."""
    return float(quantile(distribution, np.array([u]))[0])


def given_more_than(distribution: Distribution, since_s: float, u: float) -> float:
    """A value of `distribution` given that it exceeds `since_s`, at the uniform `u`.

    Of the uniforms whose value is greater than `since_s` the one at the share u of their measure;
    `since_s` itself if there are none.
    """
    spans = _survivors(distribution, since_s)
    total = sum(high - low for low, high in spans)
    if not total > 0.0:
        return since_s
    left = u * total
    for low, high in spans:
        if left < high - low:
            break
        left -= high - low
    at = min(max(low + min(left, high - low), UNIT / 2), MOST_U)
    return max(value_at(distribution, at), since_s)


def _survivors(distribution: Distribution, since_s: float) -> list[tuple[float, float]]:
    """The spans of uniforms whose value exceeds `since_s`, in order."""
    if isinstance(distribution, Mixture):
        spans = []
        edges = np.concatenate(([0.0], np.cumsum(distribution.weights))).tolist()
        for part, (low, high) in zip(distribution.parts, pairwise(edges), strict=True):
            within = _survivors(part, since_s - distribution.offset_s)
            spans += [(low + a * (high - low), low + b * (high - low)) for a, b in within]
        return spans
    below = _share_up_to(distribution, since_s)
    return [(below, 1.0)] if below < 1.0 else []


def _share_up_to(distribution: Distribution, since_s: float) -> float:
    """The least upper bound of the uniforms whose value is at most `since_s`; 0 if there are none.

    By halving: quantile functions do not decrease.
    """
    bare = replace(distribution, offset_s=0.0)
    limit = since_s - distribution.offset_s
    if isinstance(bare, Deterministic):
        return 1.0 if bare.value_s <= limit else 0.0
    if isinstance(bare, Empirical):
        return sum(value <= limit for value in bare.values_s) / len(bare.values_s)
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        if not 0.0 < middle < 1.0 or middle > MOST_U:
            break
        if value_at(bare, middle) <= limit:
            low = middle
        else:
            high = middle
    return low if high < 1.0 else 1.0
