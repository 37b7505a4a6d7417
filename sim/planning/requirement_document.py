"""A requirement as a document, as a table, and as a schedule to be pasted into a scenario."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sim import __version__
from sim.metrics.estimates import Estimate
from sim.planning.requirement import Requirement, Slot
from sim.scenario.model import Scenario, Target
from sim.scenario.units import format_duration

FORMAT = "callsim.requirement/1"
HOUR_S = 3600.0
DAY_S = 86400.0


def document(found: Requirement) -> dict[str, Any]:
    """The requirement document: plain values, ready for JSON."""
    scenario = found.day.scenario
    return {
        "format": FORMAT,
        "version": __version__,
        "scenario": scenario.name,
        "sha256": scenario.sha256,
        "engine": found.day.engine,
        "seed": scenario.seed,
        "start": None if scenario.start is None else scenario.start.isoformat(),
        "group": scenario.agents[found.day.group].name,
        "targets": [target.text for target in found.targets],
        "bounds": [target.value for target in found.targets],
        "over": found.over,
        "feasible": found.all_met,
        "advice": found.advice,
        "shrinkage": found.shrinkage,
        "search_replications": found.search_replications,
        "replications": found.replications,
        "confidence": found.confidence,
        "elapsed_s": found.elapsed_s,
        "agent_hours": {
            "required": _hours(found, [slot.required for slot in found.slots]),
            "scheduled": _hours(found, [slot.scheduled for slot in found.slots]),
            "erlang_c": _hours(found, [slot.demand.erlang_c for slot in found.slots]),
            "erlang_a": _hours(found, [slot.demand.erlang_a for slot in found.slots]),
        },
        "day": [
            {
                "target": each.target.text,
                "outcome": str(each.outcome),
                "estimate": each.estimate.document(),
            }
            for each in found.over_day
        ],
        "schedule": schedule(found),
        "intervals": [_slot(slot, found.targets) for slot in found.slots],
    }


def _slot(slot: Slot, targets: Sequence[Target]) -> dict[str, Any]:
    return {
        "start_s": slot.start_s,
        "end_s": slot.end_s,
        "calls": slot.demand.calls,
        "offered_load_erlangs": slot.demand.offered_load_erlangs,
        "erlang_c": slot.demand.erlang_c,
        "erlang_a": slot.demand.erlang_a,
        "required": slot.required,
        "scheduled": slot.scheduled,
        "targets": [
            {
                "target": target.text,
                "outcome": str(shown.outcome),
                "estimate": shown.estimate.document(),
                "one_fewer": _of(slot.one_fewer, i),
                "with_erlang_c": _of(slot.with_erlang_c, i),
                "with_erlang_a": _of(slot.with_erlang_a, i),
            }
            for i, (target, shown) in enumerate(zip(targets, slot.shown, strict=True))
        ],
    }


def _of(estimates: tuple[Estimate, ...] | None, place: int) -> dict[str, float | None] | None:
    return None if estimates is None else estimates[place].document()


def _hours(found: Requirement, counts: Sequence[int | None]) -> float | None:
    lengths = [(slot.end_s - slot.start_s) / HOUR_S for slot in found.slots]
    if any(count is None for count in counts):
        return None
    return sum(n * hours for n, hours in zip(counts, lengths, strict=True) if n is not None)


def schedule(found: Requirement) -> list[dict[str, Any]]:
    """The scheduled agents as a scenario's `schedule` has them.

    Times of day where the scenario has a start and ends within 24 hours of it, else durations.
    """
    scenario = found.day.scenario
    periods = found.day.periods([slot.scheduled for slot in found.slots])
    return [
        {
            "from": _moment(scenario, p.from_s),
            "to": _moment(scenario, p.to_s),
            "count": p.count,
        }
        for p in periods
    ]


def _moment(scenario: Scenario, at_s: float) -> str:
    start = scenario.start
    by_clock = start is not None and scenario.horizon_s <= DAY_S and scenario.time_zone is None
    if not by_clock or start is None or at_s % 60.0 or start.second or start.microsecond:
        return format_duration(at_s)
    midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
    moment = start + timedelta(seconds=at_s)
    if moment == midnight + timedelta(days=1):
        return "24:00"
    if moment.date() != start.date():
        return format_duration(at_s)
    return f"{moment:%H:%M}"


def schedule_yaml(found: Requirement) -> str:
    """The schedule as lines for the agent group in a scenario's file."""
    periods = schedule(found)
    if not periods:
        return "schedule: []\n"
    lines = ["schedule:"]
    lines += [
        f"  - {{from: {row['from']}, to: {row['to']}, count: {row['count']}}}" for row in periods
    ]
    return "\n".join(lines) + "\n"


def as_scheduled(found: Requirement) -> Scenario:
    """The scenario with the schedule in place, the group's shrinkage as it was."""
    scenario = found.day.staffed([slot.scheduled for slot in found.slots])
    place = found.day.group
    group = replace(scenario.agents[place], shrinkage=found.shrinkage)
    agents = (*scenario.agents[:place], group, *scenario.agents[place + 1 :])
    return replace(scenario, agents=agents)


def rows(table: dict[str, Any]) -> tuple[list[str], list[list[Any]]]:
    """Header and rows of `requirement.csv`: an interval each, of the requirement document."""
    plain = (
        "start_s", "end_s", "calls", "offered_load_erlangs", "erlang_c", "erlang_a", "required",
        "scheduled",
    )  # fmt: skip
    header = list(plain)
    for target in table["targets"]:
        header += [f"{target}: {name}" for name in ("value", "low", "high", "outcome")]
        header += [f"{target}: with Erlang C", f"{target}: with Erlang A"]
    made = []
    for slot in table["intervals"]:
        row: list[Any] = [slot[name] for name in plain]
        for each in slot["targets"]:
            row += [each["estimate"][name] for name in ("value", "low", "high")]
            row.append(each["outcome"])
            row += [(each[name] or {}).get("value") for name in ("with_erlang_c", "with_erlang_a")]
        made.append(row)
    return header, made
