"""The report of a run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from sim.report import text
from sim.report.book import assumptions, headline, provenance
from sim.report.book.day import (
    Day,
    agent_interval_sheet,
    agent_interval_table,
    day_of,
    day_points,
    interval_sheet,
    interval_table,
)
from sim.report.book.drawings import drawings
from sim.report.book.parts import (
    Book,
    Chart,
    Document,
    Field,
    Folded,
    Kind,
    Listing,
    Part,
    Section,
    Sheet,
    Table,
    parted,
)
from sim.report.book.queues import (
    NAMES,
    agent_table,
    flow_table,
    queue_sheet,
    queue_tables,
    served_table,
    subject_rows,
)
from sim.report.book.targets import judged, target_point, target_table
from sim.report.saved import Saved
from sim.scenario.dump import dump_scenario

_OF_THE_DAY = ("day", "week")
_OF_AGENTS = ("occupancy", "served")
_OF_WAITS = ("waits", "patience")
_OF_FLOWS = ("flow",)
"""The figures of each section, as far as a result can give them."""
_ABREAST = 12
"""Columns of groups that fit on paper side by side."""
OPEN_QUEUES = 10
"""Up to so many queues each one's intervals stand open on the page."""
_NO_INTERVALS = "The run kept no intervals: callsim run SCENARIO --intervals (or --out) keeps them."
_NO_SCENARIO = "The scenario is not beside the result: callsim run SCENARIO --out DIR keeps it."


def run_book(saved: Saved, title: str | None) -> Book:
    """Everything that a run's result tells."""
    document, scenario = saved.document, saved.scenario
    day = day_of(saved)
    rows = judged(document, scenario) if scenario is not None else []
    targets = None
    if rows:
        targets = target_table(rows, int(document["replications"]), scenarios=False)
    points = [target_point(rows)] if rows else []
    points += headline.points(document, scenario)
    points += day_points(day, document) if day is not None else ()
    facts = provenance.run_facts(document)
    again = provenance.command(document, scenario, intervals="intervals" in document)
    return Book(
        title=title or text.plain(str(document["scenario"])),
        about=_about(document),
        lead=headline.lead(document, scenario),
        points=points,
        measures=headline.measures(document),
        targets=targets,
        warnings=[text.warning_line(warning) for warning in document["warnings"]],
        sections=list(_sections(saved, day, targets, facts, again)),
        sheets=_sheets(saved, day, [*facts, ("the same again", again)]),
        chart=_chart(document, day),
        provenance=facts,
    )


def caption(document: Document, *, counts: bool = True) -> str:
    """Replications and confidence, and what counts are of."""
    replications = int(document["replications"])
    told = f"{text.counted(replications, 'replication')} of {text.duration(document['horizon_s'])}"
    if counts and replications > 1:
        told += "; counts are means per replication"
    if replications > 1:
        return f"{told}; ± at {text.number(100 * document['confidence'])} % confidence."
    return f"{told}; one replication gives no confidence interval."


def _about(document: Document) -> str:
    seed, version = document["seed"], document["version"]
    told = caption(document, counts=False).removesuffix(".")
    return f"Simulation of call queues: {told}, seed {seed}, callsim {version}."


def _sections(
    saved: Saved,
    day: Day | None,
    targets: Table | None,
    facts: Sequence[provenance.Fact],
    again: str,
) -> Iterator[Section]:
    document, scenario = saved.document, saved.scenario
    note = caption(document)
    if targets is not None:
        yield Section("targets", "Targets", [targets])
    yield Section("queues", "Queues", list(queue_tables(document, scenario, note)))
    figures = partial(drawings, saved, note=caption(document, counts=False))
    parts = [*figures(_OF_THE_DAY), *_day(day, note)]
    yield Section("day", "The day", parts, [] if day else [_NO_INTERVALS])
    if document["agents"]:
        agents: list[Part] = [*figures(_OF_AGENTS), agent_table(document, note)]
        for table in (
            served_table(document, note),
            None if day is None else agent_interval_table(day, caption(document, counts=False)),
        ):
            agents += [] if table is None else parted(table, _ABREAST)
        yield Section("agents", "Agents", agents)
    yield Section("waits", "Waits", [*figures(_OF_WAITS), _percentiles(document, note)])
    flows = flow_table(document, note)
    if flows is not None:
        yield Section("flows", "Wait flows", [*figures(_OF_FLOWS), flows])
    yield _assumptions(saved)
    yield _provenance(saved, facts, again)


def _day(day: Day | None, note: str) -> Iterator[Part]:
    if day is None:
        return
    by_arrival = f"{note} Calls belong to the interval in which they arrived; queue length,"
    by_arrival += " agents and occupancy go by the clock."
    names = list(day.queues)
    of_all = next(name for name in names if day.queues[name] is day.of_all)
    yield interval_table(day, of_all, by_arrival)
    rest = [name for name in names if name != of_all]
    for name in rest:
        table = interval_table(day, name, note)
        yield Folded(f"Intervals of {table.title}", [table], is_open=len(rest) <= OPEN_QUEUES)


