"""What a calibration found, as a terminal shows it: estimates, and what was left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sim.report import text
from sim.report.columns import Column
from sim.report.page import Blocks, Page

Document = Mapping[str, Any]

AGENTS = {
    "presence": "agents logged in and not paused",
    "activity": "agents as their answers show them, from the first of a stretch to the last",
    "effective": "the log names no agents: numbers that make its mean waits by Erlang's formula",
}
WRAP_UP = {
    "log": "as the log tells it",
    "gaps": "an estimate: from the end of a conversation to the answer of a call that had waited",
    "asked": "as asked",
}


def calibration_report(
    document: Document, *, width: int, colour: bool = False, ascii_only: bool = False
) -> str:
    """The report of a `callsim.calibration/1` document, `width` wide."""
    page = Page(width, colour, ascii_only)
    compose(page, document)
    return page.text()


def compose(page: Blocks, document: Document) -> None:
    """Put the report's blocks on a page, one after the other."""
    queues = document["queues"]
    names = Column("queue", [text.plain(queue["name"]) for queue in queues], "left")
    page.title(text.plain(f"Calibrated from {document['log']['source']}"))
    page.prose(" ".join(_sentences(document)))
    page.table("Calls", names, _calls(queues))
    page.table("Conversations", names, _conversations(queues))
    if any(queue["patience"] for queue in queues):
        page.table("Patience", names, _patience(queues))
        _staying(page, queues)
    page.table(
        f"Agents: {AGENTS[document['agents_from']]}",
        Column("group", [text.plain(each["name"]) for each in document["agents"]], "left"),
        _agents(document["agents"]),
    )
    if (source := document["wrap_up"]["from"]) in WRAP_UP:
        mean = between(document["wrap_up"]["mean_s"], text.duration)
        page.prose(f"Wrap-up, {WRAP_UP[source]}: {mean}.")
    if document["occupancy"] is not None:
        page.prose(f"Agents were seen to be busy {between(document['occupancy'], text.percent)}.")
    log = document["log"]
    told = [f"{n:,} rows left out: {why}" for why, n in log["dropped"].items() if n]
    for note in [*told, *log["notes"], *document["notes"]]:
        page.prose(text.plain(f"- {note}"))
    page.prose(_caption(document), style="dim")


def between(estimate: Mapping[str, Any], shown: Any) -> str:
    """`3m 02s (2m 54s to 3m 10s)`, without the second part where there is no interval."""
    value = estimate["value"]
    if value is None:
        return text.NOTHING
    if estimate["low"] is None:
        return str(shown(value))
    return f"{shown(value)} ({shown(estimate['low'])} to {shown(estimate['high'])})"


def _sentences(document: Document) -> list[str]:
    days, hours = document["days"], document["hours"]
    n = days["n"]
    span = days["dates"][0] if n == 1 else f"{days['dates'][0]} to {days['dates'][-1]}"
    told = [
        f"{text.counted(document['calls'], 'call')} of {text.counted(n, 'day')}"
        f" ({days['kind']}, {span}), {hours['from']} to {hours['to']}."
    ]
    if n == 1:
        told.append("One day is no sample of days: intervals, where there are any, are too narrow.")
    return told


def _calls(queues: Sequence[Document]) -> list[Column]:
    def count(heading: str, key: str) -> Column:
        return Column(heading, [text.number(queue["counts"][key]) for queue in queues])

    columns = [count("calls", "calls"), count("answered", "answered")]
    columns.append(count("gave up", "abandoned"))
    for heading, key in (
        ("timed out", "timeout"), ("left\notherwise", "left"), ("blocked", "blocked"),
        ("not seen\nto the end", "open"),
    ):  # fmt: skip
        if any(queue["counts"][key] for queue in queues):
            columns.append(count(heading, key))
    arrivals = [queue["arrivals"] for queue in queues]
    columns.append(
        Column("calls a day", [between(each["calls_per_day"], text.number) for each in arrivals])
    )
    busy = [each["busyness"] for each in arrivals]
    if any(each["p_value"] is not None for each in busy):
        columns.append(
            Column("variation of\ndays (cv)", [between(each["cv"], text.percent) for each in busy])
        )
        columns.append(Column("p of\nPoisson", [_p(each["p_value"]) for each in busy]))
    columns.append(
        Column("abandonment", [between(queue["abandonment"], text.percent) for queue in queues])
    )
    columns.append(Column("ASA", [between(queue["asa_s"], text.duration) for queue in queues]))
    return columns


def _p(value: float | None) -> str:
    if value is None:
        return text.NOTHING
    return "< 0.0001" if value < 0.0001 else f"{value:.2g}"


