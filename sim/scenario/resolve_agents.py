"""Agents: who they are, how they work, and when they are on shift."""

from __future__ import annotations

import math

from sim.scenario.behaviour import Ring
from sim.scenario.context import Context
from sim.scenario.distributions import Distribution
from sim.scenario.form_agents import AgentForm, RingForm, ShiftsForm
from sim.scenario.model import AgentGroup, Period
from sim.scenario.nodes import Path
from sim.scenario.resolve_distributions import resolve_distribution
from sim.scenario.schedules import resolve_breaks, resolve_periods
from sim.scenario.shifts import resolve_shifts


def resolve_group(form: AgentForm, context: Context, path: Path) -> AgentGroup:
    """One agent or group; the horizon and the names of queues are known already."""
    schedule = _schedule(form, context, path)
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
        breaks=resolve_breaks(form.breaks or [], context, (*path, "breaks")),
        ring=None if form.ring is None else _ring(form.ring, context, (*path, "ring")),
        service_times=_service_times(form, context, (*path, "service_time")),
    )


def _schedule(form: AgentForm, context: Context, path: Path) -> tuple[Period, ...] | None:
    names = (form.name,) if form.id is None else (form.name, form.id)
    if form.shifts is not None and form.schedule is not None:
        message = "write `schedule` or `shifts`, not both of them"
        context.problem((*path, "shifts"), message, key=True)
    elif form.shifts is not None:
        return resolve_shifts(form.shifts, names, context, (*path, "shifts"))
    if isinstance(form.schedule, ShiftsForm):
        return resolve_shifts(form.schedule.shifts, names, context, (*path, "schedule", "shifts"))
    if form.schedule is not None:
        return resolve_periods(form.schedule, context, (*path, "schedule"))
    return None


def _ring(form: RingForm, context: Context, path: Path) -> Ring:
    if form.no_answer > 0 and form.timeout is None:
        context.problem(
            (*path, "no_answer"),
            "with `no_answer` a `timeout` is required, such as `timeout: 20s`: "
            "without it a phone that is not answered would ring for ever",
        )
    return Ring(
        delay=resolve_distribution(form.delay, context, (*path, "delay")),
        no_answer=form.no_answer,
        timeout_s=math.inf if form.timeout is None else form.timeout,
        penalty_s=form.penalty,
    )


def _service_times(
    form: AgentForm, context: Context, path: Path
) -> tuple[tuple[int, Distribution], ...]:
    found: dict[int, Distribution] = {}
    for name, each in (form.service_time or {}).items():
        at = (*path, name)
        place = context.queue_place(name, at, key=True)
        service = resolve_distribution(each, context, at)
        if place is None:
            continue
        if place in found:
            queue = context.queues.every[place]
            context.problem(at, f"a second service time for the queue `{queue}`", key=True)
        found[place] = service
    return tuple(sorted(found.items(), key=lambda pair: pair[0]))


def unique(tags: list[str] | None, context: Context, path: Path) -> tuple[str, ...]:
    """Tags in the file's order; one that is written twice is refused."""
    seen: set[str] = set()
    for i, tag in enumerate(tags or ()):
        if tag in seen:
            context.problem((*path, i), f"the tag `{tag}` is written twice")
        seen.add(tag)
    return tuple(tags or ())
