"""What the caller of a calibration asks for, and what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from sim.calibration.days import KINDS, WEEK, date_of, weekdays_of
from sim.scenario.distributions import Distribution
from sim.scenario.errors import ScenarioError
from sim.scenario.load import loads_scenario
from sim.scenario.units import parse_clock, parse_duration

DAY_S = 86_400.0
SERVICES = ("best", "exponential", "lognormal", "gamma", "weibull", "empirical")
LEAST_INTERVAL_S = 60.0

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a calibration is to be of. What is None is found out from the log.

    `weekdays` counts from Monday = 0; `hours_s` are from and to, seconds after midnight;
    `wrap_up` is the scenario's own text of it, with the distribution; `agents` are numbers by
    the group's name.
    """

    weekdays: tuple[int, ...] = KINDS["all"]
    first: date | None = None
    last: date | None = None
    interval_s: float = 1800.0
    hours_s: tuple[float, float] | None = None
    queues: tuple[str, ...] = ()
    service: str = "best"
    wrap_up: tuple[str, Distribution] | None = None
    agents: Mapping[str, int] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """The kind of day in words."""
        names = {value: name for name, value in KINDS.items()}
        named = names.get(self.weekdays)
        if named == "all":
            return "all days"
        if named is not None:
            return named
        first = [day for day in self.weekdays if (day - 1) % 7 not in self.weekdays]
        names_of = [WEEK[(first[0] + i) % 7].capitalize() for i in range(len(self.weekdays))]
        if len(first) == 1 and len(names_of) > 2:
            return f"{names_of[0]} to {names_of[-1]}"
        return ", ".join(WEEK[day].capitalize() for day in self.weekdays)


def asked(
    *,
    days: str = "all",
    first: str | None = None,
    last: str | None = None,
    interval: str = "30min",
    hours: str | None = None,
    queues: Sequence[str] = (),
    service: str = "best",
    wrap_up: str | None = None,
    agents: Sequence[str] = (),
) -> Asked:
    """The options of the command, read. Raises ValueError with a line for each that is wrong."""
    problems: list[str] = []

    def read(option: str, reader: Callable[[str], T], given: str | None, default: T) -> T:
        if given is None:
            return default
        try:
            return reader(given)
        except ValueError as error:
            problems.append(f"--{option}: {error}")
            return default

    weekdays = read("days", weekdays_of, days, KINDS["all"])
    since = read("from", date_of, first, None)
    until = read("to", date_of, last, None)
    interval_s = read("interval", _interval, interval, 1800.0)
    span = read("hours", lambda text: _hours(text, interval_s), hours, None)
    after = read("wrap-up", _wrap_up, wrap_up, None)
    counts: dict[str, int] = {}
    for text in agents:
        name, count = read("agents", _count, text, ("", 0))
        if name in counts:
            problems.append(f"--agents: `{name}` twice")
        counts[name] = count
    if since is not None and until is not None and until < since:
        problems.append(f"--to {until} is before --from {since}")
    if service not in SERVICES:
        problems.append(f"--service: one of {', '.join(SERVICES)}, found `{service[:40]}`")
    if problems:
        raise ValueError("\n".join(problems))
    return Asked(
        weekdays, since, until, interval_s, span, tuple(queues), service, after, counts
    )  # fmt: skip


def _interval(text: str) -> float:
    seconds = parse_duration(text)
    if not LEAST_INTERVAL_S <= seconds <= DAY_S or DAY_S % seconds:
        raise ValueError(
            f"a minute to a day, and a whole number of them in a day, found `{text[:40]}`"
        )
    return seconds


def _hours(text: str, interval_s: float) -> tuple[float, float]:
    found = re.fullmatch(r"\s*([0-9:]+)\s*(?:\.\.|-|–)\s*([0-9:]+)\s*", text)
    if found is None:
        raise ValueError(f"expected such as `08:00..18:00`, found `{text[:40]}`")
    since, until = (float(parse_clock(each).seconds) for each in found.groups())
    if until <= since:
        raise ValueError(f"`{text[:40]}` runs over midnight: a scenario here is of one day")
    if since % interval_s or until % interval_s:
        raise ValueError(f"`{text[:40]}` does not begin and end with an interval")
    return since, until


def _wrap_up(text: str) -> tuple[str, Distribution]:
    """A duration or a distribution as a scenario writes it."""
    probe = (
        "{horizon: 1h, queues: [{name: q, arrivals: {rate: 1/h}, service_time: 1s}], agents: []}"
    )
    try:
        queue = loads_scenario(probe, overrides=[f"queues.q.wrap_up={text}"]).queues[0]
    except ScenarioError as error:
        raise ValueError(error.problems[0].message) from None
    if queue.wrap_up is None:
        raise ValueError(f"expected a duration such as `30s`, found `{text[:40]}`")
    return text, queue.wrap_up


def _count(text: str) -> tuple[str, int]:
    name, equals, number = text.rpartition("=")
    if not equals or not name.strip() or not number.strip().isdigit():
        raise ValueError(f"expected NAME=NUMBER such as `team=12`, found `{text[:40]}`")
    if int(number) > 100_000:
        raise ValueError(f"`{text[:40]}`: at most 100,000 agents")
    return name.strip(), int(number)
