"""Agents: who they are, and when they are on shift."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

from sim.scenario.behaviour import Break
from sim.scenario.context import Context
from sim.scenario.form_agents import AgentForm, PeriodForm, ShiftsForm
from sim.scenario.model import AgentGroup, Period
from sim.scenario.nodes import Path
from sim.scenario.units import ClockTime, format_duration, seconds_between


def resolve_group(form: AgentForm, context: Context, path: Path) -> AgentGroup:
    """One agent or group."""
    _refuse_unsupported(form, context, path)
    schedule = None
    if isinstance(form.schedule, list):
        schedule = _schedule(form.schedule, context, (*path, "schedule"))
    count = form.count
    if schedule is not None:
        largest = max((period.count for period in schedule), default=0)
        if count is None:
            count = largest
        elif count < largest:
            context.problem(
                (*path, "count"),
                f"{count} agents are fewer than the {largest} that the schedule asks for",
            )
    return AgentGroup(
        name=form.name,
        count=1 if count is None else count,
        tags=unique(form.tags, context, (*path, "tags")),
        schedule=schedule,
        speed=float(form.speed),
        cost=None if form.cost is None else float(form.cost),
        present=form.status not in ("offline", "away"),
        id=form.id,
        shrinkage=form.shrinkage,
        breaks=tuple(
            Break(at, each.length)
            for i, each in enumerate(form.breaks or ())
            if (at := context.instant(each.at, (*path, "breaks", i, "at"))) is not None
        ),
    )


def _refuse_unsupported(form: AgentForm, context: Context, path: Path) -> None:
    written = {
        "shrinkage": form.shrinkage > 0,
        "breaks": bool(form.breaks),
        "ring": form.ring is not None,
        "service_time": bool(form.service_time),
        "shifts": form.shifts is not None,
    }
    for name, used in written.items():
        if used:
            context.problem((*path, name), f"`{name}` is not supported yet", key=True)
    if isinstance(form.schedule, ShiftsForm):
        context.problem((*path, "schedule", "shifts"), "`shifts` is not supported yet", key=True)


def unique(tags: list[str] | None, context: Context, path: Path) -> tuple[str, ...]:
    """Tags in the file's order; one that is written twice is refused."""
    seen: set[str] = set()
    for i, tag in enumerate(tags or ()):
        if tag in seen:
            context.problem((*path, i), f"the tag `{tag}` is written twice")
        seen.add(tag)
    return tuple(tags or ())


def _schedule(forms: list[PeriodForm], context: Context, path: Path) -> tuple[Period, ...]:
    placed: list[tuple[Period, int]] = []
    for i, form in enumerate(forms):
        span = _span(form, context, (*path, i))
        if span is None:
            continue
        begin, end = span
        if end <= begin:
            context.problem((*path, i, "to"), "the period must end after it begins")
            continue
        placed.append((Period(begin, end, form.count), i))
    placed.sort(key=lambda each: (each[0].from_s, each[0].to_s))
    for (one, i), (two, k) in pairwise(placed):
        if two.from_s < one.to_s:
            later = max(i, k)
            context.problem(
                (*path, later),
                f"this period overlaps schedule[{min(i, k)}], which runs from "
                f"{format_duration(one.from_s if i < k else two.from_s)} to "
                f"{format_duration(one.to_s if i < k else two.to_s)} after the start",
            )
    return tuple(period for period, _ in placed)


def _span(form: PeriodForm, context: Context, path: Path) -> tuple[float, float] | None:
    """From and to, in seconds from the start.

    Times of day mean the day of `start`. A `to` at or before its `from` is on the next day, and
    a period that would be over before the start is meant a day later.
    """
    if context.start is None or not (
        isinstance(form.from_, ClockTime) and isinstance(form.to, ClockTime)
    ):
        begin = context.instant(form.from_, (*path, "from"))
        end = context.instant(form.to, (*path, "to"))
        if begin is None or end is None:
            return None
        return max(begin, 0.0), end
    midnight = context.start.replace(hour=0, minute=0, second=0)
    first = midnight + timedelta(seconds=form.from_.seconds)
    last = midnight + timedelta(seconds=form.to.seconds)
    if last <= first:
        last += timedelta(days=1)
    if last <= context.start:
        first, last = first + timedelta(days=1), last + timedelta(days=1)
    return max(_since(context, first), 0.0), _since(context, last)


def _since(context: Context, then: datetime) -> float:
    assert context.start is not None
    return seconds_between(context.start, then, context.time_zone)
