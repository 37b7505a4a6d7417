"""The report of a run: the answer in a sentence, then queues, agents and wait flows.

Made from the result document alone and, for names of thresholds and clock times, the scenario.
Whatever text the scenario's author wrote is shown as it is, never as markup.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sim.report import controlled, intraday, measured, text
from sim.report.answer import CAUSES, sentences
from sim.report.columns import Column
from sim.report.page import Blocks, Page
from sim.scenario.behaviour import Initial
from sim.scenario.model import Scenario, ServiceLevel

Document = Mapping[str, Any]

_FURTHER_COUNTS = {
    "overflowed": "overflowed",
    "waiting_at_end": "waiting\nat end",
    "ring_no_answer": "rings not\nanswered",
    "service_timeouts": "service\ntimeouts",
}
"""Columns of the queues' table that are there only where a call has come to this."""
_UNCOUNTED = "queue_join"
"""The action that counts as neither started nor completed: it is among the overflowed calls."""


def report(
    document: Document,
    scenario: Scenario,
    *,
    width: int,
    colour: bool = False,
    ascii_only: bool = False,
    intervals: bool = False,
    warnings: bool = True,
) -> str:
    """The report, `width` wide, its lines ended by newlines.

    `warnings=False` leaves out the warnings, for a reader who has just seen them.
    """
    page = Page(width, colour, ascii_only)
    compose(page, document, scenario, intervals=intervals, warnings=warnings)
    return page.text()


def compose(
    page: Blocks,
    document: Document,
    scenario: Scenario,
    *,
    intervals: bool = False,
    warnings: bool = True,
) -> None:
    """Put the report's blocks on a page, one after the other."""
    replications = int(document["replications"])
    page.title(text.plain(str(document["scenario"])))
    page.prose(" ".join(sentences(document, scenario)))
    for wanted in document.get("precision", ()):
        page.prose(_precision(wanted, replications))
    page.table("Queues" + _unit("calls", replications), *_queue_columns(document, scenario))
    if document["agents"]:
        page.table("Agents", *_agent_columns(document["agents"], replications))
    if "controlled" in document:
        controlled.compose(page, document["controlled"])
    if document["flows"]:
        title = "Wait flows" + _unit("plays", replications)
        page.table(title, *_flow_columns(document["flows"], replications))
    if intervals:
        for title, name, columns in intraday.parts(document, scenario):
            page.table(title, name, columns)
        page.prose("A call counts in the interval in which it arrived.", style="dim")
    if warnings and document["warnings"]:
        page.title("Warnings")
        for warning in document["warnings"]:
            page.prose(text.warning_line(warning))
    page.prose(_caption(document, scenario), style="dim")


def _unit(things: str, replications: int) -> str:
    return f" ({things})" if replications == 1 else f" ({things} per replication)"


def _precision(wanted: Mapping[str, Any], replications: int) -> str:
    """What a wanted precision cost, or that it was not reached."""
    target, metric = text.plain(wanted["target"]), _metric(wanted["target"])
    half = measured.half_width(metric, wanted["half_width"])
    if wanted["reached"]:
        return f"Precision {target}: ± {half} after {text.counted(replications, 'replication')}."
    return (
        f"Precision {target}: not reached, ± {half} after"
        f" {text.counted(replications, 'replication')}."
    )


def _metric(target: str) -> str:
    return target.rpartition("=")[0].rpartition(".")[2].strip()


# --- the tables ----------------------------------------------------------------------------


def _queue_columns(document: Document, scenario: Scenario) -> tuple[Column, list[Column]]:
    rows = list(document["queues"])
    names = [text.plain(row["name"]) for row in rows]
    levels: list[ServiceLevel | None] = [queue.service_level for queue in scenario.queues]
    if len(rows) != 1:
        rows.append(document["total"])
        names.append("total")
        levels.append(None)
    replications = int(document["replications"])

    def count(heading: str, key: str) -> Column:
        return Column(
            heading, [text.number(row["counts"].get(key, 0) / replications) for row in rows]
        )

    def metric(heading: str, key: str) -> Column:
        return Column(heading, [text.share(row["metrics"].get(key)) for row in rows])

    def time(heading: str, key: str) -> Column:
        return Column(heading, [text.duration(text.value_of(row["metrics"], key)) for row in rows])

    def counts_where_any(headings: Mapping[str, str]) -> list[Column]:
        seen = {key for key in headings if any(row["counts"].get(key) for row in rows)}
        return [count(heading, key) for key, heading in headings.items() if key in seen]

    columns = [count("offered", "offered"), *counts_where_any({"retries": "retries"})]
    columns += [count("blocked", "blocked"), count("answered", "serviced")]
    columns += [count("abandoned", "abandoned"), *counts_where_any(_FURTHER_COUNTS)]
    columns += [metric("service level", "service_level"), *_thresholds(levels)]
    columns += [metric("abandonment", "abandonment"), *_cause_columns(rows)]
    if any(row["counts"].get("retries") for row in rows):
        columns.append(metric("abandonment of\nfirst attempts", "first_attempt_abandonment"))
    columns += [time("ASA", "asa_s"), time("90 % wait\nat most", "wait_p90_s")]
    columns.append(time("longest\nwait", "wait_max_s"))
    lengths = [text.number(text.value_of(row["metrics"], "queue_length_mean")) for row in rows]
    columns.append(Column("queue\nlength", lengths))
    return Column("queue", names, "left"), columns


