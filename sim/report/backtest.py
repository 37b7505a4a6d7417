"""A backtest as text: the verdict, what was compared, and where the day fails."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sim.report import measured, text
from sim.report.columns import Column
from sim.report.page import Blocks, Page
from sim.scenario.targets import METRICS

Row = Mapping[str, Any]

OUTCOMES = {"within": "within", "outside": "OUTSIDE", "not_shown": "not shown"}
MOST_INTERVALS = 8
MOST_TOLD = 4
WORDS = {
    "incoming": "calls per day",
    "abandonment": "abandonment",
    "service_level": "service level",
    "asa_s": "mean wait of answered",
    "wait_mean_s": "mean wait",
    "wait_p90_s": "90th percentile of wait",
    "service_mean_s": "mean talk time",
    "blocked_share": "blocked",
    "occupancy": "occupancy",
}


def backtest_report(
    document: Mapping[str, Any], *, width: int, colour: bool = False, ascii_only: bool = False
) -> str:
    """The backtest `width` wide."""
    page = Page(width, colour, ascii_only)
    compose(page, document)
    return page.text()


def compose(page: Blocks, document: Mapping[str, Any]) -> None:
    """Put the report's blocks on a page, one after the other."""
    page.title(text.plain(f"{document['scenario']}: backtest on {_days(document)}"))
    page.prose(" ".join(_verdict(document)))
    rows = rows_of(document)
    columns = [
        Column("verdict", [OUTCOMES[row["outcome"]] for row in rows], "left"),
        Column("log", [_amount(row, row["log"]["value"]) for row in rows]),
        Column("predicted", [_amount(row, row["predicted"]["value"]) for row in rows]),
        Column("95 % interval", [_interval(row) or text.NOTHING for row in rows]),
        Column("difference", [_share(row["relative"]["value"]) for row in rows]),
    ]
    if document["within"] is not None:
        columns.append(Column("its interval", [_share_interval(row) for row in rows]))
    columns.append(Column("p", [_p(row["p"]) for row in rows]))
    if document["days"]["count"] > 1:
        cells = [_days_outside(row) for row in rows]
        columns.append(Column("days outside\n(chance at most)", cells))
    names = Column("metric", [_named(document, row, ": ") for row in rows], "left")
    page.table("The log beside the prediction", names, columns)
    page.prose(_caption(document), style="dim")
    _worst(page, document)
    page.prose(_flattery(document))
    for note in document["notes"]:
        page.prose(text.plain(note))
    page.prose(_provenance(document), style="dim")


def rows_of(document: Mapping[str, Any]) -> list[Row]:
    """All metrics, those of queues first."""
    return [*document["metrics"], *document["agent_metrics"]]


def subject_of(row: Row) -> str:
    """What a row is of, by name."""
    if "queue" in row:
        return str(row["queue"])
    return "agents" if row["agents"] == "all" else f"agents.{row['agents']}"


def _days(document: Mapping[str, Any]) -> str:
    days = document["days"]
    span = days["from"] if days["count"] == 1 else f"{days['from']} to {days['to']}"
    return f"{text.counted(days['count'], 'day')}, {span}"


def _verdict(document: Mapping[str, Any]) -> Iterator[str]:
    rows = rows_of(document)
    outside = [row for row in rows if row["outcome"] == "outside"]
    many = text.counted(len(rows), "metric")
    within = document["within"]
    if within is not None:
        yield _tolerance_verdict(rows, f"{100.0 * within:g} %")
    elif outside:
        yield f"The log lies outside the prediction: {len(outside)} of {many} differ beyond chance."
    elif document["outcome"] == "not_shown":
        yield "Nothing is shown: there is too little to compare."
    else:
        yield (
            f"The log lies within the prediction: none of {many} differs beyond chance. That is no"
            " proof that they are equal; the intervals say how far apart they may be."
        )
    outside.sort(key=lambda row: -_excess(_as_cell(row)))
    for row in outside[:MOST_TOLD]:
        named = _named(document, row, ", ")
        yield f"{named[:1].upper()}{named[1:]}: {_told(row)}."
    if len(outside) > MOST_TOLD:
        yield "The table has the others."


def _tolerance_verdict(rows: Sequence[Row], tolerance: str) -> str:
    many = text.counted(len(rows), "metric")
    counts = {key: sum(row["outcome"] == key for row in rows) for key in OUTCOMES}
    if counts["within"] == len(rows):
        return f"All of {many} are shown to lie within {tolerance} of the prediction."
    told = f"{counts['within']} of {many} are shown to lie within {tolerance} of the prediction"
    if counts["outside"]:
        told += f", {counts['outside']} outside"
    if counts["not_shown"]:
        told += f"; of {counts['not_shown']} neither is shown: more days may show it"
    return told + "."


def _named(document: Mapping[str, Any], row: Row, between: str) -> str:
    """The metric, with its queue if there are several."""
    word = WORDS[row["metric"]]
    several = len({each["queue"] for each in document["metrics"]}) > 1
    is_plain = "queue" in row and not several
    return word if is_plain else text.plain(f"{subject_of(row)}{between}{word}")


def _as_cell(row: Row) -> dict[str, Any]:
    values = {"log": row["log"]["value"], "predicted": row["predicted"]["value"]}
    return {**values, **row["interval"]}


def _told(row: Row) -> str:
    """`log 4.1 %, predicted 2.3 % (1.9 % to 2.8 %)`."""
    told = f"log {_amount(row, row['log']['value'])}, predicted"
    told += f" {_amount(row, row['predicted']['value'])}"
    between = _interval(row)
    if between:
        told += f" ({between})"
    if "days" in row["reasons"]:
        days = row["days"]
        told += f"; {days['outside']} of {days['of']} days lie outside their own intervals"
    return told


