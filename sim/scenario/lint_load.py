"""Lint: offered load against capacity."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterator

from sim.scenario.limits import expected_calls, profile_calls
from sim.scenario.lint_waiting import endless
from sim.scenario.model import (
    AgentGroup,
    LintWarning,
    Period,
    ProfileArrivals,
    Queue,
    RecordedArrivals,
    Scenario,
)

MAX_PAIRS = 1_000_000
"""Pairs of queue and group beyond which overload is not looked for: it would take too long."""


def present_s(group: AgentGroup, horizon_s: float) -> float:
    """Expected agent-seconds on shift before the horizon, without breaks and absent days."""
    if not group.present:
        return 0.0
    schedule = group.schedule
    if schedule is None:
        schedule = (Period(0.0, horizon_s, group.count),)
    total, k = 0.0, 0
    for period in schedule:
        end = min(period.to_s, horizon_s)
        total += period.count * max(0.0, end - period.from_s)
        while k < len(group.breaks) and group.breaks[k].at_s < end:
            stop = group.breaks[k].at_s + group.breaks[k].length_s
            shared = min(stop, end) - max(group.breaks[k].at_s, period.from_s)
            total -= period.count * max(0.0, shared)
            if stop > end:
                break
            k += 1
    return total * (1 - group.shrinkage)


def _work_s(queue: Queue, horizon_s: float) -> float:
    """Expected conversation and wrap-up of the calls before the horizon, at speed 1."""
    service = min(queue.service_time.mean_s, queue.service_timeout_s)
    after = queue.wrap_up.mean_s if queue.wrap_up is not None else 0.0
    arrivals = queue.arrivals
    if isinstance(arrivals, RecordedArrivals) and arrivals.service_s is not None:
        n = bisect_left(arrivals.times_s, horizon_s)
        lengths = (service if math.isnan(s) else s for s in arrivals.service_s[:n])
        return n * after + math.fsum(min(s, queue.service_timeout_s) for s in lengths)
    if isinstance(arrivals, ProfileArrivals) and arrivals.service_scale is not None:
        total, step = 0.0, arrivals.interval_s
        for i, scale in enumerate(arrivals.service_scale):
            calls = profile_calls(
                ProfileArrivals(step, (arrivals.calls[i],)), 0.0, horizon_s - i * step
            )
            total += calls * (service * scale + after)
        return total
    return expected_calls(arrivals, horizon_s) * (service + after)


def overload(scenario: Scenario) -> Iterator[LintWarning]:
    """Offered load against capacity, both over the whole horizon.

    Looked at for each queue by itself and for each set of queues that share agents; only
    queues in which nothing ends the waiting count. A peak that passes is no overload here, and
    where agents have their own service times they are taken to be at their best.
    """
    horizon = scenario.horizon_s
    present = [present_s(group, horizon) for group in scenario.agents]
    growing = [i for i, queue in enumerate(scenario.queues) if endless(queue, scenario)]
    if len(growing) * len(scenario.agents) > MAX_PAIRS:
        return
    warned: set[int] = set()
    sets = [[i] for i in growing] + [part for part in _connected(scenario, growing)]
    for part in sets:
        if warned & set(part):
            continue
        work = sum(_work_s(scenario.queues[i], horizon) for i in part)
        capacity = sum(
            there * group.speed * quickest
            for group, there in zip(scenario.agents, present, strict=True)
            if there > 0 and (quickest := _quickest(group, part, scenario)) > 0
        )
        if capacity <= 0 or work <= capacity * (1 + 1e-9):
            continue
        warned |= set(part)
        names = ", ".join(f"`{scenario.queues[i].name}`" for i in part)
        yield LintWarning(
            "overload",
            f"queues[{part[0]}]",
            f"queue{'s' if len(part) > 1 else ''} {names}: an offered load of "
            f"{work / horizon:.3g} erlangs for a capacity of {capacity / horizon:.3g} agents, and "
            "nothing ends the waiting (wait_timeout, patience, max_waiting, overflow): "
            "it only grows",
        )


def _quickest(group: AgentGroup, part: list[int], scenario: Scenario) -> float:
    """How often a group's own service time fits into a queue's, at best but at least once.

    0 if the group matches none of the queues.
    """
    own = dict(group.service_times)
    best = 0.0
    for i in part:
        queue = scenario.queues[i]
        if queue.matches(group.tags):
            mine, usual = own.get(i, queue.service_time).mean_s, queue.service_time.mean_s
            best = max(best, 1.0 if mine >= usual else usual / mine if mine > 0 else math.inf)
    return best


def _connected(scenario: Scenario, queues: list[int]) -> list[list[int]]:
    """The queues in groups that share agents, directly or through others."""
    groups: list[set[int]] = [{i} for i in queues]
    for agents in scenario.agents:
        touched = {i for i in queues if scenario.queues[i].matches(agents.tags)}
        if touched:
            joined = [group for group in groups if group & touched]
            groups = [group for group in groups if not group & touched]
            groups.append(set().union(*joined))
    return [sorted(group) for group in groups if len(group) > 1]
