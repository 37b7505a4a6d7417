"""What a run assumes, in words: arrivals, durations, rules and shifts, queue by queue."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import fsum, inf

from sim.report import text
from sim.report.book.parts import Field, Kind, Table
from sim.scenario.distributions import Deterministic, Distribution
from sim.scenario.model import (
    AgentGroup,
    Arrivals,
    AtHorizon,
    Busyness,
    ListedArrivals,
    PoissonArrivals,
    ProfileArrivals,
    Queue,
    RecordedArrivals,
    RegularArrivals,
    RenewalArrivals,
    RoutingMethod,
    Scenario,
)

_SHIFTS_TOLD = 6
"""Periods of a schedule that are told one by one."""
_ROUTING = {
    RoutingMethod.RANDOM: "a random free agent",
    RoutingMethod.LONGEST_IDLE: "the agent idle longest",
    RoutingMethod.FEWEST_CALLS: "the agent with the fewest calls",
    RoutingMethod.LISTED: "the first free agent of the list",
}


def rules(scenario: Scenario) -> list[tuple[str, str]]:
    """What holds for the whole run: a name and what it is."""
    told = [
        ("Calls arrive for", text.duration(scenario.horizon_s)),
        ("Not counted at the start (warm-up)", text.duration(scenario.warmup_s)),
        ("At the end", _AT_HORIZON[scenario.at_horizon]),
        ("Calls are handed out", _dispatch(scenario)),
        ("Reporting intervals", text.duration(scenario.interval_s)),
        ("Agents", f"{scenario.n_agents:,} in {text.counted(len(scenario.agents), 'group')}"),
    ]
    if scenario.start is not None:
        zone = f", {scenario.time_zone}" if scenario.time_zone else ""
        told.insert(0, ("The day begins", f"{scenario.start:%Y-%m-%d %H:%M}{zone}"))
    if scenario.flow_action_limit is not None:
        told.append(("Actions of a wait flow at most", f"{scenario.flow_action_limit:,}"))
    if scenario.initial is not None:
        waiting, busy = len(scenario.initial.waiting), len(scenario.initial.busy)
        talking = text.counted(busy, "conversation")
        told.append(
            ("There at the start", f"{text.counted(waiting, 'call')} waiting, {talking} under way")
        )
    return told


_AT_HORIZON = {
    AtHorizon.DRAIN: "no more calls come; those there are served or leave",
    AtHorizon.STOP: "all stops; calls still there are reported as such",
}


def _dispatch(scenario: Scenario) -> str:
    if scenario.dispatch is None:
        return "at once, as soon as an agent is free"
    polling = scenario.dispatch
    return (
        f"by polling: a look every {text.duration(polling.retry_s)},"
        f" {text.duration(polling.next_s)} after a success, the {polling.order} call first"
    )


def queue_assumptions(scenario: Scenario) -> Table:
    """A row per queue: who comes, how long calls and patience are, by which rules."""
    queues = scenario.queues
    tags = dict(scenario.tags)
    columns = [
        ("queue", [queue.name for queue in queues]),
        ("arrivals", [_arrivals(queue.arrivals, scenario.horizon_s) for queue in queues]),
        ("talk", [_durations(queue.service_time) for queue in queues]),
        ("wrap-up", [_optional(queue.wrap_up) for queue in queues]),
        ("patience", [_optional(queue.patience, "unlimited") for queue in queues]),
        ("limits", [_limits(queue) for queue in queues]),
        ("service level within", [_level(queue) for queue in queues]),
        ("order", [f"{queue.discipline}, priority {queue.priority}" for queue in queues]),
        ("offered to", [_offered_to(queue, tags) for queue in queues]),
        ("goes on", [_goes_on(queue, scenario) for queue in queues]),
    ]
    fields = [Field(heading, Kind.TEXT, values) for heading, values in columns]
    return Table("queue-assumptions", "Queues", _with_content(fields), wide=True)


def agent_assumptions(scenario: Scenario) -> Table:
    """A row per group: how many, when, with which tags."""
    groups = scenario.agents
    tags = dict(scenario.tags)
    fields = [
        Field("group", Kind.TEXT, [group.name for group in groups]),
        Field("agents", Kind.FACT, [group.count for group in groups]),
        Field("tags", Kind.TEXT, [_tags(group.tags, tags) for group in groups]),
        Field("on shift", Kind.TEXT, [_shifts(group, scenario) for group in groups]),
        Field("further", Kind.TEXT, [_further(group) for group in groups]),
        Field("cost per hour", Kind.NUMBER, [group.cost for group in groups]),
    ]
    return Table("agent-assumptions", "Agents", _with_content(fields), wide=True)


def _with_content(fields: Sequence[Field]) -> list[Field]:
    return [field for field in fields if any(value not in (None, "") for value in field.values)]


def _durations(what: Distribution) -> str:
    if isinstance(what, Deterministic):
        return f"always {text.duration(what.mean_s)}"
    name = type(what).__name__.lower()
    return f"{name}, mean {text.duration(what.mean_s)}, cv {what.cv:.3g}"


def _optional(what: Distribution | None, nothing: str = "none") -> str:
    return nothing if what is None else _durations(what)


def _arrivals(arrivals: Arrivals, horizon_s: float) -> str:
    match arrivals:
        case PoissonArrivals():
            rate = text.number(3600.0 * arrivals.rate_per_s)
            return f"Poisson, {rate} an hour{_busy_days(arrivals.busyness)}"
        case ProfileArrivals():
            slots = text.counted(len(arrivals.calls), "interval")
            calls = text.number(fsum(arrivals.calls))
            step = text.duration(arrivals.interval_s)
            told = f"Poisson, {calls} calls expected in {slots} of {step}"
            if arrivals.service_scale is not None:
                told += ", handle times by interval"
            return told + _busy_days(arrivals.busyness)
        case RenewalArrivals():
            return f"time between calls {_durations(arrivals.interarrival)}"
        case RegularArrivals():
            return f"one every {text.duration(arrivals.period_s)}"
        case ListedArrivals():
            return f"{text.counted(len(arrivals.times_s), 'call')} at set times"
        case RecordedArrivals():
            n = sum(at < horizon_s for at in arrivals.times_s)
            return f"{text.counted(n, 'recorded call')}, the same in every replication"


def _busy_days(busyness: Busyness | None) -> str:
    if busyness is None:
        return ""
    shared = ", the same for all queues" if busyness.shared else ""
    return f"; days are busy and quiet (cv {busyness.cv:.3g}{shared})"


def _limits(queue: Queue) -> str:
    parts = []
    if queue.wait_timeout_s < inf:
        parts.append(f"leaves after {text.duration(queue.wait_timeout_s)}")
    if queue.max_waiting is not None:
        parts.append(f"at most {queue.max_waiting:,} waiting")
    if queue.service_timeout_s < inf:
        parts.append(f"talk cut at {text.duration(queue.service_timeout_s)}")
    return "; ".join(parts)


def _level(queue: Queue) -> str:
    level = queue.service_level
    return f"{text.duration(level.threshold_s)} ({level.formula})".replace(
        " (answered_of_incoming)", ""
    )


def _offered_to(queue: Queue, tags: dict[str, str]) -> str:
    told = _ROUTING[queue.routing_method]
    if not queue.tags:
        return told
    word = "any of" if str(queue.tag_match) == "any" and len(queue.tags) > 1 else "with"
    return f"{told} {word} {_tags(queue.tags, tags)}"


def _tags(names: Sequence[str], known: dict[str, str]) -> str:
    return ", ".join(known.get(name, name) for name in names)


def _goes_on(queue: Queue, scenario: Scenario) -> str:
    parts = []
    if queue.overflow is not None:
        to = scenario.queues[queue.overflow.to].name
        parts.append(f"to {to} after {text.duration(queue.overflow.after_s)}")
    if queue.retry is not None:
        share = text.percent(queue.retry.probability)
        parts.append(f"{share} of the lost call again, {queue.retry.max_attempts} calls at most")
    if queue.wait_flow is not None:
        parts.append(f"hears {scenario.flows[queue.wait_flow].name}")
    return "; ".join(parts)


def _shifts(group: AgentGroup, scenario: Scenario) -> str:
    if not group.present:
        return "never"
    if group.schedule is None:
        return "always"
    periods = [period for period in group.schedule if period.count]
    with_day = scenario.horizon_s > text.DAY_S
    told = [
        f"{text.instant(period.from_s, scenario.start, with_day=with_day)} to"
        f" {text.instant(period.to_s, scenario.start, with_day=with_day)}: {period.count:,}"
        for period in periods[:_SHIFTS_TOLD]
    ]
    if len(periods) > _SHIFTS_TOLD:
        told.append(f"and {text.counted(len(periods) - _SHIFTS_TOLD, 'further period')}")
    return "; ".join(told) or "never"


def _further(group: AgentGroup) -> str:
    return "; ".join(_traits(group))


def _traits(group: AgentGroup) -> Iterator[str]:
    if group.speed != 1.0:
        yield f"speed {group.speed:g}"
    if group.shrinkage:
        yield f"{text.percent(group.shrinkage)} absent for the day"
    if group.breaks:
        yield text.counted(len(group.breaks), "break")
    if group.ring is not None:
        yield f"phones ring {_durations(group.ring.delay)}"
        if group.ring.no_answer:
            yield f"{text.percent(group.ring.no_answer)} not answered"
    if group.service_times:
        yield text.counted(len(group.service_times), "own talk time")