def _thresholds(levels: Sequence[ServiceLevel | None]) -> Iterator[Column]:
    """What the service level means, where the queues don't agree on it."""
    if len({level.threshold_s for level in levels if level is not None}) > 1:
        cells = ["" if level is None else text.duration(level.threshold_s) for level in levels]
        yield Column("within", cells)
    if len({level.formula for level in levels if level is not None}) > 1:
        cells = ["" if level is None else str(level.formula) for level in levels]
        yield Column("formula", cells, "left")


def _cause_columns(rows: Sequence[Mapping[str, Any]]) -> Iterator[Column]:
    """Each cause as a share of the same calls as the abandonment, if there are two or more."""
    seen = [cause for cause in CAUSES if any(row["abandoned_by_cause"].get(cause) for row in rows)]
    if len(seen) < 2:
        return
    for cause in seen:
        cells = []
        for row in rows:
            ended = row["counts"]["serviced"] + row["counts"]["abandoned"]
            part = row["abandoned_by_cause"].get(cause, 0)
            cells.append(text.percent(part / ended if ended else None))
        yield Column(CAUSES[cause][1], cells)


def _agent_columns(
    groups: Sequence[Mapping[str, Any]], replications: int
) -> tuple[Column, list[Column]]:
    metrics = [group["metrics"] for group in groups]
    calls = [text.number(text.value_of(row, "calls_per_agent")) for row in metrics]
    columns = [
        Column("agents", [text.number(group["count"]) for group in groups]),
        Column("occupancy", [text.share(row.get("occupancy")) for row in metrics]),
        Column("utilisation", [text.share(row.get("utilisation")) for row in metrics]),
        Column("calls per agent" + ("\nand replication" if replications > 1 else ""), calls),
    ]
    if any(text.value_of(row, "overtime_s") for row in metrics):
        overtime = [text.duration(text.value_of(row, "overtime_s")) for row in metrics]
        columns.append(Column("overtime", overtime))
    costs = [text.value_of(row, "cost") for row in metrics]
    if any(cost is not None for cost in costs):
        columns.append(Column("cost", [text.number(cost) for cost in costs]))
    return Column("group", [text.plain(group["name"]) for group in groups], "left"), columns


def _flow_columns(
    flows: Sequence[Mapping[str, Any]], replications: int
) -> tuple[Column, list[Column]]:
    names: list[str] = []
    plays: list[Mapping[str, Any]] = []
    for flow in flows:
        for play in flow["plays"]:
            if play["type"] == _UNCOUNTED:
                continue
            names.append(text.plain(flow["name"]))
            plays.append(play)
    columns = [
        Column("action", [f"{play['action'] + 1}. {play['type']}" for play in plays], "left")
    ]
    for heading, key in (
        ("started", "started"),
        ("completed", "completed"),
        ("hang-ups", "hangups"),
    ):
        columns.append(Column(heading, [text.number(play[key] / replications) for play in plays]))
    return Column("flow", names, "left"), columns


def _there_already(initial: Initial) -> str:
    waiting = text.counted(len(initial.waiting), "call")
    talking = text.counted(len(initial.busy), "conversation")
    return f"{waiting} waiting and {talking} under way at the start"


def _batch_s(document: Document) -> float:
    return float(document["horizon_s"] - document["warmup_s"]) / int(document["batches"])


def _caption(document: Document, scenario: Scenario) -> str:
    replications = int(document["replications"])
    parts = [
        f"{text.counted(replications, 'replication')} of {text.duration(document['horizon_s'])}"
    ]
    if document["warmup_s"]:
        of_each = " of each" if replications > 1 else ""
        parts.append(f"the first {text.duration(document['warmup_s'])}{of_each} not counted")
    if scenario.dispatch is not None:
        parts.append(f"calls handed out by polling, the {scenario.dispatch.order} first")
    if scenario.initial is not None:
        parts.append(_there_already(scenario.initial))
    batches = document.get("batches")
    if batches is not None:
        parts.append(
            f"± at {text.number(100 * document['confidence'])} % confidence from"
            f" {batches} batches of {text.duration(_batch_s(document))}"
        )
    elif replications > 1:
        parts.append(f"± at {text.number(100 * document['confidence'])} % confidence")
    else:
        parts.append("one replication gives no confidence interval")
    parts.append(f"seed {document['seed']}")
    parts.append(f"engine {document['engine']}")
    parts.append(f"took {text.duration(document['elapsed_s'])}")
    return ", ".join(parts) + "."
