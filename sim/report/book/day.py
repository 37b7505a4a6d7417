"""The day by interval: what planners know as the intraday table, and its busiest parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sim.report import text
from sim.report.book.longest import Longest, longest_waits
from sim.report.book.parts import (
    Clock,
    Document,
    Field,
    Kind,
    Table,
    column,
    counts,
    kind_of,
    with_half_width,
)
from sim.report.book.queues import ALWAYS, COUNTS, NAMES
from sim.report.book.standing_out import stands_out
from sim.report.clock import start_of
from sim.report.saved import Saved

Rows = Sequence[Document]

_METRICS = ("service_level", "abandonment", "asa_s", "wait_mean_s", "queue_length_mean")
_SHEET_METRICS = (
    *_METRICS,
    "delayed",
    "abandon_wait_mean_s",
    "handle_time_mean_s",
    "offered_load_erlangs",
)
_BOUNDED = ("service_level",)
"""Metrics that a page gives with their ±: of all it would be a wall of digits."""
_SHOWN_IF_ANY = ("retries", "blocked", "overflowed", "ring_no_answer")


@dataclass(frozen=True, slots=True)
class Day:
    """The rows of the intervals by queue (`total` if there are several), by agent group, and of
    all groups together; the longest waits where the calls are there."""

    queues: Mapping[str, Rows]
    groups: Mapping[str, Rows]
    all_groups: Rows
    longest: Longest
    clock: Clock
    replications: int

    @property
    def of_all(self) -> Rows:
        """The rows of all queues together."""
        rows = list(self.queues.values())
        return rows[0] if len(rows) == 1 else self.queues["total"]


def day_of(saved: Saved) -> Day | None:
    """The day of a run; None if it kept no intervals."""
    document, intervals, agent_intervals = saved.document, saved.intervals, saved.agent_intervals
    if not intervals:
        return None
    queues = _by(intervals, "queue")
    if len(document["queues"]) == 1:
        queues = {name: rows for name, rows in queues.items() if name != "total"} or queues
    with_day = intervals[-1]["end_s"] > text.DAY_S
    of_one = next(iter(queues.values()))
    return Day(
        queues,
        _by([row for row in agent_intervals or () if row["agents"] is not None], "agents"),
        [row for row in agent_intervals or () if row["agents"] is None],
        longest_waits(saved, [row["start_s"] for row in of_one], of_one[-1]["end_s"]),
        Clock(start_of(document), with_day),
        int(document["replications"]),
    )


def _by(rows: Rows, key: str) -> dict[str, list[Document]]:
    found: dict[str, list[Document]] = {}
    for row in rows:
        found.setdefault(row[key], []).append(row)
    return found


def _times(day: Day, rows: Rows) -> list[Field]:
    return [
        Field("from", Kind.CLOCK, [row["start_s"] for row in rows], clock=day.clock),
        Field("to", Kind.CLOCK, [row["end_s"] for row in rows], clock=day.clock),
    ]


def interval_table(day: Day, name: str, caption: str) -> Table:
    """The intraday table of one queue; of all queues with the agents of all groups."""
    rows = day.queues[name]
    fields = _times(day, rows)[:1]
    fields.append(counts(COUNTS["offered"], rows, "offered", day.replications))
    fields.append(_handle_time(rows, bare=True))
    if rows is day.of_all and day.all_groups:
        fields += _staffing(day)
    for key, heading in COUNTS.items():
        is_there = any(row["counts"].get(key) for row in rows)
        if key != "offered" and (key in ALWAYS or (key in _SHOWN_IF_ANY and is_there)):
            fields.append(counts(heading, rows, key, day.replications))
    for key in _METRICS:
        fields.append(column(NAMES[key], rows, key, kind_of(key), bare=key not in _BOUNDED))
        if key == "wait_mean_s" and day.longest:
            fields.append(Field(NAMES["wait_max_s"], Kind.SECONDS, day.longest[name]))
    title = "All queues" if name == "total" and len(day.queues) > 1 else text.plain(name)
    return Table(f"intervals-{list(day.queues).index(name)}", title, fields, caption)


def agent_interval_table(day: Day, caption: str) -> Table | None:
    """On shift and occupancy of each group, interval by interval."""
    if len(day.groups) < 2:
        return None
    first = next(iter(day.groups.values()))
    fields = _times(day, first)[:1]
    for name, rows in day.groups.items():
        heading = text.plain(name)
        fields.append(Field(f"{heading}: on shift", Kind.NUMBER, [r["on_shift"] for r in rows]))
        occupancy = [row["metrics"].get("occupancy") for row in rows]
        fields.append(
            Field(f"{heading}: occupancy", Kind.SHARE, occupancy, estimates=True, bare=True)
        )
    return Table("agent-intervals", "Agents by interval", fields, caption)


def interval_sheet(day: Day) -> Table:
    """All queues together first, then each, interval by interval."""
    names = [name for name in day.queues if day.queues[name] is not day.of_all]
    first = [name for name in day.queues if name not in names]
    rows = [row for name in [*first, *names] for row in day.queues[name]]
    fields = [Field("queue", Kind.TEXT, [row["queue"] for row in rows]), *_times(day, rows)]
    fields += [counts(heading, rows, key, day.replications) for key, heading in COUNTS.items()]
    fields += [column(NAMES[key], rows, key, kind_of(key)) for key in _SHEET_METRICS]
    if day.longest:
        longest = [wait for name in [*first, *names] for wait in day.longest[name]]
        fields.append(Field(NAMES["wait_max_s"], Kind.SECONDS, longest))
    if day.all_groups:
        for field in _staffing(day):
            values = [*field.values, *[None] * (len(rows) - len(field.values))]
            heading = f"{field.heading} (all groups)"
            fields.append(Field(heading, field.kind, values, estimates=field.estimates))
    return Table("intervals", "Intervals", fields)


def agent_interval_sheet(day: Day) -> Table | None:
    """A row for each group and interval."""
    rows = [row for group in day.groups.values() for row in group]
    if not rows:
        return None
    fields = [
        Field("group", Kind.TEXT, [row["agents"] for row in rows]),
        *_times(day, rows),
        Field("on shift", Kind.NUMBER, [row["on_shift"] for row in rows]),
    ]
    for key, heading, kind in (
        ("busy", "busy", Kind.NUMBER),
        ("occupancy", NAMES["occupancy"], Kind.SHARE),
        ("utilisation", NAMES["utilisation"], Kind.SHARE),
        ("overtime_s", NAMES["overtime_s"], Kind.SECONDS),
        ("cost", "cost per replication", Kind.NUMBER),
    ):
        if any(row["metrics"].get(key) for row in rows):
            fields.append(column(heading, rows, key, kind))
    return Table("agent-intervals", "Agents by interval", fields)


def _handle_time(rows: Rows, *, bare: bool) -> Field:
    key = "handle_time_mean_s"
    return column(NAMES[key], rows, key, Kind.SECONDS, bare=bare)


def _staffing(day: Day) -> Iterator[Field]:
    """Agents on shift and occupancy of all groups together."""
    rows = day.all_groups
    yield Field("on shift", Kind.NUMBER, [row["on_shift"] for row in rows])
    yield column(NAMES["occupancy"], rows, "occupancy", Kind.SHARE, bare=True)


def day_points(day: Day, document: Document) -> Iterator[str]:
    """Which interval brings the most calls, and which has the lowest service level.

    Only where they differ from the whole day by more than chance explains.
    """
    rows = day.of_all
    if len(rows) < 2:
        return
    span = sum(row["end_s"] - row["start_s"] for row in rows)
    rate = sum(row["counts"]["offered"] for row in rows) / day.replications / span
    most = max(rows, key=lambda row: row["counts"]["offered"] / (row["end_s"] - row["start_s"]))
    usual = rate * (most["end_s"] - most["start_s"])
    if stands_out(most["metrics"].get("offered_mean"), usual, len(rows), document):
        calls = text.number(most["counts"]["offered"] / day.replications)
        yield f"The busiest interval is {_when(day, most)}, with {calls} calls."
    levels = [(text.value_of(row["metrics"], "service_level"), row) for row in rows]
    known = [(level, row) for level, row in levels if level is not None]
    if not known:
        return
    _, row = min(known, key=lambda pair: pair[0])
    level = row["metrics"]["service_level"]
    whole = text.value_of(document["total"]["metrics"], "service_level")
    if stands_out(level, whole, len(known), document):
        told = text.share(with_half_width(level))
        yield f"The lowest service level is that of {_when(day, row)}: {told}."


def _when(day: Day, row: Document) -> str:
    ends = [
        text.instant(row[end], day.clock.start, with_day=day.clock.with_day)
        for end in ("start_s", "end_s")
    ]
    return f"{ends[0]} to {ends[1]}"