def _percentiles(document: Document, note: str) -> Table:
    rows = subject_rows(document)
    fields = [Field("queue", Kind.TEXT, [row["name"] for row in rows])]
    for key in ("wait_p50_s", "wait_p90_s", "wait_p95_s", "wait_p99_s", "wait_max_s"):
        values = [row["metrics"].get(key) for row in rows]
        fields.append(Field(NAMES[key], Kind.SECONDS, values, estimates=True))
    values = [row["metrics"].get("wait_sd_s") for row in rows]
    fields.append(Field(NAMES["wait_sd_s"], Kind.SECONDS, values, estimates=True))
    title = "Waits of answered and abandoned calls together"
    return Table("percentiles", title, fields, note)


def _assumptions(saved: Saved) -> Section:
    scenario = saved.scenario
    if scenario is None:
        return Section("assumptions", "Assumptions", [], [_NO_SCENARIO])
    parts: list[Part] = [
        provenance.facts_table("rules", "For the whole run", assumptions.rules(scenario)),
        assumptions.queue_assumptions(scenario),
    ]
    if scenario.agents:
        parts.append(assumptions.agent_assumptions(scenario))
    return Section("assumptions", "Assumptions", parts)


def _provenance(saved: Saved, facts: Sequence[provenance.Fact], again: str) -> Section:
    parts: list[Part] = [provenance.facts_table("facts", "This result", facts)]
    intro = []
    if saved.scenario is not None:
        content = dump_scenario(saved.scenario)
        listing = Listing("scenario", provenance.SCENARIO_FILE, content)
        parts.append(Folded("The scenario as it was run, every default filled in", [listing]))
        intro.append(
            f"Save the scenario below as {provenance.SCENARIO_FILE}; then this command gives the"
            " same numbers:"
        )
    else:
        intro.append("With the same scenario this command gives the same numbers:")
    parts.insert(0, Listing("command", "Command", again))
    return Section("provenance", "Provenance", parts, intro)


def _sheets(saved: Saved, day: Day | None, facts: Sequence[provenance.Fact]) -> list[Sheet]:
    document, scenario = saved.document, saved.scenario
    rules = None
    if scenario is not None:
        rules = provenance.facts_table("rules", "Assumptions", _all_rules(saved))
    sheets = [
        Sheet("Queues", queue_sheet(document, scenario)),
        Sheet("Agents", agent_table(document) if document["agents"] else None, "No agents."),
        Sheet("Intervals", None if day is None else interval_sheet(day), _NO_INTERVALS),
    ]
    agent_intervals = None if day is None else agent_interval_sheet(day)
    if agent_intervals is not None:
        sheets.append(Sheet("Agent intervals", agent_intervals))
    sheets.append(Sheet("Waits", _waits(document), "No waits."))
    served = served_table(document)
    if served is not None:
        sheets.append(Sheet("Served by", served))
    sheets.append(Sheet("Flows", flow_table(document), "No wait flows."))
    sheets.append(Sheet("Assumptions", rules, _NO_SCENARIO))
    sheets.append(Sheet("Provenance", provenance.facts_table("facts", "Provenance", facts)))
    if scenario is not None:
        sheets.append(Sheet("Scenario", provenance.lines_table(dump_scenario(scenario))))
    return sheets


def _all_rules(saved: Saved) -> list[tuple[str, str | int | float]]:
    """The rules, then each column of the queues' and groups' tables as a line of its own."""
    scenario = saved.scenario
    assert scenario is not None
    told: list[tuple[str, str | int | float]] = list(assumptions.rules(scenario))
    tables = [assumptions.queue_assumptions(scenario)]
    if scenario.agents:
        tables.append(assumptions.agent_assumptions(scenario))
    for table in tables:
        first, *others = table.fields
        for row, name in enumerate(first.values):
            for field in others:
                if field.values[row] not in (None, ""):
                    told.append((f"{first.heading} {name}: {field.heading}", field.values[row]))
    return told


def _waits(document: Document) -> Table | None:
    """The histograms of waits: calls per replication in each range, and their shares."""
    cells: list[tuple[Any, ...]] = []
    replications = int(document["replications"])
    for histogram in document.get("waits", ()):
        edges, calls = histogram["edges_s"], histogram["calls"]
        total, so_far = sum(calls), 0
        for low, high, n in zip(edges, edges[1:], calls, strict=False):
            so_far += n
            share, within = (n / total, so_far / total) if total else (None, None)
            cells.append((histogram["queue"], low, high, n / replications, share, within))
    if not cells:
        return None
    queue, low, high, calls, shares, within = zip(*cells, strict=True)
    fields = [
        Field("queue", Kind.TEXT, queue),
        Field("from", Kind.SECONDS, low),
        Field("to", Kind.SECONDS, high),
        Field("calls", Kind.COUNT, calls),
        Field("share", Kind.SHARE, shares),
        Field("share up to here", Kind.SHARE, within),
    ]
    return Table("waits", "Waits", fields)


def _chart(document: Document, day: Day | None) -> Chart:
    level = NAMES["service_level"]
    if day is not None:
        return Chart(
            "The day", "Intervals", "from", ["offered", "answered"], [level], len(day.of_all)
        )
    n = len(subject_rows(document))
    return Chart("Queues", "Queues", "queue", ["offered", "answered"], [level], n)
