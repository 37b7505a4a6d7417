"""When agents work: the periods of a schedule, and breaks."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise

from sim.scenario.behaviour import Break
from sim.scenario.context import Context
from sim.scenario.form_agents import BreakForm, PeriodForm
from sim.scenario.model import Period
from sim.scenario.nodes import Path
from sim.scenario.units import ClockTime, format_duration, seconds_between

MAX_BREAKS = 10_000
"""Of all groups on all days: a scenario with more could not be written down and read again."""
Moment = float | ClockTime | datetime


def resolve_periods(forms: list[PeriodForm], context: Context, path: Path) -> tuple[Period, ...]:
    """The periods of a schedule, sorted; refuses those that overlap."""
    placed: list[tuple[Period, int]] = []
    for i, form in enumerate(forms):
        instants = _span(form, context, (*path, i))
        if instants is None:
            continue
        begin, end = instants
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
    begin = context.instant(form.from_, (*path, "from"))
    end = context.instant(form.to, (*path, "to"))
    if begin is None or end is None:
        return None
    return span(form.from_, form.to, begin, end, context)


def span(
    from_: Moment, to: Moment, begin: float, end: float, context: Context
) -> tuple[float, float]:
    """A period in seconds from the start, of what was written and the instants that it means.

    Times of day mean the day of `start`. A `to` at or before its `from` is on the next day, and
    a period that would be over before the start is meant a day later. What lies before the
    start is cut off.
    """
    start = context.start
    if start is None or not (isinstance(from_, ClockTime) and isinstance(to, ClockTime)):
        return max(begin, 0.0), end
    midnight = start.replace(hour=0, minute=0, second=0)
    first = midnight + timedelta(seconds=from_.seconds)
    last = midnight + timedelta(seconds=to.seconds)
    if last <= first:
        last += timedelta(days=1)
    if last <= start:
        first, last = first + timedelta(days=1), last + timedelta(days=1)
    zone = context.time_zone
    return max(seconds_between(start, first, zone), 0.0), seconds_between(start, last, zone)


def resolve_breaks(forms: list[BreakForm], context: Context, path: Path) -> tuple[Break, ...]:
    """The breaks of a group up to the horizon, sorted; refuses those that overlap.

    A time of day recurs on every day; one that has begun before the start is cut. A duration
    from the start and a date happen once.
    """
    placed: list[tuple[Break, int]] = []
    for i, form in enumerate(forms):
        at = context.instant(form.at, (*path, i, "at"))
        if at is None:
            continue
        if not isinstance(form.at, ClockTime):
            if at < 0:
                context.problem((*path, i, "at"), "this instant is before the start")
            placed.append((Break(at, form.length), i))
            continue
        for begin in _daily(form.at, context):
            end = begin + form.length
            if begin >= 0:
                placed.append((Break(begin, form.length), i))
            elif end > 0:
                placed.append((Break(0.0, end), i))
            context.n_breaks += 1
            if context.n_breaks > MAX_BREAKS:
                context.problem(
                    (*path, i, "at"),
                    f"the days up to the horizon have more than {MAX_BREAKS:,} breaks in all",
                )
                return ()
    placed.sort(key=lambda each: (each[0].at_s, each[0].length_s))
    told: set[tuple[int, int]] = set()
    for (one, i), (two, k) in pairwise(placed):
        if two.at_s < one.at_s + one.length_s and (i, k) not in told:
            told |= {(i, k), (k, i)}
            other = "the day before's" if i == k else f"breaks[{min(i, k)}]"
            context.problem((*path, max(i, k)), f"this break overlaps {other}")
    return tuple(each for each, _ in placed)


def _daily(clock: ClockTime, context: Context) -> Iterator[float]:
    """The instants of a time of day, from the day before the start until the horizon."""
    assert context.start is not None
    midnight = context.start.replace(hour=0, minute=0, second=0)
    for day in itertools.count(-1):
        try:
            then = midnight + timedelta(days=day, seconds=clock.seconds)
        except OverflowError:  # before the year 1 or after the year 9999
            if day < 0:
                continue
            return
        at = seconds_between(context.start, then, context.time_zone)
        if at >= context.horizon_s:
            return
        yield at
