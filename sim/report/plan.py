"""A staffing plan as text: the answer in a sentence, then what it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.report import text
from sim.report.checked import OUTCOMES, amount, interval
from sim.report.columns import Column
from sim.report.page import Blocks, Page

Document = Mapping[str, Any]


def plan_report(
    document: Document, *, width: int, colour: bool = False, ascii_only: bool = False
) -> str:
    """The plan document as a page of text."""
    page = Page(width, colour, ascii_only)
    compose(page, document)
    return page.text()


def compose(page: Blocks, document: Document) -> None:
    """Put the report's blocks on a page, one after the other."""
    page.title(text.plain(document["scenario"]))
    page.prose(answer(document))
    _agents(page, document)
    _targets(page, document)
    _neighbours(page, document)
    _remarks(page, document)
    page.prose(_work(document), style="dim")


def answer(document: Document) -> str:
    """The plan in plain words."""
    n = len(document["targets"])
    targets = "the target" if n == 1 else f"all {n} targets"
    who = _who(document["agents"])
    if document["feasible"]:
        share = _percent(document["confidence"])
        return (
            f"{who} at a cost of {text.number(document['cost'])}: the cheapest plan found that is"
            f" shown to meet {targets} ({share} confidence)."
        )
    low_high = ", ".join(
        f"{text.plain(b['agents'])} {b['low']:,} to {b['high']:,}" for b in document["bounds"]
    )
    return (
        f"No plan within the bounds ({low_high}) is shown to meet {targets}. The closest is"
        f" {who[0].lower()}{who[1:]}."
    )


def _percent(share: float) -> str:
    """`95 %`, `97.5 %`: no more digits than there are."""
    return f"{100.0 * share:.6g} %"


def _who(agents: Mapping[str, int]) -> str:
    told = [f"{count:,} {text.plain(name)}" for name, count in agents.items()]
    if len(told) == 1:
        (count,) = agents.values()
        return f"{text.counted(count, 'agent')} in {text.plain(next(iter(agents)))}"
    return f"{text.counted(sum(agents.values()), 'agent')} ({text.joined(told, 'and')})"


def _agents(page: Blocks, document: Document) -> None:
    bounds = {b["agents"]: b for b in document["bounds"]}
    names = list(document["agents"])
    between = [
        f"{bounds[n]['low']:,} to {bounds[n]['high']:,}" if n in bounds else "held fixed"
        for n in names
    ]
    started = document["work"]["started_from"]
    page.table(
        "Plan",
        Column("agents", [text.plain(name) for name in names], "left"),
        [
            Column("number", [f"{document['agents'][name]:,}" for name in names]),
            Column("bounds", between),
            Column("search\nbegan at", [f"{started[name]:,}" for name in names]),
        ],
    )


def _targets(page: Blocks, document: Document) -> None:
    rows = document["targets"]
    page.table(
        "Targets, on days that the search has not seen",
        Column("target", [text.plain(row["target"]) for row in rows], "left"),
        [
            Column("outcome", [OUTCOMES[row["outcome"]] for row in rows], "left"),
            Column("estimate", [amount(row) for row in rows]),
            Column("confidence interval", [interval(row) or text.NOTHING for row in rows]),
        ],
    )
    made = document["certificate"]
    line = (
        f"{text.counted(made['replications'], 'replication')} of the plan that the search has not"
        f" used, intervals of {_percent(made['confidence'])}"
    )
    if made["attempts"] > 1:
        line += (
            f"; {made['attempts']} attempts at a certificate share the error of"
            f" {_percent(1.0 - document['confidence'])}"
        )
    if any("intervals" in row for row in rows):
        line += "; of a target on every interval the worst one is shown"
    page.prose(line + ".", style="dim")


def _neighbours(page: Blocks, document: Document) -> None:
    rows = document["neighbours"]
    if not rows:
        return
    page.table(
        "One agent fewer",
        Column("in", [text.plain(row["one_fewer"]) for row in rows], "left"),
        [
            Column("cost", [text.number(row["cost"]) for row in rows]),
            Column("what breaks", [_breaks(row) for row in rows], "left"),
        ],
    )


def _breaks(row: Document) -> str:
    """The targets that are missed with one agent fewer, with their estimates."""
    missed = [each for each in row["targets"] if each["outcome"] == "missed"]
    if missed:
        return "; ".join(f"{text.plain(each['target'])} ({amount(each)})" for each in missed)
    open_ = [each for each in row["targets"] if each["outcome"] == "not_shown"]
    if open_:
        return "not shown: " + "; ".join(
            f"{text.plain(each['target'])} ({amount(each)})" for each in open_
        )
    return "nothing"


def _remarks(page: Blocks, document: Document) -> None:
    undecided = document["undecided"]
    if undecided and document["feasible"]:
        shown = "; ".join(
            f"{_who(each['agents'])}, cost {text.number(each['cost'])}" for each in undecided[:3]
        )
        more = f" (and {len(undecided) - 3} more)" if len(undecided) > 3 else ""
        page.prose(
            "Cheaper and too near to a bound to tell with"
            f" {document['work']['max_replications']:,} replications: {shown}{more}. More"
            " --max-replications may show them to do."
        )
    if document["at_bound"]:
        names = text.joined([text.plain(name) for name in document["at_bound"]], "and")
        page.prose(f"At the upper bound: {names}. A wider bound may allow a cheaper plan.")
    if document["work"]["cut_off"]:
        page.prose("The search was cut off: a cheaper plan may exist (--max-plans).")


def _work(document: Document) -> str:
    work = document["work"]
    return (
        f"{text.counted(work['plans'], 'plan')} simulated in {work['search_replications']:,}"
        f" replications of the search, {work['certificate_replications']:,} of certificates and"
        f" neighbours, {text.duration(document['elapsed_s'])}. The search stopped:"
        f" {work['stopped']}. Seed {document['seed']}."
    )
