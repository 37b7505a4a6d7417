"""The report of a sweep: a row for each point of the grid."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from sim.report import measured, text
from sim.report.book import provenance
from sim.report.book.drawings import drawings
from sim.report.book.parts import (
    Book,
    Chart,
    Field,
    Folded,
    Kind,
    Part,
    Section,
    Sheet,
    Table,
    kind_of,
)
from sim.report.book.queues import COUNTS, NAMES
from sim.report.comparison import HEADINGS
from sim.report.saved import Saved
from sim.scenario.targets import METRICS

MOST_POINTS = 1_000
"""A page shows no more points; the workbook has all."""
_ENDS = ("value", "low", "high")
Columns = Mapping[str, Any]


def sweep_book(saved: Saved, title: str | None) -> Book:
    """Everything that a finished sweep tells."""
    document, columns = saved.document, saved.sweep_table()
    paths = list(document["paths"])
    queues = [name for name in dict.fromkeys(columns["queue"].tolist()) if name is not None]
    facts = _facts(saved)
    name = text.plain(str(document.get("scenario", "a scenario")))
    lead, *points = _sentences(columns, paths, int(document["points"]))
    return Book(
        title=title or f"Sweep of {name}",
        about=f"Sweep over {text.joined([text.plain(path) for path in paths], 'and')}: "
        f"{text.counted(int(document['points']), 'point')} on the same random numbers, intervals at"
        " 95 % confidence.",
        lead=lead,
        points=points,
        measures=Table("measures", "Key numbers", [Field("measure", Kind.TEXT, [])]),
        warnings=list(_warnings(document)),
        sections=list(_sections(saved, columns, paths, queues, facts)),
        sheets=[
            Sheet("Sweep", _everything(columns, paths)),
            Sheet("Provenance", provenance.facts_table("facts", "Provenance", facts)),
        ],
        chart=_chart(columns, paths),
        provenance=facts,
    )


def _sentences(columns: Columns, paths: Sequence[str], n_points: int) -> Iterator[str]:
    """The range of the service level of all queues, then of abandonment, and where it is best."""
    rows = np.flatnonzero(columns["queue"] == "total")
    told = False
    for metric, noun, best in (
        ("service_level", "the service level of all queues together", np.nanargmax),
        ("abandonment", "the abandonment", np.nanargmin),
        ("asa_s", "the mean wait of those answered", np.nanargmin),
    ):
        values = columns[metric][rows].astype(float)
        if not np.isfinite(values).any():
            continue
        low, high = (measured.amount(metric, float(f(values))) for f in (np.nanmin, np.nanmax))
        row = rows[int(best(values))]
        where = ", ".join(f"{path} = {_setting(columns[path][row])}" for path in paths)
        begin = f"Over {text.counted(n_points, 'point')} {noun}" if not told else noun.capitalize()
        estimate = {end: _number(columns[_column(metric, end)][row]) for end in _ENDS}
        between = measured.interval(metric, estimate)
        picked = (
            f". That point was picked by looking at all of them, so its own 95 % interval,"
            f" {between}, promises too much"
        )
        told_of = f"{begin} lies between {low} and {high}; it is best at {where}"
        yield text.plain(f"{told_of}{picked if between and np.unique(values).size > 1 else ''}.")
        told = True
    if not told:
        yield f"Of {text.counted(n_points, 'point')} none has a service level."


def _warnings(document: Mapping[str, Any]) -> Iterator[str]:
    if not document.get("complete", True):
        yield "The sweep is not finished: the same command again goes on where it stopped."
    for bad in document.get("bad_points", ()):
        where = ", ".join(f"{path}={value}" for path, value in bad["settings"].items())
        yield text.plain(f"{where} can't be simulated: {bad['error']}")


def _sections(
    saved: Saved,
    columns: Columns,
    paths: Sequence[str],
    queues: Sequence[str],
    facts: Sequence[provenance.Fact],
) -> Iterator[Section]:
    note = "Each ± at 95 % confidence, over the replications of the point."
    parts: list[Part] = [*drawings(saved, ("sweep", "sweep_map"), "95 % confidence intervals.")]
    for place, name in enumerate(sorted(queues, key=lambda name: name != "total")):
        rows = np.flatnonzero(columns["queue"] == name)
        cut = (
            f" The first {MOST_POINTS:,} of {rows.size:,} points."
            if rows.size > MOST_POINTS
            else ""
        )
        fields = _paths(columns, paths, rows[:MOST_POINTS])
        fields += [_metric(columns, metric, rows[:MOST_POINTS]) for metric in HEADINGS]
        title = "All queues" if name == "total" else text.plain(name)
        table = Table(f"points-{place}", title, fields, note + cut)
        parts.append(table if place == 0 else Folded(title, [table]))
    yield Section("points", "Points", parts)
    yield Section(
        "provenance", "Provenance", [provenance.facts_table("facts", "This sweep", facts)]
    )


def _paths(columns: Columns, paths: Sequence[str], rows: Any) -> list[Field]:
    return [
        Field(text.plain(path), Kind.FACT, [_setting(v) for v in columns[path][rows].tolist()])
        for path in paths
    ]


def _metric(columns: Columns, metric: str, rows: Any) -> Field:
    ends = {end: columns[_column(metric, end)][rows].tolist() for end in _ENDS}
    values = [
        {end: _number(ends[end][row]) for end in _ENDS} | {"half_width": None}
        for row in range(len(rows))
    ]
    kind = kind_of(metric) if metric in METRICS else Kind.SHARE
    return Field(NAMES.get(metric, metric), kind, values, estimates=True)


def _everything(columns: Columns, paths: Sequence[str]) -> Table:
    """The whole table, `total` of each point first in the workbook's order of rows."""
    rows = np.argsort(columns["queue"] != "total", kind="stable")
    fields = _paths(columns, paths, rows)
    fields.append(Field("queue", Kind.TEXT, columns["queue"][rows].tolist()))
    for name in columns:
        metric = name.removesuffix("_low")
        if name.endswith("_low") and metric in columns:
            fields.append(_metric(columns, metric, rows))
        elif name in COUNTS:
            values = [_number(value) for value in columns[name][rows].tolist()]
            fields.append(Field(f"{COUNTS[name]} (all replications)", Kind.FACT, values))
    if "error" in columns and any(columns["error"].tolist()):
        fields.append(Field("error", Kind.TEXT, columns["error"][rows].tolist()))
    return Table("sweep", "Sweep", fields)


