"""What each feature costs: the same calls, with one thing more."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import Any

from benchmarks.clock import TINY_CALLS, timed
from benchmarks.models import SERVICE_MEAN_S, one_queue
from benchmarks.tables import duration, significant, table
from sim.experiment.run import run
from sim.scenario.behaviour import Break, Busyness, Overflow, Polling, Retry, Ring
from sim.scenario.distributions import Deterministic, Exponential, Gamma, Lognormal
from sim.scenario.model import (
    Action,
    ActionType,
    Flow,
    Period,
    PoissonArrivals,
    Queue,
    RoutingMethod,
    Scenario,
)
from sim.sums import Count

HOLD = Flow("hold", (Action(ActionType.TALK, 8.0), Action(ActionType.SLEEP, 15.0)))
DAY_S = 86400.0


def _queue(scenario: Scenario, **changes: Any) -> Scenario:
    return replace(scenario, queues=tuple(replace(q, **changes) for q in scenario.queues))


def _agents(scenario: Scenario, **changes: Any) -> Scenario:
    return replace(scenario, agents=tuple(replace(g, **changes) for g in scenario.agents))


def _two_queues(scenario: Scenario) -> Scenario:
    """The calls overflow to a second queue of the same agents."""
    (first,) = scenario.queues
    second: Queue = replace(first, name="second", arrivals=PoissonArrivals(0.0))
    return replace(scenario, queues=(replace(first, overflow=Overflow(30.0, 1)), second))


def _busy(scenario: Scenario) -> Scenario:
    (queue,) = scenario.queues
    assert isinstance(queue.arrivals, PoissonArrivals)
    return _queue(scenario, arrivals=replace(queue.arrivals, busyness=Busyness(0.1)))


def _shifts(scenario: Scenario) -> Scenario:
    """Everybody works from the beginning to the end, in shifts of eight hours."""
    n, end = scenario.agents[0].count, scenario.horizon_s
    edges = [8 * 3600.0 * i for i in range(int(end / 28800.0) + 2)]
    half = tuple(
        Period(a, b, n if i % 2 == 0 else n - 1) for i, (a, b) in enumerate(pairwise(edges))
    )
    return _agents(scenario, schedule=half)


def _breaks(scenario: Scenario) -> Scenario:
    days = int(scenario.horizon_s / DAY_S) + 1
    return _agents(
        scenario, breaks=tuple(Break(DAY_S * d + 3600.0 * 4, 900.0) for d in range(days))
    )


FEATURES: dict[str, Any] = {
    "nothing more": lambda s: s,
    "patience": partial(_queue, patience=Exponential(scale_s=300.0)),
    "wrap-up": partial(_queue, wrap_up=Deterministic(value_s=1.0)),
    "lognormal service": partial(_queue, service_time=Lognormal(mu=5.4, sigma=0.75)),
    "gamma service": partial(_queue, service_time=Gamma(shape=2.5, scale_s=SERVICE_MEAN_S / 2.5)),
    "`longest_idle`": partial(_queue, routing_method=RoutingMethod.LONGEST_IDLE),
    "busy and quiet days": _busy,
    "a wait flow": lambda s: replace(_queue(s, wait_flow=0), flows=(HOLD,)),
    "shifts": _shifts,
    "breaks": _breaks,
    "shrinkage of 2 %": partial(_agents, shrinkage=0.02),
    "own service times": partial(_agents, service_times=((0, Exponential(scale_s=280.0)),)),
    "ringing": partial(_agents, ring=Ring(Exponential(scale_s=5.0), 0.02, 20.0, 30.0)),
    "overflow": _two_queues,
    "retries": partial(_queue, retry=Retry(0.5, Exponential(scale_s=600.0))),
    "polling": lambda s: replace(s, dispatch=Polling()),
}


def features(*, rounds: int, calls: int) -> str:
    """The table; rounds are interleaved, ratios those of the rounds."""
    model = one_queue()
    cases = {
        name: (made(model.scenario(TINY_CALLS)), made(model.scenario(calls)))
        for name, made in (*FEATURES.items(), ("sums by interval", FEATURES["nothing more"]))
    }
    times: dict[str, list[float]] = {name: [] for name in cases}
    for n in range(rounds + 1):
        for name, (tiny, whole) in cases.items():
            seconds = _per_call_s(tiny, whole, intervals=name == "sums by interval")
            if n:  # the first round compiles
                times[name].append(seconds)
    return table(["with", "per call", "of the time without"], _rows(times))


def _rows(times: dict[str, list[float]]) -> Iterator[list[str]]:
    plain = times["nothing more"]
    for name, several in times.items():
        ratio = statistics.median(a / b for a, b in zip(several, plain, strict=True))
        yield [name, duration(statistics.median(several)), f"{significant(ratio)} ×"]


def _per_call_s(tiny: Scenario, whole: Scenario, *, intervals: bool) -> float:
    if intervals:
        whole = replace(whole, interval_s=whole.horizon_s / 1000)
        tiny = replace(tiny, interval_s=tiny.horizon_s / 1000)
        tiny_s, _ = timed(tiny, "compiled", run=partial(run, intervals=True))
        whole_s, result = timed(whole, "compiled", run=partial(run, intervals=True))
    else:
        tiny_s, _ = timed(tiny, "compiled")
        whole_s, result = timed(whole, "compiled")
    counts = result.counts[0]
    offered = counts[:, [Count.INCOMING, Count.BLOCKED]].sum() - counts[:, Count.OVERFLOWED].sum()
    return (whole_s - tiny_s) / int(offered)
