"""Where the search begins: Erlang A and its kin for a single pool, else a fluid model.

Both take intervals by themselves, as if each were stationary (the pointwise stationary
approximation; Green and Kolesar, Management Science 37, 1991). Neither is trusted: all that
follows is simulated.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from sim.planning.goals import Limit
from sim.planning.load import calls_by_interval, edges_of, handle_mean_s, loads, presence
from sim.planning.problem import Point, Problem
from sim.scenario.distributions import Deterministic, Exponential
from sim.scenario.model import Queue
from sim.theory.erlang import erlang_a, mmn
from sim.theory.families import Patience, capped, deterministic, endless, exponential, gamma
from sim.theory.measures import QueueMeasures
from sim.theory.patience import mmn_g
from sim.theory.timeout import mmn_d

SPARE = 0.5
"""The start's spare agents in square roots of the load (the square-root rule: Halfin and Whitt
1981; Garnett, Mandelbaum and Reiman 2002)."""
LARGE = 3000.0
"""Erlangs from which on the fluid model is as good a start as any."""


def start(problem: Problem) -> Point:
    """A first plan, within the bounds."""
    fluid = fluid_start(problem)
    if len(problem.free) == 1 and is_single_pool(problem):
        found = erlang_start(problem)
        if found is not None:
            return within(problem, (found,))
    return fluid


def within(problem: Problem, point: Point) -> Point:
    """The point moved into the bounds."""
    return tuple(min(max(n, b.low), b.high) for n, b in zip(point, problem.bounds, strict=True))


def is_single_pool(problem: Problem) -> bool:
    """Whether one free group answers all calls of all queues, alone."""
    (place,) = problem.free
    scenario = problem.scenario
    alone = all(
        not any(queue.matches(other.tags) for queue in scenario.queues)
        for i, other in enumerate(scenario.agents)
        if i != place and other.present and other.count > 0
    )
    return alone and all(q.matches(scenario.agents[place].tags) for q in scenario.queues)


# --- several groups ----------------------------------------------------------------------------


def fluid_start(problem: Problem) -> Point:
    """The cheapest agents whose time covers the load of each interval and some spare.

    A linear program with whole numbers of agents: y[q, g, k] agents of group g are at queue q in
    interval k; each queue's load and spare is covered, no group gives more than it has.
    """
    scenario = problem.scenario
    load = loads(scenario)
    agents = [g for g, group in enumerate(scenario.agents) if group.present]
    there = {g: presence(scenario, g) for g in agents}
    pairs = [
        (q, g)
        for q, queue in enumerate(scenario.queues)
        for g in agents
        if queue.matches(scenario.agents[g].tags)
    ]
    slots = _slots(load)
    n_x, n_q = len(problem.free), len(scenario.queues)
    n = n_x + len(slots) * (len(pairs) + n_q)
    cost = np.zeros(n)
    cost[:n_x] = np.array(problem.unit_costs) + 1e-6
    missing = 100.0 * (max(problem.unit_costs, default=0.0) + 1.0)
    rows, low, high = [], [], []
    for i, k in enumerate(slots):
        at = n_x + i * (len(pairs) + n_q)
        cost[at + len(pairs) : at + len(pairs) + n_q] = missing
        for q in range(n_q):
            row = np.zeros(n)
            for j, (queue, group) in enumerate(pairs):
                row[at + j] = scenario.agents[group].speed if queue == q else 0.0
            row[at + len(pairs) + q] = 1.0
            rows.append(row)
            low.append(load[q, k] + SPARE * math.sqrt(load[q, k]))
            high.append(np.inf)
        for g in agents:
            row = np.zeros(n)
            row[[at + j for j, (_, group) in enumerate(pairs) if group == g]] = 1.0
            share, limit = there[g][k], 0.0
            if g in problem.free:
                row[problem.free.index(g)] = -share
            else:
                limit = share * scenario.agents[g].count
            rows.append(row)
            low.append(-np.inf)
            high.append(limit)
    for able, wanted in problem.covers:
        rows.append(np.array([*able, *np.zeros(n - n_x)], np.float64))
        low.append(float(wanted))
        high.append(np.inf)
    upper = np.full(n, np.inf)
    upper[:n_x] = problem.high
    lower = np.zeros(n)
    lower[:n_x] = problem.low
    whole = np.zeros(n)
    whole[:n_x] = 1
    found = milp(
        cost,
        integrality=whole,
        bounds=Bounds(lower, upper),
        constraints=LinearConstraint(np.array(rows), low, high),
        options={"mip_rel_gap": 0.01, "node_limit": 200},
    )
    if found.x is None:
        return problem.high
    return within(problem, tuple(round(v) for v in found.x[:n_x]))


def _slots(load: np.ndarray) -> list[int]:
    """The interval of the greatest total load above the mean, and each queue's middle one.

    Targets over a day do not need the peak covered; the search finds what they need.
    """
    total = load.sum(axis=0)
    order = np.argsort(total)
    chosen = {int(order[int(0.75 * (order.size - 1))])}
    chosen |= {int(np.argsort(row)[int(0.75 * (row.size - 1))]) for row in load}
    return sorted(chosen)


# --- a single pool -----------------------------------------------------------------------------


def erlang_start(problem: Problem) -> int | None:
    """The least agents by Erlang A (M/M/n with general patience) that keep all limits.

    None where a limit is of a metric that the formulas do not give, or none within the bounds
    does, or the queues are too different to be taken as one.
    """
    scenario = problem.scenario
    (place,) = problem.free
    (bounds,) = problem.bounds
    there = presence(scenario, place) * scenario.agents[place].speed
    edges = edges_of(scenario)
    calls = np.array([calls_by_interval(queue, edges) for queue in scenario.queues])
    if not np.all(np.isfinite(calls)) or calls.sum() <= 0.0:
        return None
    rate = calls.sum(axis=0) / np.diff(edges)
    handle = np.array([handle_mean_s(queue) for queue in scenario.queues])
    service = float(calls.sum(axis=1) @ handle / calls.sum())
    law = _model(scenario.queues[0], scenario.agents[place].ring is None)
    if law is None or service <= 0.0 or float((rate * service).max()) > LARGE:
        return None
    known: dict[tuple[int, int], QueueMeasures | None] = {}

    def measures(count: int, k: int) -> QueueMeasures | None:
        n = round(count * float(there[k]))
        if (n, k) not in known:
            try:
                known[n, k] = law(float(rate[k]), service, n)
            except ValueError:
                known[n, k] = None
        return known[n, k]

    def holds(count: int) -> bool | None:
        for limit in problem.limits:
            value = _expected(limit, problem, lambda k: measures(count, k), rate * np.diff(edges))
            if value is None:
                return None
            if limit.slack(value) < 0.0:
                return False
        return True

    low, high = max(bounds.low, 1), bounds.high
    while low < high:
        middle = (low + high) // 2
        held = holds(middle)
        if held is None:
            return None
        low, high = (low, middle) if held else (middle + 1, high)
    return low


def _expected(
    limit: Limit,
    problem: Problem,
    measures: Callable[[int], QueueMeasures | None],
    calls: np.ndarray,
) -> float | None:
    """The metric of a limit over the day: the intervals' values, weighted by their calls."""
    metric = limit.target.metric
    slots = [limit.slot] if limit.slot is not None else range(calls.size)
    queue = problem.scenario.queues[limit.rows.start if limit.rows is not None else 0]
    total = weight = 0.0
    for k in slots:
        if calls[k] <= 0.0:
            continue
        found = measures(k)
        value = _value(metric, found, queue)
        if value is None:
            return None
        total += value * float(calls[k])
        weight += float(calls[k])
    return total / weight if weight > 0.0 else None


