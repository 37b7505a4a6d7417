"""The answer to a run in plain words: what was reached, what is worst, what else happened."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from sim.report import measured, text
from sim.report.answer import CAUSES, left_over, moves, overloaded
from sim.report.book.parts import Document, Field, Kind, Table, with_half_width
from sim.report.book.standing_out import stands_out
from sim.scenario.model import Scenario, ServiceLevelFormula

_A_WORKING_DAY_S = (4 * 3600.0, text.DAY_S + 3600.0)
"""Horizons that are called days."""


def lead(document: Document, scenario: Scenario | None) -> str:
    """The one sentence that answers: the service level, with its confidence interval.

    Where the load exceeds the capacity that is said before.
    """
    return " ".join([*overloaded(document), _answer(document, scenario)])


def _answer(document: Document, scenario: Scenario | None) -> str:
    counts, metrics = document["total"]["counts"], document["total"]["metrics"]
    begin = f"In {_span(document)}"
    if counts["offered"] == 0:
        return f"{begin} no call came."
    who = _who(document)
    level = metrics.get("service_level")
    if text.value_of(metrics, "service_level") is None:
        return f"{begin} {who} had no call whose wait ended."
    value = text.percent(level["value"])
    within, formula = _meaning(scenario)
    between = _between("service_level", level, document)
    if within is not None and formula is ServiceLevelFormula.ANSWERED_OF_INCOMING:
        return f"{begin} {who} answered {value} of calls within {within}{between}."
    if within is not None:
        return f"{begin} {who} had a service level ({formula}, {within}) of {value}{between}."
    each = ", each queue by its own definition,"
    if scenario is None:
        threshold = _threshold(document)
        each = "" if threshold is None else f" (threshold {text.duration(threshold)})"
    return f"{begin} {who} had a service level{each} of {value}{between}."


def points(document: Document, scenario: Scenario | None) -> Iterator[str]:
    """Who was lost, who waited, the worst queue, the busiest agents, and what else happened."""
    counts, metrics = document["total"]["counts"], document["total"]["metrics"]
    replications = int(document["replications"])
    if counts["offered"] == 0:
        return
    yield from _lost(document)
    yield from _waited(document)
    if counts["blocked"]:
        share = text.percent(counts["blocked"] / max(1, counts["offered"]))
        yield f"{share} of the calls found a queue full."
    yield from _weakest(document)
    yield from _busiest(document)
    yield from moves(counts, metrics, replications)
    yield from left_over(document)
    if scenario is not None and scenario.n_agents == 0:
        yield "There are no agents."


def measures(document: Document) -> Table:
    """The key numbers of all queues together."""
    counts, metrics = document["total"]["counts"], document["total"]["metrics"]
    replications = int(document["replications"])
    offered = {"value": counts["offered"] / replications}
    rows = [
        ("Service level", Kind.SHARE, metrics.get("service_level")),
        ("Abandonment", Kind.SHARE, metrics.get("abandonment")),
        ("Mean wait of answered (ASA)", Kind.SECONDS, metrics.get("asa_s")),
        ("Nine in ten wait at most", Kind.SECONDS, metrics.get("wait_p90_s")),
        ("Calls offered per replication", Kind.NUMBER, offered),
    ]
    names, kinds, estimates = zip(*rows, strict=True)
    return Table(
        "measures",
        "Key numbers",
        [
            Field("measure", Kind.TEXT, names),
            Field("all queues", Kind.NUMBER, estimates, estimates=True, kinds=kinds),
        ],
    )


def _span(document: Document) -> str:
    horizon, warmup = document["horizon_s"], document["warmup_s"]
    replications = int(document["replications"])
    least, most = _A_WORKING_DAY_S
    thing = "simulated day" if least <= horizon <= most else "simulated replication"
    number = "one" if replications == 1 else f"{replications:,}"
    of = f"{number} {thing if replications == 1 else thing + 's'} of {text.duration(horizon)}"
    return f"{of} (the first {text.duration(warmup)} not counted)" if warmup else of


def _who(document: Document) -> str:
    queues = document["queues"]
    if len(queues) == 1:
        return _named(queues[0]["name"])
    return "the two queues together" if len(queues) == 2 else f"the {len(queues)} queues together"


def _named(name: str) -> str:
    """A name in a sentence: in quotes unless it is a plain word."""
    name = text.plain(name)
    return name if re.fullmatch(r"[\w-]+", name) else f"“{name}”"


def _meaning(scenario: Scenario | None) -> tuple[str | None, ServiceLevelFormula | None]:
    """The threshold and the formula on which all queues agree."""
    levels = set() if scenario is None else {q.service_level for q in scenario.queues}
    if len({(level.threshold_s, level.formula) for level in levels}) != 1:
        return None, None
    level = levels.pop()
    return text.duration(level.threshold_s), level.formula


def _threshold(document: Document) -> float | None:
    """The threshold of all queues, as the document itself has it; None if they differ."""
    rows = [row for row in document.get("waits", ()) if row["queue"] == "total"]
    return rows[0].get("threshold_s") if rows else None


def _between(metric: str, estimate: Document, document: Document) -> str:
    between = measured.interval(metric, with_half_width(estimate))
    level = text.number(100 * document["confidence"])
    return f" ({level} % confidence interval {between})" if between else ""


def _lost(document: Document) -> Iterator[str]:
    total = document["total"]
    abandonment = total["metrics"].get("abandonment")
    if text.value_of(total["metrics"], "abandonment") is None:
        return
    ways = [words for cause, (words, _) in CAUSES.items() if total["abandoned_by_cause"].get(cause)]
    if not ways:
        yield "Nobody gave up."
        return
    share = text.percent(abandonment["value"])
    between = _between("abandonment", abandonment, document)
    yield f"{share} of the callers were lost{between}: they {text.joined(ways, 'or')}."


def _waited(document: Document) -> Iterator[str]:
    metrics = document["total"]["metrics"]
    asa, p90, longest = (
        text.value_of(metrics, key) for key in ("asa_s", "wait_p90_s", "wait_max_s")
    )
    parts = []
    if asa is not None:
        parts.append(f"Those answered waited {text.duration(asa)} on average")
    if p90 is not None:
        parts.append(f"nine callers in ten waited {text.duration(p90)} or less")
    if longest is not None:
        parts.append(f"the longest wait was {text.duration(longest)}")
    if parts:
        told = "; ".join(parts)
        yield f"{told[:1].upper()}{told[1:]}."


def _weakest(document: Document) -> Iterator[str]:
    """The queue with the lowest service level, if it is shown to lie below the whole."""
    levels = [(text.value_of(q["metrics"], "service_level"), q) for q in document["queues"]]
    known = [(level, queue) for level, queue in levels if level is not None]
    if len(known) < 2:
        return
    _, queue = min(known, key=lambda pair: pair[0])
    whole = text.value_of(document["total"]["metrics"], "service_level")
    if not stands_out(queue["metrics"]["service_level"], whole, len(known), document):
        return
    told = f"The queue with the lowest service level is {_named(queue['name'])}"
    told += f", with {text.share(queue['metrics']['service_level'])}"
    lost = queue["metrics"].get("abandonment")
    yield told + (f"; {text.share(lost)} of its callers were lost." if lost else ".")


def _busiest(document: Document) -> Iterator[str]:
    groups: Sequence[Document] = document["agents"]
    known = [g for g in groups if text.value_of(g["metrics"], "occupancy") is not None]
    if not known:
        return
    values = [float(group["metrics"]["occupancy"]["value"]) for group in known]
    busiest = known[values.index(max(values))]
    found = busiest["metrics"]["occupancy"]
    name = _named(busiest["name"])
    if len(known) == 1:
        yield f"The occupancy of the agents ({name}) is {text.share(found)}."
    elif stands_out(found, sum(values) / len(values), len(known), document):
        yield f"The busiest agents are {name}: their occupancy is {text.share(found)}."
    else:
        least, most = text.percent(min(values)), text.percent(max(values))
        yield f"The occupancy of the agent groups lies between {least} and {most}."
