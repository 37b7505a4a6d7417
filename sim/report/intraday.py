"""The intraday tables: what each interval of the day brought, for all queues and for each,
and how busy the agents were."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sim.report import text
from sim.report.columns import Column
from sim.scenario.model import Scenario

MOST_QUEUES = 10

_COUNTS = {
    "offered": "offered",
    "retries": "retries",
    "blocked": "blocked",
    "serviced": "answered",
    "abandoned": "abandoned",
    "overflowed": "overflowed",
    "ring_no_answer": "rings not\nanswered",
}
_WHERE_ANY = ("retries", "overflowed", "ring_no_answer", "blocked")
"""Counts that have a column only where a call has come to this."""
_METRICS = {
    "service_level": ("service level", "share"),
    "abandonment": ("abandonment", "share"),
    "asa_s": ("ASA", "duration"),
    "wait_max_s": ("longest\nwait", "duration"),
    "queue_length_mean": ("queue\nlength", "number"),
}


def parts(
    document: Mapping[str, Any], scenario: Scenario
) -> Iterator[tuple[str, Column, list[Column]]]:
    """Title, times and columns of the total, of every queue, and of the agent groups.

    A single queue has one table for itself. With more than MOST_QUEUES queues, only the total
    is given, and the title says where the rest is.
    """
    by_queue: dict[str, list[Mapping[str, Any]]] = {}
    for row in document.get("intervals", ()):
        by_queue.setdefault(row["queue"], []).append(row)
    names = [queue["name"] for queue in document["queues"] if queue["name"] in by_queue]
    replications = int(document["replications"])
    unit = "calls" if replications == 1 else "calls per replication"
    if len(names) == 1:
        yield _part(f"Intervals ({unit})", by_queue[names[0]], scenario, replications)
    elif "total" in by_queue:
        title = f"Intervals of all queues ({unit})"
        if len(names) > MOST_QUEUES:
            title += "; each queue's are in --json and --out"
        yield _part(title, by_queue["total"], scenario, replications)
    if 1 < len(names) <= MOST_QUEUES:
        for name in names:
            title = f"Intervals of {text.plain(name)} ({unit})"
            yield _part(title, by_queue[name], scenario, replications)
    if document.get("agent_intervals"):
        yield _agents(document["agent_intervals"], scenario)


def _agents(
    rows: Sequence[Mapping[str, Any]], scenario: Scenario
) -> tuple[str, Column, list[Column]]:
    """On shift and occupancy of each group, overtime where there is any; what all groups cost."""
    by_group: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        by_group.setdefault(row["agents"], []).append(row)
    columns = []
    for name, group in by_group.items():
        heading = text.plain(name)
        metrics = [row["metrics"] for row in group]
        on_shift = [text.number(row["on_shift"]) for row in group]
        columns.append(Column(f"{heading}\non shift", on_shift))
        occupancy = [text.share(row.get("occupancy")) for row in metrics]
        columns.append(Column(f"{heading}\noccupancy", occupancy))
        overtime = [text.value_of(row, "overtime_s") for row in metrics]
        if any(overtime):
            columns.append(Column(f"{heading}\novertime", [text.duration(s) for s in overtime]))
    costs = [
        sum(text.value_of(row["metrics"], "cost") or 0.0 for row in interval)
        for interval in zip(*by_group.values(), strict=True)
    ]
    if any(costs):
        columns.append(Column("cost of\nall groups", [text.number(cost) for cost in costs]))
    times = _times(next(iter(by_group.values())), scenario)
    return "Agents by interval", Column("from", times, "left"), columns


def _part(
    title: str, rows: Sequence[Mapping[str, Any]], scenario: Scenario, replications: int
) -> tuple[str, Column, list[Column]]:
    columns = []
    for key, heading in _COUNTS.items():
        if key in _WHERE_ANY and not any(row["counts"].get(key) for row in rows):
            continue
        cells = [text.number(row["counts"].get(key, 0) / replications) for row in rows]
        columns.append(Column(heading, cells))
    for key, (heading, kind) in _METRICS.items():
        if any(key in row["metrics"] for row in rows):
            columns.append(Column(heading, [_cell(row["metrics"], key, kind) for row in rows]))
    return title, Column("from", _times(rows, scenario), "left"), columns


def _times(rows: Sequence[Mapping[str, Any]], scenario: Scenario) -> list[str]:
    with_day = bool(rows) and rows[-1]["end_s"] > text.DAY_S
    return [text.instant(row["start_s"], scenario.start, with_day=with_day) for row in rows]


def _cell(metrics: Mapping[str, Any], key: str, kind: str) -> str:
    if kind == "share":
        return text.share(metrics.get(key))
    value = text.value_of(metrics, key)
    return text.duration(value) if kind == "duration" else text.number(value)
