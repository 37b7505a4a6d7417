"""The reports of a comparison and of a check."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sim.report import comparison, text
from sim.report.book import provenance
from sim.report.book.drawings import drawings
from sim.report.book.parts import (
    Book,
    Chart,
    Document,
    Field,
    Kind,
    Part,
    Section,
    Sheet,
    Table,
    counts,
    kind_of,
)
from sim.report.book.queues import NAMES
from sim.report.book.targets import target_point, target_table
from sim.report.comparison import AGENT_HEADINGS, HEADINGS
from sim.report.saved import Saved
from sim.report.variant_names import with_short_names

_NO_MEASURES = Table("measures", "Key numbers", [Field("measure", Kind.TEXT, [])])


def comparison_book(saved: Saved, title: str | None) -> Book:
    """Everything that a comparison tells."""
    full = saved.document
    document, legend = with_short_names(full)
    first, *others = [text.plain(name) for name in document["variants"]]
    lead, *points = _sentences(document)
    facts = provenance.comparison_facts(full)
    return Book(
        title=title or f"{first} against {text.joined(list(others), 'and')}",
        about=" ".join(
            [f"Comparison, {comparison.same_numbers(full)}:", _caption(full), text.plain(legend)]
        ).strip(),
        lead=lead,
        points=points,
        measures=_NO_MEASURES,
        warnings=[text.warning_line(warning) for warning in full.get("warnings", ())],
        sections=list(_sections(saved, document, facts)),
        sheets=_sheets(full, facts),
        chart=Chart(
            "Variants",
            "Variants",
            "variant",
            [],
            [NAMES["service_level"], NAMES["abandonment"]],
            len(document["variants"]),
        ),
        provenance=facts,
    )


def _sentences(document: Document) -> Iterator[str]:
    """The ranking first, if there is one, then each variant's differences one by one."""
    beyond = list(comparison.beyond_verdicts(document))
    if document["ranking"] is not None:
        yield beyond.pop(0 if document["replications"] > 1 else 1)
    if document["replications"] > 1:
        for b in document["variants"][1:]:
            yield from comparison.verdicts(document, b)
    yield from beyond


def check_book(saved: Saved, title: str | None) -> Book:
    """The targets of one or more scenarios."""
    rows: Sequence[Document] = saved.document["results"]
    names = list(dict.fromkeys(text.plain(row["scenario"]) for row in rows))
    targets = target_table(rows, None, scenarios=len(names) > 1)
    facts: list[provenance.Fact] = [("format", str(saved.document["format"]))]
    return Book(
        title=title or (f"Targets of {text.joined(names, 'and')}" if names else "Targets"),
        about="Targets judged by simulation.",
        lead=target_point(rows) if rows else "There are no targets.",
        points=[],
        measures=_NO_MEASURES,
        targets=targets,
        warnings=[],
        sections=[Section("targets", "Targets", [targets])] if rows else [],
        sheets=[
            Sheet("Targets", targets, "There are no targets."),
            Sheet("Provenance", provenance.facts_table("facts", "Provenance", facts)),
        ],
        provenance=facts,
    )


def _caption(document: Document) -> str:
    told = f"{text.counted(int(document['replications']), 'replication')} of each variant"
    if document["replications"] > 1:
        level = text.number(100 * document["confidence"])
        told += f"; ± at {level} % confidence, of each number by itself"
    else:
        told += "; one replication gives no confidence interval"
    return f"{told}; seed {document['seed']}."


def _sections(
    saved: Saved, document: Document, facts: Sequence[provenance.Fact]
) -> Iterator[Section]:
    note = _caption(document)
    yield Section("variants", "Variants", [_variants(document, note)])
    first, *others = document["variants"]
    changes: list[Part] = [*drawings(saved, ("differences",), note)]
    paired = f"{note} Differences are paired by replication, shares in points; * where the"
    paired += " interval excludes 0."
    for place, b in enumerate(others):
        against = text.plain(f"{b} − {first}")
        rows = document["differences"]
        changes.append(
            _wide(f"queues-{place}", f"Queues: {against}", rows, b, "queue", HEADINGS, paired)
        )
        if any(row["b"] == b for row in document["agent_differences"]):
            key, title = f"agents-{place}", f"Agents: {against}"
            rows = document["agent_differences"]
            changes.append(_wide(key, title, rows, b, "agents", AGENT_HEADINGS, paired))
    yield Section("differences", "Differences", changes)
    ranked = _ranking(document)
    if ranked is not None:
        yield Section("ranking", "Ranking", [ranked])
    yield Section(
        "provenance", "Provenance", [provenance.facts_table("facts", "This result", facts)]
    )


