"""The problem: which groups may change between which bounds, what they cost, what is asked."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from sim.planning.goals import Goal, Limit, checked_goal, limits_of, parse_goal
from sim.planning.load import peak_load
from sim.scenario.errors import did_you_mean, list_names
from sim.scenario.model import AgentGroup, Period, Scenario
from sim.scenario.overrides import split_override
from sim.scenario.targets import split_path

Point = tuple[int, ...]
"""A number of agents for each free group, in the file's order."""

MAX_FREE = 40
MOST = 1_000_000
NO_TARGET = (
    "nothing to plan for: give a --target such as `total.service_level >= 80%`, or an `expect` in"
    " the scenario"
)
_BOUNDS = re.compile(r"(?P<low>[0-9]{1,9})?\s*(?P<dots>\.\.)?\s*(?P<high>[0-9]{1,9})?")


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


def asked(
    scenario: Scenario,
    targets: Sequence[str],
    *,
    every_interval: bool = False,
    bounds: Iterable[str] = (),
    fixed: Iterable[str] = (),
    cover: Iterable[str] = (),
) -> Problem:
    """The problem in the words of the command line; without targets the scenario's `expect`.

    Raises ValueError with all that is wrong, a line each.
    """
    goals, problems = [], []
    for text in targets:
        try:
            goals.append(
                parse_goal(text, scenario.queues, scenario.agents, every_interval=every_interval)
            )
        except ValueError as error:
            problems.append(f"--target {text}: {error}")
    for target in () if targets else scenario.expect:
        try:
            goals.append(checked_goal(Goal(target, every_interval)))
        except ValueError as error:
            problems.append(f"expect, {target.text}: {error}")
    try:
        found = problem_of(scenario, goals, bounds=bounds, fixed=fixed, cover=cover)
    except ValueError as error:
        told = str(error).splitlines()
        problems += [line for line in told if goals or not problems or line != NO_TARGET]
    if problems:
        raise ValueError("\n".join(problems))
    return found


def problem_of(
    scenario: Scenario,
    goals: Sequence[Goal],
    *,
    bounds: Iterable[str] = (),
    fixed: Iterable[str] = (),
    cover: Iterable[str] = (),
) -> Problem:
    """The problem of `staff`. Raises ValueError with all that is wrong, a line each."""
    problems: list[str] = []
    if not goals:
        problems.append(NO_TARGET)
    given: dict[str, tuple[int | None, int | None]] = {}
    names = [group.name for group in scenario.agents]
    for text in bounds:
        try:
            name, low, high = parse_bounds(text, names)
            if name in given:
                raise ValueError(f"--bounds {text}: the group `{name}` has bounds already")
            given[name] = (low, high)
        except ValueError as error:
            problems.append(str(error))
    held = set()
    for name in fixed:
        if name not in names:
            problems.append(
                f"--fix {name}: no agent group `{name[:60]}`: one of"
                f" {list_names(names)}{did_you_mean(name, names)}"
            )
        elif name in given:
            problems.append(f"--fix {name}: the group has --bounds already")
        held.add(name)
    covers = []
    for text in cover:
        try:
            covers.append(parse_cover(text, [queue.name for queue in scenario.queues]))
        except ValueError as error:
            problems.append(str(error))
    if problems:
        raise ValueError("\n".join(problems))
    free = tuple(i for i, g in enumerate(scenario.agents) if g.present and g.name not in held)
    if len(free) > MAX_FREE:
        raise ValueError(
            f"{len(free)} groups may change, more than {MAX_FREE}: hold some fixed with --fix,"
            " or write agents who are alike as one group with a `count`"
        )
    found = tuple(_bounds(scenario, i, given) for i in free)
    problem = Problem(scenario, free, found, tuple(goals), tuple(covers))
    _check(problem)
    return problem


