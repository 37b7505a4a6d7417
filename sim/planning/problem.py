"""The problem: which groups may change between which bounds, what they cost, what is asked."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property

from sim.planning.goals import Goal, Limit, limits_of
from sim.scenario.model import AgentGroup, Period, Scenario

Point = tuple[int, ...]
"""A number of agents for each free group, in the file's order."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """At least `low` and at most `high` agents."""

    low: int
    high: int


@dataclass(frozen=True)
class Problem:
    """The scenario, its free groups (places) with their bounds, the goals, the minimum covers.

    `cover` says for queues, by their places, how many agents there must be who take their calls.
    """

    scenario: Scenario
    free: tuple[int, ...]
    bounds: tuple[Bounds, ...]
    goals: tuple[Goal, ...]
    cover: tuple[tuple[int, int], ...] = ()

    @cached_property
    def limits(self) -> tuple[Limit, ...]:
        """All limits of all goals."""
        return tuple(limits_of(self.goals, self.scenario))

    @cached_property
    def by_interval(self) -> bool:
        """Whether any goal needs the sums by interval."""
        return any(goal.every_interval for goal in self.goals)

    @property
    def low(self) -> Point:
        return tuple(b.low for b in self.bounds)

    @property
    def high(self) -> Point:
        return tuple(b.high for b in self.bounds)

    def counts(self, point: Point) -> dict[str, int]:
        """The agents of every group by name, those held fixed too."""
        chosen = dict(zip(self.free, point, strict=True))
        return {g.name: chosen.get(i, g.count) for i, g in enumerate(self.scenario.agents)}

    def staffed(self, point: Point) -> Scenario:
        """The scenario with these agents."""
        agents = list(self.scenario.agents)
        for place, count in zip(self.free, point, strict=True):
            agents[place] = scaled(agents[place], count)
        return replace(self.scenario, agents=tuple(agents))

    @cached_property
    def unit_costs(self) -> tuple[float, ...]:
        """About what one agent of each free group costs: exact but for rounded schedules."""
        places = zip(self.free, self.bounds, strict=True)
        return tuple(self.group_cost(g, max(b.high, 1)) / max(b.high, 1) for g, b in places)

    def group_cost(self, place: int, count: int) -> float:
        """What `count` agents of a group cost.

        With a `cost`: that times the agents on shift on average from the start to the horizon,
        so an agent who is always on shift costs one hour's wages, whatever the day's length.
        Without: 1 for each agent.
        """
        group = self.scenario.agents[place]
        if group.cost is None:
            return float(count)
        horizon = self.scenario.horizon_s
        return group.cost * scaled(group, count).on_shift_s(0.0, horizon) / horizon

    def cost(self, point: Point) -> float:
        """What all agents cost, those of the groups held fixed too."""
        free = dict(zip(self.free, point, strict=True))
        return math.fsum(
            self.group_cost(i, free.get(i, group.count))
            for i, group in enumerate(self.scenario.agents)
        )

    def rank(self, point: Point) -> tuple[float, int, Point]:
        """What plans are ordered by: cost, then the number of agents, then the file's order."""
        return round(self.cost(point), 9), sum(point), point

    @cached_property
    def covers(self) -> tuple[tuple[tuple[int, ...], int], ...]:
        """For each minimum cover 1 or 0 for each free group, and how many it must give."""
        found = []
        for q, wanted in self.cover:
            queue = self.scenario.queues[q]
            able = [g.present and queue.matches(g.tags) for g in self.scenario.agents]
            fixed = sum(
                g.count
                for i, g in enumerate(self.scenario.agents)
                if able[i] and i not in self.free
            )
            found.append((tuple(int(able[i]) for i in self.free), wanted - fixed))
        return tuple(found)

    def allows(self, point: Point) -> bool:
        """Whether a point lies within the bounds and gives the minimum covers."""
        inside = all(b.low <= n <= b.high for b, n in zip(self.bounds, point, strict=True))
        return inside and all(
            sum(a * n for a, n in zip(able, point, strict=True)) >= wanted
            for able, wanted in self.covers
        )


def scaled(group: AgentGroup, count: int) -> AgentGroup:
    """The group with `count` agents; a schedule keeps its shape, each period's share rounded."""
    if group.schedule is None or count == group.count == _largest(group):
        return replace(group, count=count)
    largest = max(_largest(group), 1)
    schedule = tuple(
        Period(p.from_s, p.to_s, math.floor(p.count * count / largest + 0.5))
        for p in group.schedule
    )
    return replace(group, count=count, schedule=schedule)


def _largest(group: AgentGroup) -> int:
    return max((p.count for p in group.schedule or ()), default=0)