def _variants(document: Document, caption: str = "") -> Table:
    """All queues together, a row per variant."""
    results = document["results"]
    fields = [Field("variant", Kind.TEXT, [row["variant"] for row in results])]
    if all("counts" in row["total"] for row in results):
        each = [row["total"] for row in results]
        fields.append(counts("offered", each, "offered", int(document["replications"])))
    for key in HEADINGS:
        values = [row["total"]["metrics"].get(key) for row in results]
        fields.append(Field(NAMES[key], kind_of(key), values, estimates=True))
    return Table("variants", "All queues", fields, caption)


def _wide(
    key: str,
    title: str,
    rows: Sequence[Document],
    b: str,
    subject: str,
    metrics: Sequence[str] | dict[str, str],
    caption: str,
) -> Table:
    """The differences of one variant, a row per subject, a column per metric."""
    cells: dict[str, dict[str, Any]] = {}
    for row in rows:
        if row["b"] == b and row["metric"] in metrics:
            cells.setdefault(row[subject], {})[row["metric"]] = row["difference"]
    heading = "queue" if subject == "queue" else "group"
    fields = [Field(heading, Kind.TEXT, list(cells))]
    for metric in metrics:
        kind = kind_of(metric)
        name = f"{NAMES[metric]} (points)" if kind is Kind.SHARE else NAMES[metric]
        values = [cell.get(metric) for cell in cells.values()]
        fields.append(Field(name, kind, values, estimates=True, change=True))
    return Table(key, title, fields, caption)


def _long(document: Document, key: str, subject: str) -> Table:
    """All differences, one a row, with what common random numbers gained."""
    rows = document[key]
    gains = {
        (row["b"], row.get(subject), row["metric"]): row["independent_to_paired"]
        for row in document["variance_ratios"]
    }
    kinds = [kind_of(row["metric"]) for row in rows]
    ratios = [gains.get((row["b"], row[subject], row["metric"])) for row in rows]
    heading = "queue" if subject == "queue" else "group"
    fields = [
        Field("variant", Kind.TEXT, [row["b"] for row in rows]),
        Field("minus", Kind.TEXT, [row["a"] for row in rows]),
        Field(heading, Kind.TEXT, [row[subject] for row in rows]),
        Field("metric", Kind.TEXT, [row["metric"] for row in rows]),
        Field(
            "difference",
            Kind.NUMBER,
            [row["difference"] for row in rows],
            estimates=True,
            kinds=kinds,
            change=True,
        ),
        Field("independent to paired replications", Kind.NUMBER, ratios),
    ]
    return Table(key, "Differences", fields)


def _ranking(document: Document) -> Table | None:
    ranking = document["ranking"]
    if ranking is None:
        return None
    order, kind = ranking["order"], kind_of(ranking["metric"])
    subject = text.plain(ranking.get("queue") or f"agents.{ranking['agents']}")
    title = f"By {NAMES[ranking['metric']]} of {subject}, best first"
    fields = [
        Field("variant", Kind.TEXT, [row["variant"] for row in order]),
        Field(NAMES[ranking["metric"]], kind, [row["estimate"] for row in order], estimates=True),
        Field(
            "best − it" + (" (points)" if kind is Kind.SHARE else ""),
            kind,
            [row["best_less_it"] for row in order],
            estimates=True,
            change=True,
        ),
        Field("shown to be behind", Kind.TEXT, ["yes" if r["is_behind"] else "no" for r in order]),
    ]
    caption = (
        f"Error rate {100 * ranking['error_rate']:g} % over all"
        f" {text.counted(ranking['comparisons'], 'pairwise comparison')} together (Bonferroni)."
    )
    return Table("ranking", title, fields, caption)


def _sheets(document: Document, facts: Sequence[provenance.Fact]) -> list[Sheet]:
    sheets = [
        Sheet("Variants", _variants(document)),
        Sheet("Differences", _long(document, "differences", "queue")),
    ]
    if document["agent_differences"]:
        sheets.append(Sheet("Agent differences", _long(document, "agent_differences", "agents")))
    ranked = _ranking(document)
    if ranked is not None:
        sheets.append(Sheet("Ranking", ranked))
    sheets.append(Sheet("Provenance", provenance.facts_table("facts", "Provenance", facts)))
    return sheets