def _check(problem: Problem) -> None:
    problems = []
    for place, b in zip(problem.free, problem.bounds, strict=True):
        if b.low > b.high:
            problems.append(
                f"the bounds of `{problem.scenario.agents[place].name}` are empty:"
                f" {b.low}..{b.high}"
            )
    if not problem.free:
        problems.append("no group may change: all are held fixed, or never on shift")
    for (q, wanted), (able, rest) in zip(problem.cover, problem.covers, strict=True):
        if sum(a * b.high for a, b in zip(able, problem.bounds, strict=True)) < rest:
            problems.append(
                f"--cover {problem.scenario.queues[q].name}={wanted}: the bounds do not allow it"
            )
    if problems:
        raise ValueError("\n".join(problems))


def _bounds(
    scenario: Scenario, place: int, given: Mapping[str, tuple[int | None, int | None]]
) -> Bounds:
    """What was asked, else from none (or those whom `initial` names) to far more than enough."""
    group = scenario.agents[place]
    low, high = given.get(group.name, (None, None))
    named = 0
    if scenario.initial is not None:
        named = max((b.index + 1 for b in scenario.initial.busy if b.agent == place), default=0)
    if low is None:
        low = min(named, high) if high is not None else named
    if high is None:
        load = peak_load(scenario, place)
        high = max(math.ceil(2.0 * load + 6.0 * math.sqrt(load)) + 5, 2 * group.count, low)
        high = min(high, MOST)
    if low < named:
        raise ValueError(
            f"--bounds agents.{group.name}: `initial` names {named} agents of the group as busy"
        )
    return Bounds(low, high)


def parse_bounds(text: str, groups: Sequence[str]) -> tuple[str, int | None, int | None]:
    """`agents.NAME=LOW..HIGH`, `=LOW..`, `=..HIGH` or `=N`, as name and bounds. ValueError."""
    try:
        path, value = split_override(text)
        parts = split_path(path)
    except ValueError as error:
        raise ValueError(f"--bounds {text}: {error}") from None
    if parts[-1] == "count" and len(parts) == 3:
        parts = parts[:2]
    if len(parts) != 2 or parts[0] != "agents":
        raise ValueError(f"--bounds {text}: expected agents.NAME=LOW..HIGH")
    name = parts[1]
    if name not in groups:
        raise ValueError(
            f"--bounds {text}: no agent group `{name[:60]}`: one of"
            f" {list_names(groups)}{did_you_mean(name, groups)}"
        )
    found = _BOUNDS.fullmatch(value)
    if found is None or (found["low"] is None and found["high"] is None):
        raise ValueError(
            f"--bounds {text}: expected whole numbers of agents, such as 5..40, 5.., ..40 or 12"
        )
    low = None if found["low"] is None else int(found["low"])
    high = None if found["high"] is None else int(found["high"])
    if found["dots"] is None:
        if high is not None:
            raise ValueError(f"--bounds {text}: expected LOW..HIGH, such as 5..40")
        high = low
    for each in (low, high):
        if each is not None and each > MOST:
            raise ValueError(f"--bounds {text}: at most {MOST:,} agents")
    if low is not None and high is not None and high < low:
        raise ValueError(f"--bounds {text}: the bounds are empty: {high} is less than {low}")
    return name, low, high


def parse_cover(text: str, queues: Sequence[str]) -> tuple[int, int]:
    """`QUEUE=N`: the queue's place and the least number of agents for it. Raises ValueError."""
    try:
        path, value = split_override(text)
        (name,) = split_path(path)
    except ValueError:
        raise ValueError(f"--cover {text}: expected QUEUE=N, such as support=3") from None
    if name not in queues:
        raise ValueError(
            f"--cover {text}: no queue `{name[:60]}`: one of"
            f" {list_names(queues)}{did_you_mean(name, queues)}"
        )
    if re.fullmatch(r"[0-9]{1,7}", value) is None:
        raise ValueError(f"--cover {text}: expected a whole number of agents")
    return queues.index(name), int(value)
