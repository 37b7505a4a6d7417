"""Schedules from a planner's shift file: a row per shift or per person, added up."""

from __future__ import annotations

import dataclasses
from collections import defaultdict

from sim.scenario.context import Context
from sim.scenario.errors import shown_value
from sim.scenario.form_agents import MAX_COUNT
from sim.scenario.model import Period
from sim.scenario.nodes import Path, format_path
from sim.scenario.schedules import Moment, span
from sim.scenario.tables import Row, Table, TableError, number, read_table
from sim.scenario.units import parse_moment

_FROM = ("from", "start", "begin", "von", "beginn")
_TO = ("to", "end", "until", "bis", "ende")
_COUNT = ("count", "agents", "anzahl")
_GROUP = ("group", "agent", "gruppe")


def resolve_shifts(
    name: str, names: tuple[str, ...], context: Context, path: Path
) -> tuple[Period, ...] | None:
    """The schedule of the group with these names (its name and id); None after a problem.

    Rows add up to a step function: periods without overlap, adjoining equal counts as one.
    """
    source = context.read_text(name, path)
    if source is None:
        return None
    try:
        return _steps(_shifts(read_table(source), names, context, path))
    except TableError as error:
        context.sink.add(dataclasses.replace(error.problem, path=format_path(path)))
        return None


def _shifts(
    table: Table, names: tuple[str, ...], context: Context, path: Path
) -> list[tuple[float, float, int]]:
    if table.header is None:
        raise table.error(1, "a shift file needs a header: `from`, `to`, and perhaps `count`")
    begins, ends = table.column(None, _FROM), table.column(None, _TO)
    for wanted, column in (("from", begins), ("to", ends)):
        if column is None:
            raise table.error(1, f"no column `{wanted}` in the header")
    assert begins is not None and ends is not None
    counts, groups = table.column(None, _COUNT), table.column(None, _GROUP)
    found: list[tuple[float, float, int]] = []
    mine = 0
    for row in table.rows:
        try:
            if groups is not None:
                group = table.cell(row, groups)
                if context.groups.find(group) is None:
                    raise table.error(row[0], context.groups.unknown(group), groups)
                if group not in names:
                    continue
            mine += 1
            begin, end = _span(table, row, begins, ends, context, path)
            count = 1 if counts is None else _count(table, row, counts)
            if end > begin:
                found.append((begin, end, count))
        except TableError as error:
            context.sink.add(dataclasses.replace(error.problem, path=format_path(path)))
    if not mine and groups is not None:
        raise table.error(1, f"no row is of the group `{names[0]}`")
    return found


def _span(
    table: Table, row: Row, begins: int, ends: int, context: Context, path: Path
) -> tuple[float, float]:
    """From and to of a row; a shift that is over before the start has `to` at or before `from`."""
    from_, begin = _moment(table, row, begins, context, path)
    to, end = _moment(table, row, ends, context, path)
    first, last = span(from_, to, begin, end, context)
    if last <= first and end <= begin:
        raise table.error(row[0], "the shift must end after it begins", ends)
    return first, last


def _moment(
    table: Table, row: Row, column: int, context: Context, path: Path
) -> tuple[Moment, float]:
    text = table.cell(row, column)
    try:
        if number(text) is not None:
            raise ValueError(f"`{text[:40]}`: write a time of day, a date with a time, or a unit")
        moment = parse_moment(text)
        if not isinstance(moment, float) and context.start is None:
            raise ValueError(f"the time of day `{text}` needs `start` in the scenario")
    except ValueError as error:
        raise table.error(row[0], str(error), column) from None
    at = context.instant(moment, path)
    assert at is not None
    return moment, at


def _count(table: Table, row: Row, column: int) -> int:
    text = table.text(row, column)
    if not text:
        return 1
    count = number(text)
    if count is None or count < 0 or count != int(count) or count > MAX_COUNT:
        message = f"expected a whole number of agents, found {shown_value(text)}"
        raise table.error(row[0], message, column)
    return int(count)


def _steps(shifts: list[tuple[float, float, int]]) -> tuple[Period, ...]:
    changes: defaultdict[float, int] = defaultdict(int)
    for begin, end, count in shifts:
        changes[begin] += count
        changes[end] -= count
    periods: list[Period] = []
    on_shift, since = 0, 0.0
    for at in sorted(changes):
        if changes[at] == 0:
            continue
        if on_shift:
            periods.append(Period(since, at, on_shift))
        on_shift, since = on_shift + changes[at], at
    return tuple(periods)