def _law(fit: Mapping[str, Any] | None) -> str:
    if fit is None:
        return text.NOTHING
    beside = "" if fit["beside"] == "nothing" else f" and {fit['beside']}"
    return f"{fit['family']}{beside}"


def _conversations(queues: Sequence[Document]) -> list[Column]:
    rows = [queue["service"] for queue in queues]
    columns = [
        Column("mean", [between(row["mean_s"], text.duration) for row in rows]),
        Column("law", [_law(row["fit"]) for row in rows], "left"),
        Column("cv", [between(row["fit"]["cv"], text.number) for row in rows]),
        Column("AIC to\nnext", [_lead(row["fit"]) for row in rows]),
        Column("below\n10 s", [text.percent(row["below_10s"]["share"]["value"]) for row in rows]),
    ]
    for place in range(len(rows[0]["quantiles"])):
        cells = [row["quantiles"][place] for row in rows]
        columns.append(
            Column(
                f"p{100 * cells[0]['share']:g}\nlog / fit",
                [
                    f"{text.duration(each['observed_s'])} / {text.duration(each['fitted_s'])}"
                    for each in cells
                ],
            )
        )
    columns.append(
        Column("p of no\ntime of day", [_p(row["time_of_day"]["p_value"]) for row in rows])
    )
    return columns


def _lead(fit: Mapping[str, Any] | None) -> str:
    if fit is None:
        return text.NOTHING
    others = [
        each["aic_difference"] for each in fit["tried"] if each["family"] != fit["family"]
    ]  # fmt: skip
    return text.number(max(min(others), 0.0)) if others else text.NOTHING


def _patience(queues: Sequence[Document]) -> list[Column]:
    rows = [queue["patience"] for queue in queues]
    columns = [
        Column("waited", ["0" if row is None else text.number(row["waited"]) for row in rows]),
        Column("gave up", ["0" if row is None else text.number(row["gave_up"]) for row in rows]),
        Column("law", [_law(row and row["fit"]) for row in rows], "left"),
        Column("mean", [_mean(row) for row in rows]),
        Column("AIC to\nnext", [_lead(row and row["fit"]) for row in rows]),
        Column("hardly a wait\nbeyond", [text.duration(row and row["known_to_s"]) for row in rows]),
        Column(
            "mean wait of those who\ngave up (not patience)",
            [
                text.NOTHING
                if row is None
                else text.duration(row["mean_wait_of_those_who_gave_up_s"]["value"])
                for row in rows
            ],
        ),
    ]
    return columns


def _mean(row: Mapping[str, Any] | None) -> str:
    if row is None:
        return text.NOTHING
    if row["fit"] is not None:
        return between(row["fit"]["mean_s"], text.duration)
    least = row["mean_at_least_s"]
    return text.NOTHING if least is None else f"above {text.duration(least)}"


def _staying(page: Blocks, queues: Sequence[Document]) -> None:
    """The share that would stay, by the log and by the law, at the waits that the queues have."""
    points = sorted(
        {each["at_s"] for queue in queues if queue["patience"] for each in _points(queue)}
    )
    columns = []
    for at in points:
        cells = []
        for queue in queues:
            found = [each for each in _points(queue) if each["at_s"] == at]
            cells.append(
                f"{text.percent(found[0]['observed'])} / {text.percent(found[0]['fitted'])}"
                if found
                else text.NOTHING
            )
        columns.append(Column(f"{text.duration(at)}\nlog / fit", cells))
    names = Column("queue", [text.plain(queue["name"]) for queue in queues], "left")
    page.table("Callers who would wait longer than ...", names, columns)


def _points(queue: Document) -> Sequence[Mapping[str, Any]]:
    return queue["patience"]["staying"] if queue["patience"] else []


def _agents(groups: Sequence[Document]) -> list[Column]:
    return [
        Column("queues", [text.plain(", ".join(each["queues"])) for each in groups], "left"),
        Column("agents\nin the log", [text.number(len(each["members"])) for each in groups]),
        Column(
            "agent hours a day", [between(each["hours_per_day"], text.number) for each in groups]
        ),
        Column("at the busiest", [between(each["busiest"], text.number) for each in groups]),
        Column("in the scenario", [_counts(each) for each in groups]),
    ]


def _counts(group: Mapping[str, Any]) -> str:
    if group["asked"] is not None:
        return f"{group['asked']:,}"
    counts = [each["count"] for each in group["intervals"]]
    return f"{min(counts):,} to {max(counts):,}"


def _caption(document: Document) -> str:
    parts = []
    if document["days"]["n"] > 1:
        parts.append(f"Intervals at {text.number(100 * document['confidence'])} % over days.")
    parts.append(
        "Blocked calls are among the calls, and so are those of callers who called again: a log"
        " does not tell them."
    )
    return " ".join(parts)
