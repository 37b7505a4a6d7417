"""Arrival profiles from a planner's forecast file: interval, volume, queue, handle time."""

from __future__ import annotations

import dataclasses
import math

from sim.scenario.context import Context
from sim.scenario.distributions import Distribution
from sim.scenario.form_arrivals import ForecastForm
from sim.scenario.model import ProfileArrivals
from sim.scenario.nodes import Path, format_path
from sim.scenario.tables import Table, TableError, number, read_table
from sim.scenario.units import ClockTime, parse_duration, parse_moment

_TIME = ("time", "interval", "start", "from", "begin", "timestamp", "datetime", "zeit", "uhrzeit")
_CALLS = ("calls", "volume", "offered", "forecast", "count", "arrivals", "anrufe")
_QUEUE = ("queue", "skill", "warteschlange")
_HANDLE = ("handle_time", "handle time", "aht", "aht_s")
NONE = ProfileArrivals(1.0, (0.0,))
"""Stands for a forecast that had a problem."""


def resolve_forecast(
    form: ForecastForm,
    names: tuple[str, ...],
    service: Distribution,
    wrap_up: Distribution | None,
    context: Context,
    path: Path,
) -> ProfileArrivals:
    """The profile of the queue with these names (its name and id)."""
    source = context.read_text(form.forecast, (*path, "forecast"))
    if source is None:
        return NONE
    try:
        table = read_table(source)
        return _profile(form, names, service, wrap_up, table, context, path)
    except TableError as error:
        context.sink.add(dataclasses.replace(error.problem, path=format_path(path)))
        return NONE


def _profile(
    form: ForecastForm,
    names: tuple[str, ...],
    service: Distribution,
    wrap_up: Distribution | None,
    table: Table,
    context: Context,
    path: Path,
) -> ProfileArrivals:
    columns = form.columns
    time = table.column(columns.time, _TIME)
    calls = table.column(columns.calls, _CALLS)
    queue = table.column(columns.queue, _QUEUE)
    handle = table.column(columns.handle_time, _HANDLE)
    if table.header is None:
        taken = {queue, handle}
        free = [i for i in range(len(table.rows[0][1])) if i not in taken]
        time = time if time is not None else next((i for i in free if i != calls), None)
        calls = calls if calls is not None else next((i for i in free if i != time), None)
    for name, column in (("time", time), ("calls", calls)):
        if column is None:
            raise table.error(
                1, f"no column for `{name}`: name it in the scenario, `columns: {{{name}: ...}}`"
            )
    assert time is not None and calls is not None
    rows = table.rows
    if queue is not None:
        rows = [row for row in rows if table.cell(row, queue) in names]
        if not rows:
            raise table.error(1, f"no row is of the queue `{names[0]}`")
    times = _times(table, rows, time, context, path)
    interval, before = _interval(table, rows, times, context)
    volumes = [_amount(table, row, calls) for row in rows]
    scale = None
    if handle is not None:
        handled = [_seconds(table, row, handle) for row in rows]
        scale = _scales(table, rows, handled, service, wrap_up)
        scale = (1.0,) * before + scale
    return ProfileArrivals(interval, (0.0,) * before + tuple(volumes), scale)


def _times(
    table: Table, rows: list[tuple[int, list[str]]], column: int, context: Context, path: Path
) -> list[float]:
    times: list[float] = []
    past_midnight = 0.0
    for row in rows:
        text = table.cell(row, column)
        try:
            moment = parse_moment(text)
            if not isinstance(moment, float) and context.start is None:
                raise ValueError(f"the time of day `{text}` needs `start` in the scenario")
        except ValueError as error:
            raise table.error(row[0], str(error)) from None
        at = context.instant(moment, path)
        assert at is not None
        if isinstance(moment, ClockTime):
            if times and at + past_midnight <= times[-1]:
                past_midnight += 86400.0
            at += past_midnight
        times.append(at)
    return times


def _interval(
    table: Table, rows: list[tuple[int, list[str]]], times: list[float], context: Context
) -> tuple[float, int]:
    interval = times[1] - times[0] if len(times) > 1 else context.interval_s
    if interval <= 0:
        raise table.error(rows[1][0], "this interval does not come after the one before")
    for i in range(1, len(times)):
        if abs(times[i] - times[i - 1] - interval) > 1e-6:
            raise table.error(
                rows[i][0],
                f"all intervals must be of equal length, {interval:g} s like the first: "
                f"this one begins {times[i] - times[i - 1]:g} s after the one before",
            )
    if times[0] < -1e-6:
        raise table.error(rows[0][0], "the first interval begins before the scenario's `start`")
    before = round(times[0] / interval)
    if abs(before * interval - times[0]) > 1e-6 or before > 1_000_000:
        raise table.error(
            rows[0][0],
            f"the first interval must begin at the start, or whole intervals after it: "
            f"it begins {times[0]:g} s after the start",
        )
    return interval, before


def _amount(table: Table, row: tuple[int, list[str]], column: int) -> float:
    text = table.cell(row, column)
    calls = number(text)
    if calls is None or calls < 0 or calls > 1e12:
        raise table.error(row[0], f"expected a number of calls, found `{text[:40]}`")
    return calls


def _seconds(table: Table, row: tuple[int, list[str]], column: int) -> float:
    text = table.cell(row, column)
    bare = number(text)
    try:
        seconds = bare if bare is not None else parse_duration(text)
    except ValueError as error:
        raise table.error(row[0], str(error)) from None
    if seconds < 0:
        raise table.error(row[0], f"a handle time must not be negative, found `{text[:40]}`")
    return seconds


def _scales(
    table: Table,
    rows: list[tuple[int, list[str]]],
    handled: list[float],
    service: Distribution,
    wrap_up: Distribution | None,
) -> tuple[float, ...]:
    after = wrap_up.mean_s if wrap_up is not None else 0.0
    if not service.mean_s > 0 or not math.isfinite(service.mean_s):
        raise table.error(rows[0][0], "handle times need a mean `service_time` above 0 to scale")
    for row, seconds in zip(rows, handled, strict=True):
        if seconds < after:
            raise table.error(
                row[0],
                f"a handle time of {seconds:g} s is shorter than the mean wrap-up {after:g} s",
            )
    return tuple((seconds - after) / service.mean_s for seconds in handled)
