"""The tables of queues, agent groups and wait flows; counts are per replication."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sim.report import text
from sim.report.answer import CAUSES
from sim.report.book.parts import Document, Field, Kind, Table, column, counts, kind_of
from sim.scenario.model import Scenario
from sim.scenario.targets import METRICS, SubjectKind

COUNTS = {
    "offered": "offered",
    "retries": "retries",
    "blocked": "blocked",
    "incoming": "joined",
    "serviced": "answered",
    "abandoned": "abandoned",
    "overflowed": "overflowed",
    "done": "done",
    "waiting_at_end": "waiting at end",
    "connecting_at_end": "connecting at end",
    "in_service_at_end": "in service at end",
    "service_timeouts": "service timeouts",
    "ring_no_answer": "rings not answered",
}
"""Every count's heading, in the order of a call's life."""
ALWAYS = ("offered", "serviced", "abandoned")
"""Counts that have a column whatever they are; of `done` and `joined` a page does not speak."""
NAMES = {
    "service_level": "service level",
    "abandonment": "abandonment",
    "asa_s": "ASA",
    "wait_mean_s": "mean wait",
    "wait_sd_s": "standard deviation of wait",
    "wait_p50_s": "median wait",
    "wait_p90_s": "90 % wait at most",
    "wait_p95_s": "95 % wait at most",
    "wait_p99_s": "99 % wait at most",
    "wait_max_s": "longest wait",
    "abandon_wait_mean_s": "mean wait of abandoned",
    "delayed": "delayed",
    "queue_length_mean": "mean queue length",
    "queue_length_max": "longest queue",
    "service_mean_s": "mean talk",
    "handle_time_mean_s": "handle time",
    "offered_load_erlangs": "offered load (erlangs)",
    "blocked_share": "blocked share",
    "retry_share": "retries of joined",
    "first_attempt_abandonment": "abandonment of first attempts",
    "occupancy": "occupancy",
    "utilisation": "utilisation",
    "calls_per_agent": "calls per agent and replication",
    "overtime_s": "overtime per replication",
}
"""Every metric's heading."""
_SERVICE = ("service_level", "abandonment", "asa_s", "wait_mean_s", "wait_p90_s", "wait_max_s")
_LOAD = ("offered_load_erlangs", "handle_time_mean_s", "delayed", "abandon_wait_mean_s")
_LOAD_AT_LAST = ("queue_length_mean", "queue_length_max")
_SERVED = "serviced"


def subject_rows(document: Document) -> list[Document]:
    """The queues, then `total` if there is more than one."""
    rows = list(document["queues"])
    return rows if len(rows) == 1 else [*rows, {"name": "total", **document["total"]}]


def name_field(heading: str, rows: Sequence[Document]) -> Field:
    """The names of these rows."""
    return Field(heading, Kind.TEXT, [row["name"] for row in rows])


def queue_tables(document: Document, scenario: Scenario | None, caption: str) -> Iterator[Table]:
    """What became of the calls; how long they waited; what work they were."""
    rows, replications = subject_rows(document), int(document["replications"])
    name = name_field("queue", rows)
    calls = [
        counts(heading, rows, key, replications)
        for key, heading in COUNTS.items()
        if key in ALWAYS
        or (key not in ("done", "incoming") and any(row["counts"].get(key) for row in rows))
    ]
    title = "Calls per replication" if replications > 1 else "Calls"
    yield Table("calls", title, [name, *calls, *_causes(rows, replications)], caption)
    service = [column(NAMES[key], rows, key, kind_of(key)) for key in _SERVICE]
    if any(row["counts"].get("retries") for row in rows):
        key = "first_attempt_abandonment"
        service.insert(2, column(NAMES[key], rows, key, kind_of(key)))
    service[1:1] = list(_within(document, scenario, len(rows)))
    yield Table("service", "Service and waits", [name, *service], caption)
    load = [column(NAMES[key], rows, key, kind_of(key)) for key in (*_LOAD, *_LOAD_AT_LAST)]
    yield Table("load", "Load", [name, *load], caption)


