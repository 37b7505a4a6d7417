"""Goals: targets that a plan has to meet, over the whole day or in every interval.

A goal is one or several *limits*, single numbers that have to lie on one side of a bound: one for
the day, or one for each reporting interval.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from sim.metrics.measures import QUEUE_MEASURES
from sim.metrics.verdicts import MAXIMA
from sim.scenario.model import AgentGroup, Queue, Scenario, Target
from sim.scenario.targets import METRICS, SubjectKind, UnitKind, parse_target

_SCOPE = re.compile(
    r"(?P<target>.*?)\s+(?:(?:in\s+)?(?P<every>every\s+interval)|over\s+the\s+day)\s*", re.S | re.I
)
BY_INTERVAL_OF_AGENTS = ("occupancy", "utilisation", "overtime_s")


@dataclass(frozen=True, slots=True)
class Goal:
    """A target; with `every_interval` it must hold in each reporting interval with calls."""

    target: Target
    every_interval: bool = False

    @property
    def text(self) -> str:
        """As it is written."""
        return self.target.text + (" in every interval" if self.every_interval else "")


@dataclass(frozen=True, slots=True)
class Limit:
    """One number that must lie on one side. `slot` is the interval's number, None for the day.

    `rows` are the queues that it is of (with all of them the row of what they have together),
    `group` the agent group instead, by their places.
    """

    goal: int
    target: Target
    slot: int | None
    rows: slice | None
    group: int | None

    @property
    def operator(self) -> str:
        """That of the number itself: for `P(...)` that of the share of days."""
        days = self.target.of_days
        return self.target.operator if days is None else days.operator

    @property
    def bound(self) -> float:
        """What the number is compared with."""
        days = self.target.of_days
        return self.target.value if days is None else days.value

    @property
    def sign(self) -> float:
        """1 where more is better, else -1."""
        return 1.0 if self.operator == ">=" else -1.0

    @property
    def is_share(self) -> bool:
        of_days = self.target.of_days is not None
        return of_days or METRICS[self.target.metric].unit is UnitKind.SHARE

    def slack(self, value: float) -> float:
        """How far a value lies on the right side, negative on the wrong one."""
        return self.sign * (value - self.bound)

    def score(self, value: float) -> float:
        """The slack on a scale on which metrics run nearly straight in the number of agents.

        Log odds for shares, logarithms for the rest: 0 at the bound, cut off where no sample can
        tell any more.
        """
        bound = self.bound
        if self.is_share:
            return self.sign * (_log_odds(value) - _log_odds(bound))
        least = 1e-3 * bound if bound > 0.0 else 1e-3
        return self.sign * (math.log(max(value, least)) - math.log(max(bound, least)))

    def score_slope(self, value: float) -> float:
        """The derivative of `score` by the value, in size."""
        if self.is_share:
            inside = min(max(value, 0.001), 0.999)
            return 1.0 / (inside * (1.0 - inside))
        least = 1e-3 * self.bound if self.bound > 0.0 else 1e-3
        return 1.0 / max(value, least)


def _log_odds(share: float) -> float:
    inside = min(max(share, 0.001), 0.999)
    return math.log(inside / (1.0 - inside))


def parse_goal(
    text: str, queues: Sequence[Queue], groups: Sequence[AgentGroup], *, every_interval: bool
) -> Goal:
    """A goal from a target with or without a scope (`split_scope`). Raises ValueError."""
    text, scope = split_scope(text)
    every = every_interval if scope is None else scope
    return checked_goal(
        Goal(parse_target(text, [q.name for q in queues], [g.name for g in groups]), every)
    )


def split_scope(text: str) -> tuple[str, bool | None]:
    """A target's text without `in every interval` (True) or `over the day` (False) behind it.

    None where it says neither.
    """
    found = _SCOPE.fullmatch(text.strip())
    if found is None:
        return text, None
    return found["target"], found["every"] is not None


def checked_goal(goal: Goal) -> Goal:
    """The goal, if a plan can be held to it. Raises ValueError."""
    target = goal.target
    if target.metric in MAXIMA and (target.of_days is None or goal.every_interval):
        raise ValueError(
            f"`{target.metric}` is the greatest value of all replications: it grows with their"
            " number, and no plan can be shown to keep it below a bound; take a percentile such"
            f" as `wait_p99_s`, or P({target.subject}.{target.metric} {target.operator} ...) >= 90%"
        )
    if goal.every_interval:
        known = BY_INTERVAL_OF_AGENTS if target.subject_is_group else tuple(QUEUE_MEASURES)
        if target.metric not in known:
            raise ValueError(
                f"`{target.metric}` is not known by interval: one of {', '.join(known)}"
            )
    kind = SubjectKind.AGENTS if target.subject_is_group else SubjectKind.QUEUE
    assert METRICS[target.metric].subject is kind
    return goal


def limits_of(goals: Sequence[Goal], scenario: Scenario) -> list[Limit]:
    """All limits of some goals, goal by goal, intervals in their order.

    Intervals that end before the warm-up does are left out: nothing is counted in them.
    """
    n = max(1, math.ceil(scenario.horizon_s / scenario.interval_s - 1e-9))
    counted = [k for k in range(n) if (k + 1) * scenario.interval_s > scenario.warmup_s]
    names = [queue.name for queue in scenario.queues]
    groups = [group.name for group in scenario.agents]
    limits = []
    for place, goal in enumerate(goals):
        target = goal.target
        rows = group = None
        if target.subject_is_group:
            group = groups.index(target.subject)
        elif target.subject == "total":
            rows = slice(0, len(names) + 1)
        else:
            at = names.index(target.subject)
            rows = slice(at, at + 1)
        slots: list[int | None] = [*counted] if goal.every_interval else [None]
        limits += [Limit(place, target, slot, rows, group) for slot in slots]
    return limits
