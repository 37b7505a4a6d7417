"""Recorded arrivals: the calls of one queue from a recording, or written out in the scenario."""

from __future__ import annotations

import dataclasses
import itertools
import math
import re
from array import array
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from sim.scenario.behaviour import RecordedArrivals
from sim.scenario.context import Context
from sim.scenario.form_arrivals import CallForm, RecordedColumnsForm, RecordedForm
from sim.scenario.nodes import Path, format_path
from sim.scenario.recording import (
    MAX_CSV_BYTES,
    Clock,
    Recording,
    divided,
    read_csv,
    read_parquet,
)
from sim.scenario.tables import TableError
from sim.scenario.units import ClockTime, parse_datetime, parse_moment, seconds_between

NONE = RecordedArrivals(())
"""Stands for a recording that had a problem."""
_CLOCK = re.compile(r"([0-9]{1,2}:[0-9]{2})(?::([0-9]{2}(?:\.[0-9]{1,12})?))?")
_STAMP = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}[T ]+[0-9]{1,2}:[0-9]{2})(?::([0-9]{2}(?:\.[0-9]{1,12})?))?"
    r"\s*(Z|[+-][0-9]{2}:?[0-9]{2})?"
)


def resolve_recorded(
    form: RecordedForm, name: str, context: Context, path: Path
) -> RecordedArrivals:
    """The recorded calls of the queue with this name, sorted by time."""
    if not isinstance(form.recorded, str):
        return _written_out(form.recorded, context, (*path, "recorded"))
    columns = _columns(form.columns)
    key = (form.recorded, *itertools.chain(*columns))
    if key not in context.recordings:
        context.recordings[key] = _read(form.recorded, dict(columns), context, path)
    recordings = context.recordings[key]
    if recordings is None:
        return NONE
    calls = recordings.get(context.queues.find(name), recordings.get(None))
    if calls is None:
        context.problem((*path, "recorded"), f"no row of the file is of the queue `{name}`")
        return NONE
    file = str((context.folder / form.recorded).absolute())
    return _sorted(calls.times_s, calls.service_s, calls.patience_s, file, columns)


def _columns(form: RecordedColumnsForm) -> tuple[tuple[str, str | int], ...]:
    named = {field: getattr(form, field) for field in RecordedColumnsForm.model_fields}
    return tuple((field, column) for field, column in named.items() if column is not None)


def _read(
    name: str, columns: dict[str, str | int], context: Context, path: Path
) -> dict[int | None, Recording] | None:
    """The calls of a file by the place of their queue; of None where the file has no queues."""
    clock = _clock(context)
    try:
        if context.is_parquet(name):
            found = read_parquet(context.parquet(name), columns, clock)
            return divided(found, context.queues.places)
        source = context.read_text(name, (*path, "recorded"), MAX_CSV_BYTES)
        if source is None:
            return None
        return divided(read_csv(source, columns, clock), context.queues.places)
    except TableError as error:
        context.sink.add(dataclasses.replace(error.problem, path=format_path(path)))
        return None


def _sorted(
    times: array[float],
    service: array[float] | None,
    patience: array[float] | None,
    file: str = "",
    columns: tuple[tuple[str, str | int], ...] = (),
) -> RecordedArrivals:
    """The calls in order of time, those of one instant as they stood."""
    if any(b < a for a, b in itertools.pairwise(times)):
        order = sorted(range(len(times)), key=times.__getitem__)
        times = array("d", (times[i] for i in order))
        service = None if service is None else array("d", (service[i] for i in order))
        patience = None if patience is None else array("d", (patience[i] for i in order))
    return RecordedArrivals(times, _some(service), _some(patience), file, columns)


def _some(column: array[float] | None) -> array[float] | None:
    """The column, unless it holds nothing but NaN."""
    return None if column is None or all(map(math.isnan, column)) else column


def _written_out(calls: Sequence[CallForm], context: Context, path: Path) -> RecordedArrivals:
    times = array("d")
    for i, call in enumerate(calls):
        at = context.instant(call.time, (*path, i, "time"))
        if at is None:
            return NONE
        if at < 0:
            context.problem((*path, i, "time"), "this instant is before the start")
        times.append(at)
    service, patience = (
        array("d", (math.nan if value is None else value for value in column))
        for column in ([c.service for c in calls], [c.patience for c in calls])
    )
    return _sorted(times, service, patience)


def _clock(context: Context) -> Clock:
    """Seconds from the start of a time in a recording; fractions of a second are understood.

    A time of day before that of the start is on the next day. A time with a zone of its own
    needs the scenario's `time_zone`.
    """
    start, zone = context.start, context.time_zone

    def first_day(minute: str) -> float:
        moment = parse_moment(minute)
        assert start is not None and isinstance(moment, ClockTime)
        then = start.replace(hour=0, minute=0, second=0) + timedelta(seconds=moment.seconds)
        if then < start.replace(second=0):
            then += timedelta(days=1)
        return seconds_between(start, then, zone)

    @lru_cache(maxsize=4096)  # by the minute: one look at the calendar serves many calls
    def dated(minute: str, offset: str | None) -> float:
        assert start is not None
        then = parse_datetime(minute)
        if offset is None:
            return seconds_between(start, then, zone)
        if zone is None:
            raise ValueError("a time with a zone needs `time_zone` in the scenario")
        aware = datetime.fromisoformat(f"{then.isoformat()}{offset.replace('Z', '+00:00')}")
        return (aware - start.replace(tzinfo=ZoneInfo(zone))).total_seconds()

    by_clock: Callable[[str], float] = lru_cache(maxsize=4096)(first_day)

    def clock(text: str) -> float:
        of_day, stamp = _CLOCK.fullmatch(text), _STAMP.fullmatch(text)
        if of_day is None and stamp is None:
            moment = parse_moment(text)
            if not isinstance(moment, float):
                raise ValueError(f"there is no time `{text[:40]}`")
            return moment
        if start is None:
            raise ValueError(f"the time of day `{text[:40]}` needs `start` in the scenario")
        found = of_day or stamp
        assert found is not None
        seconds = float(found[2] or 0.0)
        if seconds >= 61:
            raise ValueError(f"there is no time of day `{text[:40]}`")
        minute = by_clock(found[1]) if stamp is None else dated(found[1], found[3])
        if minute + seconds < 0:
            raise ValueError(f"`{text[:40]}` is before the scenario's `start`")
        return minute + seconds

    return clock
