"""The fewest agents that meet targets in `sim.planning.erlang`, and the most calls.

With more agents or fewer calls the law of the offered wait V of M/M/n/n+K+G falls in the sense of
likelihood ratios: one agent more multiplies its density by exp(-mu x), more calls multiply it by
a function that rises in x, and the mass at 0 moves the same way (B(n, a) falls in n and rises in
a). Every metric here is a ratio of expectations of functions of V such that it moves one way,
with one exception that is refused below. So bisection finds the bound, also of the mean wait of
the answered calls alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sim.planning.erlang import METRICS, Answer, NoAnswerError, System, answer, is_limited

MOST_AGENTS = 10_000_000
"""Nobody has more; a search gives up there."""

_RISES_WITH_AGENTS = ("service_level",)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A target: a metric at most or at least a value, in the metric's unit (a share as 0..1)."""

    text: str
    metric: str
    operator: str
    value: float

    @property
    def is_met_by_more_agents(self) -> bool:
        """Whether more agents, or fewer calls, bring the metric nearer."""
        return (self.metric in _RISES_WITH_AGENTS) == (self.operator == ">=")

    @property
    def is_extreme(self) -> bool:
        """Whether only a queue in which nobody ever waits (or is lost, or works) can meet it."""
        return self.value >= 1.0 if self.metric == "service_level" else self.value <= 0.0

    def is_met(self, found: Answer) -> bool:
        """Whether the answer meets it; with nobody to measure it on, only where nobody calls."""
        value = getattr(found, self.metric)
        if value is None:
            return found.system.rate_per_s == 0.0
        return bool(value >= self.value if self.operator == ">=" else value <= self.value)


def parse_wanted(value: object) -> Wanted:
    """`METRIC >= VALUE` or `METRIC <= VALUE`. Raises ValueError with what is wrong."""
    from sim.scenario.errors import did_you_mean, list_names
    from sim.scenario.targets import METRICS as UNITS
    from sim.scenario.targets import parse_metric_value

    text = str(value)
    for operator in ("<=", ">="):
        left, found, right = text.partition(operator)
        if found:
            break
    else:
        raise ValueError(
            "a target is `METRIC >= VALUE` or `<=`, such as `service_level >= 80%`, found"
            f" `{text[:80]}`"
        )
    name = left.strip()
    if name not in METRICS:
        near = did_you_mean(name, METRICS)
        raise ValueError(f"no metric `{name[:60]}` here: one of {list_names(METRICS)}{near}")
    wanted = Wanted(text.strip(), name, operator, parse_metric_value(UNITS[name], right.strip()))
    if not wanted.is_met_by_more_agents:
        below = [each for each in METRICS if each not in _RISES_WITH_AGENTS]
        raise ValueError(
            f"`{wanted.text[:80]}`: more agents lead away from it, so there is no least number; a"
            f" target is `service_level >=`, or {list_names(below)} with `<=`"
        )
    return wanted


def refusal(system: System, wanted: Wanted) -> str | None:
    """Why a target asks for nothing in a system, where what it limits can't happen; else None."""
    if wanted.metric == "abandonment" and not system.leaving.symbol:
        return "nobody ever abandons without patience or a wait timeout"
    if wanted.metric == "blocked_share" and system.max_waiting is None:
        return "nobody is ever blocked without a limit to the number waiting"
    return None


def fewest_agents(system: System, wanted: Sequence[Wanted]) -> Answer:
    """The least number of agents that meets all targets, each one that more agents lead to.

    Raises NoAnswerError, ValueError.
    """
    _refuse_what_turns(system, wanted)
    load = system.offered_load_erlangs
    _refuse_what_is_never_met(system, wanted, math.floor(load) + 1)
    most = _first(lambda n: _all_met(system, n, wanted), math.ceil(load))
    if most is None:
        raise NoAnswerError(f"Not even {MOST_AGENTS:,} agents reach {_texts(wanted)}.")
    return answer(system, most)


def most_calls(system: System, agents: int, wanted: Sequence[Wanted]) -> Answer:
    """The highest rate at which `agents` meet all targets; the system's own rate plays no part.

    To twelve digits, from below. Raises NoAnswerError, ValueError.
    """
    _refuse_what_turns(system, wanted)
    service = system.handle_time_s

    def at(load: float) -> Answer | None:
        return _answer_or_none(replace(system, rate_per_s=load / service), agents)

    def meets(load: float) -> bool:
        found = at(load)
        return found is not None and all(each.is_met(found) for each in wanted)

    if agents == 0:
        raise NoAnswerError("No agents answer no calls, at any rate.")
    _refuse_what_is_never_met(replace(system, rate_per_s=0.5 * agents / service), wanted, agents)
    high = float(agents)
    while meets(high):
        if high > 1e6 * agents:
            raise NoAnswerError(f"{agents:,} agents meet {_texts(wanted)} at any rate of calls.")
        high *= 2.0
    low = 0.5 * high
    while not meets(low):
        low, high = 0.5 * low, low
        if low < 1e-12:
            raise NoAnswerError(f"{agents:,} agents meet {_texts(wanted)} at no rate of calls.")
    while high - low > 1e-12 * high:
        middle = 0.5 * (low + high)
        low, high = (middle, high) if meets(middle) else (low, middle)
    return answer(replace(system, rate_per_s=low / service), agents)


def _answer_or_none(system: System, agents: int) -> Answer | None:
    try:
        return answer(system, agents)
    except NoAnswerError:
        return None


def _all_met(system: System, agents: int, wanted: Sequence[Wanted]) -> bool:
    found = _answer_or_none(system, agents)
    return found is not None and all(each.is_met(found) for each in wanted)


def _first(holds: Callable[[int], bool], near: int) -> int | None:
    """The least number from 0 on for which something holds that holds for all larger ones too."""
    step, low, high = 1, -1, near
    if holds(high):
        low = high - 1
        while low >= 0 and holds(low):
            step *= 2
            low, high = low - step, low
        low = max(low, -1)
    else:
        low, high = high, high + 1
        while not holds(high):
            step *= 2
            low, high = high, high + step
            if high > MOST_AGENTS:
                return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high


def _refuse_what_turns(system: System, wanted: Sequence[Wanted]) -> None:
    turns = system.formula == "short_abandons_as_met"
    if (
        turns
        and system.short_abandon_s > system.threshold_s
        and any(each.metric == "service_level" for each in wanted)
    ):
        raise ValueError(
            "with `short_abandons_as_met` and a short abandonment above the threshold the service"
            " level may rise and fall with the agents: no search; make it at most the threshold"
        )


def _refuse_what_is_never_met(system: System, wanted: Sequence[Wanted], agents: int) -> None:
    """A finite number of agents leaves some chance of waiting, however small."""
    if system.rate_per_s == 0.0:
        return
    found = _answer_or_none(system, agents)
    for each in wanted:
        if each.is_extreme and found is not None and not each.is_met(found):
            raise NoAnswerError(
                f"No number of agents reaches {each.text}: however many there are, they may all be"
                " busy for a moment."
                if each.metric != "occupancy"
                else f"No number of agents reaches {each.text}: somebody answers the calls."
            )
    if found is None and is_limited(system):
        raise NoAnswerError("These callers' queue grows without bound: too few ever leave.")


def _texts(wanted: Sequence[Wanted]) -> str:
    return " and ".join(each.text for each in wanted) or "the targets"