def _amount(row: Row, value: float | None) -> str:
    if row["metric"] not in METRICS:
        return text.number(value)
    return measured.amount(row["metric"], value)


def _interval(row: Row) -> str:
    low, high = row["interval"]["low"], row["interval"]["high"]
    if low is None or high is None:
        return ""
    return f"{_amount(row, low)} to {_amount(row, high)}"


def _share(value: float | None) -> str:
    if value is None:
        return text.NOTHING
    sign = "+" if value > 0 else "-" if value < 0 else ""
    return f"{sign}{100.0 * abs(value):.1f} %"


def _share_interval(row: Row) -> str:
    low, high = row["relative"]["low"], row["relative"]["high"]
    return text.NOTHING if low is None or high is None else f"{_share(low)} to {_share(high)}"


def _p(value: float | None) -> str:
    return text.NOTHING if value is None else f"{value:.3f}" if value >= 0.0095 else f"{value:.2g}"


def _days_outside(row: Row) -> str:
    days = row["days"]
    if not days["of"]:
        return text.NOTHING
    return f"{days['outside']} ({days['most_by_chance']})"


def _caption(document: Mapping[str, Any]) -> str:
    one = document["days"]["count"] == 1
    told = "Interval: where the value of "
    told += "a day" if one else f"{document['days']['count']} days"
    told += " lies in 95 of 100 cases if the scenario is true, for one metric by itself. p: the"
    told += " chance of a value as far off"
    told += " or farther."
    if not one:
        told += " Days outside: how many of the days lie among the most extreme 5 % of all days,"
        told += " and the number that chance hardly exceeds."
    if document["within"] is None:
        told += f" Verdicts: all {document['tests']} tests together err in at most"
        told += f" {100.0 * document['family_error']:g} % of cases (Holm)."
    else:
        told += " Verdicts: whether the 95 % interval of the relative difference lies inside"
        told += f" ±{100.0 * document['within']:g} %."
    return told


def _worst(page: Blocks, document: Mapping[str, Any]) -> None:
    """The intervals in which the log lies farthest outside its band; those for which nothing at
    all is predicted, whose bands have no width, come last."""
    cells = [
        (slot, metric, found)
        for slot in document["intervals"]
        for metric, found in slot["metrics"].items()
        if found["log"] is not None and found["predicted"] is not None
    ]
    outside = [cell for cell in cells if cell[2]["outside"]]
    if not cells:
        return
    told = f"By interval, {len(outside)} of {len(cells):,} values lie outside their 95 % bands,"
    told += f" where chance puts about {0.05 * len(cells):.0f}"
    if not outside:
        page.prose(told + ".")
        return
    page.prose(told + ("; the farthest:" if len(outside) > 1 else ":"))
    outside.sort(key=lambda cell: -_excess(cell[2]))
    worst = outside[:MOST_INTERVALS]
    start = document["start"]
    begin = datetime.fromisoformat(start) if start is not None else None
    rows = [{"metric": metric} for _, metric, _ in worst]
    several = len({slot["queue"] for slot in document["intervals"]}) > 1
    columns = [Column("queue", [text.plain(slot["queue"]) for slot, _, _ in worst], "left")]
    columns = columns if several else []
    words = {**WORDS, "incoming": "calls"}
    columns += [
        Column("metric", [words[metric] for _, metric, _ in worst], "left"),
        Column("log", [_amount(r, f["log"]) for r, (_, _, f) in zip(rows, worst, strict=True)]),
        Column(
            "predicted",
            [_amount(r, f["predicted"]) for r, (_, _, f) in zip(rows, worst, strict=True)],
        ),
        Column(
            "95 % band",
            [_interval({**r, "interval": f}) for r, (_, _, f) in zip(rows, worst, strict=True)],
        ),
    ]
    at = [text.instant(slot["start_s"], begin, with_day=False) for slot, _, _ in worst]
    page.table("Where the day differs", Column("from", at, "left"), columns)


def _excess(found: Mapping[str, Any]) -> float:
    value, predicted = found["log"], found["predicted"]
    end = found["high"] if value > predicted else found["low"]
    if end is None or end == predicted:
        return 0.0
    return float(abs(value - predicted) / abs(end - predicted))


def _flattery(document: Mapping[str, Any]) -> str:
    if document["arrivals"] == "as-recorded":
        told = "The calls are those of the log: what is tested is service, patience, agents and"
        told += " routing, not the forecast."
    else:
        told = "The calls are the scenario's: the forecast is tested with the rest"
        told += " (--arrivals as-recorded tests the rest alone)."
    return told + (
        " If the scenario was fitted to these very days, they flatter it: test on others"
        " (--from, --to)."
    )


def _provenance(document: Mapping[str, Any]) -> str:
    log = document["log"]
    per = " for each day" if document["arrivals"] == "as-recorded" else ""
    told = f"{text.counted(log['calls'], 'call')} of {text.plain(log['source'])} ({log['format']})"
    left = sum(log["dropped"].values())
    if left:
        reasons = ", ".join(f"{text.plain(why)} {n:,}" for why, n in log["dropped"].items())
        told += f", {left:,} of {log['rows']:,} rows left out ({reasons})"
    return (
        f"{told}; {document['replications']:,} simulated days{per}, seed {document['seed']},"
        f" from {document['start_clock']} for {text.duration(document['horizon_s'])}"
        f" ({log['time_zone']})."
    )
