"""A comparison as text: what differs in plain sentences, then each difference in tables.

Made from the comparison document alone. A verdict is given only where an interval excludes 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sim.report import measured, text
from sim.report.columns import Column
from sim.report.page import Blocks, Page
from sim.report.variant_names import with_short_names

Document = Mapping[str, Any]

WORDS = {
    "abandonment": (
        "{name} abandons {size} less",
        "{name} abandons {size} more",
        "the abandonment",
    ),
    "service_level": (
        "{name} answers {size} less within the threshold",
        "{name} answers {size} more within the threshold",
        "the service level",
    ),
    "asa_s": (
        "{name} answers {size} sooner on average",
        "{name} answers {size} later on average",
        "the mean wait of the answered",
    ),
    "wait_p90_s": (
        "with {name} the 90 % wait is {size} shorter",
        "with {name} the 90 % wait is {size} longer",
        "the 90 % wait",
    ),
}
HEADINGS = {
    "service_level": "service level",
    "abandonment": "abandonment",
    "asa_s": "ASA",
    "wait_mean_s": "mean wait",
    "wait_p90_s": "90 % wait\nat most",
    "queue_length_mean": "queue\nlength",
}
AGENT_HEADINGS = {"occupancy": "occupancy", "utilisation": "utilisation"}
IN_POINTS = ("service_level", "abandonment", "occupancy", "utilisation")


def comparison_report(
    document: Document,
    *,
    width: int,
    colour: bool = False,
    ascii_only: bool = False,
    gains: bool = False,
    warnings: bool = True,
) -> str:
    """The report, `width` wide. `gains` adds what common random numbers gained, per metric.

    `warnings=False` leaves out the warnings, for a reader who has just seen them.
    """
    page = Page(width, colour, ascii_only)
    compose(page, document, gains=gains, warnings=warnings)
    return page.text()


def compose(
    page: Blocks, document: Document, *, gains: bool = False, warnings: bool = True
) -> None:
    """Put the report's blocks on a page, one after the other."""
    document, legend = with_short_names(document)
    first, *others = document["variants"]
    page.title(text.plain(f"{first} against {text.joined(list(others), 'and')}"))
    if legend:
        page.prose(text.plain(legend), style="dim")
    for line in sentences(document):
        page.prose(line)
    for warning in document.get("warnings", ()) if warnings else ():
        page.prose(f"Warning: {text.warning_line(warning)}")
    page.table("All queues", *_overview(document))
    for b in others:
        title = text.plain(f"{b} − {first}")
        page.table(f"Queues: {title}", *_differences(document["differences"], b, "queue", HEADINGS))
        if document["agent_differences"]:
            rows = document["agent_differences"]
            page.table(f"Agents: {title}", *_differences(rows, b, "agents", AGENT_HEADINGS))
    if gains:
        title = "Replications that independent random numbers would have taken, for one of these"
        page.table(title, *_gains(document))
    page.prose(_caption(document), style="dim")


def sentences(document: Document) -> Iterator[str]:
    """What each variant changes in all queues together, then the ranking, then what is apart."""
    for b in document["variants"][1:]:
        if document["replications"] > 1:
            yield " ".join(verdicts(document, b))
    yield from beyond_verdicts(document)


def beyond_verdicts(document: Document) -> Iterator[str]:
    """Why there are none, the ranking, and what is not in every variant."""
    if document["replications"] == 1:
        yield "One replication gives no confidence interval, and so no verdict."
    if document["ranking"] is not None:
        yield _ranked(document["ranking"], document["replications"])
    if document["not_common"]:
        names = text.joined([text.plain(name) for name in document["not_common"]], "and")
        yield (
            f"Not in every variant, and so compared only as part of the total: {names}."
            if any(not name.startswith("agents.") for name in document["not_common"])
            else f"Not in every variant, and so not compared: {names}."
        )


