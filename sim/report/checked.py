"""What a check found, as text: each target, whether it is met, and the estimate behind that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sim.report import measured, text
from sim.report.columns import Column
from sim.report.page import Blocks, Page
from sim.scenario.targets import is_of_days

Row = Mapping[str, Any]

OUTCOMES = {"met": "met", "missed": "MISSED", "not_shown": "not shown"}


def metric_of(row: Row) -> str:
    """The metric's name in a target such as `support.asa_s <= 20s`."""
    left = str(row["target"]).replace(">", "<").rsplit("<", 1)[0]
    return left.rsplit(".", 1)[-1].strip()


def amount(row: Row) -> str:
    """What was found of a target, in its unit; of `P(...)` the share of days."""
    value = row["estimate"]["value"]
    if is_of_days(str(row["target"])):
        return text.percent(value)
    return measured.amount(metric_of(row), value)


def interval(row: Row) -> str:
    """The ends of its confidence interval; empty without one."""
    low, high = (row["estimate"][end] for end in ("low", "high"))
    if not is_of_days(str(row["target"])):
        return measured.interval(metric_of(row), row["estimate"])
    return "" if low is None else f"{text.percent(low)} to {text.percent(high)}"


def found(row: Row) -> str:
    """The estimate and its interval in one line."""
    if row["estimate"]["value"] is None:
        return "nothing to measure"
    between = interval(row)
    told = f"95 % confidence interval {between}" if between else "no interval"
    return f"{amount(row)}, {told}"


def check_report(
    name: str,
    rows: Sequence[Row],
    *,
    replications: int,
    seed: int,
    width: int,
    colour: bool = False,
    ascii_only: bool = False,
) -> str:
    """The targets of one scenario, called `name`."""
    page = Page(width, colour, ascii_only)
    compose(page, name, rows, replications=replications, seed=seed)
    return page.text()


def compose(page: Blocks, name: str, rows: Sequence[Row], *, replications: int, seed: int) -> None:
    """Put the report's blocks on a page, one after the other."""
    page.title(text.plain(name))
    if not rows:
        page.prose("No target: the scenario has no `expect`.")
        return
    met = sum(row["outcome"] == "met" for row in rows)
    page.prose(f"{met} of {text.counted(len(rows), 'target')} met.")
    columns = [
        Column("outcome", [OUTCOMES[row["outcome"]] for row in rows], "left"),
        Column("estimate", [amount(row) for row in rows]),
        Column("confidence interval", [interval(row) or text.NOTHING for row in rows]),
    ]
    page.table(
        "Targets", Column("target", [text.plain(r["target"]) for r in rows], "left"), columns
    )
    caption = f"{text.counted(replications, 'replication')}, seed {seed}. A target is met or missed"
    caption += " when its whole 95 % confidence interval lies on one side"
    if any(is_of_days(str(row["target"])) for row in rows):
        caption += "; P(...) is the share of replications in which the target inside holds"
    if len(rows) > 1:
        caption += "; the error rate of 5 % is that of each target by itself"
    page.prose(caption + ".", style="dim")
