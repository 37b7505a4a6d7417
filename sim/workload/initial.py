"""The calls that are there at the start: waiting, or in service, for some time already.

What they bring is drawn from streams of their own, given that it has not run out yet: a caller
who has waited for `since` seconds has a patience of at least that, a conversation that has lasted
so long lasts at least so long.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from sim.mixing import UNIT, descend
from sim.scenario.distributions import Deterministic, Distribution, Empirical, Exponential, Mixture
from sim.scenario.model import Scenario
from sim.workload.calls import CallBlock
from sim.workload.streams import name_key, uniforms
from sim.workload.variates import inverse

LEAST_SINCE_S = 1e-6
"""A call that is there since just now has joined a little before the start."""

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


NONE = InitialCalls(CallBlock.empty(), np.empty(0, np.int32))
"""No calls at the start."""


def initial_calls(scenario: Scenario, replication: int) -> InitialCalls:
    """The calls that are there when replication `replication` starts."""
    if scenario.initial is None:
        return NONE
    rows = sorted(_rows(scenario), key=lambda row: row[:3])
    queue, agent = (np.array([row[i] for row in rows], np.int32) for i in (1, 3))
    arrival = np.array([row[0] for row in rows])
    place = np.empty(len(rows), np.int64)
    service, patience, wrap_up = (np.empty(len(rows)) for _ in range(3))
    for q in np.unique(queue).tolist():
        own = scenario.queues[q]
        mine = np.flatnonzero(queue == q)
        place[mine] = -1 - np.arange(mine.size)
        brings = {
            purpose: uniforms(
                descend(name_key(scenario.seed, purpose, own.name), replication), 0, mine.size
            )
            for purpose in (INITIAL_SERVICE, INITIAL_PATIENCE, INITIAL_WRAP_UP)
        }
        service[mine] = quantile_of(own.service_time)(brings[INITIAL_SERVICE])
        patience[mine] = np.inf
        wrap_up[mine] = 0.0
        if own.wrap_up is not None:
            wrap_up[mine] = quantile_of(own.wrap_up)(brings[INITIAL_WRAP_UP])
        for k, i in enumerate(mine.tolist()):
            lasted = -rows[i][0]
            if agent[i] >= 0:
                group = scenario.agents[rows[i][4]]
                theirs = dict(group.service_times).get(q, own.service_time)
                u = float(brings[INITIAL_SERVICE][k])
                service[i] = given_more_than(theirs, lasted * group.speed, u)
            elif own.patience is not None:
                u = float(brings[INITIAL_PATIENCE][k])
                patience[i] = given_more_than(own.patience, lasted, u)
    return InitialCalls(CallBlock(0, queue, place, arrival, service, patience, wrap_up), agent)


def _rows(scenario: Scenario) -> list[tuple[float, int, int, int, int]]:
    """(arrival, queue, 1 if waiting, agent, group) of each, in the file's order."""
    assert scenario.initial is not None
    first = np.cumsum([0, *(group.count for group in scenario.agents)])
    busy = [
        (-max(b.since_s, LEAST_SINCE_S), b.queue, 0, int(first[b.agent]) + b.index, b.agent)
        for b in scenario.initial.busy
    ]
    return busy + [
        (-max(w.since_s, LEAST_SINCE_S), w.queue, 1, -1, -1) for w in scenario.initial.waiting
    ]


quantile_of = lru_cache(maxsize=256)(inverse)
"""`variates.inverse`, prepared once for all replications."""


def given_more_than(distribution: Distribution, since_s: float, u: float) -> float:
    """A value of `distribution` given that it exceeds `since_s`, at the uniform `u`.

    Of the uniforms whose value is greater than `since_s` the one at the share u of their measure;
    `since_s` itself if there are none. For an exponential distribution, which has no memory, what
    remains is its quantile at u.
    """
    if isinstance(distribution, Exponential):
        remaining = _value_at(replace(distribution, offset_s=0.0), u)
        return max(since_s, distribution.offset_s) + remaining
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
    return max(_value_at(distribution, at), since_s)


def _value_at(distribution: Distribution, u: float) -> float:
    return float(quantile_of(distribution)(np.array([u]))[0])


@lru_cache(maxsize=4096)  # it is the same in all replications
def _survivors(distribution: Distribution, since_s: float) -> tuple[tuple[float, float], ...]:
    """The spans of uniforms whose value exceeds `since_s`, in order."""
    if isinstance(distribution, Mixture):
        spans: list[tuple[float, float]] = []
        edges = np.concatenate(([0.0], np.cumsum(distribution.weights))).tolist()
        for part, (low, high) in zip(distribution.parts, pairwise(edges), strict=True):
            within = _survivors(part, since_s - distribution.offset_s)
            spans += [(low + a * (high - low), low + b * (high - low)) for a, b in within]
        return tuple(spans)
    below = _share_up_to(distribution, since_s)
    return ((below, 1.0),) if below < 1.0 else ()


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
        if _value_at(bare, middle) <= limit:
            low = middle
        else:
            high = middle
    return low if high < 1.0 else 1.0