def verdicts(document: Document, b: str) -> Iterator[str]:
    """What the variant `b` changes in all queues together, a sentence for each metric."""
    total = {
        row["metric"]: row["difference"]
        for row in document["differences"]
        if row["b"] == b and row["queue"] == "total" and row["metric"] in WORDS
    }
    name = text.plain(b)
    level = f"{100 * document['confidence']:g} % interval"
    open_ones = []
    for metric, (less, more, noun) in WORDS.items():
        difference = total[metric]
        if difference["value"] is None:
            continue
        if not measured.is_shown(difference):
            open_ones.append(noun)
            continue
        words = less if difference["value"] < 0 else more
        clause = words.format(name=name, size=measured.size(metric, difference))
        if words.startswith("with"):
            clause = "W" + clause[1:]
        if difference["half_width"] == 0.0:
            yield f"{clause}, in every replication."
        else:
            yield f"{clause}, {level} {measured.size_interval(metric, difference)}."
    if all(difference["value"] is None for difference in total.values()):
        yield f"{name} can't be compared: no call was answered or gave up in both variants."
        return
    if len(open_ones) == len(WORDS) and all(row["half_width"] == 0.0 for row in total.values()):
        first = text.plain(document["variants"][0])
        yield f"{name} gives the same as {first} in every replication."
    elif open_ones:
        yield f"For {name} no difference is shown in {text.joined(open_ones, 'or')}."


def _ranked(ranking: Document, replications: int) -> str:
    order = [row for row in ranking["order"] if row["estimate"]["value"] is not None]
    subject = ranking.get("queue") or f"agents.{ranking['agents']}"
    by = f"By `{ranking['metric']}` of {text.plain(subject)}"
    if not order:
        return f"{by} nothing can be ranked: no variant has it."
    names = [text.plain(row["variant"]) for row in order]
    told = f"{by}, best first: {', '.join(names)}."
    if replications == 1:
        return told
    level = (
        f"(error rate {100 * ranking['error_rate']:g} % over all"
        f" {text.counted(ranking['comparisons'], 'pairwise comparison')} together, Bonferroni)"
    )
    near = [text.plain(row["variant"]) for row in order[1:] if not row["is_behind"]]
    if not near:
        return f"{told} {names[0]} is shown to be the best {level}."
    return (
        f"{told} It is not shown that {names[0]} is better than {text.joined(near, 'or')} {level}."
    )


def _overview(document: Document) -> tuple[Column, list[Column]]:
    totals = [row["total"]["metrics"] for row in document["results"]]
    columns = [
        Column(heading, [measured.estimated(metric, total[metric]) for total in totals])
        for metric, heading in HEADINGS.items()
    ]
    if all("counts" in row["total"] for row in document["results"]):
        columns.insert(0, Column("offered\nper replication", offered(document)))
    names = [text.plain(row["variant"]) for row in document["results"]]
    return Column("variant", names, "left"), columns


def offered(document: Document) -> list[str]:
    """The calls offered per replication, of each variant."""
    replications = int(document["replications"])
    return [
        text.number(row["total"]["counts"]["offered"] / replications) for row in document["results"]
    ]


def _differences(
    rows: Sequence[Document], b: str, subject: str, headings: Mapping[str, str]
) -> tuple[Column, list[Column]]:
    cells: dict[str, dict[str, str]] = {}
    for row in rows:
        if row["b"] == b and row["metric"] in headings:
            told = measured.change(row["metric"], row["difference"])
            cells.setdefault(row[subject], {})[row["metric"]] = told
    columns = [
        Column(
            f"{heading}\n(points)" if metric in IN_POINTS else heading,
            [cell[metric] for cell in cells.values()],
        )
        for metric, heading in headings.items()
    ]
    heading = "queue" if subject == "queue" else "group"
    return Column(heading, [text.plain(name) for name in cells], "left"), columns


def _gains(document: Document) -> tuple[Column, list[Column]]:
    """For all queues together: the ratio of variances, a row per variant."""
    names = document["variants"][1:]
    found = {
        (row["b"], row["metric"]): row["independent_to_paired"]
        for row in document["variance_ratios"]
        if row.get("queue") == "total"
    }
    columns = [
        Column(heading, [text.number(found[name, metric]) for name in names])
        for metric, heading in HEADINGS.items()
    ]
    return Column("variant", [text.plain(name) for name in names], "left"), columns


def same_numbers(document: Document) -> str:
    """That the random numbers are the same, and where the calls are not, that too."""
    told = "the same random numbers for all"
    return f"{told}, but not the same calls" if document.get("warnings") else told


def _caption(document: Document) -> str:
    replications = int(document["replications"])
    parts = [f"{text.counted(replications, 'replication')} of each variant"]
    if replications > 1:
        parts.append(
            f"± at {text.number(100 * document['confidence'])} % confidence of each difference by"
            " itself, paired by replication, * where it excludes 0"
        )
    parts.append(f"{same_numbers(document)} (seed {document['seed']})")
    parts.append(f"engine {document['engine']}")
    parts.append(f"took {text.duration(document['elapsed_s'])}")
    return ", ".join(parts) + "."
