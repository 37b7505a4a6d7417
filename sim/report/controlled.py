"""Estimates with control variates, beside the plain ones of the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sim.report import measured, text
from sim.report.columns import Column
from sim.report.page import Blocks

QUEUES = {"service_level": "service level", "abandonment": "abandonment", "asa_s": "ASA"}
AGENTS = {"occupancy": "occupancy"}
NOTE = (
    "Corrected by the work that callers brought, and by the time that agents were there, where"
    " these were above or below what is expected. saves: how many times as many replications the"
    " interval takes without."
)

Row = Mapping[str, Any]


def compose(page: Blocks, document: Mapping[str, Any]) -> None:
    """Put the tables on a page, if there is anything to show."""
    queues = list(document["queues"])
    if len(queues) != 1:
        queues.append({"name": "total", **document["total"]})
    shown = False
    for kind, rows, metrics in (("Queues", queues, QUEUES), ("Agents", document["agents"], AGENTS)):
        columns = [column for each in metrics.items() for column in _columns(rows, *each)]
        if columns:
            names = Column("queue" if kind == "Queues" else "group", _names(rows), "left")
            page.table(f"{kind}, with control variates", names, columns)
            shown = True
    if shown:
        page.prose(NOTE, style="dim")


def _names(rows: Sequence[Row]) -> list[str]:
    return [text.plain(row["name"]) for row in rows]


def _columns(rows: Sequence[Row], metric: str, heading: str) -> list[Column]:
    """The metric's estimate and what is saved; nothing where no row has it."""
    found = [row["metrics"].get(metric) for row in rows]
    if not any(found):
        return []
    return [
        Column(heading, [measured.estimated(metric, e) if e else text.NOTHING for e in found]),
        Column("saves", [_saves(e) for e in found]),
    ]


def _saves(estimate: Mapping[str, Any] | None) -> str:
    factor = None if estimate is None else estimate["runs_saved"]
    return text.NOTHING if factor is None else f"{factor:.1f}"
