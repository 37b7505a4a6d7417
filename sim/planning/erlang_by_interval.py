"""What Erlang's formulas say of each interval by itself, as if it lasted for ever.

The stationary independent period by period approach (SIPP): Green, Kolesar and Soares (2001),
Improving the SIPP approach for staffing service systems that have cyclic demands, Operations
Research 49. Nothing is carried from one interval to the next.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from sim.planning.callers_patience import law_of
from sim.planning.erlang import METRICS, NoAnswerError, System
from sim.planning.erlang_search import Wanted, fewest_agents
from sim.scenario.model import AgentGroup, ProfileArrivals, Queue, Scenario, Target
from sim.theory.offered_wait import Leaving
from sim.workload.arrivals import expected_calls


@dataclass(frozen=True, slots=True)
class Demand:
    """The calls that a group may take in an interval, and Erlang's numbers of agents for them.

    `erlang_c` is without patience and limits, `erlang_a` with those of the scenario. None where
    formulas do not apply: other groups take the same calls, the queues differ in patience, limits
    or threshold, or the target is none that they know.
    """

    calls: float
    offered_load_erlangs: float
    erlang_c: int | None
    erlang_a: int | None


def demand(
    scenario: Scenario, group: int, edges_s: Sequence[float], targets: Sequence[Target]
) -> list[Demand]:
    """The demand of each interval, by the queues that the group may take calls of."""
    crew = scenario.agents[group]
    served = [(q, queue) for q, queue in enumerate(scenario.queues) if queue.matches(crew.tags)]
    wanted = _wanted(targets)
    alone = not any(
        queue.matches(other.tags)
        for _, queue in served
        for g, other in enumerate(scenario.agents)
        if g != group and other.present
    )
    alike = len({_limits(queue) for _, queue in served}) == 1
    found = []
    for start, end in pairwise(edges_s):
        calls = [expected_calls(queue.arrivals)(start, end) for _, queue in served]
        work = [
            n * handle_time_s(queue, q, crew, start, end)
            for n, (q, queue) in zip(calls, served, strict=True)
        ]
        total, load = math.fsum(calls), math.fsum(work) / (end - start)
        numbers: list[int | None] = [None, None]
        if wanted is not None and alone and alike and served:
            handle = math.fsum(work) / total if total else 1.0
            numbers = _numbers(total / (end - start), handle, served[0][1], wanted)
        found.append(Demand(total, load, *numbers))
    return found


def handle_time_s(queue: Queue, place: int, crew: AgentGroup, start: float, end: float) -> float:
    """Mean conversation and wrap-up of the calls that arrive between two instants."""
    own = dict(crew.service_times).get(place)
    service = (own or queue.service_time).mean_s * (_scale(queue, start, end) if not own else 1.0)
    wrap_up = 0.0 if queue.wrap_up is None else queue.wrap_up.mean_s
    return service / crew.speed + wrap_up


def _scale(queue: Queue, start: float, end: float) -> float:
    """The factor of a forecast's handle times, over the calls between two instants."""
    arrivals = queue.arrivals
    if not isinstance(arrivals, ProfileArrivals) or arrivals.service_scale is None:
        return 1.0
    begin = arrivals.interval_s * np.arange(len(arrivals.calls))
    shared = np.minimum(end, begin + arrivals.interval_s) - np.maximum(start, begin)
    weight = np.array(arrivals.calls) * np.clip(shared, 0.0, None)
    total = float(weight.sum())
    return float(weight @ np.array(arrivals.service_scale)) / total if total else 1.0


def _limits(queue: Queue) -> tuple[object, ...]:
    return queue.patience, queue.wait_timeout_s, queue.max_waiting, queue.service_level


def _wanted(targets: Sequence[Target]) -> list[Wanted] | None:
    if any(target.metric not in METRICS for target in targets):
        return None
    return [Wanted(each.text, each.metric, each.operator, each.value) for each in targets]


def _numbers(
    rate_per_s: float, handle_s: float, queue: Queue, wanted: list[Wanted]
) -> list[int | None]:
    level = queue.service_level
    plain = System(
        rate_per_s, handle_s, Leaving(), None, level.threshold_s, level.short_abandon_s,
        str(level.formula),
    )  # fmt: skip
    own = System(
        rate_per_s, handle_s, law_of(queue.patience, queue.wait_timeout_s), queue.max_waiting,
        level.threshold_s, level.short_abandon_s, str(level.formula),
    )  # fmt: skip
    found: list[int | None] = []
    for system in (plain, own):
        try:
            found.append(fewest_agents(system, wanted).agents)
        except (NoAnswerError, ValueError):
            found.append(None)
    return found
