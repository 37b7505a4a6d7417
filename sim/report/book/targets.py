"""The targets of a scenario's `expect`, judged by a result document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from sim.metrics.differences import STILL
from sim.metrics.estimates import Estimate
from sim.metrics.verdicts import judged_share, verdict
from sim.report import text
from sim.report.book.parts import Document, Field, Kind, Table, kind_of, with_half_width
from sim.report.checked import OUTCOMES, metric_of
from sim.scenario.model import Scenario, Target
from sim.scenario.targets import METRICS, UnitKind


def judged(document: Document, scenario: Scenario) -> list[dict[str, Any]]:
    """The rows that `callsim check` would give for this run, in the file's order."""
    rows = []
    for target in scenario.expect:
        found = _estimate(document, target)
        outcome = verdict(found, target.operator, target.value, metric=target.metric)
        rows.append(
            {
                "scenario": document["scenario"],
                "target": target.text,
                "outcome": str(outcome),
                "estimate": found.document(),
            }
        )
    return rows


def _estimate(document: Document, target: Target) -> Estimate:
    if target.subject_is_group:
        subjects = {row["name"]: row for row in document["agents"]}
    else:
        subjects = {"total": document["total"]} | {row["name"]: row for row in document["queues"]}
    estimate = subjects.get(target.subject, {"metrics": {}})["metrics"].get(target.metric)
    if estimate is None or estimate["value"] is None:
        return Estimate(None)
    told = with_half_width(estimate)
    found = Estimate(told["value"], told["low"], told["high"], told["half_width"])
    is_share = METRICS[target.metric].unit is UnitKind.SHARE
    if is_share and told["half_width"] is not None and told["half_width"] <= STILL * told["value"]:
        still = np.zeros(int(document["replications"]))
        return judged_share(Estimate(found.value, found.low, found.high, found.half_width, still))
    return found


def target_table(rows: Sequence[Document], replications: int | None, *, scenarios: bool) -> Table:
    """Each target, whether it is met, and the estimate behind that."""
    kinds = [kind_of(metric_of(row)) for row in rows]
    fields = [
        Field("target", Kind.TEXT, [row["target"] for row in rows]),
        Field("outcome", Kind.TEXT, [OUTCOMES[row["outcome"]] for row in rows]),
        Field(
            "estimate",
            Kind.NUMBER,
            [row["estimate"]["value"] for row in rows],
            kinds=kinds,
        ),
        *(
            Field(
                heading,
                Kind.NUMBER,
                [row["estimate"][end] for row in rows],
                kinds=kinds,
            )
            for heading, end in (("at least", "low"), ("at most", "high"))
        ),
    ]
    if scenarios:
        fields.insert(1, Field("scenario", Kind.TEXT, [row["scenario"] for row in rows]))
    caption = "A target is met or missed when its whole 95 % confidence interval lies on one side"
    caption += ", else it is not shown"
    if len(rows) > 1:
        caption += "; the error rate of 5 % is that of each target by itself"
    if replications is not None:
        caption += f". {text.counted(replications, 'replication')}"
    return Table("each-target", "Each target", fields, caption + ".")


def target_point(rows: Sequence[Document]) -> str:
    """How many are met, and which are not."""
    met = sum(row["outcome"] == "met" for row in rows)
    told = f"{met} of {text.counted(len(rows), 'target')} met"
    for outcome, words in (("missed", "missed"), ("not_shown", "not shown either way")):
        names = [text.plain(row["target"]) for row in rows if row["outcome"] == outcome]
        if names:
            told += f"; {words}: {', '.join(names)}"
    return told + "."