def _within(document: Document, scenario: Scenario | None, n_rows: int) -> Iterator[Field]:
    """What a service level means, queue by queue; of the total only what all agree on."""
    if scenario is None:
        return
    levels = [queue.service_level for queue in scenario.queues]
    limits: list[float | None] = [level.threshold_s for level in levels]
    formulas: list[str | None] = [str(level.formula) for level in levels]
    if n_rows > len(levels):
        limits.append(limits[0] if len(set(limits)) == 1 else None)
        formulas.append(formulas[0] if len(set(formulas)) == 1 else "answered_of_incoming")
    yield Field("within", Kind.SECONDS, limits)
    if set(formulas) != {"answered_of_incoming"}:
        yield Field("formula", Kind.TEXT, formulas)


def _causes(rows: Sequence[Document], replications: int) -> Iterator[Field]:
    """Why calls were abandoned, where there is more than one cause; counts per replication."""
    seen = [cause for cause in CAUSES if any(row["abandoned_by_cause"].get(cause) for row in rows)]
    if len(seen) > 1:
        for cause in seen:
            yield _cause(cause, rows, replications)


def _cause(cause: str, rows: Sequence[Document], replications: int) -> Field:
    values = [row["abandoned_by_cause"].get(cause, 0) / replications for row in rows]
    return Field(f"of these: {CAUSES[cause][1]}".replace("\n", " "), Kind.COUNT, values)


def queue_sheet(document: Document, scenario: Scenario | None) -> Table:
    """Everything that is known of the queues, a row each, `total` last."""
    rows, replications = subject_rows(document), int(document["replications"])
    fields = [name_field("queue", rows), *_within(document, scenario, len(rows))]
    fields += [counts(heading, rows, key, replications) for key, heading in COUNTS.items()]
    fields += [_cause(cause, rows, replications) for cause in CAUSES]
    fields += [
        column(NAMES[key], rows, key, kind_of(key))
        for key, metric in METRICS.items()
        if metric.subject is SubjectKind.QUEUE
    ]
    for name in rows[0]["metrics"].get("service_level_variants", {}):
        values = [row["metrics"]["service_level_variants"][name] for row in rows]
        fields.append(Field(name, Kind.SHARE, values, estimates=True))
    return Table("queues", "Queues", fields)


def agent_table(document: Document, caption: str = "") -> Table:
    """A row per group; overtime and cost only where there are any."""
    rows: Sequence[Document] = document["agents"]
    fields = [name_field("group", rows), Field("agents", Kind.FACT, [r["count"] for r in rows])]
    for key in ("occupancy", "utilisation", "calls_per_agent"):
        heading = NAMES[key]
        if document["replications"] == 1:
            heading = heading.removesuffix(" and replication")
        fields.append(column(heading, rows, key, kind_of(key)))
    if any(text.value_of(row["metrics"], "overtime_s") for row in rows):
        fields.append(column(NAMES["overtime_s"], rows, "overtime_s", Kind.SECONDS))
    if any(text.value_of(row["metrics"], "cost") is not None for row in rows):
        fields.append(column("cost per replication", rows, "cost", Kind.NUMBER))
    return Table("groups", "Agent groups", fields, caption)


def served_table(document: Document, caption: str = "") -> Table | None:
    """Who answered what, per replication; nothing with a single queue and group."""
    served = document.get("served_by")
    if not served or len(served["queues"]) * len(served["agents"]) < 2:
        return None
    replications = int(document["replications"])
    fields = [Field("queue", Kind.TEXT, served["queues"])]
    for place, group in enumerate(served["agents"]):
        values = [row[place] / replications for row in served[_SERVED]]
        fields.append(Field(text.plain(group), Kind.COUNT, values))
    return Table("served", "Who answered whom (calls per replication)", fields, caption)


def flow_table(document: Document, caption: str = "") -> Table | None:
    """How often each action of the wait flows was played, per replication."""
    replications = int(document["replications"])
    plays: list[tuple[str, dict[str, Any]]] = [
        (flow["name"], play) for flow in document["flows"] for play in flow["plays"]
    ]
    if not plays:
        return None
    fields = [
        Field("flow", Kind.TEXT, [name for name, _ in plays]),
        Field("action", Kind.FACT, [play["action"] + 1 for _, play in plays]),
        Field("type", Kind.TEXT, [play["type"] for _, play in plays]),
    ]
    for heading, key in (
        ("started", "started"),
        ("completed", "completed"),
        ("hang-ups", "hangups"),
    ):
        fields.append(Field(heading, Kind.COUNT, [p[key] / replications for _, p in plays]))
    return Table("flows", "Plays per replication", fields, caption)