def _value(metric: str, found: QueueMeasures | None, queue: Queue) -> float | None:
    """One metric; of an overloaded queue without patience what is as bad as can be."""
    if metric == "service_level":
        if found is None:
            return 0.0
        return found.answered_within(queue.service_level.threshold_s)
    if metric in ("abandonment", "delayed"):
        return 1.0 if found is None else getattr(found, metric)
    if metric in ("asa_s", "wait_mean_s"):
        return 1e6 if found is None else getattr(found, metric)
    if metric == "occupancy":
        return 1.0 if found is None else found.occupancy
    return None


Law = Callable[[float, float, int], QueueMeasures]


def _model(queue: Queue, rings_not: bool) -> Law | None:
    """The formulas for a queue's patience and timeout; None where there are none here."""
    if not rings_not:
        return None
    timeout, law = queue.wait_timeout_s, queue.patience
    if law is None:
        if math.isinf(timeout):
            return mmn
        return lambda rate, service, n: mmn_d(rate, service, n, timeout)
    if isinstance(law, Exponential) and math.isinf(timeout):
        mean = law.mean_s
        return lambda rate, service, n: erlang_a(rate, service, n, mean)
    patience = _patience(queue)
    return None if patience is None else lambda rate, service, n: mmn_g(rate, service, n, patience)


def _patience(queue: Queue) -> Patience | None:
    law = queue.patience
    assert law is not None
    if isinstance(law, Deterministic):
        found = deterministic(law.mean_s)
    elif isinstance(law, Exponential):
        found = exponential(law.mean_s)
    elif law.variance_s2 > 0.0:
        found = gamma(law.mean_s, math.sqrt(law.variance_s2))
    else:
        found = endless()
    return found if math.isinf(queue.wait_timeout_s) else capped(found, queue.wait_timeout_s)
