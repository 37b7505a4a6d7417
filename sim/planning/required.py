"""What is asked of `requirement`, in the words of the command line, all checked at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sim.planning.day_staffing import refusal
from sim.planning.goals import split_scope
from sim.scenario.errors import did_you_mean, list_names
from sim.scenario.model import Scenario, Target
from sim.scenario.targets import parse_target
from sim.scenario.units import parse_duration

INTERVAL = "interval"
DAY = "day"
LEAST_REPLICATIONS = 20
MOST_INTERVALS = 2000
SCOPES = {True: "in every interval", False: "over the day"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """The targets, whether they hold by `interval` or over the `day`, and for which group.

    `interval_s` None takes the scenario's intervals.
    """

    targets: tuple[Target, ...]
    over: str
    group: int
    interval_s: float | None


def asked(
    scenario: Scenario,
    targets: Sequence[str],
    *,
    over: str | None = None,
    group: str | None = None,
    interval: str | None = None,
    replications: int | None = None,
) -> Wanted:
    """The question in the words of the command line; without targets the scenario's `expect`.

    `over` None is what the targets say, else every interval. Raises ValueError with all that is
    wrong, a line each.
    """
    problems: list[str] = []
    found, scopes = _targets(scenario, targets, problems)
    every = _every_interval(over, scopes, problems)
    place = _group(scenario, group, problems)
    interval_s = None
    if interval is not None:
        try:
            interval_s = _interval_s(scenario, interval)
        except ValueError as error:
            problems.append(f"--interval: {error}")
    if replications is not None and replications < LEAST_REPLICATIONS:
        problems.append(f"--replications: at least {LEAST_REPLICATIONS}, to show anything")
    if problems:
        raise ValueError("\n".join(problems))
    return Wanted(tuple(found), INTERVAL if every else DAY, place, interval_s)


def _targets(
    scenario: Scenario, texts: Sequence[str], problems: list[str]
) -> tuple[list[Target], set[bool]]:
    """The targets, and what they themselves say of where they hold."""
    queues = [queue.name for queue in scenario.queues]
    groups = [each.name for each in scenario.agents]
    found: list[Target] = []
    scopes = set()
    for text in texts:
        plain, scope = split_scope(text)
        if scope is not None:
            scopes.add(scope)
        try:
            found.append(parse_target(plain, queues, groups))
        except ValueError as error:
            problems.append(f"--target: {error}")
    where = "--target" if texts else "expect"
    found = found if texts else list(scenario.expect)
    problems += [f"{where}: {why}" for each in found if (why := refusal(each)) is not None]
    if not texts and not found:
        problems.append(
            "nothing to meet: give a --target such as `total.service_level >= 80%`, or an `expect`"
            " in the scenario"
        )
    return found, scopes


def _every_interval(over: str | None, scopes: set[bool], problems: list[str]) -> bool:
    if over not in (None, INTERVAL, DAY):
        problems.append(f"--over: `interval` or `day`, found `{over}`")
    if len(scopes) > 1:
        problems.append(
            "--target: some are `in every interval` and some `over the day`: a requirement is for"
            " one of the two; `staff` takes both at once"
        )
    elif scopes and over is not None and (over == INTERVAL) not in scopes:
        problems.append(
            f"--target: `{SCOPES[over == DAY]}` goes against --over {over}: leave one of"
            " the two out"
        )
    return over == INTERVAL or (over is None and False not in scopes)


def _group(scenario: Scenario, group: str | None, problems: list[str]) -> int:
    groups = [each.name for each in scenario.agents]
    if not groups:
        problems.append(f"{scenario.name}: there are no agents whose number could be wanted")
    elif group is None and len(groups) > 1:
        problems.append(f"--group: say whose number is wanted, one of {list_names(groups)}")
    elif group is not None and group not in groups:
        problems.append(
            f"--group: no agent group `{group[:60]}`: one of {list_names(groups)}"
            f"{did_you_mean(group, groups)}"
        )
    elif group is not None:
        return groups.index(group)
    return 0


def _interval_s(scenario: Scenario, text: str) -> float:
    interval_s = parse_duration(text)
    if not interval_s >= 1.0:
        raise ValueError("an interval lasts at least a second")
    if scenario.horizon_s / interval_s > MOST_INTERVALS:
        raise ValueError(f"more than {MOST_INTERVALS:,} intervals")
    return interval_s
