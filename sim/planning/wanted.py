"""What is asked of `staff`, in the words of the command line, made into a problem."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence

from sim.planning.goals import Goal, checked_goal, parse_goal
from sim.planning.load import peak_load
from sim.planning.problem import Bounds, Problem
from sim.scenario.errors import did_you_mean, list_names
from sim.scenario.model import Scenario
from sim.scenario.overrides import split_override
from sim.scenario.targets import split_path

MAX_FREE = 40
MOST = 1_000_000
NO_TARGET = (
    "nothing to plan for: give a --target such as `total.service_level >= 80%`, or an `expect` in"
    " the scenario"
)
_BOUNDS = re.compile(r"(?P<low>[0-9]{1,9})?\s*(?P<dots>\.\.)?\s*(?P<high>[0-9]{1,9})?")


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