def _chart(columns: Columns, paths: Sequence[str]) -> Chart:
    n = int(np.count_nonzero(columns["queue"] == "total"))
    lines = [NAMES["service_level"], NAMES["abandonment"]]
    return Chart("Sweep", "Sweep", text.plain(paths[0]), [], lines, n)


def _facts(saved: Saved) -> list[provenance.Fact]:
    document = saved.document
    facts: list[provenance.Fact] = []
    for name, key in (("callsim", "version"), ("scenario", "scenario"), ("seed", "seed")):
        if key in document:
            facts.append((name, document[key]))
    facts.append(("points", int(document["points"])))
    facts += [(f"values of {path}", _values_of(saved, path)) for path in document["paths"]]
    if "key" in document:
        facts.append(("key of the sweep", str(document["key"])))
    return facts


def _values_of(saved: Saved, path: str) -> str:
    values = list(dict.fromkeys(_setting(v) for v in saved.sweep_table()[path].tolist()))
    told = ", ".join(str(value) for value in values[:20])
    return told if len(values) <= 20 else f"{told}, ... ({len(values):,} values)"


def _column(metric: str, end: str) -> str:
    return metric if end == "value" else f"{metric}_{end}"


def _setting(value: Any) -> str | int | float:
    """A value of a path: whole numbers without a point."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value  # type: ignore[no-any-return]


def _number(value: Any) -> float | int | None:
    """None for what is missing; a count is whole."""
    if value is None or not np.isfinite(value):
        return None
    return float(value) if isinstance(value, float | np.floating) else int(value)
