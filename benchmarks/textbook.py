"""The baseline: call queues as SimPy's documentation would write them.

A process per caller, `answer | timeout` for the patience, the clock advanced by delays. No wait
flow, no log, no metrics but two counters. One queue is a `Resource`; several queues, whose agents
match some of them, are a `FilterStore` of agents. `simulate_by_hand` is the same with lists and an
event per waiting caller in the store's place: what a programmer writes who measures first.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Generator
from typing import Any

import simpy

Process = Generator[simpy.Event, Any, None]


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

    def caller() -> Process:
        with agents.request() as request:
            outcome = yield request | env.timeout(timeout_s)
            if request in outcome:
                counts[0] += 1
                yield env.timeout(rng.expovariate(1.0 / service_mean_s))
            else:
                counts[1] += 1

    env.process(_arrivals(env, rng, rate_per_s, caller))
    env.run(until=horizon_s)
    return counts[0], counts[1]


def simulate_queues(
    rates_per_s: list[float],
    service_mean_s: float,
    skills: list[set[int]],
    timeout_s: float,
    newest_first: bool,
    horizon_s: float,
    seed: int,
) -> tuple[int, int]:
    """Simulate queues whose agents serve some of them; returns (answered, abandoned).

    `skills` has the queues that each agent serves.
    """
    rng = random.Random(seed)
    env = simpy.Environment()
    agents = simpy.FilterStore(env)
    agents.items.extend(range(len(skills)))
    counts = [0, 0]

    def caller(queue: int) -> Process:
        answer = agents.get(lambda agent: queue in skills[agent])
        if newest_first and not answer.triggered:
            agents.get_queue.insert(0, agents.get_queue.pop())
        outcome = yield answer | env.timeout(timeout_s)
        if answer in outcome:
            counts[0] += 1
            yield env.timeout(rng.expovariate(1.0 / service_mean_s))
            agents.put(outcome[answer])
        else:
            answer.cancel()
            counts[1] += 1

    for queue, rate in enumerate(rates_per_s):
        env.process(_arrivals(env, rng, rate, caller, queue))
    env.run(until=horizon_s)
    return counts[0], counts[1]


def simulate_by_hand(
    rates_per_s: list[float],
    service_mean_s: float,
    skills: list[set[int]],
    timeout_s: float,
    newest_first: bool,
    horizon_s: float,
    seed: int,
) -> tuple[int, int]:
    """`simulate_queues` with lists in place of the store."""
    rng = random.Random(seed)
    env = simpy.Environment()
    idle = list(range(len(skills)))
    waiting: list[tuple[int, simpy.Event]] = []
    counts = [0, 0]

    def caller(queue: int) -> Process:
        eligible = [agent for agent in idle if queue in skills[agent]]
        if eligible:
            agent = rng.choice(eligible)
            idle.remove(agent)
        else:
            answer = env.event()
            place = (queue, answer)
            waiting.append(place)
            outcome = yield answer | env.timeout(timeout_s)
            if answer not in outcome:
                waiting.remove(place)
                counts[1] += 1
                return
            agent = outcome[answer]
        counts[0] += 1
        yield env.timeout(rng.expovariate(1.0 / service_mean_s))
        release(agent)

    def release(agent: int) -> None:
        for place in reversed(waiting) if newest_first else waiting:
            if place[0] in skills[agent]:
                waiting.remove(place)
                place[1].succeed(agent)
                return
        idle.append(agent)

    for queue, rate in enumerate(rates_per_s):
        env.process(_arrivals(env, rng, rate, caller, queue))
    env.run(until=horizon_s)
    return counts[0], counts[1]


def _arrivals(
    env: simpy.Environment,
    rng: random.Random,
    rate_per_s: float,
    caller: Callable[..., Process],
    *of: int,
) -> Process:
    while True:
        yield env.timeout(rng.expovariate(rate_per_s))
        env.process(caller(*of))
